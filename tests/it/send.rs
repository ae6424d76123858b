//! `countersign send`: through the running proxy, and to servers that answer as they like.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;

use crate::config_files::Files;
use crate::openssl::OpenSsl;
use crate::support::origin::Reply;
use crate::support::tls::Authority;
use crate::support::{Origin, Proxy, Setup};

/// Every way of tampering.
const TAMPERINGS: &str =
    "body body-longer body-shorter signature no-signature other-key time nonce old query";

/// A scheme with everything that can be tampered with, and signed with a public key.
const SCHEME: &str = r#"
[[scheme]]
name = "acme"
algorithm = "ed25519"
signature = "{header:X-Sign|unbase64}"
timestamp = "{header:X-Time}"
max_age = "5m"
nonce = "{header:X-Nonce}"
require = { "{nonce}" = "[^.]*" }
content = "{timestamp}.{nonce}.{target}\n{body}"
"#;

fn countersign(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Sends with these options; the exit code, and what was printed as JSON.
fn send(folder: &Path, options: &[&str]) -> (i32, Value) {
    let output = countersign(folder, &[&["send", "--json"], options].concat());
    let err = String::from_utf8(output.stderr).unwrap();
    let printed = serde_json::from_slice(&output.stdout);
    let printed = printed.unwrap_or_else(|_| panic!("{options:?}: {err}"));
    (output.status.code().unwrap(), printed)
}

/// A proxy with a route for each of two schemes, and the folder with their keys and configuration.
fn proxy(origin: &Origin) -> (Proxy, OpenSsl) {
    let keys = OpenSsl::new();
    for arguments in ["keygen ed25519 --out acme", "keygen secret --out slack"] {
        let arguments: Vec<_> = arguments.split(' ').collect();
        assert!(countersign(keys.folder(), &arguments).status.success());
    }
    let tables = format!(
        "{SCHEME}\n[[key]]\nid = \"acme\"\nfile = \"{}\"\n\
         [[key]]\nid = \"slack\"\nsecret_file = \"{}\"\n",
        keys.path("acme.public.pem"),
        keys.path("slack.secret.txt")
    );
    let route = |name: &str| {
        format!("name = \"{name}\"\npath = \"/{name}\"\nscheme = \"{name}\"\nkeys = [\"{name}\"]")
    };
    let proxy = Setup::new()
        .tables(&tables)
        .route(&route("acme"))
        .route(&route("slack"))
        .origin(origin)
        .start();
    (proxy, keys)
}

#[test]
fn callbacks_are_taken_and_tampered_ones_refused_in_every_way() {
    let origin = Origin::start();
    let (proxy, keys) = proxy(&origin);
    let config = proxy.file("countersign.toml").display().to_string();
    let to = |route: &str| format!("http://{}/{route}", proxy.address);
    let mut sent = 0;
    for (route, key) in [("acme", Some("acme.private.pem")), ("slack", None)] {
        let to = to(route);
        let mut options = vec![
            "-c", &config, "--route", route, "--to", &to, "--field", "order=7",
        ];
        if let Some(key) = key {
            options.extend(["--private-key", key]);
        }
        let (code, told) = send(keys.folder(), &[&options[..], &["--count", "3"]].concat());
        assert_eq!((code, &told["statuses"]["200"]), (0, &3.into()), "{told}");
        sent += 3;
        assert_eq!(origin.count(), sent);
        assert_eq!(origin.last().body, b"{\"order\":\"7\"}");
        for kind in TAMPERINGS.split(' ') {
            let options = [&options[..], &["--tamper", kind]].concat();
            if route == "slack" && matches!(kind, "nonce" | "query") {
                // Nothing of the kind is signed.
                let output = countersign(keys.folder(), &[&["send"], &options[..]].concat());
                let err = String::from_utf8(output.stderr).unwrap();
                assert_eq!(output.status.code(), Some(1));
                assert!(
                    err.contains(&format!("`--tamper {kind}` does not apply")),
                    "{err}"
                );
                continue;
            }
            let (code, told) = send(keys.folder(), &options);
            assert_eq!(
                (code, &told["statuses"]["400"]),
                (0, &1.into()),
                "{kind}: {told}"
            );
        }
    }
    assert_eq!(origin.count(), sent, "nothing that was tampered with");
}

#[test]
fn a_signed_query_is_tampered_with_and_the_end_of_a_body_is_what_means_something() {
    let files = Files::new();
    files.write("secret", "a secret of the shop");
    files.write("body", "{\"order\":\"7\"}\n\n");
    let server = Origin::start();
    let to = format!("http://{}/ipn?vnp_TxnRef=42", server.address);
    let options = ["--secret", "secret", "--to", &to, "--scheme"];
    let query = ["vnpay", "--method", "GET", "--tamper", "query"];
    let (_, told) = send(files.path(), &[&options[..], &query].concat());
    assert_eq!(told["sent"], 1, "{told}");
    let target = server.last().target;
    assert!(
        !target.contains("vnp_TxnRef=42&") || !target.contains("tampered"),
        "{target}"
    );
    let scheme = "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\n\
                  signature = \"{header:S|unhex}\"\ncontent = \"{field:order}\"\n";
    files.write("s.toml", scheme);
    let body = ["s.toml", "--body", "body", "--tamper", "body-shorter"];
    send(files.path(), &[&options[..], &body].concat());
    assert_eq!(server.last().body, b"{\"order\":\"7\"");
}

#[test]
fn each_callback_has_a_nonce_and_an_answer_of_its_own() {
    let origin = Origin::start();
    let (proxy, keys) = proxy(&origin);
    let to = format!("http://{}/acme", proxy.address);
    let config = proxy.file("countersign.toml").display().to_string();
    let options = [
        "-c",
        &config,
        "--route",
        "acme",
        "--private-key",
        "acme.private.pem",
        "--to",
        &to,
        "--count",
        "20",
        "--rate",
        "200/s",
    ];
    let (code, told) = send(keys.folder(), &options);
    assert_eq!(code, 0, "{told}");
    let nonces: BTreeSet<_> = origin
        .requests(20)
        .iter()
        .map(|request| request.header("X-Nonce").unwrap().to_owned())
        .collect();
    assert_eq!(nonces.len(), 20);
    let times = &told["latency_ms"];
    assert!(times["p50"].as_f64() <= times["p95"].as_f64(), "{times}");
    assert!(times["p95"].as_f64() <= times["max"].as_f64(), "{times}");
    // The proxy says by which id its log knows what it refused.
    let (_, told) = send(
        keys.folder(),
        &[&options[..], &["--tamper", "signature"]].concat(),
    );
    let id = |request: &Value| request["request_id"].as_str().unwrap().to_owned();
    let ids: BTreeSet<_> = { told["requests"].as_array().unwrap().iter() }
        .map(id)
        .collect();
    assert_eq!(ids.len(), 20);
    let lines: Vec<_> = (0..40).map(|_| proxy.access_line()).collect();
    let is_logged = |id: &String| lines.iter().any(|line| line.contains(id));
    assert!(ids.iter().all(is_logged), "{ids:?}");
}

#[test]
fn a_server_that_takes_what_was_tampered_with_or_refuses_what_was_not_fails_the_run() {
    let files = Files::new();
    files.write("secret", "a secret of the shop");
    for (status, plain, tampered) in [("200 OK", 0, 1), ("401 No", 1, 0), ("503 Later", 1, 1)] {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 5\r\n\r\nhello");
        let server = Origin::answering(move |_| Reply::raw(answer.clone()));
        let to = format!("http://{}/hook?x=1", server.address);
        let options = [
            "--scheme", "github", "--secret", "secret", "--field", "a=1", "--to", &to,
        ];
        assert_eq!(send(files.path(), &options).0, plain, "{status}");
        let request = server.last();
        assert_eq!(request.target, "/hook?x=1");
        assert_eq!(
            request.header("Host"),
            Some(server.address.to_string().as_str())
        );
        let tampering = [&options[..], &["--tamper", "body"]].concat();
        assert_eq!(send(files.path(), &tampering).0, tampered, "{status}");
        let output = countersign(files.path(), &[&["send"], &options[..]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with(&format!("1 callback to {to}\n")), "{text}");
        assert!(
            text.contains(&format!("\n{} ", &status[..3])) && text.ends_with("\n\nhello\n"),
            "{text}"
        );
    }
    // Nobody listens.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let to = format!("http://{free}/");
    let options = ["--scheme", "github", "--secret", "secret", "--to", &to];
    let (code, told) = send(files.path(), &options);
    assert_eq!(code, 1);
    let error = told["requests"][0]["error"].as_str().unwrap();
    assert!(error.contains("refused"), "{error}");
    // Somebody listens, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("http://{}/", silent.local_addr().unwrap());
    let options = [
        "--scheme",
        "github",
        "--secret",
        "secret",
        "--to",
        &to,
        "--timeout",
        "100ms",
    ];
    let (code, told) = send(files.path(), &options);
    assert_eq!(code, 1);
    let error = told["requests"][0]["error"].as_str().unwrap();
    assert_eq!(error, "no answer within 100ms");
}

#[test]
fn servers_must_prove_who_they_are() {
    let authority = Authority::new();
    authority.issue("shop", "DNS:localhost");
    let key = PrivateKeyDer::from_pem_file(authority.path("shop.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![authority.certificate("shop")], key);
    let server = Origin::tls(Arc::new(config.unwrap()));
    let files = Files::new();
    files.write("secret", "a secret of the shop");
    let to = format!("https://localhost:{}/", server.address.port());
    let options = ["--scheme", "github", "--secret", "secret", "--to", &to];
    let (code, told) = send(files.path(), &options);
    let error = told["requests"][0]["error"].as_str().unwrap();
    assert!(code == 1 && error.contains("certificate"), "{error}");
    let authorities = authority.path("ca.pem");
    let trusting = [&options[..], &["--cacert", &authorities]].concat();
    let (code, told) = send(files.path(), &trusting);
    assert_eq!(code, 0, "{told}");
}

#[test]
fn a_long_run_shows_its_progress_on_a_terminal_alone() {
    let server = Origin::start();
    let files = Files::new();
    files.write("secret", "a secret of the shop");
    let command = format!(
        "{} send --scheme github --secret secret --to http://{}/ --count 30 --json",
        env!("CARGO_BIN_EXE_countersign"),
        server.address
    );
    let run = |script: &str| {
        let output = Command::new("sh")
            .args(["-c", script])
            .current_dir(files.path())
            .env("TERM", "xterm")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        (
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (_, err) = run(&command);
    assert_eq!(err, "");
    // `script` gives the program a terminal for both.
    let (shown, _) = run(&format!(
        "script -qec '{command} 2>&1 >/dev/null' /dev/null"
    ));
    assert!(shown.contains("/30"), "{shown:?}");
}

#[test]
fn usage_errors_exit_with_2() {
    let files = Files::new();
    for options in [
        &["--scheme", "github"][..],
        &["--scheme", "github", "--to", "localhost"],
        &["--scheme", "github", "--to", "http://a/", "--count", "0"],
        &["--scheme", "github", "--to", "http://a/", "--rate", "0/s"],
        &["--scheme", "github", "--to", "http://a/", "--rate", "fast"],
        &[
            "--scheme",
            "github",
            "--to",
            "http://a/",
            "--tamper",
            "everything",
        ],
    ] {
        let output = countersign(files.path(), &[&["send"], options].concat());
        assert_eq!(output.status.code(), Some(2), "{options:?}: {output:?}");
    }
}
