//! One of three backends is killed and restarted, and another one hangs, while callbacks keep
//! coming.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::mortal::Mortal;
use crate::support::signer::Signer;
use crate::support::{Client, Setup};

/// The number of callbacks in each act, and of concurrent clients.
const ACT: usize = 150;
const CLIENTS: usize = 8;
const ACTS: [&str; 5] = [
    "all three up",
    "B killed",
    "B started again",
    "C hangs",
    "C answers again",
];

/// What a client saw of a callback.
struct Outcome {
    id: usize,
    /// The acts in which the callback began and ended.
    acts: [usize; 2],
    status: u16,
    reason: String,
    request_id: Option<String>,
}

/// The callbacks sent so far and their outcomes.
#[derive(Default)]
struct Traffic {
    next: AtomicUsize,
    act: AtomicUsize,
    outcomes: Mutex<Vec<Outcome>>,
}

impl Traffic {
    /// Sends callbacks in sequence until all acts have had their share.
    fn send(&self, proxy: SocketAddr) {
        loop {
            let id = self.next.fetch_add(1, Ordering::SeqCst);
            if id >= ACT * ACTS.len() {
                return;
            }
            let number = id.to_string();
            let callback = Signer::get().cheezeepay("/cb", &[("mchOrderNo", &number)]);
            let began = self.act.load(Ordering::SeqCst);
            let mut client = Client::connect(proxy);
            client.send(&callback.with_length());
            let answer = client.response();
            let ended = self.act.load(Ordering::SeqCst);
            let reason = match answer.status {
                200 => String::new(),
                _ => answer.json()["reason"].as_str().unwrap().to_owned(),
            };
            self.outcomes.lock().unwrap().push(Outcome {
                id,
                acts: [began, ended],
                status: answer.status,
                reason,
                request_id: answer.header("X-Request-Id").map(str::to_owned),
            });
        }
    }

    /// Waits until the act has had its share of callbacks, then starts the next act.
    fn next_act(&self, event: impl FnOnce()) {
        let act = self.act.load(Ordering::SeqCst) + 1;
        while self.outcomes.lock().unwrap().len() < act * ACT - CLIENTS {
            thread::yield_now();
        }
        event();
        self.act.store(act, Ordering::SeqCst);
    }
}

#[test]
fn no_callback_is_lost_while_a_backend_is_alive_and_none_is_delivered_twice() {
    let [a, b, c] = [(); 3].map(|()| Mortal::start());
    let proxy = Setup::new()
        .cheezeepay("name = \"cheezeepay\"\npath = \"/cb\"")
        .tables(&format!(
            "[[upstream]]\nname = \"origin\"\nread_timeout = \"2s\"\nservers = [{}]",
            [&a, &b, &c]
                .map(|origin| origin.address)
                .map(|address| format!("{{ address = \"{address}\", fail_timeout = \"1s\" }}"))
                .join(", ")
        ))
        .start();
    let traffic = Traffic::default();
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| traffic.send(proxy.address));
        }
        traffic.next_act(|| b.kill());
        traffic.next_act(|| b.revive());
        traffic.next_act(|| c.hang(true));
        traffic.next_act(|| c.hang(false));
    });

    let outcomes = traffic.outcomes.into_inner().unwrap();
    assert_eq!(outcomes.len(), ACT * ACTS.len());
    let mut delivered: HashMap<usize, Vec<&str>> = HashMap::new();
    for (name, origin) in [("A", &a), ("B", &b), ("C", &c)] {
        for id in origin.received() {
            delivered.entry(id).or_default().push(name);
        }
    }
    let upstreams: HashMap<String, String> = (0..outcomes.len())
        .map(|_| proxy.access())
        .map(|line| {
            let text = |key: &str| {
                line[key]
                    .as_str()
                    .unwrap_or_else(|| panic!("{line}"))
                    .to_owned()
            };
            (text("id"), text("upstream"))
        })
        .collect();
    let mut table: BTreeMap<(usize, String), usize> = BTreeMap::new();
    for outcome in &outcomes {
        let Outcome {
            id,
            acts,
            status,
            reason,
            request_id,
        } = outcome;
        let at = delivered.get(id).map_or(&[][..], Vec::as_slice);
        assert!(at.len() <= 1, "{id} was delivered to {at:?}");
        if *status == 200 {
            assert_eq!(at.len(), 1, "{id} was answered by nobody");
        } else {
            // Allowed only for a callback that went to the failed backend during that act.
            let upstream = &upstreams[request_id.as_ref().unwrap()];
            let (victim, act) = match reason.as_str() {
                "upstream_closed" => (("B", b.address), 1),
                "upstream_timeout" => (("C", c.address), 3),
                other => panic!("{id}: {status} {other} at {upstream} in {acts:?}"),
            };
            assert_eq!(*upstream, victim.1.to_string(), "{id}: {reason}");
            assert!(at.iter().all(|name| *name == victim.0), "{id} is at {at:?}");
            assert!(
                acts[0] <= act && act <= acts[1] + 1,
                "{id}: {reason} in {acts:?}"
            );
        }
        let seen = format!("{status} {reason}");
        *table
            .entry((acts[0], seen.trim_end().to_owned()))
            .or_default() += 1;
    }
    for ((act, seen), count) in &table {
        println!("| {} | {seen} | {count} |", ACTS[*act]);
    }
    for (name, origin) in [("A", &a), ("B", &b), ("C", &c)] {
        println!("{name}: {}", origin.received().len());
    }
}
