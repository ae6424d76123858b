//! Ed25519 keys without any structure around them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_verify::{Algorithm, Key, KeyError};

use super::hex;

/// RFC 8032, section 7.1, test 1.
const DIGITS: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

#[test]
fn the_32_bytes_are_taken_in_hexadecimal_and_base64() {
    let base64 = STANDARD.encode(hex(DIGITS));
    let expected = Key::decode("key", DIGITS.as_bytes()).unwrap().fingerprint();
    for text in [
        DIGITS.to_uppercase(),
        format!("{DIGITS}\n"),
        base64.clone(),
        format!("{base64}\r\n"),
        format!("whpk_{base64}"),
        format!("\u{feff}{base64}"),
    ] {
        let key = Key::decode("key", text.as_bytes()).unwrap();
        assert!(key.fits(Algorithm::Ed25519), "{text}");
        assert_eq!(key.fingerprint(), expected, "{text}");
    }
    for text in [
        &DIGITS[2..],
        &format!("{DIGITS}00"),
        &format!("whpk_{DIGITS}"),
        &format!("whsec_{base64}"),
        "whpk_",
        &format!("whpk_{}", &base64[4..]),
    ] {
        assert!(Key::decode("key", text.as_bytes()).is_err(), "{text}");
    }
}

/// Under such keys, anybody can make signatures; or two libraries take them for different keys.
#[test]
fn points_that_are_no_safe_key_are_refused() {
    for (digits, why) in [
        (
            "0100000000000000000000000000000000000000000000000000000000000000",
            "its point has a small order",
        ),
        (
            "0000000000000000000000000000000000000000000000000000000000000000",
            "its point has a small order",
        ),
        (
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "its point has a small order",
        ),
        (
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "its point has a small order",
        ),
        // y = p + 1.
        (
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "its point is not written in the only valid way",
        ),
        (
            "0200000000000000000000000000000000000000000000000000000000000000",
            "its point is not on the curve",
        ),
    ] {
        let error = Key::decode("key", digits.as_bytes()).unwrap_err();
        assert_eq!(error, KeyError::Unusable(why), "{digits}");
    }
}
