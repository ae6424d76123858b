//! What came out of cases, for people.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use super::Count;
use super::visible::{common, difference, visible};
use crate::config::{SchemeCase, TestedScheme};
use crate::explain::{Diagnosis, Explanation, Question};
use crate::judge::{BuiltContent, CaseFault, CaseRun, ChangeTable, ChangedPart, Unnoticed};
use crate::verify::Reason;

/// The most lines about contents, and about changed bytes.
const MAX_LINES: usize = 8;

pub(super) fn heading(file: &Path, scheme: &TestedScheme, out: &mut impl Write) -> io::Result<()> {
    let none = if scheme.cases.is_empty() {
        ": no case"
    } else {
        ""
    };
    writeln!(out, "{}: {}{none}", file.display(), scheme.name)
}

pub(super) fn summary(count: Count, out: &mut impl Write) -> io::Result<()> {
    let Count { passed, failed } = count;
    let cases = match count.all() {
        1 => "1 case".to_owned(),
        all => format!("{all} cases"),
    };
    writeln!(out, "{cases}: {passed} passed, {failed} failed")
}

/// One line, and below it what is not as it should be, or worth knowing.
pub(super) fn case(case: &SchemeCase, run: &CaseRun, out: &mut impl Write) -> io::Result<()> {
    let word = match run.faults.is_empty() {
        true => "ok    ",
        false => "FAILED",
    };
    writeln!(out, "  {word}  {}", case.name)?;
    let failed = |fault| run.faults.contains(&fault);
    if failed(CaseFault::Verdict) {
        line(out, "expected", case.expected.word())?;
        line(out, "came out", came_out(run))?;
    }
    if failed(CaseFault::Verdict) || failed(CaseFault::Content) {
        contents(case, run, out)?;
    }
    if failed(CaseFault::Verdict) {
        why(case, run, out)?;
    }
    if failed(CaseFault::Identity) {
        identity(case, run, out)?;
    }
    match &run.ambiguous {
        None => {}
        Some(field) if field.is_empty() => line(out, "marked", "ambiguous: its values touch")?,
        Some(field) => line(
            out,
            "marked",
            format!("ambiguous: field {}", visible(field.as_bytes())),
        )?,
    }
    match &run.changes {
        Some(changes) => unnoticed(changes, out),
        None => Ok(()),
    }
}

/// The cause of a refusal; without one, where to look first.
fn why(case: &SchemeCase, run: &CaseRun, out: &mut impl Write) -> io::Result<()> {
    let explanation = explained(case);
    match hint(case, run) {
        Some(hint) if !explanation.has_cause() => line(out, "hint", hint),
        _ if run.verdict.is_ok() => Ok(()),
        // Where the contents differ says more than that nothing was found.
        _ if explanation.diagnosis() == Diagnosis::NoCauseFound.code() => Ok(()),
        _ => explanation
            .why(false)
            .into_iter()
            .try_for_each(|(word, text)| line(out, &word.to_lowercase(), text)),
    }
}

/// Why a case is refused.
pub(super) fn explained(case: &SchemeCase) -> Explanation {
    let request = case.request.clone().into();
    Question::new(request, case.at).by_policy(&case.policy)
}

/// Where to look first, for who writes a scheme.
fn hint(case: &SchemeCase, run: &CaseRun) -> Option<&'static str> {
    let reason = run.verdict.as_ref().err()?.reason;
    let is_content = || case.content.is_some() && !run.faults.contains(&CaseFault::Content);
    match reason {
        Reason::SignatureWrongLength => Some(
            "no key of the case makes signatures of this length: does `signature` decode it, with \
             `unhex` or `unbase64`?",
        ),
        Reason::SignatureMismatch if is_content() => {
            Some("the content is right: the key is another one, or `algorithm` or `signed`")
        }
        Reason::SignatureMismatch if case.content.is_none() => Some(
            "compare the content with what the provider says, byte for byte; if both are the same, \
             the key is another one",
        ),
        _ => None,
    }
}

/// The verdict, and where it comes from.
pub(super) fn came_out(run: &CaseRun) -> String {
    match &run.verdict {
        Ok(()) => "verified".to_owned(),
        Err(rejection) => match &rejection.detail {
            Some(detail) => format!("{rejection}, {}", visible(detail.to_string().as_bytes())),
            None => rejection.to_string(),
        },
    }
}

fn line(out: &mut impl Write, what: &str, text: impl Display) -> io::Result<()> {
    writeln!(out, "          {what:<9} {text}")
}

/// What was signed beside what should have been, or all that was tried.
fn contents(case: &SchemeCase, run: &CaseRun, out: &mut impl Write) -> io::Result<()> {
    let Some(wanted) = &case.content else {
        for content in run.contents.iter().take(MAX_LINES) {
            line(out, "content", visible(content.shown()))?;
        }
        return Ok(());
    };
    let Some(nearest) = nearest(&run.contents, wanted) else {
        line(out, "content", "none was built")?;
        return line(out, "expected", visible(wanted));
    };
    if nearest == wanted {
        return line(out, "content", visible(nearest));
    }
    let difference = difference(nearest, wanted);
    line(out, "content", &difference.got)?;
    line(out, "expected", &difference.wanted)?;
    let indent = " ".repeat(difference.column);
    line(out, "", format!("{indent}^ byte {}", difference.at))
}

/// The content that agrees longest with the wanted one.
pub(super) fn nearest<'r>(contents: &'r [BuiltContent], wanted: &[u8]) -> Option<&'r [u8]> {
    let texts = contents.iter().flat_map(|content| {
        let applied_to = content.applied_to.as_slice();
        [Some(content.shown()), Some(applied_to)]
    });
    texts.flatten().max_by_key(|text| common(text, wanted))
}

fn identity(case: &SchemeCase, run: &CaseRun, out: &mut impl Write) -> io::Result<()> {
    let got = match &run.identity {
        None => "none: it is not verified".to_owned(),
        Some(Err(part)) => format!("none: {} cannot be told", visible(part.as_bytes())),
        Some(Ok(values)) => list(values.iter().map(Vec::as_slice)),
    };
    line(out, "identity", got)?;
    let wanted = case.identity.iter().flatten();
    line(out, "expected", list(wanted.map(String::as_bytes)))
}

fn list<'v>(values: impl Iterator<Item = &'v [u8]>) -> String {
    let values: Vec<String> = values
        .map(|value| format!("\"{}\"", visible(value)))
        .collect();
    format!("[{}]", values.join(", "))
}

/// Bytes that can be changed.
fn unnoticed(changes: &ChangeTable, out: &mut impl Write) -> io::Result<()> {
    for one in changes.unnoticed.iter().take(MAX_LINES) {
        let what = match one.is_covered {
            true => "FORGEABLE",
            false => "unsigned",
        };
        line(out, what, described(one))?;
    }
    let more = changes.unnoticed.len().saturating_sub(MAX_LINES);
    if more > 0 {
        line(out, "unsigned", format!("and {more} more"))?;
    }
    Ok(())
}

fn described(one: &Unnoticed) -> String {
    let part = match &one.part {
        ChangedPart::Target => "target".to_owned(),
        ChangedPart::Header(name) => format!("header {name}"),
        ChangedPart::Body => "body".to_owned(),
    };
    let last = one.to.saturating_sub(1);
    let place = match one.from == last {
        true => format!("{part}, byte {last}"),
        false => format!("{part}, bytes {} to {last}", one.from),
    };
    format!("{place}: {}", visible(&one.text))
}
