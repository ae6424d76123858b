//! Any text as a configuration: it is good or an error has a line (unless a table is missing), nothing is told twice, all of
//! it can be drawn, and what is good is good again as it is dumped.

use std::fs;
use std::path::Path;

use countersign::config::Input;
use countersign::config::diagnostic::Severity;

/// Loads the text from a directory of its own, beside a key `k.pem`.
pub fn check(text: &[u8]) {
    if reaches_out(&String::from_utf8_lossy(text)) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let key = include_bytes!("constant.pub");
    fs::write(directory.path().join("k.pem"), key).unwrap();
    if let Some(dumped) = load(directory.path(), text) {
        assert!(
            load(directory.path(), dumped.as_bytes()).is_some(),
            "{dumped}"
        );
    }
}

/// Gives a good one as it is dumped.
fn load(directory: &Path, text: &[u8]) -> Option<String> {
    let file = directory.join("c.toml");
    fs::write(&file, text).unwrap();
    let report = match Input::from(file.as_path()).load_and_dump() {
        Ok((_, dumped)) => return Some(dumped),
        Err(report) => report,
    };
    let with_line = report.diagnostics().iter().any(|problem| {
        let place = report.locate(problem.primary.place);
        // What is missing from the whole file has no line.
        let is_placed = place.line_and_column.is_some() || problem.title == "missing key";
        problem.severity == Severity::Error && is_placed
    });
    assert!(with_line, "{report}");
    for (nth, problem) in report.diagnostics().iter().enumerate() {
        let before = &report.diagnostics()[..nth];
        assert!(!before.contains(problem), "told twice: {report}");
    }
    assert!(report.render(true).len() > report.to_string().len());
    None
}

/// Whether it may read other files, or ask for the address of a host.
fn reaches_out(text: &str) -> bool {
    let other_files = ["include", "/dev", "/proc", "/sys/"];
    let named_host = text.match_indices(':').any(|(at, _)| {
        let is_port = text[at + 1..].starts_with(|next: char| next.is_ascii_digit());
        let before = &text[..at];
        let is_numeric = ["127.0.0.1", "]", ":"]
            .iter()
            .any(|end| before.ends_with(end));
        is_port && !is_numeric
    });
    let named_log_host = text
        .match_indices("server=")
        .any(|(at, _)| !text[at..].starts_with("server=127.0.0.1"));
    named_host || named_log_host || other_files.iter().any(|part| text.contains(part))
}
