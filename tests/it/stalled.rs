//! Strangers who hold connections, requests or memory without sending anything do not block others.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::smuggling::frames::{self, DATA, END_HEADERS, Frames, HEADERS};
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Client, Origin, PATIENCE, Proxy, Setup};

pub(crate) const PATH: &str = "/cb";

/// An HTTP/2 setting that allows no byte of a response body.
pub(crate) const NO_WINDOW: &[u8] = &[0, 4, 0, 0, 0, 0];

pub(crate) fn setup(limits: &str, origin: &Origin, admin: &Admin) -> Setup {
    Setup::new()
        .tables(&format!(
            "[limits]\n{limits}\n[timeouts]\nheader = \"1h\"\nbody = \"1h\"\nmin_rate = \"off\""
        ))
        .sgate(&format!("name = \"sgate\"\npath = \"{PATH}\""))
        .http2()
        .origin(origin)
        .admin(admin)
}

pub(crate) fn callback() -> Callback {
    Signer::get().sgate(PATH, r#"{"event":"E"}"#)
}

/// Whether a callback on a new connection passes.
pub(crate) fn passes(proxy: &Proxy) -> bool {
    let mut client = Client::connect(proxy.address);
    client.send(&callback().with_length());
    client.is_served()
}

/// Repeats a callback until it passes, as its provider would.
pub(crate) fn until_one_passes(proxy: &Proxy) {
    let deadline = Instant::now() + PATIENCE;
    while !passes(proxy) {
        assert!(Instant::now() < deadline, "no callback passes");
    }
}

/// A stream's headers for a body of this length, and this many bytes of it, each in a frame.
pub(crate) fn stream(id: u32, length: usize, bytes: usize) -> Vec<u8> {
    let block = frames::block(&[
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":authority", b"pay.example"),
        (b":path", PATH.as_bytes()),
        (b"content-length", length.to_string().as_bytes()),
    ]);
    let header = frames::frame(HEADERS, END_HEADERS, id, &block);
    let data = frames::frame(DATA, 0, id, b"x").repeat(bytes);
    [header, data].concat()
}

/// A connection with this many streams whose bodies never arrive.
fn streams(proxy: &Proxy, count: u32, bytes: usize) -> Frames {
    let mut connection = Frames::connect(proxy.address);
    let all = (0..count).flat_map(|nth| stream(2 * nth + 1, 65_536, bytes));
    connection.send(&all.collect::<Vec<_>>());
    connection
}

/// A complete request.
pub(crate) fn whole_stream(id: u32, path: &str, callback: &Callback) -> Vec<u8> {
    let mut fields: Vec<(String, Vec<u8>)> = [
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", "pay.example"),
        (":path", path),
    ]
    .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
    .into();
    let headers = callback.headers.iter();
    fields.extend(headers.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())));
    let fields: Vec<(&[u8], &[u8])> = fields
        .iter()
        .map(|(name, value)| (name.as_bytes(), value.as_slice()))
        .collect();
    let header = frames::frame(HEADERS, END_HEADERS, id, &frames::block(&fields));
    let data = frames::frame(DATA, frames::END_STREAM, id, &callback.body);
    [header, data].concat()
}

fn sent(proxy: &Proxy, bytes: &[u8]) -> Client {
    let mut client = Client::connect(proxy.address);
    client.send(bytes);
    client
}

/// Occupies all connections, waits until the admin listener counts them as in use, and checks that
/// a provider's callbacks pass.
fn keeps_nobody_out<T>(take: impl Fn(&Proxy) -> T, in_flight: bool) {
    const CONNECTIONS: usize = 200;
    let (origin, admin) = (Origin::start(), Admin::new());
    let limits = format!("connections = {CONNECTIONS}\nin_flight = \"off\"");
    let proxy = setup(&limits, &origin, &admin).start();
    admin.until("countersign_connections", 0.0);
    let held: Vec<T> = (0..CONNECTIONS).map(|_| take(&proxy)).collect();
    let all = f64::from(u32::try_from(CONNECTIONS).unwrap());
    admin.until("countersign_connections", all);
    if in_flight {
        admin.until("countersign_in_flight_requests", all);
    }
    until_one_passes(&proxy);
    let passed = (0..40).filter(|_| passes(&proxy)).count();
    assert_eq!(passed, 40);
    drop(held);
}

#[test]
fn stalled_http2_streams_keep_nobody_out() {
    keeps_nobody_out(|proxy| streams(proxy, 1, 1), true);
}

#[test]
fn connections_with_one_byte_of_a_header_keep_nobody_out() {
    keeps_nobody_out(|proxy| sent(proxy, b"P"), false);
}

#[test]
fn connections_with_one_byte_of_a_body_keep_nobody_out() {
    let head = callback().head("Content-Length: 100\r\n");
    let begun = [head, vec![b'{']].concat();
    keeps_nobody_out(|proxy| sent(proxy, &begun), true);
}

/// A connection that accepts no byte of the response to its only request.
pub(crate) fn takes_no_answer(proxy: &Proxy, path: &str) -> Frames {
    let mut connection = Frames::connect_with(proxy.address, NO_WINDOW);
    connection.send(&whole_stream(1, path, &callback()));
    connection
}

#[test]
fn unread_answers_keep_nobody_out() {
    keeps_nobody_out(|proxy| takes_no_answer(proxy, "/nowhere"), true);
}

#[test]
fn unread_backend_answers_keep_nobody_out() {
    keeps_nobody_out(|proxy| takes_no_answer(proxy, PATH), true);
}

/// Occupies all connections, starts something new on each every second, and checks that a
/// provider's callbacks pass.
fn beginning_anew_keeps_nobody_out<T: Send>(
    take: impl Fn(&Proxy) -> T,
    anew: impl Fn(&mut T, u32) + Send,
) {
    const CONNECTIONS: usize = 100;
    let (origin, admin) = (Origin::start(), Admin::new());
    let limits = format!("connections = {CONNECTIONS}\nin_flight = \"off\"");
    let proxy = setup(&limits, &origin, &admin).start();
    admin.until("countersign_connections", 0.0);
    let mut held: Vec<T> = (0..CONNECTIONS).map(|_| take(&proxy)).collect();
    let all = f64::from(u32::try_from(CONNECTIONS).unwrap());
    admin.until("countersign_connections", all);
    thread::scope(|scope| {
        let (stop, stopped) = channel::<()>();
        scope.spawn(move || {
            for nth in 1.. {
                held.iter_mut().for_each(|held| anew(held, nth));
                let wait = stopped.recv_timeout(Duration::from_secs(1));
                if wait != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        });
        until_one_passes(&proxy);
        let passed = (0..40).filter(|_| passes(&proxy)).count();
        assert_eq!(passed, 40);
        drop(stop);
    });
}

#[test]
fn new_streams_do_not_protect_a_stalled_connection() {
    beginning_anew_keeps_nobody_out(
        |proxy| streams(proxy, 1, 0),
        |connection, nth| connection.send(&stream(2 * nth + 1, 9, 0)),
    );
}

#[test]
fn new_requests_do_not_protect_a_stalled_connection() {
    let head = callback().head("Content-Length: 1\r\n");
    let next = [b"x".as_slice(), &head].concat();
    beginning_anew_keeps_nobody_out(|proxy| sent(proxy, &head), |client, _| client.send(&next));
}

#[test]
fn new_unread_answers_do_not_protect_a_connection() {
    beginning_anew_keeps_nobody_out(
        |proxy| takes_no_answer(proxy, "/nowhere"),
        |connection, nth| connection.send(&whole_stream(2 * nth + 1, "/nowhere", &callback())),
    );
}

#[test]
fn connections_with_a_verified_callback_outlast_those_without() {
    let (origin, admin) = (Origin::start(), Admin::new());
    let proxy = setup("connections = 2", &origin, &admin).start();
    admin.until("countersign_connections", 0.0);
    let mut stranger = Client::connect(proxy.address);
    admin.until("countersign_connections", 1.0);
    let mut provider = Client::connect(proxy.address);
    let bytes = callback().with_length();
    let (begun, rest) = bytes.split_at(bytes.len() - 1);
    provider.send(&bytes);
    assert_eq!(provider.response().status, 200);
    // The provider's next body stalls before the stranger's does.
    provider.send(begun);
    admin.until("countersign_in_flight_requests", 1.0);
    stranger.send(begun);
    admin.until("countersign_in_flight_requests", 2.0);
    until_one_passes(&proxy);
    assert_eq!(stranger.response().status, 408);
    provider.send(rest);
    assert_eq!(provider.response().status, 200);
}

/// By default as many requests may be in flight as connections. One connection has many streams.
#[test]
fn stalled_streams_do_not_exhaust_the_requests_in_flight() {
    let (origin, admin) = (Origin::start(), Admin::new());
    let proxy = setup("connections = 100", &origin, &admin).start();
    let held: Vec<Frames> = (0..3).map(|_| streams(&proxy, 40, 1)).collect();
    // The last requests displace others.
    admin.until("countersign_in_flight_requests", 100.0);
    until_one_passes(&proxy);
    let passed = (0..40).filter(|_| passes(&proxy)).count();
    assert_eq!(passed, 40);
    drop(held);
}

/// Bodies that get a byte now and then never count as stalled.
#[test]
fn dripping_bodies_do_not_exhaust_the_requests_in_flight() {
    const CONNECTIONS: u32 = 2;
    const STREAMS: u32 = 50;
    let (origin, admin) = (Origin::start(), Admin::new());
    let proxy = setup("in_flight = 20", &origin, &admin).start();
    let mut held: Vec<Frames> = (0..CONNECTIONS)
        .map(|_| streams(&proxy, STREAMS, 1))
        .collect();
    admin.until("countersign_in_flight_requests", 20.0);
    let is_over = AtomicBool::new(false);
    let passed = thread::scope(|scope| {
        scope.spawn(|| {
            // Often enough that no body stalls. Each round adds a stream.
            for id in (2 * STREAMS + 1..).step_by(2) {
                let last: Vec<u8> = (id - 2 * STREAMS..id)
                    .step_by(2)
                    .flat_map(|id| frames::frame(DATA, 0, id, b"x"))
                    .chain(stream(id, 65_536, 1))
                    .collect();
                held.iter_mut()
                    .for_each(|connection| connection.send(&last));
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                thread::sleep(Duration::from_millis(200));
            }
        });
        let passed = (0..40).filter(|_| passes(&proxy)).count();
        is_over.store(true, Ordering::Relaxed);
        passed
    });
    assert_eq!(passed, 40);
    assert_eq!(reason_of_408(&proxy), "body_timeout");
}

/// Rejections that the client does not read count as in flight and are dropped for other requests.
#[test]
fn unread_refusals_count_as_in_flight_and_keep_nobody_out() {
    const STREAMS: u32 = 100;
    let (origin, admin) = (Origin::start(), Admin::new());
    let proxy = setup("in_flight = 20", &origin, &admin).start();
    let block = frames::block(&[
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":authority", b"pay.example"),
        (b":path", b"/nowhere"),
    ]);
    let begin = |nth: u32| {
        let flags = END_HEADERS | frames::END_STREAM;
        frames::frame(HEADERS, flags, 2 * nth + 1, &block)
    };
    let mut connection = Frames::connect_without_window(proxy.address);
    connection.send(&(0..STREAMS).flat_map(begin).collect::<Vec<_>>());
    for _ in 0..STREAMS - 20 {
        assert!(connection.is_one_reset());
    }
    admin.until("countersign_in_flight_requests", 20.0);
    let passed = (0..40).filter(|_| passes(&proxy)).count();
    assert_eq!(passed, 40);
}

/// As many small bodies as fit into the buffer, each without its last byte.
#[test]
fn stalled_bodies_do_not_exhaust_the_buffer() {
    const LENGTH: usize = 65_000;
    const BODIES: usize = 32;
    let (origin, admin) = (Origin::start(), Admin::new());
    let limits = format!("buffer = \"{}B\"", BODIES * LENGTH);
    let proxy = setup(&limits, &origin, &admin).start();
    let head = callback().head(&format!("Content-Length: {LENGTH}\r\n"));
    let begun = [head, vec![b'x'; LENGTH - 1]].concat();
    let held: Vec<Client> = (0..BODIES).map(|_| sent(&proxy, &begun)).collect();
    let full = (BODIES * (LENGTH - 1)) as f64;
    until_counted(&admin, full);
    let large = Signer::get().sgate(PATH, format!(r#"{{"event":"{}"}}"#, "E".repeat(1000)));
    let passes = || large.send(&proxy).status == 200;
    let deadline = Instant::now() + PATIENCE;
    while !passes() {
        assert!(Instant::now() < deadline, "no callback passes");
    }
    let passed = (0..40).filter(|_| passes()).count();
    assert_eq!(passed, 40);
    // A request that was dropped to make room got a 408.
    assert_eq!(reason_of_408(&proxy), "body_timeout");
    drop(held);
}

/// Waits until the bodies take this many bytes; returns the exact number.
fn until_counted(admin: &Admin, bytes: f64) -> f64 {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let counted = admin.metrics().value("countersign_buffered_body_bytes");
        match counted {
            Some(counted) if counted >= bytes => return counted,
            _ => assert!(Instant::now() < deadline, "{counted:?}"),
        }
    }
}

/// The reason of the first request that got 408.
fn reason_of_408(proxy: &Proxy) -> String {
    loop {
        let line = proxy.access();
        if line["status"] == 408 {
            return line["reason"].as_str().unwrap().to_owned();
        }
    }
}

#[test]
fn a_connection_with_a_forwarded_callback_is_not_closed() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let origin = Origin::answering(move |_| {
        released.lock().unwrap().recv().unwrap();
        Reply::ok()
    });
    let admin = Admin::new();
    let limits = "connections = 2\nin_flight = \"off\"";
    let proxy = setup(limits, &origin, &admin).start();
    admin.until("countersign_connections", 0.0);
    // The first connection has one callback at the backend and nine stalled streams.
    let mut busy = streams(&proxy, 9, 1);
    let whole = callback();
    busy.send(&whole_stream(19, PATH, &whole));
    origin.requests(1);
    // The second has only stalled streams, so it is closed to make room.
    let mut stalled = streams(&proxy, 10, 1);
    admin.until("countersign_in_flight_requests", 20.0);
    let mut new = loop {
        let mut new = Client::connect(proxy.address);
        new.send(b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
        if !new.ends() {
            break new;
        }
    };
    assert_eq!(new.response().status, 404);
    assert_eq!(stalled.end_of(u32::MAX), frames::End::Closed);
    new.send(&whole.with_length());
    origin.requests(2);
    // No remaining connection may be closed.
    assert!(Client::connect(proxy.address).ends());
    (0..2).for_each(|_| release.send(()).unwrap());
    assert!(new.is_served());
    assert_eq!(busy.end_of(19), frames::End::Answered);
}

/// The resident memory of the process in bytes.
fn resident(proxy: &Proxy) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", proxy.pid())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kibibytes: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes << 10
}

#[test]
fn memory_is_allocated_for_received_bytes_only_and_counted_in_full() {
    const CONNECTIONS: u32 = 30;
    const STREAMS: u32 = 100;
    let (origin, admin) = (Origin::start(), Admin::new());
    let proxy = setup("", &origin, &admin).start();
    let before = resident(&proxy);
    let mut held: Vec<Frames> = (0..CONNECTIONS)
        .map(|_| streams(&proxy, STREAMS, 0))
        .collect();
    let all = CONNECTIONS * STREAMS;
    admin.until("countersign_in_flight_requests", f64::from(all));
    // Two bytes per stream, a few streams at a time: the proxy closes a connection with too many
    // unread frames.
    let mut bytes = 0;
    for nth in (0..STREAMS).chain(0..STREAMS) {
        let data = frames::frame(DATA, 0, 2 * nth + 1, b"x");
        held.iter_mut()
            .for_each(|connection| connection.send(&data));
        bytes += CONNECTIONS;
        if nth % 10 == 9 {
            until_counted(&admin, f64::from(bytes));
        }
    }
    let each = (resident(&proxy) - before) / all as usize;
    println!("{each} bytes for each stalled stream");
    assert!(each < 50 << 10, "{each}");
    let counted = until_counted(&admin, f64::from(bytes));
    assert!(counted <= f64::from(2 * bytes), "{counted}");
    drop(held);
    // Part of a body counts at most twice, and never more than the announced length.
    let head = callback().head("Content-Length: 60000\r\n");
    admin.until("countersign_buffered_body_bytes", 0.0);
    let mut client = sent(&proxy, &[head, vec![b'x'; 20_000]].concat());
    let counted = until_counted(&admin, 20_000.0);
    assert!(counted <= 40_000.0, "{counted}");
    client.send(&[b'x'; 20_000]);
    let counted = until_counted(&admin, 40_000.0);
    assert!(counted <= 60_000.0, "{counted}");
    client.send(&[b'x'; 20_000]);
    assert_eq!(client.response().status, 400);
    admin.until("countersign_buffered_body_bytes", 0.0);
}
