//! A digest to which signed content is written.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::content::Sink;
use crate::language::expression_value::Scratch;
use crate::language::value_fault::ValueFault;

/// A digest that is made while its input is written, so that a large body is never copied.
pub(super) struct DigestSink<'s, 'v> {
    digest: MadeDigest,
    scratch: &'s Scratch<'v>,
    /// How much was written.
    length: usize,
}

enum MadeDigest {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl<'s, 'v> DigestSink<'s, 'v> {
    /// The digest that the filter with this name makes.
    pub(super) fn of_filter(name: &str, scratch: &'s Scratch<'v>) -> Option<Self> {
        let digest = match name {
            "md5" => MadeDigest::Md5(Md5::new()),
            "sha1" => MadeDigest::Sha1(Sha1::new()),
            "sha256" => MadeDigest::Sha256(Sha256::new()),
            "sha384" => MadeDigest::Sha384(Sha384::new()),
            "sha512" => MadeDigest::Sha512(Sha512::new()),
            _ => return None,
        };
        Some(Self {
            digest,
            scratch,
            length: 0,
        })
    }

    /// The digest, unless its input was longer than what could be kept in memory: whether it is
    /// depends on nothing but its length.
    pub(super) fn finish(self) -> Result<Vec<u8>, ValueFault> {
        self.scratch.check_room(self.length)?;
        Ok(match self.digest {
            MadeDigest::Md5(digest) => digest.finalize().to_vec(),
            MadeDigest::Sha1(digest) => digest.finalize().to_vec(),
            MadeDigest::Sha256(digest) => digest.finalize().to_vec(),
            MadeDigest::Sha384(digest) => digest.finalize().to_vec(),
            MadeDigest::Sha512(digest) => digest.finalize().to_vec(),
        })
    }
}

impl Sink for DigestSink<'_, '_> {
    fn put(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len());
        // Nobody gets a digest of more.
        if self.length > self.scratch.room() {
            return;
        }
        match &mut self.digest {
            MadeDigest::Md5(digest) => Digest::update(digest, bytes),
            MadeDigest::Sha1(digest) => Digest::update(digest, bytes),
            MadeDigest::Sha256(digest) => Digest::update(digest, bytes),
            MadeDigest::Sha384(digest) => Digest::update(digest, bytes),
            MadeDigest::Sha512(digest) => Digest::update(digest, bytes),
        }
    }
}
