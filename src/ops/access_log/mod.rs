//! The access log: one line a request.

mod escape;
mod json;
mod local_time;
mod sample;
#[cfg(test)]
mod samples;
mod template;
mod text;

use std::cell::Cell;
use std::fmt;
use std::io::Write as _;

use log::Level;

use self::sample::Sample;
use super::line_sink::LineSink;
use crate::config::{AccessFormat, FieldPath};
use crate::record::{Finished, Line, Wanted};

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
            AccessFormat::Text => text::write(&mut out, &line),
            AccessFormat::Json => json::write(&mut out, &line),
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

    /// What [`Finished`] should have for its lines beside what it always has.
    #[must_use]
    pub fn wants(&self) -> Wanted<'_> {
        match &self.format {
            AccessFormat::Template(template) => Wanted {
                headers: &template.headers,
                header_sizes: template.facts().any(|fact| fact.needs_header_sizes),
            },
            AccessFormat::Text | AccessFormat::Json => Wanted::default(),
        }
    }

    /// The body fields that [`Finished::fields`] should have, in their order.
    #[must_use]
    pub fn wanted_fields(&self) -> &[FieldPath] {
        match &self.format {
            AccessFormat::Template(template) => &template.fields,
            AccessFormat::Text | AccessFormat::Json => &[],
        }
    }
}

/// Writes what needs no escapes.
fn display(out: &mut Vec<u8>, value: impl fmt::Display) {
    // Writing to memory cannot fail.
    let _ = write!(out, "{value}");
}
