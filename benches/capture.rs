//! The cost of keeping a rejected request: `cargo bench --locked --bench capture`.

use std::time::Duration;

use bytes::Bytes;
use countersign::capture::{CaptureRing, CaptureSettings, CapturedHead, CapturedRequest};
use countersign::record::{Caller, ClientAddress};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// A request with a body of this length from the network with this number.
fn request(number: u32, body: usize) -> CapturedRequest {
    let network = u128::from(number) << 64;
    let address = ClientAddress::Ip(std::net::Ipv6Addr::from_bits(network).into());
    let mut head = CapturedHead::default();
    for name in ["Host", "Content-Type", "V-Signature", "V-Nonce-Str"] {
        head.add(name.as_bytes(), &[b'v'; 60]);
    }
    CapturedRequest {
        id: format!("{number:032x}"),
        time: 0,
        caller: Caller {
            address,
            ..Caller::default()
        },
        peer: None,
        tls: false,
        route: "r".into(),
        reason: "signature_mismatch",
        at: None,
        method: http::Method::POST,
        shown_target: b"/cb".to_vec(),
        target: b"/cb".to_vec(),
        head,
        body: Bytes::from(vec![b'x'; body]),
        body_length: body,
    }
}

/// Into a ring that is full of requests of as many networks, so that each makes room.
#[divan::bench(args = [1 << 20, 16 << 20, 256 << 20])]
fn keep(bencher: Bencher<'_, '_>, size: usize) {
    let ring = CaptureRing::default();
    ring.configure(Some(&CaptureSettings {
        size,
        per_client: 8,
        body: 64 << 10,
        expire: Duration::from_secs(3600),
        routes: vec!["r".into()],
    }));
    let mut number = 0_u32;
    let mut next = move || {
        number = u32::wrapping_add(number, 1);
        number
    };
    while ring.usage().bytes < size.saturating_sub(size / 100) {
        ring.add(request(next(), 500), Duration::ZERO);
    }
    bencher
        .with_inputs(|| request(next(), 500))
        .bench_local_values(|request| ring.add(black_box(request), Duration::ZERO));
}
