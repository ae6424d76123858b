//! Core dumps, which would hold secrets and clear text.

use std::io;

use nix::sys::resource::{Resource, setrlimit};

use crate::config::Config;

/// Switches core dumps of this process off, for good, if it holds secrets for the configuration.
///
/// On Linux the process also stops being dumpable: no core goes to a handler such as
/// systemd-coredump, which the limit does not keep from it, and no other process of its user can
/// read its memory or environment. The system forgets that when the process becomes another user, so
/// this is called again then.
///
/// # Errors
/// If the system refuses.
pub fn forbid_with_secrets(config: &Config) -> io::Result<()> {
    if config.holds_secrets() {
        forbid()
    } else {
        Ok(())
    }
}

fn forbid() -> io::Result<()> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_dumpable(false)?;
    Ok(())
}
