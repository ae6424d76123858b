//! Unsigned headers that give a backend orders: what gunicorn does with them, and what reaches it.

use crate::backends::{Backend, Kind, Seen};
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Proxy, Setup};

const PATH: &str = "/callback/cheezeepay";

fn callback() -> Callback {
    Signer::get().cheezeepay(PATH, &[("mchOrderNo", "\"C1\"")])
}

fn start(backend: &Backend) -> Proxy {
    Setup::new()
        .tables("[once]")
        .cheezeepay(&format!("name = \"payin\"\npath = \"{PATH}\""))
        .servers(&[backend.address], "")
        .start()
}

/// The root under which the application is called, and the rest of the path.
fn called(seen: &Seen) -> [&str; 2] {
    ["SCRIPT_NAME", "PATH_INFO"].map(|name| {
        let values = seen.values(&format!("environ['{name}']"));
        values.first().copied().unwrap_or_default()
    })
}

/// Lines with which an attacker would make an application act on another path.
const LINES: &[(&str, &str)] = &[
    ("SCRIPT_NAME", PATH),
    ("Script-Name", PATH),
    ("script_name", "/callback"),
    ("PATH_INFO", "/admin"),
];

#[test]
fn gunicorn_acts_on_the_path_that_was_verified() {
    let mut backend = Backend::start(Kind::Gunicorn);
    let mut found = Vec::new();
    for (name, value) in LINES {
        // A new proxy has an empty memory, so the manipulated copy is not answered as a repeat.
        let proxy = start(&backend);
        let steered = callback().header(name, value);
        let mut client = Client::connect(backend.address);
        client.send(&steered.with_length());
        let direct = client.response().status;
        let direct = format!(
            "{direct} {:?}",
            backend.seen().iter().map(called).collect::<Vec<_>>()
        );

        assert_eq!(steered.send(&proxy).status, 200);
        let seen = backend.seen();
        if called(&seen[0]) != ["", PATH] {
            found.push(format!(
                "{name}: {:?}; without the proxy: {direct}",
                called(&seen[0])
            ));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
