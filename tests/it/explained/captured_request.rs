//! A request that the running proxy captured, explained by its id.

use crate::control::{acts, command, controlled};
use crate::support::signer::Signer;
use crate::support::{Callback, Origin};

#[test]
fn a_captured_request_is_explained_by_its_id() {
    let origin = Origin::start();
    let proxy = controlled("")
        .tables("[capture]\nbody = \"1KiB\"")
        .sgate("name = \"one\"\npath = \"/one\"")
        .origin(&origin)
        .start();
    let rejected = |callback: &Callback| {
        assert_ne!(callback.send(&proxy).status, 200);
        let line = proxy.access();
        line["id"].as_str().unwrap().to_owned()
    };
    let mut genuine = Signer::get().sgate("/one", "{\"n\":2}");
    genuine.body = b"{\"n\": 2}\n".to_vec();
    let id = rejected(&genuine);
    let output = command(&proxy, &["explain", "--id", &id[..20]]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("Route      one"), "{text}");
    assert!(text.contains("[body_reencoded]"), "{text}");
    // It is judged at the time when it came.
    assert!(text.contains("Freshness  fresh"), "{text}");
    assert_eq!(acts(&proxy)[0][0], "explain");

    let mut long = Signer::get().sgate("/one", "{\"n\":2}");
    long.body = format!("{{\"n\":\"{}\"}}", "x".repeat(2000)).into_bytes();
    let id = rejected(&long);
    let output = command(&proxy, &["explain", "--id", &id]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("[body_truncated]") && text.contains("kept the first 1024"),
        "{text}"
    );

    let output = command(&proxy, &["explain", "--id", &"0".repeat(32)]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("no captured request"), "{text}");
}
