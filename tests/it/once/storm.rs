//! Several proxies on one Redis during a storm of copies, while backends fail, a proxy is killed,
//! and Redis is killed and restarted. Small here; `cargo bench --bench once` runs it at scale.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::random::Random;
use crate::support::proxy::kill;
use crate::support::redis::RedisServer;
use crate::support::signer::Signer;
use crate::support::{Proxy, Setup};

/// The scale of a run.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) callbacks: usize,
    /// How many copies of each are sent; each copy repeats until it gets 200.
    pub(crate) copies: usize,
    pub(crate) proxies: usize,
    /// How many copies are in progress at once.
    pub(crate) workers: usize,
    pub(crate) lease: &'static str,
    /// Redis's `appendfsync`.
    pub(crate) fsync: &'static str,
    pub(crate) seed: u64,
}

/// The results. The bench prints all of them.
#[allow(dead_code)]
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) took: Duration,
    /// Requests by response status; 0 means broken off or refused.
    pub(crate) answers: HashMap<u16, usize>,
    /// How often the backend was called, and how often it failed.
    pub(crate) asked: usize,
    pub(crate) failed: usize,
    /// Callbacks by how often the backend accepted them: never, once, more often.
    pub(crate) never: usize,
    pub(crate) once: usize,
    pub(crate) more: usize,
    /// Callbacks accepted more than once that were not in flight in the killed proxy.
    pub(crate) unexplained: Vec<usize>,
    /// Requests in flight in the killed proxy.
    pub(crate) in_flight: usize,
    pub(crate) redis_away: Duration,
}

/// What the backend did with each callback, and who is sending it.
struct World {
    plan: Plan,
    callbacks: Vec<Vec<u8>>,
    taken: Vec<AtomicUsize>,
    asked: AtomicUsize,
    failed: AtomicUsize,
    done: AtomicUsize,
    ready: Mutex<VecDeque<usize>>,
    in_flight: Vec<Mutex<HashMap<usize, usize>>>,
    is_alive: Vec<AtomicBool>,
    answers: Mutex<HashMap<u16, usize>>,
    random: Mutex<Random>,
}

impl World {
    fn below(&self, limit: usize) -> usize {
        self.random.lock().unwrap().below(limit)
    }

    fn jobs(&self) -> usize {
        self.plan.callbacks * self.plan.copies
    }
}

/// The requests, signed with the CheezeePay scheme.
pub(crate) fn callbacks(count: usize) -> Vec<Vec<u8>> {
    let pem = std::fs::read(Signer::get().private_key_file()).unwrap();
    let key = KeyPair::from_pkcs8(pem::parse(pem).unwrap().contents()).unwrap();
    let random = SystemRandom::new();
    let sign = |number: usize| {
        let content = format!("mchOrderNo=C{number:09}&orderStatus=1");
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(
            &RSA_PKCS1_SHA256,
            &random,
            content.as_bytes(),
            &mut signature,
        )
        .unwrap();
        let sign = STANDARD.encode(signature);
        let body =
            format!("{{\"mchOrderNo\":\"C{number:09}\",\"orderStatus\":1,\"sign\":\"{sign}\"}}");
        let length = body.len();
        format!(
            "POST /cb HTTP/1.1\r\nHost: pay.example\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    };
    (0..count).map(sign).collect()
}

/// Runs the plan.
pub(crate) fn run(plan: Plan) -> Report {
    let mut redis = RedisServer::with(&["appendonly yes", &format!("appendfsync {}", plan.fsync)]);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let backend = listener.local_addr().unwrap();
    let proxies: Vec<Proxy> = (0..plan.proxies)
        .map(|_| start(backend, &redis, plan.lease))
        .collect();
    let addresses: Vec<SocketAddr> = proxies.iter().map(|proxy| proxy.address).collect();

    let mut random = Random::new(plan.seed);
    let mut order: Vec<usize> = (0..plan.callbacks * plan.copies)
        .map(|n| n % plan.callbacks)
        .collect();
    for last in (1..order.len()).rev() {
        order.swap(last, random.below(last + 1));
    }
    let world = Arc::new(World {
        plan,
        callbacks: callbacks(plan.callbacks),
        taken: (0..plan.callbacks).map(|_| AtomicUsize::new(0)).collect(),
        asked: AtomicUsize::new(0),
        failed: AtomicUsize::new(0),
        done: AtomicUsize::new(0),
        ready: Mutex::new(order.into()),
        in_flight: addresses.iter().map(|_| Mutex::default()).collect(),
        is_alive: addresses.iter().map(|_| AtomicBool::new(true)).collect(),
        answers: Mutex::default(),
        random: Mutex::new(random),
    });
    let started = Instant::now();
    runtime.spawn(serve(listener, Arc::clone(&world)));
    for _ in 0..plan.workers {
        runtime.spawn(work(Arc::clone(&world), addresses.clone()));
    }

    let wait_for = |part: usize| {
        let deadline = Instant::now() + Duration::from_secs(1800);
        while world.done.load(Ordering::Relaxed) < world.jobs() * part / 12 {
            assert!(
                Instant::now() < deadline,
                "{:?}",
                world.answers.lock().unwrap()
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    wait_for(4);
    let victim = plan.proxies - 1;
    world.is_alive[victim].store(false, Ordering::Relaxed);
    assert!(kill("KILL", proxies[victim].pid()));
    let in_flight: HashSet<usize> = world.in_flight[victim]
        .lock()
        .unwrap()
        .keys()
        .copied()
        .collect();
    wait_for(8);
    let stopped = Instant::now();
    redis.kill();
    std::thread::sleep(Duration::from_millis(300));
    redis.start_again();
    let redis_away = stopped.elapsed();
    wait_for(12);

    let mut report = Report {
        took: started.elapsed(),
        answers: world.answers.lock().unwrap().clone(),
        asked: world.asked.load(Ordering::Relaxed),
        failed: world.failed.load(Ordering::Relaxed),
        in_flight: in_flight.len(),
        redis_away,
        ..Report::default()
    };
    for (number, taken) in world.taken.iter().enumerate() {
        match taken.load(Ordering::Relaxed) {
            0 => report.never += 1,
            1 => report.once += 1,
            _ => {
                report.more += 1;
                if !in_flight.contains(&number) {
                    report.unexplained.push(number);
                }
            }
        }
    }
    report
}

fn start(backend: SocketAddr, redis: &RedisServer, lease: &str) -> Proxy {
    Setup::new()
        .top("[log]\naccess = \"off\"\n")
        .cheezeepay(&format!(
            "name = \"c\"\npath = \"/cb\"\nfields = {{ \"X-Order\" = \"mchOrderNo\" }}\n\
             once = {{ lease = \"{lease}\" }}"
        ))
        .tables(&format!(
            "[once]\nstore = \"redis\"\nredis = {{ servers = [\"{}\"] }}",
            redis.url()
        ))
        .servers(&[backend], "")
        .start()
}

/// Sends copies until all of them have got 200.
async fn work(world: Arc<World>, addresses: Vec<SocketAddr>) {
    let mut connections: Vec<Option<TcpStream>> = addresses.iter().map(|_| None).collect();
    while world.done.load(Ordering::Relaxed) < world.jobs() {
        let next = world.ready.lock().unwrap().pop_front();
        let Some(number) = next else {
            sleep(Duration::from_millis(2)).await;
            continue;
        };
        let to = loop {
            let to = world.below(addresses.len());
            if world.is_alive[to].load(Ordering::Relaxed) {
                break to;
            }
        };
        *world.in_flight[to]
            .lock()
            .unwrap()
            .entry(number)
            .or_default() += 1;
        let connection = connections[to].take();
        let answered = exchange(connection, addresses[to], &world.callbacks[number]).await;
        {
            let mut in_flight = world.in_flight[to].lock().unwrap();
            // Keeps what was in flight when the proxy died, for a later check.
            if world.is_alive[to].load(Ordering::Relaxed)
                && let Some(count) = in_flight.get_mut(&number)
            {
                *count -= 1;
                if *count == 0 {
                    in_flight.remove(&number);
                }
            }
        }
        let status = answered.as_ref().map_or(0, |(status, _)| *status);
        *world.answers.lock().unwrap().entry(status).or_default() += 1;
        connections[to] = answered.and_then(|(_, connection)| connection);
        if status == 200 {
            world.done.fetch_add(1, Ordering::Relaxed);
        } else {
            let pause = Duration::from_millis(50 + world.below(300) as u64);
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                sleep(pause).await;
                world.ready.lock().unwrap().push_back(number);
            });
        }
    }
}

/// Returns the status, and the connection if it can be reused.
pub(crate) async fn exchange(
    connection: Option<TcpStream>,
    to: SocketAddr,
    request: &[u8],
) -> Option<(u16, Option<TcpStream>)> {
    let mut stream = match connection {
        Some(stream) => stream,
        None => {
            let stream = TcpStream::connect(to).await.ok()?;
            stream.set_nodelay(true).ok()?;
            stream
        }
    };
    stream.write_all(request).await.ok()?;
    let (head, _) = message(&mut stream).await?;
    let status = head.get(9..12)?.parse().ok()?;
    let closes = head.to_ascii_lowercase().contains("connection: close");
    Some((status, (!closes).then_some(stream)))
}

/// Reads a message with a `Content-Length`.
async fn message(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = crate::support::http1::find(&bytes, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end + 4]).into_owned();
            let lower = head.to_ascii_lowercase();
            let length = lower.split("content-length: ").nth(1)?;
            let length: usize = length.split("\r\n").next()?.parse().ok()?;
            let mut body = bytes.split_off(end + 4);
            while body.len() < length {
                if stream.read_buf(&mut body).await.ok()? == 0 {
                    return None;
                }
            }
            return Some((head, body));
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// The backend: accepts nine in ten after a moment, and fails in several ways.
async fn serve(listener: TcpListener, world: Arc<World>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            while let Some((head, _)) = message(&mut stream).await {
                let order = head.split("X-Order: C").nth(1).unwrap();
                let number: usize = order.get(..9).unwrap().parse().unwrap();
                world.asked.fetch_add(1, Ordering::Relaxed);
                sleep(Duration::from_millis(world.below(6) as u64)).await;
                let fails = world.below(10) == 0;
                let (answer, closes) = if fails {
                    world.failed.fetch_add(1, Ordering::Relaxed);
                    match world.below(3) {
                        0 => ("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", false),
                        1 => ("", true),
                        _ => ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", true),
                    }
                } else {
                    world.taken[number].fetch_add(1, Ordering::Relaxed);
                    ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n", false)
                };
                if stream.write_all(answer.as_bytes()).await.is_err() || closes {
                    return;
                }
            }
        });
    }
}

/// A backend for measurements that accepts everything at once.
#[allow(dead_code)]
pub(crate) async fn serve_all(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            while message(&mut stream).await.is_some() {
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";
                if stream.write_all(answer).await.is_err() {
                    return;
                }
            }
        });
    }
}
