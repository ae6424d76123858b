//! Running the proxy.

use std::collections::HashSet;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::SystemTime;

use log::{Level, error, info, warn};

use super::daemon;
use crate::config::{Destination, Input, Loaded};
use crate::ops::access_log::AccessLog;
use crate::ops::audit_log::{AuditError, AuditLog};
use crate::ops::core_dumps;
use crate::ops::error_log::ErrorLog;
use crate::ops::log_sinks::{self, LogOpenError};
use crate::ops::process::ProcessContext;
use crate::ops::watch::Watch;
use crate::proxy::{self, Setup};

/// Runs the proxy with this configuration until a signal ends it. `no_file` is what to say if no
/// configuration file was found.
pub fn run(input: Input, no_file: Option<String>, color: bool) -> ExitCode {
    let mut process = ProcessContext::new();
    // The old process logs what a new one prints.
    let color = color && !process.is_successor();
    let started = SystemTime::now();
    let loaded = match input.load() {
        Ok(loaded) => loaded,
        Err(report) => {
            let why = no_file.unwrap_or_else(|| report.render(color));
            return fail(&mut process, &why);
        }
    };
    // Repeated after the switch to the configured user.
    if let Err(error) = core_dumps::forbid_if_confidential(&loaded.config) {
        let why = format!("countersign: cannot disable core dumps: {error}\n");
        return fail(&mut process, &why);
    }
    if loaded.config.daemon && process.is_first() {
        return daemon::start(&process.program);
    }
    process.will_read(&input.file, loaded.files.clone());
    // Nothing is running yet that would have to know that stderr is closed.
    let _ = write!(io::stderr(), "{}", loaded.warnings.render(color));
    let mut told = loaded.warnings.identities();
    let mut first = match setup(&input, loaded, started) {
        Ok(first) => first,
        Err(error) => return fail(&mut process, &format!("countersign: {error}\n")),
    };
    if let Some(log) = first.error_log.take() {
        log.install();
    }
    if !first.overridden.is_empty() {
        let keys = first.overridden.join(", ");
        info!("the command line sets {keys}");
    }
    let served = proxy::serve(
        first,
        Box::new(move || reload(&input, &mut told)),
        &mut process,
    );
    log_sinks::finish();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&mut process, &format!("countersign: {error}\n")),
    }
}

/// Why a log cannot be opened.
#[derive(Debug, thiserror::Error)]
enum SetupError {
    #[error(transparent)]
    Log(#[from] LogOpenError),
    #[error(transparent)]
    Audit(#[from] AuditError),
}

/// Opens the configuration's logs. `started` is when reading the configuration began.
fn setup(input: &Input, loaded: Loaded, started: SystemTime) -> Result<Setup, SetupError> {
    let Loaded {
        config,
        files,
        overridden,
        ..
    } = loaded;
    let log = &config.log;
    let level = match &log.access {
        Destination::Syslog(syslog) => syslog.severity,
        _ => Level::Info,
    };
    let access = log_sinks::open(&log.access)?;
    let errors = log_sinks::open(&log.error)?;
    let audit = config
        .control
        .as_ref()
        .map(|control| AuditLog::open(&control.audit));
    Ok(Setup {
        audit: audit.transpose()?,
        file: input.file.clone(),
        overridden,
        watch: if config.watch {
            Watch::new(files, started)
        } else {
            Watch::default()
        },
        access_log: access
            .map(|sink| AccessLog::new(sink, level, log.format.clone(), log.sample_success)),
        error_log: errors
            .map(|sink| ErrorLog::new(sink, log.level, log.library_level, log.error_format)),
        config,
    })
}

/// Reloads the configuration. On failure, logs the report to the error log and returns the first
/// error. `told` has the warnings of the last configuration, which are not logged again.
fn reload(input: &Input, told: &mut HashSet<u64>) -> Result<Setup, String> {
    let started = SystemTime::now();
    match input.load() {
        Ok(loaded) => {
            // The report has several lines; a log entry has one.
            let new = loaded.warnings.clone().without(told);
            for line in new.to_string().lines() {
                warn!("{line}");
            }
            *told = loaded.warnings.identities();
            setup(input, loaded, started).map_err(|error| error.to_string())
        }
        Err(report) => {
            for line in report.to_string().lines() {
                error!("{line}");
            }
            Err(report.first_error())
        }
    }
}

/// Reports why the proxy does not run: to the process that started this one, or to stderr.
fn fail(process: &mut ProcessContext, message: &str) -> ExitCode {
    if !process.failed(message) {
        // If stderr is closed, the exit code still tells.
        let _ = io::stderr().write_all(message.as_bytes());
    }
    ExitCode::FAILURE
}
