//! What each store costs per callback, compared with `once` off. The stores take turns in one run,
//! so that other load on the machine affects all of them equally.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::storm::{callbacks, exchange};
use crate::support::redis::RedisServer;
use crate::support::{Origin, Proxy, Setup};

const ROUNDS: usize = 10;
const EACH: usize = 1000;
const CLIENTS: usize = 4;

struct Lane {
    name: &'static str,
    proxy: Proxy,
    /// In microseconds.
    latencies: Vec<u64>,
    cpu: u64,
}

pub(crate) fn run() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let file = folder.path().canonicalize().unwrap().join("once.db");
    let always = RedisServer::with(&["appendonly yes", "appendfsync always"]);
    let everysec = RedisServer::with(&["appendonly yes", "appendfsync everysec"]);
    let redis = |server: &RedisServer| {
        format!(
            "[once]\nstore = \"redis\"\nredis = {{ servers = [\"{}\"] }}",
            server.url()
        )
    };
    let lanes = [
        ("off", String::new()),
        ("memory", "[once]".to_owned()),
        (
            "disk",
            format!(
                "[once]\nstore = \"disk\"\ndisk = {{ path = \"{}\" }}",
                file.display()
            ),
        ),
        ("redis, everysec", redis(&everysec)),
        ("redis, always", redis(&always)),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let backend = listener.local_addr().unwrap();
    runtime.spawn(crate::storm::serve_all(listener));
    let mut lanes: Vec<Lane> = lanes
        .map(|(name, once)| Lane {
            name,
            proxy: start(backend, &once),
            latencies: Vec::new(),
            cpu: 0,
        })
        .into();
    let all: Arc<Vec<Vec<u8>>> = Arc::new(callbacks(ROUNDS * EACH));
    for round in 0..ROUNDS {
        for lane in &mut lanes {
            let before = ticks(lane.proxy.pid());
            let latencies = runtime.block_on(send(lane.proxy.address, &all, round * EACH));
            lane.cpu += ticks(lane.proxy.pid()) - before;
            // The first round is a warm-up.
            if round > 0 {
                lane.latencies.extend(latencies);
            } else {
                lane.cpu = 0;
            }
        }
    }
    println!(
        "{:16} {:>9} {:>9} {:>9} {:>12}",
        "store", "median", "90th", "99th", "CPU of proxy"
    );
    for lane in &mut lanes {
        lane.latencies.sort_unstable();
        let at = |part: usize| lane.latencies[lane.latencies.len() * part / 100];
        let count = ((ROUNDS - 1) * EACH) as u64;
        println!(
            "{:16} {:>6} us {:>6} us {:>6} us {:>9} us",
            lane.name,
            at(50),
            at(90),
            at(99),
            lane.cpu * 10_000 / count
        );
    }
}

fn start(backend: SocketAddr, once: &str) -> Proxy {
    Setup::new()
        .top("[log]\naccess = \"off\"\n")
        .cheezeepay("name = \"c\"\npath = \"/cb\"\nfields = { \"X-Order\" = \"mchOrderNo\" }")
        .tables(once)
        .servers(&[backend], "keepalive = \"60s\"")
        .start()
}

/// Sends a round of callbacks over a few connections; returns how long each took.
async fn send(to: SocketAddr, all: &Arc<Vec<Vec<u8>>>, first: usize) -> Vec<u64> {
    let clients = (0..CLIENTS).map(|client| {
        let all = Arc::clone(all);
        tokio::spawn(async move {
            let mut connection = None;
            let mut latencies = Vec::new();
            for number in (first + client..first + EACH).step_by(CLIENTS) {
                let started = Instant::now();
                let answer = exchange(connection.take(), to, &all[number]).await;
                let (status, next) = answer.unwrap();
                assert_eq!(status, 200);
                latencies.push(started.elapsed().as_micros() as u64);
                connection = next;
            }
            latencies
        })
    });
    let mut latencies = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        latencies.extend(client.await.unwrap());
    }
    latencies
}

/// The CPU time of a process in hundredths of a second.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let rest = stat.rsplit(") ").next().unwrap();
    let fields: Vec<&str> = rest.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
