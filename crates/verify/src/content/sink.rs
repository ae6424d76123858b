//! Where signed text is written to: memory, or a digest.

use md5::Md5;
use sha2::{Digest, Sha256};

use crate::body::Charset;
use crate::memory::{MemoryBudget, OutOfMemory};

/// Accepts text piece by piece.
pub(crate) trait Sink {
    /// Accepts the next bytes.
    fn put(&mut self, bytes: &[u8]);

    /// Accepts the next characters.
    fn put_str(&mut self, text: &str) {
        self.put(text.as_bytes());
    }
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

impl Sink for Md5 {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl Sink for Sha256 {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

/// Text in another character set than UTF-8.
pub(super) struct InCharset<'s, S> {
    pub(super) to: &'s mut S,
    pub(super) charset: Charset,
    /// Whether some text cannot be written in it. Then it is not what the provider signed.
    pub(super) has_failed: bool,
}

impl<S: Sink> Sink for InCharset<'_, S> {
    fn put(&mut self, bytes: &[u8]) {
        self.to.put(bytes);
    }

    fn put_str(&mut self, text: &str) {
        match self.charset.encode(text) {
            Some(bytes) => self.to.put(&bytes),
            None => self.has_failed = true,
        }
    }
}

/// Text in memory that is reserved as the text grows.
pub(super) struct TextSink<'m> {
    bytes: Vec<u8>,
    memory: &'m mut dyn MemoryBudget,
    refused: bool,
}

impl<'m> TextSink<'m> {
    pub(super) fn new(
        capacity: usize,
        memory: &'m mut dyn MemoryBudget,
    ) -> Result<Self, OutOfMemory> {
        memory.take(capacity)?;
        Ok(Self {
            bytes: Vec::with_capacity(capacity),
            memory,
            refused: false,
        })
    }

    /// The complete text, if there was room for it. Reserved memory that was not needed is given
    /// back.
    pub(super) fn finish(self, is_there: bool) -> Result<Option<Vec<u8>>, OutOfMemory> {
        if self.refused {
            return Err(OutOfMemory);
        }
        if !is_there {
            self.memory.give(self.bytes.capacity());
            return Ok(None);
        }
        Ok(Some(self.bytes))
    }

    /// Makes room for this many more bytes; `false` if there is none.
    fn grow(&mut self, more: usize) -> bool {
        let old = self.bytes.capacity();
        let new = self.bytes.len().saturating_add(more);
        let new = new.max(old.saturating_mul(2));
        // For a moment, both exist.
        if self.refused || self.memory.take(new).is_err() {
            self.refused = true;
            return false;
        }
        let additional = new.saturating_sub(self.bytes.len());
        self.bytes.reserve_exact(additional);
        self.memory.give(old);
        true
    }
}

impl Sink for TextSink<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let room = self.bytes.capacity().saturating_sub(self.bytes.len());
        if bytes.len() <= room || self.grow(bytes.len()) {
            self.bytes.extend_from_slice(bytes);
        }
    }
}
