//! What runs beside requests for as long as a generation is in force.

mod health_checks;
mod resolve;
mod tasks;

pub(super) use tasks::Tasks;
