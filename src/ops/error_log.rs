//! The error log: receives the lines of the `log` crate, and writes them to a destination that a
//! reload can change.

use std::io::Write as _;
use std::time::{Instant, SystemTime};

use arc_swap::ArcSwapOption;
use log::{Level, LevelFilter, Log, Metadata, Record};

use super::escape;
use super::floods::{Floods, LineFate};
use super::line_sink::LineSink;
use crate::config::LogFormat;

/// The log target of the proxy's own lines, and the prefix of their targets. All others belong to
/// libraries.
const OWN: &str = env!("CARGO_CRATE_NAME");

/// The active error log. The program has one logger, so it is not part of a generation.
static IN_FORCE: ArcSwapOption<ErrorLog> = ArcSwapOption::const_empty();

/// Limits the lines of libraries. A reload does not reset the counts.
static FLOODS: Floods = Floods::new();

/// Where the error log goes, which lines it takes, and in what format.
pub struct ErrorLog {
    sink: LineSink,
    level: LevelFilter,
    library_level: LevelFilter,
    format: LogFormat,
}

/// The sink of the active error log.
pub(super) fn sink() -> Option<LineSink> {
    IN_FORCE.load().as_ref().map(|log| log.sink.clone())
}

impl ErrorLog {
    /// A log that writes to a sink: the proxy's own lines up to one level, and those of libraries
    /// up to another.
    #[must_use]
    pub fn new(
        sink: LineSink,
        level: LevelFilter,
        library_level: LevelFilter,
        format: LogFormat,
    ) -> Self {
        Self {
            sink,
            level,
            library_level,
            format,
        }
    }

    /// Makes it the active error log.
    pub fn install(self) {
        let level = self.level.max(self.library_level);
        IN_FORCE.store(Some(self.into()));
        // The first call installs the logger; later calls have no effect.
        let _ = log::set_logger(&ProgramLogger);
        log::set_max_level(level);
    }

    fn takes(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level()
            <= if is_own(metadata.target()) {
                self.level
            } else {
                self.library_level
            }
    }

    /// Writes a line, unless a library writes too many like it.
    fn log(&self, record: &Record<'_>) {
        // Whoever sets the libraries to a more verbose level wants all of their lines.
        if is_own(record.target()) || self.library_level > LevelFilter::Info {
            self.write(record);
            return;
        }
        let (target, level) = (record.target(), record.level());
        let turn = FLOODS.turn(target, level, Instant::now());
        if let Some(left_out) = turn.before {
            let count = left_out.count;
            let text = format_args!("{count} similar lines were left out");
            self.say(&left_out.target, left_out.level, text);
        }
        match turn.line {
            LineFate::Written => self.write(record),
            LineFate::Announced => {
                let text = format_args!("too many similar lines; further ones are left out");
                self.say(target, level, text);
            }
            LineFate::LeftOut => {}
        }
    }

    /// Writes a line about a library's lines, under their target and level.
    fn say(&self, target: &str, level: Level, text: std::fmt::Arguments<'_>) {
        let mut record = Record::builder();
        self.write(&record.target(target).level(level).args(text).build());
    }

    fn write(&self, record: &Record<'_>) {
        let time = humantime::format_rfc3339_millis(SystemTime::now());
        let level = record.level().as_str().to_lowercase();
        // The message may quote untrusted input.
        let message = record.args().to_string();
        let target = record.target();
        let mut line = Vec::with_capacity(256);
        // Writing to memory cannot fail.
        match self.format {
            LogFormat::Text => {
                let _ = write!(line, "{time} {level} {target}: ");
                escape::line(&mut line, &message);
            }
            LogFormat::Json => {
                let _ = write!(line, r#"{{"time":"{time}","level":"{level}","target":""#);
                escape::json(&mut line, target);
                line.extend_from_slice(br#"","message":""#);
                escape::json(&mut line, &message);
                line.extend_from_slice(br#""}"#);
            }
        }
        line.push(b'\n');
        self.sink.write(record.level(), &line);
    }
}

/// Whether a line is the proxy's own.
fn is_own(target: &str) -> bool {
    let below = target.strip_prefix(OWN);
    below.is_some_and(|below| below.is_empty() || below.starts_with("::"))
}

/// The logger that the program has for ever.
struct ProgramLogger;

impl Log for ProgramLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let log = IN_FORCE.load();
        log.as_ref().is_some_and(|log| log.takes(metadata))
    }

    fn log(&self, record: &Record<'_>) {
        if let Some(log) = &*IN_FORCE.load()
            && log.takes(record.metadata())
        {
            log.log(record);
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::ops::log_output::{Failed, LogOutput};

    struct CapturedLines(Sender<Vec<u8>>);

    impl LogOutput for CapturedLines {
        fn write_lines(&mut self, lines: &[u8]) -> Result<(), Failed> {
            self.0.send(lines.to_vec()).unwrap();
            Ok(())
        }
    }

    /// What a log has of a message.
    fn written(format: LogFormat, message: &str) -> String {
        let (sender, lines) = channel();
        let sink = LineSink::start("it".to_owned(), CapturedLines(sender)).unwrap();
        let log = ErrorLog::new(sink, LevelFilter::Info, LevelFilter::Warn, format);
        let record = |message| {
            log.write(
                &Record::builder()
                    .level(Level::Warn)
                    .target("a")
                    .args(message)
                    .build(),
            );
        };
        record(format_args!("{message}"));
        drop(log);
        let lines: Vec<u8> = lines.iter().flatten().collect();
        String::from_utf8(lines).unwrap()
    }

    #[test]
    fn quoted_input_cannot_break_out_of_its_line() {
        let message = "a\nb\u{2028}c\u{202e}d \"é\"";
        let text = written(LogFormat::Text, message);
        let end = " warn a: a\\nb\\u{2028}c\\u{202e}d \"é\"\n";
        assert!(text.ends_with(end), "{text}");
        let json = written(LogFormat::Json, message);
        assert!(json.contains(r"a\nb\u2028c\u202ed"), "{json}");
        let parsed: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(parsed["message"], message);
        assert_eq!(parsed["level"], "warn");
    }

    #[test]
    fn library_targets_are_not_mistaken_for_the_proxys() {
        for own in [module_path!(), "countersign", "countersign::proxy"] {
            assert!(is_own(own), "{own}");
        }
        for library in [
            "",
            "countersigner",
            "pingora_core::protocols",
            "h2::client",
            "log",
        ] {
            assert!(!is_own(library), "{library}");
        }
    }
}
