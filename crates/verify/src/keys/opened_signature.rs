//! What an RSA signature holds, seen with the public key.

use md5::Md5;
use sha1::Sha1;
use sha2::digest::{Digest as Hash, Output};
use sha2::{Sha256, Sha384, Sha512};
use sha3::Sha3_256;

use crate::algorithm::Digest;

/// What an RSA signature holds, opened with a public key. Whoever holds the private key made it, unless it is
/// [`Unknown`](Self::Unknown): with another key, nothing but noise comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenedSignature {
    /// A signature of RSASSA-PKCS1-v1_5 over this digest.
    Digest(Digest, Vec<u8>),
    /// The same, but its `DigestInfo` has no parameters, where RFC 8017 has a NULL.
    DigestWithoutNull(Digest, Vec<u8>),
    /// A block of PKCS#1 v1.5 that holds something else, such as a digest without its `DigestInfo`.
    Bare(Vec<u8>),
    /// A signature of RSASSA-PSS with this digest. Over what cannot be seen.
    Pss(Digest),
    /// Noise: another key made it, or it was damaged.
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

/// The fewest bytes of padding by which a block counts as one (RFC 8017, section 9.2, has as many).
const PADDING: usize = 8;

impl OpenedSignature {
    /// Reads the block of a key with this many bits.
    pub(super) fn read(block: &[u8], bits: usize) -> Self {
        match padded(block) {
            Some(held) => digest_info(held).unwrap_or_else(|| Self::Bare(held.to_vec())),
            None if is_pss::<Sha256>(block, bits) => Self::Pss(Digest::Sha256),
            None if is_pss::<Sha384>(block, bits) => Self::Pss(Digest::Sha384),
            None if is_pss::<Sha512>(block, bits) => Self::Pss(Digest::Sha512),
            None if is_pss::<Sha1>(block, bits) => Self::Pss(Digest::Sha1),
            None if is_pss::<Md5>(block, bits) => Self::Pss(Digest::Md5),
            None => Self::Unknown,
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
            let head = head(*digest, identifier, parameters)?;
            let bytes = held.strip_prefix(head.as_slice())?;
            (bytes.len() == digest.length()).then(|| bytes.to_vec())
        };
        let whole = found(b"\x05\x00").map(|bytes| OpenedSignature::Digest(*digest, bytes));
        whole.or_else(|| Some(OpenedSignature::DigestWithoutNull(*digest, found(b"")?)))
    })
}

/// What stands before a digest.
fn head(digest: Digest, identifier: &[u8], parameters: &[u8]) -> Option<Vec<u8>> {
    let wrap = |tag: u8, inner: &[u8]| {
        let length = u8::try_from(inner.len()).ok()?;
        Some([&[tag, length], inner].concat())
    };
    let algorithm = [wrap(0x06, identifier)?, parameters.to_vec()].concat();
    let algorithm = wrap(0x30, &algorithm)?;
    let length = u8::try_from(digest.length()).ok()?;
    let inner = algorithm
        .len()
        .checked_add(2)?
        .checked_add(digest.length())?;
    let inner = u8::try_from(inner).ok()?;
    Some([&[0x30, inner][..], &algorithm, &[0x04, length]].concat())
}

/// Whether a block is padded as RSASSA-PSS has it (RFC 8017, section 9.1.2), with MGF1 over the same digest.
fn is_pss<D: Hash>(block: &[u8], bits: usize) -> bool {
    let used = bits.saturating_sub(1);
    let unused = used.div_ceil(8).saturating_mul(8).saturating_sub(used);
    let block = match block.split_first() {
        Some((0, rest)) if used.is_multiple_of(8) => rest,
        _ => block,
    };
    let length = <D as Hash>::output_size();
    let end = block.len().checked_sub(length.saturating_add(1));
    let Some((masked, rest)) = end.and_then(|end| block.split_at_checked(end)) else {
        return false;
    };
    let Some((0xbc, seed)) = rest.split_last() else {
        return false;
    };
    let mut data: Vec<u8> = masked.to_vec();
    for (byte, mask) in data.iter_mut().zip(mask::<D>(seed, masked.len())) {
        *byte ^= mask;
    }
    if let Some(first) = data.first_mut() {
        *first &= u8::MAX
            .checked_shr(u32::try_from(unused).unwrap_or_default())
            .unwrap_or_default();
    }
    let zeros = data.iter().take_while(|byte| **byte == 0).count();
    zeros >= PADDING && data.get(zeros) == Some(&1)
}

/// MGF1 (RFC 8017, appendix B.2.1).
fn mask<D: Hash>(seed: &[u8], length: usize) -> Vec<u8> {
    let block = |counter: u32| -> Output<D> {
        D::new()
            .chain_update(seed)
            .chain_update(counter.to_be_bytes())
            .finalize()
    };
    let blocks = (0_u32..).map(block);
    let mut mask = Vec::with_capacity(length);
    for block in blocks {
        if mask.len() >= length {
            break;
        }
        mask.extend_from_slice(&block);
    }
    mask.truncate(length);
    mask
}
