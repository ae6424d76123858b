//! Which responses count as a success.

use countersign::config::diagnostic::Severity;
use insta::assert_snapshot;

use super::{REST, checked, files, report};
use crate::config_files::relative;

#[test]
fn every_mistake_has_a_place_a_reason_and_a_hint() {
    let files = files();
    let long = format!("success = {{ body = [\"{}\"] }}", "x".repeat(70_000));
    for (route, title, why) in [
        ("success = \"ok\"", "wrong type", "but a table is needed"),
        ("success = {}", "empty table", "what a success is"),
        (
            "success = { status = 302 }",
            "value out of range",
            "200 to 299",
        ),
        (
            "success = { status = \"200-399\" }",
            "invalid status",
            "from 200 to 299",
        ),
        (
            "success = { status = \"204-200\" }",
            "invalid status",
            "from 200 to 299",
        ),
        (
            "success = { body = \"ok\" }",
            "wrong type",
            "write `[\"ok\"]`",
        ),
        ("success = { body = [] }", "empty value", "no answer"),
        ("success = { body = [0] }", "wrong type", "write `\"0\"`"),
        (
            "success = { body = [\"ok\\n\"] }",
            "answer never matched",
            "white space",
        ),
        (&long, "answer never matched", "64 KiB"),
        (
            "success = { body = [\"ok\", \"ok\"] }",
            "duplicate answer",
            "is already",
        ),
        ("success = { json = {} }", "empty value", "no answer"),
        (
            "success = { json = { \"/a\" = [] } }",
            "empty value",
            "no answer",
        ),
        (
            "success = { json = { \"/a\" = 1.5 } }",
            "wrong type",
            "a string, a whole number",
        ),
        (
            "success = { json = { \"/a\" = 99999999999999999999 } }",
            "value out of range",
            "9223372036854775807",
        ),
        (
            "success = { json = { \"\" = 0 } }",
            "invalid field",
            "names no field",
        ),
        (
            "success = { json = { a = 0, \"/a\" = 1 } }",
            "duplicate field",
            "is already",
        ),
        (
            "success = { code = 0 }",
            "unknown key",
            "its keys are: status, body, json",
        ),
        (
            "failure = [\"fail\"]",
            "unknown key",
            "a key of `[[scheme]]`",
        ),
    ] {
        let good = "name = \"good\"";
        let text = REST.replacen(good, &format!("{good}\n{route}"), 1);
        let report = files.load(&text).unwrap_err();
        assert_eq!(report.count(Severity::Error), 1, "{route}: {report}");
        let report = checked(relative(&report, &files));
        assert!(
            report.contains(title) && report.contains(why),
            "{route:.60}: {report}"
        );
    }
}

#[test]
fn a_failure_word_of_the_provider_cannot_be_a_success() {
    let scheme = "[[scheme]]\nname = \"s\"\nalgorithm = \"rsa-sha256\"\n\
         signature = \"{header:X-S|unbase64}\"\nfailure = [\"fail\", \" no\"]\n\
         content = \"{body}\"\n";
    let route = "[[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"s\"\nkeys = [\"good\"]\n\
         upstream = \"echo\"\nsuccess = { body = [\"ok\", \"fail\"] }\n";
    assert_snapshot!(report(scheme), @r#"
    error: answer never matched
     --> c.toml:5:20
      |
    5 | failure = ["fail", " no"]
      |                    ^^^^^ white space at the ends of an answer is ignored in the comparison
      |
      = help: remove it here, too
    "#);
    let scheme = scheme.replace(", \" no\"", "");
    assert_snapshot!(report(&format!("{scheme}{route}")), @r#"
    error: answer never a success
      --> c.toml:13:27
       |
    13 | success = { body = ["ok", "fail"] }
       |                           ^^^^^^ `fail` is a failure to the provider, according to the scheme
       |
       = help: remove it here, or from the scheme's `failure`
    "#);
}
