//! A backend's answer on its way to a client, without sockets, for tests and fuzzing.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use pingora::protocols::http::ServerSession;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::relay::{Passing, relay};
use super::taker::Taker;
use crate::judge::Fault;
use crate::proxy::limits::Connections;
use crate::proxy::upstreams::{Script, answer};
use crate::success::SuccessRule;

/// More than enough time for anything in memory.
const LIMIT: Duration = Duration::from_secs(20);

/// A buffer for everything that a client may get, because it reads last.
const ROOM: usize = 64 << 20;

/// Relays answers of backends to clients, through the functions that serve callbacks.
pub struct DryAnswers(Runtime);

/// The result of relaying an answer.
#[derive(Debug)]
pub struct DryAnswer {
    /// Everything that the client got.
    pub client: Vec<u8>,
    /// The code of the fault for which it was refused or aborted.
    pub fault: Option<&'static str>,
    /// If the connection could carry another callback: how many of the backend's bytes were read.
    pub kept_after: Option<usize>,
}

impl DryAnswers {
    /// # Errors
    /// The system's, if it cannot create a runtime.
    pub fn new() -> io::Result<Self> {
        Ok(Self(Builder::new_current_thread().enable_all().build()?))
    }

    /// Relays the answer to a request with this method from a backend that sends these bytes, in
    /// pieces of this size, and closes. `None` if that does not end.
    #[must_use]
    pub fn relay(
        &self,
        method: &Method,
        sent: Bytes,
        piece: usize,
        success_as_200: bool,
    ) -> Option<DryAnswer> {
        let relayed = run(method, sent, piece, success_as_200);
        self.0
            .block_on(async { timeout(LIMIT, relayed).await.ok()?.ok() })
    }
}

async fn run(
    method: &Method,
    sent: Bytes,
    piece: usize,
    success_as_200: bool,
) -> Result<DryAnswer, Box<pingora::Error>> {
    let script = Script::new(sent, piece.max(1));
    let read = script.read();
    let mut relayed = DryAnswer {
        client: Vec::new(),
        fault: None,
        kept_after: None,
    };
    let mut answer = match answer(script, method).await {
        Ok(answer) => answer,
        Err(fault) => {
            relayed.fault = Some(fault.code());
            return Ok(relayed);
        }
    };
    let (mut client, server) = duplex(ROOM);
    let asked = format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
    // There is room for it.
    let _ = client.write_all(asked.as_bytes()).await;
    let mut session = ServerSession::new_http1(Box::new(server));
    session.read_request().await?;
    let rule = SuccessRule {
        failure: vec!["fail".to_owned()],
        only: None,
    };
    let permit = Arc::new(Connections::default()).take(1, || ());
    let permit = permit.ok_or_else(|| pingora::Error::new(pingora::ErrorType::InternalError))?;
    let waiting = Arc::default();
    let passing = Passing {
        rule: &rule,
        success_as_200,
        acknowledgement: None,
        request_id: "",
        write_timeout: LIMIT,
        to: Taker {
            slot: &permit.slot,
            waiting: &waiting,
        },
    };
    match relay(&mut session, &mut answer, None, passing, None).await {
        Ok(sent) => relayed.fault = sent.broken.map(Fault::code),
        Err(fault) => relayed.fault = Some(fault.code()),
    }
    if relayed.fault.is_none() {
        drop(session.finish().await?);
        let is_kept = answer.into_reusable().await.is_some();
        relayed.kept_after = is_kept.then(|| read.load(Ordering::Relaxed));
    } else {
        session.shutdown().await;
        drop(session);
    }
    let _ = client.read_to_end(&mut relayed.client).await;
    Ok(relayed)
}
