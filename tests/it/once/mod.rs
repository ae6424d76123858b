//! `once`: replays and duplicates of callbacks.

mod away;
mod http;
mod large_answers;
mod late;
mod model;
mod proxies;
mod schedules;
mod store;
mod stores;
pub(crate) mod stores_at_work;
pub(crate) mod storm;
mod untaken;
mod variations;

use std::time::Instant;

use crate::support::{Callback, PATIENCE, Proxy};

/// Sends the callback until the response has this status.
fn eventually(callback: &Callback, proxy: &Proxy, status: u16) {
    let deadline = Instant::now() + PATIENCE;
    while callback.send(proxy).status != status {
        assert!(Instant::now() < deadline, "no {status}");
    }
}
