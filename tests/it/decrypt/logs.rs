//! No log contains clear text, signatures or bodies at any level.

use super::keys;
use super::proxy::{encrypted, event};
use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Client, Origin, Proxy, Setup};

/// A decrypted value in a header and in the body, and another part of the body.
const CLEAR: &str = "6222 0000 1111 2222";
const BODY: &str = "CUSTOM_STATUS_CHANGE";

const RULE: &str = "[[decryption]]\nname = \"card\"\npaths = [\"/data/cardno\"]\n\
     headers = { \"X-Card\" = \"/data/cardno\" }\ncipher = \"rsa-pkcs1-v1_5\"\n";
const ROUTE: &str =
    "name = \"sgate\"\npath = \"/cb\"\ndecrypt = \"card\"\ndecrypt_keys = [\"merchant\"]";

/// Sends a callback that succeeds, one whose response breaks off and echoes the request, and a
/// forged one.
fn exchange(setup: Setup) -> Proxy {
    let origin = Origin::answering(|received| {
        let body = String::from_utf8_lossy(&received.body);
        let card = received.header("X-Card").unwrap_or_default();
        assert!(card == CLEAR && body.contains(CLEAR), "{card} {body}");
        if received.header("X-Bad").is_none() {
            return Reply::ok();
        }
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        Reply::raw(format!("{head}zz {card} {body}\r\n")).then_close()
    });
    let proxy = setup
        .tables(&keys())
        .tables(RULE)
        .sgate(ROUTE)
        .origin(&origin)
        .http2()
        .start();
    let sealed = format!("\"{}\"", encrypted()[2]);
    let callback = Signer::get().sgate("/cb", event(["1", "1", &sealed, "1", "1"]));
    assert_eq!(callback.send(&proxy).status, 200);
    let mut client = Client::connect(proxy.address);
    client.send(&callback.clone().header("X-Bad", "1").with_length());
    // The proxy had already sent the response's headers when the body turned out to be invalid.
    let _ = client.try_rest();
    let mut forged = callback.clone();
    forged.body.push(b' ');
    assert_eq!(forged.send(&proxy).status, 400);
    origin.requests(2);
    proxy
}

fn says_nothing(proxy: Proxy) {
    proxy.signal("TERM");
    let (_, access, errors) = proxy.ended();
    assert!(errors.iter().any(|line| line.contains("listening on")));
    for line in access.iter().chain(&errors) {
        for secret in [CLEAR, BODY, "V-Signature", "v-signature", &encrypted()[2]] {
            assert!(!line.contains(secret), "{secret}: {line}");
        }
    }
}

#[test]
fn the_trace_level_reveals_nothing_of_a_decrypted_callback() {
    let log = "[log]\nformat = \"json\"\nlevel = \"trace\"";
    says_nothing(exchange(Setup::new().top(log)));
}

#[test]
fn the_command_line_cannot_make_libraries_log_clear_text() {
    let set = Setup::new().command(|command, _| {
        command.args(["--set", "log.level=trace"]);
    });
    says_nothing(exchange(set));
}
