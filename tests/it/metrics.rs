//! Metrics count exactly and survive reloads.

use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Client, Metrics, Origin, Proxy, Setup, address};

fn callback(target: &str) -> Callback {
    Signer::get().sgate(target, "{}")
}

/// Sends the callback and waits until it is counted, which its log line shows.
fn send(proxy: &Proxy, callback: &Callback) -> u16 {
    let status = callback.send(proxy).status;
    proxy.access();
    status
}

/// Checks the values of series, named with their labels in the order on the page.
fn expect(metrics: &Metrics, series: &[(&str, f64)]) {
    for (series, value) in series {
        assert_eq!(
            metrics.value(series),
            Some(*value),
            "{series}\n{}",
            metrics.text
        );
    }
}

fn start(admin: &Admin, origin: &Origin) -> Proxy {
    Setup::new()
        .sgate("name = \"first\"\npath = \"/first\"")
        .sgate("name = \"second\"\npath = \"/second\"")
        .origin(origin)
        .admin(admin)
        .start()
}

#[test]
fn metrics_count_what_happened() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let proxy = start(&admin, &origin);
    expect(
        &admin.metrics(),
        &[
            (
                "countersign_verdicts_total{key=\"signer\",route=\"first\",scheme=\"sgate\",verdict=\"verified\"}",
                0.0,
            ),
            (
                "countersign_key_last_used_timestamp_seconds{key=\"signer\"}",
                0.0,
            ),
            ("countersign_reloads_total{result=\"ok\"}", 0.0),
        ],
    );
    for _ in 0..3 {
        assert_eq!(send(&proxy, &callback("/first")), 200);
    }
    assert_eq!(send(&proxy, &callback("/second")), 200);
    let forged = callback("/first").with("V-Nonce-Str", Some("another"));
    assert_eq!(send(&proxy, &forged), 400);
    assert_eq!(
        send(&proxy, &callback("/first").with("V-Nonce-Str", None)),
        400
    );
    assert_eq!(send(&proxy, &callback("/none")), 404);
    let mut put = callback("/first");
    put.method = "PUT".to_owned();
    assert_eq!(send(&proxy, &put), 405);
    let large = Callback::post("/second", vec![b' '; 2 << 20]);
    assert_eq!(send(&proxy, &large), 413);
    origin.requests(4);

    let metrics = admin.metrics();
    expect(
        &metrics,
        &[
            (
                "countersign_requests_total{route=\"first\",status=\"2xx\"}",
                3.0,
            ),
            (
                "countersign_requests_total{route=\"first\",status=\"4xx\"}",
                2.0,
            ),
            (
                "countersign_requests_total{route=\"second\",status=\"2xx\"}",
                1.0,
            ),
            (
                "countersign_requests_total{route=\"second\",status=\"4xx\"}",
                1.0,
            ),
            ("countersign_requests_total{route=\"\",status=\"4xx\"}", 2.0),
            (
                "countersign_verdicts_total{key=\"signer\",route=\"first\",scheme=\"sgate\",verdict=\"verified\"}",
                3.0,
            ),
            (
                "countersign_verdicts_total{key=\"signer\",route=\"second\",scheme=\"sgate\",verdict=\"verified\"}",
                1.0,
            ),
            (
                "countersign_verdicts_total{key=\"\",route=\"first\",scheme=\"sgate\",verdict=\"rejected\"}",
                2.0,
            ),
            (
                "countersign_rejections_total{reason=\"signature_mismatch\",route=\"first\",scheme=\"sgate\"}",
                1.0,
            ),
            (
                "countersign_rejections_total{reason=\"nonce_missing\",route=\"first\",scheme=\"sgate\"}",
                1.0,
            ),
            (
                "countersign_faults_total{reason=\"route_not_found\",route=\"\"}",
                1.0,
            ),
            (
                "countersign_faults_total{reason=\"method_not_allowed\",route=\"\"}",
                1.0,
            ),
            (
                "countersign_faults_total{reason=\"body_too_large\",route=\"second\"}",
                1.0,
            ),
            ("countersign_key_uses_total{key=\"signer\"}", 4.0),
            (
                "countersign_request_duration_seconds_count{route=\"first\"}",
                5.0,
            ),
            (
                "countersign_request_duration_seconds_count{route=\"second\"}",
                2.0,
            ),
            (
                "countersign_request_duration_seconds_count{route=\"\"}",
                2.0,
            ),
            (
                "countersign_body_read_duration_seconds_count{scheme=\"sgate\"}",
                7.0,
            ),
            (
                "countersign_verify_duration_seconds_count{scheme=\"sgate\"}",
                6.0,
            ),
            (
                "countersign_upstream_duration_seconds_count{upstream=\"origin\"}",
                4.0,
            ),
            (
                "countersign_route_keys{choice=\"any\",route=\"first\"}",
                1.0,
            ),
            ("countersign_in_flight_requests", 0.0),
            ("countersign_buffered_body_bytes", 0.0),
            ("countersign_buffered_body_limit_bytes", 268_435_456.0),
            ("countersign_config_last_reload_successful", 1.0),
        ],
    );
    assert_eq!(metrics.series("countersign_rejections_total").len(), 2);
    let server = origin.address;
    for (name, value) in [
        ("up", 1.0),
        ("requests_total", 4.0),
        ("fails_total", 0.0),
        ("in_flight_requests", 0.0),
    ] {
        let labels = format!("{{upstream=\"origin\",server=\"{server}\"}}");
        expect(
            &metrics,
            &[(&format!("countersign_upstream_{name}{labels}"), value)],
        );
    }
    // Three series that have counted, and three for `overloaded` that are zero.
    assert_eq!(metrics.series("countersign_faults_total").len(), 6);
    let used = metrics.value("countersign_key_last_used_timestamp_seconds{key=\"signer\"}");
    let started = metrics.value("process_start_time_seconds");
    assert!(
        used.unwrap() >= started.unwrap().floor(),
        "{used:?} {started:?}"
    );
    assert!(metrics.value("process_open_fds") > Some(5.0));
    assert!(metrics.value("process_resident_memory_bytes") > Some(1e6));
}

#[test]
fn metrics_count_connections() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let proxy = start(&admin, &origin);
    let mut kept = Client::connect(proxy.address);
    kept.send(&callback("/first").with_length());
    assert_eq!(kept.response().status, 200);
    // The connection that checked whether the proxy listens may still be open.
    admin.until("countersign_connections", 1.0);
    drop(kept);
    admin.until("countersign_connections", 0.0);
    origin.request();
}

#[test]
fn metrics_survive_reloads() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let proxy = start(&admin, &origin);
    let first = "countersign_verdicts_total{key=\"signer\",route=\"first\",scheme=\"sgate\",verdict=\"verified\"}";
    assert_eq!(send(&proxy, &callback("/first")), 200);
    assert_eq!(send(&proxy, &callback("/second")), 200);

    proxy.reconfigure(|text| {
        text.replace("name = \"second\"", "name = \"third\"")
            .replace("path = \"/second\"", "path = \"/third\"")
    });
    proxy.error_line("reloaded");
    let reloads = "countersign_reloads_total{result=\"ok\"}";
    // The reload is counted a moment after the log line.
    admin.until(reloads, 1.0);
    assert_eq!(send(&proxy, &callback("/first")), 200);
    let metrics = admin.metrics();
    expect(
        &metrics,
        &[
            (first, 2.0),
            (
                "countersign_requests_total{route=\"first\",status=\"2xx\"}",
                2.0,
            ),
            ("countersign_key_uses_total{key=\"signer\"}", 3.0),
            (
                "countersign_request_duration_seconds_count{route=\"first\"}",
                2.0,
            ),
            (
                "countersign_request_duration_seconds_count{route=\"third\"}",
                0.0,
            ),
        ],
    );
    assert!(!metrics.text.contains("\"second\""), "{}", metrics.text);

    proxy.reconfigure(|text| format!("{text}\nnonsense = 1\n"));
    let failed = "countersign_reloads_total{result=\"failed\"}";
    admin.until(failed, 1.0);
    let metrics = admin.metrics();
    expect(
        &metrics,
        &[
            ("countersign_config_last_reload_successful", 0.0),
            (first, 2.0),
            (reloads, 1.0),
        ],
    );

    // Series of a removed key disappear.
    proxy.reconfigure(|text| {
        text.replace("\nnonsense = 1\n", "")
            .replace("keys = [\"signer\"]", "keys = [\"sgate-vectors\"]")
    });
    admin.until(reloads, 2.0);
    let metrics = admin.metrics();
    expect(
        &metrics,
        &[
            ("countersign_config_last_reload_successful", 1.0),
            ("countersign_key_uses_total{key=\"sgate-vectors\"}", 0.0),
        ],
    );
    assert!(!metrics.text.contains("\"signer\""), "{}", metrics.text);
    origin.requests(3);
}

#[test]
fn metrics_show_servers_that_are_out() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let dead = address::unused();
    let proxy = Setup::new()
        .sgate("name = \"first\"\npath = \"/first\"")
        .servers(&[dead, origin.address], "")
        .admin(&admin)
        .start();
    // Each server gets its turn; the unreachable one fails over to the other.
    for _ in 0..2 {
        assert_eq!(send(&proxy, &callback("/first")), 200);
    }
    origin.requests(2);
    let metrics = admin.metrics();
    for (server, up, fails) in [(dead, 0.0, 1.0), (origin.address, 1.0, 0.0)] {
        let labels = format!("{{upstream=\"origin\",server=\"{server}\"}}");
        expect(
            &metrics,
            &[
                (&format!("countersign_upstream_up{labels}"), up),
                (&format!("countersign_upstream_fails_total{labels}"), fails),
            ],
        );
    }
    let servers = admin.get("/status").json()["upstreams"][0]["servers"].clone();
    let conditions = [&servers[0]["condition"], &servers[1]["condition"]];
    assert_eq!(conditions, ["out", "up"]);
}
