//! The committed corpora of the fuzz targets (docs/security.md), replayed.

use std::fs;

#[allow(unreachable_pub, reason = "the fuzz targets see it as a library")]
#[path = "../../fuzz/checks/lib.rs"]
mod checks;

fn replay(target: &str, check: fn(&[u8])) {
    let mut files = 0;
    for entry in fs::read_dir(format!("fuzz/corpus/{target}")).unwrap() {
        check(&fs::read(entry.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files > 5, "{files}");
}

#[test]
fn answers() {
    replay("answers", checks::answers::check);
}

#[test]
fn json() {
    replay("json", checks::json::check);
}

#[test]
fn client_address() {
    replay("client_address", checks::client_address::check);
}

#[test]
fn proxy_header() {
    replay("proxy_header", checks::proxy_header::check);
}

#[test]
fn config() {
    replay("config", checks::config::check);
}

#[test]
fn content() {
    replay("content", checks::content::check);
}

#[test]
fn decrypt() {
    replay("decrypt", checks::decrypt::check);
}

#[test]
fn tamper() {
    replay("tamper", checks::tamper::check);
}

#[test]
fn headers() {
    replay("headers", checks::headers::check);
}

#[test]
fn routes() {
    replay("routes", checks::routes::check);
}
