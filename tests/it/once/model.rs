//! Compares every store with a model of the claim automaton, in any order of arriving copies,
//! backend responses, expiring leases and crashing proxies.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use countersign::once::{Claim, Identity, MAX_LEASE, Renewal, Store, Token};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use super::store::{Bench, InMemory, InRedis, OnDisk};

/// Long, so that a lease expires only when the test says so.
const LEASE: Duration = MAX_LEASE;
const KEEP: Duration = Duration::from_secs(24 * 3600);
const COPIES: usize = 4;

/// A step of one copy or of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The provider sends a copy, unless that copy is already in progress.
    Arrive(usize),
    /// The same, but the claim's reply is lost, so the proxy claims again.
    ArriveTwice(usize),
    /// The backend accepts the copy, but the store does not know yet.
    BackendSucceeds(usize),
    /// The backend rejects the copy or breaks off.
    BackendFails(usize),
    /// The proxy records the outcome in the store.
    Settle(usize),
    /// The proxy renews the claim for its copy.
    Renew(usize),
    /// A renewal that a proxy sent for this copy at any earlier time arrives.
    LateRenew(usize),
    /// The same with a claim that has been released since.
    LateClaim(usize),
    /// The same with a release.
    LateRelease(usize),
    /// The proxy that handles the copy crashes.
    Crash(usize),
    /// Leases run out, but every live proxy has renewed in time.
    TimePasses,
    /// Leases run out without renewal, because every proxy stalled.
    AllStall,
}

/// The state of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copy {
    Away,
    AtBackend(Token),
    Succeeded(Token),
    Failed(Token),
}

impl Copy {
    const fn token(self) -> Option<Token> {
        match self {
            Self::Away => None,
            Self::AtBackend(token) | Self::Succeeded(token) | Self::Failed(token) => Some(token),
        }
    }
}

/// What the store should know, and what happened so far.
struct World<'s> {
    stores: Vec<Arc<dyn Store>>,
    bench: &'s dyn Bench,
    id: Identity,
    copies: [Copy; COPIES],
    claimed: Option<Token>,
    committed: Option<Bytes>,
    successes: usize,
    /// Successes that could not be recorded in time: a proxy crashed or stalled between the success
    /// and its commit, or stalled while the backend worked.
    excused: usize,
    late: Vec<Token>,
    /// Tokens that no copy uses any more.
    past: Vec<Token>,
    /// Those tokens that have released their claim.
    given_up: Vec<Token>,
}

impl World<'_> {
    async fn step(&mut self, step: Step) {
        match step {
            Step::Arrive(copy) => self.arrive(copy, 1).await,
            Step::ArriveTwice(copy) => self.arrive(copy, 2).await,
            Step::BackendSucceeds(copy) => {
                if let Copy::AtBackend(token) = self.copies[copy] {
                    self.successes += 1;
                    self.excused += usize::from(self.late.contains(&token));
                    self.copies[copy] = Copy::Succeeded(token);
                }
            }
            Step::BackendFails(copy) => {
                if let Copy::AtBackend(token) = self.copies[copy] {
                    self.copies[copy] = Copy::Failed(token);
                }
            }
            Step::Settle(copy) => self.settle(copy).await,
            Step::Renew(copy) => self.renew(copy).await,
            Step::LateRenew(number) => self.late_renew(number).await,
            Step::LateClaim(number) => self.late_claim(number).await,
            Step::LateRelease(number) => {
                if let Some(token) = nth(&self.given_up, number) {
                    let released = self.stores[0].release(&self.id, token, LEASE).await;
                    assert_eq!(released, Ok(()));
                }
            }
            Step::Crash(copy) => {
                if let Copy::Succeeded(token) = self.copies[copy] {
                    self.excused += usize::from(!self.late.contains(&token));
                }
                self.past.extend(self.copies[copy].token());
                self.copies[copy] = Copy::Away;
            }
            Step::TimePasses => {
                let lives = |token| self.copies.iter().any(|copy| copy.token() == Some(token));
                if !self.claimed.is_some_and(lives) {
                    self.leases_end().await;
                }
            }
            Step::AllStall => {
                for copy in self.copies {
                    let Some(token) = copy.token().filter(|token| !self.late.contains(token))
                    else {
                        continue;
                    };
                    self.late.push(token);
                    self.excused += usize::from(matches!(copy, Copy::Succeeded(_)));
                }
                self.leases_end().await;
            }
        }
    }

    async fn leases_end(&mut self) {
        if self.claimed.take().is_some() {
            self.bench.expire_lease(&self.id, LEASE).await;
        }
    }

    async fn arrive(&mut self, copy: usize, times: usize) {
        if self.copies[copy] != Copy::Away {
            return;
        }
        let token = Token::new();
        for _ in 0..times {
            let found = self.stores[copy]
                .claim(&self.id, token, LEASE)
                .await
                .unwrap();
            match (&self.committed, self.claimed) {
                (Some(answer), _) => assert_eq!(found, Claim::Done(answer.clone())),
                (None, Some(other)) if other != token => {
                    let is_in_flight = matches!(found, Claim::InFlight(left) if left <= LEASE);
                    assert!(is_in_flight, "{found:?}");
                }
                // Hence a retry after a failure is never rejected.
                _ => {
                    assert_eq!(found, Claim::Fresh);
                    self.claimed = Some(token);
                    self.copies[copy] = Copy::AtBackend(token);
                }
            }
        }
    }

    async fn renew(&mut self, copy: usize) {
        let Some(token) = self.copies[copy].token() else {
            return;
        };
        let expected = self.renewal(token);
        let renewed = self.stores[copy].renew(&self.id, token, LEASE).await;
        assert_eq!(renewed, Ok(expected));
        // A copy that is still in progress claims again.
        if expected == Renewal::Gone {
            let claimed = self.stores[copy].claim(&self.id, token, LEASE).await;
            assert_eq!(claimed, Ok(Claim::Fresh));
            self.claimed = Some(token);
        }
    }

    fn renewal(&self, token: Token) -> Renewal {
        match (&self.committed, self.claimed) {
            (Some(_), _) => Renewal::Lost,
            (None, None) => Renewal::Gone,
            (None, Some(other)) if other == token => Renewal::Held,
            (None, Some(_)) => Renewal::Lost,
        }
    }

    /// Can change nothing but the remaining lease, and that only if a proxy crashed with the claim.
    async fn late_renew(&mut self, number: usize) {
        if let Some(token) = nth(&self.past, number) {
            let expected = self.renewal(token);
            let renewed = self.stores[0].renew(&self.id, token, LEASE).await;
            assert_eq!(renewed, Ok(expected));
        }
    }

    /// Must change nothing.
    async fn late_claim(&mut self, number: usize) {
        if let Some(token) = nth(&self.given_up, number).filter(|_| self.bench.overtakes()) {
            let claimed = self.stores[0].claim(&self.id, token, LEASE).await;
            assert_ne!(claimed.unwrap(), Claim::Fresh);
        }
    }

    /// Every operation runs twice, as from a proxy that missed the first reply.
    async fn settle(&mut self, copy: usize) {
        let store = &self.stores[copy];
        match self.copies[copy] {
            Copy::Succeeded(token) => {
                let answer = Bytes::from(format!("answer {copy}"));
                for _ in 0..2 {
                    store
                        .commit(&self.id, token, answer.clone(), KEEP)
                        .await
                        .unwrap();
                }
                self.committed.get_or_insert(answer);
                self.claimed = None;
            }
            Copy::Failed(token) => {
                for _ in 0..2 {
                    store.release(&self.id, token, LEASE).await.unwrap();
                }
                self.given_up.push(token);
                if self.claimed == Some(token) {
                    self.claimed = None;
                }
            }
            Copy::Away | Copy::AtBackend(_) => return,
        }
        self.past.extend(self.copies[copy].token());
        self.copies[copy] = Copy::Away;
    }
}

async fn play(bench: &dyn Bench, id: Identity, steps: &[Step]) {
    let mut world = World {
        stores: (0..COPIES).map(|_| bench.store()).collect(),
        bench,
        id,
        copies: [Copy::Away; COPIES],
        claimed: None,
        committed: None,
        successes: 0,
        excused: 0,
        late: Vec::new(),
        past: Vec::new(),
        given_up: Vec::new(),
    };
    for step in steps {
        world.step(*step).await;
    }
    // Copies in progress finish. The provider retries until it gets a success, as real ones do.
    for copy in 0..COPIES {
        world.step(Step::BackendSucceeds(copy)).await;
        world.step(Step::Settle(copy)).await;
    }
    world.step(Step::TimePasses).await;
    for step in [
        Step::Arrive(0),
        Step::BackendSucceeds(0),
        Step::Settle(0),
        Step::Arrive(0),
    ] {
        world.step(step).await;
    }
    assert!(world.committed.is_some());
    let (successes, excused) = (world.successes, world.excused);
    assert!(
        (1..=1 + excused).contains(&successes),
        "{successes} {excused}"
    );
}

fn any_step() -> impl Strategy<Value = Step> {
    let copy = 0..COPIES;
    prop_oneof![
        4 => copy.clone().prop_map(Step::Arrive),
        1 => copy.clone().prop_map(Step::ArriveTwice),
        2 => copy.clone().prop_map(Step::BackendSucceeds),
        2 => copy.clone().prop_map(Step::BackendFails),
        4 => copy.clone().prop_map(Step::Settle),
        1 => copy.clone().prop_map(Step::Renew),
        1 => copy.clone().prop_map(Step::LateRenew),
        1 => copy.clone().prop_map(Step::LateClaim),
        1 => copy.clone().prop_map(Step::LateRelease),
        1 => copy.prop_map(Step::Crash),
        1 => Just(Step::TimePasses),
        1 => Just(Step::AllStall),
    ]
}

/// The token at this position, counted from the end.
fn nth(tokens: &[Token], number: usize) -> Option<Token> {
    tokens.iter().rev().nth(number).copied()
}

pub(super) fn fresh() -> Identity {
    let mut bytes = [0; 32];
    // A token begins with the time.
    bytes[..16].copy_from_slice(&Token::new().bytes());
    bytes[16..].copy_from_slice(&Token::new().bytes());
    bytes.reverse();
    bytes.into()
}

/// Runs random scripts; a failing script is reduced to the shortest one that fails.
pub(super) fn random(runtime: &Runtime, bench: &dyn Bench, cases: u32) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let steps = prop::collection::vec(any_step(), 0..60);
    let result = TestRunner::new(config).run(&steps, |steps| {
        runtime.block_on(play(bench, fresh(), &steps));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Runs every script of this many steps with two copies.
pub(super) fn all(runtime: &Runtime, bench: &dyn Bench, length: u32) {
    let mut alphabet = vec![Step::TimePasses, Step::AllStall, Step::LateRenew(0)];
    for copy in 0..2 {
        alphabet.extend([
            Step::Arrive(copy),
            Step::BackendSucceeds(copy),
            Step::BackendFails(copy),
            Step::Settle(copy),
            Step::Crash(copy),
        ]);
    }
    for number in 0..alphabet.len().pow(length) {
        let mut rest = number;
        let script: Vec<Step> = (0..length)
            .map(|_| {
                let step = alphabet[rest % alphabet.len()];
                rest /= alphabet.len();
                step
            })
            .collect();
        runtime.block_on(play(bench, fresh(), &script));
    }
}

pub(super) fn paused() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

#[test]
fn the_memory_store_matches_the_model() {
    let (runtime, bench) = (paused(), InMemory::new());
    random(&runtime, &bench, 1000);
    all(&runtime, &bench, 4);
}

fn real() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn the_disk_store_matches_the_model() {
    let (runtime, bench) = (real(), OnDisk::new());
    random(&runtime, &bench, 60);
    all(&runtime, &bench, 2);
}

#[test]
fn the_redis_store_matches_the_model() {
    let (runtime, bench) = (real(), InRedis::new());
    random(&runtime, &bench, 300);
    all(&runtime, &bench, 3);
}
