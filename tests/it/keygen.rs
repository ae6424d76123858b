//! `countersign keygen`: OpenSSL and Node read what it writes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::verify::{Key, KeyKind};

use crate::openssl::OpenSsl;

/// The kinds of pairs, with what OpenSSL calls them.
const PAIRS: &[(&str, &str)] = &[
    ("rsa", "Public-Key: (2048 bit)"),
    ("p256", "P-256"),
    ("p384", "P-384"),
    ("p521", "P-521"),
    ("ed25519", "ED25519"),
];

/// Has Node read a private and a public JWK, compares their public keys, and prints the private key as PKCS#8.
const NODE: &str = r#"
const { createPrivateKey, createPublicKey } = require('node:crypto');
const jwk = name => JSON.parse(require('node:fs').readFileSync(name));
const [, priv, pub] = process.argv;
const key = createPrivateKey({ key: jwk(priv), format: 'jwk' });
const der = key => key.export({ type: 'spki', format: 'der' }).toString('base64');
const published = createPublicKey({ key: jwk(pub), format: 'jwk' });
if (der(createPublicKey(key)) !== der(published)) throw new Error('not a pair');
if (jwk(pub).d !== undefined) throw new Error('private');
process.stdout.write(key.export({ type: 'pkcs8', format: 'pem' }));
"#;

fn keygen(folder: &Path, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("keygen")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Makes a key, and returns what was printed.
fn make(openssl: &OpenSsl, arguments: &str) -> String {
    let output = keygen(openssl.folder(), arguments);
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success() && err.is_empty(),
        "{arguments}: {err}"
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Has OpenSSL check a private key in DER or PEM, and returns its public key as DER.
fn public_of(openssl: &OpenSsl, private: &str, form: &str) -> Vec<u8> {
    openssl.run(
        &format!("pkey -in {private} -inform {form} -check -noout"),
        b"",
    );
    openssl.run(
        &format!("pkey -in {private} -inform {form} -pubout -outform DER"),
        b"",
    )
}

#[test]
fn openssl_reads_every_pair_in_pem_der_and_base64() {
    for (kind, name) in PAIRS {
        let openssl = OpenSsl::new();
        let printed = make(&openssl, &format!("{kind} --out a"));
        assert_eq!(
            printed,
            "private key: a.private.pem (mode 0600)\npublic key: a.public.pem\n"
        );
        let public = public_of(&openssl, "a.private.pem", "PEM");
        let published = openssl.run("pkey -pubin -in a.public.pem -outform DER", b"");
        assert_eq!(public, published, "{kind}");
        let text = openssl.run("pkey -pubin -in a.public.pem -noout -text", b"");
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(name), "{kind}: {text}");

        make(&openssl, &format!("{kind} --format der --out a"));
        let public = public_of(&openssl, "a.private.der", "DER");
        assert_eq!(public, openssl.read("a.public.der"), "{kind}");

        make(&openssl, &format!("{kind} --format base64 --out a"));
        for half in ["private", "public"] {
            let text = openssl.read(&format!("a.{half}.txt"));
            let der = STANDARD.decode(text).unwrap();
            fs::write(openssl.path(&format!("b.{half}.der")), der).unwrap();
        }
        let public = public_of(&openssl, "b.private.der", "DER");
        assert_eq!(public, openssl.read("b.public.der"), "{kind}");
    }
}

#[test]
fn node_reads_every_pair_as_jwks() {
    for (kind, _) in PAIRS {
        let openssl = OpenSsl::new();
        make(&openssl, &format!("{kind} --format jwk --out a"));
        let node = Command::new("node")
            .args(["-e", NODE, "a.private.jwk", "a.public.jwk"])
            .current_dir(openssl.folder())
            .output()
            .unwrap();
        assert!(node.status.success(), "{kind}: {node:?}");
        fs::write(openssl.path("a.pem"), node.stdout).unwrap();
        public_of(&openssl, "a.pem", "PEM");
    }
}

#[test]
fn openssl_reads_rsa_as_pkcs1_and_the_sizes_are_as_asked() {
    let openssl = OpenSsl::new();
    for bits in [2048, 3072] {
        make(
            &openssl,
            &format!("rsa --bits {bits} --format pkcs1 --out {bits}"),
        );
        let private = openssl.read(&format!("{bits}.private.pem"));
        assert!(private.starts_with(b"-----BEGIN RSA PRIVATE KEY-----\n"));
        let public = public_of(&openssl, &format!("{bits}.private.pem"), "PEM");
        let read = format!("rsa -RSAPublicKey_in -in {bits}.public.pem -pubout -outform DER");
        assert_eq!(public, openssl.run(&read, b""));
        let text = openssl.run(&format!("pkey -in {bits}.private.pem -noout -text"), b"");
        assert!(
            String::from_utf8(text)
                .unwrap()
                .contains(&format!("({bits} bit"))
        );
    }
}

#[test]
fn ed25519_keys_are_written_as_their_32_bytes() {
    let openssl = OpenSsl::new();
    for (form, prefixes) in [
        ("hex", ["", ""]),
        ("raw", ["", ""]),
        ("whsec", ["whsk_", "whpk_"]),
    ] {
        make(&openssl, &format!("ed25519 --format {form} --out {form}"));
        let read = |half: &str, prefix: &str| {
            let text = String::from_utf8(openssl.read(&format!("{form}.{half}.txt"))).unwrap();
            let text = text.strip_prefix(prefix).unwrap();
            match form {
                "hex" => countersign::verify::decode_hex(text).unwrap(),
                _ => STANDARD.decode(text).unwrap(),
            }
        };
        let [private, public] = [("private", prefixes[0]), ("public", prefixes[1])];
        let seed = read(private.0, private.1);
        assert_eq!(seed.len(), 32);
        // RFC 8410, section 7.
        let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
        der.extend(seed);
        fs::write(openssl.path("seed.der"), der).unwrap();
        let whole = public_of(&openssl, "seed.der", "DER");
        assert_eq!(whole[whole.len() - 32..], read(public.0, public.1));
    }
}

#[test]
fn every_public_key_is_one_for_a_route() {
    let openssl = OpenSsl::new();
    for (kind, forms, wanted) in [
        ("rsa", "pem pkcs1 der base64 jwk", KeyKind::Rsa),
        (
            "ed25519",
            "pem der base64 jwk hex raw whsec",
            KeyKind::Ed25519,
        ),
    ] {
        for form in forms.split(' ') {
            make(
                &openssl,
                &format!("{kind} --format {form} --out {kind}-{form}"),
            );
            let file = ["pem", "der", "jwk", "txt"]
                .map(|ending| openssl.path(&format!("{kind}-{form}.public.{ending}")));
            let file = file.iter().find(|file| Path::new(file).exists()).unwrap();
            let key = Key::decode("k", &fs::read(file).unwrap()).unwrap();
            assert_eq!(key.kind(), wanted, "{form}");
        }
    }
}

#[test]
fn secrets_have_the_bits_and_the_form_that_were_asked_for() {
    let openssl = OpenSsl::new();
    let text = |arguments: &str| make(&openssl, arguments).trim_end().to_owned();
    let hex = text("secret --stdout");
    assert_eq!(countersign::verify::decode_hex(&hex).unwrap().len(), 32);
    assert_ne!(hex, text("secret --stdout"));
    let base64 = text("secret --bits 512 --format base64 --stdout");
    assert_eq!(STANDARD.decode(base64).unwrap().len(), 64);
    let standard = text("secret --bits 192 --format whsec --stdout");
    let bytes = STANDARD
        .decode(standard.strip_prefix("whsec_").unwrap())
        .unwrap();
    assert_eq!(bytes.len(), 24);
    let jwk: serde_json::Value =
        serde_json::from_str(&text("secret --format jwk --stdout")).unwrap();
    assert_eq!(jwk["kty"], "oct");
    assert_eq!(
        make(&openssl, "secret --out s"),
        "secret: s.secret.txt (mode 0600)\n"
    );
    let read = openssl.read("s.secret.txt");
    assert_eq!(
        read.len(),
        64,
        "no end of line: some readers take it for a part of the secret"
    );
}

#[test]
fn private_files_are_their_owners_alone_whatever_the_umask() {
    for umask in ["000", "077"] {
        let openssl = OpenSsl::new();
        let script = format!("umask {umask}; exec \"$0\" keygen ed25519 --out a");
        let status = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_countersign")])
            .current_dir(openssl.folder())
            .status()
            .unwrap();
        assert!(status.success());
        let mode = |file: &str| {
            let found = fs::metadata(openssl.path(file)).unwrap();
            found.permissions().mode() & 0o777
        };
        assert_eq!(mode("a.private.pem"), 0o600, "umask {umask}");
        assert_eq!(mode("a.public.pem"), 0o644, "umask {umask}");
    }
}

#[test]
fn no_file_is_overwritten_and_none_is_left_of_a_pair_that_failed() {
    for taken in ["a.private.pem", "a.public.pem"] {
        let openssl = OpenSsl::new();
        openssl.write(taken, "in use");
        let output = keygen(openssl.folder(), "p256 --out a");
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(
            err.contains(&format!("{taken} exists")) && err.contains("--out"),
            "{err}"
        );
        assert_eq!(openssl.read(taken), b"in use");
        assert_eq!(
            fs::read_dir(openssl.folder()).unwrap().count(),
            1,
            "{taken}"
        );
    }
}

#[test]
fn a_key_goes_to_a_file_or_where_it_was_asked_to_and_nowhere_else() {
    let openssl = OpenSsl::new();
    let output = keygen(openssl.folder(), "rsa");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    for arguments in ["p384 --out a", "p384 --json --out b"] {
        let printed = make(&openssl, arguments);
        let name = if arguments.contains("json") { "b" } else { "a" };
        let pem = String::from_utf8(openssl.read(&format!("{name}.private.pem"))).unwrap();
        let key = pem.lines().nth(1).unwrap();
        assert!(!printed.contains(key), "{printed}");
    }
    let printed = make(&openssl, "p384 --json --out c");
    let printed: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let wanted = serde_json::json!({
        "kind": "P-384", "private": "c.private.pem", "public": "c.public.pem",
    });
    assert_eq!(printed, wanted);
    assert!(make(&openssl, "p384 --stdout").starts_with("-----BEGIN PRIVATE KEY-----\n"));
}

#[test]
fn what_cannot_be_made_is_refused_with_what_can() {
    let openssl = OpenSsl::new();
    for (arguments, why) in [
        (
            "rsa --bits 1024 --out a",
            "2048, 3072, 4096 or 8192 bits, not 1024",
        ),
        (
            "p256 --bits 256 --out a",
            "`--bits` is for RSA keys and secrets",
        ),
        (
            "secret --bits 64 --out a",
            "128 to 4096 bits, in steps of 8, not 64",
        ),
        ("secret --bits 129 --out a", "not 129"),
        (
            "rsa --format hex --out a",
            "`pem`, `pkcs1`, `der`, `base64`, `jwk`",
        ),
        (
            "secret --format pem --out a",
            "`hex`, `base64`, `jwk`, `whsec`",
        ),
        ("p256 --out a/", "no name for the files"),
        ("p256 --out none/a", "cannot write none/a.private.pem"),
    ] {
        let output = keygen(openssl.folder(), arguments);
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments}");
        assert!(
            err.starts_with("countersign keygen: ") && err.contains(why),
            "{err}"
        );
        assert_eq!(
            fs::read_dir(openssl.folder()).unwrap().count(),
            0,
            "{arguments}"
        );
    }
}
