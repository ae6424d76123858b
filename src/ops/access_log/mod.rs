//! The access log: one line for each request.

mod client_text;
mod json_line;
mod local_time;
mod sample;
#[cfg(test)]
mod samples;
mod template;
mod text_line;

use std::cell::Cell;
use std::fmt;
use std::io::Write as _;

use log::Level;

use self::sample::Sample;
use super::line_sink::LineSink;
use crate::config::{AccessFormat, FieldPath};
use crate::record::{Finished, Line, WantedDetails};

thread_local! {
    /// The buffer that a line is built in, reused so that a line costs no allocation.
    static LINE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Where access-log lines go, which of them are written, and in what format.
#[derive(Clone)]
pub struct AccessLog {
    sink: LineSink,
    level: Level,
    format: AccessFormat,
    sample: Sample,
}

impl AccessLog {
    /// A log that writes to a sink: with the level of its lines, their format, and the share of
    /// successful requests to log.
    #[must_use]
    pub fn new(sink: LineSink, level: Level, format: AccessFormat, sample_success: f64) -> Self {
        Self {
            sink,
            level,
            format,
            sample: Sample::new(sample_success),
        }
    }

    /// Writes one line, unless sampling leaves it out.
    pub fn write(&self, request: &Finished) {
        if !self.sample.takes(request) {
            return;
        }
        let sample_rate = self.sample.rate(request);
        let line = Line {
            request,
            sample_rate,
        };
        let mut out = LINE.take();
        match &self.format {
            AccessFormat::Text => text_line::write(&mut out, &line),
            AccessFormat::Json => json_line::write(&mut out, &line),
            AccessFormat::Template(template) => {
                let sample_rate = sample_rate.or(Some(1.0));
                let line = Line {
                    request,
                    sample_rate,
                };
                template::write(&mut out, template, &line);
            }
        }
        out.push(b'\n');
        self.sink.write(self.level, &out);
        out.clear();
        LINE.set(out);
    }

    /// What [`Finished`] must contain for this log's lines, beyond what it always has.
    #[must_use]
    pub fn wants(&self) -> WantedDetails<'_> {
        match &self.format {
            AccessFormat::Template(template) => WantedDetails {
                headers: &template.headers,
                header_sizes: template.facts().any(|fact| fact.needs_header_sizes),
            },
            AccessFormat::Text | AccessFormat::Json => WantedDetails::default(),
        }
    }

    /// The body fields that [`Finished::fields`] must contain, in this order.
    #[must_use]
    pub fn wanted_fields(&self) -> &[FieldPath] {
        match &self.format {
            AccessFormat::Template(template) => &template.fields,
            AccessFormat::Text | AccessFormat::Json => &[],
        }
    }
}

/// Writes a value that needs no escaping.
fn display(out: &mut Vec<u8>, value: impl fmt::Display) {
    // Writing to memory cannot fail.
    let _ = write!(out, "{value}");
}
