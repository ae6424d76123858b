//! Detects changed files by polling them once a second. This works for files that are written,
//! moved into place or linked elsewhere, on every file system.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::sleep;

/// How often the files are checked, and how long they must stay unchanged before a change counts: a
/// certificate and its key are written one after the other.
const INTERVAL: Duration = Duration::from_secs(1);

/// What distinguishes two states of a file; `None` if there is no file.
type Stamp = Option<(u64, u64, i64, i64, u64)>;

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
            .map(|file| stamp(file).filter(|stamp| before(stamp, read)))
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
            let now: Vec<Stamp> = self.files.iter().map(|file| stamp(file)).collect();
            if now == last && now != self.seen {
                self.seen = now;
                return;
            }
            last = now;
        }
    }
}

fn stamp(file: &Path) -> Stamp {
    let metadata = fs::metadata(file).ok()?;
    let (dev, ino) = (metadata.dev(), metadata.ino());
    Some((
        dev,
        ino,
        metadata.ctime(),
        metadata.ctime_nsec(),
        metadata.len(),
    ))
}

/// Whether the file was last changed so long before `time` that a read after it saw this state.
fn before(stamp: &(u64, u64, i64, i64, u64), time: SystemTime) -> bool {
    let (_, _, seconds, nanoseconds, _) = *stamp;
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    // File systems have coarser timestamps than the clock.
    let read = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    (seconds, nanoseconds) < (read.saturating_sub(1), 0)
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
}
