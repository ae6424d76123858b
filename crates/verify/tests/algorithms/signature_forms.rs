//! DER and raw signatures of ECDSA: each only where the scheme says so.

use countersign_verify::scheme::SignatureForm;
use countersign_verify::{Algorithm, Key};

use super::openssl::OpenSsl;
use super::verdict;

const ALGORITHM: Algorithm = Algorithm::EcdsaP256Sha256;

fn from_der(der: &[u8]) -> Option<Vec<u8>> {
    let read = SignatureForm::read(Some(SignatureForm::Der), ALGORITHM, der);
    read.map(|raw| raw.into_owned())
}

#[test]
fn one_form_is_never_taken_for_the_other() {
    let openssl = OpenSsl::new();
    openssl.run(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
        b"",
    );
    let key = Key::decode("key", &openssl.run("pkey -in key.pem -pubout", b"")).unwrap();
    let der = openssl.run("dgst -sha256 -sign key.pem", b"message");
    let raw = from_der(&der).unwrap();
    assert!(verdict(&key, ALGORITHM, b"message", &raw));
    assert_eq!(from_der(&raw), None);
    let as_raw = SignatureForm::read(Some(SignatureForm::Raw), ALGORITHM, &der).unwrap();
    assert!(!key.candidate(ALGORITHM, &as_raw) && !verdict(&key, ALGORITHM, b"message", &as_raw));
    // Unsaid, and said where there is only one.
    assert_eq!(SignatureForm::read(None, ALGORITHM, &raw), None);
    assert_eq!(
        SignatureForm::read(Some(SignatureForm::Raw), Algorithm::Ed25519, &raw),
        None
    );
}

/// The order of P-256.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

#[test]
fn numbers_that_are_zero_negative_or_not_less_than_the_order_fail() {
    let openssl = OpenSsl::new();
    openssl.run(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
        b"",
    );
    let key = Key::decode("key", &openssl.run("pkey -in key.pem -pubout", b"")).unwrap();
    let raw = from_der(&openssl.run("dgst -sha256 -sign key.pem", b"message")).unwrap();
    let (r, s) = raw.split_at(32);
    for bad in [[0; 32], ORDER, [0xff; 32]] {
        for forged in [[&bad[..], s], [r, &bad], [&bad, &bad]] {
            assert!(!verdict(&key, ALGORITHM, b"message", &forged.concat()));
        }
    }
    // (r, n - s) is a second signature over the same content: the content is what makes a callback.
    let malleable = [r, &less(&ORDER, s)].concat();
    assert!(verdict(&key, ALGORITHM, b"message", &malleable));
    assert!(!verdict(&key, ALGORITHM, b"massage", &malleable));
}

/// The difference of two numbers of one length.
fn less(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut out = Vec::new();
    for (a, b) in a.iter().zip(b).rev() {
        let digit = i16::from(*a) - i16::from(*b) - borrow;
        out.push(digit as u8);
        borrow = i16::from(digit < 0);
    }
    out.into_iter().rev().collect()
}

#[test]
fn only_der_is_der() {
    let good = b"\x30\x06\x02\x01\x05\x02\x01\x07";
    let raw = from_der(good).unwrap();
    assert_eq!((raw.len(), raw[31], raw[63]), (64, 5, 7));
    for (what, bad) in [
        ("nothing", &b""[..]),
        ("no numbers", b"\x30\x00"),
        ("one number", b"\x30\x03\x02\x01\x05"),
        (
            "three numbers",
            b"\x30\x09\x02\x01\x05\x02\x01\x07\x02\x01\x07",
        ),
        ("a byte behind", b"\x30\x06\x02\x01\x05\x02\x01\x07\x00"),
        ("a byte inside", b"\x30\x07\x02\x01\x05\x02\x01\x07\x00"),
        ("a long length", b"\x30\x81\x06\x02\x01\x05\x02\x01\x07"),
        (
            "an indefinite length",
            b"\x30\x80\x02\x01\x05\x02\x01\x07\x00\x00",
        ),
        ("a leading zero", b"\x30\x07\x02\x02\x00\x05\x02\x01\x07"),
        ("a negative number", b"\x30\x06\x02\x01\x85\x02\x01\x07"),
        ("an empty number", b"\x30\x05\x02\x00\x02\x01\x07"),
        ("another type", b"\x30\x06\x04\x01\x05\x02\x01\x07"),
        ("a set", b"\x31\x06\x02\x01\x05\x02\x01\x07"),
        ("cut", b"\x30\x06\x02\x01\x05\x02\x01"),
    ] {
        assert_eq!(from_der(bad), None, "{what}");
    }
    // A number of 33 bytes fits no coordinate.
    let long = [&b"\x30\x26\x02\x21\x01"[..], &[0; 32], b"\x02\x01\x07"].concat();
    assert_eq!(from_der(&long), None);
}
