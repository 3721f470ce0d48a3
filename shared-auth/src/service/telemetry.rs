//! Logs on standard output: one JSON object a line for Cloud Logging, or text for a person.

use std::{io::IsTerminal, str::FromStr};

use tracing_subscriber::{fmt::format::JsonFields, util::SubscriberInitExt};

use super::{ServiceConfig, log_format::CloudLogging};

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
        LogFormat::Text => builder.with_target(false).with_ansi(std::io::stdout().is_terminal()).finish().try_init(),
    };
}
