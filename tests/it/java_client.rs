//! Java's HTTP client, which offers an upgrade to HTTP/2 in its first plaintext request.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::signer::Signer;
use crate::support::{Origin, Setup};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/Call.java");

#[test]
fn a_java_client_is_served_on_every_request_of_its_connection() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .origin(&origin)
        .start();
    let callback = Signer::get().sgate("/cb", "{\"amount\":1}");
    let mut command = Command::new("java");
    command.args([PROGRAM, "3", &format!("http://{}/cb", proxy.address)]);
    for (name, value) in &callback.headers {
        command.args([name, std::str::from_utf8(value).unwrap()]);
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("scripts/setup --test brings Java");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&callback.body).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "200 HTTP_1_1\n".repeat(3)
    );
    for request in origin.requests(3) {
        assert_eq!(request.body, callback.body);
        for name in ["Upgrade", "HTTP2-Settings", "Connection"] {
            assert_eq!(request.header(name), None, "{name}");
        }
    }
}
