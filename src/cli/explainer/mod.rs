//! `countersign explain`: reads what it is asked about, and prints the answer.

mod explain_args;
mod explain_error;
mod own_policy;
mod request_source;
mod search_progress;

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::process::ExitCode;

use super::config_file::found_file;
use crate::cli::signer::moment_arg::now;
use crate::config::Input;
use crate::config::diagnostic::{stderr_is_colored, stdout_is_colored};
use crate::explain::{ExplainedOutcome, Explanation, Question, Revealing, SearchBound, TextStyle};
use crate::judge::Site;
use crate::ops::escape::visible_lines;
use crate::written_request::RequestTextFault;
pub(super) use explain_args::ExplainArgs;
use explain_error::ExplainError;
use request_source::{captured_request, read_any, read_request};
use search_progress::SearchProgress;

/// Explains a request. Writes the explanation to `out`, and why there is none to `err`.
///
/// # Errors
/// If `out` or `err` cannot be written to.
pub(super) fn explain(
    args: &ExplainArgs,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<ExitCode> {
    let mut progress = SearchProgress::new(io::stderr().is_terminal());
    let explanation = match explanation(args, &mut progress) {
        Ok(explanation) => explanation,
        Err(error) => {
            tell(&error, err)?;
            let is_usage = matches!(error, ExplainError::Reveal(_));
            return Ok(if is_usage {
                2.into()
            } else {
                ExitCode::FAILURE
            });
        }
    };
    progress.finish(err)?;
    if args.json {
        writeln!(out, "{}", explanation.as_json(args.full))?;
    } else {
        write!(out, "{}", explanation.as_text(style(args.full)))?;
    }
    Ok(exit_code(explanation.outcome()))
}

/// Says which route of a configuration takes a request, and what comes of it: for `-t --verify`.
///
/// # Errors
/// If `out` or `err` cannot be written to.
pub(super) fn verify(
    request: &Path,
    input: &Input,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<ExitCode> {
    let explained = || {
        let read = read_any(request)?;
        let loaded = input.load().map_err(ExplainError::Report)?;
        let at = read.at.unwrap_or_else(now);
        Ok(Question::new(read, at).by_site(&Site::new(loaded.config)))
    };
    let explanation: Explanation = match explained() {
        Ok(explanation) => explanation,
        Err(error) => {
            tell(&error, err)?;
            return Ok(ExitCode::FAILURE);
        }
    };
    write!(out, "{}", explanation.in_short(style(false)))?;
    Ok(exit_code(explanation.outcome()))
}

/// How text is written to standard output.
fn style(full: bool) -> TextStyle {
    TextStyle {
        full,
        color: stdout_is_colored(),
    }
}

/// Says why nothing can be explained.
fn tell(error: &ExplainError, err: &mut impl Write) -> io::Result<()> {
    match error {
        ExplainError::Report(report) => write!(err, "{}", report.render(stderr_is_colored())),
        ExplainError::Request(_, unread)
            if matches!(unread.fault, RequestTextFault::WhichEntry { .. }) =>
        {
            writeln!(err, "{}", visible_lines(&format!("countersign: {error}")))
        }
        // A message may quote a request that somebody else wrote. None but the list has several lines.
        other => {
            let line = format!("{other}").replace('\n', "\\n");
            writeln!(err, "countersign: {}", visible_lines(&line))
        }
    }
}

/// The exit code for what comes of a request.
fn exit_code(outcome: ExplainedOutcome) -> ExitCode {
    match outcome {
        ExplainedOutcome::Rejected(_) => 3.into(),
        ExplainedOutcome::NoRoute(_) => 4.into(),
        _ => ExitCode::SUCCESS,
    }
}

fn explanation(
    args: &ExplainArgs,
    progress: &mut SearchProgress,
) -> Result<Explanation, ExplainError> {
    let reveal = match args.reveal {
        false => None,
        true => {
            let asked =
                Revealing::ask(io::stdout().is_terminal(), args.scheme.is_some(), args.json);
            Some(asked.map_err(ExplainError::Reveal)?)
        }
    };
    let (request, peer) = match &args.id {
        Some(id) => captured_request(args, id)?,
        None => (read_request(args)?, None),
    };
    let mut count = |tried| progress.tell(tried);
    let question = Question {
        at: args.at.or(request.at).unwrap_or_else(now),
        search: args.search.map(|most| SearchBound::new(most, &mut count)),
        reveal,
        peer,
        request,
    };
    if let Some(scheme) = &args.scheme {
        let policy = own_policy::policy(args, scheme)?;
        return Ok(question.by_policy(&policy));
    }
    let input = Input {
        file: found_file(args.config.as_deref()),
        overrides: args.set.clone(),
    };
    let loaded = input.load().map_err(ExplainError::Report)?;
    Ok(question.by_site(&Site::new(loaded.config)))
}
