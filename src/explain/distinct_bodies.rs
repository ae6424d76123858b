//! Bodies that were tried already.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::variation::Suspect;

/// Whether a body was not tried before: many ways to write JSON give the same.
pub(super) fn is_new_body(suspect: &Suspect, seen: &mut HashSet<u64>) -> bool {
    let Some(body) = &suspect.variation.body else {
        return true;
    };
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    seen.insert(hasher.finish())
}
