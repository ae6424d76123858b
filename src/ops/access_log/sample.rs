//! Sampling: leaves out a share of the lines of verified, successfully answered requests.

use crate::record::Finished;

/// The share of successful requests that is logged.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    rate: f64,
}

impl Sample {
    pub(super) const fn new(rate: f64) -> Self {
        Self { rate }
    }

    /// The share of lines of this kind that is written; `None` if none is ever left out.
    pub(super) fn rate(&self, request: &Finished) -> Option<f64> {
        let rate = || {
            if request.is_success() { self.rate } else { 1.0 }
        };
        (self.rate < 1.0).then(rate)
    }

    /// Whether to write the line. The decision is a function of the request id.
    pub(super) fn takes(&self, request: &Finished) -> bool {
        self.rate >= 1.0 || !request.is_success() || place(&request.request_id) < self.rate
    }
}

/// Hashes an id to a number between 0 and 1 (FNV-1a, finished with MurmurHash3's mixer).
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

    fn success(id: &str) -> Finished {
        Finished {
            verdict: Some("verified"),
            status: 200,
            request_id: id.to_owned(),
            ..Finished::default()
        }
    }

    #[test]
    fn sampling_logs_the_given_share_of_successes_and_everything_else() {
        let sample = Sample::new(0.1);
        let ids: Vec<String> = (0..10_000).map(|n| format!("0197f3a2{n:024x}")).collect();
        let taken = |change: fn(&mut Finished)| {
            let takes = |id: &&String| {
                let mut request = success(id);
                change(&mut request);
                sample.takes(&request)
            };
            ids.iter().filter(takes).count()
        };
        let some = taken(|_| {});
        assert!((900..1100).contains(&some), "{some}");
        assert_eq!(some, taken(|request| request.status = 204));
        assert_eq!(taken(|request| request.status = 302), ids.len());
        assert_eq!(taken(|request| request.verdict = None), ids.len());
        assert_eq!(
            taken(|request| request.reason = Some("client_closed")),
            ids.len()
        );
        assert_eq!(sample.rate(&success("a")), Some(0.1));
        assert_eq!(sample.rate(&Finished::default()), Some(1.0));
    }

    #[test]
    fn all_and_none() {
        assert!(Sample::new(1.0).takes(&success("a")));
        assert_eq!(Sample::new(1.0).rate(&success("a")), None);
        assert!(!Sample::new(0.0).takes(&success("a")));
    }
}
