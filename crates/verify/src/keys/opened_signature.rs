//! What an RSA signature holds, seen with the public key.

use md5::Md5;
use sha1::Sha1;
use sha2::digest::Digest as _;
use sha2::{Sha256, Sha384, Sha512};
use sha3::Sha3_256;

use super::pss_padding::PssPadding;
use crate::algorithm::Digest;

/// What an RSA signature holds, opened with a public key. Whoever holds the private key made it, unless it is
/// [`Unknown`](Self::Unknown) or a [`Pss`](Self::Pss) that is not [certain](PssPadding::is_certain).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenedSignature {
    /// A signature of RSASSA-PKCS1-v1_5 over this digest.
    Digest(Digest, Vec<u8>),
    /// The same, but its `DigestInfo` has no parameters, where RFC 8017 has a NULL.
    DigestWithoutNull(Digest, Vec<u8>),
    /// A signature of RSASSA-PKCS1-v1_5 over a digest that no scheme has, by its name.
    OtherDigest(&'static str),
    /// A block of PKCS#1 v1.5 that holds something else, such as a digest without its `DigestInfo`.
    Bare(Vec<u8>),
    /// A signature of RSASSA-PSS, in all ways to read it, the likeliest first. Over what can only be checked.
    Pss(Vec<PssPadding>),
    /// A block with the padding of this standard.
    OtherPadding(&'static str),
    /// Random data: another key made it, it was damaged, or it is padded in a way that is not known here.
    Unknown,
}

/// The digests that signatures name, with their object identifiers in DER.
const IDENTIFIERS: &[(Digest, &[u8])] = &[
    (Digest::Md5, b"\x2a\x86\x48\x86\xf7\x0d\x02\x05"),
    (Digest::Sha1, b"\x2b\x0e\x03\x02\x1a"),
    (Digest::Sha256, b"\x60\x86\x48\x01\x65\x03\x04\x02\x01"),
    (Digest::Sha384, b"\x60\x86\x48\x01\x65\x03\x04\x02\x02"),
    (Digest::Sha512, b"\x60\x86\x48\x01\x65\x03\x04\x02\x03"),
    (Digest::Sha3_256, b"\x60\x86\x48\x01\x65\x03\x04\x02\x08"),
];

/// Other digests, with their object identifiers and lengths.
const OTHER_IDENTIFIERS: &[(&str, &[u8], usize)] = &[
    ("SHA-224", b"\x60\x86\x48\x01\x65\x03\x04\x02\x04", 28),
    ("SHA-512/224", b"\x60\x86\x48\x01\x65\x03\x04\x02\x05", 28),
    ("SHA-512/256", b"\x60\x86\x48\x01\x65\x03\x04\x02\x06", 32),
    ("SHA3-224", b"\x60\x86\x48\x01\x65\x03\x04\x02\x07", 28),
    ("SHA3-384", b"\x60\x86\x48\x01\x65\x03\x04\x02\x09", 48),
    ("SHA3-512", b"\x60\x86\x48\x01\x65\x03\x04\x02\x0a", 64),
    ("RIPEMD-160", b"\x2b\x24\x03\x02\x01", 20),
    ("SM3", b"\x2a\x81\x1c\xcf\x55\x01\x83\x11", 32),
    ("MD2", b"\x2a\x86\x48\x86\xf7\x0d\x02\x02", 16),
    ("MD4", b"\x2a\x86\x48\x86\xf7\x0d\x02\x04", 16),
];

/// The fewest bytes of padding by which a block counts as one (RFC 8017, section 9.2, has as many).
const PADDING: usize = 8;

impl OpenedSignature {
    /// Reads the block of a key with this many bits.
    pub(super) fn read(block: &[u8], bits: usize) -> Self {
        match padded(block) {
            Some(held) => digest_info(held)
                .or_else(|| other_digest(held))
                .unwrap_or_else(|| Self::Bare(held.to_vec())),
            None => match (PssPadding::all(block, bits), other_padding(block)) {
                (all, None) if !all.is_empty() => Self::Pss(all),
                (_, other) => other.map_or(Self::Unknown, Self::OtherPadding),
            },
        }
    }
}

impl Digest {
    /// The digest of a message.
    #[must_use]
    pub fn of(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(message).to_vec(),
            Self::Sha1 => Sha1::digest(message).to_vec(),
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
            Self::Sha3_256 => Sha3_256::digest(message).to_vec(),
        }
    }
}

/// What a block `00 01 FF … FF 00` holds.
fn padded(block: &[u8]) -> Option<&[u8]> {
    let rest = block.strip_prefix(b"\x00\x01")?;
    let padding = rest.iter().take_while(|byte| **byte == 0xff).count();
    let held = rest.get(padding..)?.strip_prefix(b"\x00")?;
    (padding >= PADDING).then_some(held)
}

/// A `DigestInfo` in DER, byte for byte as it must be.
fn digest_info(held: &[u8]) -> Option<OpenedSignature> {
    IDENTIFIERS.iter().find_map(|(digest, identifier)| {
        let found = |parameters: &[u8]| {
            let head = head(digest.length(), identifier, parameters)?;
            let bytes = held.strip_prefix(head.as_slice())?;
            (bytes.len() == digest.length()).then(|| bytes.to_vec())
        };
        let whole = found(b"\x05\x00").map(|bytes| OpenedSignature::Digest(*digest, bytes));
        whole.or_else(|| Some(OpenedSignature::DigestWithoutNull(*digest, found(b"")?)))
    })
}

/// The name of a digest that no scheme has.
fn other_digest(held: &[u8]) -> Option<OpenedSignature> {
    let mut known = OTHER_IDENTIFIERS.iter();
    let (name, ..) = known.find(|(_, identifier, length)| {
        let is = |parameters: &[u8]| {
            let head = head(*length, identifier, parameters);
            let bytes = head.and_then(|head| held.strip_prefix(head.as_slice()));
            bytes.is_some_and(|bytes| bytes.len() == *length)
        };
        is(b"\x05\x00") || is(b"")
    })?;
    Some(OpenedSignature::OtherDigest(name))
}

/// The standard that has this padding: long enough that chance does not make it.
fn other_padding(block: &[u8]) -> Option<&'static str> {
    let begins = |byte: u8, rest: &[u8]| {
        rest.iter()
            .take(PADDING)
            .filter(|one| **one == byte)
            .count()
            == PADDING
    };
    match block {
        [0x6b, rest @ .., 0xcc] if begins(0xbb, rest) => Some("ANSI X9.31"),
        _ if begins(0, block) => Some("no standard: zeros in front of it"),
        _ => None,
    }
}

/// What stands before a digest.
fn head(length: usize, identifier: &[u8], parameters: &[u8]) -> Option<Vec<u8>> {
    let wrap = |tag: u8, inner: &[u8]| {
        let length = u8::try_from(inner.len()).ok()?;
        Some([&[tag, length], inner].concat())
    };
    let algorithm = [wrap(0x06, identifier)?, parameters.to_vec()].concat();
    let algorithm = wrap(0x30, &algorithm)?;
    let digest = u8::try_from(length).ok()?;
    let inner = algorithm.len().checked_add(2)?.checked_add(length)?;
    let inner = u8::try_from(inner).ok()?;
    Some([&[0x30, inner][..], &algorithm, &[0x04, digest]].concat())
}
