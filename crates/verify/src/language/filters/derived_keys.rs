//! Filters that make keys of keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use des::TdesEde3;
use des::cipher::{BlockCipherEncrypt as _, KeyInit as _};

use super::{Filter, ParameterKind, Run, needs};
use crate::language::value_fault::ValueFault;

/// The most bytes that a key is made for.
const MAX_TEXT: usize = 64;

const BLOCK: usize = 8;

pub(super) const FILTERS: &[Filter] = &[Filter {
    name: "3des-cbc",
    parameters: &[needs("X", ParameterKind::Text)],
    run: Run::Decode(|key, given| triple_des(key, given.first())),
    meaning: "X, encrypted under a key of 24 bytes in base64, by Triple DES in CBC with zeros before and behind it. Redsys makes the key of an order's HMAC so; do not use it for anything else.",
    examples: &[
        (
            "3des-cbc:1446117555",
            "Mk9m98IfEblmPfrpsawt7BmxObt98Jev",
            Some("a34b385455c03664b0fa23f8cb5ad9c2"),
        ),
        ("3des-cbc:1446117555", "Mk9m98IfEblmPfrpsawt7BmxObt9", None),
    ],
}];

fn triple_des(key: &str, text: &str) -> Result<Vec<u8>, ValueFault> {
    if text.len() > MAX_TEXT {
        return Err(ValueFault::TooLong);
    }
    let key = STANDARD.decode(key).map_err(|_| ValueFault::Malformed)?;
    let cipher = TdesEde3::new_from_slice(&key).map_err(|_| ValueFault::Malformed)?;
    let mut last = [0; BLOCK];
    let mut out = Vec::with_capacity(MAX_TEXT);
    for block in text.as_bytes().chunks(BLOCK) {
        for (byte, clear) in last.iter_mut().zip(block) {
            *byte ^= clear;
        }
        let mut encrypted = last.into();
        cipher.encrypt_block(&mut encrypted);
        last = encrypted.into();
        out.extend_from_slice(&last);
    }
    Ok(out)
}
