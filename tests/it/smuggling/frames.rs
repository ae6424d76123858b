//! Raw HTTP/2 frames, for requests that no client library would send (RFC 9113, RFC 7541).

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use crate::support::PATIENCE;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// A connection.
pub(crate) struct Frames {
    stream: TcpStream,
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With a response.
    Answered,
    /// The stream was reset.
    Reset,
    /// The whole connection was closed.
    Closed,
}

impl Frames {
    /// Connects with a window that no response fills.
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::connect_with(address, b"")
    }

    /// Connects with a window that has no room for any response body.
    pub(crate) fn connect_without_window(address: SocketAddr) -> Self {
        // SETTINGS_INITIAL_WINDOW_SIZE = 0.
        Self::connect_with(address, &[0, 4, 0, 0, 0, 0])
    }

    /// Connects with these settings.
    pub(crate) fn connect_with(address: SocketAddr, settings: &[u8]) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // Does not wait for a proxy that has stopped reading.
        stream
            .set_write_timeout(Some(Duration::from_secs(1)))
            .unwrap();
        stream.set_nodelay(true).unwrap();
        let mut frames = Self { stream };
        frames.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        frames.send(&frame(SETTINGS, 0, 0, settings));
        frames
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        // The proxy may have closed the connection; its frames tell the result.
        let _ = self.stream.write_all(bytes);
    }

    /// Closes the sending direction.
    pub(crate) fn finish(&self) {
        // The proxy may have closed the connection.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Waits until a stream has ended.
    pub(crate) fn end_of(&mut self, id: u32) -> End {
        while let Some((kind, flags, stream)) = self.next() {
            match kind {
                GOAWAY => return End::Closed,
                RST_STREAM if stream == id => return End::Reset,
                DATA | HEADERS if stream == id && flags & END_STREAM != 0 => return End::Answered,
                _ => {}
            }
        }
        End::Closed
    }

    /// Waits until any stream is reset; returns `false` if the connection ends first.
    pub(crate) fn is_one_reset(&mut self) -> bool {
        while let Some((kind, _, _)) = self.next() {
            match kind {
                GOAWAY => return false,
                RST_STREAM => return true,
                _ => {}
            }
        }
        false
    }

    /// The type, flags and stream of the next frame.
    fn next(&mut self) -> Option<(u8, u8, u32)> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let mut content = vec![0; length as usize];
        self.stream.read_exact(&mut content).ok()?;
        Some((head[3], head[4], stream))
    }
}

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(content);
    bytes
}

/// Header fields as literals without indexing, whatever they contain.
pub(crate) fn block(fields: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.push(0);
        for text in [name, value] {
            length(&mut bytes, text.len());
            bytes.extend_from_slice(text);
        }
    }
    bytes
}

/// A length with a seven-bit prefix (RFC 7541, section 5.1).
fn length(bytes: &mut Vec<u8>, length: usize) {
    if length < 127 {
        bytes.push(u8::try_from(length).unwrap());
        return;
    }
    bytes.push(127);
    let mut rest = length - 127;
    while rest >= 128 {
        bytes.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    bytes.push(u8::try_from(rest).unwrap());
}
