//! The access log: one line a request.

mod entry;
mod escape;
mod json;
mod local_time;
mod sample;
mod template;
mod text;

use std::cell::Cell;

use log::Level;

use self::sample::Sample;
use super::line_sink::LineSink;
use crate::config::{AccessFormat, FieldPath, Variable};

pub use entry::{Caller, Entry};

thread_local! {
    /// Where a line is built, so that it costs no allocation.
    static LINE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Where access-log lines go, which of them, and in what form.
#[derive(Clone)]
pub struct AccessLog {
    sink: LineSink,
    level: Level,
    format: AccessFormat,
    sample: Sample,
}

impl AccessLog {
    /// A log over a sink, where its lines are of that level, with that part of the lines of
    /// successful requests.
    #[must_use]
    pub fn new(sink: LineSink, level: Level, format: AccessFormat, sample_success: f64) -> Self {
        Self {
            sink,
            level,
            format,
            sample: Sample::new(sample_success),
        }
    }

    /// Writes one line, unless it is one of those that are left out.
    pub fn write(&self, entry: &Entry<'_>) {
        let rate = self.sample.rate(entry);
        if !self.sample.takes(entry) {
            return;
        }
        let mut line = LINE.take();
        match &self.format {
            AccessFormat::Text => text::write(&mut line, entry, rate),
            AccessFormat::Json => json::write(&mut line, entry, rate),
            AccessFormat::Template(template) => {
                template::write(&mut line, template, entry, rate.unwrap_or(1.0));
            }
        }
        line.push(b'\n');
        self.sink.write(self.level, &line);
        line.clear();
        LINE.set(line);
    }

    /// Whether [`Entry::header_in`] and [`Entry::header_out`] matter.
    #[must_use]
    pub fn wants_header_lengths(&self) -> bool {
        matches!(&self.format, AccessFormat::Template(template)
            if template.has(&Variable::RequestLength) || template.has(&Variable::BytesSent))
    }

    /// The body fields that [`Entry::fields`] should have, in their order.
    #[must_use]
    pub fn wanted_fields(&self) -> &[FieldPath] {
        match &self.format {
            AccessFormat::Template(template) => &template.fields,
            AccessFormat::Text | AccessFormat::Json => &[],
        }
    }
}
