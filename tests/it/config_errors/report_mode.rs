//! Report mode ends, and says what it gives up.

use std::process::Command;
use std::time::SystemTime;

use countersign::config::format_time;

use super::{report, warnings};

const DAY: u64 = 24 * 60 * 60;

fn route(lines: &str) -> String {
    format!(
        "[[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"cheezeepay\"\nkeys = [\"good\"]\nupstream = \
         \"echo\"\n{lines}\n"
    )
}

fn now() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

pub(super) fn in_days(days: u64) -> String {
    format_time(now() + i64::try_from(days * DAY).unwrap())
}

#[test]
fn a_route_cannot_stay_in_it() {
    let far = format!("mode = \"report\"\nuntil = {}", in_days(91));
    for (lines, expected) in [
        (
            "mode = \"report\"",
            "without `until`, the route would stay open",
        ),
        (&far, "at most 90 days from now"),
        (
            "mode = \"report\"\nuntil = 2027-01-31",
            "a time of day with its zone",
        ),
        (
            "mode = \"report\"\nuntil = 2027-01-31T00:00:00",
            "a time of day with its zone",
        ),
        (
            "mode = \"report\"\nuntil = \"soon\"",
            "write `2027-01-31T00:00:00Z`",
        ),
        (
            "mode = \"report\"\nuntil = \"\"",
            "a time of day with its zone",
        ),
        ("mode = \"report\"\nuntil = 5", "a date and time is needed"),
        ("mode = \"log\"", "\"report\""),
    ] {
        let report = report(&route(lines));
        assert!(report.contains(expected), "{lines}\n{report}");
    }
}

#[test]
fn a_load_says_that_nothing_is_rejected_and_what_waits() {
    let end = in_days(30);
    let shown = warnings(&format!(
        "[once]\nstore = \"memory\"\n{}",
        route(&format!(
            "mode = \"report\"\nuntil = {end}\nfields = {{ \"X-Order\" = \"order\" }}"
        ))
    ));
    for expected in [
        "warning[report_mode]",
        &end,
        "forged ones too",
        "without effect until then: `once`, `fields`",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

#[test]
fn an_end_without_the_mode_has_no_effect() {
    let shown = warnings(&route("until = 2027-01-31T00:00:00Z"));
    assert!(shown.contains("warning[needless_setting]"), "{shown}");
    assert!(shown.contains("only with `mode = \"report\"`"), "{shown}");
}

#[test]
fn a_load_says_that_it_has_ended() {
    let lines = "mode = \"report\"\nuntil = 2026-01-31T00:00:00+01:00";
    let shown = warnings(&route(lines));
    for expected in [
        "warning[report_ended]",
        "ended at 2026-01-30T23:00:00Z",
        "remove `mode` and `until`",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

/// Who accepts that nothing is rejected has not heard of what waits.
#[test]
fn a_test_lists_what_waits_where_the_warning_is_accepted() {
    let files = super::files();
    let lines = format!(
        "mode = \"report\"\nuntil = {}\nfields = {{ \"X-Order\" = \"order\" }}\n\
         accept_warnings = [\"report_mode\"]\n",
        in_days(30)
    );
    let text = format!("{}{}", route(&lines), super::REST);
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["-t", "-c"])
        .arg(files.write("c.toml", text))
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    let note = "countersign: note: the route `r` is in report mode; without effect until ";
    assert!(output.status.success() && told.contains(note), "{told}");
    assert!(told.contains(": `fields`\n"), "{told}");
}
