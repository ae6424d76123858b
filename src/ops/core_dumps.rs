//! Core dumps, which would contain secrets, clear text and captured requests.

use std::io;

use nix::sys::resource::{Resource, setrlimit};

use crate::config::Config;

/// Disables core dumps of this process for good if the configuration has secrets, or captures requests.
///
/// On Linux, this also makes the process non-dumpable: handlers such as systemd-coredump, to which
/// the limit does not apply, get no core, and no other process of the same user can read its memory
/// or environment. The kernel resets this when the process changes its user; call this function
/// again after that.
///
/// # Errors
/// If the system refuses.
pub fn forbid_if_confidential(config: &Config) -> io::Result<()> {
    if config.is_confidential() {
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
