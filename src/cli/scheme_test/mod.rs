//! `countersign scheme test`: runs the cases of schemes, and tells what came out of them.

mod as_json;
mod as_text;
mod visible;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::config::diagnostic::stderr_is_colored;
use crate::config::{TestedScheme, tested_schemes};
use crate::judge::run_case;

/// How many cases passed and failed.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    passed: usize,
    failed: usize,
}

impl Count {
    const fn all(self) -> usize {
        self.passed.saturating_add(self.failed)
    }
}

/// Runs the cases in these files. Writes what came out to `out`, and what is wrong with a file to `err`.
///
/// # Errors
/// If `out` or `err` cannot be written to.
pub(super) fn test(
    files: &[PathBuf],
    json: bool,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<ExitCode> {
    let mut count = Count::default();
    let mut are_fine = true;
    for file in files {
        let schemes = match read(file) {
            Ok(schemes) => schemes,
            Err(why) => {
                // What has come out stands before it, wherever both go.
                out.flush()?;
                write!(err, "{why}")?;
                are_fine = false;
                continue;
            }
        };
        let before = count.all();
        for scheme in &schemes {
            run(file, scheme, json, &mut count, out)?;
        }
        if count.all() == before {
            out.flush()?;
            writeln!(
                err,
                "countersign: {} has no case: add `[[scheme.case]]` behind a scheme",
                file.display()
            )?;
            are_fine = false;
        }
    }
    if !json && count.all() > 0 {
        as_text::summary(count, out)?;
    }
    Ok(match are_fine && count.failed == 0 {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn read(file: &Path) -> Result<Vec<TestedScheme>, String> {
    // Its errors name the option of a configuration file.
    if let Err(error) = fs::read(file) {
        return Err(format!(
            "countersign: cannot read {}: {error}\n",
            file.display()
        ));
    }
    tested_schemes(file).map_err(|report| report.render(stderr_is_colored()))
}

fn run(
    file: &Path,
    scheme: &TestedScheme,
    json: bool,
    count: &mut Count,
    out: &mut impl Write,
) -> io::Result<()> {
    if !json {
        as_text::heading(file, scheme, out)?;
    }
    for case in &scheme.cases {
        let run = run_case(case);
        let counted = match run.faults.is_empty() {
            true => &mut count.passed,
            false => &mut count.failed,
        };
        *counted = counted.saturating_add(1);
        match json {
            true => as_json::case(file, &scheme.name, case, &run, out)?,
            false => as_text::case(case, &run, out)?,
        }
    }
    Ok(())
}
