//! Reports on bad configurations, each shown in full as the operator sees it.

mod accepted;
mod access;
mod addresses;
mod admin;
mod answers;
mod body_formats;
mod capture;
mod cases;
mod control;
mod decryption;
mod handshakes;
mod headers;
mod includes;
mod joins;
mod key_files;
mod literal_paths;
mod logs;
mod matching;
mod missing_keys;
mod names;
mod once;
mod overrides;
mod probes;
mod process;
mod report_mode;
mod requirements;
mod routes;
mod scheme_hints;
mod schemes;
mod secrets;
mod shared_secrets;
mod success;
mod syntax;
mod tls;
mod uncovered;
mod units;
mod unknown_keys;
mod upstreams;
mod warned;
mod wrong_types;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::OnceLock;

use countersign::config::Input;
use countersign::config::diagnostic::Severity;
use insta::assert_snapshot;

use crate::config_files::{Files, relative};

/// Completes a text to a whole configuration.
const REST: &str = r#"
[[listener]]
address = "127.0.0.1:0"

[[key]]
id = "good"
file = "good.pem"

[[route]]
name = "good"
path = "/good"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#;

/// The report on a text followed by [`REST`].
fn report(text: &str) -> String {
    whole(&format!("{}{REST}", text.trim_start_matches('\n')))
}

/// The report on a valid configuration with these overrides.
fn overridden(overrides: &[&str]) -> String {
    let files = files();
    let input = Input {
        file: files.write("c.toml", REST),
        overrides: overrides.iter().map(|set| (*set).to_owned()).collect(),
    };
    checked(relative(&input.load().unwrap_err(), &files))
}

/// The report on a complete configuration.
fn whole(text: &str) -> String {
    let files = files();
    let report = files.load(text).unwrap_err();
    assert!(report.count(Severity::Error) > 0);
    checked(relative(&report, &files))
}

/// The warnings about a text followed by [`REST`].
fn warnings(text: &str) -> String {
    let files = files();
    let text = format!("{}{REST}", text.trim_start_matches('\n'));
    let loaded = files.load(&text);
    let warnings = loaded.unwrap_or_else(|report| panic!("{report}")).warnings;
    assert_eq!(warnings.count(Severity::Error), 0);
    checked(relative(&warnings, &files))
}

/// Checks that every problem has a place and a hint, and that none shows a key.
fn checked(report: String) -> String {
    for problem in report.split("\n\n") {
        assert!(problem.contains("--> "), "no place: {problem}");
        assert!(problem.contains("= help: "), "no hint: {problem}");
        assert!(!problem.contains("MIIB"), "key material: {problem}");
    }
    report
}

/// Keys that take `openssl` a while to generate.
struct Made {
    private: Vec<u8>,
    legacy: Vec<u8>,
    elliptic: Vec<u8>,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let files = Files::new();
        let generate = |option: &str, algorithm: &str| {
            files.openssl(&["genpkey", "-algorithm", algorithm, "-pkeyopt", option])
        };
        let public = |private: &[u8]| {
            files.write("private.pem", private);
            files.openssl(&["pkey", "-in", "private.pem", "-pubout"])
        };
        Made {
            private: generate("rsa_keygen_bits:2048", "RSA"),
            legacy: public(&generate("rsa_keygen_bits:1024", "RSA")),
            elliptic: public(&generate("ec_paramgen_curve:secp256k1", "EC")),
        }
    })
}

/// The files that the configurations refer to.
fn files() -> Files {
    let files = Files::new();
    files.write_key("good.pem");
    files.write_key("spare.pem");
    files.write(
        "other.pem",
        std::fs::read("conf/keys/sgate-demo.pem").unwrap(),
    );
    let good = std::fs::read_to_string(files.path().join("good.pem")).unwrap();
    let writable = files.write_key("writable.pem");
    std::fs::set_permissions(writable, Permissions::from_mode(0o666)).unwrap();
    let (start, _) = good.split_at(good.len() / 2);
    files.write("cut.pem", start);
    files.write("two.pem", good.repeat(2));
    files.write("text.pem", "hello\n");
    files.write("empty.pem", "\n");
    files.write("large.pem", "A".repeat(70_000));
    files.write("private.pem", &made().private);
    files.write_secret("secret.pem", &made().private);
    files.write("legacy.pem", &made().legacy);
    files.write("ec.pem", &made().elliptic);
    files.write(
        "parts/good.toml",
        "[[key]]\nid = \"part\"\nfile = \"../other.pem\"\n",
    );
    files.write("bad/a.toml", "[[key]]\nid = \"a\nfile = \"../good.pem\"\n");
    files.write("bad/b.toml", "[[key]]\nid = \"b\"\nfile = \"none.pem\"\n");
    files.write(
        "misplaced/a.toml",
        "workers = 2\n\n[[listener]]\naddress = \"127.0.0.1:1\"\n\n[log]\nlevel = \"info\"\n",
    );
    files
}

#[test]
fn a_server_that_has_no_address() {
    // The rest of the message comes from the system resolver and may vary.
    let report = report("[[upstream]]\nname = \"u\"\nservers = [\"a..b:80\"]\n");
    assert!(report.starts_with("error: unknown host\n --> c.toml:3:12\n"));
    assert!(report.contains("`a..b:80` has no address"));
}

#[test]
fn a_file_that_is_no_text() {
    let files = files();
    files.write("binary/a.toml", b"[[key]]\nid = \"\xff\"\n");
    let report = files
        .load(&format!("include = \"binary\"\n{REST}"))
        .unwrap_err();
    assert_snapshot!(relative(&report, &files), @r##"
    error: cannot read the configuration file
     --> binary/a.toml:2:7
      |
    2 | id = "�"
      |       ^ it is not UTF-8 text
      |
      = help: save the file as UTF-8
    "##);
}

#[test]
fn a_private_key_is_never_shown() {
    let pem = String::from_utf8(made().private.clone()).unwrap();
    let base64: Vec<&str> = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let in_line = base64.concat();
    for value in [
        format!("public_key = \"\"\"\n{pem}\"\"\""),
        format!("public_key = '''\n{pem}'''"),
        format!("public_key = \"{}\"", pem.replace('\n', "\\n")),
        format!("public_key = \"{in_line}\""),
        // Combined with other mistakes.
        format!("public_key = \"{pem}\""),
        format!("public_key = {in_line}"),
        format!("public_key = {pem}"),
        format!("public_key = '{pem}'"),
        format!("{pem} = 5"),
        format!("{in_line} = 5"),
        format!("publik_key = \"{}\"", pem.replace('\n', "\\n")),
        format!("file = \"\"\"\n{pem}\"\"\""),
        format!("file = \"{in_line}\""),
        format!("legacy = \"\"\"\n{pem}\"\"\""),
        format!("id = \"{in_line}\""),
        format!("public_key = \"\"\"\n{}\"\"\"", pem.replacen('/', "\\q", 1)),
        format!("public_key = \"\"\"\n{pem}"),
        format!("public_key = [\"\"\"\n{pem}\"\"\", 5]"),
    ] {
        let files = files();
        let report = files
            .load(&format!("[[key]]\n{value}\n{REST}"))
            .unwrap_err()
            .to_string();
        for line in &base64 {
            let (some, _) = line.split_at(line.len().min(16));
            assert!(!report.contains(some), "{report}");
        }
    }
}
