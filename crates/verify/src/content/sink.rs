//! Where signed text is written to: memory, or a digest.

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
