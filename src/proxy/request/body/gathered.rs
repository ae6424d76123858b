//! The received part of a body, in memory that grows with it.

use bytes::Bytes;

use super::budget::Share;
use crate::config::SMALL_BODY;
use crate::judge::Fault;

/// The received part of a body. Its memory is never more than about twice the received bytes,
/// whatever length the client announced, and all of it counts against the budget.
pub(super) struct Gathered {
    /// The body, if it arrived in one piece.
    whole: Bytes,
    /// Its pieces, if there are several.
    pieces: Vec<u8>,
    /// The largest possible length: what its header says, or the limit.
    longest: usize,
}

impl Gathered {
    /// Nothing yet, of a body that cannot be longer than this.
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
            // Most callbacks arrive in one piece, which then becomes the buffer.
            share.grow(piece.len())?;
            self.whole = piece;
            return Ok(());
        }
        let length = self.pieces.len().saturating_add(piece.len());
        if self.pieces.is_empty() {
            share.grow(piece.len())?;
            // Without a copy, unless the piece is part of something larger: a single byte would
            // keep an HTTP/2 connection's read buffer from being freed.
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

    /// How much memory to reserve for this many bytes: twice as much, so that few copies are made,
    /// but no more than the body can need. A small body stays small: part of the budget is reserved
    /// for those.
    fn capacity(&self, length: usize) -> usize {
        let most = match length {
            0..=SMALL_BODY => self.longest.min(SMALL_BODY),
            _ => self.longest,
        };
        length.saturating_mul(2).min(most).max(length)
    }

    /// The complete body.
    pub(in crate::proxy) fn finish(self) -> Bytes {
        if self.pieces.is_empty() {
            self.whole
        } else {
            self.pieces.into()
        }
    }
}
