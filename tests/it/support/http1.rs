//! An HTTP/1.1 client that sends exactly the bytes it is given and parses responses strictly.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use serde_json::Value;

use super::PATIENCE;

/// A connection to the proxy.
pub(crate) struct Client {
    stream: Box<dyn Bytes>,
    /// The TCP socket, if nothing (such as TLS) wraps it.
    socket: Option<TcpStream>,
    buffer: Vec<u8>,
}

/// The byte stream that a client uses: TCP or TLS.
trait Bytes: Read + Write + Send {}

impl<T: Read + Write + Send> Bytes for T {}

/// A response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address);
        Self::on(stream.unwrap_or_else(|error| panic!("{address}: {error}")))
    }

    /// A client on a plain TCP connection.
    pub(crate) fn on(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            socket: Some(stream.try_clone().unwrap()),
            ..Self::over(stream)
        }
    }

    /// A client on an existing byte stream.
    pub(crate) fn over(stream: impl Read + Write + Send + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            socket: None,
            buffer: Vec::new(),
        }
    }

    /// Sends everything, or as much as the other side accepts before it closes.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _ = self
            .stream
            .write_all(bytes)
            .and_then(|()| self.stream.flush());
    }

    /// A second handle to the connection, for another thread. Only that thread may read afterwards.
    pub(crate) fn watcher(&self) -> Self {
        Self::over(self.socket.as_ref().unwrap().try_clone().unwrap())
    }

    /// Closes the sending direction.
    pub(crate) fn half_close(&mut self) {
        let socket = self.socket.as_ref().unwrap();
        match socket.shutdown(Shutdown::Write) {
            // The other side has already closed the connection.
            Err(error) if error.kind() == std::io::ErrorKind::NotConnected => {}
            result => result.unwrap(),
        }
    }

    /// Reads the next response, body included.
    pub(crate) fn response(&mut self) -> Response {
        let head = self.head();
        self.rest_of(head)
    }

    /// Reads the body that follows a response's headers.
    pub(crate) fn rest_of(&mut self, head: Response) -> Response {
        self.try_rest_of(head).expect("closed within a body")
    }

    /// Like `rest_of`, but returns `None` if the connection ends before the body does.
    pub(crate) fn try_rest_of(&mut self, mut head: Response) -> Option<Response> {
        head.body = self.body(&head)?;
        Some(head)
    }

    /// Reads the next response without its body.
    pub(crate) fn head(&mut self) -> Response {
        let end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at;
            }
            assert!(
                self.fill() > 0,
                "closed before an answer: {:?}",
                self.text()
            );
        };
        let head = String::from_utf8(self.buffer.drain(..end + 4).collect()).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status_line = lines.next().unwrap();
        let (version, rest) = status_line.split_once(' ').unwrap();
        assert!(version.starts_with("HTTP/1."), "{status_line}");
        let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        Response {
            status: status.parse().unwrap(),
            reason: reason.to_owned(),
            headers: lines
                .map(|line| {
                    let (name, value) = line.split_once(':').unwrap();
                    (name.to_owned(), value.trim().to_owned())
                })
                .collect(),
            body: Vec::new(),
        }
    }

    fn body(&mut self, head: &Response) -> Option<Vec<u8>> {
        if let Some(length) = head.header("content-length") {
            return self.take(length.parse().unwrap());
        }
        if head.header("transfer-encoding") == Some("chunked") {
            return self.chunks();
        }
        while self.fill() > 0 {}
        Some(self.buffer.drain(..).collect())
    }

    fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let end = loop {
                match find(&self.buffer, b"\r\n") {
                    Some(at) => break at,
                    None if self.fill() > 0 => {}
                    None => return None,
                }
            };
            let line: Vec<u8> = self.buffer.drain(..end + 2).collect();
            let size = std::str::from_utf8(&line[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            body.extend(self.take(size)?);
            assert_eq!(self.take(2)?, b"\r\n");
            if size == 0 {
                return Some(body);
            }
        }
    }

    fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.buffer.len() < length {
            if self.fill() == 0 {
                return None;
            }
        }
        Some(self.buffer.drain(..length).collect())
    }

    /// Whether a 200 response arrives before the connection ends.
    pub(crate) fn is_served(&mut self) -> bool {
        self.fill() > 0 && self.response().status == 200
    }

    /// Whether the connection ends without sending another byte.
    pub(crate) fn ends(&mut self) -> bool {
        self.buffer.is_empty() && self.fill() == 0
    }

    /// Reads to the end of the connection.
    pub(crate) fn rest(&mut self) -> String {
        while self.fill() > 0 {}
        self.text()
    }

    /// Like `rest`, but returns an error if the connection breaks.
    pub(crate) fn try_rest(&mut self) -> std::io::Result<String> {
        self.stream.read_to_end(&mut self.buffer)?;
        Ok(self.text())
    }

    /// Like `try_rest`, but collects bytes; `received` also holds what arrived before an error.
    pub(crate) fn read_to_end(&mut self, received: &mut Vec<u8>) -> std::io::Result<()> {
        received.append(&mut self.buffer);
        self.stream.read_to_end(received).map(|_| ())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.buffer).into_owned()
    }

    /// Reads more; returns 0 at the end of the connection.
    fn fill(&mut self) -> usize {
        let mut chunk = [0; 64 << 10];
        match self.stream.read(&mut chunk) {
            Ok(read) => {
                self.buffer.extend_from_slice(&chunk[..read]);
                read
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            Err(error) => panic!("no answer: {error}"),
        }
    }
}

impl Response {
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

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}
