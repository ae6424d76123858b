//! Certificates as callbacks contain them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The longest certificate.
const MAX_BYTES: usize = 16 << 10;

/// A certificate's DER out of PEM, base64 or DER.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    if bytes.first() == Some(&0x30) {
        return Some(bytes.to_vec());
    }
    let text = std::str::from_utf8(bytes).ok()?.trim();
    if !text.starts_with("-----BEGIN ") {
        return STANDARD.decode(text).ok();
    }
    match pem::parse_many(text).ok()?.as_slice() {
        [block] if block.tag() == "CERTIFICATE" => Some(block.contents().to_vec()),
        _ => None,
    }
}
