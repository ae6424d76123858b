//! The error log: what `log` takes, to a destination that a reload can change.

use std::io::Write as _;
use std::time::SystemTime;

use arc_swap::ArcSwapOption;
use log::{Level, LevelFilter, Log, Metadata, Record};

use super::line_sink::LineSink;
use crate::config::LogFormat;

/// Everything under this belongs to the proxy framework, whose `info` is about its own workings.
const FRAMEWORK: &str = "pingora";

/// The error log in force. The program has one logger, so it is no part of a generation.
static IN_FORCE: ArcSwapOption<ErrorLog> = ArcSwapOption::const_empty();

/// Where lines about the proxy itself go, which of them, and in what form.
pub struct ErrorLog {
    sink: LineSink,
    level: LevelFilter,
    format: LogFormat,
}

/// Where the error log goes.
pub(super) fn sink() -> Option<LineSink> {
    IN_FORCE.load().as_ref().map(|log| log.sink.clone())
}

impl ErrorLog {
    /// A log over a sink.
    #[must_use]
    pub fn new(sink: LineSink, level: LevelFilter, format: LogFormat) -> Self {
        Self {
            sink,
            level,
            format,
        }
    }

    /// Makes it the program's, in place of the one before.
    pub fn install(self) {
        let level = self.level;
        IN_FORCE.store(Some(self.into()));
        // The first call has an effect; later ones find it done.
        let _ = log::set_logger(&Program);
        log::set_max_level(level);
    }

    fn takes(&self, metadata: &Metadata<'_>) -> bool {
        let quiet = metadata.target().starts_with(FRAMEWORK) && self.level < LevelFilter::Debug;
        metadata.level() <= if quiet { Level::Warn } else { Level::Trace }
            && metadata.level() <= self.level
    }

    fn write(&self, record: &Record<'_>) {
        let time = humantime::format_rfc3339_millis(SystemTime::now());
        let mut line = Vec::with_capacity(256);
        // Writing to memory cannot fail.
        let _ = match self.format {
            LogFormat::Text => writeln!(
                line,
                "{time} {} {}: {}",
                record.level().as_str().to_lowercase(),
                record.target(),
                escaped(&record.args().to_string()),
            ),
            LogFormat::Json => writeln!(
                line,
                "{}",
                serde_json::json!({
                    "time": time.to_string(),
                    "level": record.level().as_str().to_lowercase(),
                    "target": record.target(),
                    "message": record.args().to_string(),
                })
            ),
        };
        self.sink.write(record.level(), &line);
    }
}

/// The logger that the program has for ever.
struct Program;

impl Log for Program {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let log = IN_FORCE.load();
        log.as_ref().is_some_and(|log| log.takes(metadata))
    }

    fn log(&self, record: &Record<'_>) {
        if let Some(log) = &*IN_FORCE.load()
            && log.takes(record.metadata())
        {
            log.write(record);
        }
    }

    fn flush(&self) {}
}

/// One line whatever the message holds: it may quote what a client sent.
fn escaped(message: &str) -> String {
    let mut line = String::with_capacity(message.len());
    for character in message.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}
