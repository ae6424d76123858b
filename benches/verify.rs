//! The cost of a verification: `cargo bench --locked --bench verify`. Results: docs/performance.md.

// If a benchmark cannot be set up, it should panic.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

#[path = "support/callbacks.rs"]
mod callbacks;

use callbacks::{NOW, Sample};
use countersign::verify::keys::Engine;
use countersign::verify::{Algorithm, json, verify};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

/// Body sizes in bytes.
const SIZES: &[usize] = &[512, 4 << 10, 64 << 10];

fn main() {
    divan::main();
}

/// From a callback to a `Verified`, as in the proxy.
#[divan::bench_group]
mod whole {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn cheezeepay(bencher: Bencher<'_, '_>, size: usize) {
        genuine(bencher, &Sample::cheezeepay(size));
    }

    #[divan::bench(args = SIZES)]
    fn sgate(bencher: Bencher<'_, '_>, size: usize) {
        genuine(bencher, &Sample::sgate(size));
    }

    fn genuine(bencher: Bencher<'_, '_>, sample: &Sample) {
        let policy = sample.policy();
        assert!(verify(&policy, sample.callback(), NOW).is_ok());
        bencher
            .counter(BytesCount::new(sample.body.len()))
            .bench_local(|| verify(&policy, black_box(sample.callback()), NOW).is_ok());
    }
}

/// Everything but the signature: parsing the body, and building and digesting the text.
#[divan::bench_group]
mod content {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn cheezeepay(bencher: Bencher<'_, '_>, size: usize) {
        built(bencher, &Sample::cheezeepay(size));
    }

    #[divan::bench(args = SIZES)]
    fn sgate(bencher: Bencher<'_, '_>, size: usize) {
        built(bencher, &Sample::sgate(size));
    }

    fn built(bencher: Bencher<'_, '_>, sample: &Sample) {
        bencher
            .counter(BytesCount::new(sample.body.len()))
            .bench_local(|| black_box(sample).content());
    }
}

/// The cheapest rejection of a forgery: the signature's length fits no key.
#[divan::bench_group]
mod wrong_length {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn cheezeepay(bencher: Bencher<'_, '_>, size: usize) {
        refused(bencher, Sample::cheezeepay(size));
    }

    #[divan::bench(args = SIZES)]
    fn sgate(bencher: Bencher<'_, '_>, size: usize) {
        refused(bencher, Sample::sgate(size));
    }

    fn refused(bencher: Bencher<'_, '_>, sample: Sample) {
        let policy = sample.policy();
        let sample = sample.with_short_signature();
        let refused = verify(&policy, sample.callback(), NOW).unwrap_err();
        assert_eq!(refused.to_string(), "signature_wrong_length");
        bencher
            .counter(BytesCount::new(sample.body.len()))
            .bench_local(|| verify(&policy, black_box(sample.callback()), NOW).is_err());
    }
}

/// The strict JSON parser alone.
#[divan::bench(args = SIZES)]
fn read_json(bencher: Bencher<'_, '_>, size: usize) {
    let sample = Sample::cheezeepay(size);
    bencher
        .counter(BytesCount::new(sample.body.len()))
        .bench_local(|| json::parse(black_box(&sample.body)).is_ok());
}

/// One signature, with each engine that supports the algorithm.
#[divan::bench(args = [
    (2048, Algorithm::RsaSha256, Engine::Fast),
    (2048, Algorithm::RsaSha256, Engine::Reference),
    (2048, Algorithm::RsaMd5, Engine::Reference),
    (4096, Algorithm::RsaSha256, Engine::Fast),
    (4096, Algorithm::RsaSha256, Engine::Reference),
])]
fn signature(bencher: Bencher<'_, '_>, (bits, algorithm, engine): (usize, Algorithm, Engine)) {
    let key = callbacks::Key::of_bits(bits);
    let message = [b'm'; 512];
    let signature = key.sign(algorithm, &message);
    let public = key.public();
    let check = || public.verify_with(engine, algorithm, black_box(&message), &signature);
    assert_eq!(check(), Some(true));
    bencher.bench_local(check);
}
