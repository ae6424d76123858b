//! What only a test of the configuration looks at: whether the proxy could start and reload with it
//! on this machine, now.

mod address_in_use;
mod user_access;

use std::path::PathBuf;

use crate::config::model::Config;
use crate::config::reader::Table;

/// Warns of what would fail with this configuration. `files` are those that were read for it.
pub(super) fn check(top: &Table<'_>, config: &Config, files: &[PathBuf]) {
    user_access::check(top, config, files);
    let (listeners, _) = top.tables("listener");
    let admin = top.has("admin").then(|| top.table("admin")).flatten();
    for table in listeners.iter().chain(&admin) {
        address_in_use::check(table, config.pid_file.as_deref());
    }
    address_in_use::check_control(top, config.pid_file.as_deref());
}
