//! Schemes of RFC 9421 that must not compile.

use super::*;

fn errors(definition: &SchemeDefinition) -> String {
    let errors = SchemeRules::compile(definition).unwrap_err();
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    errors.join("; ")
}

#[test]
fn every_algorithm_of_rfc_9421_can_be_a_schemes() {
    for alg in [
        "rsa-pss-sha512",
        "rsa-v1_5-sha256",
        "hmac-sha256",
        "ecdsa-p256-sha256",
        "ecdsa-p384-sha384",
        "ed25519",
    ] {
        let rules = compiled(&definition(alg, &["@method"]));
        assert_eq!(rules.message.unwrap().alg, alg);
    }
    let unknown = SchemeRules::compile(&definition("ed25518", &["@method"])).unwrap_err();
    assert!(
        format!("{unknown:?}").contains("rfc9421-ed25519"),
        "{unknown:?}"
    );
}

#[test]
fn a_scheme_says_what_must_be_covered() {
    assert!(errors(&definition("ed25519", &[])).starts_with("components: say what"));
    for (component, why) in [
        ("@status", "there is no component"),
        ("@Method", "there is no component"),
        ("Content-Digest", "in lower case"),
        ("date;sf", "cannot be verified"),
        ("date;key=\"a\"", "cannot be verified"),
        ("@method;req", "cannot be verified"),
        ("@query-param", "write which parameter"),
        ("@query-param;name=id", "write which parameter"),
        ("date;bs=?1", "write `date;bs=?1` as \"date\";bs"),
        ("\"date\"", "is not a component"),
        ("", "in lower case"),
    ] {
        let found = errors(&definition("ed25519", &[component]));
        assert!(found.contains(why), "{component}: {found}");
    }
    let twice = errors(&definition("ed25519", &["date", "date"]));
    assert!(twice.contains("twice"), "{twice}");
}

#[test]
fn what_rfc_9421_says_the_scheme_does_not() {
    let scheme = || definition("ecdsa-p256-sha256", &["@method"]);
    let text = || "{header:X-Signature}".to_owned();
    let mut signature = scheme();
    signature.signature.push(text());
    let mut content = scheme();
    content.content.push(text());
    let mut signed = scheme();
    signed.signed = Some("{body}".to_owned());
    let mut form = scheme();
    form.signature_form = Some("der".to_owned());
    for (key, definition) in [
        ("signature", signature),
        ("content", content),
        ("signature_form", form),
        ("signed", signed),
    ] {
        let found = errors(&definition);
        assert!(
            found.contains(&format!("RFC 9421 says what `{key}` is")),
            "{found}"
        );
    }
    let mut label = scheme();
    label.label = Some("Sig1".to_owned());
    assert!(errors(&label).contains("cannot be the label"));
    let mut parameter = scheme();
    parameter.nonce = Some("{param:nonces}".to_owned());
    assert!(errors(&parameter).contains("nonce"));
    let mut elsewhere = SchemeDefinition {
        algorithm: Choice::Fixed("ed25519".to_owned()),
        signature: vec!["{header:X-Signature|unhex}".to_owned()],
        content: vec!["{body}".to_owned()],
        ..SchemeDefinition::default()
    };
    elsewhere.components.push("@method".to_owned());
    elsewhere.nonce = Some("{param:nonce}".to_owned());
    let found = errors(&elsewhere);
    assert!(found.contains("`components` belongs to"), "{found}");
    assert!(found.contains("`param` is there only with"), "{found}");
}
