//! A backend that fails in a chosen way at a chosen phase.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use tokio::net::TcpSocket;

use super::PATIENCE;
use super::http1::find;

/// What a faulty backend does next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Reads to the end of the request's header.
    ReadHead,
    /// Reads up to this many bytes, in one call.
    ReadSome(usize),
    /// Reads the whole request.
    ReadAll,
    /// Sends this text.
    Write(&'static str),
    /// Sends this text this many times.
    Repeat(&'static str, usize),
    /// Sends this text in a loop, one byte per millisecond, until the other side closes.
    Drip(&'static str),
    /// Closes the sending direction.
    HalfClose,
    /// Reads, but sends nothing, until the other side closes.
    Wait,
    /// Stops reading until the test calls [`Faulty::reached`].
    Ignore,
    /// Resets the connection.
    Reset,
}

/// What reached the backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reached {
    /// Complete requests, bodies included.
    pub(crate) whole: usize,
    /// Connections that carried only part of a request.
    pub(crate) partial: usize,
    /// Connections that have ended.
    ended: usize,
    connections: usize,
    is_asked: bool,
}

type Shared = Arc<(Mutex<(&'static [Step], Reached)>, Condvar)>;

/// A backend that fails as instructed.
pub(crate) struct Faulty {
    pub(crate) address: SocketAddr,
    shared: Shared,
}

/// A good response, after which the connection closes.
pub(crate) const GOOD: &[Step] = &[
    Step::ReadAll,
    Step::Write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngood"),
];

impl Faulty {
    /// Starts a backend that answers well until [`Faulty::does`] says otherwise.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared: Shared = Arc::new((Mutex::new((GOOD, Reached::default())), Condvar::new()));
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    let mut state = shared.0.lock().unwrap();
                    state.1.connections += 1;
                    let (steps, shared) = (state.0, Arc::clone(&shared));
                    thread::spawn(move || serve(stream, steps, &shared));
                }
            }
        });
        Self { address, shared }
    }

    /// Sets the steps for every new connection.
    pub(crate) fn does(&self, steps: &'static [Step]) {
        self.shared.0.lock().unwrap().0 = steps;
    }

    /// Waits until all connections have ended and returns what arrived since the last call.
    pub(crate) fn reached(&self) -> Reached {
        let mut state = self.shared.0.lock().unwrap();
        state.1.is_asked = true;
        self.shared.1.notify_all();
        let (mut state, timeout) = self
            .shared
            .1
            .wait_timeout_while(state, PATIENCE, |(_, reached)| {
                reached.ended < reached.connections
            })
            .unwrap();
        assert!(!timeout.timed_out(), "a connection does not end");
        std::mem::take(&mut state.1)
    }
}

fn serve(stream: TcpStream, steps: &[Step], shared: &Shared) {
    let mut read = Vec::new();
    run(stream, steps, &mut read, shared);
    let mut state = shared.0.lock().unwrap();
    state.1.ended += 1;
    if is_whole(&read) {
        state.1.whole += 1;
    } else if !read.is_empty() {
        state.1.partial += 1;
    }
    shared.1.notify_all();
}

/// Runs the steps until one fails because the other side closed.
fn run(mut stream: TcpStream, steps: &[Step], read: &mut Vec<u8>, shared: &Shared) -> Option<()> {
    for step in steps {
        match *step {
            Step::ReadHead => {
                while find(read, b"\r\n\r\n").is_none() {
                    fill(&mut stream, read, 1)?;
                }
            }
            Step::ReadSome(bytes) => fill(&mut stream, read, bytes)?,
            Step::ReadAll => {
                while !is_whole(read) {
                    fill(&mut stream, read, 64 << 10)?;
                }
            }
            Step::Write(text) => stream.write_all(text.as_bytes()).ok()?,
            Step::Repeat(text, times) => stream.write_all(text.repeat(times).as_bytes()).ok()?,
            Step::Drip(text) => {
                for byte in text.bytes().cycle() {
                    stream.write_all(&[byte]).ok()?;
                    thread::sleep(Duration::from_millis(1));
                }
            }
            Step::HalfClose => stream.shutdown(Shutdown::Write).ok()?,
            Step::Wait => while fill(&mut stream, read, 64 << 10).is_some() {},
            Step::Ignore => {
                let state = shared.0.lock().unwrap();
                let is_asked = |(_, reached): &mut (_, Reached)| !reached.is_asked;
                drop(shared.1.wait_timeout_while(state, PATIENCE, is_asked));
            }
            Step::Reset => {
                reset(stream);
                return None;
            }
        }
    }
    Some(())
}

fn fill(stream: &mut TcpStream, read: &mut Vec<u8>, bytes: usize) -> Option<()> {
    let mut chunk = vec![0; bytes];
    let got = stream.read(&mut chunk).ok().filter(|got| *got > 0)?;
    read.extend_from_slice(&chunk[..got]);
    Some(())
}

/// Whether a complete request, body included, has been read.
fn is_whole(read: &[u8]) -> bool {
    let Some(end) = find(read, b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.unwrap_or("0").parse().unwrap();
    read.len() - end - 4 >= length
}

/// Resets a connection, as the kernel does for a process that is killed with unread bytes.
pub(crate) fn reset(stream: TcpStream) {
    let socket = TcpSocket::from_std_stream(stream);
    socket.set_zero_linger().unwrap();
}
