//! Detects changed files by polling them once a second. This works for files that are written,
//! moved into place or linked elsewhere, on every file system.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::sleep;

use crate::config::is_included;

/// How often the files are checked, and how long they must stay unchanged before a change counts: a
/// certificate and its key are written one after the other.
const INTERVAL: Duration = Duration::from_secs(1);

/// File systems have coarser times than the clock: by this much, or by a second if they have whole
/// seconds only.
const GRANULARITY: Duration = Duration::from_millis(100);

/// What distinguishes two states of a file; `None` if there is no file.
type Stamp = Option<FileState>;

/// The state of a file, or of an include directory.
#[derive(Clone, Debug, PartialEq, Eq)]
enum FileState {
    File {
        dev: u64,
        ino: u64,
        ctime: (i64, i64),
        len: u64,
    },
    /// Editors create and remove files of their own, so only the names of files that are read count.
    Directory(Vec<OsString>),
}

/// The files to watch.
#[derive(Debug, Default)]
pub struct Watch {
    files: Vec<PathBuf>,
    seen: Vec<Stamp>,
}

impl Watch {
    /// Watches files that were read at some time after `read`. Without files, nothing ever changes.
    #[must_use]
    pub fn new(files: Vec<PathBuf>, read: SystemTime) -> Self {
        let seen = files
            .iter()
            .map(|file| state(file).filter(|_| is_older(file, read)))
            .collect();
        Self { files, seen }
    }

    /// Returns once a file has changed and all have then stayed the same for a moment.
    pub async fn changed(&mut self) {
        if self.files.is_empty() {
            return std::future::pending().await;
        }
        let mut last = self.seen.clone();
        loop {
            sleep(INTERVAL).await;
            let now: Vec<Stamp> = self.files.iter().map(|file| state(file)).collect();
            if now == last && now != self.seen {
                self.seen = now;
                return;
            }
            last = now;
        }
    }
}

fn state(file: &Path) -> Stamp {
    let metadata = fs::metadata(file).ok()?;
    if metadata.is_dir() {
        let names = fs::read_dir(file).ok()?;
        let names = names.filter_map(|entry| Some(entry.ok()?.file_name()));
        let mut names: Vec<OsString> = names.filter(|name| is_included(name)).collect();
        names.sort();
        return Some(FileState::Directory(names));
    }
    Some(FileState::File {
        dev: metadata.dev(),
        ino: metadata.ino(),
        ctime: (metadata.ctime(), metadata.ctime_nsec()),
        len: metadata.len(),
    })
}

/// Whether the file was last changed so long before `time` that a read after it saw its present
/// state.
fn is_older(file: &Path, time: SystemTime) -> bool {
    let Ok(metadata) = fs::metadata(file) else {
        return false;
    };
    let (seconds, nanoseconds) = (metadata.ctime(), metadata.ctime_nsec());
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let whole = |since: Duration| i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    if nanoseconds == 0 {
        return seconds < whole(since).saturating_sub(1);
    }
    let latest = since.saturating_sub(GRANULARITY);
    (seconds, nanoseconds) < (whole(latest), i64::from(latest.subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_change_is_reported_once() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a");
        fs::write(&file, "1").unwrap();
        let later = SystemTime::now() + Duration::from_secs(10);
        let mut watch = Watch::new(vec![file.clone(), directory.path().join("b")], later);
        let long = Duration::from_secs(3600);
        let waited = tokio::time::timeout(long, watch.changed()).await;
        assert!(waited.is_err(), "nothing has changed");
        fs::write(&file, "12").unwrap();
        watch.changed().await;
        assert!(tokio::time::timeout(long, watch.changed()).await.is_err());
        fs::write(directory.path().join("b"), "").unwrap();
        watch.changed().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_during_the_read_is_not_missed() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a");
        let read = SystemTime::now();
        fs::write(&file, "1").unwrap();
        Watch::new(vec![file], read).changed().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_is_not_read_again_because_it_changed_shortly_before_the_read() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a");
        fs::write(&file, "1").unwrap();
        // Within the same second, or across its end.
        let read = SystemTime::now() + Duration::from_millis(300);
        let mut watch = Watch::new(vec![file], read);
        let long = Duration::from_secs(3600);
        assert!(tokio::time::timeout(long, watch.changed()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn files_of_editors_in_an_include_directory_are_ignored() {
        let directory = tempfile::tempdir().unwrap();
        let included = directory.path().join("shop.toml");
        fs::write(&included, "1").unwrap();
        let later = SystemTime::now() + Duration::from_secs(10);
        let mut watch = Watch::new(vec![directory.path().to_owned()], later);
        for name in [
            ".shop.toml.swp",
            ".#shop.toml",
            "#shop.toml#",
            "shop.toml~",
            "4913",
        ] {
            fs::write(directory.path().join(name), "2").unwrap();
        }
        let long = Duration::from_secs(3600);
        assert!(tokio::time::timeout(long, watch.changed()).await.is_err());
        fs::write(directory.path().join("more.toml"), "").unwrap();
        watch.changed().await;
        fs::remove_file(included).unwrap();
        watch.changed().await;
    }
}
