//! A log line as Cloud Logging reads it (<https://cloud.google.com/logging/docs/structured-logging>): `severity`,
//! `message`, the trace of the request, and every other field under its own name.

use std::{error::Error, fmt};

use serde_json::{Map, Value, json};
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

use crate::causes::with_causes;

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
        let mut entry = Map::new();
        entry.insert("severity".to_owned(), severity(*event.metadata().level()).into());
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        entry.insert("time".to_owned(), time.into());
        event.record(&mut Fields(&mut entry));
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<JsonFields>>();
            let fields = fields.and_then(|fields| serde_json::from_str::<Map<_, _>>(fields).ok());
            for (name, value) in fields.into_iter().flatten() {
                self.insert_span_field(&mut entry, name, value);
            }
        }
        writeln!(writer, "{}", Value::Object(entry))
    }
}

impl CloudLogging {
    fn insert_span_field(&self, entry: &mut Map<String, Value>, name: String, value: Value) {
        match (name.as_str(), &self.project, &value) {
            ("trace", Some(project), Value::String(id)) => {
                let trace = format!("projects/{project}/traces/{id}");
                entry.insert("logging.googleapis.com/trace".to_owned(), trace.into());
            }
            _ => drop(entry.entry(name).or_insert(value)),
        }
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

/// Puts an event's fields into an object; a name like `httpRequest.status` goes into an object of its own.
struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn insert(&mut self, field: &Field, value: Value) {
        match field.name().split_once('.') {
            None => drop(self.0.insert(field.name().to_owned(), value)),
            Some((outer, inner)) => {
                let outer = self.0.entry(outer).or_insert_with(|| json!({}));
                if let Value::Object(outer) = outer {
                    outer.insert(inner.to_owned(), value);
                }
            }
        }
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.insert(field, with_causes(value).into());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tracing::{info_span, subscriber::with_default, warn};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(project: Option<&str>, log: impl FnOnce()) -> Value {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .fmt_fields(JsonFields::new())
            .event_format(CloudLogging { project: project.map(str::to_owned) })
            .with_writer(move || writer.clone())
            .finish();
        with_default(subscriber, log);
        let bytes = written.0.lock().unwrap().clone();
        assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1, "one line");
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn a_line_has_severity_message_trace_and_nested_fields() {
        let entry = logged(Some("demo"), || {
            let span = info_span!("request", trace = "0af7651916cd43dd8448eb211c80319c");
            span.in_scope(|| warn!(httpRequest.status = 200, who = "ada\n", "done"));
        });
        assert_eq!(entry["severity"], "WARNING");
        assert_eq!(entry["message"], "done");
        assert_eq!(entry["who"], "ada\n");
        assert_eq!(entry["httpRequest"]["status"], 200);
        let trace = "projects/demo/traces/0af7651916cd43dd8448eb211c80319c";
        assert_eq!(entry["logging.googleapis.com/trace"], trace);
        assert!(entry["time"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn without_a_project_the_trace_is_an_id() {
        let entry = logged(None, || info_span!("request", trace = "abc").in_scope(|| warn!("done")));
        assert_eq!(entry["trace"], "abc");
    }
}
