//! The error log: what `log` takes, to stderr.

use std::io::Write as _;
use std::time::SystemTime;

use log::{Level, LevelFilter, Log, Metadata, Record};

use super::line_sink::LineSink;
use crate::config::LogFormat;

/// Everything under this belongs to the proxy framework, whose `info` is about its own workings.
const FRAMEWORK: &str = "pingora";

struct ErrorLog {
    sink: LineSink,
    level: LevelFilter,
    format: LogFormat,
}

/// Makes the error log the program's logger. Only the first call has an effect.
pub fn install(sink: LineSink, level: LevelFilter, format: LogFormat) {
    if log::set_boxed_logger(Box::new(ErrorLog {
        sink,
        level,
        format,
    }))
    .is_ok()
    {
        log::set_max_level(level);
    }
}

impl Log for ErrorLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let quiet = metadata.target().starts_with(FRAMEWORK) && self.level < LevelFilter::Debug;
        metadata.level() <= if quiet { Level::Warn } else { Level::Trace }
            && metadata.level() <= self.level
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
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
        self.sink.write(&line);
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
