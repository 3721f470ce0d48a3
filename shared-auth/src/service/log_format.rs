//! A log line as Cloud Logging reads it (<https://cloud.google.com/logging/docs/structured-logging>): `severity`,
//! `message`, the trace of the request, and every other field under its own name.
//!
//! Each request writes a line, so a line is written as it is read here: from left to right, into one buffer.

use std::{error::Error, fmt};

use serde::{Serialize, Serializer};
use serde_json::Map;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormattedFields,
        format::{JsonFields, Writer},
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

use crate::{causes::with_causes, trace::Trace};

/// Writes an event as one JSON object and a line end.
pub(super) struct CloudLogging {
    /// The project that the trace belongs to; without one a trace is an id only.
    pub(super) project: Option<String>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, JsonFields> for CloudLogging {
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut entry = Entry::new();
        entry.put("severity", severity(*event.metadata().level()));
        let mut time = String::with_capacity(LENGTH_OF_A_TIME);
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        entry.put("time", &time);
        if let Some(trace) = Trace::current() {
            match &self.project {
                Some(project) => {
                    entry.put("logging.googleapis.com/trace", Text(format_args!("projects/{project}/traces/{trace}")));
                }
                None => entry.put("trace", Text(format_args!("{trace}"))),
            }
        }
        event.record(&mut entry);
        entry.close_inner();
        let mut of_spans = Map::new();
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<JsonFields>>();
            let fields = fields.and_then(|fields| serde_json::from_str::<Map<String, _>>(fields).ok());
            for (name, value) in fields.into_iter().flatten() {
                of_spans.entry(name).or_insert(value);
            }
        }
        of_spans.retain(|name, _| !entry.names.contains(&name.as_str()));
        of_spans.iter().for_each(|(name, value)| entry.member(name, value));
        writer.write_str(&entry.end())
    }
}

/// <https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity>
fn severity(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        _ => "DEBUG",
    }
}

/// A JSON object in the making. No name occurs in it twice: what comes first stays.
///
/// Fields with a name like `httpRequest.status` go into an object of their own, if they stand next to each other.
struct Entry {
    line: Vec<u8>,
    names: Vec<&'static str>,
    inner: Option<&'static str>,
}

impl Entry {
    fn new() -> Self {
        let mut line = Vec::with_capacity(LENGTH_OF_A_LINE);
        line.push(b'{');
        Self { line, names: Vec::with_capacity(USUAL_NAMES), inner: None }
    }

    fn put(&mut self, name: &'static str, value: impl Serialize) {
        self.close_inner();
        if !self.names.contains(&name) {
            self.names.push(name);
            self.member(name, value);
        }
    }

    fn put_field(&mut self, field: &Field, value: impl Serialize) {
        match field.name().split_once('.') {
            Some((outer, inner)) if self.inner == Some(outer) => self.member(inner, value),
            Some((outer, inner)) if !self.names.contains(&outer) => {
                self.close_inner();
                self.names.push(outer);
                self.name(outer);
                self.line.push(b'{');
                self.inner = Some(outer);
                self.member(inner, value);
            }
            _ => self.put(field.name(), value),
        }
    }

    fn member(&mut self, name: &str, value: impl Serialize) {
        self.name(name);
        // Into memory, and of types that are a JSON value: it does not fail.
        let _ = serde_json::to_writer(&mut self.line, &value);
    }

    fn name(&mut self, name: &str) {
        if !self.line.ends_with(b"{") {
            self.line.push(b',');
        }
        let _ = serde_json::to_writer(&mut self.line, name);
        self.line.push(b':');
    }

    fn close_inner(&mut self) {
        if self.inner.take().is_some() {
            self.line.push(b'}');
        }
    }

    fn end(mut self) -> String {
        self.line.extend(b"}\n");
        // serde_json writes UTF-8.
        String::from_utf8(self.line).unwrap_or_default()
    }
}

impl Visit for Entry {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put_field(field, Text(format_args!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_field(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put_field(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put_field(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put_field(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put_field(field, with_causes(value));
    }
}

/// A text that is written as it is made.
struct Text<'a>(fmt::Arguments<'a>);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// In bytes, as those of a request are; others may be longer.
const LENGTH_OF_A_LINE: usize = 512;
const LENGTH_OF_A_TIME: usize = 32;
const USUAL_NAMES: usize = 8;

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName};
    use serde_json::{Value, json};
    use tokio::runtime::Builder;
    use tracing::{info_span, subscriber::with_default, warn};

    use super::*;
    use crate::service::written::Written;

    fn logged(project: Option<&str>, log: impl FnOnce()) -> Value {
        serde_json::from_str(&line(project, log)).unwrap()
    }

    fn line(project: Option<&str>, log: impl FnOnce()) -> String {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .fmt_fields(JsonFields::new())
            .event_format(CloudLogging { project: project.map(str::to_owned) })
            .with_writer(move || writer.clone())
            .finish();
        with_default(subscriber, log);
        let text = written.text();
        assert_eq!(text.matches('\n').count(), 1, "one line");
        text
    }

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    /// What `log` writes while a request of [`TRACE`] is answered.
    fn logged_of_request(project: Option<&str>, log: impl FnOnce()) -> Value {
        let value = format!("00-{TRACE}-b7ad6b7169203331-01").parse().unwrap();
        let trace = Trace::of(&HeaderMap::from_iter([(HeaderName::from_static("traceparent"), value)]));
        let runtime = Builder::new_current_thread().build().unwrap();
        logged(project, || runtime.block_on(trace.within(async { log() })))
    }

    #[test]
    fn a_line_has_severity_message_trace_and_nested_fields() {
        let entry = logged_of_request(Some("demo"), || {
            warn!(httpRequest.status = 200, httpRequest.latency = "1s", who = "ada\n", count = -1, "done");
        });
        assert_eq!(entry["severity"], "WARNING");
        assert_eq!(entry["message"], "done");
        assert_eq!((&entry["who"], &entry["count"]), (&json!("ada\n"), &json!(-1)));
        assert_eq!(entry["httpRequest"], json!({ "status": 200, "latency": "1s" }));
        assert_eq!(entry["logging.googleapis.com/trace"], format!("projects/demo/traces/{TRACE}"));
        assert!(entry["time"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn without_a_project_the_trace_is_an_id_and_outside_of_a_request_there_is_none() {
        assert_eq!(logged_of_request(None, || warn!("done"))["trace"], TRACE);
        assert_eq!(logged(None, || warn!("done")).get("trace"), None);
    }

    #[test]
    fn no_name_occurs_twice_and_what_the_line_itself_says_stays() {
        let line = line(None, || {
            let outer = info_span!("outer", user = "grace", step = 1, severity = "INFO", group = 3).entered();
            let inner = info_span!("inner", step = 2, message = "no");
            inner.in_scope(|| warn!(user = "ada", time = 3, group.first = 1, between = 2, group.last = 3, "done"));
            drop(outer);
        });
        let entry: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&entry["user"], &entry["step"], &entry["message"]), (&json!("ada"), &json!(2), &json!("done")));
        assert_eq!((&entry["group"], &entry["group.last"]), (&json!({ "first": 1 }), &json!(3)));
        assert_eq!(entry["severity"], "WARNING");
        for name in ["severity", "time", "user", "step", "message", "group", "group.last"] {
            assert_eq!(line.matches(&format!("\"{name}\":")).count(), 1, "{name} in {line}");
        }
    }
}
