//! Bytes that are written in memory, which is asked for before they grow.

use crate::content::Sink;
use crate::language::expression_value::{Scratch, UNASKED};
use crate::language::value_fault::ValueFault;

/// Bytes that are written in memory, which is asked for before they grow. Once refused, they stay so.
pub(super) struct MeasuredBytes<'s, 'v> {
    bytes: Vec<u8>,
    scratch: &'s Scratch<'v>,
    /// What was taken from the budget for them.
    reserved: usize,
    fault: Option<ValueFault>,
}

impl<'s, 'v> MeasuredBytes<'s, 'v> {
    pub(super) const fn new(scratch: &'s Scratch<'v>) -> Self {
        Self {
            bytes: Vec::new(),
            scratch,
            reserved: 0,
            fault: None,
        }
    }

    /// The same with room for these many, which is reserved.
    pub(super) fn with_capacity(
        capacity: usize,
        scratch: &'s Scratch<'v>,
    ) -> Result<Self, ValueFault> {
        scratch.check_room(capacity)?;
        scratch.with_memory(|memory| memory.take(capacity))?;
        Ok(Self {
            bytes: Vec::with_capacity(capacity),
            reserved: capacity,
            scratch,
            fault: None,
        })
    }

    /// All bytes, if there was room for them. Whoever keeps them reserves their memory.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, ValueFault> {
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => Ok(std::mem::take(&mut self.bytes)),
        }
    }

    /// The same; their memory stays reserved.
    pub(super) fn keep(mut self) -> Result<Vec<u8>, ValueFault> {
        if self.fault.is_none() {
            self.reserved = 0;
        }
        self.finish()
    }

    /// Makes room for this many more bytes; `false` if there is none.
    fn grow(&mut self, more: usize) -> bool {
        if self.fault.is_some() {
            return false;
        }
        let least = self.bytes.len().saturating_add(more);
        // No more than there may be, so that what fits is not refused for what is added to it.
        let ample = self.bytes.capacity().saturating_mul(2).max(64);
        let new = least.max(ample.min(self.scratch.room()));
        if let Err(fault) = self.take(new) {
            self.fault = Some(fault);
            return false;
        }
        self.bytes
            .reserve_exact(new.saturating_sub(self.bytes.len()));
        true
    }

    fn take(&mut self, new: usize) -> Result<(), ValueFault> {
        self.scratch.check_room(new)?;
        if new >= UNASKED || self.reserved > 0 {
            // For a moment, the old ones and the new ones exist.
            self.scratch.with_memory(|memory| {
                memory.take(new)?;
                memory.give(self.reserved);
                Ok::<(), ValueFault>(())
            })?;
            self.reserved = new;
        }
        Ok(())
    }
}

impl Sink for MeasuredBytes<'_, '_> {
    fn put(&mut self, bytes: &[u8]) {
        let room = self.bytes.capacity().saturating_sub(self.bytes.len());
        if bytes.len() <= room || self.grow(bytes.len()) {
            self.bytes.extend_from_slice(bytes);
        }
    }
}

impl Drop for MeasuredBytes<'_, '_> {
    fn drop(&mut self) {
        if self.reserved > 0 {
            let reserved = self.reserved;
            self.scratch.with_memory(|memory| memory.give(reserved));
        }
    }
}
