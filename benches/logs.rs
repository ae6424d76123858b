//! What a line of the access log costs the request that writes it: `cargo bench --locked --bench
//! logs`. Results: docs/performance.md.

// A measurement that cannot be prepared has nothing better to do than to stop.
#![allow(clippy::unwrap_used)]

use std::io;
use std::time::{Duration, SystemTime};

use countersign::config::{AccessFormat, ClientAddress, Escape, Piece, Template, Variable};
use countersign::ops::access_log::{AccessLog, Caller, Entry};
use countersign::ops::line_sink::LineSink;
use countersign::ops::log_output::Stream;
use divan::{AllocProfiler, Bencher, black_box};
use http::HeaderMap;
use log::Level;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

fn entry(headers: &HeaderMap) -> Entry<'_> {
    Entry {
        time: Some(SystemTime::now()),
        client: Caller {
            address: ClientAddress::Ip([192, 0, 2, 1].into()),
            port: Some(4711),
            peer: None,
        },
        method: Some("POST"),
        target: Some("/callback/cheezeepay?order=4711"),
        protocol: Some("HTTP/1.1"),
        host: Some("pay.example.com"),
        headers: Some(headers),
        route: Some("cheezeepay-payin"),
        scheme: Some("cheezeepay"),
        key: Some("cheezeepay-2026"),
        verdict: Some("verified"),
        status: 200,
        upstream: Some("127.0.0.1:9000"),
        duration: Duration::from_micros(1234),
        read: Some(Duration::from_micros(7)),
        verify: Some(Duration::from_micros(83)),
        upstream_time: Some(Duration::from_micros(1100)),
        bytes_in: 512,
        bytes_out: 7,
        request_id: "0197f3a2b1c47d8e9fa0b1c2d3e4f506",
        ..Entry::default()
    }
}

fn write(bencher: Bencher<'_, '_>, format: AccessFormat, sample_success: f64) {
    let sink = LineSink::start("nothing".to_owned(), Stream(io::sink())).unwrap();
    let log = AccessLog::new(sink, Level::Info, format, sample_success);
    let mut headers = HeaderMap::new();
    headers.insert("user-agent", "okhttp/4.12.0".parse().unwrap());
    let entry = entry(&headers);
    bencher.bench_local(|| log.write(black_box(&entry)));
}

#[divan::bench]
fn text(bencher: Bencher<'_, '_>) {
    write(bencher, AccessFormat::Text, 1.0);
}

#[divan::bench]
fn json(bencher: Bencher<'_, '_>) {
    write(bencher, AccessFormat::Json, 1.0);
}

/// A line that sampling leaves out.
#[divan::bench]
fn left_out(bencher: Bencher<'_, '_>) {
    write(bencher, AccessFormat::Text, 0.0);
}

/// The combined line, as a configuration compiles it.
#[divan::bench]
fn combined(bencher: Bencher<'_, '_>) {
    let text = |text: &str| Piece::Text(text.to_owned());
    let header = |name: &str| Piece::Variable(Variable::Header(name.parse().unwrap()));
    let pieces = vec![
        Piece::Variable(Variable::RemoteAddr),
        text(" - "),
        Piece::Variable(Variable::RemoteUser),
        text(" ["),
        Piece::Variable(Variable::TimeLocal),
        text("] \""),
        Piece::Variable(Variable::Request),
        text("\" "),
        Piece::Variable(Variable::Status),
        text(" "),
        Piece::Variable(Variable::BodyBytesSent),
        text(" \""),
        header("referer"),
        text("\" \""),
        header("user-agent"),
        text("\""),
    ];
    let template = Template {
        pieces,
        escape: Escape::Default,
        fields: Vec::new(),
    };
    write(bencher, AccessFormat::Template(template), 1.0);
}
