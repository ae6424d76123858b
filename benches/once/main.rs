//! The proofs and figures of docs/once.md: `cargo bench --locked --bench once`; with a word behind
//! `--`, only the scenario of that name. Starts the program, Redis and backends by itself.

// A proof that cannot be given should stop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::print_stdout
)]
// The tests' support is used in part.
#![allow(dead_code, unused_imports)]

#[path = "../../tests/it/openssl.rs"]
mod openssl;
#[path = "../../tests/it/random.rs"]
mod random;
#[path = "../../tests/it/once/storm.rs"]
mod storm;
#[path = "../../tests/it/support/mod.rs"]
mod support;

mod cost;
mod memory;
mod proxies;

/// Every scenario by its name.
const SCENARIOS: &[(&str, fn())] = &[
    ("proxies", proxies::run),
    ("cost", cost::run),
    ("memory", memory::run),
];

fn main() {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    for (name, scenario) in SCENARIOS {
        if wanted.as_ref().is_none_or(|wanted| name.contains(wanted)) {
            println!("\n== {name}");
            scenario();
        }
    }
}
