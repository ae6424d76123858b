//! Each callback once: replays and duplicates.

mod http;
mod model;
mod schedules;
mod store;
mod stores;
mod stores_at_work;
