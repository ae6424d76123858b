//! The memory that a verification takes in addition to the body.
//!
//! A body of `1,1,1,` takes fourteen times its length once it is parsed. A program that holds many
//! bodies at once can count that memory, too, and refuse it before it is allocated.

/// Grants the memory that a verification takes in addition to the body. Small amounts are not asked
/// for.
pub trait MemoryBudget {
    /// Asks for this many more bytes.
    ///
    /// # Errors
    /// If there is no room for them. Then nothing is reserved, and there is no verdict.
    fn take(&mut self, bytes: usize) -> Result<(), OutOfMemory>;

    /// Gives this many bytes back.
    fn give(&mut self, bytes: usize);

    /// Whether it always grants everything. Then nobody counts in advance what will be needed.
    fn is_unlimited(&self) -> bool {
        false
    }
}

/// There is no room for the memory that a verification needs. This says nothing about the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not enough memory for the verification")]
pub struct OutOfMemory;

/// Grants everything.
#[derive(Clone, Copy, Debug)]
pub struct Plenty;

impl MemoryBudget for Plenty {
    fn take(&mut self, _bytes: usize) -> Result<(), OutOfMemory> {
        Ok(())
    }

    fn give(&mut self, _bytes: usize) {}

    fn is_unlimited(&self) -> bool {
        true
    }
}
