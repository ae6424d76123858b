use http::{HeaderMap, HeaderValue, header};

use super::*;
use crate::verify::body::FieldPath;

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn failing(failure: &[&str]) -> SuccessRule {
    SuccessRule {
        failure: words(failure),
        only: None,
    }
}

fn only(status: RangeInclusive<u16>, body: &[&str], json: &[(&str, &[Literal])]) -> SuccessRule {
    let json = json.iter().map(|(field, values)| ExpectedMember {
        field: FieldPath::parse(field).unwrap(),
        values: values.to_vec(),
    });
    SuccessRule {
        failure: Vec::new(),
        only: Some(Success {
            status,
            body: words(body),
            json: json.collect(),
        }),
    }
}

fn text(text: &str) -> Literal {
    Literal::Text(text.to_owned())
}

/// Whether a 200 with this body is a success.
fn takes(rule: &SuccessRule, body: impl AsRef<[u8]>) -> bool {
    rule.is_success(200, &HeaderMap::new(), Some(body.as_ref()))
}

#[test]
fn by_default_exactly_the_2xx_answers_are_a_success() {
    let rule = SuccessRule::default();
    for (status, expected) in [
        (199, false),
        (200, true),
        (204, true),
        (299, true),
        (300, false),
        (404, false),
        (500, false),
    ] {
        for body in [None, Some(&b"fail"[..])] {
            let found = rule.is_success(status, &HeaderMap::new(), body);
            assert_eq!(found, expected, "{status}");
        }
        assert!(!rule.depends_on_body(status, &HeaderMap::new()));
    }
}

#[test]
fn a_failure_word_must_be_the_whole_body() {
    let rule = failing(&["fail", "FAIL x"]);
    for body in [
        "fail",
        " \t\r\n\u{c}fail\n",
        "FAIL x",
        // As PHP sends it where the script's file begins with the mark.
        "\u{feff}fail",
        "\u{feff}\nfail",
    ] {
        assert!(!takes(&rule, body), "{body:?}");
    }
    for body in [
        "",
        "success",
        "failure",
        "FAIL",
        "\"fail\"",
        "\u{a0}fail",
        "fail\0",
    ] {
        assert!(takes(&rule, body), "{body:?}");
    }
    assert!(!rule.is_success(500, &HeaderMap::new(), Some(b"success")));
    // An empty answer can be a failure, too.
    assert!(!takes(&failing(&[""]), "\n"));
}

#[test]
fn only_the_answers_that_a_route_names_are_a_success() {
    let rule = only(
        200..=201,
        &["success", "OK"],
        &[("/code", &[text("SUCCESS"), Literal::Whole(0)])],
    );
    for body in [
        "success",
        "\r\nOK ",
        "{\"code\":\"SUCCESS\"}",
        " {\"message\":null, \"code\":\"S\\u0055CCESS\"}\n",
        "{\"code\":0}",
    ] {
        assert!(takes(&rule, body), "{body:?}");
    }
    for body in [
        "",
        "Success",
        "success!",
        "\u{feff}success",
        "{}",
        "{\"code\":\"FAIL\"}",
        "{\"code\":\"0\"}",
        "{\"code\":0.0}",
        "{\"code\":00}",
        "{\"code\":[\"SUCCESS\"]}",
        "{\"data\":{\"code\":\"SUCCESS\"}}",
        "[{\"code\":\"SUCCESS\"}]",
        // What parsers read differently.
        "{\"code\":\"FAIL\",\"code\":\"SUCCESS\"}",
        "{\"code\":\"SUCCESS\",\"code\":\"SUCCESS\"}",
        "{\"code\":\"SUCCESS\"}x",
        "\u{feff}{\"code\":\"SUCCESS\"}",
        "{\"code\":\"SUCCESS\",}",
    ] {
        assert!(!takes(&rule, body), "{body:?}");
    }
    assert!(!rule.is_success(202, &HeaderMap::new(), Some(b"success")));
    let by_status = only(204..=204, &[], &[]);
    assert!(by_status.is_success(204, &HeaderMap::new(), None));
    assert!(!by_status.is_success(200, &HeaderMap::new(), None));
    assert!(!by_status.reads_body());
}

#[test]
fn every_named_member_must_be_present_with_its_type() {
    let rule = only(
        STATUSES,
        &[],
        &[
            ("code", &[Literal::Whole(-3)]),
            ("/data/0/ok", &[Literal::Bool(true)]),
        ],
    );
    assert!(takes(&rule, "{\"code\":-3,\"data\":[{\"ok\":true}]}"));
    for body in [
        "{\"code\":-3}",
        "{\"data\":[{\"ok\":true}]}",
        "{\"code\":-3,\"data\":[{\"ok\":false}]}",
        "{\"code\":-3,\"data\":[{\"ok\":\"true\"}]}",
        "{\"code\":-3,\"data\":{\"0\":{}}}",
        "{\"code\":-3,\"data\":[]}",
        "{\"code\":-3,\"data\":null}",
        "{\"code\":3,\"data\":[{\"ok\":true}]}",
        "{\"code\":-3e0,\"data\":[{\"ok\":true}]}",
        "{\"code\":-36893488147419103235,\"data\":[{\"ok\":true}]}",
    ] {
        assert!(!takes(&rule, body), "{body}");
    }
    assert!(!takes(&only(STATUSES, &["x"], &[]), "{}"));
}

#[test]
fn a_failure_word_overrides_the_routes_success() {
    let rule = SuccessRule {
        failure: words(&["fail"]),
        ..only(STATUSES, &[], &[])
    };
    assert!(takes(&rule, "ok"));
    assert!(!takes(&rule, "fail"));
}

#[test]
fn a_body_that_is_too_long_or_encoded_matches_nothing() {
    let longest = format!("fail{}", " ".repeat(MAX_BODY - 4));
    let longer = format!("{longest} ");
    let rule = failing(&["fail"]);
    assert!(!takes(&rule, &longest));
    assert!(takes(&rule, &longer));
    assert!(rule.is_success(200, &HeaderMap::new(), None));
    let rule = only(STATUSES, &["fail"], &[("/a", &[Literal::Bool(true)])]);
    assert!(takes(&rule, &longest));
    assert!(!takes(&rule, &longer));
    assert!(!rule.is_success(200, &HeaderMap::new(), None));

    for (codings, encoded) in [
        (&["gzip"][..], true),
        (&["identity"], false),
        (&["Identity"], false),
        (&["identity", "br"], true),
        (&["identity, gzip"], true),
        (&["identity, identity"], false),
        (&[""], false),
    ] {
        let mut headers = HeaderMap::new();
        for coding in codings {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        assert_eq!(rule.depends_on_body(200, &headers), !encoded, "{codings:?}");
        let found = rule.is_success(200, &headers, Some(b"fail"));
        assert_eq!(found, !encoded, "{codings:?}");
        let found = failing(&["fail"]).is_success(200, &headers, Some(b"fail"));
        assert_eq!(found, encoded, "{codings:?}");
    }
}
