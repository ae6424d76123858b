//! Report mode: a route that rejects nothing for a while, and tells what it would have rejected.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use countersign::config::format_time;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::http1::Response;
use crate::support::origin::Received;
use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Origin, Proxy, Setup};

const HOUR: u64 = 60 * 60;

fn now() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// These many seconds from now, as a configuration has a time.
fn in_seconds(seconds: u64) -> String {
    format_time(now() + i64::try_from(seconds).unwrap())
}

/// The lines of a route that is in report mode for this long.
pub(crate) fn mode(seconds: u64) -> String {
    format!("mode = \"report\"\nuntil = {}\n", in_seconds(seconds))
}

fn genuine(target: &str) -> Callback {
    Signer::get().sgate(target, r#"{"event":"E","amount":5}"#)
}

fn forged(target: &str) -> Callback {
    Callback {
        body: br#"{"event":"E","amount":6}"#.to_vec(),
        ..genuine(target)
    }
}

/// A client's own statements that it was verified.
fn with_claims(callback: Callback) -> Callback {
    let names = [
        "X-Verified-Scheme",
        "x_verified_key",
        "X.Verified.At",
        "X-Amount",
        "Countersign-Report",
        "countersign_report",
    ];
    names
        .into_iter()
        .fold(callback, |callback, name| callback.header(name, "verified"))
}

/// What a backend may take for the word of the proxy.
fn statements(received: &Received) -> Vec<(String, String)> {
    let folded = |name: &str| name.to_lowercase().replace(['_', '.'], "-");
    let is_statement = |name: &str| {
        let name = folded(name);
        name.starts_with("x-verified-") || name == "x-amount" || name == "countersign-report"
    };
    let headers = received.headers.iter();
    let headers = headers.filter(|(name, _)| is_statement(name));
    headers
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn report(text: &str) -> Vec<(String, String)> {
    vec![("Countersign-Report".to_owned(), text.to_owned())]
}

fn told(line: &Value) -> Value {
    json!([line["verdict"], line["reason"], line["status"]])
}

#[test]
fn everything_is_forwarded_as_it_came_without_a_verified_header() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let proxy = Setup::new()
        .sgate(&format!(
            "name = \"r\"\npath = \"/cb\"\nfields = {{ \"X-Amount\" = \"amount\" }}\n{}",
            mode(HOUR)
        ))
        .sgate("name = \"strict\"\npath = \"/strict\"")
        .origin(&origin)
        .admin(&admin)
        .start();
    let wrong = "rejected; reason=signature_mismatch";
    let unsigned = Callback::post("/cb", "not JSON at all");
    for (callback, said, line) in [
        (genuine("/cb"), "verified", json!(["verified", null, 200])),
        (
            forged("/cb"),
            wrong,
            json!(["would_reject", "signature_mismatch", 200]),
        ),
        (
            unsigned,
            "rejected; reason=signature_missing",
            json!(["would_reject", "signature_missing", 200]),
        ),
    ] {
        let callback = with_claims(callback);
        assert_eq!(callback.send(&proxy).status, 200);
        let received = origin.last();
        assert_eq!(statements(&received), report(said));
        assert_eq!(received.body, callback.body);
        assert_eq!(told(&proxy.access()), line);
    }
    // Also where nothing is reported, nobody else may set the header.
    assert_eq!(with_claims(forged("/strict")).send(&proxy).status, 400);
    assert_eq!(told(&proxy.access())[0], "rejected");
    assert_eq!(with_claims(genuine("/strict")).send(&proxy).status, 200);
    let names: Vec<String> = statements(&origin.last())
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert!(names.iter().all(|name| name.starts_with("X-Verified-")));

    proxy.access();
    let metrics = admin.metrics();
    for (series, value) in [
        (
            "countersign_verdicts_total{key=\"\",route=\"r\",scheme=\"sgate\",verdict=\"would_reject\"}",
            2.0,
        ),
        (
            "countersign_verdicts_total{key=\"signer\",route=\"r\",scheme=\"sgate\",verdict=\"verified\"}",
            1.0,
        ),
        (
            "countersign_verdicts_total{key=\"\",route=\"r\",scheme=\"sgate\",verdict=\"rejected\"}",
            0.0,
        ),
        (
            "countersign_would_reject_total{reason=\"signature_mismatch\",route=\"r\",scheme=\"sgate\"}",
            1.0,
        ),
        (
            "countersign_would_reject_total{reason=\"signature_missing\",route=\"r\",scheme=\"sgate\"}",
            1.0,
        ),
    ] {
        assert_eq!(
            metrics.value(series),
            Some(value),
            "{series}\n{}",
            metrics.text
        );
    }
    assert!(
        metrics
            .series("countersign_rejections_total")
            .iter()
            .all(|series| !series.contains("\"r\""))
    );
}

#[test]
fn what_is_refused_before_the_verdict_is_refused_in_report_mode_too() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate(&format!(
            "name = \"r\"\npath = \"/cb\"\nbody_limit = \"1KiB\"\n{}",
            mode(HOUR)
        ))
        .sgate(&format!(
            "name = \"closed\"\npath = \"/closed\"\ndeny = [\"127.0.0.0/8\"]\n{}",
            mode(HOUR)
        ))
        .sgate(&format!(
            "name = \"seldom\"\npath = \"/seldom\"\nrate_limit = {{ rate = \"1/h\" }}\n{}",
            mode(HOUR)
        ))
        .origin(&origin)
        .start();
    let large = Callback::post("/cb", "x".repeat(2000));
    let get = Callback {
        method: "GET".to_owned(),
        ..genuine("/cb")
    };
    let twice = genuine("/cb").header("Transfer-Encoding", "chunked");
    for (callback, status) in [
        (large, 413),
        (get, 405),
        (genuine("/closed"), 403),
        (twice, 400),
    ] {
        assert_eq!(callback.send(&proxy).status, status);
    }
    assert_eq!(forged("/seldom").send(&proxy).status, 200);
    assert_eq!(forged("/seldom").send(&proxy).status, 429);
    assert_eq!(origin.count(), 1);
}

#[test]
fn repeats_and_what_would_fail_after_the_verdict_are_reported_and_forwarded() {
    let origin = Origin::start();
    let once = "once = { identity = [\"order\"] }";
    let proxy = Setup::new()
        .top("[once]\nstore = \"memory\"\n")
        .sgate(&format!(
            "name = \"once\"\npath = \"/once\"\n{once}\n{}",
            mode(HOUR)
        ))
        .sgate(&format!(
            "name = \"long\"\npath = \"/long\"\nonce = false\nfields = {{ \"X-Long\" = \"long\" }}\n{}",
            mode(HOUR)
        ))
        .origin(&origin)
        .start();
    let order = Signer::get().sgate("/once", r#"{"order":"7"}"#);
    for _ in 0..2 {
        assert_eq!(order.send(&proxy).status, 200);
        assert_eq!(statements(&origin.last()), report("verified"));
    }
    assert_eq!(origin.count(), 2);
    let nameless = genuine("/once");
    assert_eq!(nameless.send(&proxy).status, 200);
    let said = "rejected; reason=identity_unusable";
    assert_eq!(statements(&origin.last()), report(said));
    let body = format!("{{\"long\":\"{}\"}}", "x".repeat(5000));
    let long = Signer::get().sgate("/long", body);
    assert_eq!(long.send(&proxy).status, 200);
    let said = "rejected; reason=field_too_long";
    assert_eq!(statements(&origin.last()), report(said));
    assert_eq!(origin.last().header("X-Long"), None);
}

/// A clock that a test sets.
struct Clock {
    folder: TempDir,
}

impl Clock {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Self { folder };
        clock.set(0);
        clock
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    /// Sets it to so many seconds from now.
    fn set(&self, ahead: u64) {
        // Renamed into place, so that nobody reads half of it.
        let new = self.folder.path().join("new");
        fs::write(&new, format!("+{ahead}")).unwrap();
        fs::rename(new, self.file()).unwrap();
    }

    fn rule(&self, setup: Setup) -> Setup {
        setup
            .environment("LD_PRELOAD", "/usr/$LIB/faketime/libfaketimeMT.so.1")
            .environment("FAKETIME_TIMESTAMP_FILE", self.file().to_str().unwrap())
            .environment("FAKETIME_NO_CACHE", "1")
            .environment("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }
}

/// A callback signed so many seconds from now.
fn signed_at(ahead: u64, nonce: &str) -> Callback {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    Signer::get().sgate_at("/cb", "/cb", "{}", &(now + ahead).to_string(), nonce)
}

fn sent(proxy: &Proxy, callback: &Callback) -> Response {
    let answer = callback.send(proxy);
    proxy.access();
    answer
}

#[test]
fn over_a_day_nothing_is_rejected_until_the_end_and_everything_false_after_it() {
    let (origin, clock) = (Origin::start(), Clock::new());
    let setup = Setup::new()
        .sgate(&format!(
            "name = \"r\"\npath = \"/cb\"\n{}",
            mode(24 * HOUR)
        ))
        .origin(&origin);
    let proxy = clock.rule(setup).start();
    for hour in 0..24 {
        clock.set(hour * HOUR + 10);
        if matches!(hour, 1 | 2 | 23) {
            proxy.error_line("is in report mode until");
        }
        let good = signed_at(hour * HOUR + 10, &format!("a{hour}"));
        assert_eq!(sent(&proxy, &good).status, 200);
        assert_eq!(statements(&origin.last()), report("verified"));
        let bad = Callback {
            body: b"{\"a\":1}".to_vec(),
            ..good
        };
        assert_eq!(sent(&proxy, &bad).status, 200);
        let said = "rejected; reason=signature_mismatch";
        assert_eq!(statements(&origin.last()), report(said));
    }
    assert_eq!(origin.count(), 48);
    clock.set(24 * HOUR + 10);
    proxy.error_line("report mode has ended");
    let good = signed_at(24 * HOUR + 10, "b");
    let bad = Callback {
        body: b"{\"a\":1}".to_vec(),
        ..good.clone()
    };
    assert_eq!(sent(&proxy, &bad).status, 400);
    assert_eq!(sent(&proxy, &good).status, 200);
    assert_eq!(origin.count(), 49);
    let received = origin.last();
    assert_eq!(received.header("Countersign-Report"), None);
    assert_eq!(received.header("X-Verified-Scheme"), Some("sgate"));
    // The log has said so, and nothing says otherwise when the clock is set back.
    clock.set(20 * HOUR);
    let again = signed_at(20 * HOUR, "c");
    let bad = Callback {
        body: b"{\"a\":1}".to_vec(),
        ..again
    };
    assert_eq!(sent(&proxy, &bad).status, 400);
    assert_eq!(origin.count(), 49);
}

#[test]
fn once_the_end_is_past_a_start_enforces() {
    let (origin, clock) = (Origin::start(), Clock::new());
    clock.set(2 * HOUR);
    let setup = Setup::new()
        .sgate(&format!("name = \"r\"\npath = \"/cb\"\n{}", mode(HOUR)))
        .origin(&origin);
    let proxy = clock.rule(setup).start();
    let good = signed_at(2 * HOUR, "a");
    let bad = Callback {
        body: b"{\"a\":1}".to_vec(),
        ..good
    };
    assert_eq!(sent(&proxy, &bad).status, 400);
    assert_eq!(origin.count(), 0);
}
