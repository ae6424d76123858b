//! The captured requests of one route, within its share of the memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::capture_eviction::CaptureEviction;
use super::captured_request::CapturedRequest;
use super::fair_tally::FairTally;

/// The fixed size of a request, with its places in maps, in bytes: 620 were measured with 60,000 of them, and
/// allocators leave gaps.
const ENTRY: usize = 768;
/// The same of a group of clients: 160.
const GROUP: usize = 256;

/// The limits of one route.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShareLimits {
    /// In bytes.
    pub(super) share: usize,
    pub(super) per_client: usize,
}

/// The captured requests of one route.
#[derive(Debug, Default)]
pub(super) struct RouteShare {
    /// By number: oldest first.
    kept: BTreeMap<u64, KeptRequest>,
    tally: FairTally,
    /// What the requests take, without their groups.
    bytes: usize,
    next: u64,
}

#[derive(Debug)]
struct KeptRequest {
    request: Arc<CapturedRequest>,
    since: Duration,
}

impl RouteShare {
    /// Keeps a request. `evicted` is told of each that makes room for it.
    pub(super) fn add(
        &mut self,
        request: Arc<CapturedRequest>,
        now: Duration,
        limits: ShareLimits,
        evicted: &mut impl FnMut(CaptureEviction),
    ) {
        let client = request.caller.address;
        while self.tally.count_of(client) >= limits.per_client.max(1) {
            let oldest = self.tally.oldest_of(client);
            if self.drop_one(oldest).is_none() {
                break;
            }
            evicted(CaptureEviction::PerClient);
        }
        let number = self.next;
        self.next = number.saturating_add(1);
        self.bytes = self.bytes.saturating_add(size(&request));
        self.tally.add(client, number);
        let kept = KeptRequest {
            request,
            since: now,
        };
        self.kept.insert(number, kept);
        self.fit(limits, || evicted(CaptureEviction::Share));
    }

    /// Drops requests until the others fit.
    pub(super) fn fit(&mut self, limits: ShareLimits, mut evicted: impl FnMut()) {
        while self.bytes() > limits.share {
            let next = self.tally.next();
            if self.drop_one(next).is_none() {
                return;
            }
            evicted();
        }
    }

    /// Drops requests that came before this time.
    pub(super) fn expire(&mut self, before: Duration, mut evicted: impl FnMut()) {
        while let Some((number, first)) = self.kept.first_key_value()
            && first.since < before
        {
            let number = *number;
            self.drop_one(Some(number));
            evicted();
        }
    }

    /// All of them, oldest first.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<CapturedRequest>> {
        self.kept.values().map(|kept| &kept.request)
    }

    pub(super) fn count(&self) -> usize {
        self.kept.len()
    }

    /// What they take.
    pub(super) fn bytes(&self) -> usize {
        let groups = self.tally.groups().saturating_mul(GROUP);
        self.bytes.saturating_add(groups)
    }

    fn drop_one(&mut self, number: Option<u64>) -> Option<()> {
        let number = number?;
        let KeptRequest { request, .. } = self.kept.remove(&number)?;
        self.tally.remove(request.caller.address, number);
        self.bytes = self.bytes.saturating_sub(size(&request));
        Some(())
    }
}

fn size(request: &CapturedRequest) -> usize {
    ENTRY.saturating_add(request.bytes())
}

#[cfg(test)]
mod tests;
