//! How many descriptors the process may have.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Allows the process as many descriptors as the system lets it have: each connection takes one or
/// two, and the usual limit of 1024 is from a time of programs that could not handle more.
pub fn raise_limit() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        // Then it is the limit that the operator sees in the system's own tools.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// How many of the descriptors connections of clients may take: three quarters, so that strangers who
/// do nothing leave enough for the connections to backends, and for all else.
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
