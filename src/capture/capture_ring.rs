//! The captured requests of all routes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use super::capture_eviction::CaptureEviction;
use super::capture_settings::{CaptureSettings, EntryLimits};
use super::captured_request::CapturedRequest;
use super::route_share::{RouteShare, ShareLimits};

/// The captured requests of all routes. Each route has a lock and a share of its own.
#[derive(Debug, Default)]
pub struct CaptureRing {
    routes: RwLock<CapturedRoutes>,
    captured: AtomicU64,
    evicted: [AtomicU64; CaptureEviction::ALL.len()],
}

#[derive(Debug, Default)]
struct CapturedRoutes {
    settings: Option<CaptureSettings>,
    shares: HashMap<Arc<str>, Mutex<RouteShare>>,
}

/// How full a ring is, and what became of what was in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaptureUsage {
    /// The requests in it.
    pub entries: usize,
    /// The memory that they take, in bytes.
    pub bytes: usize,
    /// How many were captured.
    pub captured: u64,
    /// How many were dropped, by cause, in the order of [`CaptureEviction::ALL`].
    pub evicted: Vec<(CaptureEviction, u64)>,
}

/// What is found under an id.
#[derive(Clone, Debug)]
pub enum FoundCapture {
    /// One request.
    One(Arc<CapturedRequest>),
    /// None.
    Nothing,
    /// So many that begin with it.
    Several(usize),
}

impl CaptureRing {
    /// Captures as these settings say from now on, or no more. Requests of routes that are still captured stay,
    /// as far as they fit. Returns how many are dropped.
    pub fn configure(&self, settings: Option<&CaptureSettings>) -> usize {
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        let before = routes.count();
        let names = settings.iter().flat_map(|settings| &settings.routes);
        let mut shares = HashMap::new();
        for name in names {
            let share = routes.shares.remove(name).unwrap_or_default();
            shares.insert(Arc::clone(name), share);
        }
        if let Some(settings) = settings {
            for share in shares.values() {
                lock(share).fit(limits(settings), || {});
            }
        }
        *routes = CapturedRoutes {
            settings: settings.cloned(),
            shares,
        };
        let dropped = before.saturating_sub(routes.count());
        let count = u64::try_from(dropped).unwrap_or(u64::MAX);
        self.evicted(CaptureEviction::Reload, count);
        dropped
    }

    /// How much of a request to this route is kept; `None` if it is not captured.
    pub fn limits(&self, route: &str) -> Option<EntryLimits> {
        let routes = self.read();
        let settings = routes.settings.as_ref()?;
        routes.shares.contains_key(route).then(|| settings.entry())
    }

    /// Keeps a request, at time `now`, which never goes back.
    pub fn add(&self, mut request: CapturedRequest, now: Duration) {
        request.shrink();
        let routes = self.read();
        let (Some(settings), Some(share)) = (&routes.settings, routes.shares.get(&request.route))
        else {
            return;
        };
        let request = Arc::new(request);
        let mut evicted = |cause| self.evicted(cause, 1);
        lock(share).add(request, now, limits(settings), &mut evicted);
        self.captured.fetch_add(1, Ordering::Relaxed);
    }

    /// Drops what is too old.
    pub fn expire(&self, now: Duration) {
        let routes = self.read();
        let Some(before) = routes
            .settings
            .as_ref()
            .and_then(|settings| now.checked_sub(settings.expire))
        else {
            return;
        };
        for share in routes.shares.values() {
            lock(share).expire(before, || self.evicted(CaptureEviction::Expired, 1));
        }
    }

    /// All requests, or those of one route, newest first.
    pub fn list(&self, route: Option<&str>) -> Vec<Arc<CapturedRequest>> {
        let routes = self.read();
        let wanted = routes.shares.iter();
        let wanted = wanted.filter(|(name, _)| route.is_none_or(|route| ***name == *route));
        let mut found: Vec<_> = wanted
            .flat_map(|(_, share)| lock(share).all().cloned().collect::<Vec<_>>())
            .collect();
        // Ids begin with the time.
        found.sort_unstable_by(|one, other| other.id.cmp(&one.id));
        found
    }

    /// The request with this id, or the only one whose id begins with it.
    pub fn find(&self, id: &str) -> FoundCapture {
        let routes = self.read();
        let (mut found, mut count) = (None, 0_usize);
        for share in routes.shares.values() {
            let share = lock(share);
            for request in share.all().filter(|request| request.id.starts_with(id)) {
                count = count.saturating_add(1);
                found = Some(Arc::clone(request));
            }
        }
        match (found, count) {
            (Some(request), 1) => FoundCapture::One(request),
            (None, _) => FoundCapture::Nothing,
            (_, count) => FoundCapture::Several(count),
        }
    }

    /// How full it is.
    pub fn usage(&self) -> CaptureUsage {
        let routes = self.read();
        let mut usage = CaptureUsage {
            captured: self.captured.load(Ordering::Relaxed),
            ..CaptureUsage::default()
        };
        for share in routes.shares.values() {
            let share = lock(share);
            usage.entries = usage.entries.saturating_add(share.count());
            usage.bytes = usage.bytes.saturating_add(share.bytes());
        }
        let causes = CaptureEviction::ALL.iter().zip(&self.evicted);
        usage.evicted = causes
            .map(|(cause, count)| (*cause, count.load(Ordering::Relaxed)))
            .collect();
        usage
    }

    fn evicted(&self, cause: CaptureEviction, count: u64) {
        if let Some(counter) = self.evicted.get(cause as usize) {
            counter.fetch_add(count, Ordering::Relaxed);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, CapturedRoutes> {
        self.routes.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CapturedRoutes {
    fn count(&self) -> usize {
        let counts = self.shares.values().map(|share| lock(share).count());
        counts.fold(0, usize::saturating_add)
    }
}

fn limits(settings: &CaptureSettings) -> ShareLimits {
    ShareLimits {
        share: settings.share(),
        per_client: settings.per_client,
    }
}

/// A panic inside the lock leaves nothing that is worse than a lost request.
fn lock(share: &Mutex<RouteShare>) -> MutexGuard<'_, RouteShare> {
    share.lock().unwrap_or_else(PoisonError::into_inner)
}
