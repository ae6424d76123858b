//! A backend that records every connection, byte and request.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::PATIENCE;
use super::http1::find;

/// A request as the backend received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Counted from 0.
    pub(crate) connection: usize,
}

/// The raw response, and whether the backend closes the connection after it.
pub(crate) struct Reply {
    bytes: Vec<u8>,
    close: bool,
}

/// What the backend has seen so far.
#[derive(Default)]
pub(crate) struct Seen {
    connections: usize,
    bytes: usize,
    requests: Vec<Received>,
}

pub(crate) type Shared = Arc<(Mutex<Seen>, Condvar)>;

/// A backend that records every connection, byte and request.
pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    shared: Shared,
}

impl Reply {
    pub(crate) fn ok() -> Self {
        Self::raw("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
    }

    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            close: false,
        }
    }

    pub(crate) fn then_close(mut self) -> Self {
        self.close = true;
        self
    }
}

impl Origin {
    /// Answers every request with 200 and `ok`.
    pub(crate) fn start() -> Self {
        Self::answering(|_| Reply::ok())
    }

    /// Answers every request with this function's reply.
    pub(crate) fn answering(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        Self::listening(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
    }

    /// Listens on this address and answers every request with 200 and `ok`.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self::listening(TcpListener::bind(address).unwrap(), |_| Reply::ok())
    }

    fn listening(
        listener: TcpListener,
        answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let accept = move || Some(listener.accept().ok()?.0);
        Self {
            address,
            shared: run(accept, answer),
        }
    }

    /// Listens on a Unix socket; `address` is only a placeholder.
    pub(crate) fn unix(path: &Path) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let accept = move || Some(listener.accept().ok()?.0);
        Self {
            address: ([0, 0, 0, 0], 0).into(),
            shared: run(accept, |_: &Received| Reply::ok()),
        }
    }

    /// Accepts TLS connections.
    pub(crate) fn tls(config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let accept = move || {
            let stream = listener.accept().ok()?.0;
            let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            Some(StreamOwned::new(tls, stream))
        };
        Self {
            address,
            shared: run(accept, |_: &Received| Reply::ok()),
        }
    }

    /// Waits for the first request; more may follow.
    pub(crate) fn first(&self) -> Received {
        let (seen, changed) = &*self.shared;
        let seen = seen.lock().unwrap();
        let (seen, _) = changed
            .wait_timeout_while(seen, PATIENCE, |seen| seen.requests.is_empty())
            .unwrap();
        seen.requests[0].clone()
    }

    /// Waits for this many requests and returns them. Fails if there are more.
    pub(crate) fn requests(&self, count: usize) -> Vec<Received> {
        let (seen, changed) = &*self.shared;
        let seen = seen.lock().unwrap();
        let (seen, _) = changed
            .wait_timeout_while(seen, PATIENCE, |seen| seen.requests.len() < count)
            .unwrap();
        assert_eq!(seen.requests.len(), count, "{:#?}", seen.requests);
        seen.requests.clone()
    }

    /// Waits for the only request.
    pub(crate) fn request(&self) -> Received {
        self.requests(1).remove(0)
    }

    /// The latest request.
    pub(crate) fn last(&self) -> Received {
        self.shared
            .0
            .lock()
            .unwrap()
            .requests
            .last()
            .unwrap()
            .clone()
    }

    /// All requests so far.
    pub(crate) fn so_far(&self) -> Vec<Received> {
        self.shared.0.lock().unwrap().requests.clone()
    }

    /// The number of requests so far.
    pub(crate) fn count(&self) -> usize {
        self.shared.0.lock().unwrap().requests.len()
    }

    /// The number of connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.shared.0.lock().unwrap().connections
    }

    /// The number of bytes read so far.
    pub(crate) fn bytes(&self) -> usize {
        self.shared.0.lock().unwrap().bytes
    }
}

/// Serves connections forever.
fn run<S: Read + Write + Send + 'static>(
    accept: impl Fn() -> Option<S> + Send + 'static,
    answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> Shared {
    let shared = Shared::default();
    let answer = Arc::new(answer);
    thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            loop {
                let Some(stream) = accept() else { continue };
                let mut seen = shared.0.lock().unwrap();
                let connection = seen.connections;
                seen.connections += 1;
                drop(seen);
                let (shared, answer) = (Arc::clone(&shared), Arc::clone(&answer));
                thread::spawn(move || serve(stream, connection, &shared, &*answer));
            }
        }
    });
    shared
}

fn serve(
    mut stream: impl Read + Write,
    connection: usize,
    shared: &Shared,
    answer: &dyn Fn(&Received) -> Reply,
) {
    let mut buffer = Vec::new();
    loop {
        let Some(request) = read(&mut stream, &mut buffer, connection, shared) else {
            return;
        };
        let (seen, changed) = &**shared;
        seen.lock().unwrap().requests.push(request.clone());
        changed.notify_all();
        let reply = answer(&request);
        if stream.write_all(&reply.bytes).is_err() || reply.close {
            return;
        }
    }
}

/// Reads a request as the strictest backend would; returns `None` at the end of the connection.
pub(crate) fn read(
    stream: &mut impl Read,
    buffer: &mut Vec<u8>,
    connection: usize,
    shared: &Shared,
) -> Option<Received> {
    let mut fill = |buffer: &mut Vec<u8>| {
        let mut chunk = vec![0; 64 << 10];
        let read = stream.read(&mut chunk).unwrap_or(0);
        shared.0.lock().unwrap().bytes += read;
        buffer.extend_from_slice(&chunk[..read]);
        (read > 0).then_some(())
    };
    let end = loop {
        match find(buffer, b"\r\n\r\n") {
            Some(end) => break end,
            None => fill(buffer)?,
        }
    };
    let head: Vec<u8> = buffer.drain(..end + 4).collect();
    // A target may be in any encoding; then each byte is shown as one character.
    let head = String::from_utf8(head).unwrap_or_else(|error| {
        let bytes = error.into_bytes();
        bytes.into_iter().map(char::from).collect()
    });
    let mut lines = head.trim_end().split("\r\n");
    let mut request_line = lines.next()?.split(' ').map(str::to_owned);
    let (method, target) = (request_line.next()?, request_line.next()?);
    assert_eq!(request_line.next().as_deref(), Some("HTTP/1.1"));
    assert_eq!(request_line.next(), None);
    let headers: Vec<(String, String)> = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect();
    let mut request = Received {
        method,
        target,
        headers,
        body: Vec::new(),
        connection,
    };
    assert_eq!(request.header("transfer-encoding"), None);
    let length = request.header("content-length").unwrap_or("0");
    let length: usize = length.parse().unwrap();
    while buffer.len() < length {
        fill(buffer)?;
    }
    request.body = buffer.drain(..length).collect();
    Some(request)
}

impl Received {
    /// The value of a header that may occur at most once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice");
        value
    }
}
