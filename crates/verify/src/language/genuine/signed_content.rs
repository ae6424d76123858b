//! What the algorithm is applied to.

use std::collections::BTreeSet;

/// What the algorithm is applied to.
#[derive(PartialEq, Eq)]
pub(in crate::language) struct SignedContent {
    pub(in crate::language) bytes: Vec<u8>,
    /// The selections in it of which a closer look must show that none of their fields could be
    /// another.
    pub(super) unclear: BTreeSet<usize>,
}
