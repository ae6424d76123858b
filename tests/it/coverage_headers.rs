//! Backends are told what a signature covers and proves; what it does not cover never looks verified.

use sha2::{Digest as _, Sha256};

use crate::support::http1::Response;
use crate::support::{Callback, Origin, Proxy, Setup};

const SECRET: &str = "a-secret-of-the-shop";

/// A proxy with this scheme and these lines on its route.
fn start(origin: &Origin, scheme: &str, route: &str) -> Proxy {
    Setup::new()
        .tables(&format!(
            "[[scheme]]\nname = \"own\"\n{scheme}\n[[key]]\nid = \"shop\"\nsecret = \"{SECRET}\"\n"
        ))
        .route(&format!(
            "name = \"r\"\npath_prefix = \"/cb\"\nscheme = \"own\"\nkeys = [\"shop\"]\n\
             expose_reason = true\n{route}"
        ))
        .origin(origin)
        .start()
}

/// What the backend is told about a callback.
fn told(origin: &Origin) -> (Option<String>, Option<String>) {
    let received = origin.last();
    let header = |name: &str| received.header(name).map(str::to_owned);
    (header("X-Verified-Covers"), header("X-Verified-Means"))
}

fn some(covers: &str, means: &str) -> (Option<String>, Option<String>) {
    (Some(covers.to_owned()), Some(means.to_owned()))
}

fn digest(content: &str) -> String {
    let digest = Sha256::digest(format!("{content}{SECRET}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn reason(answer: &Response) -> String {
    answer.json()["reason"].as_str().unwrap().to_owned()
}

/// A GET without a body.
fn get(target: &str) -> Callback {
    Callback {
        method: "GET".to_owned(),
        ..Callback::post(target, "")
    }
}

const FORM: &str = r#"algorithm = "sha256"
signature = "{form:sign|unhex}"
timestamp = "{form:time}"
max_age = "none"
content = "{form:order}{secret}"
event = "{form:event}"
not_covered = ["query", "fields", "timestamp", "event"]
"#;

#[test]
fn a_digest_over_fields_says_so_and_values_beside_them_are_not_verified() {
    let origin = Origin::start();
    let proxy = start(&origin, FORM, "fields = { \"X-Order\" = \"order\" }");
    let body = format!("order=7&time=1795531939&event=paid&sign={}", digest("7"));
    let callback = Callback::post("/cb", body)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("X-Verified-Covers", "method, target, headers, body")
        .header("x_verified_means", "signature");
    assert_eq!(callback.send(&proxy).status, 200);
    assert_eq!(told(&origin), some("fields", "digest"));
    let received = origin.last();
    assert_eq!(received.header("X-Order"), Some("7"));
    for unsigned in [
        "X-Verified-Timestamp",
        "X-Verified-Event",
        "x_verified_means",
    ] {
        assert_eq!(received.header(unsigned), None, "{unsigned}");
    }
}

const QUERY: &str = r#"algorithm = "sha256"
signature = "{query:sign|unhex}"
content = "{query:order}{secret}"
not_covered = ["method", "target", "body"]
"#;

#[test]
fn a_route_for_get_takes_no_body_that_nobody_signed() {
    let origin = Origin::start();
    let proxy = start(&origin, QUERY, "methods = [\"GET\"]");
    let target = format!("/cb?order=7&sign={}", digest("7"));
    assert_eq!(get(&target).send(&proxy).status, 200);
    assert_eq!(told(&origin), some("parameters", "digest"));
    let seen = origin.count();
    let with_body = Callback {
        body: b"{\"amount\":1}".to_vec(),
        ..get(&target)
    };
    let refused = with_body.send(&proxy);
    assert_eq!(
        (refused.status, &*reason(&refused)),
        (400, "body_unexpected")
    );
    assert_eq!(origin.count(), seen);
}

/// As MoonPay signs: the query as it came, and not the path.
#[test]
fn a_query_that_is_signed_whole_is_told_to_be_covered() {
    let origin = Origin::start();
    let scheme = r#"algorithm = "sha256"
signature = "{header:X-Sign|unhex}"
content = "{query}{secret}"
not_covered = ["method", "path", "body"]
"#;
    let proxy = start(&origin, scheme, "methods = [\"GET\"]");
    let callback = get("/cb?order=7").header("X-Sign", digest("order=7"));
    assert_eq!(callback.send(&proxy).status, 200);
    assert_eq!(told(&origin), some("parameters", "digest"));
}

#[test]
fn a_body_that_nobody_signed_passes_only_with_the_routes_word_or_once_for_each_signature() {
    let origin = Origin::start();
    let target = format!("/cb?order=7&sign={}", digest("7"));
    let changed = |body: &str| Callback::post(&target, body);
    let proxy = start(&origin, QUERY, "uncovered_body = true");
    assert_eq!(changed("{\"a\":1}").send(&proxy).status, 200);
    assert_eq!(changed("{\"a\":2}").send(&proxy).status, 200);
    let seen = origin.count();
    let proxy = start(&origin, QUERY, "once = true");
    assert_eq!(changed("{\"a\":1}").send(&proxy).status, 200);
    changed("{\"a\":2}").send(&proxy);
    assert_eq!(origin.count(), seen + 1, "the second is a repeat");
}

const TOKEN: &str = r#"algorithm = "token"
signature = "{query:token}"
not_covered = ["method", "target", "body"]
"#;

#[test]
fn a_token_covers_nothing_and_is_in_no_log() {
    let origin = Origin::start();
    let proxy = start(&origin, TOKEN, "uncovered_body = true");
    for target in [
        format!("/cb?a=1&token={SECRET}&b=2"),
        format!("/cb?t%6Fken={SECRET}"),
    ] {
        let answer = Callback::post(&target, "{}").send(&proxy);
        assert_eq!(answer.status, 200, "{target}");
        assert_eq!(told(&origin), some("none", "token"));
        let line = proxy.access();
        let shown = line["target"].as_str().unwrap();
        assert_eq!(shown, target.replace(SECRET, "[...]"));
    }
    let forged = Callback::post("/cb?token=another-secret-of-mine", "{}").send(&proxy);
    assert_eq!(forged.status, 400);
    proxy.signal("TERM");
    let (_, out, errors) = proxy.ended();
    let logs = [out, errors].concat().join("\n");
    assert!(!logs.contains(SECRET), "{logs}");
}

const IN_PATH: &str = r#"algorithm = "token"
signature = "{path|after-last:/}"
not_covered = ["method", "target", "body"]
"#;

#[test]
fn a_token_in_the_path_is_in_no_log() {
    let origin = Origin::start();
    let proxy = start(&origin, IN_PATH, "uncovered_body = true");
    let answer = Callback::post(&format!("/cb/x/{SECRET}?a=1"), "{}").send(&proxy);
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert_eq!(proxy.access()["target"], "/cb[...]?a=1");
}
