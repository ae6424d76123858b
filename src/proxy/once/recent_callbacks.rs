//! Which requests brought which callbacks of late: an operator has the id of a request.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::once::Identity;

/// How many are known. Each takes 64 bytes.
const MOST: usize = 1 << 16;

/// Which requests brought which callbacks of late.
#[derive(Debug, Default)]
pub(in crate::proxy) struct RecentCallbacks(Mutex<VecDeque<RecentCallback>>);

/// A request that brought a callback.
#[derive(Clone, Copy, Debug)]
pub(in crate::proxy) struct RecentCallback {
    request: u128,
    pub(in crate::proxy) identity: Identity,
    /// Whether the identity may be shown.
    pub(in crate::proxy) is_shown: bool,
}

impl RecentCallbacks {
    /// Adds one; the oldest makes room.
    pub(in crate::proxy) fn add(&self, request_id: &str, identity: Identity, is_shown: bool) {
        let Some(request) = number(request_id) else {
            return;
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.pop_front();
        }
        all.push_back(RecentCallback {
            request,
            identity,
            is_shown,
        });
    }

    /// The callback that a request brought.
    pub(in crate::proxy) fn find(&self, request_id: &str) -> Option<RecentCallback> {
        let request = number(request_id)?;
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().rev().find(|one| one.request == request).copied()
    }
}

/// A request id as a number.
fn number(request_id: &str) -> Option<u128> {
    let is_one = request_id.len() == 32 && !request_id.starts_with('+');
    u128::from_str_radix(request_id, 16).ok().filter(|_| is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room() {
        let recent = RecentCallbacks::default();
        let id = |number: usize| format!("{number:032x}");
        for number in 0..=MOST {
            recent.add(&id(number), Identity::from([7; 32]), true);
        }
        assert!(recent.find(&id(0)).is_none());
        assert!(recent.find(&id(1)).is_some() && recent.find(&id(MOST)).is_some());
        for other in ["", "1", "+0000000000000000000000000000001"] {
            assert!(recent.find(other).is_none());
        }
    }
}
