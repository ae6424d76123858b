//! Real backends, each with a small application that writes down every request it acts on: what
//! the program in front of it made of the bytes it got.

mod programs;
mod seen;

use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{Client, PATIENCE, address};
pub(crate) use programs::Kind;
pub(crate) use seen::Seen;

/// A backend that runs.
pub(crate) struct Backend {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    /// Its version, as it says itself.
    pub(crate) version: String,
    child: Child,
    directory: TempDir,
    /// How much of what it wrote down was taken.
    taken: usize,
    fences: usize,
}

impl Backend {
    /// Starts it and waits until it listens.
    pub(crate) fn start(kind: Kind) -> Self {
        let address = address::unused();
        let directory = tempfile::tempdir().unwrap();
        // Apache's scripts run as another user, if the tests run as root.
        fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let file = directory.path().join("seen");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
        let mut command = programs::command(kind, address, directory.path());
        let log = directory.path().join("log");
        command.env("SEEN", &file).stdin(Stdio::null());
        command
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap());
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("{kind:?}: {error}: scripts/setup --test brings it");
        });
        // From here on, Drop ends it.
        let mut backend = Self {
            kind,
            address,
            version: String::new(),
            child,
            directory,
            taken: 0,
            fences: 0,
        };
        backend.wait_for_listening(&log);
        backend.version = programs::version(kind);
        backend
    }

    fn wait_for_listening(&mut self, log: &Path) {
        let kind = self.kind;
        let log = || fs::read_to_string(log).unwrap();
        // Some compile their program first, which takes a busy machine minutes.
        let deadline = Instant::now() + 5 * PATIENCE;
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{kind:?} did not start: {}", log());
            assert!(Instant::now() < deadline, "{kind:?}: {}", log());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A connection to it. Where there is none, its log says why.
    fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap_or_else(|error| {
            let log = fs::read_to_string(self.directory.path().join("log")).unwrap();
            panic!("{:?} at {}: {error}\n{log}", self.kind, self.address)
        });
        Client::on(stream)
    }

    /// Sends bytes on a connection of their own, and nothing more; gives what came back.
    pub(crate) fn answers(&self, bytes: &[u8]) -> Vec<u8> {
        let mut client = self.connect();
        client.send(bytes);
        // Whoever waits for more then learns that there is none.
        client.half_close();
        let mut received = Vec::new();
        // What was not read makes a reset of the connection's end.
        let _ = client.read_to_end(&mut received);
        received
    }

    /// What it acted on since it was last asked.
    pub(crate) fn seen(&mut self) -> Vec<Seen> {
        self.fences += 1;
        let fence = format!("/fence/{}", self.fences);
        let request = format!("GET {fence} HTTP/1.1\r\nHost: fence\r\nConnection: close\r\n\r\n");
        let mut client = self.connect();
        client.send(request.as_bytes());
        assert!(client.is_served(), "{:?}", self.kind);
        self.until(|seen| seen.target == fence)
    }

    /// What it acted on before that request, which it will act on or has.
    pub(crate) fn until(&mut self, is_last: impl Fn(&Seen) -> bool) -> Vec<Seen> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let bytes = fs::read(self.file()).unwrap();
            let fresh = &bytes[self.taken..];
            let whole = fresh.iter().rposition(|byte| *byte == b'\n');
            let lines = whole.map_or(&fresh[..0], |end| &fresh[..end]);
            let mut seen = Vec::new();
            let mut length = 0;
            for line in lines.split(|byte| *byte == b'\n') {
                length += line.len() + 1;
                if line.is_empty() {
                    continue;
                }
                let request = Seen::read(line);
                if is_last(&request) {
                    self.taken += length;
                    return seen;
                }
                seen.push(request);
            }
            assert!(Instant::now() < deadline, "{:?}: {seen:?}", self.kind);
            // It writes its line about when it answers.
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("seen")
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // By TERM, they end their own children, too; the first process is ours to wait for.
        crate::support::proxy::kill("TERM", self.child.id());
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.child.try_wait().unwrap().is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
