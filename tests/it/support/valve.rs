//! What lies between a client and a server over TCP, and can hold back what the client sends.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use super::PATIENCE;

/// Passes bytes between clients and a server. Each connection can be stalled: what the client sends is
/// then kept, and still reaches the server once the valve opens, even if the client has gone by then.
pub(crate) struct Valve {
    pub(crate) address: SocketAddr,
    shared: Arc<(Mutex<Vec<Line>>, Condvar)>,
}

/// One connection.
#[derive(Default)]
struct Line {
    is_closed: bool,
    /// Bytes of the client that wait for the valve to open.
    kept: usize,
    /// Bytes that the server answered with.
    answered: usize,
}

impl Valve {
    /// A valve in front of this server.
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

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.shared.0.lock().unwrap().len()
    }

    /// Stalls a connection, counted from 0.
    pub(crate) fn close(&self, number: usize) {
        self.shared.0.lock().unwrap()[number].is_closed = true;
    }

    /// Lets what was held back pass, and waits until the server has answered to it.
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

/// The client's bytes. The connection to the server stays open behind them, for its answers.
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

/// The server's bytes, whether the client still wants them or not.
fn answer(
    mut server: TcpStream,
    mut client: TcpStream,
    number: usize,
    shared: &(Mutex<Vec<Line>>, Condvar),
) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(read @ 1..) = server.read(&mut bytes) {
        // It may have gone.
        let _ = client.write_all(&bytes[..read]);
        shared.0.lock().unwrap()[number].answered += read;
        shared.1.notify_all();
    }
    let _ = client.shutdown(std::net::Shutdown::Both);
}
