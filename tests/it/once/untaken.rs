//! Clients that do not take the answer to a callback that a backend took.

use crate::smuggling::frames::Frames;
use crate::stalled::{NO_WINDOW, whole_stream};
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Client, Origin, Setup};

const PATH: &str = "/cb";

/// Its answer is longer than what is remembered, and than what the proxy reads ahead.
fn is_remembered(reply: fn(&str) -> String) {
    let origin = Origin::answering(move |_| Reply::raw(reply(&"x".repeat(100_000))));
    let proxy = Setup::new()
        .tables("[once]\n[timeouts]\nwrite = \"1s\"")
        .sgate(&format!("name = \"sgate\"\npath = \"{PATH}\""))
        .http2()
        .origin(&origin)
        .start();
    let callback = Signer::get().sgate(PATH, r#"{"event":"E"}"#);
    let mut stranger = Frames::connect_with(proxy.address, NO_WINDOW);
    stranger.send(&whole_stream(1, PATH, &callback));
    assert_eq!(proxy.access()["reason"], "client_closed");
    let mut provider = Client::connect(proxy.address);
    provider.send(&callback.with_length());
    assert_eq!(provider.response().status, 200);
    assert_eq!(proxy.access()["once"], "repeat");
    assert_eq!(origin.count(), 1);
}

#[test]
fn a_success_that_its_client_does_not_take_is_remembered() {
    is_remembered(|body| {
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}")
    });
}

#[test]
fn a_chunked_success_that_its_client_does_not_take_is_remembered() {
    is_remembered(|body| {
        let (first, rest) = body.split_at(50_000);
        let chunk = |part: &str| format!("{:x}\r\n{part}\r\n", part.len());
        let chunks = [chunk(first), chunk(rest)].concat();
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
    });
}
