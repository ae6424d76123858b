use std::path::PathBuf;
use std::sync::Arc;

use pingora::protocols::l4::stream as l4;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::protocol::{Protocol, serve};
use super::request_header::{HEADER_READ, MAX_HEADER};
use super::stream::ClientStream;
use crate::config::ListenAddress;
use crate::judge::Peer;
use crate::proxy::Setup;
use crate::proxy::process::Proxy;

/// A request that is refused, but leaves no doubt where it ends.
const NEXT: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

fn proxy() -> Arc<Proxy> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("conf/countersign.toml");
    let config = crate::config::load(&file).unwrap().config;
    let setup = Setup {
        file,
        overridden: Vec::new(),
        config,
        access_log: None,
        error_log: None,
        audit: None,
        watch: Default::default(),
    };
    Arc::new(Proxy::new(setup, Vec::new()).unwrap())
}

/// What a client that sends `request` gets until the connection ends.
async fn answers(protocol: Protocol, request: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    client.write_all(request.as_bytes()).await.unwrap();
    let (accepted, address) = listener.accept().await.unwrap();
    let peer = Peer::new(Some(address));
    let stream = ClientStream::from(l4::Stream::from(accepted));
    let proxy = proxy();
    let permit = proxy.connections.take(1, || ()).unwrap();
    let serve = serve(
        Arc::clone(&proxy),
        stream,
        peer,
        protocol,
        Arc::clone(&permit.slot),
        ListenAddress::Unix(PathBuf::new()),
    );
    let answers = async {
        let mut received = String::new();
        // A connection that is closed unread ends in a reset.
        let _ = client.read_to_string(&mut received).await;
        drop(client);
        received
    };
    tokio::join!(answers, serve).0
}

#[tokio::test]
async fn an_unreadable_header_is_answered() {
    for request in ["POST /\r\n\r\n", "GET / HTTP/1.1\r\nA B\r\n\r\n"] {
        let answer = answers(Protocol::Http1, request.to_owned()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{request}: {answer}");
    }
}

#[tokio::test]
async fn a_header_is_bounded() {
    let header = |length: usize| {
        let value = "b".repeat(length);
        format!("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nA: {value}\r\n\r\n")
    };
    let allowed = answers(Protocol::Http1, header(MAX_HEADER - 100)).await;
    assert!(allowed.starts_with("HTTP/1.1 404 "), "{allowed}");
    // However much of it comes at once.
    for length in [MAX_HEADER, MAX_HEADER + HEADER_READ, 4 * MAX_HEADER] {
        let refused = answers(Protocol::Http1, header(length)).await;
        assert!(refused.starts_with("HTTP/1.1 431 "), "{length}: {refused}");
    }
}

#[tokio::test]
async fn nothing_is_read_after_a_request_with_an_uncertain_end() {
    let callback = "POST /cheezeepay/callback HTTP/1.1\r\nHost: a\r\n";
    let chunked = "Transfer-Encoding: chunked\r\n\r\n";
    for doubtful in [
        format!("{callback}X: a\n\r\n"),
        format!("{callback}Content-Length: 0, 0\r\n\r\n"),
        format!("{callback}Content-Length: 0\r\nContent-Length: 0\r\n\r\n"),
        "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n".to_owned(),
        "POST http://b/cheezeepay/callback HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "POST /cheezeepay/<callback> HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        format!("{callback}{chunked}zz\r\n"),
        format!("{callback}{chunked}1\r\nabc"),
        format!("{callback}{chunked}1;a\nb\r\na\r\n0\r\n\r\n"),
        format!("{callback}{chunked}0;\n\r\n"),
        format!("{callback}{chunked}\r\n\r\n"),
    ] {
        let answer = answers(Protocol::Http1, format!("{doubtful}{NEXT}")).await;
        let (first, rest) = answer.split_once("\r\n\r\n").unwrap();
        assert!(first.starts_with("HTTP/1.1 400 "), "{doubtful}: {first}");
        assert!(first.contains("Connection: close"), "{doubtful}: {first}");
        assert!(!rest.contains("HTTP/1.1"), "{doubtful}: {rest}");
    }
}

#[tokio::test]
async fn a_request_that_only_starts_like_http2_is_read_as_http1() {
    let request = "PRI /somewhere HTTP/1.1\r\nA B\r\n\r\n".to_owned();
    let answer = answers(Protocol::Either, request).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}
