//! What the logs say, and what they never say.

use crate::support::signer::{API_KEY, Signer};
use crate::support::{Callback, Origin, Proxy, Setup};

const SECRET: &str = "4111111111111111";

fn start(log: &str, origin: &Origin) -> Proxy {
    Setup::new()
        .top(&format!("[log]\n{log}"))
        .sgate("name = \"bank\"\npath = \"/cb\"")
        .origin(origin)
        .start()
}

fn callback() -> Callback {
    Signer::get().sgate(
        "/cb?order=7",
        format!(r#"{{"event":"E","cardno":"{SECRET}"}}"#),
    )
}

/// Sends a good and a bad callback and one that is no request, ends the proxy, and gives both logs.
fn logs(log: &str) -> (Vec<String>, Vec<String>) {
    let origin = Origin::start();
    let proxy = start(log, &origin);
    assert_eq!(callback().send(&proxy).status, 200);
    let mut forged = callback();
    forged.body.push(b' ');
    assert_eq!(forged.send(&proxy).status, 400);
    let forged = Callback::post("/a\u{85}", "");
    assert_eq!(forged.send(&proxy).status, 404);
    proxy.signal("TERM");
    let (code, access, errors) = proxy.ended();
    assert_eq!(code, Some(0));
    let all = [access.clone(), errors.clone()].concat().join("\n");
    let callback = callback();
    for secret in [SECRET, callback.value("V-Signature"), API_KEY, "a-nonce"] {
        assert!(!all.contains(secret), "{secret} in\n{all}");
    }
    (access, errors)
}

#[test]
fn access_lines_as_json() {
    let (access, errors) = logs("format = \"json\"");
    let lines: Vec<serde_json::Value> = access
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    let good = &lines[0];
    for (name, value) in [
        ("method", "POST"),
        ("target", "/cb?order=7"),
        ("protocol", "HTTP/1.1"),
        ("host", "pay.example"),
        ("route", "bank"),
        ("scheme", "sgate"),
        ("key", "signer"),
        ("verdict", "verified"),
    ] {
        assert_eq!(good[name], value, "{name}");
    }
    assert_eq!(good["reason"], serde_json::Value::Null);
    assert_eq!(good["status"], 200);
    assert_eq!(good["bytes_in"], callback().body.len());
    assert_eq!(good["bytes_out"], 3);
    let seconds = |name: &str| good[name].as_f64().unwrap();
    assert!(seconds("verify") > 0.0 && seconds("upstream_time") > 0.0);
    assert!(seconds("duration") >= seconds("read") + seconds("verify") + seconds("upstream_time"));
    assert!(good["client"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert!(good["time"].as_str().unwrap().ends_with('Z'));

    assert_eq!(lines[1]["verdict"], "rejected");
    assert_eq!(lines[1]["reason"], "signature_mismatch");
    assert_eq!(lines[1]["key"], serde_json::Value::Null);
    assert_eq!(lines[1]["upstream"], serde_json::Value::Null);
    assert_eq!(lines[2]["reason"], "route_not_found");
    assert_eq!(lines[2]["target"], "/a\u{85}");
    // The error log is of the same form, behind the warning of the start.
    let log = errors
        .iter()
        .find(|line| line.contains("listening on"))
        .unwrap();
    let log: serde_json::Value = serde_json::from_str(log).unwrap();
    assert_eq!(log["level"], "info");
}

#[test]
fn access_lines_as_text() {
    let (access, errors) = logs("format = \"text\"");
    assert_eq!(access.len(), 3);
    let good = &access[0];
    assert!(good.contains(" \"POST /cb?order=7 HTTP/1.1\" 200 host=pay.example route=bank scheme=sgate key=signer verdict=verified reason=- "), "{good}");
    assert!(access[1].contains(" verdict=rejected reason=signature_mismatch "));
    assert!(
        access[2].contains(r#" "POST /a\u{85} HTTP/1.1" 404 "#),
        "{}",
        access[2]
    );
    assert!(
        errors
            .iter()
            .any(|line| line.contains(" info ") && line.contains("listening on"))
    );
}

#[test]
fn access_log_goes_where_it_is_told() {
    let (access, errors) = logs("access = \"stderr\"");
    assert_eq!(access, [""; 0]);
    assert_eq!(
        errors
            .iter()
            .filter(|line| line.contains("verdict="))
            .count(),
        3
    );
    let (access, errors) = logs("access = \"off\"\nlevel = \"error\"");
    assert_eq!(access, [""; 0]);
    assert!(
        !errors
            .iter()
            .any(|line| line.contains("verdict=") || line.contains("listening"))
    );
}
