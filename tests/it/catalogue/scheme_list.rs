//! What `countersign schemes` prints.

use std::process::{Command, Output};

use countersign::config::catalogue::FILES;
use serde_json::Value;

use super::SCHEMES;

fn schemes(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("schemes")
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_list_has_every_scheme_in_aligned_columns() {
    let output = schemes(&[]);
    assert!(output.status.success() && output.stderr.is_empty());
    let out = text(output.stdout);
    let mut lines = out.lines();
    let head = lines.next().unwrap();
    assert_eq!(
        head.split_whitespace().collect::<Vec<_>>(),
        ["SCHEME", "PROVIDER", "ALGORITHM", "CALLBACK", "EVIDENCE"]
    );
    let start = head.find("EVIDENCE").unwrap();
    let mut count = 0;
    for (line, scheme) in lines.zip(SCHEMES.iter()) {
        count += 1;
        let name = &scheme.scheme.name;
        assert_eq!(line.split_whitespace().next(), Some(name.as_str()));
        let evidence: String = line.chars().skip(start).collect();
        assert_eq!(evidence, scheme.about.evidence.unwrap().code(), "{line}");
    }
    assert_eq!(count, SCHEMES.len());
    assert_eq!(out.lines().count(), count + 1);
}

#[test]
fn the_list_is_json_for_programs() {
    let output = schemes(&["--json"]);
    let list: Value = text(output.stdout).parse().unwrap();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), SCHEMES.len());
    let stripe = list.iter().find(|one| one["name"] == "stripe").unwrap();
    assert_eq!(stripe["provider"], "Stripe");
    assert_eq!(stripe["algorithms"][0], "hmac-sha256");
    assert_eq!(stripe["transport"], "POST, JSON body");
    assert_eq!(stripe["means"], "mac");
    assert_eq!(stripe["covers"][0], "body");
    assert_eq!(stripe["evidence"], "sdk-signed");
    assert_eq!(stripe["confidence"], "high");
}

#[test]
fn the_name_of_a_scheme_prints_its_file() {
    for (name, slug) in [("stripe", "stripe"), ("aws-sns-1", "aws-sns")] {
        let output = schemes(&[name]);
        assert!(output.status.success());
        let file = FILES.iter().find(|file| file.slug == slug).unwrap();
        assert_eq!(text(output.stdout), file.text);
    }
}

#[test]
fn an_unknown_name_suggests_the_nearest_and_fails() {
    for (name, help) in [
        ("strip", "did you mean `stripe`?"),
        (
            "no-provider-of-this-name",
            "`countersign schemes` lists them all",
        ),
        ("two\nlines", "`countersign schemes` lists them all"),
    ] {
        let output = schemes(&[name]);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let told = text(output.stderr);
        assert_eq!(
            told,
            format!(
                "countersign: no scheme `{}` comes with Countersign: {help}\n",
                name.escape_debug()
            )
        );
    }
    assert_eq!(schemes(&["stripe", "--json"]).status.code(), Some(2));
}

#[test]
fn the_help_has_examples() {
    let help = text(schemes(&["--help"]).stdout);
    for part in [
        "Examples:",
        "countersign schemes stripe",
        "Exit codes:",
        "derived",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
}
