//! A backend whose response arrives one byte at a time and never ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::faulty::{Faulty, GOOD, Step, reset};
use crate::support::signer::Signer;
use crate::support::{Client, PATIENCE, Setup};

const FOR_EVER: &[Step] = &[
    Step::ReadAll,
    Step::Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    Step::Drip("1\r\nx\r\n"),
];

/// Otherwise, with `once`, the proxy would keep renewing its claim and reject the retries.
#[test]
fn a_dripping_answer_is_dropped_when_the_provider_is_gone_and_a_retry_passes() {
    let faulty = Faulty::start();
    let proxy = Setup::new()
        .sgate("name = \"once\"\npath = \"/cb\"")
        .servers(&[faulty.address], "")
        .tables("[once]\n[timeouts]\nwrite = \"300ms\"")
        .start();
    let callback = Signer::get().sgate("/cb", "{\"event\":\"E\"}");

    faulty.does(FOR_EVER);
    let mut stream = TcpStream::connect(proxy.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(&callback.with_length()).unwrap();
    // The proxy forwards what there is, although the response may still fail.
    let mut seen = [0; 15];
    stream.read_exact(&mut seen).unwrap();
    assert_eq!(&seen, b"HTTP/1.1 200 OK");
    reset(stream);
    assert_eq!(proxy.access()["reason"], "client_closed");
    assert_eq!(faulty.reached().whole, 1);

    faulty.does(GOOD);
    let mut client = Client::connect(proxy.address);
    client.send(&callback.with_length());
    assert_eq!(client.response().status, 200);
    assert_eq!(faulty.reached().whole, 1);
}
