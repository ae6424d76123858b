//! Schemes that are refused when they are loaded.

use super::super::SchemeRules;
use super::super::scheme_definition::{
    Choice, LetDefinition, MustCoverDefinition, SchemeDefinition, SelectionDefinition,
};
use super::definition;

/// What is wrong with a definition: the keys, and the messages.
fn errors(definition: &SchemeDefinition) -> Vec<String> {
    let errors = SchemeRules::compile(definition).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn definitions_that_cannot_be_are_refused_at_load() {
    let owned = |text: &str| Some(text.to_owned());
    let jws = || definition("jws-hs256");
    let plain = || SchemeDefinition {
        content: vec!["{body}".to_owned()],
        ..definition("hmac-sha256")
    };
    let token_itself =
        "signature: the token is what `jose` and `claim` read: they cannot say where it is";
    let no_payload = "payload: `claim` reads the payload in the token, but with `payload` there is none: read the values where the payload comes from";
    let step = |text: &str| {
        let step = LetDefinition::Candidates(vec![text.to_owned()]);
        vec![("step".to_owned(), step)]
    };
    for (definition, message) in [
        (
            definition("jws-hs255"),
            "algorithm: there is no algorithm `jws-hs255`",
        ),
        (
            definition("jws-none"),
            "algorithm: there is no algorithm `jws-none`",
        ),
        (
            SchemeDefinition {
                algorithm: Choice::By {
                    by: "{header:X-Alg}".to_owned(),
                    of: vec![("a".to_owned(), "jws-hs256".to_owned())],
                },
                ..plain()
            },
            "algorithm.of.a: a JWS has one algorithm: a callback cannot choose it",
        ),
        (
            SchemeDefinition {
                content: vec!["{body}".to_owned()],
                ..jws()
            },
            "content: a JWS signs its header and its payload; if the token does not contain the payload, say `payload`",
        ),
        (
            SchemeDefinition {
                signed: owned("{body}"),
                ..jws()
            },
            "signed: a JWS signs its header and its payload",
        ),
        (
            SchemeDefinition {
                signature_form: owned("der"),
                ..definition("jws-es256")
            },
            "signature_form: a JWS has one form of signatures",
        ),
        (
            SchemeDefinition {
                signature: vec!["{header:A}".to_owned(), "{header:B}".to_owned()],
                ..jws()
            },
            "signature: a JWS is one token, as text",
        ),
        (
            SchemeDefinition {
                signature: vec!["{headers:A}".to_owned()],
                ..jws()
            },
            "signature: a JWS is one token, as text",
        ),
        (
            SchemeDefinition {
                signature: vec!["{body}".to_owned()],
                ..jws()
            },
            "signature: a JWS is one token, as text",
        ),
        (
            SchemeDefinition {
                signature: vec!["{claim:a}".to_owned()],
                ..jws()
            },
            token_itself,
        ),
        (
            SchemeDefinition {
                signature: vec!["{header:A|after:{jose:a}}".to_owned()],
                ..jws()
            },
            token_itself,
        ),
        (
            SchemeDefinition {
                signature: vec!["{step}".to_owned()],
                lets: step("{jose:a}"),
                ..jws()
            },
            token_itself,
        ),
        (
            SchemeDefinition {
                payload: owned("{claim:a}"),
                ..jws()
            },
            no_payload,
        ),
        (
            SchemeDefinition {
                payload: owned("{body}"),
                nonce: owned("{claim:jti}"),
                ..jws()
            },
            no_payload,
        ),
        (
            SchemeDefinition {
                payload: owned("{fields}"),
                selections: vec![(
                    None,
                    SelectionDefinition {
                        from: owned("headers"),
                        listed_by: owned("{claim:list|split:,}"),
                        must_cover: Some(MustCoverDefinition::Names(Vec::new())),
                        pair: "{value}".to_owned(),
                        ..SelectionDefinition::default()
                    },
                )],
                ..jws()
            },
            no_payload,
        ),
        (
            SchemeDefinition {
                payload: owned("{body}"),
                ..plain()
            },
            "payload: `payload` belongs to an algorithm `jws-...`",
        ),
        (
            SchemeDefinition {
                key_id: owned("{jose:kid}"),
                ..plain()
            },
            "key_id: `jose` is there only with an algorithm `jws-...`",
        ),
        (
            SchemeDefinition {
                lets: step("{claim:a}"),
                ..plain()
            },
            "let.step: `claim` is there only with an algorithm `jws-...`",
        ),
        (
            SchemeDefinition {
                key: owned("{jose:kid}"),
                ..jws()
            },
            "key: a key without a secret in it is no key: anybody can make it",
        ),
    ] {
        assert_eq!(errors(&definition).first().unwrap(), message);
    }
}
