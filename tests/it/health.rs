//! Health checks, and host names whose addresses change.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::origin::Reply;
use crate::support::signer::Signer;
use crate::support::{Admin, Origin, Proxy, Received, Setup, address};

const FAST: &str = "interval = \"20ms\", timeout = \"5s\", rises = 2, falls = 2";

fn start(servers: &str, lines: &str) -> Proxy {
    Setup::new()
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .tables(&format!(
            "[[upstream]]\nname = \"origin\"\nservers = [{servers}]\n{lines}"
        ))
        .start()
}

fn send(proxy: &Proxy) -> u16 {
    Signer::get().sgate("/cb", "{}").send(proxy).status
}

/// A backend that answers health checks with this status.
fn patient(health: &Arc<AtomicU16>) -> Origin {
    let health = Arc::clone(health);
    Origin::answering(move |request| match request.target.as_str() {
        "/health" => {
            let status = health.load(Ordering::SeqCst);
            Reply::raw(format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n"))
        }
        _ => Reply::ok(),
    })
}

fn callbacks(origin: &Origin) -> usize {
    let is_callback = |request: &&Received| request.target == "/cb";
    origin.so_far().iter().filter(is_callback).count()
}

#[test]
fn a_server_that_fails_its_checks_gets_no_callbacks_until_it_passes() {
    let health = Arc::new(AtomicU16::new(200));
    let (sick, well) = (patient(&health), patient(&Arc::new(AtomicU16::new(204))));
    let proxy = start(
        &format!("\"{}\", \"{}\"", sick.address, well.address),
        &format!("health_check = {{ path = \"/health\", {FAST} }}"),
    );
    assert_eq!([send(&proxy), send(&proxy)], [200; 2]);
    assert_eq!((callbacks(&sick), callbacks(&well)), (1, 1));

    health.store(503, Ordering::SeqCst);
    let line = proxy.error_line("fails its health checks");
    assert!(
        line.contains(&sick.address.to_string()) && line.contains("it answered 503"),
        "{line}"
    );
    assert_eq!([send(&proxy), send(&proxy)], [200; 2]);
    assert_eq!((callbacks(&sick), callbacks(&well)), (1, 3));

    // A server's health survives a reload; checks continue with the new settings.
    proxy.reconfigure(|text| text.replace("rises = 2", "rises = 3"));
    proxy.error_line("reloaded");
    assert_eq!([send(&proxy), send(&proxy)], [200; 2]);
    assert_eq!((callbacks(&sick), callbacks(&well)), (1, 5));

    health.store(399, Ordering::SeqCst);
    proxy.error_line("passes its health checks");
    assert_eq!([send(&proxy), send(&proxy)], [200; 2]);
    assert_eq!((callbacks(&sick), callbacks(&well)), (2, 6));

    let check = &sick.so_far()[0];
    assert_eq!(check.method, "GET");
    assert_eq!(check.header("Host"), Some(&*sick.address.to_string()));
}

#[test]
fn when_all_servers_fail_their_checks_callbacks_get_502() {
    let health = Arc::new(AtomicU16::new(404));
    let origin = patient(&health);
    let proxy = start(
        &format!("\"{}\"", origin.address),
        &format!("health_check = {{ path = \"/health\", status = 200, {FAST} }}"),
    );
    proxy.error_line("fails its health checks");
    assert_eq!(send(&proxy), 502);
    assert_eq!(proxy.access()["reason"], "upstream_unreachable");
    assert_eq!(callbacks(&origin), 0);
    // Without health checks the server counts as usable.
    proxy.reconfigure(|text| text.replace("health_check = {", "#"));
    proxy.error_line("reloaded");
    assert_eq!(send(&proxy), 200);
}

#[test]
fn without_a_path_a_health_check_only_connects() {
    let address = address::unused();
    let proxy = start(
        &format!("\"{address}\""),
        &format!("health_check = {{ {FAST} }}"),
    );
    proxy.error_line("fails its health checks: cannot connect");
    let _origin = Origin::at(address);
    proxy.error_line("passes its health checks");
    assert_eq!(send(&proxy), 200);
}

/// The hosts file of the system's resolver, for one proxy.
struct Hosts(TempDir);

impl Hosts {
    fn new() -> Self {
        let hosts = Self(tempfile::tempdir().unwrap());
        hosts.write("");
        hosts
    }

    fn write(&self, text: &str) {
        // Renamed into place, so that nobody reads half of it.
        let new = self.0.path().join("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.0.path().join("hosts")).unwrap();
    }

    /// A proxy that uses this file.
    fn proxy(&self, lines: &str) -> Setup {
        let hosts = self.0.path().join("hosts");
        Setup::new()
            .sgate("name = \"sgate\"\npath = \"/cb\"")
            .tables(&format!("[[upstream]]\nname = \"origin\"\n{lines}"))
            .environment("LD_PRELOAD", "libnss_wrapper.so")
            .environment("NSS_WRAPPER_HOSTS", hosts.to_str().unwrap())
    }
}

#[test]
fn names_are_looked_up_again() {
    let hosts = Hosts::new();
    let [first, second] = [address::unused(), address::unused()];
    // The same port on two addresses.
    let second = std::net::SocketAddr::new(second.ip(), first.port());
    let (one, two) = (Origin::at(first), Origin::at(second));
    hosts.write(&format!("{} shop.test\n", first.ip()));
    let proxy = hosts
        .proxy(&format!(
            "servers = [\"shop.test:{}\"]\nresolve = \"50ms\"",
            first.port()
        ))
        .start();
    assert_eq!(send(&proxy), 200);
    assert_eq!((one.count(), two.count()), (1, 0));

    hosts.write("");
    proxy.error_line("shop.test");
    assert_eq!(send(&proxy), 200);
    assert_eq!((one.count(), two.count()), (2, 0));

    hosts.write(&format!("{} shop.test # moved\n", second.ip()));
    proxy.error_line(&format!("is now {second}"));
    assert_eq!(send(&proxy), 200);
    assert_eq!((one.count(), two.count()), (2, 1));
}

/// Also the input of tests/cases/18-one-name-without-address.
#[test]
fn a_name_without_an_address_is_answered_502_until_it_has_one_and_others_work() {
    let hosts = Hosts::new();
    let origin = Origin::start();
    let port = origin.address.port();
    // With the default of `resolve`: such a name is looked up more often than others.
    let proxy = hosts
        .proxy(&format!("servers = [\"later.test:{port}\"]"))
        .sgate("name = \"other\"\npath = \"/other\"\nupstream = \"echo\"")
        .start();
    proxy.error_line("`later.test:");
    assert_eq!(Signer::get().sgate("/other", "{}").send(&proxy).status, 200);
    proxy.access();
    assert_eq!(send(&proxy), 502);
    assert_eq!(proxy.access()["reason"], "upstream_unreachable");
    proxy.error_line("no server has an address");

    hosts.write(&format!("{} later.test\n", origin.address.ip()));
    proxy.error_line("is now");
    assert_eq!(send(&proxy), 200);
    origin.requests(1);
}

/// What the routes of the two are compared for is known only once both names have addresses.
#[test]
fn two_names_that_turn_out_to_be_one_server_are_logged_until_a_reload() {
    let hosts = Hosts::new();
    let origin = Origin::start();
    let port = origin.address.port();
    // Not at one time: nss_wrapper crashes if two threads find its file changed at once.
    let mut setup = hosts.proxy(&format!(
        "servers = [\"origin.test:{port}\"]\nresolve = \"310ms\""
    ));
    for (name, resolve) in [("later", "470ms"), ("apart", "590ms")] {
        setup = setup
            .sgate(&format!(
                "name = \"{name}\"\npath_prefix = \"/{name}/\"\nupstream_path = \"/\"\nupstream = \"{name}\""
            ))
            .tables(&format!(
                "[[upstream]]\nname = \"{name}\"\nservers = [\"{name}.test:{port}\"]\n\
                 resolve = \"{resolve}\""
            ));
    }
    let proxy = setup.start();
    let ip = origin.address.ip();
    hosts.write(&format!(
        "{ip} origin.test\n{ip} later.test\n192.0.2.1 apart.test\n"
    ));
    let line = proxy.error_line("which was not known when the configuration was read");
    assert!(
        line.contains("upstream origin") && line.contains("upstream later"),
        "{line}"
    );
    let of_another = |target| Signer::get().sgate(target, "{}").send(&proxy).status;
    assert_eq!(of_another("/later/cb"), 200);
    proxy.signal("HUP");
    let lines = proxy.error_lines_before("reloaded");
    assert!(
        !lines
            .iter()
            .any(|line| line.contains("upstream apart") && line.contains("was not known")),
        "{lines:?}"
    );
    assert_eq!(of_another("/later/cb"), 400);
}

#[test]
fn a_server_without_an_address_leaves_its_callbacks_to_the_others() {
    let hosts = Hosts::new();
    let origin = Origin::start();
    for (balance, backup) in [
        ("round_robin", false),
        ("least_conn", false),
        ("ip_hash", false),
        ("round_robin", true),
    ] {
        let proxy = hosts
            .proxy(&format!(
                "servers = [\"later.test:9\", {{ address = \"{}\", backup = {backup} }}]\n\
                 balance = \"{balance}\"\nhealth_check = {{ {FAST} }}",
                origin.address
            ))
            .start();
        assert_eq!([send(&proxy), send(&proxy)], [200; 2], "{balance} {backup}");
    }
}

/// The generation before still has them, and serves; the new one must not lose callbacks.
#[test]
fn a_reload_keeps_the_addresses_of_a_name_that_cannot_be_looked_up() {
    let hosts = Hosts::new();
    let origin = Origin::start();
    hosts.write(&format!("{} shop.test\n", origin.address.ip()));
    let proxy = hosts
        .proxy(&format!(
            "servers = [\"shop.test:{}\"]\nresolve = \"1h\"",
            origin.address.port()
        ))
        .start();
    assert_eq!(send(&proxy), 200);
    hosts.write("");
    for timeout in ["6s", "7s"] {
        proxy.reconfigure(|text| {
            let kept = text
                .lines()
                .filter(|line| !line.contains("connect_timeout"));
            let kept: String = kept.map(|line| format!("{line}\n")).collect();
            kept.replace(
                "resolve = \"1h\"",
                &format!("resolve = \"1h\"\nconnect_timeout = \"{timeout}\""),
            )
        });
        proxy.error_line("reloaded");
        assert_eq!(send(&proxy), 200);
    }
    origin.requests(3);
}

/// The old process still has them, and serves.
#[test]
fn an_upgrade_keeps_the_addresses_of_a_name_that_cannot_be_looked_up() {
    let hosts = Hosts::new();
    let origin = Origin::start();
    let ip = origin.address.ip();
    hosts.write(&format!("{ip} shop.test\n"));
    let proxy = hosts
        .proxy(&format!(
            "servers = [\"shop.test:{}\", {{ address = \"later.test:9\", backup = true }}]\n\
             resolve = \"1h\"",
            origin.address.port()
        ))
        .start();
    assert_eq!(send(&proxy), 200);
    hosts.write("");
    // From a process that was given them, too.
    for _ in 0..2 {
        proxy.upgrade();
        assert_eq!(send(&proxy), 200);
    }
    origin.requests(3);
}

/// What the status page says of the only upstream's servers: condition, reason and address.
fn status(admin: &Admin) -> Vec<[Value; 4]> {
    let status = admin.get("/status").json();
    let servers = status["upstreams"][0]["servers"].as_array().unwrap();
    let keys = ["name", "condition", "reason", "address"];
    let of_server = |server: &Value| keys.map(|key| server[key].clone());
    servers.iter().map(of_server).collect()
}

#[test]
fn a_server_without_an_address_is_on_the_status_page_and_in_the_metrics() {
    let hosts = Hosts::new();
    let origin = Origin::start();
    let admin = Admin::new();
    let name = format!("later.test:{}", origin.address.port());
    let proxy = hosts
        .proxy(&format!("servers = [\"{name}\", \"{}\"]", origin.address))
        .admin(&admin)
        .start();
    let address = Value::from(origin.address.to_string());
    let up = [address.clone(), "up".into(), Value::Null, address.clone()];
    let reason = Value::from("its name has no address");
    let unresolved = [name.as_str().into(), "down".into(), reason, Value::Null];
    assert_eq!(status(&admin), [up.clone(), unresolved]);
    let series = format!("countersign_upstream_up{{upstream=\"origin\",server=\"{name}\"}}");
    assert_eq!(admin.metrics().value(&series), Some(0.0));

    hosts.write(&format!("{} later.test\n", origin.address.ip()));
    proxy.error_line("is now");
    admin.until(&series, 1.0);
    let resolved = [name.as_str().into(), "up".into(), Value::Null, address];
    assert_eq!(status(&admin), [resolved, up]);
}

#[test]
fn a_check_has_the_host_and_headers_that_are_set() {
    let origin = Origin::start();
    let address = origin.address.to_string();
    for (upstream, check, host) in [
        ("", "", address.as_str()),
        ("host = \"server\"", "", &address),
        ("host = \"shop.internal\"", "", "shop.internal"),
        (
            "host = \"shop.internal\"",
            ", host = \"pay.example.com\"",
            "pay.example.com",
        ),
        (
            "",
            ", host = \"pay.example.com:8443\"",
            "pay.example.com:8443",
        ),
    ] {
        let before = origin.count();
        let _proxy = start(
            &format!("\"{address}\""),
            &format!(
                "{upstream}\nhealth_check = {{ path = \"/health\", interval = \"1h\"{check}, \
                 headers = {{ X-Forwarded-Proto = \"https\", User-Agent = \"mine\" }} }}"
            ),
        );
        let check = origin.requests(before + 1).remove(before);
        assert_eq!(check.header("Host"), Some(host), "{upstream}");
        assert_eq!(check.header("X-Forwarded-Proto"), Some("https"));
        assert_eq!(check.header("User-Agent"), Some("mine"));
    }
}
