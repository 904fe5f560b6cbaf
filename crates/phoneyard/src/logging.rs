//! Where log lines go and how they look: standard error; `PHONEYARD_LOG` sets their level, for example `debug`
//! or `phoneyard_jobs=debug`, and `PHONEYARD_LOG_FORMAT` whether they are text or JSON, one object a line.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// The setting for the form.
const FORMAT: &str = "PHONEYARD_LOG_FORMAT";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Json,
}

impl Format {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "" | "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(format!("{FORMAT} must be text or json, not {other:?}")),
        }
    }
}

/// Begins to log.
///
/// # Errors
/// A line that says what is wrong with the environment.
pub fn begin() -> Result<(), String> {
    let filter = EnvFilter::try_from_env("PHONEYARD_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let lines = lines.with_ansi(std::io::stderr().is_terminal());
    match Format::parse(&std::env::var(FORMAT).unwrap_or_default())? {
        Format::Text => lines.init(),
        Format::Json => {
            lines.json().flatten_event(true).with_current_span(false).with_span_list(false).init()
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_format_is_named() {
        assert_eq!(Format::parse(""), Ok(Format::Text));
        assert_eq!(Format::parse("json"), Ok(Format::Json));
        assert!(Format::parse("xml").is_err_and(|error| error.contains("must be text or json")));
    }
}
