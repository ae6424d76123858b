//! Signed callbacks of any size, for benchmarks.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::verify::{self, Algorithm, Callback, KeySet, Scheme, VerifyPolicy, signed_text};
use http::{HeaderMap, HeaderValue};
use md5::{Digest as _, Md5};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};
use sha2::Sha256;

/// The time at which the samples are fresh.
pub(crate) const NOW: i64 = 1_700_000_000;

/// A key pair.
pub(crate) struct Key(rsa::PrivateKey);

impl Key {
    /// Generates a key of 2048 or 4096 bits.
    pub(crate) fn of_bits(bits: usize) -> Self {
        let size = match bits {
            2048 => KeySize::Rsa2048,
            4096 => KeySize::Rsa4096,
            other => panic!("no key of {other} bits"),
        };
        let der: Pkcs8V1Der<'_> = KeyPair::generate(size).unwrap().as_der().unwrap();
        Self(rsa::PrivateKey::from_pkcs8_der(der.as_ref()).unwrap())
    }

    /// The public key.
    pub(crate) fn public(&self) -> verify::Key {
        let der = self.0.to_public_key().to_public_key_der().unwrap();
        verify::Key::decode("bench", der.as_bytes()).unwrap()
    }

    /// Signs like a platform.
    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        match algorithm {
            Algorithm::RsaMd5 => self.0.pkcs1v15_sign::<Md5>(message),
            Algorithm::RsaSha256 => self.0.pkcs1v15_sign::<Sha256>(message),
            other => panic!("no measurement of {other}"),
        }
        .unwrap()
    }
}

fn key() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| Key::of_bits(2048))
}

/// A signed callback.
pub(crate) struct Sample {
    scheme: Scheme,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Sample {
    /// A CheezeePay callback with as many short fields as fit.
    pub(crate) fn cheezeepay(size: usize) -> Self {
        let with_sign = |sign: &str| body(size, "}", &format!("\"sign\":\"{sign}\""));
        let mut sample = Self::unsigned("cheezeepay", with_sign(&placeholder()));
        let sign = sample.sign();
        sample.body = with_sign(&sign);
        sample
    }

    /// An SGate event with as many short fields as fit.
    pub(crate) fn sgate(size: usize) -> Self {
        Self::sgate_with(body(
            size,
            "},\"time\":1700000000}",
            "\"event\":\"SALARY_STATUS_CHANGE\",\"data\":{\"a\":0",
        ))
    }

    /// An SGate callback with this body.
    pub(crate) fn sgate_with(body: Vec<u8>) -> Self {
        let mut sample = Self::unsigned("sgate", body);
        for (name, value) in [
            ("v-api-key", "mk_0123456789ab"),
            ("v-api-version", "1"),
            ("v-timestamp", "1700000000"),
            ("v-nonce-str", "0123456789abcdef"),
            ("v-signature", &placeholder()),
        ] {
            sample
                .headers
                .insert(name, HeaderValue::from_str(value).unwrap());
        }
        let signature = HeaderValue::from_str(&sample.sign()).unwrap();
        sample.headers.insert("v-signature", signature);
        sample
    }

    fn unsigned(scheme: &str, body: Vec<u8>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Self {
            scheme: Scheme::find_built_in(scheme).unwrap().clone(),
            headers,
            body,
        }
    }

    fn sign(&self) -> String {
        let algorithms = self.scheme.algorithms();
        let algorithm = *algorithms.first().unwrap();
        STANDARD.encode(key().sign(algorithm, &self.content()))
    }

    /// The signed content: the scheme's text or its digest.
    pub(crate) fn content(&self) -> Vec<u8> {
        let text = signed_text(&self.scheme, self.callback())
            .unwrap()
            .remove(0);
        match &self.scheme.definition().signed {
            None => text,
            Some(_) => hex(&Md5::digest(&text)).into_bytes(),
        }
    }

    /// The callback with a signature that no key could have made.
    pub(crate) fn with_short_signature(mut self) -> Self {
        if let Some(value) = self.headers.get_mut("v-signature") {
            *value = HeaderValue::from_static("AAAA");
        }
        let body = String::from_utf8(self.body).unwrap();
        self.body = match body.split_once("\"sign\":\"") {
            Some((before, after)) => {
                let rest = after.split_once('"').unwrap().1;
                format!("{before}\"sign\":\"AAAA\"{rest}").into_bytes()
            }
            None => body.into_bytes(),
        };
        self
    }

    pub(crate) fn callback(&self) -> Callback<'_> {
        Callback::new("POST", b"/callback", &self.headers, &self.body)
    }

    pub(crate) fn policy(&self) -> VerifyPolicy {
        VerifyPolicy::new(
            self.scheme.clone(),
            KeySet::Any(vec![Arc::new(key().public())]),
        )
    }
}

/// Text as long as a 2048-bit signature.
fn placeholder() -> String {
    STANDARD.encode([0; 256])
}

/// A JSON object of exactly `size` bytes: `first`, then short members and a filler.
fn body(size: usize, end: &str, first: &str) -> Vec<u8> {
    let mut body = format!("{{{first}");
    let room = |body: &String| size.saturating_sub(body.len() + end.len());
    let mut nth = 0;
    while room(&body) > 80 {
        write!(body, ",\"field{nth}\":\"value {nth} of a callback\"").unwrap();
        nth += 1;
    }
    let filler = room(&body).saturating_sub(",\"z\":\"\"".len());
    write!(body, ",\"z\":\"{}\"{end}", "x".repeat(filler)).unwrap();
    assert_eq!(body.len(), size);
    body.into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
