//! Secrets in the wrong place or next to another mistake. No report shows them.

use countersign::config::Input;

use super::{files, overridden, report};
use crate::config_files::relative;

/// A short secret that is not a name of anything.
const SECRET: &str = "hunter2";

/// Checks that each report has an error but does not show the secret.
fn check(text: &str, report: &str) {
    assert!(report.contains("error: "), "{text}: {report}");
    assert!(!report.contains(SECRET), "{text}: {report}");
    assert!(report.contains("[...]"), "{text}: {report}");
}

#[test]
fn a_secret_is_shown_in_no_report_however_short() {
    let redis = |lines: &str| format!("[once]\nstore = \"redis\"\n[once.redis]\n{lines}\n");
    let servers = "servers = [\"redis://a\"]";
    let key = |lines: &str| format!("[[decryption_key]]\nid = \"k\"\n{lines}\n");
    let tls = |key: &str| {
        format!(
            "[[listener]]\naddress = \"127.0.0.2:0\"\n\
             tls = {{ certificates = [{{ cert = \"good.pem\", key = {key} }}] }}\n"
        )
    };
    let upstream = |servers: &str| format!("[[upstream]]\nname = \"u\"\nservers = {servers}\n");
    for text in [
        // Instead of the name of a file or variable.
        redis(&format!("{servers}\npassword_file = \"hunter2\"")),
        redis(&format!("{servers}\npassword_file = 'hunter2'")),
        redis(&format!(
            "{servers}\npassword_file = \"\"\"\nhunter2\nhunter2\"\"\""
        )),
        redis(&format!("{servers}\npassword_file = \"b/hunter2+/A=\"")),
        redis(&format!("{servers}\nsentinel_password_file = \"hunter2\"")),
        redis(&format!(
            "{servers}\ncert = \"good.pem\"\nkey = \"hunter2\""
        )),
        key("file = \"hunter2\"\nencoding = \"text\""),
        key("env = \"hunter2\"\nencoding = \"text\""),
        key("env = \"A=hunter2\""),
        key("env = \"AB0123456789CDEFhunter2\""),
        tls("\"hunter2\""),
        tls("\"-----BEGIN PRIVATE KEY-----\\nhunter2\\n-----END PRIVATE KEY-----\""),
        // A secret itself.
        key("secert = \"hunter2\"").replace("decryption_key", "key"),
        key("secret_file = \"hunter2\"").replace("decryption_key", "key"),
        key("secret = hunter2").replace("decryption_key", "key"),
        key("secret = [\"hunter2\"]").replace("decryption_key", "key"),
        // In a URL.
        redis("servers = [\"redis://:hunter2@a\"]"),
        redis("servers = [\"redis://u:hun/hunter2#@a\"]"),
        redis("servers = [\"redis://:\\u0068unter2@a\", \"redis://:hunter2\\u0040a\"]"),
        redis("servers = \"redis://:hunter2@a\""),
        upstream("[\"u:hunter2@127.0.0.1:80\"]"),
        upstream("[\"http://u:hunter2@127.0.0.1:80\"]"),
        upstream("[{ address = \"https://u:hunter2@a.invalid:80\" }]"),
        upstream("\"u:hunter2@127.0.0.1:80\""),
        // Of the wrong type.
        redis(&format!("{servers}\npassword_file = [\"hunter2\"]")),
        redis(&format!("{servers}\npassword_file = {{ a = \"hunter2\" }}")),
        // Under the wrong key.
        redis(&format!("{servers}\npasswordfile = \"hunter2\"")),
        "[once]\npassword_file = \"hunter2\"\n".to_owned(),
        key("fiel = \"hunter2\""),
        // Next to another mistake.
        "[once]\nredis = { servers = [\"redis://:hunter2@a\"], prefx = \"p\" }\n".to_owned(),
        "[once]\nredis = { password_file = \"hunter2\", prefx = \"p\" }\n".to_owned(),
        // In invalid TOML.
        redis(&format!("{servers}\npassword_file = hunter2")),
        redis(&format!("{servers}\npassword_file = \"hunter2")),
        redis(&format!("{servers}\npassword_file = \"hunter2\" x")),
        redis(&format!("{servers}\npassword_file = hunter2\"")),
        key("file = hunter2"),
        "[once]\nredis = { password_file = \"hunter2\", prefix = p }\n".to_owned(),
        "[once]\nredis = { servers = [\"redis://:hunter2@a\", }\n".to_owned(),
    ] {
        check(&text, &report(&text));
    }
    let number = report(&redis(&format!("{servers}\npassword_file = 7723492")));
    assert!(!number.contains("7723492"), "{number}");
    let unclosed = format!("{servers}\npassword_file = \"\"\"\nhunter2");
    let unclosed = report(&redis(&unclosed));
    assert!(!unclosed.contains(SECRET), "{unclosed}");
}

#[test]
fn a_secret_given_instead_of_its_file_name_is_recognised() {
    let pem = |label: &str| {
        format!("\"\"\"\n-----BEGIN {label}-----\nhunter2\n-----END {label}-----\n\"\"\"")
    };
    let tls = |cert: &str, key: &str| {
        format!(
            "[[listener]]\naddress = \"127.0.0.2:0\"\n[listener.tls]\n\
             [[listener.tls.certificates]]\ncert = {cert}\nkey = {key}\n"
        )
    };
    let password = "hunter2".repeat(10);
    let redis = format!(
        "[once]\nredis = {{ servers = [\"redis://a\"], password_file = \"{password}\" }}\n"
    );
    for (text, title, why) in [
        (
            tls("\"good.pem\"", &pem("PRIVATE KEY")),
            "secret in the configuration",
            "this is a key",
        ),
        (
            redis,
            "secret in the configuration",
            "looks like a password",
        ),
        (
            tls(&pem("CERTIFICATE"), "\"none.key\""),
            "cannot read the file",
            "looks like a certificate",
        ),
    ] {
        let report = report(&text);
        assert!(report.contains(title) && report.contains(why), "{report}");
        assert!(!report.contains(SECRET), "{report}");
    }
}

/// Replaces each character of a line that holds a secret, except the secret itself and its key.
#[test]
fn a_syntax_error_beside_a_secret_does_not_reveal_it() {
    const LINE: &str = "redis = { servers = [\"redis://:hunter2@a\"], password_file = \"hunter2\", prefix = \"p\" } # x";
    let kept = ["://:hunter2@", "password_file = \"hunter2\""].map(|part| {
        let start = LINE.find(part).unwrap();
        start..start + part.len()
    });
    let files = files();
    for at in (0..LINE.len()).filter(|at| kept.iter().all(|kept| !kept.contains(at))) {
        for strange in ["\"", "'", "=", "\n", "x", "{", "]", ""] {
            let (before, behind) = (&LINE[..at], &LINE[at + 1..]);
            let text = format!("[once]\n{before}{strange}{behind}\n{}", super::REST);
            if let Err(report) = files.load(&text) {
                let report = report.to_string();
                assert!(!report.contains(SECRET), "{text}: {report}");
            }
        }
    }
}

#[test]
fn a_secret_that_the_command_line_sets_is_shown_in_no_report() {
    for sets in [
        &["once.redis.password_file=hunter2"][..],
        &["once.redis.password_file=\"hunter2\""],
        &["once.redis.password_file=\"hunter2"],
        &["once.redis.servers=[\"redis://:hunter2@a\"]"],
        &["once.redis.servers=redis://:hunter2@a"],
        &["once.redis.passwordfile=hunter2"],
    ] {
        let all: Vec<&str> = ["once.store=redis"].iter().chain(sets).copied().collect();
        check(&format!("{sets:?}"), &overridden(&all));
    }
}

#[test]
fn the_name_of_a_file_with_a_secret_is_shown() {
    let files = files();
    files.write_secret("a-password", "x\n");
    files.write("keys/good.pem", "");
    let shown = |line: &str, shown: &str| {
        let text = format!("[once]\nredis = {{ servers = [\"redis://a\"], {line}, prefx = 1 }}\n");
        let report = files.load(&format!("{text}{}", super::REST)).unwrap_err();
        let report = relative(&report, &files);
        assert!(report.contains(shown), "{report}");
        assert!(!report.contains("[...]"), "{report}");
    };
    shown("password_file = \"a-password\"", "\"a-password\"");
    shown("password_file = \"none.txt\"", "`none.txt`");
    shown("password_file = \"keys/none\"", "`keys/none`");
    shown("password_file = \"/etc/none\"", "`/etc/none`");
}

#[test]
fn a_dump_names_the_files_of_secrets() {
    let files = files();
    files.write_secret("a-password", "x\n");
    let text = "[once]\nstore = \"redis\"\nredis = { servers = [\"redis://a\"] }\n";
    let input = Input {
        file: files.write("c.toml", format!("{text}{}", super::REST)),
        overrides: vec!["once.redis.password_file=a-password".to_owned()],
    };
    let (_, dump) = input.load_and_dump().unwrap();
    let directory = files.path().canonicalize().unwrap();
    for line in [
        "# command line: --set once.redis.password_file=a-password\n".to_owned(),
        format!("password_file = \"{}/a-password\"", directory.display()),
    ] {
        assert!(dump.contains(&line), "{dump}");
    }
}
