//! Dropping root privileges once they are no longer needed.

use std::ffi::CString;

use nix::errno::Errno;
use nix::unistd::{Gid, Group, Uid, User, getegid, geteuid, initgroups, setgid, setgroups, setuid};

use crate::config::Config;

/// The user and group that the process should run as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunAs {
    /// The user's name.
    pub user: Option<String>,
    /// The group's name. Without it, the user's primary group.
    pub group: Option<String>,
}

impl RunAs {
    /// What the configuration asks for.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            user: config.user.clone(),
            group: config.group.clone(),
        }
    }
}

/// The owner of files, by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub user: Uid,
    /// The group.
    pub group: Gid,
}

/// Why the process cannot change its user.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The system does not know the name.
    #[error("there is no {kind} `{name}`")]
    Unknown {
        /// `user` or `group`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Only root can change to another user.
    #[error(
        "cannot switch to user `{user}`: only root can, and this process runs as `{current}`; \
         start it as root, or remove `user` and `group` from the configuration"
    )]
    NotRoot {
        /// The configured user.
        user: String,
        /// The current user.
        current: String,
    },
    /// The system refuses.
    #[error("cannot switch to user `{user}`: {source}")]
    System {
        /// The configured user.
        user: String,
        /// The system's error.
        source: Errno,
    },
}

/// Switches to this user and group for good. Does nothing if they are already the current ones.
///
/// # Errors
/// If they are unknown, or the process lacks the privilege.
pub fn become_(identity: &RunAs) -> Result<(), IdentityError> {
    let Some((user, uid, gid)) = find(identity)? else {
        return Ok(());
    };
    if (uid, gid) == (geteuid(), getegid()) && !(uid.is_root() && user.is_some()) {
        return Ok(());
    }
    let name = user
        .as_ref()
        .map_or_else(|| name_of(uid), |user| user.name.clone());
    if !geteuid().is_root() {
        return Err(IdentityError::NotRoot {
            user: name,
            current: name_of(geteuid()),
        });
    }
    let system = |source| IdentityError::System {
        user: name.clone(),
        source,
    };
    // The order matters: without root privileges, the first two are refused.
    let groups = match CString::new(name.as_str()) {
        Ok(name) if user.is_some() => initgroups(&name, gid),
        _ => setgroups(&[gid]),
    };
    groups
        .and_then(|()| setgid(gid))
        .and_then(|()| setuid(uid))
        .map_err(system)
}

/// The owner to set on files that this process creates as root and needs after it has switched to
/// this user and group. `None` if it does not switch, or may not.
///
/// # Errors
/// If they are unknown.
pub fn owner(identity: &RunAs) -> Result<Option<Owner>, IdentityError> {
    let found = find(identity)?.filter(|_| geteuid().is_root());
    Ok(found.map(|(_, user, group)| Owner { user, group }))
}

/// The user, if one is named, and the ids. `None` if neither user nor group is named.
fn find(identity: &RunAs) -> Result<Option<(Option<User>, Uid, Gid)>, IdentityError> {
    let RunAs { user, group } = identity;
    let user = user.as_deref().map(find_user).transpose()?;
    let group = group.as_deref().map(find_group).transpose()?;
    let Some(gid) = group.or(user.as_ref().map(|user| user.gid)) else {
        return Ok(None);
    };
    let uid = user.as_ref().map_or_else(geteuid, |user| user.uid);
    Ok(Some((user, uid, gid)))
}

fn find_user(name: &str) -> Result<User, IdentityError> {
    let found = User::from_name(name).ok().flatten();
    found.ok_or_else(|| unknown("user", name))
}

fn find_group(name: &str) -> Result<Gid, IdentityError> {
    let found = Group::from_name(name).ok().flatten();
    found
        .map(|group| group.gid)
        .ok_or_else(|| unknown("group", name))
}

fn unknown(kind: &'static str, name: &str) -> IdentityError {
    IdentityError::Unknown {
        kind,
        name: name.to_owned(),
    }
}

fn name_of(uid: Uid) -> String {
    let user = User::from_uid(uid).ok().flatten();
    user.map_or_else(|| uid.to_string(), |user| user.name)
}
