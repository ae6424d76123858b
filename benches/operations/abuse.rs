//! Attacks, while good callbacks continue.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::frames;
use crate::load::{Counts, Load};
use crate::support::{Origin, Proxy, Setup};
use crate::{shots, usage};

const SLOW: usize = 2000;
const IDLE: usize = 10_000;
const FLOODING: usize = 64;
const LASTING: Duration = Duration::from_secs(15);

fn start(origin: &Origin, limits: &str) -> Proxy {
    setup(origin, limits).start()
}

/// A setup with more keys in `[limits]`, and tables after them.
fn setup(origin: &Origin, limits: &str) -> Setup {
    Setup::new()
        .top("workers = 2\n[log]\naccess = \"off\"")
        .tables(&format!(
            "[limits]\nconnections_per_client = \"off\"\n{limits}"
        ))
        .sgate("name = \"shop\"\npath = \"/cb\"\nmax_age = \"1h\"")
        .origin(origin)
}

/// Sends good callbacks for a while; prints their results and how much memory the proxy held.
fn good_callbacks_meanwhile(proxy: &Proxy, what: &str) {
    let before = usage::resident(proxy.child.id());
    let load = Load::start(proxy.address, 4, shots("/cb", 20));
    let started = Instant::now();
    let mut most = before;
    while started.elapsed() < LASTING {
        load.wait_for(50);
        most = most.max(usage::resident(proxy.child.id()));
    }
    let descriptors = usage::descriptors(proxy.child.id());
    let counts = load.stop();
    report(what, &counts, before, most, descriptors);
}

fn report(what: &str, counts: &Counts, before: u64, most: u64, descriptors: usize) {
    let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
    println!(
        "{what}: meanwhile {} good and forged callbacks answered right, {} wrong, {} failed; \
         slowest {} ms; resident {before} KiB at the start, {most} KiB at most; {descriptors} descriptors",
        count(&counts.right),
        count(&counts.wrong),
        count(&counts.failed),
        count(&counts.slowest) / 1000,
    );
    assert_eq!((count(&counts.wrong), count(&counts.failed)), (0, 0));
}

fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).unwrap()
}

/// Half of the clients send a byte of their headers per second, the others a byte of their body.
pub(crate) fn slow_clients() {
    let origin = Origin::start();
    let proxy = start(&origin, "");
    let address = proxy.address;
    let ended = Arc::new(AtomicU64::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let drip = std::thread::spawn({
        let (ended, stop) = (Arc::clone(&ended), Arc::clone(&stop));
        move || {
            let header: &[u8] = b"POST /cb HTTP/1.1\r\nHost: a\r\nX-Slow: ";
            let body: &[u8] = b"POST /cb HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
            let begin = |nth: usize| {
                let mut stream = connect(address);
                let start = if nth.is_multiple_of(2) { header } else { body };
                stream.write_all(start).unwrap();
                stream.set_nonblocking(true).unwrap();
                stream
            };
            let mut slow: Vec<TcpStream> = (0..SLOW).map(begin).collect();
            while !stop.load(Ordering::Relaxed) {
                for (nth, stream) in slow.iter_mut().enumerate() {
                    // A response or a closed connection: the proxy has timed out.
                    if stream.read(&mut [0; 512]).is_ok() || stream.write(b"x").is_err() {
                        ended.fetch_add(1, Ordering::Relaxed);
                        *stream = begin(nth);
                    }
                }
                std::thread::sleep(Duration::from_secs(1));
            }
        }
    });
    let what = format!("{SLOW} slow clients");
    good_callbacks_meanwhile(&proxy, &what);
    stop.store(true, Ordering::Relaxed);
    drip.join().unwrap();
    println!(
        "{} of them were cut off and came back",
        ended.load(Ordering::Relaxed)
    );
}

/// Connections that send nothing.
pub(crate) fn idle_connections() {
    let origin = Origin::start();
    let proxy = start(&origin, "connections = 20000\n[timeouts]\nheader = \"60s\"");
    let empty = usage::resident(proxy.child.id());
    let idle: Vec<TcpStream> = (0..IDLE).map(|_| connect(proxy.address)).collect();
    good_callbacks_meanwhile(&proxy, &format!("{IDLE} idle connections"));
    let held = usage::resident(proxy.child.id()).saturating_sub(empty);
    println!(
        "{:.1} KiB for each idle connection",
        held as f64 / IDLE as f64
    );
    drop(idle);
}

/// The HEADERS frame of an HTTP/2 stream.
fn stream(id: u32) -> Vec<u8> {
    let header = frames::block(&[
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":authority", b"pay.example"),
        (b":path", b"/cb"),
        (b"content-length", b"65536"),
    ]);
    frames::frame(frames::HEADERS, frames::END_HEADERS, id, &header)
}

/// The memory held for requests whose bodies never arrive: over HTTP/2, and over HTTP/1 with small
/// and large headers, in one piece and in two.
pub(crate) fn stalled() {
    const STREAMS: u32 = 3000;
    const CONNECTIONS: usize = 1000;
    let origin = Origin::start();
    let held = |what: &str, count: usize, hold: &dyn Fn(&Proxy) -> Vec<TcpStream>| {
        let limits = "in_flight = \"off\"\n[timeouts]\nbody = \"1h\"\nmin_rate = \"off\"";
        let proxy = setup(&origin, limits).http2().start();
        let empty = usage::resident(proxy.child.id());
        let all = hold(&proxy);
        std::thread::sleep(Duration::from_secs(2));
        let held = usage::resident(proxy.child.id()).saturating_sub(empty);
        println!("{:.1} KiB for each {what}", held as f64 / count as f64);
        drop(all);
    };
    held("stalled HTTP/2 stream", STREAMS as usize, &|proxy| {
        let begin = |_| {
            let mut connection = connect(proxy.address);
            connection
                .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
                .unwrap();
            connection
                .write_all(&frames::frame(frames::SETTINGS, 0, 0, b""))
                .unwrap();
            let all = (0..100).flat_map(|nth| stream(2 * nth + 1));
            connection.write_all(&all.collect::<Vec<_>>()).unwrap();
            connection
        };
        let mut all: Vec<TcpStream> = (0..STREAMS / 100).map(begin).collect();
        // Two bytes per stream, a few streams at a time: the proxy closes a connection with too
        // many unread frames.
        for nth in (0..100).chain(0..100) {
            let data = frames::frame(frames::DATA, 0, 2 * nth + 1, b"x");
            all.iter_mut()
                .for_each(|connection| connection.write_all(&data).unwrap());
            std::thread::sleep(Duration::from_millis(10));
        }
        all
    });
    for (what, header, pieces) in [
        ("stalled HTTP/1 body", 0, 1),
        ("stalled HTTP/1 body in two pieces", 0, 2),
        (
            "stalled HTTP/1 body in two pieces, with a header of 60 KB",
            60_000,
            2,
        ),
    ] {
        held(what, CONNECTIONS, &|proxy| {
            let head = format!(
                "POST /cb HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\nX: {}\r\n\r\n",
                "x".repeat(header)
            );
            let mut all: Vec<_> = (0..CONNECTIONS).map(|_| connect(proxy.address)).collect();
            all.iter_mut()
                .for_each(|stream| stream.write_all(head.as_bytes()).unwrap());
            for _ in 0..pieces {
                all.iter_mut()
                    .for_each(|stream| stream.write_all(b"x").unwrap());
                std::thread::sleep(Duration::from_secs(1));
            }
            all
        });
    }
}

/// Bodies of maximum size, more of them at once than the buffer holds.
pub(crate) fn flood() {
    let origin = Origin::start();
    let proxy = start(&origin, "body = \"1MiB\"\nbuffer = \"32MiB\"");
    let address = proxy.address;
    let stop = Arc::new(AtomicBool::new(false));
    let (refused, put_off) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let flooding: Vec<_> = (0..FLOODING)
        .map(|_| {
            let (stop, refused, put_off) = (stop.clone(), refused.clone(), put_off.clone());
            std::thread::spawn(move || {
                let size = 1 << 20;
                let mut request = format!(
                    "POST /cb HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n"
                )
                .into_bytes();
                request.resize(request.len() + size, b'x');
                while !stop.load(Ordering::Relaxed) {
                    let mut stream = connect(address);
                    // The proxy may reject the request before all of it is sent.
                    let _ = stream.write_all(&request);
                    let mut answer = String::new();
                    let _ = stream.read_to_string(&mut answer);
                    match answer.get(9..12) {
                        Some("400") => refused.fetch_add(1, Ordering::Relaxed),
                        Some("503") => put_off.fetch_add(1, Ordering::Relaxed),
                        _ => 0,
                    };
                }
            })
        })
        .collect();
    let before = usage::resident(proxy.child.id());
    let load = Load::start(address, 4, shots("/cb", 20));
    let started = Instant::now();
    let mut most = before;
    while started.elapsed() < LASTING {
        load.wait_for(10);
        most = most.max(usage::resident(proxy.child.id()));
    }
    stop.store(true, Ordering::Relaxed);
    let counts = load.stop();
    for client in flooding {
        client.join().unwrap();
    }
    let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
    println!(
        "{FLOODING} clients with bodies of 1 MiB, a buffer of 32 MiB: {} refused, {} put off; \
         meanwhile {} good and forged callbacks answered right, {} wrong, {} failed; \
         slowest {} ms; resident {before} KiB at the start, {most} KiB at most",
        count(&refused),
        count(&put_off),
        count(&counts.right),
        count(&counts.wrong),
        count(&counts.failed),
        count(&counts.slowest) / 1000,
    );
    assert_eq!((count(&counts.wrong), count(&counts.failed)), (0, 0));
}
