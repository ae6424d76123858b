//! Decryption: the library with values that other programs encrypted, and the proxy end to end.

mod bad_values;
mod limits;
mod logs;
mod once;
mod outcome;
mod private_keys;
mod process;
mod programs;
mod proxy;
mod random_bodies;
mod wechatpay;
mod wycheproof;

use std::fs;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use countersign::decrypt::{
    Cipher, Clear, DecryptPolicy, DecryptionKey, Path, Refused, Rule, Task,
};
use countersign::verify::{self, Callback, KeySet, Scheme};
use http::{HeaderMap, HeaderValue};

use super::cases::NOW;
use super::openssl::OpenSsl;

/// The keys of this test run: the platform's to sign, the merchant's to decrypt, and a stranger's.
struct Keys {
    openssl: OpenSsl,
    platform: aws_lc_rs::signature::RsaKeyPair,
}

impl Keys {
    fn get() -> &'static Self {
        static KEYS: OnceLock<Keys> = OnceLock::new();
        KEYS.get_or_init(|| {
            let openssl = OpenSsl::new();
            for name in ["platform", "merchant", "stranger"] {
                openssl.run(&format!("genpkey -algorithm RSA -out {name}.pem"), b"");
                let private = format!("{name}.pem");
                openssl.run(&format!("pkey -in {private} -pubout -out {name}.pub"), b"");
            }
            openssl.run(
                "pkcs8 -in platform.pem -topk8 -nocrypt -outform DER -out platform.der",
                b"",
            );
            let platform =
                aws_lc_rs::signature::RsaKeyPair::from_pkcs8(&openssl.read("platform.der"))
                    .unwrap();
            Self { openssl, platform }
        })
    }

    fn private(&self, name: &str) -> Arc<DecryptionKey> {
        let pem = self.openssl.read(&format!("{name}.pem"));
        Arc::new(DecryptionKey::rsa(name, &pem).unwrap())
    }

    fn public_file(&self, name: &str) -> String {
        self.openssl.path(&format!("{name}.pub"))
    }
}

/// The merchant's and the stranger's keys as configuration tables.
pub(crate) fn keys() -> String {
    ["merchant", "stranger"]
        .map(|name| {
            let file = Keys::get().openssl.path(&format!("{name}.pem"));
            format!("[[decryption_key]]\nid = \"{name}\"\nfile = \"{file}\"\n")
        })
        .concat()
}

/// The verification policy: RSA with SHA-256 over the body, with the signature in a header.
fn verification() -> &'static verify::VerifyPolicy {
    static POLICY: OnceLock<verify::VerifyPolicy> = OnceLock::new();
    POLICY.get_or_init(|| {
        use verify::language::{Choice, SchemeDefinition};
        let public = fs::read(Keys::get().public_file("platform")).unwrap();
        let definition = SchemeDefinition {
            algorithm: Choice::Fixed("rsa-sha256".to_owned()),
            signature: vec!["{header:Signature|unbase64}".to_owned()],
            content: vec!["{body}".to_owned()],
            ..SchemeDefinition::default()
        };
        let scheme = Scheme::compile("test", definition).unwrap();
        let key = verify::Key::decode("k", &public).unwrap();
        verify::VerifyPolicy::new(scheme, KeySet::Any(vec![Arc::new(key)]))
    })
}

/// Signs, verifies and decrypts the body.
fn decrypt(body: impl Into<Bytes>, policy: &DecryptPolicy) -> Result<Clear, Refused> {
    let (body, mut headers) = (body.into(), HeaderMap::new());
    let platform = &Keys::get().platform;
    let mut signature = vec![0; platform.public_modulus_len()];
    let random = aws_lc_rs::rand::SystemRandom::new();
    let padding = &aws_lc_rs::signature::RSA_PKCS1_SHA256;
    platform
        .sign(padding, &random, &body, &mut signature)
        .unwrap();
    let signature = STANDARD.encode(signature);
    headers.insert("signature", HeaderValue::try_from(signature).unwrap());
    headers.insert("merchant", HeaderValue::from_static("mk"));
    let callback = Callback::new("POST", b"/", &headers, &body);
    let verified = verify::verify(verification(), callback, NOW).unwrap();
    let mut task = Task::new(&verified, &headers, &body, policy);
    while !task.is_done() {
        task.step();
    }
    task.finish()
}

/// A rule for one path that replaces the value.
fn rule(path: &str, cipher: Cipher) -> Rule {
    Rule::new("test", cipher, vec![Path::parse(path).unwrap()])
}

fn policy(rule: Rule, keys: Vec<Arc<DecryptionKey>>) -> DecryptPolicy {
    let mut policy = DecryptPolicy::new(rule, KeySet::Any(keys));
    policy.max_operations = 64;
    policy
}

/// The body that the backend receives.
fn text(clear: &Clear) -> &str {
    std::str::from_utf8(clear.body().unwrap()).unwrap()
}
