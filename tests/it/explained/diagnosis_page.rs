//! `docs/diagnosis.md`: its table has every diagnosis, and its guide shows what the program prints.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::explain::Diagnosis;

use crate::config_files::Files;

const PAGE: &str = "docs/diagnosis.md";

const CONFIGURATION: &str = r#"[[listener]]
address = "127.0.0.1:8080"

[[upstream]]
name = "shop"
servers = ["127.0.0.1:9000"]

[[key]]
id = "shopify-live"
secret_file = "live.secret"

[[key]]
id = "shopify-test"
secret_file = "test.secret"

[[route]]
name = "shopify"
path = "/shopify"
scheme = "shopify"
keys = ["shopify-live"]
upstream = "shop"

[[route]]
name = "shopify-test"
path = "/shopify-test"
scheme = "shopify"
keys = ["shopify-test"]
upstream = "shop"

[[scheme]]
name = "acme"
algorithm = "hmac-sha256"
signature = "{header:X-Acme-Signature|unhex}"
content = "{target}\n{body}"

[[key]]
id = "acme"
secret_file = "acme.secret"

[[route]]
name = "acme"
path = "/acme"
scheme = "acme"
keys = ["acme"]
upstream = "shop"
"#;

const LIVE: &str = "5b1a0c2d-live-f2e9";
const TEST: &str = "77c0ffee-test-10ad";
const ACME: &str = "acme-shared-secret-1";

const BODY: &str = r#"{"id":820982911946154508,"total_price":"199.00","note":null}"#;
const REENCODED: &str = r#"{"id": 820982911946154508, "total_price": "199.00", "note": null}"#;

/// A fault, in words, and the commands that find it. At most three.
const FAULTS: &[(&str, &str, &[&str])] = &[
    (
        "Another key",
        "A shop's callbacks are refused since it went live.",
        &[
            "countersign explain -c shop.toml other-key.http",
            "countersign explain -c shop.toml other-key.http --set 'route.shopify.keys=[\"shopify-live\",\"shopify-test\"]'",
        ],
    ),
    (
        "A path that was rewritten",
        "The provider calls `https://shop.example/api/acme`, and a load balancer passes it on.",
        &[
            "countersign explain -c shop.toml rewritten-path.http",
            "countersign explain -c shop.toml rewritten-path.http --set 'route.acme.signed_target_prefix=\"/api\"'",
        ],
    ),
    (
        "A body that was parsed and written again",
        "An API gateway in front of the proxy checks the JSON.",
        &["countersign explain -c shop.toml reencoded-body.http"],
    ),
];

#[test]
fn the_page_lists_every_diagnosis_and_shows_what_the_program_prints() {
    let page = fs::read_to_string(PAGE).unwrap();
    let head = "| code | meaning | what to do |\n|---|---|---|\n";
    let (before, _) = page.split_once(head).unwrap();
    let rows = Diagnosis::ALL.iter().map(|one| {
        format!(
            "| `{}` | {} | {} |\n",
            one.code(),
            one.meaning(),
            one.advice()
        )
    });
    let rows: String = rows.collect();
    let begin = "<!-- guide -->\n";
    let (intro, rest) = before.split_once(begin).unwrap();
    let (_, rest) = rest.split_once("\n## If no cause is found").unwrap();
    let expected = format!(
        "{intro}{begin}{}\n## If no cause is found{rest}{head}{rows}",
        guide()
    );
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PAGE, expected).unwrap();
        return;
    }
    assert_eq!(page, expected, "run the tests once with UPDATE_DOCS=1");
}

/// The three faults, with what each command prints.
fn guide() -> String {
    let files = files();
    let mut guide = format!("\n```toml\n{CONFIGURATION}```\n");
    for (title, story, commands) in FAULTS {
        assert!(commands.len() <= 3);
        write!(guide, "\n### {title}\n\n{story}\n").unwrap();
        for (nth, command) in commands.iter().enumerate() {
            if nth > 0 {
                guide.push_str("\nWith the change it is verified:\n");
            }
            let output = run(files.path(), command);
            write!(guide, "\n```console\n$ {command}\n{output}```\n").unwrap();
        }
    }
    guide
}

fn files() -> Files {
    let files = Files::new();
    files.write("shop.toml", CONFIGURATION);
    for (name, secret) in [("live", LIVE), ("test", TEST), ("acme", ACME)] {
        files.write_secret(&format!("{name}.secret"), secret);
    }
    let shopify = |secret: &str, body: &str| {
        let signature = STANDARD.encode(mac(secret, BODY));
        let headers = "Host: shop.example\r\nContent-Type: application/json\r\n";
        format!(
            "POST /shopify HTTP/1.1\r\n{headers}X-Shopify-Hmac-Sha256: {signature}\r\n\r\n{body}"
        )
    };
    files.write("other-key.http", shopify(TEST, BODY));
    files.write("reencoded-body.http", shopify(LIVE, REENCODED));
    let mac = mac(ACME, "/api/acme?id=7\npaid");
    let signature: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    let request = format!(
        "POST /acme?id=7 HTTP/1.1\r\nHost: shop.example\r\nX-Acme-Signature: {signature}\r\n\r\npaid"
    );
    files.write("rewritten-path.http", request);
    files
}

fn mac(secret: &str, content: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, content.as_bytes()).as_ref().to_vec()
}

/// What a command prints, run by a shell as readers would.
fn run(folder: &Path, command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_countersign"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let ran = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap();
    let errors = String::from_utf8(ran.stderr).unwrap();
    assert!(errors.is_empty(), "{command}: {errors}");
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn the_guides_commands_name_the_three_faults() {
    let files = files();
    for (commands, code) in FAULTS.iter().map(|(_, _, commands)| commands).zip([
        "other_key",
        "target_rewritten",
        "body_reencoded",
    ]) {
        let output = run(files.path(), commands[0]);
        assert!(output.contains(&format!("[{code}]")), "{output}");
        for fixed in &commands[1..] {
            let output = run(files.path(), fixed);
            assert!(output.contains("Verdict    verified"), "{output}");
        }
    }
}
