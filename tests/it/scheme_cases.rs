//! `countersign scheme test`: cases of schemes, signed by OpenSSL, and what the command says of them.

use std::fs;
use std::process::{Command, Output, Stdio};

use insta::assert_snapshot;
use serde_json::Value;

use crate::config_files::Files;
use crate::openssl;

const SECRET: &str = "a secret for tests";
const BODY: &str = r#"{"id":7,"sum":"10.00"}"#;
const TIME: u32 = 1_782_907_200;

const SCHEME: &str = r#"
[[scheme]]
name = "acme"
algorithm = "hmac-sha256"
signature = "{header:Acme-Signature|pairs:,|all:v1|unhex}"
timestamp = "{header:Acme-Signature|pairs:,|one:t}"
content = "{timestamp}.{body}"
identity = ["/id"]
max_age = "5m"
"#;

/// The HMAC-SHA256 under [`SECRET`], in hexadecimal.
fn hmac(content: &str) -> String {
    let arguments = ["dgst", "-sha256", "-hmac", SECRET, "-r"];
    let out = openssl::run(".".as_ref(), &arguments, content.as_bytes());
    let out = String::from_utf8(out).unwrap();
    out.split_whitespace().next().unwrap().to_owned()
}

/// A signed request as a case, with further lines.
fn case(name: &str, lines: &str) -> String {
    let signature = hmac(&format!("{TIME}.{BODY}"));
    format!(
        "\n[[scheme.case]]\nname = \"{name}\"\nheaders = {{ Content-Type = \"application/json\", \
         Acme-Signature = \"t={TIME},v1={signature}\" }}\n{lines}\n"
    )
}

/// The rest of a case that passes.
fn rest() -> String {
    format!("body = '{BODY}'\nsecret = \"{SECRET}\"\nat = {TIME}")
}

fn run(files: &Files, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["scheme", "test"])
        .args(arguments)
        .current_dir(files.path())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// Runs the cases in this text.
fn tested(text: &str) -> (Option<i32>, String, String) {
    let files = Files::new();
    files.write("a.toml", text);
    run(&files, &["a.toml"])
}

#[test]
fn a_case_that_passes_is_a_line() {
    let text = format!(
        "{SCHEME}{}{}",
        case(
            "an example",
            &format!("{}\ncontent = '{TIME}.{BODY}'\nidentity = [\"7\"]", rest())
        ),
        case(
            "ten minutes later",
            &rest().replace(
                &format!("at = {TIME}"),
                "at = 2026-07-01T12:10:00Z\nexpect = \"timestamp_stale\""
            )
        ),
    );
    let (code, out, err) = tested(&text);
    assert_snapshot!(out, @r"
    a.toml: acme
      ok      an example
      ok      ten minutes later
    2 cases: 2 passed, 0 failed
    ");
    assert_eq!((code, err.as_str()), (Some(0), ""));
}

#[test]
fn a_case_that_fails_shows_what_came_out_and_where_the_contents_differ() {
    let text = format!(
        "{SCHEME}{}{}{}{}{}",
        case(
            "a line end in the body",
            &rest()
                .replace(",\"sum", ",\\n\"sum")
                .replace("body = '", "body = \"\"\"")
                .replace("}'\n", "}\"\"\"\n")
                .replace("'", "\"")
        ),
        case(
            "another key",
            &format!(
                "{}\ncontent = '{TIME}.{BODY}'",
                rest().replace(SECRET, "another secret")
            )
        ),
        case("not decoded", &rest()).replace("v1=", "v1=00"),
        case(
            "is refused",
            &format!("{}\nexpect = \"content_type_not_json\"", rest())
        ),
        case(
            "another content",
            &format!("{}\ncontent = '{TIME}\t{BODY}'\nidentity = [\"8\"]", rest())
        ),
    );
    let (code, out, err) = tested(&text);
    assert_snapshot!(out, @r##"
    a.toml: acme
      FAILED  a line end in the body
              expected  verified
              came out  signature_mismatch
              content   1782907200.{"id":7,\n"sum":"10.00"}
              why       Line ends in the body were converted or removed. [body_line_ends]
                        it fits if line ends in the body are taken away (a change in front of the proxy)
              to do     Forward the body byte for byte: something converts its line ends, such as a text mode, an editor, or `curl -d @file` (use `--data-binary`).
      FAILED  another key
              expected  verified
              came out  signature_mismatch
              content   1782907200.{"id":7,"sum":"10.00"}
              hint      the content is right: the key is another one, or `algorithm` or `signed`
      FAILED  not decoded
              expected  verified
              came out  signature_wrong_length
              hint      no key of the case makes signatures of this length: does `signature` decode it, with `unhex` or `unbase64`?
      FAILED  is refused
              expected  content_type_not_json
              came out  verified
              content   1782907200.{"id":7,"sum":"10.00"}
      FAILED  another content
              content   1782907200.{"id":7,"sum":"10.00"}
              expected  1782907200\t{"id":7,"sum":"10.00"}
                                  ^ byte 10
              identity  ["7"]
              expected  ["8"]
    5 cases: 0 passed, 5 failed
    "##);
    assert_eq!((code, err.as_str()), (Some(1), ""));
}

/// What the signature does not cover is named, and is no failure.
#[test]
fn bytes_that_nobody_signed_are_named() {
    let text = format!(
        r#"
[[scheme]]
name = "fields"
algorithm = "hmac-sha256"
signature = "{{header:X-Sign|unhex}}"
content = "{{form:id}}&{{form:sum}}"
ambiguous_join = true

[[scheme.case]]
name = "a form"
target = "/callback?shop=1"
headers = {{ Content-Type = "application/x-www-form-urlencoded", X-Sign = "{}", X-Other = "a" }}
body = "id=7&status=paid&sum=10.00"
secret = "{SECRET}"
"#,
        hmac("7&10.00")
    );
    let (code, out, err) = tested(&text);
    assert_snapshot!(out, @r##"
    a.toml: fields
      ok      a form
              marked    ambiguous: its values touch
              unsigned  body, bytes 5 to 10: status
              unsigned  body, bytes 12 to 15: paid
    1 case: 1 passed, 0 failed
    "##);
    assert_eq!((code, err.as_str()), (Some(0), ""));
}

#[test]
fn programs_get_an_object_a_case() {
    let files = Files::new();
    let wrong = case("b", &rest().replace(SECRET, "another secret"));
    files.write("a.toml", format!("{SCHEME}{}{wrong}", case("a", &rest())));
    let (code, out, err) = run(&files, &["--json", "a.toml"]);
    let told: Vec<Value> = out.lines().map(|line| line.parse().unwrap()).collect();
    let [passed, failed] = told.as_slice() else {
        panic!("{out}");
    };
    assert_eq!(passed["ok"], true);
    assert_eq!(passed["content"], format!("{TIME}.{BODY}"));
    assert_eq!(passed["identity"][0], "7");
    assert_eq!(passed["unnoticed"], Value::Array(Vec::new()));
    assert_eq!(failed["file"], "a.toml");
    assert_eq!(failed["case"], "b");
    assert_eq!(failed["failed"][0], "result");
    assert_eq!(failed["result"], "signature_mismatch");
    assert_eq!((code, err.as_str()), (Some(1), ""));
}

/// What every client adds to a request need not be written; what only the provider knows must be.
#[test]
fn a_case_has_the_length_of_its_body_and_says_its_host() {
    let with = |headers: &str| {
        let sign = hmac(&format!("shop.example {}\n{BODY}", BODY.len()));
        format!(
            "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\n\
             signature = \"{{header:X-Sign|unhex}}\"\n\
             content = \"{{host}} {{header:Content-Length}}\\n{{body}}\"\n\
             require = {{ \"{{host}}\" = \"[a-z.]+\" }}\n\n[[scheme.case]]\nname = \"a\"\n\
             headers = {{ {headers}X-Sign = \"{sign}\" }}\nbody = '{BODY}'\nsecret = \"{SECRET}\"\n"
        )
    };
    let (code, out, err) = tested(&with("Host = \"shop.example\", "));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let (code, _, err) = tested(&with(""));
    assert!(err.contains("needs the header `Host`"), "{err}");
    assert_eq!(code, Some(1));
}

/// A long body takes as long to be verified as to be changed: of one ten times as long, a tenth is.
#[test]
fn of_a_long_body_bytes_at_regular_distances_are_changed() {
    let changed = |length: usize| {
        let body = "x".repeat(length);
        let sign = hmac(&body);
        let files = Files::new();
        files.write(
            "a.toml",
            format!(
                "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\n\
                 signature = \"{{header:X-Sign|unhex}}\"\ncontent = \"{{body}}\"\n\n\
                 [[scheme.case]]\nname = \"a\"\nheaders = {{ X-Sign = \"{sign}\" }}\n\
                 body = \"{body}\"\nsecret = \"{SECRET}\"\n"
            ),
        );
        let (code, out, err) = run(&files, &["--json", "a.toml"]);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
        let told: Value = out.parse().unwrap();
        usize::try_from(told["changed_bytes"].as_u64().unwrap()).unwrap()
    };
    assert_eq!(changed(100), 164);
    for length in [100_000, 900_000] {
        let changed = changed(length);
        assert!(changed >= 30, "{changed}");
        assert!(changed * length <= 40 << 20, "{changed}");
    }
}

/// The label of the body, `require`, an expiry: each is judged as by the proxy.
#[test]
fn a_case_is_judged_as_a_callback() {
    let scheme = format!("{SCHEME}require = {{ \"{{field:sum}}\" = '[0-9]+\\.[0-9]{{2}}' }}\n");
    let twice = rest().replace("\"id\":7", "\"id\":7,\"id\":8");
    let signed_twice = hmac(&format!(
        "{TIME}.{}",
        BODY.replace("\"id\":7", "\"id\":7,\"id\":8")
    ));
    let signature = hmac(&format!("{TIME}.{BODY}"));
    let all = [
        case("require", &rest().replace("10.00", "10")).replace(
            "[[scheme.case]]",
            "[[scheme.case]]\nexpect = \"value_unexpected\"",
        ),
        case("label", &rest())
            .replace("application/json", "application/x-www-form-urlencoded")
            .replace(
                "[[scheme.case]]",
                "[[scheme.case]]\nexpect = \"content_type_not_json\"",
            ),
        case("twice", &twice)
            .replace(&signature, &signed_twice)
            .replace(
                "[[scheme.case]]",
                "[[scheme.case]]\nexpect = \"field_repeated\"",
            ),
        case("two spellings", &rest())
            .replace(
                "Acme-Signature =",
                "Acme_Signature = \"x\", Acme-Signature =",
            )
            .replace(
                "[[scheme.case]]",
                "[[scheme.case]]\nexpect = \"header_repeated\"",
            ),
        case("header twice", &rest())
            .replace("Acme-Signature = \"", "Acme-Signature = [\"x\", \"")
            .replace("\" }", "\"] }")
            .replace(
                "[[scheme.case]]",
                "[[scheme.case]]\nexpect = \"signature_repeated\"",
            ),
    ];
    let (code, out, err) = tested(&format!("{scheme}{}", all.concat()));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.ends_with("5 cases: 5 passed, 0 failed\n"), "{out}");
}

#[test]
fn what_cannot_be_tested_is_said_and_fails() {
    let files = Files::new();
    files.write("none.toml", SCHEME);
    files.write("key.toml", "[[key]]\nid = \"k\"\nfile = \"k.pem\"\n");
    files.write("good.toml", format!("{SCHEME}{}", case("a", &rest())));
    files.write(
        "bad.toml",
        format!(
            "{}{}",
            SCHEME.replace("{body}", "{bdoy}"),
            case("a", &rest())
        ),
    );
    let all = [
        "none.toml",
        "key.toml",
        "missing.toml",
        ".",
        "bad.toml",
        "good.toml",
    ];
    let (code, out, err) = run(&files, &all);
    assert_snapshot!(err, @r##"
    countersign: none.toml has no case: add `[[scheme.case]]` behind a scheme
    error: no scheme
      --> key.toml
       = note: there is no `[[scheme]]` in it
       = help: name the file that has the scheme

    countersign: cannot read missing.toml: No such file or directory (os error 2)
    countersign: cannot read .: Is a directory (os error 21)
    error: invalid expression
     --> bad.toml:7:25
      |
    7 | content = "{timestamp}.{bdoy}"
      |                         ^^^^ there is no source `bdoy`
      |
      = help: did you mean `body`?
    "##);
    // The rest is run nevertheless.
    assert!(
        out.ends_with("good.toml: acme\n  ok      a\n1 case: 1 passed, 0 failed\n"),
        "{out}"
    );
    assert_eq!(code, Some(1));
    let (code, _, err) = run(&files, &[]);
    assert!(
        err.contains("Usage: countersign scheme test <FILE>..."),
        "{err}"
    );
    assert_eq!(code, Some(2));
    let scheme = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("scheme")
        .output()
        .unwrap();
    let help = String::from_utf8(scheme.stderr).unwrap();
    assert!(
        help.contains("Usage: countersign scheme <COMMAND>"),
        "{help}"
    );
    assert_eq!(scheme.status.code(), Some(2));
}

/// A key that cannot be read is no matter for whoever serves: it is not looked at.
#[test]
fn keys_of_cases_are_read_by_this_command_alone() {
    let files = Files::new();
    let named = rest().replace(
        &format!("secret = \"{SECRET}\""),
        "keys = { k2 = { public_key = \"no key\" } }\nbody_file = \"missing\"",
    );
    let named = named.replace(&format!("body = '{BODY}'\n"), "");
    let scheme = format!("{SCHEME}{}", case("a", &named));
    let route = "\n[[route]]\nname = \"s\"\npath = \"/s\"\nscheme = \"acme\"\nkeys = [\"k2\"]\nupstream = \"echo\"\n";
    let config = |more: &str| {
        format!(
            "{}{scheme}{more}",
            crate::config_files::smallest("127.0.0.1:0")
        )
    };
    files.write_key("k.pem");
    // No route gets at it.
    let report = files.load(&config(route)).unwrap_err().to_string();
    assert!(report.contains("there is no key `k2`"), "{report}");
    let loaded = files.load(&config("")).unwrap();
    assert_eq!(
        loaded.warnings.diagnostics().len(),
        1,
        "{:?}",
        loaded.warnings
    );
    // In a whole configuration, nothing but the schemes is looked at: neither the key nor its file.
    fs::remove_file(files.path().join("k.pem")).unwrap();
    let (code, out, err) = run(&files, &["c.toml"]);
    assert_snapshot!(err, @r##"
    error: invalid key
      --> c.toml:26:17
       |
    26 | keys = { k2 = { public_key = "[...]" } }
       |                 ^^^^^^^^^^ neither PEM, DER, base64 of DER, a JWK, nor an Ed25519 key in hex or base64
       |
       = help: write the key itself, not the name of its file: PEM, its one line of base64, or a JWK

    error: cannot read the file
      --> c.toml:27:13
       |
    27 | body_file = "missing"
       |             ^^^^^^^^^ `missing`: No such file or directory (os error 2)
       |
       = help: correct the path; it is relative to the file that contains it
    "##);
    assert_eq!((code, out.as_str()), (Some(1), ""));
}

#[test]
fn a_key_that_the_scheme_cannot_use_is_refused() {
    let files = Files::new();
    let public = fs::read_to_string("conf/keys/cheezeepay.pem").unwrap();
    let wrong_kind = rest().replace(
        &format!("secret = \"{SECRET}\""),
        &format!("public_key = '''\n{public}'''"),
    );
    let masked = rest().replace(SECRET, "[...]");
    let scheme = SCHEME.replace("{timestamp}.{body}", "{timestamp}.{body}.{secret:other}");
    files.write(
        "a.toml",
        format!("{SCHEME}{}{}", case("a", &wrong_kind), case("b", &masked)),
    );
    files.write("b.toml", format!("{scheme}{}", case("a", &rest())));
    let (code, out, err) = run(&files, &["a.toml", "b.toml"]);
    assert_snapshot!(err, @r##"
    error: unsuitable key
      --> a.toml:15:1
       |
    15 | public_key = '''
       | ^^^^^^^^^^ this is a key of the kind RSA, but `hmac-sha256` needs one of the kind secret
       |
       = help: write a key of the right kind, or another `algorithm`

    error: no secret
      --> a.toml:32:1
       |
    32 | secret = "[...]"
       | ^^^^^^ this is what `-T` prints in place of a secret
       |
       = help: enter the secret again

    error: missing key
      --> b.toml:11:1
       |
    11 | [[scheme.case]]
       | ^^^^^^^^^^^^^^^ the scheme uses `{secret:other}`, which the case does not have
       |
       = help: add `secrets = { other = "..." }`
    "##);
    assert_eq!((code, out.as_str()), (Some(1), ""));
}

/// The header that names the key picks it, as a route's table of keys does.
#[test]
fn several_keys_are_told_apart_by_what_names_them() {
    let scheme = SCHEME.replace("max_age", "key_id = \"{header:Acme-Key}\"\nmax_age");
    let keys = |first: &str, second: &str| {
        rest().replace(
            &format!("secret = \"{SECRET}\""),
            &format!(
                "keys = {{ one = {{ secret = \"{first}\" }}, two = {{ secret = \"{second}\" }} }}"
            ),
        )
    };
    let of = |key: &str, keys: String, expect: &str| {
        case(
            &format!("{key} {expect}"),
            &format!("{keys}\nexpect = \"{expect}\""),
        )
        .replace(
            "Acme-Signature =",
            &format!("Acme-Key = \"{key}\", Acme-Signature ="),
        )
    };
    let text = format!(
        "{scheme}{}{}{}",
        of("one", keys(SECRET, "other"), "verified"),
        of("two", keys(SECRET, "other"), "signature_mismatch"),
        of("three", keys(SECRET, "other"), "key_unknown"),
    );
    let (code, out, err) = tested(&text);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
}

#[test]
fn included_files_and_bodies_in_files_are_found_from_where_they_are_named() {
    let files = Files::new();
    let in_file = rest().replace(&format!("body = '{BODY}'"), "body_file = \"bodies/a.json\"");
    files.write("more/a.toml", format!("{SCHEME}{}", case("a", &in_file)));
    files.write("more/bodies/a.json", BODY);
    files.write("c.toml", "include = \"more\"\n");
    let (code, out, err) = run(&files, &["c.toml"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
}

#[test]
fn a_closed_pipe_ends_it_without_a_word() {
    let files = Files::new();
    let cases: Vec<String> = (0..200)
        .map(|nth| case(&nth.to_string(), &rest()))
        .collect();
    files.write("a.toml", format!("{SCHEME}{}", cases.concat()));
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["scheme", "test", "a.toml"])
        .current_dir(files.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_dump_masks_the_secrets_of_cases_and_is_valid() {
    let files = Files::new();
    files.write_key("k.pem");
    let keys = rest().replace(
        &format!("secret = \"{SECRET}\""),
        &format!(
            "keys = {{ one = {{ secret = \"{SECRET}\" }} }}\nsecrets = {{ two = \"{SECRET}\" }}"
        ),
    );
    let text = format!(
        "{}{SCHEME}{}{}",
        crate::config_files::smallest("127.0.0.1:0"),
        case("a", &rest()),
        case("b", &keys)
    );
    let dump = crate::dump::round_trip(&files.write("c.toml", text));
    assert!(dump.contains("case = [{ name = \"a\", "), "{dump}");
    assert!(!dump.contains(SECRET), "{dump}");
    // What was signed stays as it is: it may look like a secret.
    let body = r#"body = "{\"id\":7,\"sum\":\"10.00\"}", secret = "[...]""#;
    assert!(dump.contains(body), "{dump}");
    assert!(
        dump.contains(&format!("v1={}", hmac(&format!("{TIME}.{BODY}")))),
        "{dump}"
    );
}

/// Cases that other programs signed.
#[test]
fn files_that_ship_with_it_pass_their_cases() {
    let files = [
        "conf/schemes/cheezeepay.toml",
        "conf/schemes/sgate.toml",
        "conf/templates/timestamp-nonce-body.toml",
    ];
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["scheme", "test"])
        .args(files)
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(!out.contains("no case"), "{out}");
}
