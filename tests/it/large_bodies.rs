//! Bodies whose verification takes much time and memory. Other requests do not wait for them, and
//! their memory counts against the buffer.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{TryRecvError, channel};
use std::thread;

use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Client, Origin, Proxy, Setup};

const MIB: usize = 1 << 20;

/// A forged callback whose body is one list of these values.
fn forged(value: &str, size: usize) -> Callback {
    let signature = "A".repeat(342) + "==";
    let head = format!("{{\"sign\":\"{signature}\",\"a\":[");
    let body = head + &value.repeat(size / value.len()) + "1]}";
    Callback::post("/large", body)
}

fn setup(admin: &Admin, origin: &Origin, buffer: &str) -> Setup {
    Setup::new()
        .top("workers = 2")
        .tables(&format!(
            "[limits]\nbody = \"8MiB\"\nbuffer = \"{buffer}\"\n[timeouts]\nbody = \"30s\""
        ))
        .cheezeepay("name = \"large\"\npath = \"/large\"\nfields = { \"X-No\" = \"no\" }")
        .sgate("name = \"small\"\npath = \"/small\"")
        .origin(origin)
        .admin(admin)
}

/// The peak memory of the process in bytes.
fn peak(proxy: &Proxy) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", proxy.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<usize>().unwrap() << 10
}

#[test]
fn others_are_served_while_large_ones_are_verified() {
    const LARGE: usize = 4;
    let (admin, origin) = (Admin::new(), Origin::start());
    let proxy = setup(&admin, &origin, "1GiB").start();
    let request = forged("1e5,", MIB / 2).with_length();
    let (send, answered) = channel();
    for _ in 0..LARGE {
        let mut client = Client::connect(proxy.address);
        let (request, send) = (request.clone(), send.clone());
        thread::spawn(move || {
            client.send(&request);
            let answer = client.response();
            send.send((answer.status, answer.json()["reason"].clone()))
        });
    }
    // More complete bodies than workers are waiting, and none is finished.
    loop {
        let held = admin.get("/status").json()["buffered_body_bytes"].as_u64();
        if held.unwrap() >= 3 * MIB as u64 / 2 {
            break;
        }
        assert_eq!(answered.try_recv(), Err(TryRecvError::Empty));
    }
    let callback = Signer::get().sgate("/small", "{\"event\":\"E\"}");
    for _ in 0..3 {
        assert_eq!(callback.send(&proxy).status, 200);
    }
    assert_eq!(admin.get("/healthz").status, 200);
    let early = answered.try_iter().count();
    assert!(early < LARGE, "all others had to wait");
    for _ in early..LARGE {
        let (status, reason) = answered.recv().unwrap();
        assert_eq!((status, reason), (400, "signature_mismatch".into()));
    }
}

#[test]
fn memory_for_a_parsed_body_counts_against_the_buffer() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let proxy = setup(&admin, &origin, "24MiB").start();
    let before = peak(&proxy);
    // Parsed, this body would take at least 84 MiB.
    let request = forged("1,", 6 * MIB).with_length();
    let mut client = Client::connect(proxy.address);
    client.send(&request);
    let answer = client.response();
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (503, &"overloaded".into())
    );
    let grown = peak(&proxy) - before;
    assert!(grown < 24 * MIB + 32 * MIB, "{grown} bytes");
    // The memory is free again, and a genuine body of that size fits.
    admin.until("countersign_buffered_body_bytes", 0.0);
    let remark = format!("\"{}\"", "plain ".repeat(4 * MIB / 6));
    let genuine = Signer::get().cheezeepay("/large", &[("no", "1"), ("remark", &remark)]);
    assert_eq!(genuine.send(&proxy).status, 200);
    let received = origin.request();
    assert_eq!(received.body, genuine.body);
    admin.until("countersign_buffered_body_bytes", 0.0);
}

/// Its verification queues behind forged bodies. Once it has its claim, it does not queue again.
#[test]
fn a_large_callback_keeps_its_claim_while_forged_ones_are_verified() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let proxy = setup(&admin, &origin, "1GiB")
        .tables("[once]\n")
        .cheezeepay("name = \"once\"\npath = \"/once\"\nonce = { lease = \"1s\" }")
        .start();
    let remark = format!("\"{}\"", "plain ".repeat(50_000));
    let genuine = Signer::get().cheezeepay("/once", &[("no", "1"), ("remark", &remark)]);
    let (address, genuine) = (proxy.address, genuine.with_length());
    let flood = forged("1e5,", MIB / 4).with_length();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let mut client = Client::connect(address);
                while !done.load(Ordering::Relaxed) {
                    client.send(&flood);
                    assert!([400, 503].contains(&client.response().status));
                }
            });
        }
        let deliver = || {
            let mut client = Client::connect(address);
            loop {
                client.send(&genuine);
                if client.response().status == 200 {
                    break;
                }
            }
        };
        let copies: Vec<_> = (0..3).map(|_| scope.spawn(deliver)).collect();
        for copy in copies {
            copy.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(origin.count(), 1);
}
