//! The cost of decryption: `cargo bench --locked --bench decrypt`. Results: docs/performance.md.

// If a benchmark cannot be set up, it should panic.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing
)]
// Only part of the callbacks module is used.
#![allow(dead_code)]

#[path = "support/callbacks.rs"]
mod callbacks;

use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    Pkcs1PrivateDecryptingKey, Pkcs1PublicEncryptingKey, PrivateDecryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use callbacks::{NOW, Sample};
use countersign::decrypt::{Clear, DecryptPolicy, DecryptionKey, Rule, Task};
use countersign::verify::{KeySet, verify};
use divan::{Bencher, black_box};
use rsa::pkcs8::DecodePrivateKey as _;
use sha2::Sha256;

fn main() {
    divan::main();
}

/// A private key for each engine.
struct Keys {
    fast: PrivateDecryptingKey,
    der: Vec<u8>,
}

impl Keys {
    fn new(size: KeySize) -> Self {
        let fast = PrivateDecryptingKey::generate(size).unwrap();
        let der: Pkcs8V1Der<'_> = fast.as_der().unwrap();
        let der = der.as_ref().to_vec();
        Self { fast, der }
    }

    fn merchant() -> &'static Self {
        static KEYS: OnceLock<Keys> = OnceLock::new();
        KEYS.get_or_init(|| Self::new(KeySize::Rsa2048))
    }

    fn of_bits(bits: usize) -> Self {
        Self::new(if bits == 2048 {
            KeySize::Rsa2048
        } else {
            KeySize::Rsa4096
        })
    }

    fn encrypt(&self, text: &[u8]) -> Vec<u8> {
        let key = Pkcs1PublicEncryptingKey::new(self.fast.public_key()).unwrap();
        let mut out = vec![0; key.ciphertext_size()];
        key.encrypt(text, &mut out).unwrap();
        out
    }
}

/// One private-key operation.
#[divan::bench_group]
mod private_operation {
    use super::*;

    const BITS: &[usize] = &[2048, 4096];

    #[divan::bench(args = BITS)]
    fn pkcs1_aws_lc_rs(bencher: Bencher<'_, '_>, bits: usize) {
        let keys = Keys::of_bits(bits);
        let block = keys.encrypt(b"6222 0000 1111 2222");
        let key = Pkcs1PrivateDecryptingKey::new(keys.fast).unwrap();
        let mut out = [0; 1024];
        bencher.bench_local(|| key.decrypt(black_box(&block), &mut out).is_ok());
    }

    #[divan::bench(args = BITS)]
    fn pkcs1_rsa(bencher: Bencher<'_, '_>, bits: usize) {
        let keys = Keys::of_bits(bits);
        let block = keys.encrypt(b"6222 0000 1111 2222");
        let key = rsa::PrivateKey::from_pkcs8_der(&keys.der).unwrap();
        bencher.bench_local(|| key.pkcs1v15_decrypt(black_box(&block)).is_ok());
    }

    #[divan::bench(args = BITS)]
    fn oaep_aws_lc_rs(bencher: Bencher<'_, '_>, bits: usize) {
        let keys = Keys::of_bits(bits);
        let block = oaep(&keys);
        let key = OaepPrivateDecryptingKey::new(keys.fast).unwrap();
        let mut out = [0; 1024];
        bencher.bench_local(|| {
            key.decrypt(&OAEP_SHA256_MGF1SHA256, black_box(&block), &mut out, None)
                .is_ok()
        });
    }

    #[divan::bench(args = BITS)]
    fn oaep_rsa(bencher: Bencher<'_, '_>, bits: usize) {
        let keys = Keys::of_bits(bits);
        let block = oaep(&keys);
        let key = rsa::PrivateKey::from_pkcs8_der(&keys.der).unwrap();
        bencher.bench_local(|| key.oaep_decrypt::<Sha256>(black_box(&block)).is_ok());
    }

    fn oaep(keys: &Keys) -> Vec<u8> {
        let key = OaepPublicEncryptingKey::new(keys.fast.public_key()).unwrap();
        let mut out = vec![0; key.ciphertext_size()];
        let text = b"6222 0000 1111 2222";
        key.encrypt(&OAEP_SHA256_MGF1SHA256, text, &mut out, None)
            .unwrap();
        out
    }
}

/// SGate's customer record, from its proof of verification to the decrypted body.
#[divan::bench(args = [1, 4, 64])]
fn customer_record(bencher: Bencher<'_, '_>, values: usize) {
    let value = STANDARD.encode(Keys::merchant().encrypt(b"6222 0000 1111 2222"));
    let values: Vec<_> = (0..values)
        .map(|_| format!("{{\"cardno\":\"{value}\"}}"))
        .collect();
    whole(bencher, &format!("[{}]", values.join(",")), true);
}

/// A value of two blocks, invalid in several ways: does the time reveal the reason?
#[divan::bench(args = ["right", "first block damaged", "second block damaged", "other key", "no text"])]
fn two_blocks(bencher: Bencher<'_, '_>, what: &str) {
    let keys = Keys::merchant();
    let text: &[u8] = if what == "no text" {
        &[0xff; 20]
    } else {
        b"6222"
    };
    let mut bytes = [keys.encrypt(text), keys.encrypt(text)].concat();
    match what {
        "first block damaged" => bytes[20] ^= 1,
        "second block damaged" => bytes[280] ^= 1,
        "other key" => {
            static OTHER: OnceLock<Keys> = OnceLock::new();
            let other = OTHER.get_or_init(|| Keys::new(KeySize::Rsa2048));
            bytes = [other.encrypt(text), other.encrypt(text)].concat();
        }
        _ => {}
    }
    let value = format!("{{\"cardno\":\"{}\"}}", STANDARD.encode(bytes));
    whole(bencher, &value, what == "right");
}

fn whole(bencher: Bencher<'_, '_>, data: &str, decrypts: bool) {
    let body = format!("{{\"event\":\"E\",\"data\":{{\"x\":{data}}},\"time\":7}}");
    let sample = Sample::sgate_with(body.clone().into_bytes());
    let verification = sample.policy();
    let callback = sample.callback();
    let verified = verify(&verification, callback, NOW).unwrap();
    let key = DecryptionKey::rsa("k", &Keys::merchant().der).unwrap();
    let keys = KeySet::Any(vec![Arc::new(key)]);
    let policy = DecryptPolicy::new(Rule::built_in()[0].clone(), keys);
    let body = Bytes::from(body);
    let run = || -> Clear {
        let mut task = Task::new(black_box(&verified), callback.headers, &body, &policy);
        while !task.is_done() {
            task.step();
        }
        task.finish().unwrap()
    };
    assert_eq!(run().failed().count() == 0, decrypts);
    bencher.bench_local(run);
}
