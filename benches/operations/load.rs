//! Constant load: clients send genuine and forged callbacks as fast as the proxy answers, over
//! connections that stay open as long as the proxy allows, and count every response.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A request and the status that it must get.
pub(crate) struct Shot {
    pub(crate) bytes: Vec<u8>,
    pub(crate) expected: u16,
}

/// The results.
#[derive(Default)]
pub(crate) struct Counts {
    /// Responses with the right status.
    pub(crate) right: AtomicU64,
    /// Wrong responses: a genuine callback rejected, a forged one accepted, or a 5xx.
    pub(crate) wrong: AtomicU64,
    /// No connection, or no complete response.
    pub(crate) failed: AtomicU64,
    /// Connections that were opened.
    pub(crate) connections: AtomicU64,
    /// The slowest response in microseconds.
    pub(crate) slowest: AtomicU64,
}

/// Running clients.
pub(crate) struct Load {
    pub(crate) counts: Arc<Counts>,
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts this many clients.
    pub(crate) fn start(address: SocketAddr, clients: usize, shots: Vec<Shot>) -> Self {
        let counts = Arc::new(Counts::default());
        let stop = Arc::new(AtomicBool::new(false));
        let shots = Arc::new(shots);
        let client = |nth: usize| {
            let (counts, stop, shots) = (counts.clone(), stop.clone(), shots.clone());
            std::thread::spawn(move || {
                let mut connection = None;
                for shot in shots.iter().cycle().skip(nth) {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    fire(address, &mut connection, shot, &counts);
                }
            })
        };
        let clients = (0..clients).map(client).collect();
        Self {
            counts,
            stop,
            clients,
        }
    }

    /// The number of responses so far.
    pub(crate) fn answers(&self) -> u64 {
        self.counts.right.load(Ordering::Relaxed) + self.counts.wrong.load(Ordering::Relaxed)
    }

    /// Waits for this many more responses.
    pub(crate) fn wait_for(&self, more: u64) {
        let (goal, deadline) = (
            self.answers() + more,
            Instant::now() + Duration::from_secs(60),
        );
        while self.answers() < goal {
            assert!(Instant::now() < deadline, "the load stands still");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Stops the clients and returns their counts.
    pub(crate) fn stop(self) -> Arc<Counts> {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.join().unwrap();
        }
        self.counts
    }
}

fn fire(address: SocketAddr, kept: &mut Option<TcpStream>, shot: &Shot, counts: &Counts) {
    let add = |count: &AtomicU64| count.fetch_add(1, Ordering::Relaxed);
    let started = Instant::now();
    let connection = kept.take().map_or_else(
        || {
            add(&counts.connections);
            TcpStream::connect(address).ok()
        },
        Some,
    );
    let exchange = connection.and_then(|mut connection| {
        connection.set_nodelay(true).ok()?;
        connection
            .set_read_timeout(Some(Duration::from_secs(30)))
            .ok()?;
        connection.write_all(&shot.bytes).ok()?;
        let (status, keep) = read_answer(&mut connection)?;
        Some((status, keep.then_some(connection)))
    });
    match exchange {
        Some((status, connection)) => {
            let right = status == shot.expected;
            add(if right { &counts.right } else { &counts.wrong });
            *kept = connection;
        }
        None => drop(add(&counts.failed)),
    }
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    counts.slowest.fetch_max(micros, Ordering::Relaxed);
}

/// Reads a complete response; returns its status and whether the connection stays open.
pub(crate) fn read_answer(connection: &mut TcpStream) -> Option<(u16, bool)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = connection.read(&mut chunk).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&bytes[..end])
            .ok()?
            .to_ascii_lowercase();
        let header = |name: &str| {
            let line = head.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.get(name.len()..)).map(str::trim)
        };
        let length: usize = header("content-length:")?.parse().ok()?;
        if bytes.len() >= end + 4 + length {
            let status = head.split(' ').nth(1)?.parse().ok()?;
            return Some((status, header("connection:") != Some("close")));
        }
    }
}
