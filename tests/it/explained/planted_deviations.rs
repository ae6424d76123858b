//! A search finds what nobody suspects, and finds nothing where there is nothing.

use std::time::Instant;

use aws_lc_rs::hmac;
use countersign::explain::{Explanation, Question, SearchBound, TextStyle};
use countersign::verify::keys::Secret;
use countersign::verify::language::{
    Choice, RouteValues, SchemeDefinition, SelectionDefinition, TimestampDefinition,
};
use countersign::verify::{
    Callback, Key, Plenty, Scheme, VerifyPolicy, VerifySteps, verify_watched,
};
use countersign::written_request::{WrittenRequest, read_http};

use crate::random::Random;

const SECRET: &str = "an-own-secret-of-the-shop";

/// What the provider does, and what is different about the configuration or the request that is recorded.
struct Deviation {
    provider: SchemeDefinition,
    configured: SchemeDefinition,
    secret: &'static str,
    url: Option<&'static str>,
    recorded: fn(&mut WrittenRequest),
}

fn scheme(content: &str) -> SchemeDefinition {
    SchemeDefinition {
        algorithm: Choice::Fixed("hmac-sha256".to_owned()),
        signature: vec!["{header:X-Sign|unhex}".to_owned()],
        timestamp: Some(TimestampDefinition {
            value: "{header:X-Time}".to_owned(),
            unit: "s".to_owned(),
        }),
        nonce: Some("{header:X-Nonce}".to_owned()),
        content: vec![content.to_owned()],
        ..SchemeDefinition::default()
    }
}

/// One that signs fields of a form.
fn fields(change: impl Fn(&mut SelectionDefinition)) -> SchemeDefinition {
    let mut selection = SelectionDefinition {
        from: Some("form".to_owned()),
        order: Some("bytes".to_owned()),
        pair: "{name}={value}".to_owned(),
        between: "&".to_owned(),
        ..SelectionDefinition::default()
    };
    change(&mut selection);
    SchemeDefinition {
        selections: vec![(None, selection)],
        ..scheme("{timestamp}\n{nonce}\n{fields}")
    }
}

fn deviation(provider: &str, configured: &str) -> Deviation {
    Deviation {
        provider: scheme(provider),
        configured: scheme(configured),
        secret: SECRET,
        url: None,
        recorded: |_| {},
    }
}

fn recorded(content: &str, recorded: fn(&mut WrittenRequest)) -> Deviation {
    Deviation {
        recorded,
        ..deviation(content, content)
    }
}

fn newline(request: &mut WrittenRequest) {
    request.body = [&request.body[..], b"\n"].concat().into();
}

fn without_prefix(request: &mut WrittenRequest) {
    request.target = request.target.strip_prefix(b"/api").unwrap().to_vec();
}

fn respaced(request: &mut WrittenRequest) {
    let body = String::from_utf8(request.body.to_vec()).unwrap();
    request.body = body
        .replace("\":", "\": ")
        .replace(",\"", ", \"")
        .into_bytes()
        .into();
}

const ALL: &str = "{timestamp}.{nonce}.{target}.{body}";

fn deviations() -> Vec<Deviation> {
    let with_key = |key: &str| SchemeDefinition {
        key: Some(key.to_owned()),
        ..scheme(ALL)
    };
    vec![
        deviation("{timestamp}|{nonce}|{body}", "{timestamp}.{nonce}.{body}"),
        deviation(
            "{timestamp}\n{nonce}\n{body}\n",
            "{timestamp}\n{nonce}\n{body}",
        ),
        deviation("{nonce}.{timestamp}.{body}", "{timestamp}.{nonce}.{body}"),
        deviation("{body}.{nonce}.{timestamp}", "{timestamp}.{nonce}.{body}"),
        deviation(
            "{timestamp}.{nonce}.{body}",
            "{timestamp}.{nonce}.{target}.{body}",
        ),
        deviation(
            "{timestamp}.{nonce}.{path}.{body}",
            "{timestamp}.{nonce}.{target}.{body}",
        ),
        recorded(ALL, |request| {
            newline(request);
            without_prefix(request);
        }),
        recorded(ALL, |request| {
            respaced(request);
            without_prefix(request);
        }),
        Deviation {
            secret: " an-own-secret-of-the-shop ",
            ..recorded(ALL, newline)
        },
        Deviation {
            secret: "whsec_an-own-secret-of-the-shop",
            ..recorded(ALL, respaced)
        },
        Deviation {
            secret: "\"an-own-secret-of-the-shop\"",
            ..recorded(ALL, without_prefix)
        },
        Deviation {
            provider: SchemeDefinition {
                algorithm: Choice::Fixed("hmac-sha512".to_owned()),
                ..scheme(ALL)
            },
            ..recorded(ALL, newline)
        },
        Deviation {
            provider: with_key("{secret}"),
            configured: with_key("{secret|sha256|hex}"),
            ..recorded(ALL, newline)
        },
        Deviation {
            provider: fields(|_| {}),
            configured: fields(|fields| fields.order = Some("as-received".to_owned())),
            ..recorded(ALL, form)
        },
        Deviation {
            provider: fields(|fields| fields.empty = Some("leave-out".to_owned())),
            configured: fields(|_| {}),
            ..recorded(ALL, form)
        },
        Deviation {
            provider: fields(|fields| fields.leave_out.push("sign_type".to_owned())),
            configured: fields(|_| {}),
            ..recorded(ALL, form)
        },
        Deviation {
            provider: fields(|fields| fields.between = "|".to_owned()),
            configured: fields(|_| {}),
            ..recorded(ALL, form)
        },
        Deviation {
            provider: scheme("{timestamp}.{nonce}.{url}.{body}"),
            configured: scheme("{timestamp}.{nonce}.{url}.{body}"),
            url: Some("http://shop.example"),
            ..recorded(ALL, newline)
        },
    ]
}

/// Leaves the form as it is.
fn form(_: &mut WrittenRequest) {}

/// The bytes that are signed by a scheme.
#[derive(Default)]
struct Signed(Vec<u8>);

impl VerifySteps for Signed {
    fn built(&mut self, applied_to: &[u8], _: impl FnOnce() -> Option<Vec<u8>>) {
        self.0 = applied_to.to_vec();
    }
}

fn policy(definition: &SchemeDefinition, secret: &str, url: &str) -> VerifyPolicy {
    let scheme =
        Scheme::compile("acme", definition.clone()).unwrap_or_else(|errors| panic!("{errors:?}"));
    let secret = Secret::new(secret.as_bytes().to_vec().into()).unwrap();
    VerifyPolicy::new(scheme, Key::of_secret("shop", secret)).with_route_values(RouteValues {
        public_url: Some(url.to_owned()),
        ..RouteValues::default()
    })
}

/// The request as the provider signs it.
fn signed(definition: &SchemeDefinition) -> WrittenRequest {
    let is_form = !definition.selections.is_empty();
    let (media_type, body) = match is_form {
        true => (
            "application/x-www-form-urlencoded",
            "b=2&sign_type=HMAC&a=1&empty=",
        ),
        false => ("application/json", r#"{"order":"A-1001","amount":1999}"#),
    };
    let is_long = definition.algorithm == Choice::Fixed("hmac-sha512".to_owned());
    let length = if is_long { 64 } else { 32 };
    let text = format!(
        "POST /api/acme?id=7 HTTP/1.1\r\nHost: shop.example\r\nContent-Type: {media_type}\r\n\
         X-Time: 1700000000\r\nX-Nonce: n-4711\r\nX-Sign: {}\r\n\r\n{body}",
        "00".repeat(length)
    );
    let mut request = read_http(text.as_bytes()).unwrap().request;
    let target = request.target.clone();
    let callback = Callback::new("POST", &target, &request.headers, &request.body);
    let mut content = Signed::default();
    let policy = policy(definition, SECRET, "https://shop.example");
    let _ = verify_watched(&policy, callback, 1_700_000_000, &mut Plenty, &mut content);
    assert!(!content.0.is_empty());
    let algorithm = if is_long {
        hmac::HMAC_SHA512
    } else {
        hmac::HMAC_SHA256
    };
    let mac = hmac::sign(&hmac::Key::new(algorithm, SECRET.as_bytes()), &content.0);
    let mac: String = mac
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    request.headers.insert("x-sign", mac.parse().unwrap());
    request
}

fn searched(request: WrittenRequest, policy: &VerifyPolicy, most: usize) -> Explanation {
    let mut progress = |_| {};
    let mut question = Question::new(request.into(), 1_700_000_001);
    question.search = Some(SearchBound::new(most, &mut progress));
    question.by_policy(policy)
}

#[test]
fn a_search_finds_planted_deviations() {
    let deviations = deviations();
    assert_eq!(deviations.len(), 18);
    let mut missed = Vec::new();
    for (nth, deviation) in deviations.iter().enumerate() {
        let mut request = signed(&deviation.provider);
        (deviation.recorded)(&mut request);
        let url = deviation.url.unwrap_or("https://shop.example");
        let policy = policy(&deviation.configured, deviation.secret, url);
        let begun = Instant::now();
        let explanation = searched(request, &policy, 100_000);
        println!(
            "{nth}: {} after {:?}",
            explanation.diagnosis(),
            begun.elapsed()
        );
        let text = explanation.in_short(TextStyle::default());
        if !text.contains("it fits if") {
            missed.push((nth, text));
        }
    }
    assert!(missed.len() <= 3, "{missed:#?}");
}

#[test]
fn a_search_claims_nothing_that_is_not_there() {
    let mut random = Random::new(18);
    for nth in 0..100 {
        let most = if nth < 3 { 5000 } else { 50 };
        let definition = match nth % 3 {
            0 => scheme(ALL),
            1 => scheme("{timestamp}.{nonce}.{url}.{body}"),
            _ => fields(|_| {}),
        };
        let mut request = signed(&definition);
        let mac: String = (0..32)
            .map(|_| format!("{:02x}", random.below(256)))
            .collect();
        request.headers.insert("x-sign", mac.parse().unwrap());
        let policy = policy(&definition, SECRET, "https://shop.example");
        let explanation = searched(request, &policy, most);
        let text = explanation.as_text(TextStyle::default());
        let told = text.contains("variations tried") && text.contains("none fits");
        assert!(told || text.contains("Search     not needed"), "{text}");
        let json = explanation.as_json(false);
        assert!(json.contains("\"step\":\"search\""), "{json}");
        assert_eq!(explanation.diagnosis(), "no_cause_found");
    }
}
