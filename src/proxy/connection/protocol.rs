//! Detecting the protocol of a connection.

use std::pin::pin;
use std::sync::Arc;

use bytes::BytesMut;
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout_at;

use super::farewell::end;
use super::http1::{Http1, after};
use super::http2;
use super::request_header::HEADER_READ;
use super::stream::ClientStream;
use super::unserved::UnservedCause;
use crate::config::ListenAddress;
use crate::judge::Peer;
use crate::proxy::limits::Slot;
use crate::proxy::process::Proxy;

/// Which protocols a connection may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP/1 only.
    Http1,
    /// HTTP/2, as negotiated by ALPN.
    Http2,
    /// HTTP/1, or HTTP/2 with prior knowledge: the first bytes tell.
    Either,
}

/// The connection preface of HTTP/2 (RFC 9113, section 3.4). No HTTP/1 request starts with it.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Serves one accepted connection until either side closes it.
pub(super) async fn serve(
    proxy: Arc<Proxy>,
    mut stream: ClientStream,
    peer: Peer,
    protocol: Protocol,
    slot: Arc<Slot>,
    listener: ListenAddress,
) {
    let mut read = BytesMut::new();
    // A client that connects has something to send.
    let deadline = after(proxy.current().config().timeouts.header);
    let is_http2 = match protocol {
        Protocol::Http1 => false,
        Protocol::Http2 | Protocol::Either => {
            let begins = timeout_at(deadline, begins_http2(&mut stream, &mut read, &slot)).await;
            match begins {
                Ok(Some(true)) => true,
                Ok(Some(false)) if protocol == Protocol::Either => false,
                Ok(Some(false)) => {
                    let why = "it negotiated HTTP/2 but speaks another protocol";
                    proxy.unserved.note(UnservedCause::TlsProtocol, &peer, why);
                    return end(stream, &slot).await;
                }
                // It closed, or sent nothing in time.
                _ => return end(stream, &slot).await,
            }
        }
    };
    stream.put_back(read);
    if is_http2 {
        Box::pin(http2::serve(proxy, stream, peer, slot, listener)).await;
    } else {
        let http1 = Http1 {
            proxy,
            peer,
            slot,
            listener,
        };
        http1.serve(Box::new(stream), deadline).await;
    }
}

/// Whether the connection starts with HTTP/2's preface; `None` if it ended first. An HTTP/1 request
/// may be shorter than the preface, so the first differing byte decides. What was read is in
/// `read`.
async fn begins_http2(stream: &mut ClientStream, read: &mut BytesMut, slot: &Slot) -> Option<bool> {
    loop {
        let length = read.len().min(PREFACE.len());
        if read.get(..length) != PREFACE.get(..length) {
            return Some(false);
        }
        if length == PREFACE.len() {
            return Some(true);
        }
        let is_first = read.is_empty();
        read.reserve(HEADER_READ);
        let more = pin!(stream.read_buf(read));
        let more = if is_first {
            slot.wait(more).await?
        } else {
            slot.receive(more).await?
        };
        if !more.is_ok_and(|bytes| bytes > 0) {
            return None;
        }
    }
}
