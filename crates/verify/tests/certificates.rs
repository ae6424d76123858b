//! Certificates in callbacks, made by OpenSSL: which count, and under which roots.

#![cfg(test)]
// Helpers outside of `#[test]` functions panic, as tests do.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[allow(dead_code, reason = "the program's tests use the rest")]
#[path = "../../../tests/it/openssl.rs"]
mod openssl;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_verify::http::{HeaderMap, HeaderValue};
use countersign_verify::language::{
    CertificateDefinition, Choice, RouteValues, SchemeDefinition, SchemeRules, TimestampDefinition,
    verify,
};
use countersign_verify::{Callback, Key, Plenty, Reason, VerifyError};

use openssl::OpenSsl;

const BODY: &[u8] = b"amount=1";
const DAY: u64 = 24 * 60 * 60;

const CA: &str =
    "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n1.2.3.5=DER:0500\n";
const SIGNER: &str = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n1.2.3.4=DER:0500\n";

fn definition() -> SchemeDefinition {
    SchemeDefinition {
        algorithm: Choice::Fixed("rsa-sha256".to_owned()),
        signature: vec!["{header:X-Signature|unbase64}".to_owned()],
        content: vec!["{timestamp}.{body}".to_owned()],
        timestamp: Some(TimestampDefinition {
            value: "{header:X-Time}".to_owned(),
            unit: "s".to_owned(),
        }),
        certificate: Some(CertificateDefinition {
            value: "{headers:X-Certificate}".to_owned(),
            subject: vec![
                ("O".to_owned(), "Pay".to_owned()),
                ("CN".to_owned(), "[0-9]+@银联@.*".to_owned()),
            ],
            extensions: vec!["1.2.3.4".to_owned()],
            issuer_extensions: vec!["1.2.3.5".to_owned()],
        }),
        ..SchemeDefinition::default()
    }
}

fn compiled(definition: &SchemeDefinition) -> SchemeRules {
    SchemeRules::compile(definition).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// A folder with a root, an intermediate certificate and one that signs.
struct Issuer {
    openssl: OpenSsl,
}

impl Issuer {
    fn new() -> Self {
        let issuer = Self {
            openssl: OpenSsl::new(),
        };
        issuer.key("root", "EC -pkeyopt ec_paramgen_curve:P-384");
        issuer.root("root", "Root");
        issuer.key("middle", "RSA");
        issuer.issue("middle", "/CN=Middle", "root", CA, "-sha384");
        issuer.key("leaf", "RSA");
        issuer.issue("leaf", "/O=Pay/CN=041@银联@1", "middle", SIGNER, "-sha256");
        issuer
    }

    fn key(&self, name: &str, kind: &str) {
        let command = format!("genpkey -algorithm {kind} -out {name}.key");
        self.openssl.run(&command, b"");
    }

    /// A certificate that signed itself.
    fn root(&self, name: &str, common_name: &str) {
        self.root_for_days(30, name, common_name);
    }

    fn root_for_days(&self, days: u64, name: &str, common_name: &str) {
        let command = format!(
            "req -x509 -new -key {name}.key -sha384 -subj /CN={common_name} -days {days} -out {name}.pem"
        );
        self.openssl.run(&command, b"");
    }

    fn issue(&self, name: &str, subject: &str, by: &str, extensions: &str, digest: &str) {
        self.openssl.write("extensions", extensions);
        let command = format!("req -new -utf8 -key {name}.key -subj {subject} -out request");
        self.openssl.run(&command, b"");
        let command = format!(
            "x509 -req -in request -CA {by}.pem -CAkey {by}.key -set_serial 0x00AB12 -extfile extensions {digest} -days 30 -out {name}.pem"
        );
        self.openssl.run(&command, b"");
    }

    /// A certificate in base64.
    fn base64(&self, name: &str) -> String {
        let command = format!("x509 -in {name}.pem -outform DER");
        STANDARD.encode(self.openssl.run(&command, b""))
    }

    fn root_key(&self, id: &str, name: &str) -> Arc<Key> {
        let pem = self.openssl.read(&format!("{name}.pem"));
        Arc::new(Key::decode(id, &pem).unwrap())
    }

    fn sign(&self, name: &str, content: &[u8]) -> String {
        let command = format!("dgst -sha256 -sign {name}.key");
        STANDARD.encode(self.openssl.run(&command, content))
    }

    /// The callback that `name` signs, with these certificates.
    fn verdict(
        &self,
        definition: &SchemeDefinition,
        keys: &[Arc<Key>],
        name: &str,
        certificates: &[String],
        time: u64,
    ) -> Result<String, Reason> {
        let content = [format!("{time}.").as_bytes(), BODY].concat();
        let mut headers = HeaderMap::new();
        let mut add = |name: &'static str, value: &str| {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        };
        add("x-signature", &self.sign(name, &content));
        add("x-time", &time.to_string());
        for certificate in certificates {
            add("x-certificate", certificate);
        }
        let callback = Callback::new("POST", b"/", &headers, BODY);
        let route = RouteValues::default();
        let rules = compiled(definition);
        match verify(&rules, &route, keys, callback, &mut Plenty, &mut ()) {
            Ok(genuine) => Ok(genuine.key.id().to_owned()),
            Err(VerifyError::Rejected(refused)) => Err(refused.reason),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_certificate_counts_under_a_root_at_the_callbacks_time() {
    let issuer = Issuer::new();
    issuer.key("other", "EC -pkeyopt ec_paramgen_curve:P-256");
    issuer.root("other", "Root");
    let keys = [
        issuer.root_key("other", "other"),
        issuer.root_key("root", "root"),
    ];
    let chain = [issuer.base64("leaf"), issuer.base64("middle")];
    let with_root = [chain.to_vec(), vec![issuer.base64("root")]].concat();
    let verdict =
        |chain: &[String], time| issuer.verdict(&definition(), &keys, "leaf", chain, time);
    assert_eq!(verdict(&chain, now()), Ok("root".to_owned()));
    assert_eq!(verdict(&with_root, now()), Ok("root".to_owned()));
    assert_eq!(verdict(&chain, now() + 29 * DAY), Ok("root".to_owned()));

    let refused = Err(Reason::ValueUnexpected);
    assert_eq!(verdict(&chain, now() + 31 * DAY), refused);
    assert_eq!(verdict(&chain, now() - DAY), refused);
    assert_eq!(verdict(&chain[..1], now()), refused);
    assert_eq!(verdict(&chain[1..], now()), refused);
    let turned = [chain[1].clone(), chain[0].clone()];
    assert_eq!(verdict(&turned, now()), refused);
    let many = [chain.to_vec(), vec![chain[1].clone(); 3]].concat();
    assert_eq!(verdict(&many, now()), Err(Reason::ValueMalformed));
    assert_eq!(verdict(&[], now()), Err(Reason::HeaderMissing));
    let no_certificate = ["AAAA".to_owned()];
    assert_eq!(verdict(&no_certificate, now()), refused);
    let no_base64 = ["?".to_owned()];
    assert_eq!(verdict(&no_base64, now()), Err(Reason::ValueMalformed));
    // The name of the root is no root.
    let of_other = issuer.verdict(&definition(), &keys[..1], "leaf", &with_root, now());
    assert_eq!(of_other, refused);
    // A key without a certificate is no root, even if it is that of one.
    let public = issuer.openssl.run("pkey -in root.key -pubout", b"");
    let bare = [Arc::new(Key::decode("", &public).unwrap())];
    let of_bare = issuer.verdict(&definition(), &bare, "leaf", &chain, now());
    assert_eq!(of_bare, Err(Reason::KeyUnknown));
    // Another key's signature under this certificate.
    let by_middle = issuer.verdict(&definition(), &keys, "middle", &chain, now());
    assert_eq!(by_middle, Err(Reason::SignatureMismatch));
}

#[test]
fn a_certificate_is_what_the_scheme_demands() {
    let issuer = Issuer::new();
    let keys = [issuer.root_key("root", "root")];
    let verdict = |definition: &SchemeDefinition, leaf: &str, middle: &str| {
        let chain = [issuer.base64(leaf), issuer.base64(middle)];
        issuer.verdict(definition, &keys, "leaf", &chain, now())
    };
    let refused = Err(Reason::ValueUnexpected);
    let again = |subject: &str, extensions: &str, digest: &str| {
        let from = issuer.openssl.path("leaf.key");
        std::fs::copy(from, issuer.openssl.path("again.key")).unwrap();
        issuer.issue("again", subject, "middle", extensions, digest);
        verdict(&definition(), "again", "middle")
    };
    let subject = "/O=Pay/CN=041@银联@1";
    assert!(again(subject, SIGNER, "-sha512").is_ok());
    assert!(again(subject, "1.2.3.4=DER:0500", "-sha256").is_ok());
    let also = "keyUsage=nonRepudiation\nextendedKeyUsage=clientAuth\n1.2.3.4=DER:0500";
    assert!(again(subject, also, "-sha256").is_ok());
    for (subject, extensions, digest) in [
        ("/O=Pay/CN=041@银联", SIGNER, "-sha256"),
        ("/O=Pay/CN=x041@银联@1", SIGNER, "-sha256"),
        ("/O=Payments/CN=041@银联@1", SIGNER, "-sha256"),
        ("/CN=041@银联@1", SIGNER, "-sha256"),
        ("/O=Pay/O=Pay/CN=041@银联@1", SIGNER, "-sha256"),
        ("/O=Pay/CN=041@银联@1/CN=041@银联@1", SIGNER, "-sha256"),
        // SHA-1 could be a collision's.
        (subject, SIGNER, "-sha1"),
        (subject, "keyUsage=digitalSignature", "-sha256"),
        (
            subject,
            "keyUsage=keyEncipherment\n1.2.3.4=DER:0500",
            "-sha256",
        ),
        (
            subject,
            "basicConstraints=CA:TRUE\n1.2.3.4=DER:0500",
            "-sha256",
        ),
        // What must be understood, and is not.
        (
            subject,
            "1.2.3.9=critical,DER:0500\n1.2.3.4=DER:0500",
            "-sha256",
        ),
    ] {
        assert_eq!(
            again(subject, extensions, digest),
            refused,
            "{subject} {extensions} {digest}"
        );
    }
    // Whoever has a certificate for signing cannot issue others.
    issuer.issue("again", subject, "leaf", SIGNER, "-sha256");
    let chain = ["again", "leaf", "middle"].map(|name| issuer.base64(name));
    assert_eq!(
        issuer.verdict(&definition(), &keys, "leaf", &chain, now()),
        refused
    );
    // Whoever issued it.
    let middle = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign";
    issuer.issue("middle", "/CN=Middle", "root", middle, "-sha384");
    assert_eq!(verdict(&definition(), "leaf", "middle"), refused);
    let mut by_anybody = definition();
    by_anybody
        .certificate
        .as_mut()
        .unwrap()
        .issuer_extensions
        .clear();
    assert!(verdict(&by_anybody, "leaf", "middle").is_ok());
}

/// A file with such a key needs `legacy = true`, and no callback can say that.
#[test]
fn a_key_that_can_be_broken_counts_for_nobody() {
    let issuer = Issuer::new();
    let keys = [issuer.root_key("root", "root")];
    let subject = "/O=Pay/CN=041@银联@1";
    let signed_with = |kind: &str| {
        issuer.key("short", kind);
        issuer.issue("short", subject, "middle", SIGNER, "-sha256");
        let chain = ["short", "middle"].map(|name| issuer.base64(name));
        issuer.verdict(&definition(), &keys, "short", &chain, now())
    };
    let refused = Err(Reason::ValueUnexpected);
    assert_eq!(signed_with("RSA -pkeyopt rsa_keygen_bits:1024"), refused);
    assert!(signed_with("RSA -pkeyopt rsa_keygen_bits:2048").is_ok());
    // So it is where the key is that of an issuer.
    issuer.key("middle", "RSA -pkeyopt rsa_keygen_bits:1024");
    issuer.issue("middle", "/CN=Middle", "root", CA, "-sha384");
    assert_eq!(signed_with("RSA"), refused);
}

#[test]
fn a_root_counts_while_it_is_valid() {
    let issuer = Issuer::new();
    let old = issuer.root_key("old", "root");
    issuer.root_for_days(5, "root", "Root");
    let expiring = issuer.root_key("expiring", "root");
    let chain = ["leaf", "middle"].map(|name| issuer.base64(name));
    let verdict =
        |keys: &[Arc<Key>], time| issuer.verdict(&definition(), keys, "leaf", &chain, time);
    let (expiring, both) = ([expiring.clone()], [expiring, old]);
    assert_eq!(
        verdict(&expiring, now() + 4 * DAY),
        Ok("expiring".to_owned())
    );
    let later = now() + 6 * DAY;
    assert_eq!(verdict(&expiring, later), Err(Reason::ValueUnexpected));
    // One with the same name and key that is valid stands in for it.
    assert_eq!(verdict(&both, later), Ok("old".to_owned()));
}

#[test]
fn no_byte_of_a_certificate_can_be_changed() {
    let issuer = Issuer::new();
    let keys = [issuer.root_key("root", "root")];
    let rules = compiled(&definition());
    let time = now();
    let content = [format!("{time}.").as_bytes(), BODY].concat();
    let signature = issuer.sign("leaf", &content);
    let leaf = STANDARD.decode(issuer.base64("leaf")).unwrap();
    let middle = issuer.base64("middle");
    let passes = |leaf: &[u8]| {
        let mut headers = HeaderMap::new();
        let mut add = |name: &'static str, value: &str| {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        };
        add("x-signature", &signature);
        add("x-time", &time.to_string());
        add("x-certificate", &STANDARD.encode(leaf));
        add("x-certificate", &middle);
        let callback = Callback::new("POST", b"/", &headers, BODY);
        let route = RouteValues::default();
        verify(&rules, &route, &keys, callback, &mut Plenty, &mut ()).is_ok()
    };
    assert!(passes(&leaf));
    for at in 0..leaf.len() {
        let mut changed = leaf.clone();
        changed[at] ^= 1;
        assert!(!passes(&changed), "byte {at}");
    }
    assert!(!passes(&[leaf.as_slice(), b"\0"].concat()));
}

/// UnionPay sends PEM with CR LF in a form.
#[test]
fn a_certificate_may_be_pem_in_a_field() {
    let issuer = Issuer::new();
    let keys = [issuer.root_key("union", "middle")];
    let scheme = SchemeDefinition {
        signature: vec!["{form:signature|unbase64}".to_owned()],
        content: vec!["{form:time}".to_owned()],
        timestamp: Some(TimestampDefinition {
            value: "{form:time}".to_owned(),
            unit: "s".to_owned(),
        }),
        certificate: Some(CertificateDefinition {
            value: "{form:certificate}".to_owned(),
            issuer_extensions: Vec::new(),
            ..definition().certificate.unwrap()
        }),
        ..definition()
    };
    let time = now().to_string();
    let encode = |text: &str| -> String {
        let code = |byte: u8| format!("%{byte:02X}");
        text.bytes().map(code).collect()
    };
    let pem = String::from_utf8(issuer.openssl.read("leaf.pem")).unwrap();
    let body = |pem: &str| {
        format!(
            "time={time}&certificate={}&signature={}",
            encode(pem),
            encode(&issuer.sign("leaf", time.as_bytes()))
        )
    };
    let mut headers = HeaderMap::new();
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert("content-type", form);
    let rules = compiled(&scheme);
    assert!(rules.keys_are_roots());
    let route = RouteValues::default();
    let verdict = |body: &str| {
        let callback = Callback::new("POST", b"/", &headers, body.as_bytes());
        let genuine = verify(&rules, &route, &keys, callback, &mut Plenty, &mut ());
        genuine.map(|genuine| genuine.key.id().to_owned())
    };
    let crlf = pem.replace('\n', "\r\n");
    assert_eq!(verdict(&body(&crlf)).unwrap(), "union");
    let two = format!("{pem}{pem}");
    assert!(verdict(&body(&two)).is_err());
    let other = pem.replace("CERTIFICATE", "PUBLIC KEY");
    assert!(verdict(&body(&other)).is_err());
}

/// WeChat Pay names its certificate so.
#[test]
fn a_key_is_chosen_by_the_serial_number_of_its_certificate() {
    let issuer = Issuer::new();
    let scheme = SchemeDefinition {
        certificate: None,
        key_id: Some("{header:X-Certificate}".to_owned()),
        ..definition()
    };
    let keys = [issuer.root_key("platform", "leaf")];
    let verdict = |serial: &str| {
        let serial = [serial.to_owned()];
        issuer.verdict(&scheme, &keys, "leaf", &serial, now())
    };
    for serial in ["AB12", "ab12", "00AB12", "platform"] {
        assert_eq!(verdict(serial), Ok("platform".to_owned()), "{serial}");
    }
    // A serial number of no key's: whoever signed is found among all.
    for serial in ["AB1", "AB120", "0", "1AB12"] {
        assert_eq!(verdict(serial), Ok("platform".to_owned()), "{serial}");
    }
}

#[test]
fn schemes_say_whose_certificate_it_is_and_when_it_is_valid() {
    let errors = |change: &dyn Fn(&mut SchemeDefinition)| {
        let mut scheme = definition();
        change(&mut scheme);
        let errors = SchemeRules::compile(&scheme).unwrap_err();
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        errors.join("; ")
    };
    fn certificate(scheme: &mut SchemeDefinition) -> &mut CertificateDefinition {
        scheme.certificate.as_mut().unwrap()
    }
    let anybody = errors(&|scheme| {
        certificate(scheme).subject.clear();
        certificate(scheme).extensions.clear();
    });
    assert!(anybody.contains("whose certificate"), "{anybody}");
    let timeless = errors(&|scheme| {
        scheme.timestamp = None;
        scheme.content = vec!["{body}".to_owned()];
    });
    assert!(timeless.contains("valid for a time"), "{timeless}");
    let secret = errors(&|scheme| scheme.algorithm = Choice::Fixed("hmac-sha256".to_owned()));
    assert!(secret.contains("no secret"), "{secret}");
    let name = errors(&|scheme| certificate(scheme).subject[0].0 = "Name".to_owned());
    assert!(name.contains("no attribute"), "{name}");
    let shape = errors(&|scheme| certificate(scheme).subject[0].1 = "(".to_owned());
    assert!(shape.contains("no regular expression"), "{shape}");
    let oid = errors(&|scheme| certificate(scheme).extensions[0] = "leaf".to_owned());
    assert!(oid.contains("no object identifier"), "{oid}");
}
