//! The inverse of the verification: what a scheme signs is made, and what it cannot sign is said.

#![cfg(all(test, feature = "sign"))]
// Helpers outside of `#[test]` functions panic, as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

use countersign_verify::http::{HeaderMap, HeaderName, HeaderValue};
use countersign_verify::language::{
    Choice, LetDefinition, SchemeDefinition, SelectionDefinition, TimestampDefinition,
};
use countersign_verify::sign::{DraftRequest, PlaceError, SigningError, SigningInput, sign};
use countersign_verify::{Key, KeyKind, Reason, Scheme, Secret, VerifyPolicy, verify};

const NOW: i64 = 1_705_128_180;

fn policy(definition: SchemeDefinition) -> VerifyPolicy {
    let scheme = Scheme::compile("acme", definition);
    let scheme = scheme.unwrap_or_else(|errors| panic!("{errors:?}"));
    VerifyPolicy::new(scheme, key())
}

fn key() -> Key {
    let secret = Secret::new(b"a secret that nobody knows".to_vec().into());
    Key::of_secret("shop-7", secret.unwrap())
}

fn hmac(signature: &str, content: &str) -> SchemeDefinition {
    SchemeDefinition {
        algorithm: Choice::Fixed("hmac-sha256".into()),
        signature: vec![signature.into()],
        content: vec![content.into()],
        ..SchemeDefinition::default()
    }
}

fn draft(body: &str) -> DraftRequest {
    DraftRequest {
        method: "POST".to_owned(),
        target: b"/callback?x=1".to_vec(),
        headers: HeaderMap::new(),
        body: body.as_bytes().to_vec(),
    }
}

/// Signs, and has the verification take it.
fn signed(policy: &VerifyPolicy, draft: DraftRequest) -> DraftRequest {
    let key = key();
    let input = SigningInput::new(policy, &key, NOW, "a-nonce");
    let signed = sign(input, draft).unwrap_or_else(|error| panic!("{error}"));
    verify(policy, signed.callback(), NOW).unwrap();
    signed
}

fn refused(policy: &VerifyPolicy, draft: DraftRequest) -> SigningError {
    let key = key();
    sign(SigningInput::new(policy, &key, NOW, "a-nonce"), draft).unwrap_err()
}

fn header<'r>(request: &'r DraftRequest, name: &str) -> &'r str {
    request.headers.get(name).unwrap().to_str().unwrap()
}

fn body(request: &DraftRequest) -> &str {
    std::str::from_utf8(&request.body).unwrap()
}

#[test]
fn values_share_a_header_and_go_where_each_is_read() {
    let mut definition = hmac(
        "{header:X-Sign|pairs:,|all:v1|unhex}",
        "{timestamp}.{nonce}.{body}",
    );
    definition.timestamp = Some(TimestampDefinition {
        value: "{header:X-Sign|pairs:,|one:t}".into(),
        unit: "s".into(),
    });
    definition.nonce = Some("{header:X-Sign|pairs:,|one:n}".into());
    definition.require = vec![("{nonce}".into(), "[a-z-]+".into())];
    let policy = policy(definition);
    let made = signed(&policy, draft("{}"));
    assert!(header(&made, "x-sign").starts_with("t=1705128180,n=a-nonce,v1="));
    // What is there stays, and a signature that is there goes.
    let mut given = draft("{}");
    let value = HeaderValue::from_static("v1=00,n=mine,v0=old,v1=11");
    given.headers.insert("x-sign", value);
    let made = signed(&policy, given);
    let text = header(&made, "x-sign");
    assert!(text.contains(",n=mine,v0=old,t=1705128180") && text.matches("v1=").count() == 1);
}

#[test]
fn the_body_keeps_every_byte_but_the_signature() {
    let selection = SelectionDefinition {
        from: Some("json".into()),
        leave_out: vec!["sign".into()],
        order: Some("bytes".into()),
        pair: "{name}={value}".into(),
        between: "&".into(),
        ..SelectionDefinition::default()
    };
    let mut definition = hmac("{field:sign|unbase64}", "{fields}");
    definition.selections = vec![(None, selection)];
    let policy = policy(definition);
    let made = signed(&policy, draft("{ \"b\":\"\\u00e9\",\n \"a\":1 }\n"));
    let text = body(&made);
    assert!(
        text.starts_with("{ \"b\":\"\\u00e9\",\n \"a\":1 ,\"sign\":\"") && text.ends_with("\"}\n")
    );
    assert_eq!(header(&made, "content-type"), "application/json");
    let again = signed(&policy, made.clone());
    assert_eq!(again.body, made.body);
}

#[test]
fn values_behind_a_named_step_are_written_through_it() {
    let mut definition = hmac("{v|after:':'|unbase64}", "{key_id}.{body}");
    definition.lets = vec![(
        "v".into(),
        LetDefinition::Candidates(vec!["{header:Authorization|prefix:'HMAC '}".into()]),
    )];
    definition.key_id = Some("{v|before:':'}".into());
    definition.require = vec![("{key_id}".into(), "[^.]+".into())];
    let made = signed(&policy(definition), draft("x"));
    assert!(header(&made, "authorization").starts_with("HMAC shop-7:"));
}

#[test]
fn compared_values_are_filled_in() {
    let mut definition = hmac("{header:X-Sign|unhex}", "{header:X-Digest}.{header:X-Alg}");
    definition.check = vec![
        ("{header:X-Alg}".into(), vec!["HMAC".into(), "OTHER".into()]),
        (
            "{header:X-Digest|unbase64}".into(),
            vec!["{body|sha256}".into()],
        ),
    ];
    let made = signed(&policy(definition), draft(""));
    assert_eq!(header(&made, "x-alg"), "HMAC");
    assert_eq!(
        header(&made, "x-digest"),
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    );
}

#[test]
fn a_token_comes_about_with_its_claims() {
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed("jws-hs256".into()),
        signature: vec!["{field:token}".into()],
        timestamp: Some(TimestampDefinition {
            value: "{claim:iat}".into(),
            unit: "s".into(),
        }),
        key_id: Some("{jose:kid}".into()),
        ..SchemeDefinition::default()
    };
    let policy = policy(definition);
    let key = key();
    let mut input = SigningInput::new(&policy, &key, NOW, "a-nonce");
    input.claims = Some(b"{\"amount\":\"1.00\"}");
    let made = sign(input, draft("")).unwrap();
    // `{"alg":"HS256","kid":"shop-7"}` and `{"amount":"1.00","iat":1705128180}`.
    let wanted = "{\"token\":\"eyJhbGciOiJIUzI1NiIsImtpZCI6InNob3AtNyJ9.eyJhbW91bnQiOiIxLjAwIiwiaWF0IjoxNzA1MTI4MTgwfQ.";
    assert!(body(&made).starts_with(wanted), "{}", body(&made));
    // A token that is there keeps its header and claims.
    assert_eq!(signed(&policy, made.clone()).body, made.body);
}

#[test]
fn a_token_can_be_beside_its_payload() {
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed("jws-hs512".into()),
        signature: vec!["{header:X-Jws}".into()],
        payload: Some("{method} {target}\n{body}".into()),
        ..SchemeDefinition::default()
    };
    let made = signed(&policy(definition), draft("{}"));
    let mut parts = header(&made, "x-jws").split('.');
    assert_eq!(
        (parts.next(), parts.next()),
        (Some("eyJhbGciOiJIUzUxMiJ9"), Some(""))
    );
}

#[test]
fn an_http_message_signature_covers_what_the_scheme_asks_for() {
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed("rfc9421-hmac-sha256".into()),
        components: ["@method", "@request-target", "content-digest"]
            .map(str::to_owned)
            .to_vec(),
        timestamp: Some(TimestampDefinition {
            value: "{param:created}".into(),
            unit: "s".into(),
        }),
        nonce: Some("{param:nonce}".into()),
        key_id: Some("{param:keyid}".into()),
        ..SchemeDefinition::default()
    };
    let made = signed(&policy(definition), draft("{}"));
    let wanted = "sig1=(\"@method\" \"@request-target\" \"content-digest\");created=1705128180;nonce=\"a-nonce\";keyid=\"shop-7\"";
    assert_eq!(header(&made, "signature-input"), wanted);
    assert!(header(&made, "content-digest").starts_with("sha-256=:"));
}

#[test]
fn every_item_is_signed() {
    let mut definition = hmac("{field:sign|unhex}", "{field:id}");
    definition.each = Some("/items/*".into());
    let made = signed(
        &policy(definition),
        draft(r#"{"items":[{"id":"a"},{"id":"b"}]}"#),
    );
    assert_eq!(body(&made).matches("\"sign\":").count(), 2);
}

#[test]
fn what_cannot_be_signed_is_said() {
    // A filter of which nobody knows what it was applied to.
    let one_way = policy(hmac("{header:X-Sign|remove:'-'|unhex}", "{body}"));
    let error = refused(&one_way, draft("x"));
    assert!(matches!(
        error,
        SigningError::Place(PlaceError::OneWay {
            filter: "remove",
            ..
        })
    ));
    // A body of another kind, and a value that nobody can make up.
    let json = policy(hmac("{field:sign|unhex}", "{field:id}"));
    let error = refused(&json, draft("a=1"));
    assert!(
        matches!(error, SigningError::Place(PlaceError::Unfit { .. })),
        "{error}"
    );
    let error = refused(&json, draft("{}"));
    let SigningError::Content(rejection) = error else {
        panic!("{error}")
    };
    assert_eq!(rejection.reason, Reason::ValueMissing);
    // A public key is needed.
    let mut rsa = hmac("{header:X-Sign|unhex}", "{body}");
    rsa.algorithm = Choice::Fixed("rsa-sha256".into());
    let error = refused(&policy(rsa), draft("x"));
    let (needed, given) = (KeyKind::Rsa, KeyKind::Secret);
    assert_eq!(error, SigningError::WrongKey { needed, given });
}

#[test]
fn what_a_receiver_would_refuse_is_not_made() {
    let mut definition = hmac("{header:X-Sign|unhex}", "{timestamp}.{body}");
    definition.timestamp = Some(TimestampDefinition {
        value: "{header:X-Time}".into(),
        unit: "s".into(),
    });
    let mut old = policy(definition);
    old.max_age = Some(std::time::Duration::from_secs(300));
    let mut given = draft("x");
    let time = (
        HeaderName::from_static("x-time"),
        HeaderValue::from_static("1705120000"),
    );
    given.headers.insert(time.0, time.1);
    let error = refused(&old, given.clone());
    let SigningError::Refused(rejection) = error else {
        panic!("{error}")
    };
    assert_eq!(rejection.reason, Reason::TimestampStale);
    // Another time is written over it.
    let key = key();
    let mut input = SigningInput::new(&old, &key, NOW, "a-nonce");
    input.at = Some(NOW + 7);
    let made = sign(input, given).unwrap();
    assert_eq!(header(&made, "x-time"), "1705128187");
    // The signature is in what is signed: no bytes can be both.
    let circular = policy(hmac("{header:X-Sign|unhex}", "{header:X-Sign}.{body}"));
    let error = refused(&circular, draft("x"));
    let SigningError::Refused(rejection) = error else {
        panic!("{error}")
    };
    assert_eq!(rejection.reason, Reason::SignatureMismatch);
}
