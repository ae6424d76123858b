//! End to end: SGate's customer record passes through the proxy.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use super::{Keys, keys};
use crate::support::encrypter::{self, Plain};
use crate::support::signer::Signer;
use crate::support::{Origin, Proxy, Received, Setup};

/// The texts that PHP encrypts for the merchant.
const CLEAR: [&str; 5] = [
    "310115199001011234",
    "https://img.example/front.jpg?a=1&b=\"2\"",
    "6222 0000 1111 2222",
    "محمد بن عبد الله, account 7",
    "310115199001011234 (nested)",
];

pub(super) fn encrypted() -> &'static [String] {
    static MADE: OnceLock<Vec<String>> = OnceLock::new();
    MADE.get_or_init(|| {
        let plain = CLEAR.map(|text| Plain {
            cipher: "OPENSSL_PKCS1_PADDING",
            text: text.into(),
            ..Plain::default()
        });
        encrypter::php(&Keys::get().public_file("merchant"), &plain)
    })
}

/// SGate's event with the customer record and these values, surrounded by unusual numbers, white
/// space, escapes and empty values.
pub(super) fn event(values: [&str; 5]) -> String {
    let [identity, picture, card, account, nested] = values;
    format!(
        "{{\"event\":\"CUSTOM_STATUS_CHANGE\",\r\n \"data\" : {{\"id\":12345678901234567890,\"name\":\"\\u5f20\\/伟\",\
         \"identity\":{identity},\"identitypic\": {picture} ,\"cardno\":{card},\"stcaccount\":{account},\
         \"amount\":1.50e0,\"custominfo\":{{\"list\":[],\"identity\":\t{nested},\"cardno\":\"\",\"stcaccount\":null}}}},\
         \"time\":1700000000}}\n"
    )
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// The event as SGate sends it, and as the backend should receive it.
fn sealed_and_clear() -> (String, String) {
    let [a, b, c, d, e] = encrypted() else {
        unreachable!()
    };
    let sealed = [a, b, c, d, e].map(|text| quoted(text));
    let clear = CLEAR.map(quoted);
    let event = |values: &[String; 5]| event([0, 1, 2, 3, 4].map(|n| values[n].as_str()));
    (event(&sealed), event(&clear))
}

const ROUTE: &str = "name = \"sgate\"\npath = \"/cb\"\ndecrypt = \"sgate-sensitive\"\ndecrypt_keys = [\"merchant\"]";

fn setup(route: &str) -> Setup {
    Setup::new().tables(&keys()).sgate(route)
}

fn header<'r>(received: &'r Received, name: &str) -> Option<&'r str> {
    received.header(name)
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    encrypter::hex(digest.as_ref())
}

/// Checks that no line of either log contains clear text.
fn no_clear_text_in_logs(proxy: Proxy) {
    proxy.signal("TERM");
    let (_, access, errors) = proxy.ended();
    assert!(!access.is_empty());
    for line in access.iter().chain(&errors) {
        for secret in ["310115", "front.jpg", "6222 0000", "محمد"] {
            assert!(!line.contains(secret), "{line}");
        }
    }
}

#[test]
fn the_echo_receives_clear_values_and_every_other_byte_as_it_was() {
    let proxy = setup(&format!("{ROUTE}\nupstream = \"echo\"")).start();
    let (sealed, clear) = sealed_and_clear();
    let answer = Signer::get().sgate("/cb", sealed.clone()).send(&proxy);
    assert_eq!(answer.status, 200, "{}", proxy.access());
    let seen = answer.json();
    assert_eq!(seen["body"].as_str().unwrap().as_bytes(), clear.as_bytes());
    assert_eq!(seen["body_bytes"], clear.len());
    let headers: Vec<(&str, &str)> = seen["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line[0].as_str().unwrap(), line[1].as_str().unwrap()))
        .collect();
    let length = clear.len().to_string();
    for expected in [
        ("Content-Length", length.as_str()),
        ("X-Verified-Body-SHA256", &sha256(sealed.as_bytes())),
        (
            "X-Verified-Decrypted",
            "/data/identity, /data/identitypic, /data/cardno, /data/stcaccount, /data/custominfo/identity",
        ),
    ] {
        assert!(headers.contains(&expected), "{expected:?} {headers:?}");
    }
    assert!(
        !headers
            .iter()
            .any(|(name, _)| *name == "X-Verified-Decrypt-Failed")
    );
    let line = proxy.access();
    assert_eq!(
        (&line["decrypted"], &line["decrypt_failed"]),
        (&5.into(), &0.into())
    );
    assert!(line["decrypt"].as_f64().unwrap() > 0.0);
    let again = Signer::get().sgate("/cb", sealed).send(&proxy);
    assert_eq!(again.status, 200);
    no_clear_text_in_logs(proxy);
}

#[test]
fn a_backend_gets_the_new_length_and_no_stale_digest() {
    let origin = Origin::start();
    let proxy = setup(ROUTE).origin(&origin).http2().start();
    let (sealed, clear) = sealed_and_clear();
    let digests = [
        "Content-Digest",
        "Repr-Digest",
        "Digest",
        "Content-MD5",
        "content_digest",
    ];
    let with_digests = |body: &str| {
        let callback = Signer::get().sgate("/cb", body);
        digests
            .iter()
            .fold(callback, |callback, name| callback.header(name, "x"))
            .header("X_Verified_Decrypted", "/data/forged")
            .header("X-Verified-Body-Sha256", "forged")
    };
    for callback in [
        with_digests(&sealed).with_length(),
        with_digests(&sealed).chunked(100),
    ] {
        let mut client = crate::support::Client::connect(proxy.address);
        client.send(&callback);
        assert_eq!(client.response().status, 200);
        let received = origin.last();
        assert_eq!(received.body, clear.as_bytes());
        assert_eq!(
            header(&received, "Content-Length"),
            Some(clear.len().to_string().as_str())
        );
        let digest = sha256(sealed.as_bytes());
        assert_eq!(
            header(&received, "X-Verified-Body-SHA256"),
            Some(digest.as_str())
        );
        for name in digests {
            assert_eq!(header(&received, name), None, "{name}");
        }
        let forged = received
            .headers
            .iter()
            .any(|(_, value)| value.contains("forged"));
        assert!(!forged, "{:?}", received.headers);
    }
    // If the body is unchanged, the digest headers remain as correct as they were.
    let plain = event(["\"\"", "null", "\"\"", "\"\"", "\"\""]);
    assert_eq!(with_digests(&plain).send(&proxy).status, 200);
    let received = origin.last();
    assert_eq!(received.body, plain.as_bytes());
    assert_eq!(header(&received, "Digest"), Some("x"));
    assert_eq!(header(&received, "X-Verified-Decrypted"), None);
    assert_eq!(
        header(&received, "X-Verified-Body-SHA256"),
        Some(sha256(plain.as_bytes()).as_str())
    );
}

#[test]
fn nothing_is_decrypted_before_the_signature_has_passed() {
    let origin = Origin::start();
    let proxy = setup(ROUTE).origin(&origin).start();
    let (sealed, _) = sealed_and_clear();
    let mut forged = Signer::get().sgate("/cb", sealed);
    forged.body[10] ^= 1;
    let answer = forged.send(&proxy);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["reason"], "signature_mismatch");
    assert_eq!(proxy.access()["decrypted"], serde_json::Value::Null);
    assert_eq!(origin.connections(), 0);
}

#[test]
fn headers_beside_and_keys_by_header() {
    let origin = Origin::start();
    let rule = r#"
[[decryption]]
name = "mine"
cipher = "rsa-pkcs1-v1_5"
paths = ["$.data.identity"]
headers = { "X-Card" = "$.data.cardno", "X-Account" = "/data/stcaccount" }
output = "beside"
"#;
    let route = "name = \"sgate\"\npath = \"/cb\"\ndecrypt = \"mine\"\n\
                 decrypt_keys = { \"mk_test\" = [\"stranger\", \"merchant\"], \"other\" = \"stranger\" }";
    let proxy = setup(route)
        .tables(rule)
        .sgate("name = \"plain\"\npath = \"/plain\"")
        .origin(&origin)
        .start();
    let (sealed, _) = sealed_and_clear();
    assert_eq!(
        Signer::get()
            .sgate("/cb", sealed.clone())
            .send(&proxy)
            .status,
        200
    );
    let received = origin.last();
    let identity = quoted(&encrypted()[0]);
    let expected = sealed.replacen(
        &identity,
        &format!("{identity},\"identity_clear\":{}", quoted(CLEAR[0])),
        1,
    );
    assert_eq!(std::str::from_utf8(&received.body).unwrap(), expected);
    assert_eq!(header(&received, "X-Card"), Some(CLEAR[2]));
    let account = header(&received, "X-Account").unwrap();
    assert!(
        account.starts_with("%D9%85%D8%AD") && account.ends_with(", account 7"),
        "{account}"
    );
    assert_eq!(
        header(&received, "X-Verified-Decrypted"),
        Some("/data/identity, /data/cardno, /data/stcaccount")
    );
    // Only the proxy may set this header, on every route.
    let forged = Signer::get()
        .sgate("/plain", "{}")
        .header("X_Card", "forged");
    assert_eq!(forged.send(&proxy).status, 200);
    assert_eq!(header(&origin.last(), "X_Card"), None);
    proxy.access();
    proxy.access();
}

#[test]
fn a_reload_changes_keys_and_switches_decryption_on() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .tables(&keys())
        .sgate("name = \"sgate\"\npath = \"/cb\"\n#decrypt")
        .origin(&origin)
        .start();
    let (sealed, clear) = sealed_and_clear();
    let body = || {
        assert_eq!(
            Signer::get()
                .sgate("/cb", sealed.clone())
                .send(&proxy)
                .status,
            200
        );
        String::from_utf8(origin.last().body).unwrap()
    };
    assert_eq!(body(), sealed);
    let on = |key: &str| format!("decrypt = \"sgate-sensitive\"\ndecrypt_keys = [\"{key}\"]");
    proxy.reconfigure(|text| text.replace("#decrypt", &on("stranger")));
    proxy.error_line("reloaded");
    assert_eq!(body(), sealed);
    proxy.reconfigure(|text| text.replace(&on("stranger"), &on("merchant")));
    proxy.error_line("reloaded");
    assert_eq!(body(), clear);
}

/// Key files that others can read are rejected.
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let files = crate::config_files::Files::new();
    let key = Keys::get().openssl.read("merchant.pem");
    let path = files.write("merchant.pem", key);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let text = "[[decryption_key]]\nid = 'k'\nfile = 'merchant.pem'\n";
    let report = files.load(text).unwrap_err().to_string();
    assert!(
        report.contains("everybody on this machine can read the secret key"),
        "{report}"
    );
    let mode = fs::Permissions::from_mode(0o640);
    fs::set_permissions(Path::new(&path), mode).unwrap();
    let report = files.load(text).unwrap_err().to_string();
    assert!(!report.contains("secret key"), "{report}");
}
