//! Fifty reloads under constant load. Each changes keys and routes; invalid files come in between.

use std::sync::atomic::Ordering;

use crate::cases;
use crate::load::Load;
use crate::support::{Callback, Origin, Setup};
use crate::{shots, usage};

const RELOADS: usize = 50;
const CLIENTS: usize = 16;

pub(crate) fn run() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top("workers = 2\n[log]\naccess = \"off\"")
        .sgate("name = \"shop\"\npath = \"/cb\"\nmax_age = \"1h\"")
        .tables(
            "[[route]]\nname = \"vectors\"\npath_prefix = \"/\"\nscheme = \"sgate\"\n\
             keys = [\"sgate-vectors\"]\nmax_age = \"off\"\nupstream = \"origin\"",
        )
        .origin(&origin)
        .start();
    // Signed with another key, which its route accepts only after every other reload.
    let case = cases::of("sgate").remove(0);
    let mut rotated = Callback::post(&case.target, case.body.clone());
    for (name, value) in &case.headers {
        rotated = rotated.header(name.as_str(), value.as_bytes());
    }
    let keys = |set: &'static str| {
        move |text: &str| {
            let (before, after) = text.split_once("name = \"vectors\"").unwrap();
            let (line, rest) = after.split_once("keys = ").unwrap();
            let rest = rest.split_once('\n').unwrap().1;
            format!("{before}name = \"vectors\"{line}keys = {set}\n{rest}")
        }
    };

    let load = Load::start(proxy.address, CLIENTS, shots("/cb", 40));
    load.wait_for(2000);
    let before = usage::resident(proxy.child.id());
    for nth in 0..RELOADS {
        let (set, status) = if nth % 2 == 0 {
            ("[\"signer\"]", 400)
        } else {
            ("[\"sgate-vectors\", \"signer\"]", 200)
        };
        proxy.reconfigure(keys(set));
        proxy.error_line("reloaded");
        assert_eq!(rotated.send(&proxy).status, status, "reload {nth}");
        if nth % 10 == 5 {
            proxy.reconfigure(|text| text.replace("scheme = \"sgate\"", "scheme = \"nonsense\""));
            proxy.error_line("stays active");
            assert_eq!(rotated.send(&proxy).status, status, "bad file {nth}");
            proxy.reconfigure(|text| text.replace("scheme = \"nonsense\"", "scheme = \"sgate\""));
            proxy.error_line("reloaded");
        }
        load.wait_for(200);
    }
    let after = usage::resident(proxy.child.id());
    let counts = load.stop();
    let count = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
    println!(
        "{RELOADS} reloads, {} bad files: {} answers right, {} wrong, {} failed; \
         slowest {} ms; resident {before} KiB before, {after} KiB after",
        RELOADS / 10,
        count(&counts.right),
        count(&counts.wrong),
        count(&counts.failed),
        count(&counts.slowest) / 1000,
    );
    assert_eq!((count(&counts.wrong), count(&counts.failed)), (0, 0));
}
