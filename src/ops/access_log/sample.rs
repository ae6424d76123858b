//! Leaving out a part of the lines that say the same: the request was verified and answered.

use super::entry::Entry;

/// Which part of the lines of successful requests is written.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    rate: f64,
}

impl Sample {
    pub(super) const fn new(rate: f64) -> Self {
        Self { rate }
    }

    /// Which part of the lines of its kind is written; `None` where nothing is left out at all.
    pub(super) fn rate(&self, entry: &Entry<'_>) -> Option<f64> {
        (self.rate < 1.0).then(|| if is_success(entry) { self.rate } else { 1.0 })
    }

    /// Whether the line is written. One request id always gives the same answer.
    pub(super) fn takes(&self, entry: &Entry<'_>) -> bool {
        self.rate >= 1.0 || !is_success(entry) || place(entry.request_id) < self.rate
    }
}

fn is_success(entry: &Entry<'_>) -> bool {
    entry.verdict == Some("verified")
        && entry.reason.is_none()
        && (200..300).contains(&entry.status)
}

/// A place between 0 and 1 for an id, as good as random (FNV-1a, and the end of MurmurHash3).
fn place(id: &str) -> f64 {
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    let hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    f64::from(hash ^ (hash >> 16)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str) -> Entry<'_> {
        Entry {
            verdict: Some("verified"),
            status: 200,
            request_id: id,
            ..Entry::default()
        }
    }

    #[test]
    fn about_that_part_of_the_successes_and_all_else() {
        let sample = Sample::new(0.1);
        let ids: Vec<String> = (0..10_000).map(|n| format!("0197f3a2{n:024x}")).collect();
        let taken = |change: fn(&mut Entry<'_>)| {
            let takes = |id: &&String| {
                let mut entry = entry(id);
                change(&mut entry);
                sample.takes(&entry)
            };
            ids.iter().filter(takes).count()
        };
        let some = taken(|_| {});
        assert!((900..1100).contains(&some), "{some}");
        assert_eq!(some, taken(|entry| entry.status = 204));
        assert_eq!(taken(|entry| entry.status = 302), ids.len());
        assert_eq!(taken(|entry| entry.verdict = None), ids.len());
        assert_eq!(
            taken(|entry| entry.reason = Some("client_closed")),
            ids.len()
        );
        assert_eq!(sample.rate(&entry("a")), Some(0.1));
        assert_eq!(sample.rate(&Entry::default()), Some(1.0));
    }

    #[test]
    fn all_and_none() {
        assert!(Sample::new(1.0).takes(&entry("a")));
        assert_eq!(Sample::new(1.0).rate(&entry("a")), None);
        assert!(!Sample::new(0.0).takes(&entry("a")));
    }
}
