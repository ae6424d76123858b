//! Operations under load: `cargo bench --locked --bench operations`. Results: docs/operations.md. A
//! failed request or a wrong verdict fails the run.

// If a proof fails, the run should panic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::print_stdout
)]
// Only part of the tests' support is used.
#![allow(dead_code, unused_imports)]

#[path = "../../tests/it/cases.rs"]
mod cases;
#[path = "../../tests/it/smuggling/frames.rs"]
mod frames;
mod load;
#[path = "../../tests/it/openssl.rs"]
mod openssl;
#[path = "../../tests/it/support/mod.rs"]
mod support;
mod usage;

mod abuse;
mod decryption;
mod reloads;
mod rotation;
mod upgrades;

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use load::Shot;
use support::signer::Signer;

/// All scenarios by name.
const SCENARIOS: &[(&str, fn())] = &[
    ("reloads", reloads::run),
    ("rotation", rotation::run),
    ("upgrades", upgrades::run),
    ("slow clients", abuse::slow_clients),
    ("idle connections", abuse::idle_connections),
    ("flood of bodies", abuse::flood),
    ("stalled bodies", abuse::stalled),
    ("decryption", decryption::run),
];

fn main() {
    raise_descriptor_limit();
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    for (name, scenario) in SCENARIOS {
        if wanted.as_ref().is_none_or(|wanted| name.contains(wanted)) {
            println!("\n== {name}");
            scenario();
        }
    }
}

/// Restarts the program with as many file descriptors as the system allows.
fn raise_descriptor_limit() {
    const RAISED: &str = "COUNTERSIGN_BENCH_RAISED";
    if std::env::var_os(RAISED).is_none() {
        let error = Command::new("sh")
            .args(["-c", "ulimit -n $(ulimit -Hn); exec \"$0\" \"$@\""])
            .args(std::env::args_os())
            .env(RAISED, "1")
            .exec();
        panic!("cannot run itself again: {error}");
    }
}

/// Genuine callbacks for a path, each with a forged copy. The wrong byte is at another place in
/// each copy.
fn shots(path: &str, pairs: usize) -> Vec<Shot> {
    (0..pairs)
        .flat_map(|nth| {
            let body = format!(r#"{{"event":"E","data":{{"orderNo":"C{nth:06}"}},"time":{nth}}}"#);
            let genuine = Signer::get().sgate(path, body);
            let mut forged = genuine.clone();
            let place = 10 + nth % (forged.body.len() - 20);
            forged.body[place] ^= 1;
            [
                Shot {
                    bytes: genuine.with_length(),
                    expected: 200,
                },
                Shot {
                    bytes: forged.with_length(),
                    expected: 400,
                },
            ]
        })
        .collect()
}
