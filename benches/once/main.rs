//! The proofs and figures in docs/once.md: `cargo bench --locked --bench once`. A name after `--`
//! selects one scenario. Starts the program, Redis and the backends itself.

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

/// All scenarios by name.
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
