//! The limit on file descriptors.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises the limit on file descriptors to the hard limit. Each connection takes one or two, and
/// the usual soft limit of 1024 dates from programs that could not handle more.
pub fn raise_limit() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        // So that the system's own tools show the operator this limit.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// The most descriptors that client connections may take: three quarters, so that idle strangers
/// leave enough for connections to backends and everything else.
#[must_use]
pub fn most_connections() -> usize {
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, _)) => {
            let rest = soft.div_ceil(4);
            usize::try_from(soft.saturating_sub(rest)).unwrap_or(usize::MAX)
        }
        Err(_) => usize::MAX,
    }
}
