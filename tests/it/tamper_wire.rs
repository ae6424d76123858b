//! Tampered callbacks over the wire, as a sample of what the library's tests cover exhaustively.

use countersign::verify::{signed_text, verify};

use crate::cases::{self, Case};
use crate::support::{Callback, Client, Origin, Setup};

/// One byte in this many is flipped.
const STRIDE: usize = 41;

fn callback(case: &Case) -> Callback {
    let path = format!("/{}", case.scheme);
    let mut callback = Callback::post(
        if case.scheme == "sgate" {
            &case.target
        } else {
            &path
        },
        case.body.clone(),
    );
    for (name, value) in &case.headers {
        callback = callback.header(name.as_str(), value.as_bytes());
    }
    callback
}

/// Whether the library accepts the case with this body. If it does, the signed content must be the
/// same.
fn passes(case: &Case, body: &[u8]) -> bool {
    let policy = cases::policy(case.scheme);
    let tampered = Case {
        body: body.to_vec(),
        ..case.clone()
    };
    let passes = verify(&policy, tampered.callback(), cases::NOW).is_ok();
    if passes {
        let candidates = signed_text(&policy.scheme, tampered.callback()).unwrap();
        assert!(candidates.contains(&case.signed_content), "{}", case.id);
    }
    passes
}

#[test]
fn tampered_requests_are_refused_and_not_forwarded_unless_they_sign_alike() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .route(
            "name = \"cheezeepay\"\npath = \"/cheezeepay\"\nscheme = \"cheezeepay\"\n\
             keys = [\"cheezeepay-vectors\"]\nexpose_reason = true",
        )
        .route(
            "name = \"sgate\"\npath_prefix = \"/\"\nscheme = \"sgate\"\n\
             keys = [\"sgate-vectors\"]\nmax_age = \"off\"\nexpose_reason = true",
        )
        .origin(&origin)
        .start();
    let mut client = Client::connect(proxy.address);
    let mut expected = 0;
    let mut refused = 0;
    for case in cases::all() {
        let genuine = callback(&case);
        client.send(&genuine.with_length());
        let answer = client.response();
        assert_eq!(answer.status, 200, "{}", case.id);
        expected += 1;
        assert_eq!(origin.requests(expected)[expected - 1].body, case.body);

        for at in (0..case.body.len()).step_by(STRIDE) {
            let mut body = case.body.clone();
            body[at] ^= 1;
            let passes = passes(&case, &body);
            let tampered = Callback {
                body: body.clone(),
                ..genuine.clone()
            };
            client.send(&tampered.with_length());
            let answer = client.response();
            let what = format!("{} byte {at}", case.id);
            assert_eq!(answer.status, if passes { 200 } else { 400 }, "{what}");
            if passes {
                expected += 1;
                assert_eq!(origin.requests(expected)[expected - 1].body, body, "{what}");
            } else {
                refused += 1;
            }
        }
    }
    // Everything that ever reached the backend was expected.
    origin.requests(expected);
    assert!(origin.connections() <= expected);
    assert!(refused > 400, "{refused}");
}
