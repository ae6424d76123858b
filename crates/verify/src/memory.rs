//! The memory that a verification takes beside the body.
//!
//! A body of `1,1,1,` takes fourteen times its length once it is parsed. Whoever holds many bodies
//! at once can count that, too, and refuse it before it is taken.

/// What sorting the fields of a body up to this length takes, in bytes, is not worth asking for.
pub(super) const UNASKED: usize = 64 << 10;

/// Grants memory that a verification takes beside the body. What is small is not asked for.
pub trait Memory {
    /// Asks for so many bytes more.
    ///
    /// # Errors
    /// If there is no room for them. Nothing is taken then, and there is no verdict.
    fn take(&mut self, bytes: usize) -> Result<(), OutOfMemory>;

    /// Gives so many of them back.
    fn give(&mut self, bytes: usize);
}

/// There is no room for what a verification would take. That says nothing about the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no room for what the verification takes")]
pub struct OutOfMemory;

/// As much as is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Plenty;

impl Memory for Plenty {
    fn take(&mut self, _bytes: usize) -> Result<(), OutOfMemory> {
        Ok(())
    }

    fn give(&mut self, _bytes: usize) {}
}
