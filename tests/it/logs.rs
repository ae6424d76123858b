//! What the logs contain, and what they must never contain.

use std::os::unix::net::UnixDatagram;
use std::time::SystemTime;

use crate::support::signer::{API_KEY, Signer};
use crate::support::{Callback, Origin, PATIENCE, Proxy, Setup};

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

/// Sends a genuine and a forged callback and an unroutable request; returns both logs.
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
    // The error log is JSON, too, once the configuration has been loaded.
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

/// Without `library_level`, `level` would apply to libraries, too.
#[test]
fn libraries_log_traffic_only_at_their_own_level() {
    for (log, shows) in [
        ("level = \"trace\"", false),
        ("level = \"error\"\nlibrary_level = \"trace\"", true),
    ] {
        let origin = Origin::start();
        let proxy = start(log, &origin);
        assert_eq!(callback().send(&proxy).status, 200);
        proxy.signal("TERM");
        let (_, _, errors) = proxy.ended();
        let says = |text: &str| errors.iter().any(|line| line.contains(text));
        assert_eq!(says("V-Signature"), shows);
        assert_eq!(says("pingora"), shows);
        assert_eq!(says("listening on"), !shows);
    }
}

/// Characters that are line ends for some readers, change the text direction or are invisible.
const HIDDEN: &str = "\u{2028}\u{2029}\u{202e}\u{200b}\u{feff}\u{85}";

#[test]
fn client_text_cannot_end_a_line_or_reverse_its_direction() {
    let callback = Callback::post(&format!("/a{HIDDEN}b"), "").header("User-Agent", HIDDEN);
    let json = r"\u2028\u2029\u202e\u200b\ufeff\u0085";
    let text = r"\u{2028}\u{2029}\u{202e}\u{200b}\u{feff}\u{85}";
    let bytes = r"\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAE\xE2\x80\x8B\xEF\xBB\xBF\xC2\x85";
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("syslog");
    let syslog = UnixDatagram::bind(&socket).unwrap();
    syslog.set_read_timeout(Some(PATIENCE)).unwrap();
    let to_syslog = format!("access = \"syslog:server=unix:{}\"", socket.display());
    for (log, escaped) in [
        ("format = \"json\"", json),
        ("format = \"text\"", text),
        ("format = \"combined\"", bytes),
        ("format = '$request $http_user_agent'", bytes),
        (
            "format = '$request $http_user_agent'\nescape = \"json\"",
            json,
        ),
        (&to_syslog, text),
    ] {
        let proxy = start(log, &Origin::start());
        assert_eq!(callback.send(&proxy).status, 404);
        let line = if log == to_syslog {
            let mut buffer = vec![0; 1 << 16];
            let length = syslog.recv(&mut buffer).unwrap();
            String::from_utf8(buffer[..length].to_vec()).unwrap()
        } else {
            proxy.access_line()
        };
        assert!(line.contains(&format!("/a{escaped}b")), "{log}: {line}");
        assert!(!line.contains(|c| HIDDEN.contains(c)), "{log}: {line}");
    }
}

/// Operators need this to diagnose an unknown merchant or a wrong clock.
#[test]
fn a_refusal_logs_the_unknown_key_id_and_the_clock_difference() {
    let start = |log: &str| {
        Setup::new()
            .top(&format!("[log]\n{log}"))
            .route(
                "name = \"bank\"\npath = \"/cb\"\nscheme = \"sgate\"\nexpose_reason = true\n\
                 key_header = \"V-Api-Key\"\nkeys = { \"mk_test\" = \"signer\" }\nupstream = \"echo\"",
            )
            .start()
    };
    let unknown = |id: &str| callback().with("V-Api-Key", Some(id));
    let proxy = start("format = \"json\"");
    let refused = |callback: &Callback| {
        let answer = callback.send(&proxy);
        assert_eq!(answer.status, 400);
        assert!(!String::from_utf8_lossy(&answer.body).contains("detail"));
        proxy.access()
    };
    let line = refused(&unknown("mk_50 \" x=y"));
    assert_eq!(line["reason"], "key_unknown");
    assert_eq!(line["at"], "header:v-api-key");
    assert_eq!(line["detail"], "key_id:mk_50 \" x=y");
    let line = refused(&unknown(&"é".repeat(1000)));
    assert_eq!(line["detail"], format!("key_id:{}…", "é".repeat(64)));

    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    for (signed, reason, sign) in [
        (now - 1000, "timestamp_stale", "-1"),
        (now + 1500, "timestamp_future", "+1"),
    ] {
        let callback = Signer::get().sgate_at("/cb", "/cb", "{}", &signed.to_string(), "n");
        let line = refused(&callback);
        assert_eq!(line["reason"], reason);
        let detail = line["detail"].as_str().unwrap();
        let skew = detail.strip_prefix("skew:").unwrap();
        assert!(skew.starts_with(sign) && skew.ends_with('s'), "{detail}");
    }

    let proxy = start("format = \"text\"");
    assert_eq!(unknown("mk_50 \"").send(&proxy).status, 400);
    let line = proxy.access_line();
    let told = r#" at=header:v-api-key detail="key_id:mk_50 \"" once="#;
    assert!(line.contains(told), "{line}");
    assert_eq!(callback().send(&proxy).status, 200);
    assert!(!proxy.access_line().contains("detail="));
    let proxy = start("format = '$reason $reason_detail'");
    assert_eq!(unknown("mk_50").send(&proxy).status, 400);
    assert_eq!(proxy.access_line(), "key_unknown key_id:mk_50");
}

/// A wrong `key_header` must not put credentials or a signature into the log.
#[test]
fn a_key_id_from_a_secret_header_is_not_logged() {
    for header in ["V-Signature", "Authorization"] {
        let proxy = Setup::new()
            .top("[log]\nformat = \"json\"")
            .route(&format!(
                "name = \"bank\"\npath = \"/cb\"\nscheme = \"sgate\"\nkey_header = \"{header}\"\n\
                 keys = {{ \"mk_test\" = \"signer\" }}\nupstream = \"echo\""
            ))
            .start();
        let callback = callback().header("Authorization", "Basic c2VjcmV0");
        assert_eq!(callback.send(&proxy).status, 400);
        let line = proxy.access();
        assert_eq!(line["reason"], "key_unknown");
        assert_eq!(line.get("detail"), None, "{line}");
    }
}

#[test]
fn the_access_log_goes_to_its_destination() {
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
