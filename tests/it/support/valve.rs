//! A TCP relay between a client and a server that can hold back what the client sends.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use super::PATIENCE;

/// Passes bytes between clients and a server. A stalled connection keeps what the client sends and
/// delivers it once the valve opens, even if the client has closed by then.
pub(crate) struct Valve {
    pub(crate) address: SocketAddr,
    shared: Arc<(Mutex<Vec<Line>>, Condvar)>,
}

/// One connection.
#[derive(Default)]
struct Line {
    is_closed: bool,
    /// Bytes from the client that wait for the valve to open.
    kept: usize,
    /// Bytes that the server has sent back.
    answered: usize,
}

impl Valve {
    /// Starts a valve in front of this server.
    pub(crate) fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<(Mutex<Vec<Line>>, Condvar)>::default();
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                while let Ok((client, _)) = listener.accept() {
                    let Ok(server) = TcpStream::connect(server) else {
                        continue;
                    };
                    let number = {
                        let mut lines = shared.0.lock().unwrap();
                        lines.push(Line::default());
                        lines.len() - 1
                    };
                    for stream in [&client, &server] {
                        stream.set_nodelay(true).unwrap();
                    }
                    let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                    let there = Arc::clone(&shared);
                    thread::spawn(move || pass_on(from, to, number, &there));
                    let back = Arc::clone(&shared);
                    thread::spawn(move || answer(server, client, number, &back));
                }
            }
        });
        Self { address, shared }
    }

    /// The number of connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.shared.0.lock().unwrap().len()
    }

    /// Stalls a connection; connections are numbered from 0.
    pub(crate) fn close(&self, number: usize) {
        self.shared.0.lock().unwrap()[number].is_closed = true;
    }

    /// Releases what was held back and waits until the server answers it.
    pub(crate) fn open(&self, number: usize) {
        let answered = {
            let mut lines = self.shared.0.lock().unwrap();
            let line = &mut lines[number];
            assert!(line.kept > 0, "nothing was held back");
            line.is_closed = false;
            line.answered
        };
        self.shared.1.notify_all();
        self.wait(number, |line| line.answered > answered);
    }

    fn wait(&self, number: usize, until: impl Fn(&Line) -> bool) {
        let lines = self.shared.0.lock().unwrap();
        let waited = |lines: &mut Vec<Line>| !until(&lines[number]);
        let waited = self.shared.1.wait_timeout_while(lines, PATIENCE, waited);
        assert!(!waited.unwrap().1.timed_out());
    }
}

/// Forwards the client's bytes. Afterwards the connection to the server stays open for responses.
fn pass_on(
    mut client: TcpStream,
    mut server: TcpStream,
    number: usize,
    shared: &(Mutex<Vec<Line>>, Condvar),
) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(read @ 1..) = client.read(&mut bytes) {
        let mut lines = shared.0.lock().unwrap();
        lines[number].kept = read;
        shared.1.notify_all();
        while lines[number].is_closed {
            lines = shared.1.wait(lines).unwrap();
        }
        lines[number].kept = 0;
        drop(lines);
        if server.write_all(&bytes[..read]).is_err() {
            return;
        }
    }
}

/// Reads the server's bytes, even if the client no longer wants them.
fn answer(
    mut server: TcpStream,
    mut client: TcpStream,
    number: usize,
    shared: &(Mutex<Vec<Line>>, Condvar),
) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(read @ 1..) = server.read(&mut bytes) {
        // The client may have closed.
        let _ = client.write_all(&bytes[..read]);
        shared.0.lock().unwrap()[number].answered += read;
        shared.1.notify_all();
    }
    let _ = client.shutdown(std::net::Shutdown::Both);
}
