//! Each callback once: replays and duplicates.

mod http;
mod model;
mod proxies;
mod schedules;
mod store;
mod stores;
mod stores_at_work;
pub(crate) mod storm;
