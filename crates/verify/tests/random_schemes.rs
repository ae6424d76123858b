//! Random schemes and requests: what a signature covers cannot be changed.

// Helpers outside of `#[test]` functions panic, as tests do.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects
)]
#![cfg(feature = "aws-lc-rs")]

mod random_cases;

use random_cases::{Outcome, case, check, choices};

/// How many schemes are drawn, from which seed on, and how long an input is.
const SCHEMES: u64 = 600;
const FIRST: u64 = 0;
const LENGTH: usize = 1_500;

/// `SCHEMES=100000 SEED=600` draws more of them.
#[test]
fn a_tampered_signed_part_never_verifies() {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    let first = number("SEED").unwrap_or(FIRST);
    let mut all: Vec<Outcome> = Vec::new();
    let mut failures = Vec::new();
    for seed in first..first + number("SCHEMES").unwrap_or(SCHEMES) {
        let input = choices::input(seed, LENGTH);
        match std::panic::catch_unwind(|| check(&input)) {
            Ok(outcome) => all.push(outcome),
            Err(_) => {
                let case = case(&input).map(|case| case.line("").to_string());
                eprintln!("seed {seed}: {}", case.unwrap_or_default());
                failures.push(seed);
            }
        }
    }
    let count = |test: fn(&Outcome) -> bool| all.iter().filter(|outcome| test(outcome)).count();
    let sum = |of: fn(&Outcome) -> usize| all.iter().map(of).sum::<usize>();
    let genuine = count(|outcome| outcome.is_genuine);
    let is_sound = |outcome: &Outcome| outcome.is_genuine && outcome.is_sound;
    let accepted = sum(|outcome| outcome.accepted);
    eprintln!(
        "{} schemes, {genuine} with a signed request, {} of them sound; {} changed requests, {accepted} accepted",
        count(|outcome| outcome.is_scheme),
        count(is_sound),
        sum(|outcome| outcome.attacks),
    );
    assert!(failures.is_empty(), "{failures:?}");
    // What was compared is worth it.
    assert!(
        genuine * 4 >= all.len() && accepted > genuine,
        "{genuine} {accepted}"
    );
}
