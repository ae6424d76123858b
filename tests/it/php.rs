//! PHP on both sides: as the signer and as the backend.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::signer::{API_KEY, Signer};
use crate::support::{Callback, Client, Response, Setup, address};

const SUPPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support");

/// PHP's built-in web server with a script that reports what it received.
struct Php {
    address: SocketAddr,
    child: Child,
}

impl Php {
    fn start() -> Self {
        let address = address::unused();
        let mut child = Command::new("php")
            .args([
                "-S",
                &address.to_string(),
                &format!("{SUPPORT}/backend.php"),
            ])
            .stderr(Stdio::piped())
            .spawn()
            .expect("php is there: scripts/setup --test brings it");
        // PHP logs its first line once it listens.
        let mut line = String::new();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        log.read_line(&mut line).unwrap();
        assert!(line.contains("started"), "{line}");
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { address, child }
    }
}

impl Php {
    /// What PHP reads from a callback without a proxy in front.
    fn sees(&self, callback: &Callback) -> Response {
        let mut client = Client::connect(self.address);
        client.send(&callback.with_length());
        client.response()
    }
}

impl Drop for Php {
    fn drop(&mut self) {
        // The process may already have exited.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a script and returns its output.
fn run(script: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new("php")
        .arg(format!("{SUPPORT}/{script}"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// A body with everything that `json_encode` escapes or leaves unescaped.
const AWKWARD: &str = "{\"event\":\"E\",\"data\":\"a/b\\\\ \\\"é 客 😀 \u{7f} \u{2028}\u{2029} \\u00e9\",\n\t\"time\": 1.50 }\r\n";

#[test]
fn signs_for_sgate_and_gets_the_callback() {
    let php = Php::start();
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"\nfields = { \"X-Time\" = \"time\" }")
        .servers(&[php.address], "")
        .start();
    let target = "/cb?a=%2Fp%20q&b=%C3%A9";
    let model = Signer::get().sgate("/", "{}");
    let timestamp = model.value("V-Timestamp");
    let nonce = "n/\"\\é";
    let arguments = [
        &Signer::get().private_key_file(),
        API_KEY,
        timestamp,
        nonce,
        target,
    ];
    let signature = run("sgate.php", &arguments, AWKWARD);
    let callback = Callback::post(target, AWKWARD)
        .header("V-Api-Key", API_KEY)
        .header("V-Timestamp", timestamp)
        .header("V-Nonce-Str", nonce)
        .header("V-Signature", signature)
        .header("X_Verified_Key", "forged")
        .header("X.Verified.Scheme", "forged");
    for bytes in [callback.with_length(), callback.chunked(7)] {
        let mut client = crate::support::Client::connect(proxy.address);
        client.send(&bytes);
        let answer = client.response();
        assert_eq!(answer.status, 200, "{}", proxy.access());
        let seen = answer.json();
        assert_eq!(seen["method"], "POST");
        assert_eq!(seen["target"], target);
        let body = STANDARD.decode(seen["body"].as_str().unwrap()).unwrap();
        assert_eq!(String::from_utf8(body).unwrap(), AWKWARD);
        for (name, value) in [
            ("HTTP_X_VERIFIED_SCHEME", "sgate"),
            ("HTTP_X_VERIFIED_KEY", "signer"),
            ("HTTP_X_VERIFIED_EVENT", "E"),
            ("HTTP_X_VERIFIED_NONCE", "n/\"\\%C3%A9"),
            ("HTTP_X_TIME", "1.50"),
        ] {
            assert_eq!(seen["server"][name], value, "{name}");
        }
        proxy.access();
    }
    let mut forged = callback;
    forged.body[10] ^= 1;
    assert_eq!(forged.send(&proxy).status, 400);
}

#[test]
fn signs_for_cheezeepay() {
    let proxy = Setup::new()
        .cheezeepay("name = \"pay-in\"\npath = \"/cb\"\nupstream = \"echo\"\nfields = { \"X-No\" = \"mchOrderNo\" }")
        .start();
    let fields = r#"{"payAmount":"800.10","mchOrderNo":"客/1","note":"a&b=c \"d\"","fee":88,
                     "empty":"","none":null,"list":[],"Zeta":"ü","zero":0}"#;
    let body = run(
        "cheezeepay.php",
        &[&Signer::get().private_key_file()],
        fields,
    );
    let genuine = Callback::post("/cb", body.clone());
    let answer = genuine.send(&proxy);
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert_eq!(answer.json()["body"], body);
    let forged = Callback::post("/cb", body.replace("800.10", "900.10"));
    assert_eq!(forged.send(&proxy).json()["reason"], "signature_mismatch");
}

/// A body in which the customer's name would add two fields if the body were parsed as a form.
const TRAP: &str = r#"{"event":"E","id":"7","name":"x&amount=1000000&status=paid&"}"#;
const FORM: &str = "application/x-www-form-urlencoded";

/// Content types under which some backend would not parse `TRAP` as JSON.
const NOT_JSON: [&str; 7] = [
    FORM,
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/octet-stream",
    // Some parsers only look at the beginning of the type.
    "multipart/form-data+json; boundary=x",
    "multipart/json; boundary=x",
    "application/x-www-form-urlencoded+json",
];

/// A scheme that signs the raw body, with these extra lines.
fn raw_scheme(name: &str, extra: &str) -> String {
    format!(
        "[[scheme]]\nname = \"{name}\"\nalgorithm = \"rsa-sha256\"\n\
         signature = \"{{header:X-Signature|unbase64}}\"\n{extra}\n\
         content = \"{{body}}\"\n"
    )
}

#[test]
fn no_content_type_makes_php_read_another_body_than_the_verified_json() {
    let php = Php::start();
    let genuine = Callback::post("/", TRAP)
        .header("Content-Type", FORM)
        .header("X-Signature", Signer::get().sign("sha256", TRAP.as_bytes()));
    // The danger: PHP parses the body by Content-Type alone.
    assert_eq!(php.sees(&genuine).json()["post"]["amount"], "1000000");
    let multipart = genuine
        .clone()
        .with("Content-Type", Some("multipart/form-data; boundary=x"));
    assert_eq!(php.sees(&multipart).json()["body"], "");

    let mut setup = Setup::new()
        .tables("[once]")
        .tables(&raw_scheme("raw", ""))
        .tables(&raw_scheme("event", "event = \"{field:event}\""))
        .tables(&raw_scheme("identity", "identity = [\"id\"]"))
        .tables(&crate::decrypt::keys())
        .servers(&[php.address], "")
        .sgate("name = \"sgate\"\npath = \"/sgate\"\nonce = false");
    let routes = [
        ("raw", "fields = { \"X-Id\" = \"id\" }"),
        ("raw", "require = { id = \"string\" }"),
        (
            "raw",
            "decrypt = [\"$.card\"]\ndecrypt_keys = [\"merchant\"]",
        ),
        ("raw", "once = { identity = [\"/id\"] }"),
        ("event", ""),
        ("identity", ""),
    ];
    for (nth, (scheme, lines)) in routes.iter().enumerate() {
        setup = setup.route(&format!(
            "name = \"r{nth}\"\npath = \"/r{nth}\"\nscheme = \"{scheme}\"\n\
             keys = [\"signer\"]\nexpose_reason = true\n{lines}"
        ));
    }
    let proxy = setup
        .route(
            "name = \"bytes\"\npath = \"/bytes\"\nscheme = \"raw\"\nkeys = [\"signer\"]\n\
             once = false",
        )
        .start();
    let sgate = Signer::get().sgate("/sgate", TRAP);
    let on_route = |nth| Callback {
        target: format!("/r{nth}"),
        ..genuine.clone()
    };
    for callback in (0..routes.len()).map(on_route).chain([sgate]) {
        for content_type in NOT_JSON {
            let changed = callback.clone().with("Content-Type", Some(content_type));
            let answer = changed.send(&proxy);
            let at = format!("{} {content_type}", callback.target);
            assert_eq!(answer.status, 400, "{at}");
            assert_eq!(answer.json()["reason"], "content_type_not_json", "{at}");
        }
        for content_type in [
            Some("application/json"),
            Some("text/json;charset=UTF-8"),
            Some("application/vnd.a+json"),
            // Nobody parses a body of this type.
            Some("text/plain"),
            None,
        ] {
            let answer = callback
                .clone()
                .with("Content-Type", content_type)
                .send(&proxy);
            let at = format!("{} {content_type:?}", callback.target);
            assert_eq!(answer.status, 200, "{at}");
            let seen = answer.json();
            assert_eq!(seen["body"], STANDARD.encode(TRAP), "{at}");
            assert_eq!(seen["post"], serde_json::json!([]), "{at}");
        }
    }
    // If only the bytes are signed, the backend decides how to parse them.
    for content_type in NOT_JSON {
        let bytes = Callback {
            target: "/bytes".to_owned(),
            ..genuine.clone().with("Content-Type", Some(content_type))
        };
        assert_eq!(bytes.send(&proxy).status, 200, "{content_type}");
    }
}
