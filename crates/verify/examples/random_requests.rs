//! Random schemes with a request that each accepts, for other programs: `scripts/compare-verdicts` runs it.
//!
//! `random_requests COUNT SEED` prints a JSON object a line, as in `tests/vectors/providers`, with the scheme in
//! `schemes`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects
)]

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/random_cases/mod.rs"]
mod random_cases;

use std::io::{BufWriter, Write as _, stdout};

use random_cases::{case, choices};

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|text| text.parse::<u64>().unwrap());
    let (count, first) = (arguments.next().unwrap(), arguments.next().unwrap());
    let mut out = BufWriter::new(stdout().lock());
    let mut printed = 0;
    for seed in first.. {
        if printed == count {
            break;
        }
        if let Some(case) = case(&choices::input(seed, 1_500)) {
            writeln!(out, "{}", case.line(&format!("random {seed}"))).unwrap();
            printed += 1;
        }
    }
}
