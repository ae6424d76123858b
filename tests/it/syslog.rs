//! Logs to a syslog server that the test runs.

use std::fs;
use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use crate::support::{Callback, Client, Origin, PATIENCE, Proxy, Setup};

fn start(log: &str) -> Proxy {
    let origin = Origin::start();
    Setup::new()
        .top(&format!("[log]\n{log}"))
        .sgate("name = \"bank\"\npath = \"/cb\"")
        .origin(&origin)
        .start()
}

fn request(proxy: &Proxy, target: &str) {
    let mut client = Client::connect(proxy.address);
    client.send(&Callback::post(target, "").with_length());
    assert_eq!(client.response().status, 404);
}

/// The part of a message with this priority that follows the time and the host.
fn message(datagram: &[u8], priority: &str) -> String {
    let text = String::from_utf8(datagram.to_vec()).unwrap();
    let rest = text
        .strip_prefix(priority)
        .unwrap_or_else(|| panic!("{text}"));
    let (time, rest) = rest.split_at("Nov 24 23:32:31 ".len());
    assert!(time.ends_with(' ') && time.as_bytes()[12] == b':', "{text}");
    let (host, rest) = rest.split_once(' ').unwrap();
    let hostname = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert_eq!(host, hostname.trim());
    rest.to_owned()
}

#[test]
fn syslog_over_a_unix_socket_recovers_after_the_server_was_gone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let server = UnixDatagram::bind(&path).unwrap();
    server.set_read_timeout(Some(PATIENCE)).unwrap();
    let proxy = start(&format!(
        "access = \"syslog:server=unix:{},facility=local0,tag=callbacks\"",
        path.display()
    ));
    let mut buffer = vec![0; 1 << 16];
    request(&proxy, "/1");
    let length = server.recv(&mut buffer).unwrap();
    let line = message(&buffer[..length], "<134>");
    assert!(
        line.starts_with("callbacks: ") && line.contains("\"POST /1 HTTP/1.1\" 404"),
        "{line}"
    );

    drop(server);
    request(&proxy, "/2");
    proxy.error_line("lines are being lost");
    fs::remove_file(&path).unwrap();
    let server = UnixDatagram::bind(&path).unwrap();
    server
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    let length = loop {
        request(&proxy, "/3");
        if let Ok(length) = server.recv(&mut buffer) {
            break length;
        }
        assert!(Instant::now() < deadline, "no line");
    };
    assert!(message(&buffer[..length], "<134>").contains("/3"));
    proxy.error_line("can be written to again");
}

#[test]
fn syslog_over_udp_has_the_severity_of_each_line() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    server.set_read_timeout(Some(PATIENCE)).unwrap();
    let to = format!("syslog:server={}", server.local_addr().unwrap());
    let proxy = start(&format!(
        "access = \"{to},severity=debug\"\nerror = \"{to}\""
    ));
    let mut buffer = vec![0; 1 << 16];
    let mut next = |priority: &str, part: &str| loop {
        let length = server.recv(&mut buffer).unwrap();
        let text = String::from_utf8_lossy(&buffer[..length]);
        if text.contains(part) {
            let line = message(&buffer[..length], priority);
            assert!(line.starts_with("countersign: "), "{line}");
            return;
        }
    };
    next("<190>", "listening on");
    request(&proxy, "/1");
    next("<191>", "/1");
    proxy.reconfigure(|text| format!("{text}\nnonsense = 1\n"));
    next("<187>", "stays active");
}
