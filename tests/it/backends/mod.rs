//! Real backends. Each runs a small application that records every request it acts on, that is, how
//! the server in front of it interpreted the bytes.

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

/// A running backend.
pub(crate) struct Backend {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    /// The version that the program reports.
    pub(crate) version: String,
    child: Child,
    directory: TempDir,
    /// How many bytes of the record have been read.
    taken: usize,
    fences: usize,
}

impl Backend {
    /// Starts the backend and waits until it listens.
    pub(crate) fn start(kind: Kind) -> Self {
        let address = address::unused();
        let directory = tempfile::tempdir().unwrap();
        // If the tests run as root, Apache runs its scripts as another user.
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
        // From here on, `Drop` stops the process.
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
        // Some backends compile their program first, which takes minutes on a busy machine.
        let deadline = Instant::now() + 5 * PATIENCE;
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{kind:?} did not start: {}", log());
            assert!(Instant::now() < deadline, "{kind:?}: {}", log());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Connects to the backend; if that fails, panics with the backend's log.
    fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap_or_else(|error| {
            let log = fs::read_to_string(self.directory.path().join("log")).unwrap();
            panic!("{:?} at {}: {error}\n{log}", self.kind, self.address)
        });
        Client::on(stream)
    }

    /// Sends bytes on a new connection and returns everything that comes back.
    pub(crate) fn answers(&self, bytes: &[u8]) -> Vec<u8> {
        let mut client = self.connect();
        client.send(bytes);
        // This tells a backend that waits for more bytes that none will follow.
        client.half_close();
        let mut received = Vec::new();
        // If the backend leaves bytes unread, the connection ends with a reset.
        let _ = client.read_to_end(&mut received);
        received
    }

    /// The requests that the backend has acted on since the last call.
    pub(crate) fn seen(&mut self) -> Vec<Seen> {
        self.fences += 1;
        let fence = format!("/fence/{}", self.fences);
        let request = format!("GET {fence} HTTP/1.1\r\nHost: fence\r\nConnection: close\r\n\r\n");
        let mut client = self.connect();
        client.send(request.as_bytes());
        assert!(client.is_served(), "{:?}", self.kind);
        self.until(|seen| seen.target == fence)
    }

    /// The requests before the last one. Waits until the last one is recorded.
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
            // The application records a request at about the time it answers.
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("seen")
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // On SIGTERM the program stops its own children. This process reaps only the program.
        crate::support::proxy::kill("TERM", self.child.id());
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.child.try_wait().unwrap().is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
