//! Schemes in the form before the scheme language: the error says what to write instead.

use std::fs;

use countersign::config::diagnostic::Severity;
use insta::assert_snapshot;

use crate::config_files::Files;

/// Every scheme in the old form that this repository had, by file.
fn old_schemes() -> Vec<(String, String)> {
    let files = fs::read_dir("tests/old_schemes").unwrap();
    let mut schemes: Vec<_> = files
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    schemes.sort();
    schemes
}

/// The scheme in a configuration without routes of its own.
fn whole(scheme: &str) -> String {
    format!(
        "{scheme}\n[[listener]]\naddress = \"127.0.0.1:0\"\n[[key]]\nid = \"k\"\nfile = \"k.pem\"\n\
         [[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"sgate\"\nkeys = [\"k\"]\nupstream = \"echo\"\n"
    )
}

/// The lines that the errors say to write.
fn printed(files: &Files, name: &str, scheme: &str) -> Vec<String> {
    let report = files.load(&whole(scheme)).unwrap_err();
    let mut lines = Vec::new();
    let problems = report.diagnostics().iter();
    for problem in problems.filter(|problem| problem.severity == Severity::Error) {
        assert_eq!(problem.title, "old form of a scheme", "{name}: {report}");
        let help = problem.help.as_deref().unwrap_or_default();
        let new = help.strip_prefix("write instead:\n").unwrap();
        lines.extend(new.lines().map(|line| line.trim_start().to_owned()));
    }
    assert!(!lines.is_empty(), "{name}");
    lines
}

/// The scheme with these lines in place of the old keys.
fn rewritten(scheme: &str, lines: &[String]) -> String {
    let (keys, _) = scheme
        .split_once("[scheme.content]")
        .unwrap_or((scheme, ""));
    let kept = keys.lines().filter(|line| !line.contains("= { "));
    let mut text: Vec<&str> = kept.collect();
    text.extend(lines.iter().map(String::as_str));
    text.join("\n")
}

#[test]
fn what_an_old_scheme_is_told_to_write_is_accepted() {
    let files = Files::new();
    files.write_key("k.pem");
    let mut shown = String::new();
    for (name, old) in old_schemes() {
        let lines = printed(&files, &name, &old);
        let new = rewritten(&old, &lines);
        if let Err(report) = files.load(&whole(&new)) {
            panic!("{name}: {report}");
        }
        shown.push_str(&format!("{name}:\n    {}\n", lines.join("\n    ")));
    }
    assert_snapshot!(shown, @r##"
    case:
        signature = "{header:T-Sign|unbase64}"
        timestamp = "{header:T-Time}"
        content = "{timestamp}\n{body}\n"
    cheezeepay:
        signature = "{field:sign|unbase64}"
        content = ["{fields}", "{fields:double}"]
        fields = { from = "json", leave_out = ["sign"], empty = "leave-out", null = "leave-out", nested = "pair", order = "utf16", pair = "{name}={value|java}", pair_of = { data = "{name}={value|json:jackson}" }, between = "&" }
        selection = { double = { like = "fields", pair = "{name}={value|java:double}", pair_of = { data = "{name}={value|json:jackson+double}" } } }
    discord:
        signature = "{header:X-Signature-Ed25519|unhex}"
        timestamp = "{header:X-Signature-Timestamp}"
        max_age = "none"
        content = "{timestamp}{body}"
    every-key-bodyless:
        signature = "{header:X-Signature|unbase64}"
        content = "{target}"
    every-key-concat:
        signature = "{header:X-Signature|unbase64}"
        timestamp = "{header:X-Time}"
        max_age = "none"
        content = "{timestamp}\t{target}{{}}[[{method}]]{body}\n"
    every-key-form:
        signature = "{form:sign|unbase64}"
        content = "{fields}"
        fields = { from = "form", leave_out = ["sign"], order = "bytes", pair = "{name}={value}", between = "&" }
    every-key-json:
        signature = "{header:X-Signature|unhex}"
        timestamp = { value = "{header:X-Time}", unit = "ms" }
        nonce = "{header:X-Nonce|max:40}"
        key_id = "{header:X-Key}"
        event = "{field:event}"
        content = '{{"time":{timestamp},"nonce":{nonce|json:jackson},"key":{key_id|json:jackson},"fixed [[1]]":"a\"b{{c}}\n","order":{header:X-Order|json:jackson},"body":{body|json:jackson}}}'
        signed = "{content|sha256|hex}"
    every-key-sorted:
        signature = "{field:sign|unbase64}"
        timestamp = "{field:time}"
        max_age = "none"
        nonce = "{field:nonce|max:128}"
        content = ["{fields}", "{fields:written}"]
        fields = { from = "json", leave_out = ["sign"], empty = "leave-out", null = "leave-out", nested = "pair", order = "utf16", pair = "{name}:{value|java:double}", pair_of = { data = "{name}:{value|json:jackson+double}", "quoted \" and \\ and \u0001" = "{name}:{value|json:jackson+double}" }, between = "\n" }
        selection = { written = { like = "fields", pair = "{name}:{value|java}", pair_of = { data = "{name}:{value|json:jackson}", "quoted \" and \\ and \u0001" = "{name}:{value|json:jackson}" } } }
    fields:
        signature = "{header:X-Sig|unbase64}"
        nonce = "{field:/~1nonce~0|max:128}"
        content = "{fields}"
        fields = { from = "json", null = "null", nested = "pair", order = "bytes", pair = "{name}={value|java}", between = "&" }
    json-null:
        signature = "{field:sig*|unbase64}"
        # Refused now: a callback that the provider signed with null as the value of "data".
        # In `leave_out`, "sig*" stands for all names that begin so: callbacks that have others are refused.
        content = "{fields}"
        fields = { from = "json", leave_out = ["sig*"], null = "null", nested = "pair", order = "bytes", pair = "{name}={value|java}", pair_of = { data = "{name}={value|json:jackson}" }, between = "&" }
    sgate:
        signature = "{header:V-Signature|unbase64}"
        timestamp = "{header:V-Timestamp}"
        nonce = "{header:V-Nonce-Str|max:128}"
        key_id = "{header:V-Api-Key}"
        event = "{field:event}"
        content = [
        '{{"api_key":{key_id|json:php+unicode+slashes},"timestamp":{timestamp},"nonce_str":{nonce|json:php+unicode+slashes},"url":{target|json:php+unicode+slashes},"method":{method|json:php+unicode+slashes},"body":{body|json:php+unicode+slashes}}}',
        '{{"api_key":{key_id|json:php+unicode+slashes+lines},"timestamp":{timestamp},"nonce_str":{nonce|json:php+unicode+slashes+lines},"url":{target|json:php+unicode+slashes+lines},"method":{method|json:php+unicode+slashes+lines},"body":{body|json:php+unicode+slashes+lines}}}',
        ]
        signed = "{content|md5|hex}"
    timestamp-nonce-body:
        signature = "{header:Acme-Signature|unbase64}"
        timestamp = "{header:Acme-Timestamp}"
        nonce = "{header:Acme-Nonce|max:128}"
        key_id = "{header:Acme-Key-Id}"
        event = "{field:event_type}"
        content = "{timestamp}\n{nonce}\n{body}\n"
    xml:
        signature = "{xml:sign|unbase64}"
        event = "{xml:'trade:status'}"
        content = "{fields}"
        fields = { from = "xml", leave_out = ["sign"], empty = "leave-out", order = "bytes", pair = "{name}={value}", between = "&" }
    "##);
}
