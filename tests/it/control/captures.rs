//! Captured requests: what is kept of which, and who makes room.

use std::fs;

use serde_json::Value;

use super::{acts, command, controlled, printed, refused};
use crate::report_mode;
use crate::support::http2::Http2;
use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Client, Origin, Proxy, Setup};

const ROUTES: [&str; 2] = [
    "name = \"one\"\npath = \"/one\"",
    "name = \"two\"\npath = \"/two\"",
];

/// A proxy with two routes that captures as these lines say.
fn capturing(origin: &Origin, more: &str, lines: &str) -> Setup {
    let [one, two] = ROUTES;
    controlled(more)
        .tables(&format!("[capture]\n{lines}"))
        .sgate(one)
        .sgate(two)
        .origin(origin)
}

/// A request that nobody signed.
fn forged(path: &str, body: &str) -> Callback {
    Callback::post(path, body)
}

/// Sends a request that is rejected, and returns its id.
fn rejected(proxy: &Proxy, callback: &Callback) -> String {
    assert_ne!(callback.send(proxy).status, 200);
    let line = proxy.access();
    line["id"].as_str().unwrap().to_owned()
}

fn listed(proxy: &Proxy, more: &[&str]) -> Value {
    let arguments = [&["capture", "list", "--json"], more].concat();
    serde_json::from_str(&printed(proxy, &arguments)).unwrap()
}

fn ids(list: &Value) -> Vec<&str> {
    let all = list["captures"].as_array().unwrap().iter();
    all.map(|one| one["id"].as_str().unwrap()).collect()
}

#[test]
fn a_rejected_request_can_be_listed_shown_and_exported() {
    let origin = Origin::start();
    let proxy = capturing(&origin, "", "").start();
    let accepted = Signer::get().sgate("/one", "{\"n\":1}");
    assert_eq!(accepted.send(&proxy).status, 200);
    proxy.access();
    let mut genuine = Signer::get().sgate("/one", "{\"n\":2}\n");
    genuine.body = b"{\"n\": 2}\n".to_vec();
    let id = rejected(&proxy, &genuine);
    let other = rejected(&proxy, &forged("/two?a=b", "x=1"));
    assert_eq!(forged("/nowhere", "{}").send(&proxy).status, 404);

    let list = listed(&proxy, &[]);
    assert_eq!(
        (ids(&list), &list["total"]),
        (vec![other.as_str(), &id], &2.into())
    );
    let first = &list["captures"][1];
    assert_eq!(
        (&first["route"], &first["body_length"]),
        (&"one".into(), &9.into())
    );
    let seen = printed(&proxy, &["capture", "show", &id, "--json"]);
    let seen: Value = serde_json::from_str(&seen).unwrap();
    for name in ["id", "time", "client", "route", "reason", "at", "cut"] {
        assert_eq!(first[name], seen[name], "{name}");
    }
    assert_eq!(ids(&listed(&proxy, &["--route", "one"])), [&id]);
    assert_eq!(ids(&listed(&proxy, &["--limit", "1"])), [&other]);
    let text = printed(&proxy, &["capture", "list"]);
    assert!(
        text.lines()
            .next()
            .unwrap()
            .contains("  two  signature_missing"),
        "{text}"
    );

    let shown = printed(&proxy, &["capture", "show", &id]);
    for line in [
        "id      ",
        "route   one",
        "POST /one",
        "| {\"n\": 2}",
        "body: 9 bytes",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    // The beginning of an id suffices; byte for byte, it is what was sent.
    let output = command(&proxy, &["capture", "export", &id[..28]]);
    assert_eq!(output.stdout, genuine.with_length());
    let json = printed(&proxy, &["capture", "show", &id, "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["body"], &json["cut"]),
        (&"{\"n\": 2}\n".into(), &false.into())
    );
    assert_eq!(json["tls"], false);

    assert!(refused(&proxy, &["capture", "show", &id[..4]]).contains("2 captured requests have"));
    assert!(refused(&proxy, &["capture", "show", &"0".repeat(32)]).contains("no captured request"));
    assert!(refused(&proxy, &["capture", "show", "x"]).contains("not the id of a request"));
    assert!(refused(&proxy, &["capture", "list", "--route", "three"]).contains("\"three\""));
    let act =
        |command: &str, object: &str, result: &str| [command, object, result].map(str::to_owned);
    assert_eq!(
        acts(&proxy),
        [
            act("capture show", &id, "sent"),
            act("capture show", &id, "sent"),
            act("capture export", &id, "sent"),
            act("capture show", &id, "sent"),
            act("capture show", &id[..4], "not found"),
            act("capture show", &"0".repeat(32), "not found"),
            act("capture show", "x", "not found"),
        ]
    );
}

#[test]
fn a_body_is_not_read_if_that_cannot_be_logged() {
    let origin = Origin::start();
    let proxy = capturing(&origin, "", "").start();
    let id = rejected(&proxy, &forged("/one", "a secret thing"));
    fs::write(proxy.file("audit.log"), "x".repeat(100_000)).unwrap();
    let output = command(&proxy, &["capture", "show", &id]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("must be logged")
    );
}

#[test]
fn nothing_is_captured_unless_the_route_does() {
    let origin = Origin::start();
    let proxy = capturing(&origin, "", "routes = [\"two\"]").start();
    rejected(&proxy, &forged("/one", "{}"));
    let id = rejected(&proxy, &forged("/two", "{}"));
    assert_eq!(ids(&listed(&proxy, &[])), [&id]);

    let [one, _] = ROUTES;
    let proxy = controlled("").sgate(one).origin(&origin).start();
    let why = refused(&proxy, &["capture", "list"]);
    assert!(
        why.contains("captures no requests: add `[capture]`, and reload"),
        "{why}"
    );
}

#[test]
fn long_bodies_are_cut_and_credentials_of_others_left_out() {
    let origin = Origin::start();
    let proxy = capturing(&origin, "", "body = \"1KiB\"").start();
    let callback = forged("/one", &"y".repeat(5000))
        .header("Authorization", "Bearer abcdef")
        .header("Cookie", "session=1")
        .header("X-Other", "kept");
    let id = rejected(&proxy, &callback);
    let output = command(&proxy, &["capture", "export", &id]);
    let text = String::from_utf8(output.stdout).unwrap();
    let note = String::from_utf8(output.stderr).unwrap();
    assert!(
        note.contains("only the first 1024 bytes of the body were kept, of 5000"),
        "{note}"
    );
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "y".repeat(1024));
    assert!(
        head.contains("Authorization: [...]\r\n") && head.contains("Cookie: [...]\r\n"),
        "{head}"
    );
    assert!(
        head.contains("X-Other: kept") && head.contains("Content-Length: 5000"),
        "{head}"
    );
    let shown = printed(&proxy, &["capture", "show", &id]);
    assert!(
        shown.contains("1024 of 5000 bytes") && shown.contains("(the rest was not kept)"),
        "{shown}"
    );
}

#[test]
fn a_header_that_the_scheme_reads_is_kept() {
    let origin = Origin::start();
    let proxy = controlled("")
        .tables(
            "[capture]\n[[scheme]]\nname = \"own\"\nalgorithm = \"hmac-sha256\"\n\
             signature = \"{header:authorization|unhex}\"\ncontent = \"{body}\"\n\
             [[key]]\nid = \"shop\"\nsecret = \"0123456789abcdef0123456789abcdef\"",
        )
        .route("name = \"one\"\npath = \"/one\"\nscheme = \"own\"\nkeys = [\"shop\"]")
        .origin(&origin)
        .start();
    let id = rejected(
        &proxy,
        &forged("/one", "{}").header("Authorization", "00".repeat(32)),
    );
    let text = printed(&proxy, &["capture", "export", &id]);
    assert!(
        text.contains(&format!("Authorization: {}\r\n", "00".repeat(32))),
        "{text}"
    );
}

#[test]
fn what_a_stranger_sends_cannot_change_a_terminal() {
    let origin = Origin::start();
    let proxy = capturing(&origin, "", "").start();
    let mut callback = forged("/one?\u{1b}", "").header("X-A", "\u{202e}\u{9b}31m");
    callback.target = "/one?%1b".to_owned();
    callback.body = b"\x1b]0;owned\x07\r\n\xff\x00end".to_vec();
    let id = rejected(&proxy, &callback);
    for arguments in [&["capture", "show", &id][..], &["capture", "list"]] {
        let text = printed(&proxy, arguments);
        let hidden = |character: char| character.is_control() && character != '\n';
        assert!(
            !text.contains(hidden) && !text.contains('\u{202e}'),
            "{text:?}"
        );
    }
    let shown = printed(&proxy, &["capture", "show", &id]);
    assert!(
        shown.contains("| \\u{1b}]0;owned\\u{7}\\r\n| \\xFF\\u{0}end\n"),
        "{shown}"
    );
    // For a program, the bytes are what they were.
    let output = command(&proxy, &["capture", "export", &id]);
    assert_eq!(output.stdout, callback.with_length());
    // `script` gives it a terminal.
    let file = proxy.file("countersign.toml");
    let line = format!(
        "{} capture export {id} -c {}",
        env!("CARGO_BIN_EXE_countersign"),
        file.display()
    );
    let output = std::process::Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("a terminal would not show") && !text.contains("owned"),
        "{text:?}"
    );
}

#[test]
fn a_route_in_report_mode_captures_what_it_would_reject() {
    let origin = Origin::start();
    let proxy = controlled("")
        .tables("[capture]")
        .sgate(&format!(
            "name = \"one\"\npath = \"/one\"\n{}",
            report_mode::mode(3600)
        ))
        .origin(&origin)
        .start();
    assert_eq!(forged("/one", "{}").send(&proxy).status, 200);
    let id = proxy.access()["id"].as_str().unwrap().to_owned();
    assert_eq!(ids(&listed(&proxy, &[])), [&id]);
}

#[test]
fn floods_of_one_address_and_of_a_48_leave_the_rejected_genuine_ones() {
    const FLOOD: usize = 1500;
    let origin = Origin::start();
    // 256 KiB for each route: about 150 requests of the flood.
    let top = "trusted_proxies = [\"127.0.0.1\"]\nworkers = 2";
    let admin = Admin::new();
    let proxy = capturing(&origin, top, "size = \"512KiB\"")
        .admin(&admin)
        .start();
    let genuine = |path: &str| {
        let signed = Signer::get().sgate(path, "{\"n\":1}");
        let signed = signed.header("X-Forwarded-For", "198.51.100.7");
        // Something on the way wrote the body anew.
        Callback {
            body: b"{\"n\": 1}".to_vec(),
            ..signed
        }
    };
    let kept = ["/one", "/two"].map(|path| rejected(&proxy, &genuine(path)));
    let flood = |address: &dyn Fn(usize) -> String| {
        let mut client = Client::connect(proxy.address);
        for number in 0..FLOOD {
            let forged = forged("/one", &"z".repeat(400));
            client.send(
                &forged
                    .header("X-Forwarded-For", address(number))
                    .with_length(),
            );
            assert_ne!(client.response().status, 200);
        }
    };
    flood(&|_| "203.0.113.1".to_owned());
    let list = listed(&proxy, &["--limit", "10000"]);
    assert_eq!(list["total"], 10);
    flood(&|number| format!("2001:db8:7:{number:x}::1"));
    let list = listed(&proxy, &["--limit", "10000"]);
    for id in &kept {
        assert!(ids(&list).contains(&id.as_str()));
        printed(&proxy, &["capture", "export", id]);
    }
    // What another address had is there, too, for as long as the flood has most.
    let total = list["total"].as_u64().unwrap();
    assert!((50..500).contains(&total), "{total}");

    let metrics = admin.metrics();
    let value = |series: &str| metrics.value(series).unwrap() as usize;
    assert!(value("countersign_capture_bytes") <= 512 << 10);
    assert_eq!(value("countersign_capture_entries") as u64, total);
    assert_eq!(value("countersign_captured_requests_total"), 2 * FLOOD + 2);
    let evicted = |cause: &str| {
        value(&format!(
            "countersign_capture_evictions_total{{cause=\"{cause}\"}}"
        ))
    };
    assert_eq!(evicted("per_client"), FLOOD - 8);
    assert_eq!(
        evicted("share") + evicted("per_client") + value("countersign_capture_entries"),
        2 * FLOOD + 2
    );
}

#[test]
fn a_request_of_http2_is_kept_with_its_host() {
    let origin = Origin::start();
    let proxy = capturing(&origin, "", "").http2().start();
    let forged = forged("/one", "in several pieces");
    assert_ne!(
        Http2::connect(proxy.address).send(&forged, 4, false).status,
        200
    );
    let id = proxy.access()["id"].as_str().unwrap().to_owned();
    let text = printed(&proxy, &["capture", "export", &id]);
    assert!(
        text.starts_with("POST /one HTTP/1.1\r\nhost: pay.example"),
        "{text}"
    );
    assert!(
        text.ends_with("\r\nContent-Length: 17\r\n\r\nin several pieces"),
        "{text}"
    );
}

#[test]
fn curl_sends_an_exported_request_again_byte_for_byte() {
    let origin = Origin::start();
    let proxy = capturing(&origin, "", "").start();
    for body in [
        &b"{\"a\": 'x', \"b\": \"$(id) \\\"}\n"[..],
        b"\x00\xff\r\n%'\"",
        b"@/etc/passwd",
    ] {
        let mut sent = forged("/one?a=%20[1]&b='", "").header("V-Signature", "it's $HOME");
        sent.body = body.to_vec();
        let id = rejected(&proxy, &sent);
        let line = printed(&proxy, &["capture", "export", "--format", "curl", &id]);
        let again = format!("{} --connect-to ::{} -s", line.trim_end(), proxy.address);
        let bash = std::process::Command::new("bash")
            .args(["-c", &again])
            .output();
        assert!(bash.unwrap().status.success(), "{again}");
        let second = proxy.access()["id"].as_str().unwrap().to_owned();
        let [first, second] = [id, second].map(|id| {
            let json = printed(&proxy, &["capture", "show", "--json", &id]);
            serde_json::from_str::<Value>(&json).unwrap()
        });
        for name in ["method", "target", "body", "body_base64", "reason"] {
            assert_eq!(first[name], second[name], "{name}: {again}");
        }
        let value = |request: &Value| {
            let headers = request["headers"].as_array().unwrap().iter();
            let mut found = headers.filter(|line| line[0] == "V-Signature");
            found.next().unwrap()[1].clone()
        };
        assert_eq!(value(&first), value(&second));
    }
}

#[test]
fn old_requests_expire() {
    let origin = Origin::start();
    let proxy = capturing(&origin, "", "expire = \"1s\"").start();
    let id = rejected(&proxy, &forged("/one", "{}"));
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    while command(&proxy, &["capture", "show", &id]).status.success() {
        assert!(std::time::Instant::now() < deadline);
    }
    assert_eq!(listed(&proxy, &[])["total"], 0);
}

#[test]
fn captured_requests_survive_a_reload_that_still_captures_them_and_nothing_else() {
    let origin = Origin::start();
    let proxy = capturing(&origin, "", "per_client = 8 #").start();
    let one = rejected(&proxy, &forged("/one", "{}"));
    rejected(&proxy, &forged("/two", "{}"));
    proxy.reconfigure(|text| text.replace("per_client = 8 #", "routes = [\"one\"] #"));
    proxy
        .error_line("capture: 1 captured request was dropped: the new configuration captures less");
    assert_eq!(ids(&listed(&proxy, &[])), [&one]);
    rejected(&proxy, &forged("/one", "{}"));
    proxy.reconfigure(|text| text.replace("[capture]\nroutes = [\"one\"] #", "#capture"));
    proxy.error_line(
        "capture: 2 captured requests were dropped: the new configuration captures less",
    );
    assert!(refused(&proxy, &["capture", "list"]).contains("captures no requests"));
    proxy.error_line("reloaded");
    proxy.reconfigure(|text| text.replace("#capture", "[capture]"));
    proxy.error_line("reloaded");
    assert_eq!(listed(&proxy, &[])["total"], 0);

    rejected(&proxy, &forged("/one", "{}"));
    proxy.signal("USR2");
    proxy.taken_over_saying("capture: 1 captured request was dropped with this process");
    assert_eq!(listed(&proxy, &[])["total"], 0);
    rejected(&proxy, &forged("/one", "{}"));
    proxy.signal("TERM");
    let (_, _, errors) = proxy.ended();
    let told = "capture: 1 captured request was dropped with this process";
    assert!(errors.iter().any(|line| line.contains(told)), "{errors:?}");
}
