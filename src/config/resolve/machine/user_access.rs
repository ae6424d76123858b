//! Whether the user that the process switches to can do what the process does later.

use std::ffi::CString;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Group, Uid, User, geteuid, getgrouplist};

use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::listen_address::ListenAddress;
use crate::config::model::{Config, Destination};
use crate::config::reader::Table;
use crate::once::StoreSettings;

const READ: u32 = 0o4;
const WRITE: u32 = 0o2;
const SEARCH: u32 = 0o1;

/// How many files a message names.
const SHOWN: usize = 3;

/// Warns of files that the user cannot read, and of those that it cannot change.
pub(super) fn check(top: &Table<'_>, config: &Config, files: &[PathBuf]) {
    let Some(account) = Account::of(config).filter(|account| account.uid != geteuid()) else {
        return;
    };
    let unreadable: Vec<&Path> = (files.iter().map(PathBuf::as_path))
        .filter(|file| !account.can_read(file))
        .collect();
    let fixed: Vec<PathBuf> = changed_later(config)
        .into_iter()
        .filter(|path| !account.may(path, WRITE))
        .collect();
    let fixed: Vec<&Path> = fixed.iter().map(PathBuf::as_path).collect();
    let faults = [("read", unreadable), ("write to", fixed)];
    let faults: Vec<String> = (faults.iter())
        .filter(|(_, paths)| !paths.is_empty())
        .map(|(what, paths)| format!("cannot {what} {}", listed(paths)))
        .collect();
    if faults.is_empty() {
        return;
    }
    let key = if top.has("user") { "user" } else { "group" };
    let why = format!(
        "the process cannot reload or end properly once it is `{}`: it {}",
        account.name,
        faults.join(", and ")
    );
    top.problems().report(
        Diagnostic::warning(WarningName::UserLacksAccess, top.key_place(key), why).help(
            "let the user read the former; let it own the directories of `pid_file`, logs and \
             sockets, and create log files for it",
        ),
    );
}

/// Files and directories that the process changes after it has switched to its user.
fn changed_later(config: &Config) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for log in [&config.log.access, &config.log.error] {
        // Root would create a missing file, for root.
        if let Destination::File(path) = log {
            paths.push(path.clone());
        }
    }
    let listeners = config.listeners.iter().map(|listener| &listener.address);
    let admin = config.admin.iter().map(|admin| &admin.address);
    for address in listeners.chain(admin) {
        if let ListenAddress::Unix(path) = address {
            paths.push(directory(path));
        }
    }
    if let Some(control) = &config.control {
        paths.push(directory(&control.socket));
        paths.push(control.audit.clone());
    }
    if let Some(StoreSettings::Disk(path)) = config.once.as_ref().map(|once| &once.store) {
        paths.push(directory(path));
    }
    paths.extend(config.pid_file.as_deref().map(directory));
    paths.sort();
    paths.dedup();
    paths
}

fn directory(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    parent.unwrap_or(Path::new(".")).to_owned()
}

/// The first paths, and how many more there are.
fn listed(paths: &[&Path]) -> String {
    let shown = paths.iter().take(SHOWN);
    let mut text = shown
        .map(|path| format!("`{}`", path.display()))
        .collect::<Vec<_>>()
        .join(", ");
    let more = paths.len().saturating_sub(SHOWN);
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// A user with its groups.
struct Account {
    name: String,
    uid: Uid,
    groups: Vec<Gid>,
}

impl Account {
    /// The one that the configuration names.
    fn of(config: &Config) -> Option<Self> {
        let user = User::from_name(config.user.as_deref()?).ok()??;
        let group = config.group.as_deref();
        let group = group.and_then(|name| Group::from_name(name).ok()?);
        let gid = group.map_or(user.gid, |group| group.gid);
        let name = CString::new(user.name.as_str()).ok()?;
        Some(Self {
            groups: getgrouplist(&name, gid).unwrap_or_else(|_| vec![gid]),
            name: user.name,
            uid: user.uid,
        })
    }

    fn can_read(&self, path: &Path) -> bool {
        let is_directory = fs::metadata(path).is_ok_and(|meta| meta.is_dir());
        self.may(path, if is_directory { READ | SEARCH } else { READ })
    }

    /// Whether the modes of the file, and of the directories that lead to it, allow this. A file
    /// that does not exist allows nothing.
    fn may(&self, path: &Path, wanted: u32) -> bool {
        let Ok(real) = fs::canonicalize(path) else {
            return false;
        };
        let allows = |path: &Path, wanted| {
            fs::metadata(path).is_ok_and(|meta| self.is_allowed(&meta, wanted))
        };
        allows(&real, wanted) && real.ancestors().skip(1).all(|above| allows(above, SEARCH))
    }

    fn is_allowed(&self, file: &Metadata, wanted: u32) -> bool {
        let shift = if file.uid() == self.uid.as_raw() {
            6
        } else if self.groups.contains(&Gid::from_raw(file.gid())) {
            3
        } else {
            0
        };
        self.uid.is_root() || (file.mode() >> shift) & wanted == wanted
    }
}
