//! What the error log says about callbacks that got no response from a backend.

use std::net::TcpListener;
use std::time::Instant;

use serde_json::Value;

use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Setup, address};

fn callback() -> Callback {
    Signer::get().sgate("/cb", r#"{"event":"E"}"#)
}

fn start(servers: &[std::net::SocketAddr], lines: &str) -> Proxy {
    Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .servers(servers, lines)
        .start()
}

/// The error log's messages of level `error`.
fn errors(proxy: Proxy) -> Vec<String> {
    proxy.signal("TERM");
    let (_, _, lines) = proxy.ended();
    // Lines before the configuration is read are text.
    let lines = lines
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors = lines.filter(|line| line["level"] == "error");
    errors
        .map(|line| line["message"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_failed_request_is_logged_in_one_line_with_its_id_and_cause() {
    for (answer, reason, words) in [
        (
            "",
            "upstream_timeout",
            "no answer within 300ms (read_timeout)",
        ),
        (
            "HTTP/1.1 200 OK\r\nSet-Cookie: secret\r\nWarning: a\u{1}b\r\n\r\n",
            "upstream_invalid",
            r#"its answer is malformed: line 3, "Warning: a\x01b": invalid header value"#,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\n",
            "upstream_invalid",
            r#"its answer is malformed: Content-Length "4, 5""#,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            "upstream_timeout",
            "the answer is truncated: nothing more of it arrived within 300ms (read_timeout)",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n",
            "upstream_invalid",
            "the answer is truncated: one of its chunks is malformed",
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "upstream_invalid",
            "it switched protocols without being asked",
        ),
    ] {
        let origin = Origin::answering(move |_| Reply::raw(answer));
        let proxy = start(&[origin.address], "read_timeout = \"300ms\"");
        let mut client = Client::connect(proxy.address);
        client.send(&callback().with_length());
        let line = proxy.access();
        assert_eq!(line["reason"], reason, "{answer}");
        let id = line["id"].as_str().unwrap();
        let expected = format!(
            "request {id}: {reason}: upstream origin: {}: {words}",
            origin.address
        );
        let lines = errors(proxy);
        assert_eq!(lines, [expected]);
    }
    for (answer, words) in [
        ("", "it closed the connection without an answer"),
        (
            "HTTP/1.1",
            "it closed the connection after 8 bytes of its answer's header",
        ),
    ] {
        let origin = Origin::answering(move |_| Reply::raw(answer).then_close());
        let proxy = start(&[origin.address], "");
        assert_eq!(callback().send(&proxy).status, 502);
        let lines = errors(proxy);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains(words), "{lines:?}");
    }
}

#[test]
fn servers_that_failed_before_another_answered_are_logged_in_one_line() {
    let (dead, good) = ([address::unused(), address::unused()], Origin::start());
    let proxy = start(&[dead[0], dead[1], good.address], "");
    assert_eq!(callback().send(&proxy).status, 200);
    let id = proxy.access()["id"].as_str().unwrap().to_owned();
    let lines = errors(proxy);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains(&format!("request {id}: upstream origin: ")),
        "{lines:?}"
    );
    assert!(lines[0].contains("another server answered"), "{lines:?}");
    for server in dead {
        let words = format!("{server}: cannot connect: Connection refused");
        assert!(lines[0].contains(&words), "{lines:?}");
    }
}

#[test]
fn a_failing_server_is_logged_once_a_second_with_the_count_of_omitted_lines() {
    let proxy = start(&[address::unused()], "");
    let callback = callback();
    let started = Instant::now();
    let mut sent = 0;
    // Some lines are suppressed. A later line, at any time after a second, gives their number.
    while started.elapsed().as_secs() < 3 {
        assert_eq!(callback.send(&proxy).status, 502);
        sent += 1;
    }
    let seconds = usize::try_from(started.elapsed().as_secs()).unwrap();
    let lines = errors(proxy);
    assert!(
        lines.len() <= seconds + 1,
        "{} lines in {seconds} s",
        lines.len()
    );
    assert!(
        lines[0].contains(": upstream_unreachable: upstream origin: "),
        "{lines:?}"
    );
    let left_out = |line: &String| {
        let (before, _) = line.split_once(" more since the last line)")?;
        before.rsplit('(').next()?.parse::<usize>().ok()
    };
    let left_out: usize = lines.iter().filter_map(left_out).sum();
    assert!(left_out > 0 && lines.len() + left_out <= sent, "{lines:?}");
}

#[test]
fn an_upstream_without_usable_servers_is_logged_in_one_line_with_an_id() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = silent.local_addr().unwrap();
    let proxy = Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .tables(&format!(
            "[[upstream]]\nname = \"origin\"\nservers = [{{ address = \"{server}\", down = true }}]"
        ))
        .start();
    assert_eq!(callback().send(&proxy).status, 502);
    let id = proxy.access()["id"].as_str().unwrap().to_owned();
    let lines = errors(proxy);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let expected = format!("request {id}: upstream_unreachable: upstream origin: no server is up");
    assert!(lines[0].contains(&expected), "{lines:?}");
}
