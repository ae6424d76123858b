//! The store is unavailable: what that costs, and what happens to outcomes not yet recorded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use countersign::once::{
    Beginning, Claims, Identity, Ledger, Mode, Observer, OnStoreFailure, OncePolicy, Operation,
    RedisStore, Repeat, Store, StoredAnswer, WhileInFlight,
};

use super::model::fresh;
use super::store;
use super::stores_at_work::{redis, slow};
use super::storm::callbacks;
use crate::support::redis::RedisServer;
use crate::support::{Admin, Client, Origin, PATIENCE, Proxy, Setup};

fn setup(once: &str, admin: &Admin, origin: &Origin) -> Setup {
    Setup::new()
        .cheezeepay("name = \"c\"\npath = \"/cb\"")
        .tables(&format!("[once]\n{once}"))
        .origin(origin)
        .admin(admin)
}

#[test]
fn callbacks_passed_without_the_store_leave_one_task_and_few_log_lines() {
    const COUNT: usize = 300;
    let mut server = RedisServer::start();
    let (admin, origin) = (Admin::new(), Origin::start());
    let once = redis(&server, "on_store_failure = \"fail_open\"");
    let proxy = setup(&once, &admin, &origin).start();
    server.kill();
    let callbacks = callbacks(COUNT);
    let mut client = Client::connect(proxy.address);
    for callback in &callbacks {
        client.send(callback);
        assert_eq!(client.response().status, 200);
        assert_eq!(proxy.access()["once"], "unchecked");
    }
    let in_flight = admin.metrics().value("countersign_in_flight_requests");
    // The process itself remembers what it could not record in the store.
    client.send(&callbacks[0]);
    assert_eq!(client.response().status, 200);
    assert_eq!(proxy.access()["once"], "repeat");
    server.start_again();
    // All outcomes get recorded.
    for callback in &callbacks {
        loop {
            client.send(callback);
            assert_eq!(client.response().status, 200);
            if proxy.access()["once"] == "repeat" {
                break;
            }
        }
    }
    assert_eq!(origin.count(), COUNT);
    proxy.signal("TERM");
    let (code, _, errors) = proxy.ended();
    assert_eq!(code, Some(0));
    let complaints = errors.iter().filter(|line| line.contains("cannot")).count();
    assert!(
        complaints <= 10 && in_flight <= Some(1.0),
        "{complaints} lines, {in_flight:?} in flight"
    );
}

#[test]
fn a_waiting_copy_does_not_pass_when_the_store_becomes_unavailable() {
    let mut server = RedisServer::start();
    let (origin, release) = slow();
    let admin = Admin::new();
    let once = redis(&server, "on_store_failure = \"fail_open\"");
    let proxy = Setup::new()
        .cheezeepay("name = \"c\"\npath = \"/cb\"\nonce = { in_flight = \"wait\", wait = \"3s\" }")
        .tables(&format!("[once]\n{once}"))
        .origin(&origin)
        .admin(&admin)
        .start();
    let callback = &callbacks(1)[0];
    let mut first = Client::connect(proxy.address);
    first.send(callback);
    origin.request();
    let claims = |admin: &Admin| {
        let count = "countersign_once_store_duration_seconds_count{operation=\"claim\"}";
        admin.metrics().value(count).unwrap()
    };
    let mut copy = Client::connect(proxy.address);
    copy.send(callback);
    // The copy has checked the store and keeps polling.
    let deadline = Instant::now() + PATIENCE;
    while claims(&admin) < 3.0 {
        assert!(Instant::now() < deadline);
    }
    server.kill();
    let answer = copy.response();
    assert_eq!(
        (answer.status, answer.json()["reason"].as_str()),
        (503, Some("callback_in_flight"))
    );
    release.send(()).unwrap();
    assert_eq!(first.response().status, 200);
    origin.request();
}

#[derive(Debug, Default)]
pub(super) struct Watch {
    untold: AtomicI64,
    never_told: AtomicU64,
}

impl Observer for Watch {
    fn operation(&self, _: Operation, _: Duration, _: bool) {}

    fn lost(&self) {}

    fn untold(&self, change: i64) {
        self.untold.fetch_add(change, Ordering::Relaxed);
    }

    fn never_told(&self, successes: u64) {
        self.never_told.fetch_add(successes, Ordering::Relaxed);
    }
}

pub(super) fn policy() -> OncePolicy {
    OncePolicy {
        identity: Vec::new(),
        signers: None,
        namespace: "n".to_owned(),
        keep: Duration::from_secs(3600),
        repeat: Repeat::Acknowledge,
        in_flight: WhileInFlight::Refuse,
        lease: Duration::from_secs(60),
        answer_limit: 1 << 14,
    }
}

/// The answers exceed 32 MiB, and there are more than 60,000 outcomes.
#[test]
fn thousands_of_outcomes_wait_in_one_bounded_queue_and_are_recorded() {
    const COUNT: usize = 61_000;
    const ROOM: usize = 60_000;
    let mut server = RedisServer::with(&[]);
    let settings = store::redis(Mode::Single, &[server.url()]);
    let redis: Arc<dyn Store> = Arc::new(RedisStore::new(&settings).unwrap());
    server.kill();
    let watch = Arc::<Watch>::default();
    let observer = Arc::<Watch>::clone(&watch);
    let ledger = Arc::new(Ledger::new(redis, observer));
    let claims = Claims::new(Arc::clone(&ledger), OnStoreFailure::Open, 100);
    let answer = StoredAnswer {
        status: 201,
        headers: Vec::new(),
        body: Some(vec![b'x'; 2000].into()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks = || {
            tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks()
        };
        let (before, alive) = (tasks(), Arc::new(()));
        let all: Vec<Identity> = (0..COUNT).map(|_| fresh()).collect();
        for id in &all {
            let Beginning::Proceed(held) = claims.begin(*id, &policy()).await else {
                panic!("it does not pass");
            };
            assert!(!held.is_certain());
            let alive = || Arc::clone(&alive);
            held.succeeded(answer.encode(), alive).await;
        }
        assert!(tasks() - before <= 2, "{} tasks", tasks() - before);
        assert_eq!(Arc::strong_count(&alive), 2);
        let untold = usize::try_from(watch.untold.load(Ordering::Relaxed)).unwrap();
        let never = usize::try_from(watch.never_told.load(Ordering::Relaxed)).unwrap();
        assert_eq!(untold + never, COUNT);
        assert!((ROOM..=ROOM + 1).contains(&untold), "{untold}");
        server.start_again();
        let deadline = Instant::now() + 4 * PATIENCE;
        while Arc::strong_count(&alive) > 1 {
            assert!(Instant::now() < deadline, "{}", ledger.untold_successes());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(watch.untold.load(Ordering::Relaxed), 0);
        // The first outcomes keep their answers, the others only the status. Checks a sample.
        let mut bodies = 0;
        for id in all[..ROOM].iter().step_by(50) {
            let Beginning::Repeat(known) = claims.begin(*id, &policy()).await else {
                panic!("it was not told");
            };
            let known = StoredAnswer::decode(&known).unwrap();
            assert_eq!(known.status, 201);
            bodies += 50 * known.body.map_or(0, |body| body.len());
        }
        assert!((30 << 20..=32 << 20).contains(&bodies), "{bodies}");
    });
}

/// A claim that a hung store executes late does not block the provider's retry.
#[test]
fn one_task_releases_the_claims_that_a_hung_store_may_have_made() {
    const COUNT: usize = 1000;
    let server = RedisServer::start();
    let valve = crate::support::valve::Valve::before(server.address);
    let mut settings = store::redis(Mode::Single, &[format!("redis://{}", valve.address)]);
    settings.timeout = Duration::from_secs(3);
    let redis: Arc<dyn Store> = Arc::new(RedisStore::new(&settings).unwrap());
    let watch = Arc::<Watch>::default();
    let observer = Arc::<Watch>::clone(&watch);
    let ledger = Arc::new(Ledger::new(redis, observer));
    let claims = Arc::new(Claims::new(ledger, OnStoreFailure::Closed, 100));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks = || {
            tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks()
        };
        // Loads the script into the server.
        let first = claims.begin(fresh(), &policy()).await;
        assert!(matches!(first, Beginning::Proceed(_)), "{first:?}");
        valve.close(0);
        let all: Vec<Identity> = (0..COUNT).map(|_| fresh()).collect();
        let before = tasks();
        let hung = all.iter().map(|id| {
            let (claims, id) = (Arc::clone(&claims), *id);
            tokio::spawn(async move { claims.begin(id, &policy()).await })
        });
        for hung in hung.collect::<Vec<_>>() {
            let refused = hung.await.unwrap();
            assert!(matches!(refused, Beginning::Unknown(_)), "{refused:?}");
        }
        // The task itself, the operations it has started, and one task that drives a connection.
        assert!(tasks() - before <= 260, "{} tasks", tasks() - before);
        let deadline = Instant::now() + PATIENCE;
        while watch.untold.load(Ordering::Relaxed) > 0 {
            assert!(Instant::now() < deadline);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // The delayed claims arrive.
        tokio::task::block_in_place(|| valve.open(0));
        for id in all {
            let retry = claims.begin(id, &policy()).await;
            assert!(matches!(retry, Beginning::Proceed(_)), "{retry:?}");
        }
    });
}

/// Leaves three successes unrecorded, runs `between`, and checks that the shutdown reports them.
fn an_end_says_that_three_are_left(between: impl FnOnce(&Proxy)) {
    let mut server = RedisServer::start();
    let (admin, origin) = (Admin::new(), Origin::start());
    let once = redis(&server, "on_store_failure = \"fail_open\"");
    let proxy = setup(&once, &admin, &origin)
        .top("shutdown_timeout = \"1s\"")
        .start();
    server.kill();
    for callback in callbacks(3) {
        let mut client = Client::connect(proxy.address);
        client.send(&callback);
        assert_eq!(client.response().status, 200);
    }
    admin.until("countersign_once_untold_outcomes", 3.0);
    between(&proxy);
    proxy.signal("TERM");
    proxy.error_line("exits before all successes were recorded (3 left)");
}

#[test]
fn a_shutdown_before_the_store_is_back_reports_unrecorded_outcomes() {
    an_end_says_that_three_are_left(|_| ());
}

/// A store that the configuration no longer names still gets its outcomes, and counts at shutdown.
#[test]
fn a_shutdown_reports_the_unrecorded_outcomes_of_a_store_before_a_reload() {
    an_end_says_that_three_are_left(|proxy| {
        proxy.reconfigure(|text| text.replace("redis = {", "redis = { prefix = \"other:\","));
        proxy.error_line("reloaded");
        proxy.reconfigure(|text| text.replace("store = \"redis\"", "store = \"memory\""));
        proxy.error_line("reloaded");
    });
}

#[test]
fn an_unavailable_cluster_does_not_flood_the_log() {
    let mut server = RedisServer::cluster_node();
    assert_eq!(
        server.ask(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]),
        "OK"
    );
    let deadline = Instant::now() + PATIENCE;
    while !server
        .ask(&["CLUSTER", "INFO"])
        .contains("cluster_state:ok")
    {
        assert!(Instant::now() < deadline);
        thread::sleep(Duration::from_millis(10));
    }
    let (admin, origin) = (Admin::new(), Origin::start());
    let once = redis(&server, "on_store_failure = \"fail_open\"");
    let once = once.replace("redis = {", "redis = { mode = \"cluster\",");
    let proxy = setup(&once, &admin, &origin)
        .top("shutdown_timeout = \"1s\"")
        .start();
    let started = Instant::now();
    let send = |client: &mut Client, callback: &_| {
        client.send(callback);
        assert_eq!(client.response().status, 200);
    };
    send(&mut Client::connect(proxy.address), &callbacks(1)[0]);
    server.kill();
    // However long each takes, there are enough at once.
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut client = Client::connect(proxy.address);
                for callback in callbacks(20).iter().cycle() {
                    if stop.load(Ordering::Relaxed) || started.elapsed() > PATIENCE {
                        break;
                    }
                    send(&mut client, callback);
                }
            });
        }
        proxy.error_line("further ones are left out");
        stop.store(true, Ordering::Relaxed);
    });
    proxy.signal("TERM");
    let (_, _, errors) = proxy.ended();
    let lines = errors
        .iter()
        .filter(|line| line.contains("redis::cluster_handling"));
    // Warnings and errors, each with a line about suppressed lines.
    let periods = started.elapsed().as_secs() / 10 + 1;
    let most = usize::try_from(periods * 2 * 7).unwrap();
    assert!(
        lines.clone().count() <= most,
        "{:#?}",
        lines.collect::<Vec<_>>()
    );
}
