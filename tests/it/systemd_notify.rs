//! What the program tells systemd, over a real datagram socket.

use std::os::unix::net::UnixDatagram;

use tempfile::TempDir;

use crate::support::signer::Signer;
use crate::support::{Origin, PATIENCE, Proxy, Setup};

/// A process and its messages to systemd.
struct Service {
    proxy: Proxy,
    socket: UnixDatagram,
    _directory: TempDir,
}

impl Service {
    fn start(environment: &'static [(&str, &str)]) -> (Self, Origin) {
        let origin = Origin::start();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let proxy = Setup::new()
            .sgate("name = \"sgate\"\npath = \"/cb\"")
            .origin(&origin)
            .command(move |command, _| {
                command.env("NOTIFY_SOCKET", path);
                command.envs(environment.iter().copied());
            })
            .start();
        let service = Self {
            proxy,
            socket,
            _directory: directory,
        };
        (service, origin)
    }

    /// Waits for a message with this line and returns the whole message.
    fn said(&self, line: &str) -> String {
        loop {
            let mut message = [0; 4096];
            let length = self.socket.recv(&mut message).unwrap();
            let message = String::from_utf8(message[..length].to_vec()).unwrap();
            if message.lines().any(|said| said.starts_with(line)) {
                return message;
            }
        }
    }
}

#[test]
fn systemd_is_notified_of_start_reload_and_stop() {
    let (service, _origin) = Service::start(&[]);
    service.said("READY=1");
    service.proxy.signal("HUP");
    let reloading = service.said("RELOADING=1");
    assert!(reloading.contains("MONOTONIC_USEC="), "{reloading}");
    service.said("READY=1");

    service
        .proxy
        .reconfigure(|text| format!("nonsense = 1\n{text}"));
    service.said("RELOADING=1");
    let ended = service.said("READY=1");
    assert!(
        ended.contains("STATUS=reload failed, still running with the old configuration"),
        "{ended}"
    );
    service.proxy.signal("TERM");
    service.said("STOPPING=1");
    assert_eq!(service.proxy.ended().0, Some(0));
}

#[test]
fn systemd_is_notified_of_the_new_main_process() {
    let (service, origin) = Service::start(&[]);
    service.said("READY=1");
    service.proxy.upgrade();
    let message = service.said("MAINPID=");
    let wanted = format!("MAINPID={}", service.proxy.pid());
    assert!(message.lines().any(|line| line == wanted), "{message}");
    let callback = Signer::get().sgate("/cb", "{}");
    assert_eq!(callback.send(&service.proxy).status, 200);
    origin.request();
    service.proxy.signal("TERM");
    service.said("STOPPING=1");
}

#[test]
fn systemd_is_notified_that_the_process_is_alive() {
    let (service, _origin) = Service::start(&[("WATCHDOG_USEC", "100000")]);
    for _ in 0..3 {
        service.said("WATCHDOG=1");
    }
    // The process that takes over notifies, too.
    service.proxy.upgrade();
    service.said("MAINPID=");
    for _ in 0..3 {
        service.said("WATCHDOG=1");
    }
}
