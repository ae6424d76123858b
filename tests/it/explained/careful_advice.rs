//! What fits may still be a callback for somebody else, or a replay: what is advised says so first.

use countersign::explain::{Question, TextStyle};
use countersign::verify::language::{Choice, SchemeDefinition};
use countersign::verify::{Key, Scheme, Secret, VerifyPolicy};
use countersign::written_request::read_http;
use zeroize::Zeroizing;

use super::scene::{Scene, request};

const SECRET: &[u8] = b"a-shared-secret-of-two";
const BODY: &str = "body";

/// A policy that signs this content with HMAC-SHA256.
fn policy(content: &str) -> VerifyPolicy {
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed("hmac-sha256".to_owned()),
        signature: vec!["{header:X-Sig|unhex}".to_owned()],
        content: vec![content.to_owned()],
        not_covered: match content.starts_with("{target}") {
            true => Vec::new(),
            false => vec!["query".to_owned()],
        },
        ..SchemeDefinition::default()
    };
    let scheme = Scheme::compile("acme", definition).unwrap();
    let secret = Secret::new(Zeroizing::new(SECRET.to_vec())).unwrap();
    VerifyPolicy::new(scheme, Key::of_secret("k", secret))
}

fn signature(content: &str) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, SECRET);
    let tag = aws_lc_rs::hmac::sign(&key, content.as_bytes());
    tag.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn a_value_out_of_a_header_that_any_client_can_send_is_called_that() {
    for (content, signed, target, header, code) in [
        (
            "{target}\n{body}",
            "/refund/other-merchant\nbody",
            "/a",
            "X-Original-URI: /refund/other-merchant",
            "target_rewritten",
        ),
        (
            "{target}\n{body}",
            "/evil/a\nbody",
            "/a",
            "X-Forwarded-Prefix: /evil",
            "target_rewritten",
        ),
        (
            "{header:Host}\n{body}",
            "evil.example\nbody",
            "/a",
            "X-Forwarded-Host: evil.example",
            "host_changed",
        ),
        (
            "{configured_url}\n{body}",
            "https://evil.example/h\nbody",
            "/h",
            "X-Forwarded-Host: evil.example",
            "public_url",
        ),
    ] {
        let mut policy = policy(content);
        policy.route.public_url = Some("https://shop.example/h".to_owned());
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: shop.example\r\n{header}\r\nX-Sig: {}\r\n\
             Content-Length: 4\r\n\r\n{BODY}",
            signature(signed)
        );
        let question = Question::new(read_http(request.as_bytes()).unwrap(), 0);
        let explanation = question.by_policy(&policy);
        let text = explanation.as_text(TextStyle::default());
        assert_eq!(explanation.diagnosis(), code, "{text}");
        assert!(text.contains("which any client can send"), "{text}");
        assert!(text.contains("To do      First make sure that"), "{text}");
    }
}

#[test]
fn a_url_that_fits_stands_beside_the_one_that_is_configured() {
    let mut scene = Scene::of("twilio-dup");
    scene.edit("public_url = \"https:", "public_url = \"http:");
    let text = scene.explain().as_text(TextStyle::default());
    assert!(text.contains("` instead of `http://"), "{text}");
    assert!(
        text.contains("in the route: public_url = \"https://"),
        "{text}"
    );
    assert!(!text.contains("which any client can send"), "{text}");
}

#[test]
fn a_key_of_somebody_else_is_not_to_be_accepted_at_once() {
    for (other, code) in [("shopify-b", "other_key"), ("shopify-old", "old_key")] {
        let mut scene = Scene::of("shopify");
        let mut beside = request("shopify");
        beside.id = other.to_owned();
        beside.twin_of = None;
        beside.target = "/beside".to_owned();
        scene.configured.push(beside);
        scene.configured_key(|_| "shpss_another".to_owned());
        let explanation = scene.explain();
        let text = explanation.as_text(TextStyle::default());
        assert_eq!(explanation.diagnosis(), code, "{text}");
        assert!(text.contains("To do      First make sure that"), "{text}");
        assert!(text.contains("Only if the provider"), "{text}");
    }
}

#[test]
fn a_body_that_was_cut_is_no_cause_where_it_is_not_signed() {
    for (content, code) in [
        ("{target}", "no_cause_found"),
        ("{target}{body}", "body_truncated"),
    ] {
        let definition = SchemeDefinition {
            algorithm: Choice::Fixed("hmac-sha256".to_owned()),
            signature: vec!["{header:X-Sig|unhex}".to_owned()],
            content: vec![content.to_owned()],
            not_covered: match content {
                "{target}" => vec!["body".to_owned()],
                _ => Vec::new(),
            },
            ..SchemeDefinition::default()
        };
        let scheme = Scheme::compile("acme", definition).unwrap();
        let secret = Secret::new(Zeroizing::new(SECRET.to_vec())).unwrap();
        let policy = VerifyPolicy::new(scheme, Key::of_secret("k", secret));
        let signature = signature("something else");
        let request = format!(
            "POST /a HTTP/1.1\r\nHost: a\r\nX-Sig: {signature}\r\nContent-Length: 99\r\n\r\n{BODY}"
        );
        let question = Question::new(read_http(request.as_bytes()).unwrap(), 0);
        assert_eq!(question.by_policy(&policy).diagnosis(), code, "{content}");
    }
}
