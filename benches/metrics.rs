//! The cost of counting one request: `cargo bench --locked --bench metrics`. Results:
//! docs/metrics.md.

// If a benchmark cannot be set up, it should panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use countersign::config::{self, Config};
use countersign::proxy::metrics::Metrics;
use countersign::record::Finished;
use countersign::verify::{Callback, verify};
use divan::{Bencher, black_box};
use http::HeaderMap;

fn main() {
    divan::main();
}

/// A route with a server, so that every metric is counted.
fn config() -> Config {
    let key = std::fs::canonicalize("conf/keys/cheezeepay.pem").unwrap();
    let text = format!(
        r#"
        listener = [{{ address = "127.0.0.1:8080" }}]
        key = [{{ id = "k", file = "{}" }}]
        upstream = [{{ name = "u", servers = ["127.0.0.1:9000"] }}]
        [[route]]
        name = "r"
        path = "/"
        scheme = "cheezeepay"
        keys = ["k"]
        upstream = "u"
        "#,
        key.display()
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, text).unwrap();
    config::load(file.path()).unwrap().config
}

/// Everything that a verified callback counts, from several threads at once.
#[divan::bench(threads = [1, 2], sample_size = 1000)]
fn verified_request(bencher: Bencher<'_, '_>) {
    let config = config();
    let series = Metrics::new().unwrap().series(&config);
    let route = &config.routes[0];
    let published = std::fs::read("tests/vectors/published.json").unwrap();
    let published: serde_json::Value = serde_json::from_slice(&published).unwrap();
    let body = published["cases"][0]["body"].as_str().unwrap();
    let headers = HeaderMap::new();
    let callback = Callback::new("POST", b"/", &headers, body.as_bytes());
    let verified = verify(&route.policy, callback, 1_700_000_000).unwrap();
    let took = Duration::from_micros(30);
    let finished = Finished {
        status: 200,
        duration: took,
        read: Some(took),
        upstream_time: Some(took),
        ..Finished::default()
    };
    bencher.bench(|| {
        series.looked(route, took);
        series.verified(route, black_box(&verified));
        series.ended(Some(route), black_box(&finished));
    });
}
