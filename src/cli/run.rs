//! Running the proxy.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use log::{error, warn};

use crate::config::{self, AccessLog as Destination, Config, Loaded};
use crate::ops::access_log::AccessLog;
use crate::ops::error_log;
use crate::ops::line_sink::LineSink;
use crate::proxy::{self, Setup};

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
    let (Ok((errors, errors_end)), Ok((lines, lines_end))) =
        (LineSink::start(io::stderr()), LineSink::start(io::stdout()))
    else {
        return fail("countersign: cannot start the log threads\n");
    };
    error_log::install(errors.clone(), config.log.level, config.log.format);
    let file = file.to_owned();
    let path = file.clone();
    let setup = move |config: Config| Setup {
        file: path.clone(),
        access_log: match config.log.access {
            Destination::Off => None,
            Destination::Stdout => Some(AccessLog::new(lines.clone(), config.log.format)),
            Destination::Stderr => Some(AccessLog::new(errors.clone(), config.log.format)),
        },
        config,
    };
    let first = setup(config);
    let reload = Box::new(move || reload(&file).map(&setup));
    let served = proxy::serve(first, reload);
    drop((lines_end, errors_end));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("countersign: {error}\n")),
    }
}

/// Reads the configuration anew; tells the error log what is wrong with it, and gives the first
/// error.
fn reload(file: &Path) -> Result<Config, String> {
    match config::load(file) {
        Ok(Loaded {
            config, warnings, ..
        }) => {
            // A log has lines.
            for line in warnings.to_string().lines() {
                warn!("{line}");
            }
            Ok(config)
        }
        Err(report) => {
            for line in report.to_string().lines() {
                error!("{line}");
            }
            Err(report.first_error())
        }
    }
}

fn fail(message: &str) -> ExitCode {
    // The exit code says it, too.
    let _ = io::stderr().write_all(message.as_bytes());
    ExitCode::FAILURE
}
