//! One connection to the admin listener: one request, one answer.

use std::time::Duration;

use httparse::Status;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::idle::IdleConnection;
use super::pages::{self, Page};
use crate::proxy::process::Proxy;

/// The time limit for the request header. Real clients send it at once.
const HEADER_TIME: Duration = Duration::from_secs(1);

/// The time limit for the whole connection, so that nobody holds a slot for long.
const TIME: Duration = Duration::from_secs(10);

/// The longest request header.
const MAX_HEADER: usize = 8 << 10;
const MAX_LINES: usize = 64;

/// How long a client may keep sending bytes that are not read: a reset would lose the answer.
const LINGER: Duration = Duration::from_millis(500);

/// What a client asks for, or why it gets nothing.
enum Asked {
    Page {
        path: String,
        with_body: bool,
        /// The Host by which the client calls this listener.
        host: Option<String>,
    },
    Refused(Page),
}

/// Answers one request and closes the connection. While its header is incomplete, or once it has
/// its answer, the connection closes as soon as `idle` asks for that.
pub(in crate::proxy) async fn serve(
    proxy: &Proxy,
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    idle: &IdleConnection,
) {
    let header = timeout(HEADER_TIME, read(&mut stream));
    // A client that is too slow only sees the connection close.
    let Some(Ok(Ok(Some(asked)))) = idle.unless_told(header).await else {
        return;
    };
    let Ok(Ok(())) = timeout(TIME, answer(proxy, &mut stream, asked)).await else {
        return;
    };
    let mut rest = [0; 1024];
    let unread = async { while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {} };
    // Whatever is unsent after that is lost.
    idle.unless_told(timeout(LINGER, unread)).await;
}

async fn answer(
    proxy: &Proxy,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    asked: Asked,
) -> std::io::Result<()> {
    let (page, with_body) = match asked {
        Asked::Page {
            path,
            with_body,
            host,
        } => (pages::find(&path, host.as_deref(), proxy), with_body),
        Asked::Refused(page) => (page, true),
    };
    let mut bytes = page.header().into_bytes();
    if with_body {
        bytes.extend_from_slice(page.body.as_bytes());
    }
    stream.write_all(&bytes).await?;
    stream.shutdown().await
}

/// Reads the header of a request; `None` if the client closed the connection first.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<Asked>> {
    let mut header = Vec::with_capacity(1024);
    loop {
        if let Some(asked) = parse(&header) {
            return Ok(Some(asked));
        }
        if header.len() >= MAX_HEADER {
            let page = Page::refusal(431, "the request header is too long");
            return Ok(Some(Asked::Refused(page)));
        }
        if stream.read_buf(&mut header).await? == 0 {
            return Ok(None);
        }
    }
}

/// Parses the request; `None` while the header is incomplete.
fn parse(header: &[u8]) -> Option<Asked> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_LINES];
    let mut request = httparse::Request::new(&mut lines);
    let parsed = request.parse(header);
    let (Some(method), Some(target)) = (request.method, request.path) else {
        return parsed.is_err().then(malformed);
    };
    match parsed {
        Ok(Status::Complete(_)) => {}
        Ok(Status::Partial) => return None,
        Err(_) => return Some(malformed()),
    }
    let with_body = match method {
        "GET" => true,
        "HEAD" => false,
        _ => return Some(Asked::Refused(Page::method())),
    };
    let announces_body = request.headers.iter().any(|line| {
        let is = |name| line.name.eq_ignore_ascii_case(name);
        is("transfer-encoding") || is("content-length") && line.value != b"0"
    });
    if announces_body {
        let page = Page::refusal(413, "requests must not have a body");
        return Some(Asked::Refused(page));
    }
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let mut hosts = request
        .headers
        .iter()
        .filter(|line| line.name.eq_ignore_ascii_case("host"));
    let host = hosts.next();
    if hosts.next().is_some() {
        return Some(malformed());
    }
    Some(Asked::Page {
        path,
        with_body,
        host: host.map(|line| String::from_utf8_lossy(line.value).into_owned()),
    })
}

fn malformed() -> Asked {
    Asked::Refused(Page::refusal(400, "the request is malformed"))
}
