//! Running the proxy.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::config::{self, AccessLog as Destination, Loaded};
use crate::ops::access_log::AccessLog;
use crate::ops::error_log;
use crate::ops::line_sink::LineSink;
use crate::proxy;

/// Runs the proxy with the configuration in `file` until a signal ends it.
pub fn run(file: &Path, color: bool) -> ExitCode {
    let Loaded {
        config, warnings, ..
    } = match config::load(file) {
        Ok(loaded) => loaded,
        Err(report) => return fail(&report.render(color)),
    };
    // Nothing runs yet that could be told that stderr is closed.
    let _ = write!(io::stderr(), "{}", warnings.render(color));
    let format = config.log.format;
    let (Ok((errors, errors_end)), Ok((lines, lines_end))) =
        (LineSink::start(io::stderr()), LineSink::start(io::stdout()))
    else {
        return fail("countersign: cannot start the log threads\n");
    };
    error_log::install(errors.clone(), config.log.level, format);
    let access_log = match config.log.access {
        Destination::Off => None,
        Destination::Stdout => Some(AccessLog::new(lines, format)),
        Destination::Stderr => Some(AccessLog::new(errors, format)),
    };
    let served = proxy::serve(config, access_log);
    drop((lines_end, errors_end));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("countersign: {error}\n")),
    }
}

fn fail(message: &str) -> ExitCode {
    // The exit code says it, too.
    let _ = io::stderr().write_all(message.as_bytes());
    ExitCode::FAILURE
}
