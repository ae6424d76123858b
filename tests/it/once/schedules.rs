//! The providers' retry schedules under a paused clock: no callback is lost or processed twice.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use countersign::once::{
    Beginning, Claims, Identity, Ledger, MemoryLimits, MemoryStore, Observer, OnStoreFailure,
    OncePolicy, Operation, Repeat, Store, WhileInFlight,
};
use countersign::verify::Scheme;
use tokio::time::{Instant, sleep};

use super::model::{fresh, paused};

/// SGate's attempts in seconds: five, five seconds apart. After the last one SGate gives up.
const SGATE: &[u64] = &[0, 5, 10, 15, 20];

/// CheezeePay's attempts: sixteen within five hours. Their distribution is not published; here each
/// pause is longer than the one before.
fn cheezeepay() -> Vec<u64> {
    let all: u64 = (1..16).sum();
    (0..16)
        .map(|n| (0..=n).sum::<u64>() * 5 * 3600 / all)
        .collect()
}

#[derive(Debug, Default)]
struct Nobody(AtomicUsize);

impl Observer for Nobody {
    fn operation(&self, _: Operation, _: Duration, _: bool) {}

    fn lost(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn untold(&self, _: i64) {}

    fn never_told(&self, _: u64) {}
}

/// What the backend does with a copy that it receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Backend {
    /// It accepts the copy after this many seconds.
    Takes(u64),
    /// It rejects the copy after this many seconds.
    Fails(u64),
    /// It accepts the copy after this many seconds, and the proxy dies before the store knows.
    TakesAndProxyDies(u64),
    /// The proxy dies after this many seconds; the backend has not accepted the copy.
    ProxyDies(u64),
}

/// What a provider and its backend saw.
#[derive(Debug, Default)]
struct Seen {
    taken: usize,
    reached: usize,
    acknowledged: Option<usize>,
}

fn policy(scheme: &str, in_flight: WhileInFlight) -> OncePolicy {
    let scheme = Scheme::find_built_in(scheme).unwrap();
    OncePolicy {
        identity: scheme.identity.clone(),
        signers: None,
        namespace: "n".to_owned(),
        keep: scheme.keep,
        repeat: Repeat::Acknowledge,
        in_flight,
        lease: Duration::from_secs(10),
        answer_limit: 1 << 14,
    }
}

struct Provider {
    claims: Arc<Claims>,
    policy: OncePolicy,
    id: Identity,
    /// What the backend does with each copy that it receives; the last entry repeats.
    backend: Vec<Backend>,
    seen: Arc<Mutex<Seen>>,
}

impl Provider {
    fn new(policy: OncePolicy, backend: &[Backend]) -> Self {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(MemoryLimits::default()));
        let observer = Arc::<Nobody>::default();
        let ledger = Arc::new(Ledger::new(store, observer));
        Self {
            claims: Arc::new(Claims::new(ledger, OnStoreFailure::Closed, 100)),
            policy,
            id: fresh(),
            backend: backend.to_vec(),
            seen: Arc::default(),
        }
    }

    /// Makes one attempt; returns whether the provider gets a success.
    async fn attempt(&self) -> bool {
        match self.claims.begin(self.id, &self.policy).await {
            Beginning::Repeat(_) => true,
            Beginning::InFlight(_) | Beginning::Unknown(_) => false,
            Beginning::Proceed(held) => {
                let what = {
                    let mut seen = self.seen.lock().unwrap();
                    seen.reached += 1;
                    *self
                        .backend
                        .get(seen.reached - 1)
                        .or(self.backend.last())
                        .unwrap()
                };
                let (Backend::Takes(seconds)
                | Backend::Fails(seconds)
                | Backend::TakesAndProxyDies(seconds)
                | Backend::ProxyDies(seconds)) = what;
                let work = pin!(sleep(Duration::from_secs(seconds)));
                held.while_working(work).await;
                let takes = matches!(what, Backend::Takes(_) | Backend::TakesAndProxyDies(_));
                self.seen.lock().unwrap().taken += usize::from(takes);
                match what {
                    Backend::Takes(_) => held.succeeded(Bytes::new(), || ()).await,
                    Backend::Fails(_) => held.failed(|| ()).await,
                    // The claim is dropped without an outcome.
                    Backend::TakesAndProxyDies(_) | Backend::ProxyDies(_) => {}
                }
                what == Backend::Takes(seconds)
            }
        }
    }

    /// Sends the callback on schedule until the provider gets a success or gives up. With `goes_on`
    /// it continues after a success, as real providers do. An attempt that takes longer than the
    /// provider's timeout has failed.
    async fn run(self, schedule: &[u64], patience: u64, goes_on: bool) -> Seen {
        let this = Arc::new(self);
        let started = Instant::now();
        for (number, at) in schedule.iter().enumerate() {
            tokio::time::sleep_until(started + Duration::from_secs(*at)).await;
            let copy = Arc::clone(&this);
            // The proxy continues with the backend when the provider disconnects.
            let attempt = tokio::spawn(async move { copy.attempt().await });
            let heard = tokio::time::timeout(Duration::from_secs(patience), attempt).await;
            if matches!(heard, Ok(Ok(true))) {
                this.seen.lock().unwrap().acknowledged.get_or_insert(number);
                if !goes_on {
                    break;
                }
            }
        }
        // Attempts in progress finish.
        sleep(Duration::from_secs(3600)).await;
        let mut seen = this.seen.lock().unwrap();
        std::mem::take(&mut *seen)
    }
}

/// Runs SGate's schedule; returns how often the backend accepted the callback, and which attempt
/// was acknowledged.
fn sgate(in_flight: WhileInFlight, backend: &[Backend]) -> (usize, Option<usize>) {
    paused().block_on(async {
        let provider = Provider::new(policy("sgate", in_flight), backend);
        let seen = provider.run(SGATE, 5, true).await;
        (seen.taken, seen.acknowledged)
    })
}

use Backend::{Fails, ProxyDies, Takes, TakesAndProxyDies};

#[test]
fn sgates_five_attempts_succeed_once() {
    let refuse = WhileInFlight::Refuse;
    for (backend, expected) in [
        (&[Takes(0)][..], (1, Some(0))),
        (&[Fails(0), Takes(0)], (1, Some(1))),
        (
            &[Fails(1), Fails(1), Fails(1), Fails(1), Takes(1)],
            (1, Some(4)),
        ),
        (&[Fails(0)], (0, None)),
        // Slower than the provider's timeout: later attempts find it in flight, then done.
        (&[Takes(7)], (1, Some(2))),
        (&[Takes(18)], (1, Some(4))),
        (&[Fails(7), Takes(0)], (1, Some(2))),
        // A proxy that dies holds its claim for one lease, which leaves enough attempts.
        (&[ProxyDies(1), Takes(0)], (1, Some(2))),
        (&[ProxyDies(4), Takes(0)], (1, Some(3))),
        (&[Fails(0), ProxyDies(4), Takes(0)], (1, Some(4))),
        // Only the backend can prevent this duplicate, but the callback is not lost.
        (&[TakesAndProxyDies(4), Takes(0)], (2, Some(3))),
    ] {
        assert_eq!(sgate(refuse, backend), expected, "{backend:?}");
    }
    // A copy that waits learns the outcome in the same attempt.
    let wait = WhileInFlight::Wait(Duration::from_secs(4));
    assert_eq!(sgate(wait, &[Takes(7)]), (1, Some(1)));
    assert_eq!(sgate(wait, &[Fails(7), Takes(0)]), (1, Some(1)));
}

#[test]
fn cheezeepays_sixteen_attempts_succeed_once() {
    let schedule = cheezeepay();
    assert_eq!((schedule.len(), schedule[15]), (16, 5 * 3600));
    for failures in 0..16 {
        let mut backend = vec![Fails(2); failures];
        backend.push(Takes(2));
        let seen = paused().block_on(async {
            let provider = Provider::new(policy("cheezeepay", WhileInFlight::Refuse), &backend);
            provider.run(&schedule, 30, true).await
        });
        // All sixteen attempts, even after a success; the backend sees none of the later ones.
        assert_eq!(seen.acknowledged, Some(failures));
        assert_eq!((seen.taken, seen.reached), (1, failures + 1));
    }
    // The backend takes an hour for its first copy.
    let seen = paused().block_on(async {
        let policy = policy("cheezeepay", WhileInFlight::Refuse);
        let provider = Provider::new(policy, &[Takes(3600), Takes(0)]);
        provider.run(&schedule, 30, true).await
    });
    assert_eq!((seen.taken, seen.reached), (1, 1));
    assert!(seen.acknowledged.is_some());
}

/// Ten copies at each time of the schedule, with a backend that fails half of the time.
#[test]
fn many_copies_at_each_attempt_succeed_once() {
    for seed in 0..50_usize {
        let backend: Vec<Backend> = (0..200)
            .map(|n| match (seed.wrapping_mul(31) + n * 7) % 5 {
                0 => Takes(3),
                1 => Takes(12),
                2 => Fails(0),
                3 => Fails(6),
                _ => ProxyDies(2),
            })
            .collect();
        let seen = paused().block_on(async {
            let policy = policy("cheezeepay", WhileInFlight::Refuse);
            let schedule: Vec<u64> = cheezeepay().into_iter().flat_map(|at| [at; 10]).collect();
            Provider::new(policy, &backend)
                .run(&schedule, 1, true)
                .await
        });
        assert_eq!(seen.taken, 1, "{seed}: {seen:?}");
        assert!(seen.acknowledged.is_some(), "{seed}");
    }
}
