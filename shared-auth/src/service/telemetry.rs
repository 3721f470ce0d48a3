//! Logs on standard output: one JSON object a line for Cloud Logging, or text for a person.

use std::{
    fmt::Error,
    io::{self, IsTerminal},
    str::FromStr,
};

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{
        self, FmtContext, FormatEvent, FormatFields,
        format::{JsonFields, Writer},
    },
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use super::{ServiceConfig, log_format::CloudLogging};
use crate::trace::Trace;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LogFormat {
    /// For Cloud Logging.
    Json,
    /// For a person.
    Text,
}

impl FromStr for LogFormat {
    type Err = LogFormatError;

    fn from_str(text: &str) -> Result<Self, LogFormatError> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err(LogFormatError),
        }
    }
}

/// The lines of another format, with the trace of the request in front.
struct TraceFirst<F>(F);

impl<S, N, F> FormatEvent<S, N> for TraceFirst<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> Result<(), Error> {
        if let Some(trace) = Trace::current() {
            write!(line, "{trace} ")?;
        }
        self.0.format_event(context, line, event)
    }
}

/// The text names no [`LogFormat`].
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("it is neither json nor text")]
pub(super) struct LogFormatError;

/// Starts logging for the whole process, as `config` says. Where logging has already been started it stays as it is.
pub fn start(config: &ServiceConfig) {
    let builder = tracing_subscriber::fmt().with_env_filter(config.log_filter.clone());
    let _ = match config.log_format {
        LogFormat::Json => {
            let format = CloudLogging { project: config.project.clone() };
            builder.fmt_fields(JsonFields::new()).event_format(format).finish().try_init()
        }
        LogFormat::Text => {
            let format = TraceFirst(fmt::format().with_target(false).with_ansi(io::stdout().is_terminal()));
            builder.event_format(format).finish().try_init()
        }
    };
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use tokio::runtime::Builder;
    use tracing::{info, subscriber::with_default};

    use super::*;
    use crate::service::written::Written;

    #[test]
    fn a_line_of_text_begins_with_the_trace_of_its_request() {
        let written = Written::default();
        let writer = written.clone();
        let format = TraceFirst(fmt::format().with_ansi(false));
        let subscriber = tracing_subscriber::fmt().event_format(format).with_writer(move || writer.clone()).finish();
        let (trace, runtime) = (Trace::of(&HeaderMap::new()), Builder::new_current_thread().build().unwrap());
        with_default(subscriber, || {
            runtime.block_on(trace.within(async { info!("within") }));
            info!("outside");
        });
        let text = written.text();
        let traced: Vec<_> = text.lines().map(|line| line.starts_with(&format!("{trace} "))).collect();
        assert_eq!(traced, [true, false], "{text}");
    }
}
