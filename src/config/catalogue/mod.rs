//! The catalogue: schemes of providers that come with the program.
//!
//! They are files as operators write them, and are read and compiled in the same way, but only those that a
//! route names. A `[[scheme]]` of the operator's with the same name takes the place of a shipped one.

mod shipped_files;
mod used_files;

pub use shipped_files::{FILES, ShippedFile};
pub(super) use used_files::used_files;
/// The names of all shipped schemes.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    FILES.iter().flat_map(ShippedFile::names)
}
