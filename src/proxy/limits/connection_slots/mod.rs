//! Which connections can be closed to make room for new ones: those that wait for a request, those that
//! have not sent a whole header yet, and those whose requests have stalled.
//!
//! A connection has a slot from its start to its end. The slot holds one number that only this
//! connection changes, so no request waits for another one's lock. Whoever needs room looks through
//! the numbers.

mod slot;
mod slot_state;
mod slots;
#[cfg(test)]
mod tests;

pub(in crate::proxy) use slot::{NOT_TAKEN, Slot, Stall};
pub(super) use slots::Slots;
