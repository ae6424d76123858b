//! Behind nginx in its usual setup. The address that nginx appends decides, whatever its client
//! wrote in the header.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, PATIENCE, Proxy, Setup, address};

/// nginx, which connects to the proxy from its own address.
struct Front {
    address: SocketAddr,
    child: Child,
    _directory: TempDir,
}

/// The source address of nginx's connections. Its own clients are at 127.0.0.1.
const CALLS_FROM: &str = "127.0.0.7";

impl Front {
    fn start(proxy: &Proxy) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address = address::unused();
        let file = directory.path().join("nginx.conf");
        fs::write(&file, conf(address, proxy.address, &directory)).unwrap();
        let mut command = Command::new("/usr/sbin/nginx");
        command.arg("-c").arg(file).args(["-e", "stderr"]);
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        let mut front = Self {
            address,
            child,
            _directory: directory,
        };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            assert!(front.child.try_wait().unwrap().is_none(), "nginx ended");
            assert!(Instant::now() < deadline);
            thread::sleep(Duration::from_millis(5));
        }
        front
    }

    /// The status of a callback sent through nginx.
    fn send(&self, callback: &Callback) -> u16 {
        let mut client = Client::connect(self.address);
        client.send(&callback.with_length());
        client.response().status
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn conf(address: SocketAddr, proxy: SocketAddr, directory: &TempDir) -> String {
    let directory = directory.path().display();
    format!(
        r#"
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr error;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen {address};
        location / {{
            proxy_bind {CALLS_FROM};
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header Forwarded "$http_forwarded, for=$remote_addr";
            proxy_pass http://{proxy};
        }}
    }}
}}
"#
    )
}

/// A proxy with the built-in echo or an origin as backend. The client at 127.0.0.1 is denied on
/// `/denied` and on `/allowed`, which only nginx's address may call, and may call `/limited` once.
fn start(origin: Option<&Origin>, header: &str) -> Proxy {
    let upstream = match origin {
        Some(_) => "upstream = \"origin\"",
        None => "upstream = \"echo\"",
    };
    let setup = Setup::new()
        .top(&format!(
            "trusted_proxies = [\"{CALLS_FROM}\"]\nclient_ip_header = \"{header}\""
        ))
        .sgate(&format!("name = \"open\"\npath = \"/open\"\n{upstream}"))
        .sgate(&format!(
            "name = \"denied\"\npath = \"/denied\"\ndeny = [\"127.0.0.1\"]\n{upstream}"
        ))
        .sgate(&format!(
            "name = \"allowed\"\npath = \"/allowed\"\nallow = [\"{CALLS_FROM}\"]\n{upstream}"
        ))
        .sgate(&format!(
            "name = \"limited\"\npath = \"/limited\"\nrate_limit = {{ rate = \"1/h\", burst = 1 }}\n{upstream}"
        ));
    match origin {
        Some(origin) => setup.origin(origin),
        None => setup,
    }
    .start()
}

fn callback(target: &str, lines: &[(&str, &[u8])]) -> Callback {
    let callback = Signer::get().sgate(target, r#"{"event":"E"}"#);
    lines.iter().fold(callback, |callback, (name, value)| {
        callback.header(name, value)
    })
}

/// Values that a client may send before nginx appends its own.
const IN_FRONT: &[&[u8]] = &[
    b"\xff",
    "é".as_bytes(),
    b"198.51.100.1",
    b"unknown",
    b"127.0.0.7",
    b",",
    b"\"",
    b"for=\"x",
    b"for=198.51.100.1;host=\"",
    b"for=198.51.100.1;host=\"\\",
    b"a=\"b\\",
    b";=;",
];

#[test]
fn a_client_cannot_hide_behind_a_forged_forwarded_header() {
    let mut found = Vec::new();
    for header in ["X-Forwarded-For", "Forwarded"] {
        let proxy = start(None, header);
        let front = Front::start(&proxy);
        for (nth, value) in IN_FRONT.iter().enumerate() {
            let lines = [(header, *value)];
            for (target, expected) in [
                ("/open", 200),
                ("/denied", 403),
                ("/allowed", 403),
                ("/limited", if nth == 0 { 200 } else { 429 }),
            ] {
                let status = front.send(&callback(target, &lines));
                let line = proxy.access();
                if (status, &line["client"]) != (expected, &"127.0.0.1".into()) {
                    let value = String::from_utf8_lossy(value);
                    found.push(format!("{header}: {value}: {target}: {status}: {line}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_backend_gets_all_forwarded_addresses_readably() {
    let origin = Origin::start();
    let proxy = start(Some(&origin), "X-Forwarded-For");
    let front = Front::start(&proxy);
    for (value, expected) in [
        (&b"\xff"[..], "unknown, 127.0.0.1, 127.0.0.7"),
        (b"198.51.100.1", "198.51.100.1, 127.0.0.1, 127.0.0.7"),
        (
            b",\xe9, ,10.0.0.1,,",
            "unknown, 10.0.0.1, 127.0.0.1, 127.0.0.7",
        ),
    ] {
        let callback = callback("/open", &[("X-Forwarded-For", value)]);
        assert_eq!(front.send(&callback), 200);
        assert_eq!(origin.last().header("x-forwarded-for"), Some(expected));
    }
}
