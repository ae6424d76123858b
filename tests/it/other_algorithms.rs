//! HMAC, Ed25519 and ECDSA through the running proxy, as providers use them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::core_dumps::core_limit;
use crate::openssl::OpenSsl;
use crate::support::http1::Response;
use crate::support::{Callback, Origin, Proxy, Setup};

const BODY: &str = r#"{"type":"paid","amount":"800"}"#;

/// The reason that the route exposes.
fn reason(refused: &Response) -> String {
    refused.json()["reason"].as_str().unwrap().to_owned()
}

fn mismatch() -> String {
    "signature_mismatch".to_owned()
}

fn now() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs().to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An HMAC-SHA256 made by OpenSSL.
fn hmac(secret: &str, content: &str) -> Vec<u8> {
    let openssl = OpenSsl::new();
    let command = format!("dgst -sha256 -hmac {secret} -binary");
    openssl.run(&command, content.as_bytes())
}

/// Writes a file that only its owner can read.
fn write_secret(directory: &Path, name: &str, secret: &str) {
    let file = directory.join(name);
    fs::write(&file, secret).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
}

const SHOPIFY: &str = r#"
[[scheme]]
name = "shopify"
algorithm = "hmac-sha256"
signature = "{header:X-Shopify-Hmac-Sha256|unbase64}"
content = "{body}"
"#;

fn shopify(secret: &str, body: &str) -> Callback {
    let mac = STANDARD.encode(hmac(secret, BODY));
    Callback::post("/cb", body).header("X-Shopify-Hmac-Sha256", mac)
}

/// A proxy with Shopify's scheme, two keys for a rotation, and this key first.
fn start(origin: &Origin, key: &str, run: impl FnOnce(&Path) + 'static) -> Proxy {
    Setup::new()
        .tables(SHOPIFY)
        .tables(&format!("[[key]]\nid = \"new\"\n{key}"))
        .tables("[[key]]\nid = \"old\"\nsecret_file = \"old.txt\"")
        .route(
            "name = \"shop\"\npath = \"/cb\"\nscheme = \"shopify\"\nexpose_reason = true\n\
             keys = [\"new\", \"old\"]",
        )
        .origin(origin)
        .command(move |_, directory| {
            write_secret(directory, "old.txt", "the-old-secret-of-the-shop");
            run(directory);
        })
        .start()
}

const NEW: &str = "the-new-secret-of-the-shop";

#[test]
fn an_hmac_over_the_body_is_taken_under_either_secret_and_a_tampered_one_refused() {
    let origin = Origin::start();
    let proxy = start(&origin, "secret_file = \"new.txt\"", |directory| {
        write_secret(directory, "new.txt", &format!("{NEW}\n"));
    });
    for (secret, id) in [(NEW, "new"), ("the-old-secret-of-the-shop", "old")] {
        assert_eq!(shopify(secret, BODY).send(&proxy).status, 200);
        let received = origin.last();
        assert_eq!(received.header("x-verified-key"), Some(id));
        assert_eq!(received.body, BODY.as_bytes());
    }
    let seen = origin.count();
    let tampered = shopify(NEW, &BODY.replace("800", "900")).send(&proxy);
    assert_eq!((tampered.status, reason(&tampered)), (400, mismatch()));
    let stranger = shopify("another-secret-of-26-bytes", BODY).send(&proxy);
    assert_eq!((stranger.status, reason(&stranger)), (400, mismatch()));
    let short = shopify(NEW, BODY).with("X-Shopify-Hmac-Sha256", Some("aGVsbG8="));
    assert_eq!(reason(&short.send(&proxy)), "signature_wrong_length");
    assert_eq!(origin.count(), seen);
    // A process with secrets writes no core dump, and no log shows one.
    assert_eq!(core_limit(&proxy.pid().to_string()), ["0", "0"]);
    proxy.signal("TERM");
    let (_, out, errors) = proxy.ended();
    let logs = [out, errors].concat().join("\n");
    assert!(!logs.contains("secret-of-the-shop"), "{logs}");
}

#[test]
fn secrets_come_from_the_environment_and_from_systemd() {
    let origin = Origin::start();
    let setup = Setup::new()
        .tables(SHOPIFY)
        .tables("[[key]]\nid = \"credential\"\ncredential = \"shop.secret\"")
        .tables("[[key]]\nid = \"variable\"\nsecret_env = \"SHOP_SECRET\"")
        .route(
            "name = \"shop\"\npath = \"/cb\"\nscheme = \"shopify\"\n\
             keys = [\"credential\", \"variable\"]",
        )
        .origin(&origin)
        .environment("SHOP_SECRET", "a-secret-in-a-variable")
        .command(|command, directory| {
            let credentials = directory.join("credentials");
            fs::create_dir(&credentials).unwrap();
            write_secret(&credentials, "shop.secret", "a-secret-in-a-credential\n");
            command.env("CREDENTIALS_DIRECTORY", credentials);
        });
    let proxy = setup.start();
    for (secret, id) in [
        ("a-secret-in-a-credential", "credential"),
        ("a-secret-in-a-variable", "variable"),
    ] {
        assert_eq!(shopify(secret, BODY).send(&proxy).status, 200, "{id}");
        assert_eq!(origin.last().header("x-verified-key"), Some(id));
    }
}

#[test]
fn a_reload_reads_secrets_again_and_keeps_the_old_ones_if_that_fails() {
    let origin = Origin::start();
    let proxy = start(&origin, "secret_file = \"new.txt\"", |directory| {
        write_secret(directory, "new.txt", NEW);
    });
    let status = |secret: &str| shopify(secret, BODY).send(&proxy).status;
    assert_eq!(
        (status(NEW), status("the-newest-secret-of-all")),
        (200, 400)
    );
    write_secret(proxy.directory(), "new.txt", "the-newest-secret-of-all");
    proxy.signal("HUP");
    proxy.error_line("reloaded");
    assert_eq!(
        (status(NEW), status("the-newest-secret-of-all")),
        (400, 200)
    );
    write_secret(proxy.directory(), "new.txt", "");
    proxy.signal("HUP");
    proxy.error_line("empty secret");
    proxy.error_line("stays active");
    assert_eq!(status("the-newest-secret-of-all"), 200);
}

#[test]
fn a_changed_secret_is_noticed_by_watch() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top("watch = true")
        .tables(SHOPIFY)
        .tables("[[key]]\nid = \"k\"\nsecret_file = \"new.txt\"")
        .route("name = \"shop\"\npath = \"/cb\"\nscheme = \"shopify\"\nkeys = [\"k\"]")
        .origin(&origin)
        .command(|_, directory| write_secret(directory, "new.txt", NEW))
        .start();
    write_secret(proxy.directory(), "new.txt", "the-newest-secret-of-all");
    proxy.error_line("reloaded");
    assert_eq!(
        shopify("the-newest-secret-of-all", BODY)
            .send(&proxy)
            .status,
        200
    );
}

/// Signs as Discord (Ed25519 in hexadecimal) and SendGrid (ECDSA as DER in base64) do: the time, and
/// the body right behind it.
fn timed(openssl: &OpenSsl, algorithm: &str, time: &str, body: &str) -> Vec<u8> {
    openssl.write("content", &format!("{time}{body}"));
    match algorithm {
        "ed25519" => openssl.run("pkeyutl -sign -inkey key.pem -rawin -in content", b""),
        _ => openssl.run("dgst -sha256 -sign key.pem content", b""),
    }
}

#[test]
fn ed25519_as_discord_signs_is_taken_and_tampered_callbacks_are_refused() {
    let origin = Origin::start();
    let openssl = OpenSsl::new();
    openssl.run("genpkey -algorithm ED25519 -out key.pem", b"");
    let der = openssl.run("pkey -in key.pem -pubout -outform DER", b"");
    let key = hex(&der[der.len() - 32..]);
    let proxy = Setup::new()
        .tables(&format!("[[key]]\nid = \"app\"\npublic_key = \"{key}\""))
        .tables(
            r#"
            [[scheme]]
            name = "discord"
            algorithm = "ed25519"
            signature = "{header:X-Signature-Ed25519|unhex}"
            timestamp = "{header:X-Signature-Timestamp}"
            content = "{timestamp}{body}"
            max_age = "5m"
            "#,
        )
        .route(
            "name = \"d\"\npath = \"/cb\"\nscheme = \"discord\"\nkeys = [\"app\"]\n\
             expose_reason = true",
        )
        .origin(&origin)
        .start();
    let time = now();
    let signature = hex(&timed(&openssl, "ed25519", &time, BODY));
    let callback = |time: &str, body: &str| {
        Callback::post("/cb", body)
            .header("X-Signature-Ed25519", &signature)
            .header("X-Signature-Timestamp", time)
    };
    assert_eq!(callback(&time, BODY).send(&proxy).status, 200);
    assert_eq!(
        origin.request().header("x-verified-scheme"),
        Some("discord")
    );
    let tampered = callback(&time, &BODY.replace("800", "900")).send(&proxy);
    assert_eq!(reason(&tampered), "signature_mismatch");
    // A digit moves from the time into the body: the same signed text.
    let (shorter, digit) = time.split_at(time.len() - 1);
    let moved = callback(shorter, &format!("{digit}{BODY}")).send(&proxy);
    assert_eq!(reason(&moved), "timestamp_malformed");
    assert_eq!(origin.count(), 1);
}

#[test]
fn ecdsa_as_sendgrid_signs_is_taken_and_the_other_form_is_refused() {
    let origin = Origin::start();
    let openssl = OpenSsl::new();
    openssl.run(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
        b"",
    );
    let der = openssl.run("pkey -in key.pem -pubout -outform DER", b"");
    let key = STANDARD.encode(&der);
    let scheme = |name: &str, form: &str| {
        format!(
            r#"
            [[scheme]]
            name = "{name}"
            algorithm = "ecdsa-p256-sha256"
            signature_form = "{form}"
            signature = "{{header:X-Signature|unbase64}}"
            timestamp = "{{header:X-Timestamp}}"
            content = "{{timestamp}}{{body}}"
            max_age = "5m"
            "#
        )
    };
    let route = |name: &str| {
        format!(
            "name = \"{name}\"\npath = \"/{name}\"\nscheme = \"{name}\"\nkeys = [\"k\"]\n\
             expose_reason = true"
        )
    };
    let proxy = Setup::new()
        .tables(&format!("[[key]]\nid = \"k\"\npublic_key = \"{key}\""))
        .tables(&scheme("der", "der"))
        .tables(&scheme("raw", "raw"))
        .route(&route("der"))
        .route(&route("raw"))
        .origin(&origin)
        .start();
    let time = now();
    let signature = STANDARD.encode(timed(&openssl, "ecdsa", &time, BODY));
    let callback = |path: &str, body: &str| {
        Callback::post(path, body)
            .header("X-Signature", &signature)
            .header("X-Timestamp", &time)
    };
    assert_eq!(callback("/der", BODY).send(&proxy).status, 200);
    let tampered = callback("/der", &BODY.replace("800", "900")).send(&proxy);
    assert_eq!(reason(&tampered), "signature_mismatch");
    assert_eq!(
        reason(&callback("/raw", BODY).send(&proxy)),
        "signature_wrong_length"
    );
    assert_eq!(origin.count(), 1);
}

#[test]
fn any_key_of_a_jwk_set_may_have_signed_and_is_named() {
    let origin = Origin::start();
    let folders = [OpenSsl::new(), OpenSsl::new()];
    let keys = folders.each_ref().map(|openssl| {
        openssl.run("genpkey -algorithm ED25519 -out key.pem", b"");
        let der = openssl.run("pkey -in key.pem -pubout -outform DER", b"");
        URL_SAFE_NO_PAD.encode(&der[der.len() - 32..])
    });
    let jwk = |kid: &str, key: &str| {
        format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{kid}","x":"{key}"}}"#)
    };
    let set = format!(
        r#"{{"keys":[{},{}]}}"#,
        jwk("2025", &keys[0]),
        jwk("2026", &keys[1])
    );
    let proxy = Setup::new()
        .tables("[[key]]\nid = \"platform\"\nfile = \"jwks.json\"")
        .tables(
            r#"
            [[scheme]]
            name = "ed"
            algorithm = "ed25519"
            signature = "{header:X-Signature|unbase64}"
            content = "{body}"
            "#,
        )
        .route("name = \"e\"\npath = \"/cb\"\nscheme = \"ed\"\nkeys = [\"platform\"]")
        .origin(&origin)
        .command(move |_, directory| fs::write(directory.join("jwks.json"), set).unwrap())
        .start();
    for (openssl, id) in folders.iter().zip(["platform/2025", "platform/2026"]) {
        let signature = STANDARD.encode(timed(openssl, "ed25519", "", BODY));
        let callback = Callback::post("/cb", BODY).header("X-Signature", signature);
        assert_eq!(callback.send(&proxy).status, 200);
        assert_eq!(origin.last().header("x-verified-key"), Some(id));
    }
}
