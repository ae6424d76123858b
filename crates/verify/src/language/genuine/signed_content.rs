//! What the algorithm is applied to.

use std::collections::BTreeSet;

/// What the algorithm is applied to.
#[derive(PartialEq, Eq)]
pub(super) struct SignedContent {
    pub(super) bytes: Vec<u8>,
    /// The selections in it of which a closer look must show that none of their fields could be
    /// another.
    pub(super) unclear: BTreeSet<usize>,
}
