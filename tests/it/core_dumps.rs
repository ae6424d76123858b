//! A process that holds secrets of any kind writes no core dump.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::redis::RedisServer;
use crate::support::tls::Authority;
use crate::support::{Proxy, Setup};

const ROUTE: &str = "name = \"sgate\"\npath = \"/cb\"\nupstream = \"echo\"";

/// The soft and hard limits on the size of a process's core dumps.
pub(crate) fn core_limit(process: &str) -> Vec<String> {
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words = line.unwrap().split_whitespace();
    words.skip(4).take(2).map(str::to_owned).collect()
}

fn makes_none(proxy: &Proxy) -> bool {
    core_limit(&proxy.pid().to_string()) == ["0", "0"]
}

/// Writes a file that only its owner can read.
fn secret(directory: &Path, name: &str, text: &str) -> String {
    let file = directory.join(name);
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    file.display().to_string()
}

#[test]
fn public_keys_do_not_disable_core_dumps() {
    let proxy = Setup::new().sgate(ROUTE).start();
    let own = core_limit("self");
    assert_eq!(core_limit(&proxy.pid().to_string())[1], own[1]);
}

#[test]
fn tls_keys_disable_core_dumps() {
    let authority = Authority::new();
    authority.issue("a", "DNS:a.example");
    let proxy = Setup::new()
        .listener(&authority.tls(&["a"], ""))
        .sgate(ROUTE)
        .start();
    assert!(makes_none(&proxy));
}

#[test]
fn passwords_and_keys_of_stores_disable_core_dumps() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    authority.issue("a", "DNS:a.example");
    let server = RedisServer::with_password("a-password");
    let password = secret(directory.path(), "password", "a-password\n");
    for lines in [
        format!("password_file = \"{password}\""),
        format!("mode = \"sentinel\"\nmaster = \"m\"\nsentinel_password_file = \"{password}\""),
        format!(
            "cert = \"{}\"\nkey = \"{}\"",
            authority.path("a.pem"),
            authority.path("a.key")
        ),
    ] {
        let proxy = Setup::new()
            .sgate(ROUTE)
            .tables(&format!(
                "[once]\nstore = \"redis\"\n[once.redis]\nservers = [\"{}\"]\n{lines}",
                server.url()
            ))
            .start();
        assert!(makes_none(&proxy), "{lines}");
    }
}

#[test]
fn a_reload_with_the_first_secret_disables_core_dumps() {
    let authority = Authority::new();
    authority.issue("a", "DNS:a.example");
    let proxy = Setup::new().listener("#tls").sgate(ROUTE).start();
    assert!(!makes_none(&proxy) || core_limit("self") == ["0", "0"]);
    let tls = authority.tls(&["a"], "");
    proxy.reconfigure(|text| text.replace("#tls", &tls));
    proxy.error_line("reloaded");
    assert!(makes_none(&proxy));
}
