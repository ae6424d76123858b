//! Formats of the access log, sampling, and routes without an access log.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use countersign::record::variables;

use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Setup};

fn start(log: &str, route: &str, origin: &Origin) -> Proxy {
    Setup::new()
        .top(&format!("[log]\n{log}"))
        .sgate(&format!("name = \"bank\"\npath = \"/cb\"\n{route}"))
        .origin(origin)
        .start()
}

/// A genuine callback and a forged one.
fn callbacks() -> [Callback; 2] {
    let good = Signer::get()
        .sgate("/cb?order=7", r#"{"order":"A \"1\"","card":"4111"}"#)
        .header("Referer", "http://a/")
        .header("User-Agent", b"agent \"x\" \\ \xc3\xa9");
    let mut forged = good.clone();
    forged.body.push(b' ');
    [good, forged]
}

/// Sends a genuine callback and a forged one; returns both log lines.
fn lines(log: &str, route: &str) -> [String; 2] {
    let origin = Origin::start();
    let proxy = start(log, route, &origin);
    let [good, forged] = callbacks();
    assert_eq!(good.send(&proxy).status, 200);
    let first = proxy.access_line();
    assert_eq!(forged.send(&proxy).status, 400);
    [first, proxy.access_line()]
}

/// Whether the time has the form `24/Nov/2026:23:32:31 +0000`.
fn is_common_time(time: &str) -> bool {
    let shape: String = time
        .chars()
        .map(|c| match c {
            '0'..='9' => '0',
            'a'..='z' | 'A'..='Z' => 'a',
            '-' => '+',
            c => c,
        })
        .collect();
    shape == "00/aaa/0000:00:00:00 +0000"
}

#[test]
fn the_combined_format_matches_nginx_to_the_byte() {
    let [good, forged] = lines("format = \"combined\"\nescape = \"json\"", "");
    let (before, rest) = good.split_once(" [").unwrap();
    let (time, rest) = rest.split_once("] ").unwrap();
    assert_eq!(before, "127.0.0.1 - -");
    assert!(is_common_time(time), "{time}");
    assert_eq!(
        rest,
        r#""POST /cb?order=7 HTTP/1.1" 200 3 "http://a/" "agent \x22x\x22 \x5C \xC3\xA9""#
    );
    assert!(forged.contains("\" 400 "), "{forged}");
}

#[test]
fn every_variable_can_be_used_in_a_format() {
    let origin = Origin::start();
    let names: Vec<&str> = variables()
        .filter_map(|fact| fact.variable)
        // These values contain a space, which separates fields below.
        .filter(|name| !["request", "time_local"].contains(name))
        .chain(["http_host", "http_none"])
        .collect();
    let format: Vec<_> = names.iter().map(|name| format!("{name}=${name}")).collect();
    let log = format!("format = '$$ {} ${{status}}x'", format.join(" "));
    let proxy = start(&log, "", &origin);
    let [good, forged] = callbacks();
    let request = good.header("Connection", "close").with_length();
    let mut stream = TcpStream::connect(proxy.address).unwrap();
    stream.write_all(&request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();

    let line = proxy.access_line();
    assert!(
        line.starts_with("$ remote_addr=127.0.0.1 ") && line.ends_with(" 200x"),
        "{line}"
    );
    let value = |name: &str| {
        let mut values = line.split(' ').filter_map(|part| part.split_once('='));
        values
            .find(|(other, _)| *other == name)
            .unwrap()
            .1
            .to_owned()
    };
    let answer_text = String::from_utf8(answer.clone()).unwrap();
    let id = answer_text
        .lines()
        .find_map(|line| line.strip_prefix("X-Request-Id: ").map(str::to_owned));
    for (name, expected) in [
        ("remote_user", "-"),
        ("request_method", "POST"),
        ("request_uri", "/cb?order=7"),
        ("uri", "/cb"),
        ("args", "order=7"),
        ("server_protocol", "HTTP/1.1"),
        ("request_scheme", "http"),
        ("host", "pay.example"),
        ("http_host", "pay.example"),
        ("http_none", "-"),
        ("status", "200"),
        ("body_bytes_sent", "3"),
        ("bytes_sent", &answer.len().to_string()),
        ("request_length", &request.len().to_string()),
        ("upstream_addr", &origin.address.to_string()),
        ("upstream_status", "200"),
        ("verdict", "verified"),
        ("reason", "-"),
        ("reason_at", "-"),
        ("reason_detail", "-"),
        ("ambiguous", "-"),
        ("once", "-"),
        ("decrypted", "-"),
        ("scheme", "sgate"),
        ("key", "signer"),
        ("route", "bank"),
        ("sample_rate", "1"),
    ] {
        assert_eq!(value(name), expected, "{name}");
    }
    if let Some(id) = id {
        assert_eq!(value("request_id"), id);
    }
    assert_eq!(
        value("time_iso8601").len(),
        "2026-11-24T23:32:31+00:00".len()
    );
    for name in [
        "msec",
        "request_time",
        "upstream_connect_time",
        "upstream_response_time",
        "read_time",
        "verify_time",
    ] {
        assert!(value(name).parse::<f64>().unwrap() >= 0.0, "{name}");
    }

    assert_eq!(forged.send(&proxy).status, 400);
    let line = proxy.access_line();
    for part in [
        " verdict=rejected reason=signature_mismatch ",
        " upstream_status=- ",
        " key=- ",
    ] {
        assert!(line.contains(part), "{line}");
    }
    // A request that cannot be parsed has no such parts.
    let mut client = Client::connect(proxy.address);
    client.send(b"\x16\x03 /\r\n\r\n");
    assert_eq!(client.response().status, 400);
    let line = proxy.access_line();
    assert!(
        line.contains(" request_method=- request_uri=- uri=- args=- "),
        "{line}"
    );
}

#[test]
fn body_fields_are_logged_if_verified_and_named_by_the_route() {
    let [good, forged] = lines(
        "format = '{\"order\":\"$field_order\",\"agent\":\"$http_user_agent\"}'\nescape = \"json\"",
        "fields = { \"X-Order\" = \"order\" }",
    );
    let good: serde_json::Value = serde_json::from_str(&good).unwrap();
    assert_eq!(good["order"], "A \"1\"");
    assert_eq!(good["agent"], "agent \"x\" \\ é");
    let forged: serde_json::Value = serde_json::from_str(&forged).unwrap();
    assert_eq!(forged["order"], "");
}

#[test]
fn sampling_logs_a_share_of_successes_and_every_refusal() {
    const EACH: usize = 200;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("access.log");
    let origin = Origin::start();
    let log = format!(
        "access = \"{}\"\nsample_success = \"1/4\"\nformat = \"json\"",
        file.display()
    );
    let proxy = start(&log, "", &origin);
    let [good, forged] = callbacks().map(|callback| callback.with_length());
    let mut client = Client::connect(proxy.address);
    for _ in 0..EACH {
        client.send(&good);
        assert_eq!(client.response().status, 200);
    }
    for _ in 0..3 {
        let mut client = Client::connect(proxy.address);
        client.send(&forged);
        assert_eq!(client.response().status, 400);
    }
    proxy.signal("TERM");
    assert_eq!(proxy.ended().0, Some(0));
    let lines = json_lines(&file);
    let count = |status: u16, rate: f64| {
        let is_such =
            |line: &&serde_json::Value| line["status"] == status && line["sample_rate"] == rate;
        lines.iter().filter(is_such).count()
    };
    assert_eq!(count(400, 1.0), 3);
    let successes = count(200, 0.25);
    assert!((15..=100).contains(&successes), "{successes}");
    assert_eq!(successes + 3, lines.len());
}

fn json_lines(file: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_route_can_switch_its_access_log_off() {
    let origin = Origin::start();
    let proxy = start("format = \"combined\"", "access_log = \"off\"", &origin);
    let [good, _] = callbacks();
    assert_eq!(good.send(&proxy).status, 200);
    assert_eq!(Callback::post("/other", "").send(&proxy).status, 404);
    assert!(proxy.access_line().contains("POST /other "));
}
