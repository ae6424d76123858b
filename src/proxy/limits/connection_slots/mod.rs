//! Which connections can be closed to make room for new ones: those that wait for a request, those
//! that have not sent a complete header yet, and those whose requests have stalled.
//!
//! A connection has a slot for its lifetime. The slot holds one number that only this connection
//! changes, so no request waits for another one's lock. Whoever needs room scans the numbers.

mod slot;
mod slot_state;
mod slots;
#[cfg(test)]
mod tests;

pub(in crate::proxy) use slot::{NOT_TAKEN, Slot, Stall};
pub(super) use slots::Slots;
