//! Where signed content is written to: memory, or a digest.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::content::Sink;
use crate::language::expression_value::Scratch;
use crate::memory::OutOfMemory;

/// Content in memory that is reserved as the content grows, and stays reserved.
pub(super) struct ContentSink<'s, 'v> {
    bytes: Vec<u8>,
    scratch: &'s Scratch<'v>,
    refused: bool,
}

impl<'s, 'v> ContentSink<'s, 'v> {
    pub(super) fn new(capacity: usize, scratch: &'s Scratch<'v>) -> Result<Self, OutOfMemory> {
        scratch.with_memory(|memory| memory.take(capacity))?;
        Ok(Self {
            bytes: Vec::with_capacity(capacity),
            scratch,
            refused: false,
        })
    }

    /// The complete content, if there was room for it.
    pub(super) fn finish(self) -> Result<Vec<u8>, OutOfMemory> {
        if self.refused {
            self.discard();
            return Err(OutOfMemory);
        }
        Ok(self.bytes)
    }

    /// Gives the memory back.
    pub(super) fn discard(self) {
        let reserved = self.bytes.capacity();
        self.scratch.with_memory(|memory| memory.give(reserved));
    }

    /// Makes room for this many more bytes; `false` if there is none.
    fn grow(&mut self, more: usize) -> bool {
        let old = self.bytes.capacity();
        let new = self.bytes.len().saturating_add(more);
        let new = new.max(old.saturating_mul(2));
        // For a moment, both exist.
        if self.refused || self.scratch.with_memory(|memory| memory.take(new)).is_err() {
            self.refused = true;
            return false;
        }
        let additional = new.saturating_sub(self.bytes.len());
        self.bytes.reserve_exact(additional);
        self.scratch.with_memory(|memory| memory.give(old));
        true
    }
}

impl Sink for ContentSink<'_, '_> {
    fn put(&mut self, bytes: &[u8]) {
        let room = self.bytes.capacity().saturating_sub(self.bytes.len());
        if bytes.len() <= room || self.grow(bytes.len()) {
            self.bytes.extend_from_slice(bytes);
        }
    }
}

/// A digest that is made while its input is written, so that a large body is never copied.
pub(super) enum DigestSink {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl DigestSink {
    /// The digest that the filter with this name makes.
    pub(super) fn of_filter(name: &str) -> Option<Self> {
        Some(match name {
            "md5" => Self::Md5(Md5::new()),
            "sha1" => Self::Sha1(Sha1::new()),
            "sha256" => Self::Sha256(Sha256::new()),
            "sha384" => Self::Sha384(Sha384::new()),
            "sha512" => Self::Sha512(Sha512::new()),
            _ => return None,
        })
    }

    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Self::Md5(digest) => digest.finalize().to_vec(),
            Self::Sha1(digest) => digest.finalize().to_vec(),
            Self::Sha256(digest) => digest.finalize().to_vec(),
            Self::Sha384(digest) => digest.finalize().to_vec(),
            Self::Sha512(digest) => digest.finalize().to_vec(),
        }
    }
}

impl Sink for DigestSink {
    fn put(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(digest) => Digest::update(digest, bytes),
            Self::Sha1(digest) => Digest::update(digest, bytes),
            Self::Sha256(digest) => Digest::update(digest, bytes),
            Self::Sha384(digest) => Digest::update(digest, bytes),
            Self::Sha512(digest) => Digest::update(digest, bytes),
        }
    }
}
