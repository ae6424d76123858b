use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use pingora::http::RequestHeader;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::group::Group;
use super::known::ServerMemory;
use super::round_trip::{Answer, Wire};
use crate::config::{Balance, Endpoint, Retry, SentHost, Upstream, UpstreamServer, UpstreamTarget};
use crate::judge::Fault;

/// More than anything takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// One whose server is known to keep connections.
fn group(address: SocketAddr) -> Group {
    let group = group_with(address, PATIENCE);
    for (server, _) in group.servers().all() {
        server.state.probation.lived(Instant::now());
    }
    group
}

fn group_with(address: SocketAddr, read_timeout: Duration) -> Group {
    let upstream = Upstream {
        name: "test".to_owned(),
        target: UpstreamTarget::Servers(vec![UpstreamServer {
            name: "test".to_owned(),
            endpoint: Endpoint::Inet {
                host: None,
                addresses: vec![address],
            },
            weight: 1,
            backup: false,
            down: false,
            max_fails: 1,
            fail_timeout: Duration::from_secs(10),
            tls: None,
        }]),
        host: SentHost::Client,
        balance: Balance::RoundRobin,
        tries: None,
        retry_timeout: Duration::ZERO,
        connect_timeout: Duration::from_secs(10),
        read_timeout,
        write_timeout: PATIENCE,
        keepalive: Duration::from_secs(60),
        health_check: None,
        resolve: Duration::ZERO,
    };
    Group::new(&Arc::new(upstream), &mut ServerMemory::default().recall()).unwrap()
}

async fn send(group: &Group, body: Bytes) -> Result<Box<Answer>, Fault> {
    let retry = Retry {
        connect: true,
        error: false,
        timeout: false,
    };
    let sent = group.send(post(body), "1", None, retry).await;
    sent.answer.map_err(|failure| failure.fault)
}

fn post(body: Bytes) -> Wire {
    let mut header = RequestHeader::build("POST", b"/", None).unwrap();
    header.append_header("Host", "test").unwrap();
    header.append_header("Content-Length", body.len()).unwrap();
    Wire {
        header: Box::new(header),
        body,
        line: None,
    }
}

async fn accept_header(listener: &TcpListener) -> TcpStream {
    let mut stream = listener.accept().await.unwrap().0;
    let mut header = Vec::new();
    while !header.ends_with(b"\r\n\r\n") {
        header.push(stream.read_u8().await.unwrap());
    }
    stream
}

#[tokio::test]
async fn a_connection_with_a_partial_request_is_not_reused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let group = group(listener.local_addr().unwrap());
    let server = async {
        let mut connections = Vec::new();
        for _ in 0..2 {
            let mut stream = accept_header(&listener).await;
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            // Left open, its body unread.
            connections.push(stream);
        }
    };
    let client = async {
        // More than the system buffers, so that sending it cannot succeed.
        for body in [vec![b' '; 64 << 20], Vec::new()] {
            let mut answer = send(&group, body.into()).await?;
            while answer.read_body().await.unwrap().is_some() {}
            answer.release().await;
        }
        Ok::<_, Fault>(())
    };
    let (sent, ()) = tokio::join!(client, server);
    sent.unwrap();
}

/// Whoever gets a connection with such bytes on it would read them as its own answer.
#[tokio::test]
async fn a_connection_with_unexpected_bytes_is_not_reused() {
    let stray = "HTTP/1.1 200 OK\r\nX: stray\r\nContent-Length: 0\r\n\r\n";
    for (method, answer) in [
        ("POST", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ("POST", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"),
        ("POST", "HTTP/1.1 204 No Content\r\n\r\n"),
        (
            "POST",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
        ),
        (
            "POST",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        ),
        (
            "POST",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            "POST",
            "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
        ),
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
    ] {
        // With the answer, and right after it.
        for pieces in [
            vec![format!("{answer}{stray}")],
            vec![answer.to_owned(), stray.to_owned()],
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let group = group(listener.local_addr().unwrap());
            let written = tokio::sync::Notify::new();
            let server = async {
                let mut first = accept_header(&listener).await;
                first.set_nodelay(true).unwrap();
                for piece in &pieces {
                    first.write_all(piece.as_bytes()).await.unwrap();
                    tokio::task::yield_now().await;
                }
                written.notify_one();
                let mut second = accept_header(&listener).await;
                let own = b"HTTP/1.1 200 OK\r\nX: own\r\nContent-Length: 0\r\n\r\n";
                second.write_all(own).await.unwrap();
                drop(first);
            };
            let client = async {
                let mut last = None;
                for _ in 0..2 {
                    let mut request = post(Bytes::new());
                    request.header.set_method(method.parse().unwrap());
                    let retry = Retry {
                        connect: true,
                        error: false,
                        timeout: false,
                    };
                    let sent = group.send(request, "1", None, retry).await;
                    let mut answer = sent.answer.unwrap();
                    while answer.read_body().await.unwrap().is_some() {}
                    last = answer.header.headers.get("X").cloned();
                    answer.release().await;
                    if last.is_none() {
                        written.notified().await;
                    }
                }
                last
            };
            let both = async { tokio::join!(client, server) };
            let (last, ()) = tokio::time::timeout(PATIENCE, both)
                .await
                .unwrap_or_else(|_| panic!("used again: {method} {answer:?}"));
            assert_eq!(last.unwrap(), "own", "{method} {answer:?}");
        }
    }
}

#[tokio::test]
async fn interim_answers_do_not_prolong_the_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    // It is over at some time, however late the server begins.
    let limit = Duration::from_millis(200);
    let group = group_with(listener.local_addr().unwrap(), limit);
    let server = async {
        let mut stream = accept_header(&listener).await;
        let interim = b"HTTP/1.1 102 Processing\r\n\r\n";
        while stream.write_all(interim).await.is_ok() {}
    };
    let client = send(&group, Bytes::new());
    let (answer, ()) = tokio::join!(client, server);
    assert_eq!(answer.err(), Some(Fault::UpstreamTimeout));
}
