//! What an access-log line costs its request: `cargo bench --locked --bench logs`. Results:
//! docs/performance.md.

// If a benchmark cannot be set up, it should panic.
#![allow(clippy::unwrap_used)]

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use countersign::config::{AccessFormat, Escape, FormatPiece, Template};
use countersign::ops::access_log::AccessLog;
use countersign::ops::line_sink::LineSink;
use countersign::ops::log_output::Stream;
use countersign::record::{Caller, ClientAddress, Finished, ReceivedHead, Sizes, variable};
use countersign::verify::Scheme;
use divan::{AllocProfiler, Bencher, black_box};
use http::{HeaderValue, Method, header};
use log::Level;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

fn request(headers: Vec<(usize, HeaderValue)>) -> Finished {
    Finished {
        request_id: "0197f3a2b1c47d8e9fa0b1c2d3e4f506".to_owned(),
        time: Some(SystemTime::now()),
        duration: Duration::from_micros(1234),
        caller: Caller {
            address: ClientAddress::Ip([192, 0, 2, 1].into()),
            port: Some(4711),
            peer: None,
        },
        received: Some(ReceivedHead {
            method: Method::POST,
            target: "/callback/cheezeepay?order=4711".into(),
            protocol: Some("HTTP/1.1"),
            host: Some(HeaderValue::from_static("pay.example.com")),
            headers,
        }),
        sizes: Sizes {
            body_in: 512,
            body_out: 7,
            ..Sizes::default()
        },
        route: Some("cheezeepay-payin".into()),
        scheme: Scheme::find_built_in("cheezeepay").cloned().map(Arc::new),
        key: Some("cheezeepay-2026".to_owned()),
        verdict: Some("verified"),
        upstream: Some("127.0.0.1:9000".into()),
        read: Some(Duration::from_micros(7)),
        verify: Some(Duration::from_micros(83)),
        upstream_time: Some(Duration::from_micros(1100)),
        status: 200,
        ..Finished::default()
    }
}

fn write(bencher: Bencher<'_, '_>, format: AccessFormat, sample_success: f64) {
    let sink = LineSink::start("nothing".to_owned(), Stream(io::sink())).unwrap();
    let log = AccessLog::new(sink, Level::Info, format, sample_success);
    // The second header in the combined format.
    let request = request(vec![(1, HeaderValue::from_static("okhttp/4.12.0"))]);
    bencher.bench_local(|| log.write(black_box(&request)));
}

#[divan::bench]
fn text(bencher: Bencher<'_, '_>) {
    write(bencher, AccessFormat::Text, 1.0);
}

#[divan::bench]
fn json(bencher: Bencher<'_, '_>) {
    write(bencher, AccessFormat::Json, 1.0);
}

/// A line that sampling drops.
#[divan::bench]
fn left_out(bencher: Bencher<'_, '_>) {
    write(bencher, AccessFormat::Text, 0.0);
}

/// The combined format, as a configuration compiles it.
#[divan::bench]
fn combined(bencher: Bencher<'_, '_>) {
    let text = |text: &str| FormatPiece::Text(text.to_owned());
    let fact = |name: &str| FormatPiece::Fact(variable(name).unwrap());
    let pieces = vec![
        fact("remote_addr"),
        text(" - "),
        fact("remote_user"),
        text(" ["),
        fact("time_local"),
        text("] \""),
        fact("request"),
        text("\" "),
        fact("status"),
        text(" "),
        fact("body_bytes_sent"),
        text(" \""),
        FormatPiece::Header(0),
        text("\" \""),
        FormatPiece::Header(1),
        text("\""),
    ];
    let template = Template {
        pieces,
        escape: Escape::Default,
        headers: vec![header::REFERER, header::USER_AGENT],
        fields: Vec::new(),
    };
    write(bencher, AccessFormat::Template(template), 1.0);
}
