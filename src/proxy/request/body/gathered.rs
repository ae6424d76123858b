//! What came of a body so far, in memory that grows with it.

use bytes::Bytes;

use super::budget::Share;
use crate::config::SMALL_BODY;
use crate::judge::Fault;

/// What came of a body so far. Its memory is never more than about twice of that, whatever length the
/// client announced, and all of it counts against the budget.
pub(super) struct Gathered {
    /// The body, if it came in one piece.
    whole: Bytes,
    /// Its pieces, if there are several.
    pieces: Vec<u8>,
    /// As long as it can become: what its header says, or the limit.
    longest: usize,
}

impl Gathered {
    /// Nothing yet, of a body that cannot be longer than that.
    pub(in crate::proxy) fn new(longest: usize) -> Self {
        Self {
            whole: Bytes::new(),
            pieces: Vec::new(),
            longest,
        }
    }

    pub(in crate::proxy) fn length(&self) -> usize {
        self.whole.len().saturating_add(self.pieces.len())
    }

    /// Adds a piece, which may be the last one.
    ///
    /// # Errors
    /// If the budget does not allow it.
    pub(in crate::proxy) fn add(
        &mut self,
        piece: Bytes,
        is_last: bool,
        share: &mut Share,
    ) -> Result<(), Fault> {
        if is_last && self.length() == 0 {
            // Most callbacks come in one piece, which then is the buffer.
            share.grow(piece.len())?;
            self.whole = piece;
            return Ok(());
        }
        let length = self.pieces.len().saturating_add(piece.len());
        if self.pieces.is_empty() {
            share.grow(piece.len())?;
            // Without a copy, unless the piece is a part of something larger: of an HTTP/2
            // connection's read buffer, which a single byte would keep from being freed.
            self.pieces = Vec::from(piece);
            self.pieces.shrink_to_fit();
            return Ok(());
        }
        if length > self.pieces.capacity() {
            let capacity = self.capacity(length);
            share.grow(capacity.saturating_sub(self.pieces.capacity()))?;
            let more = capacity.saturating_sub(self.pieces.len());
            self.pieces.reserve_exact(more);
        }
        self.pieces.extend_from_slice(&piece);
        Ok(())
    }

    /// How much memory to have for so many bytes: twice as much, so that few copies are made, but
    /// not more than the body can need. A small one stays small: a part of the budget is for these.
    fn capacity(&self, length: usize) -> usize {
        let most = match length {
            0..=SMALL_BODY => self.longest.min(SMALL_BODY),
            _ => self.longest,
        };
        length.saturating_mul(2).min(most).max(length)
    }

    /// The whole body.
    pub(in crate::proxy) fn finish(self) -> Bytes {
        if self.pieces.is_empty() {
            self.whole
        } else {
            self.pieces.into()
        }
    }
}
