//! Decryption with `once`: a callback that a backend has accepted is not decrypted again.

use super::keys;
use super::proxy::encrypted;
use crate::support::signer::Signer;
use crate::support::{Origin, Setup};

fn setup(rule: &str) -> Setup {
    Setup::new()
        .tables(&keys())
        .tables(&format!("[once]\n{rule}"))
        .sgate(
            "name = \"sgate\"\npath = \"/cb\"\ndecrypt = \"rule\"\ndecrypt_keys = [\"merchant\"]",
        )
}

fn rule(on_failure: &str) -> String {
    format!(
        "[[decryption]]\nname = \"rule\"\npaths = [\"/data/cardno\"]\ncipher = \"rsa-pkcs1-v1_5\"\n\
         on_failure = \"{on_failure}\"\n"
    )
}

#[test]
fn a_repeat_is_not_decrypted_again() {
    let origin = Origin::start();
    let proxy = setup(&rule("reject")).origin(&origin).start();
    let body = format!("{{\"data\":{{\"cardno\":\"{}\"}}}}", encrypted()[2]);
    let callback = Signer::get().sgate("/cb", body);
    for (once, decrypted) in [("fresh", 1.into()), ("repeat", serde_json::Value::Null)] {
        assert_eq!(callback.send(&proxy).status, 200);
        let line = proxy.access();
        assert_eq!(
            (&line["once"], &line["decrypted"]),
            (&once.into(), &decrypted)
        );
    }
    assert_eq!(origin.requests(1).len(), 1);
}

#[test]
fn the_claim_of_a_callback_refused_for_its_values_is_released() {
    let origin = Origin::start();
    let proxy = setup(&rule("reject")).origin(&origin).start();
    let callback = Signer::get().sgate("/cb", "{\"data\":{\"cardno\":\"AAAA\"}}");
    for _ in 0..3 {
        let answer = callback.send(&proxy);
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["reason"], "decrypt_failed");
        assert_eq!(proxy.access()["once"], "fresh");
    }
    assert_eq!(origin.connections(), 0);
}

/// The echo's response contains decrypted values, which must not get into a store.
#[test]
fn clear_text_is_not_stored() {
    let proxy = setup(&rule("keep"))
        .sgate(
            "name = \"echo\"\npath = \"/echo\"\ndecrypt = \"rule\"\ndecrypt_keys = [\"merchant\"]\n\
             upstream = \"echo\"",
        )
        .origin(&Origin::start())
        .start();
    let body = format!("{{\"data\":{{\"cardno\":\"{}\"}}}}", encrypted()[2]);
    let callback = Signer::get().sgate("/echo", body);
    for _ in 0..2 {
        let shown = callback.send(&proxy);
        assert!(shown.json()["body"].as_str().unwrap().contains("6222 0000"));
        // The callback was decrypted again, so nothing of it was stored.
        let line = proxy.access();
        assert_eq!(
            (&line["once"], &line["decrypted"]),
            (&"fresh".into(), &1.into())
        );
    }
}
