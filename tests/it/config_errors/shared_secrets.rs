//! Secrets that both sides know: where they come from, and what is wrong with them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use countersign::config::Input;

use crate::config_files::{Files, relative};

/// A configuration with a scheme for secrets and one key with these lines.
fn text(key: &str) -> String {
    format!(
        r#"
[[listener]]
address = "127.0.0.1:0"

[[key]]
id = "k"
{key}

[[scheme]]
name = "shop"
algorithm = "hmac-sha256"
signature = "{{header:X-Signature|unbase64}}"
content = "{{body}}"
not_covered = ["query"]

[[route]]
name = "r"
path = "/"
scheme = "shop"
keys = ["k"]
upstream = "echo"
"#
    )
}

/// Where it is refused, the report; otherwise its warnings.
fn problems(files: &Files, key: &str) -> String {
    match files.load(&text(key)) {
        Ok(loaded) => relative(&loaded.warnings, files),
        Err(report) => relative(&report, files),
    }
}

/// What `-t` prints.
fn tested(files: &Files, key: &str) -> String {
    let file = files.write("c.toml", text(key));
    let mut out = Vec::new();
    countersign::cli::test_config::test(&Input::from(file.as_path()), false, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_secret_in_a_file_is_taken_without_one_line_end_and_dash_t_says_so() {
    let files = Files::new();
    for (contents, is_cut) in [
        ("a secret of 21 bytes.", false),
        ("a secret of 21 bytes.\n", true),
        ("a secret of 21 bytes.\r\n", true),
    ] {
        files.write_secret("s", contents);
        let loaded = files.load(&text("secret_file = \"s\"")).unwrap();
        assert!(loaded.warnings.is_empty(), "{contents:?}");
        assert!(loaded.config.holds_secrets());
        let mut keys = loaded.config.routes[0].policy.keys.all();
        let secret = keys.next().unwrap().secret().unwrap();
        assert_eq!(secret.text(), Some("a secret of 21 bytes."));
        let out = tested(&files, "secret_file = \"s\"");
        let note = "the line end at the end of the file is no part of the secret of `k`";
        assert_eq!(out.contains(note), is_cut, "{out}");
    }
    files.write_secret("s", "a secret of 21 bytes.\n\n");
    let loaded = files.load(&text("secret_file = \"s\"")).unwrap();
    let secret = loaded.config.routes[0].policy.keys.all().next().unwrap();
    assert_eq!(
        secret.secret().unwrap().text(),
        Some("a secret of 21 bytes.\n")
    );
}

#[test]
fn a_short_secret_and_one_in_the_configuration_are_warned_of_and_can_be_accepted() {
    let files = Files::new();
    files.write_secret("s", "hunter2\n");
    let short = problems(&files, "secret_file = \"s\"");
    assert!(
        short.contains("warning[short_secret]: short secret"),
        "{short}"
    );
    let inline = problems(&files, "secret = \"hunter2hunter2hunter2\"");
    assert!(
        inline.contains("warning[secret_in_configuration]"),
        "{inline}"
    );
    for shown in [&short, &inline] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let accepted = format!(
        "accept_warnings = [\"short_secret\", \"secret_in_configuration\"]\n{}",
        text("secret = \"hunter2\"")
    );
    assert!(files.load(&accepted).unwrap().warnings.is_empty());
}

#[test]
fn a_secret_with_what_copying_it_added_is_warned_of() {
    let files = Files::new();
    for (contents, why) in [
        ("a secret of 21 bytes.", ""),
        ("a secret of 21 bytes.\r\n", ""),
        ("a secret of 21 bytes.\n\n", "it ends with white space"),
        ("a secret of 21 bytes. \n", "it ends with white space"),
        ("a secret of 21 bytes\u{a0}", "it ends with white space"),
        ("\ta secret of 21 bytes.", "it begins with white space"),
        (
            "a secret\tof 21 bytes.",
            "it contains a character that cannot be seen",
        ),
        (
            "a secret of 21 bytes.\u{200b}",
            "it contains a character that cannot be seen",
        ),
    ] {
        files.write_secret("s", contents);
        let report = problems(&files, "secret_file = \"s\"");
        assert_eq!(report.is_empty(), why.is_empty(), "{contents:?}: {report}");
        assert!(report.contains(why), "{contents:?}: {report}");
        let name = "warning[stray_character_in_secret]: stray character in a secret";
        assert!(why.is_empty() || report.contains(name), "{report}");
    }
}

#[test]
fn a_secret_in_place_of_a_public_key_is_told_where_it_belongs() {
    let files = Files::new();
    files.write_secret("x.secret", "a secret of 21 bytes.");
    for file in ["x.secret", "none.secret", "a-secret-of-21-bytes"] {
        let report = problems(&files, &format!("file = \"{file}\""));
        assert!(report.contains("error: "), "{report}");
        assert!(report.contains("`secret_file`"), "{report}");
    }
}

#[test]
fn a_credential_that_is_not_there_is_not_named() {
    let files = Files::new();
    files.write_secret("credentials/shop", "a secret of 21 bytes.");
    let file = files.write("c.toml", text("credential = \"Hunter2Hunter2xx\""));
    let test = |file: &std::path::Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(["-t", "-c"])
            .arg(file)
            .env("CREDENTIALS_DIRECTORY", files.path().join("credentials"))
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let said = test(&file);
    assert!(said.contains("error: missing credential"), "{said}");
    assert!(said.contains("it passes `shop`"), "{said}");
    assert!(!said.contains("Hunter2"), "{said}");
    let file = files.write("c.toml", text("credential = \"shop\"\nlegacy = true"));
    let said = test(&file);
    assert!(said.contains("needless_setting"), "{said}");
}

#[test]
fn a_secret_that_others_can_read_or_change_is_refused() {
    let files = Files::new();
    let file = files.write_secret("s", "a secret of 21 bytes.");
    for (mode, why) in [
        (
            0o604,
            "everybody on this machine can read the secret in `s`",
        ),
        (0o602, "everybody on this machine can write to `s`"),
    ] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let report = problems(&files, "secret_file = \"s\"");
        assert!(
            report.contains("error: unsafe file") && report.contains(why),
            "{report}"
        );
    }
}

#[test]
fn what_is_no_secret_is_refused() {
    let files = Files::new();
    for (contents, title) in [
        (&b""[..], "empty secret"),
        (b"\n", "empty secret"),
        (b" \t\n", "empty secret"),
        (b"\xff\xfe\xfd a secret of some bytes", "invalid secret"),
        (
            b"-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----\n",
            "no secret",
        ),
        // As platforms show them to copy.
        (
            b"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n",
            "no secret",
        ),
        (
            br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            "no secret",
        ),
        (
            b"whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            "no secret",
        ),
    ] {
        files.write_secret("s", contents);
        let report = problems(&files, "secret_file = \"s\"");
        assert!(report.contains(&format!("error: {title}")), "{report}");
    }
    for (line, title) in [
        ("secret = \"\"", "empty secret"),
        ("secret = \"[...]\"", "no secret"),
        ("secret_file = \"none.txt\"", "cannot read the file"),
        ("secret_env = \"NO_SUCH_SECRET\"", "missing variable"),
        ("credential = \"../s\"", "invalid name"),
        ("credential = \"s\"", "missing credential"),
        ("secret = 7723492", "wrong type"),
        (
            "secret_file = \"s\"\nsecret_env = \"S\"",
            "conflicting keys",
        ),
        ("secret = \"a\"\npublic_key = \"b\"", "conflicting keys"),
        ("", "missing key"),
    ] {
        let report = problems(&files, line);
        assert!(
            report.contains(&format!("error: {title}")),
            "{line}: {report}"
        );
        assert!(!report.contains("7723492"), "{report}");
    }
}

/// Anybody has the platform's public key: an HMAC under it would prove nothing.
#[test]
fn a_public_key_is_no_secret_and_a_secret_no_public_key() {
    let files = Files::new();
    files.write_key("k.pem");
    let report = problems(&files, "file = \"k.pem\"");
    let why = "the key `k` is a public key of the kind RSA, but `hmac-sha256` needs a secret";
    assert!(report.contains(why), "{report}");
    files.write_secret("s", "a secret of 21 bytes.");
    let rsa = text("secret_file = \"s\"").replace("hmac-sha256", "rsa-sha256");
    let report = files.load(&rsa).unwrap_err();
    let report = relative(&report, &files);
    let why = "the key `k` is a secret, but `rsa-sha256` needs a public key of the kind RSA";
    assert!(report.contains(why), "{report}");
    files.write(
        "oct.json",
        r#"{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQ"}"#,
    );
    let report = problems(&files, "file = \"oct.json\"");
    assert!(report.contains("this JWK is a secret"), "{report}");
    assert!(!report.contains("c2Vj"), "{report}");
}

#[test]
fn the_command_line_takes_no_secret() {
    let files = Files::new();
    files.write_secret("s", "a secret of 21 bytes.");
    let file = files.write("c.toml", text("secret_file = \"s\""));
    for set in ["key.k.secret=hunter2", "key.k.secret=\"hunter2\""] {
        let input = Input {
            file: file.clone(),
            overrides: vec![set.to_owned()],
        };
        let report = input.load().unwrap_err().to_string();
        assert!(
            report.contains("error: secret on the command line"),
            "{report}"
        );
        assert!(!report.contains("hunter2"), "{report}");
    }
}

#[test]
fn a_dump_shows_no_secret_and_is_refused_instead_of_taken_with_the_mask() {
    let files = Files::new();
    let file = files.write("c.toml", text("secret = \"hunter2hunter2hunter2\""));
    let (_, dump) = Input::from(file.as_path()).load_and_dump().unwrap();
    assert!(!dump.contains("hunter2"), "{dump}");
    assert!(dump.contains("secret = \"[...]\""), "{dump}");
    let file = files.write("dump.toml", dump);
    let report = Input::from(file.as_path()).load().unwrap_err().to_string();
    assert!(report.contains("error: no secret"), "{report}");
}
