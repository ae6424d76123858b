//! What a signature of RSASSA-PSS shows of itself.

use sha1::Sha1;
use sha2::digest::Update;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_256};
use sha3::{Sha3_256, Sha3_384, Sha3_512};

/// A block that is padded as RSASSA-PSS has it (RFC 8017, section 9.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PssPadding {
    /// The name of the digest.
    pub hash: &'static str,
    /// The name of the digest of MGF1.
    pub mask: &'static str,
    salt: Vec<u8>,
    digest: Vec<u8>,
    zeros: usize,
}

/// A digest, by its name.
type NamedHash = (&'static str, fn(&[&[u8]]) -> Vec<u8>);

fn hashed<D: sha2::digest::Digest + Update>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = D::new();
    for part in parts {
        Update::update(&mut hash, part);
    }
    hash.finalize().to_vec()
}

const HASHES: &[NamedHash] = &[
    ("SHA-256", hashed::<Sha256>),
    ("SHA-384", hashed::<Sha384>),
    ("SHA-512", hashed::<Sha512>),
    ("SHA-1", hashed::<Sha1>),
    ("SHA-224", hashed::<Sha224>),
    ("SHA-512/256", hashed::<Sha512_256>),
    ("SHA3-256", hashed::<Sha3_256>),
    ("SHA3-384", hashed::<Sha3_384>),
    ("SHA3-512", hashed::<Sha3_512>),
];

/// So many zero bytes that chance does not make them.
const CERTAIN: usize = 8;

impl PssPadding {
    /// All ways to read the block of a key with this many bits, with MGF1 over the same digest or over SHA-1: those that are
    /// certain first, then the usual digests.
    pub(super) fn all(block: &[u8], bits: usize) -> Vec<Self> {
        let pairs = HASHES.iter().flat_map(|hash| {
            let masks = HASHES.iter();
            let masks = masks.filter(|mask| mask.0 == hash.0 || mask.0 == "SHA-1");
            masks.map(move |mask| (hash, mask))
        });
        let found = pairs.filter_map(|(hash, mask)| Self::with(block, bits, hash, mask));
        let mut found: Vec<Self> = found.collect();
        found.sort_by_key(|one| !one.is_certain());
        found
    }

    fn with(block: &[u8], bits: usize, hash: &NamedHash, mask: &NamedHash) -> Option<Self> {
        let used = bits.saturating_sub(1);
        let unused = used.div_ceil(8).saturating_mul(8).saturating_sub(used);
        let block = match block.split_first() {
            Some((0, rest)) if used.is_multiple_of(8) => rest,
            _ => block,
        };
        let (last, block) = block.split_last()?;
        let end = block.len().checked_sub(hash.1(&[]).len())?;
        let (masked, digest) = block.split_at_checked(end)?;
        let kept = u8::MAX.checked_shr(u32::try_from(unused).ok()?)?;
        let first = masked.first()?;
        if *last != 0xbc || first & !kept != 0 {
            return None;
        }
        let mut data = masked.to_vec();
        for (byte, mask) in data.iter_mut().zip(mask_of(mask, digest, masked.len())) {
            *byte ^= mask;
        }
        *data.first_mut()? &= kept;
        let zeros = data.iter().take_while(|byte| **byte == 0).count();
        let salt = data.get(zeros..)?.strip_prefix(b"\x01")?;
        Some(Self {
            hash: hash.0,
            mask: mask.0,
            salt: salt.to_vec(),
            digest: digest.to_vec(),
            zeros,
        })
    }

    /// The number of bytes of salt.
    #[must_use]
    pub const fn salt_length(&self) -> usize {
        self.salt.len()
    }

    /// Whether the padding alone shows that the key made it. A salt that leaves no room for padding shows it only together
    /// with the content.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        self.zeros >= CERTAIN
    }

    /// Whether it signs this content.
    #[must_use]
    pub fn signs(&self, content: &[u8]) -> bool {
        let mut known = HASHES.iter();
        let hash = known.find(|hash| hash.0 == self.hash);
        hash.is_some_and(|(_, hash)| hash(&[&[0; 8], &hash(&[content]), &self.salt]) == self.digest)
    }
}

/// MGF1 (RFC 8017, appendix B.2.1).
fn mask_of(hash: &NamedHash, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::with_capacity(length);
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        mask.extend(hash.1(&[seed, &counter.to_be_bytes()]));
    }
    mask.truncate(length);
    mask
}
