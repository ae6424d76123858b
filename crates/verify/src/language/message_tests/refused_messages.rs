//! Requests that must not pass, or pass by one signature among several.

use super::*;
use crate::language::TimestampDefinition;

const METHOD: &str = "\"@method\": POST\n";

fn method() -> SignedMessage {
    SignedMessage::new().signed("sig1", METHOD, r#"("@method")"#)
}

#[test]
fn a_signature_that_covers_nothing_is_refused() {
    let [label, input, signature] = COVERS_NOTHING;
    let request = SignedMessage::new()
        .add("signature-input", &format!("{label}={input}"))
        .add("signature", &format!("{label}=:{signature}:"));
    let rules = compiled(&definition("rsa-pss-sha512", &["@method"]));
    let keys = [key("test-key-rsa-pss", RSA_PSS_KEY)];
    match request.verified(&rules, &keys) {
        Err(VerifyError::Rejected(refused)) => {
            assert_eq!(refused.reason, Reason::SignatureMalformed)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_scheme_requires_must_be_covered() {
    let scheme = SchemeDefinition {
        components: ["@method", "content-digest"].map(str::to_owned).into(),
        ..shop()
    };
    let refused = method().refusal(&scheme);
    assert_eq!(refused.reason, Reason::ValueMissing);
    assert_eq!(
        refused.at.unwrap().to_string(),
        r#"value:\"content-digest\""#
    );
    assert!(method().passes(&shop()));
}

#[test]
fn components_that_cannot_be_verified_are_refused() {
    for (lines, list) in [
        ("", "()"),
        (
            "\"@method\": POST\n\"@method\": POST\n",
            r#"("@method" "@method")"#,
        ),
        (
            "\"@method\": POST\n\"@status\": 200\n",
            r#"("@method" "@status")"#,
        ),
        (
            "\"@method\": POST\n\"@unknown\": 1\n",
            r#"("@method" "@unknown")"#,
        ),
        (
            "\"@method\";req: POST\n\"@method\": POST\n",
            r#"("@method";req "@method")"#,
        ),
        (
            "\"@method\": POST\n\"date\";sf: 1\n",
            r#"("@method" "date";sf)"#,
        ),
        (
            "\"@method\": POST\n\"date\";key=\"a\": 1\n",
            r#"("@method" "date";key="a")"#,
        ),
        (
            "\"@method\": POST\n\"date\";tr: 1\n",
            r#"("@method" "date";tr)"#,
        ),
        ("\"@method\": POST\n\"Date\": 1\n", r#"("@method" "Date")"#),
        (
            "\"@method\": POST\n\"@query-param\": 1\n",
            r#"("@method" "@query-param")"#,
        ),
        ("@method: POST\n", "(method)"),
    ] {
        let request = SignedMessage::new().signed("sig1", lines, list);
        assert_eq!(
            request.reason(&shop()),
            Reason::SignatureMalformed,
            "{list}"
        );
    }
    let many: Vec<String> = (0..65).map(|nth| format!("\"x-{nth}\"")).collect();
    let request = SignedMessage::new().signed("sig1", "", &format!("({})", many.join(" ")));
    assert_eq!(request.reason(&shop()), Reason::SignatureMalformed);
}

#[test]
fn headers_that_read_in_two_ways_are_refused() {
    let signed = method();
    let header = |name: &str, from: &str, to: &str| {
        let mut request = signed.clone();
        let (_, value) = request
            .headers
            .iter_mut()
            .find(|(known, _)| known == name)
            .unwrap();
        assert!(value.contains(from), "{value}");
        *value = value.replace(from, to);
        request.reason(&shop())
    };
    let malformed = Reason::SignatureMalformed;
    // A label twice, of which one would be read.
    assert_eq!(
        header("signature-input", "sig1=", "sig1=(\"date\"), sig1="),
        malformed
    );
    assert_eq!(
        header("signature", "sig1=", "sig1=:AAAA:, sig1="),
        malformed
    );
    // A label in one header only.
    assert_eq!(header("signature", "sig1=", "sig2="), malformed);
    assert_eq!(
        header("signature", "sig1=", "sig2=:AAAA:, sig1="),
        malformed
    );
    // Base64 with other bits behind its end, and without its padding.
    let (_, value) = signed.headers.last().unwrap();
    let last = value.chars().nth(value.len() - 3).unwrap();
    let other = char::from(u8::try_from(last).unwrap() + 1);
    assert_eq!(
        header("signature", &format!("{last}=:"), &format!("{other}=:")),
        malformed
    );
    assert_eq!(header("signature", "=:", ":"), malformed);
    assert_eq!(header("signature", "=:", "=:;a=1"), malformed);
    assert_eq!(header("signature-input", ")", ");unknown=1"), malformed);
    assert_eq!(header("signature-input", ")", ");created=01"), malformed);
    assert_eq!(header("signature-input", ")", ");created=-1"), malformed);
    assert_eq!(header("signature-input", ")", ");created=1.0"), malformed);
    assert_eq!(header("signature-input", ")", ");created=\"1\""), malformed);
    assert_eq!(
        header("signature-input", ")", ");created=1;created=1"),
        malformed
    );
    assert_eq!(header("signature-input", ")", ");keyid=token"), malformed);
    assert_eq!(
        header("signature-input", "(\"@method\")", "\"@method\""),
        malformed
    );
    // A parameter that is known changes what is signed.
    let mismatch = Reason::SignatureMismatch;
    assert_eq!(header("signature-input", ")", ");created=1"), mismatch);
    // White space between the parts says nothing.
    let mut spaced = signed.clone();
    spaced = spaced.set("signature-input", "sig1=( \"@method\"  ) ");
    assert!(spaced.passes(&shop()));

    // A header that is signed once, but occurs twice.
    let lines = "\"@method\": POST\n\"x-amount\": 1, 2\n";
    let twice = SignedMessage::new()
        .signed("sig1", lines, r#"("@method" "x-amount")"#)
        .add("x-amount", "1")
        .add("x-amount", "2");
    assert_eq!(twice.reason(&shop()), Reason::HeaderRepeated);
    let none = SignedMessage::new();
    assert_eq!(none.reason(&shop()), Reason::SignatureMissing);
    let shadowed = method().add("content_digest", "sha-256=:AAAA:");
    let scheme = SchemeDefinition {
        components: vec!["content-digest".to_owned()],
        ..shop()
    };
    assert_ne!(shadowed.reason(&scheme), Reason::SignatureMismatch);
}

#[test]
fn a_signature_is_of_the_schemes_algorithm() {
    let with = |alg: &str| {
        let list = format!(r#"("@method");alg="{alg}""#);
        SignedMessage::new().signed("sig1", METHOD, &list)
    };
    assert!(with("hmac-sha256").passes(&shop()));
    for alg in ["ed25519", "HMAC-SHA256", ""] {
        assert_eq!(
            with(alg).reason(&shop()),
            Reason::AlgorithmNotAllowed,
            "{alg}"
        );
    }
}

#[test]
fn time_nonce_and_tag_are_those_of_the_signature() {
    let scheme = SchemeDefinition {
        timestamp: Some(TimestampDefinition {
            value: "{param:created}".to_owned(),
            unit: "s".to_owned(),
        }),
        nonce: Some("{param:nonce}".to_owned()),
        check: vec![("{param:tag}".to_owned(), vec!["pay".to_owned()])],
        ..shop()
    };
    let with = |parameters: &str| {
        let list = format!(r#"("@method"){parameters}"#);
        SignedMessage::new().signed("sig1", METHOD, &list)
    };
    let keys = [key("", SHARED_SECRET)];
    let request = with(r#";created=1700000000;expires=1700000060;nonce="n1";tag="pay""#);
    let genuine = request.verified(&compiled(&scheme), &keys).unwrap();
    assert_eq!(genuine.timestamp, Some(1_700_000_000));
    assert_eq!(genuine.expires, Some(1_700_000_060));
    assert_eq!(genuine.nonce.as_deref(), Some("n1"));
    for (parameters, reason) in [
        (r#";nonce="n1";tag="pay""#, Reason::TimestampMissing),
        (r#";created=1;tag="pay""#, Reason::NonceMissing),
        (r#";created=1;nonce="n1""#, Reason::ValueMissing),
        (
            r#";created=1;nonce="n1";tag="app""#,
            Reason::ValueUnexpected,
        ),
        (
            r#";created=2;expires=1;nonce="n1";tag="pay""#,
            Reason::ValueUnexpected,
        ),
    ] {
        assert_eq!(with(parameters).reason(&scheme), reason, "{parameters}");
    }
}

/// A proxy on the way may sign, too.
#[test]
fn one_signature_of_several_is_enough_and_has_its_own_values() {
    let scheme = SchemeDefinition {
        key_id: Some("{param:keyid}".to_owned()),
        timestamp: Some(TimestampDefinition {
            value: "{param:created}".to_owned(),
            unit: "s".to_owned(),
        }),
        ..shop()
    };
    let of_proxy = r#"proxy=("@method");created=9;keyid="proxy""#;
    let request = SignedMessage::new()
        .add("signature-input", of_proxy)
        .add("signature", "proxy=:AAAA:")
        .signed("sig1", METHOD, r#"("@method");created=5;keyid="shop""#);
    let keys = [key("shop", SHARED_SECRET), key("other", SHARED_SECRET)];
    let genuine = request.verified(&compiled(&scheme), &keys).unwrap();
    assert_eq!(genuine.timestamp, Some(5));
    assert_eq!(genuine.key.id(), "shop");
    // The time and the key of another signature do not help this one.
    let swapped = SignedMessage::new()
        .signed("sig1", METHOD, r#"("@method");created=5;keyid="shop""#)
        .add(
            "signature-input",
            r#"late=("@method");created=9;keyid="shop""#,
        )
        .add("signature", &format!("late=:{}:", STANDARD.encode([7; 32])));
    let genuine = swapped.verified(&compiled(&scheme), &keys).unwrap();
    assert_eq!(genuine.timestamp, Some(5));

    let labelled = |label: &str| SchemeDefinition {
        label: Some(label.to_owned()),
        ..scheme.clone()
    };
    assert!(
        request
            .verified(&compiled(&labelled("sig1")), &keys)
            .is_ok()
    );
    assert!(
        request
            .verified(&compiled(&labelled("proxy")), &keys)
            .is_err()
    );
    assert_eq!(request.reason(&labelled("sig2")), Reason::SignatureMissing);
}

#[test]
fn there_are_as_many_signatures_as_are_tried() {
    let with = |count: usize| {
        let labels = |value: &str| {
            let labels: Vec<String> = (0..count).map(|nth| format!("s{nth}={value}")).collect();
            labels.join(", ")
        };
        let signature = format!(":{}:", STANDARD.encode([7; 32]));
        SignedMessage::new()
            .add("signature-input", &labels(r#"("@method")"#))
            .add("signature", &labels(&signature))
    };
    assert_eq!(with(32).reason(&shop()), Reason::SignatureMismatch);
    assert_eq!(with(33).reason(&shop()), Reason::TooManySignatures);
    let keys = [key("", SHARED_SECRET), key("", SHARED_SECRET)];
    match with(17).verified(&compiled(&shop()), &keys) {
        Err(VerifyError::Rejected(refused)) => {
            assert_eq!(refused.reason, Reason::TooManySignatures);
        }
        other => panic!("{other:?}"),
    }
}

/// Lines of the signed text end where a value ends.
#[test]
fn no_value_can_hold_a_line_of_another() {
    let lines = "\"@method\": POST\n\"@path\": /a\n\"@query\": ?\n";
    let mut request = SignedMessage::new().signed("sig1", lines, r#"("@method")"#);
    request.method = "POST\n\"@path\": /a\n\"@query\": ?".to_owned();
    assert_eq!(request.reason(&shop()), Reason::ValueMalformed);
}
