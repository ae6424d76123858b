//! What came out of cases, for programs: an object on each line.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::as_text::{came_out, explained, nearest};
use crate::config::SchemeCase;
use crate::judge::{CaseFault, CaseRun, ChangedPart, Unnoticed};
use crate::ops::escape::legible;

pub(super) fn case(
    file: &Path,
    scheme: &str,
    case: &SchemeCase,
    run: &CaseRun,
    out: &mut impl Write,
) -> io::Result<()> {
    let faults: Vec<&str> = run.faults.iter().map(|fault| word(*fault)).collect();
    let mut told = json!({
        "file": file.to_string_lossy(),
        "scheme": scheme,
        "case": case.name,
        "ok": faults.is_empty(),
        "failed": faults,
        "expected": case.expected.word(),
        "result": match &run.verdict {
            Ok(()) => "verified",
            Err(rejection) => rejection.reason.code(),
        },
    });
    let mut add = |key: &str, value: Value| {
        if let Some(told) = told.as_object_mut() {
            told.insert(key.to_owned(), value);
        }
    };
    if run.verdict.is_err() {
        add("detail", came_out(run).into());
        if run.faults.contains(&CaseFault::Verdict) {
            add("diagnosis", explained(case).diagnosis().into());
        }
    }
    let content = match &case.content {
        Some(wanted) => nearest(&run.contents, wanted),
        None => run.contents.first().map(|content| content.shown()),
    };
    if let Some(content) = content {
        add("content", legible(content).into());
    }
    if let Some(wanted) = &case.content {
        add("expected_content", legible(wanted).into());
    }
    if let Some(Ok(values)) = &run.identity {
        let values: Vec<_> = values.iter().map(|value| legible(value)).collect();
        add("identity", values.into());
    }
    if let Some(field) = &run.ambiguous {
        add("ambiguous", field.clone().into());
    }
    if let Some(changes) = &run.changes {
        add("changed_bytes", changes.changed.into());
        let unnoticed: Vec<Value> = changes.unnoticed.iter().map(unnoticed).collect();
        add("unnoticed", unnoticed.into());
    }
    writeln!(out, "{told}")
}

const fn word(fault: CaseFault) -> &'static str {
    match fault {
        CaseFault::Verdict => "result",
        CaseFault::Content => "content",
        CaseFault::Identity => "identity",
        CaseFault::Change => "unnoticed",
    }
}

fn unnoticed(one: &Unnoticed) -> Value {
    let part = match &one.part {
        ChangedPart::Target => "target".to_owned(),
        ChangedPart::Header(name) => format!("header:{name}"),
        ChangedPart::Body => "body".to_owned(),
    };
    json!({
        "part": part,
        "from": one.from,
        "to": one.to,
        "text": legible(&one.text),
        "covered": one.is_covered,
    })
}
