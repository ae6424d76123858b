//! Where values of a content end.

use super::*;

/// A scheme with values of all kinds.
fn named(content: &str) -> SchemeDefinition {
    with(content, |scheme| {
        scheme.timestamp = timestamp("{header:X-Time}", "s");
        scheme.nonce = Some("{header:X-Nonce}".to_owned());
        scheme.key_id = Some("{header:X-Key}".to_owned());
    })
}

#[test]
fn every_value_must_have_exactly_one_possible_end() {
    for content in [
        "{timestamp}\n{nonce}\n{body}\n",
        "{timestamp}.{body}",
        "{timestamp}{body}",
        "{body}{timestamp}",
        "{body}.{timestamp}",
        "{body}\r\n{nonce}",
        "{method} {target}\n{header:X-A}\n{body}",
        "{nonce}",
        "a{body}b",
        "{nonce} \n{key_id}\0{body}",
        // What is known already has no end to be found.
        "{nonce}\n{nonce}{body}",
        // The one in the middle lies between those that end.
        "{nonce}\n{body}\n{key_id}",
        // A value that is always the same.
        "{body}{configured_url}",
        "{value:a}{value:b}{body}",
        // Nobody else knows the secret, so no value contains it.
        "{form:a}{secret}{form:b}",
        "{secret}{form:a}",
        // Fixed lengths, and alphabets.
        "{form:a|md5|hex}{form:b}",
        "{body|sha256|base64}{form:b}",
        "{form:a|hex}.{form:b}",
        "{form:a|urlencode:form}&{form:b}",
        "{form:a|number:2}{form:b}",
        "{form:a|json:js}{form:b|json:js}",
        "{field:a|json:js},{field:b}",
        "{form:a|escape:'|'}|{form:b}",
        "{method}{url}",
        "{path}?{query}",
        "{form:a|crc32} {form:b}",
    ] {
        assert_eq!(borders(&named(content)), [""; 0], "{content}");
    }
    for content in [
        "{nonce}{body}",
        "{timestamp}{nonce}{body}",
        "{timestamp}.{nonce}.{body}",
        "{nonce}.{timestamp}.{body}",
        "{nonce}\t{body}",
        "{method}{body}",
        "{method}|{body}",
        "{target}?{body}",
        "{method}{target}",
        "{body}\n{body|text|lower}",
        "{header:X-A} {body}",
        "{nonce}{key_id}",
        "{body}.{method}",
        "{path}{query}",
        "{url}{body}",
        "{form:a}{value:b}{form:b}",
        "{form:a|lower}.{form:b}",
        "{form:a|hex}a{form:b}",
        "{form:a|base64}{form:b}",
        "{field:a|json:js}1{form:b}",
        "{form:a|escape:','}|{form:b}",
        "{form:a|prefix:x}.{form:b}",
        "{form:a|default:1}{form:b|default:2}",
        "{document|flatten}",
    ] {
        let scheme = named(&content.replace("{form:", "{query:"));
        assert!(is_open(&scheme), "{content}");
    }
}

#[test]
fn an_open_border_is_named() {
    assert_eq!(
        borders(&mac(&["{field:amount}{field:currency}"])),
        ["`{field:amount}` and `{field:currency}` touch: nothing separates them"]
    );
    assert_eq!(
        borders(&named("{nonce}.{body}")),
        [r#"`{nonce}` may contain ".", which follows it"#]
    );
    assert_eq!(
        borders(&mac(&["{form:a}[;{form:b}]"])),
        ["`{form:a}` and `{form:b}` touch: nothing separates them"]
    );
    assert_eq!(
        borders(&mac(&["{document|flatten}"])),
        ["`{document|flatten}` joins values with nothing between them"]
    );
}

#[test]
fn required_shapes_end_values() {
    let shaped = |content: &str, shapes: &[(&str, &str)]| {
        with(content, |scheme| scheme.require = require(shapes))
    };
    for (content, shapes) in [
        ("{form:a}{form:b}", &[("{form:a}", "[0-9]{10}")][..]),
        ("{form:a}{form:b}", &[("{form:b}", "[A-Z]{3}")]),
        (
            "{form:a}{form:b}{form:c}",
            &[
                ("{form:a}", r"[0-9]+(\.[0-9]{2})?"),
                ("{form:b}", "[A-Z]{3}"),
            ],
        ),
        // None of the words begins with another.
        ("{form:a}{form:b}", &[("{form:a}", "true|false")]),
        ("{form:a}{form:b}", &[("{form:b}", "PAID|FAILED")]),
        // The hyphen is at the same distance from the end of the number in every callback.
        (
            "{form:a}{form:b}{form:c}",
            &[("{form:a}", "[0-9]+"), ("{form:b}", "[0-9]{4}-[0-9]{2}")],
        ),
        ("{form:a}.{form:b}", &[("{form:a}", "[^.]*")]),
        // A filter behind it keeps the characters.
        ("{form:a|lower}.{form:b}", &[("{form:a}", "[A-Z]+")]),
        ("{form:a|lower}{form:b}", &[("{form:a|lower}", "[a-z]{2}")]),
        ("{form:a|max:9}.{form:b}", &[("{form:a}", "[^.]*")]),
        (
            "{query:a|nonempty}.{query:b}",
            &[("{query:a|default:}", "[^.]*")],
        ),
    ] {
        assert_eq!(
            borders(&shaped(content, shapes)),
            [""; 0],
            "{content} {shapes:?}"
        );
    }
    for (content, shapes) in [
        ("{form:a}{form:b}", &[("{form:a}", "[0-9]{9,10}")][..]),
        (
            "{form:a}{form:b}",
            &[("{form:a}", "[0-9]+"), ("{form:b}", "[0-9]+")],
        ),
        (
            "{form:a}{form:b}",
            &[("{form:a}", "[0-9]+"), ("{form:b}", "[A-Z]*")][..1],
        ),
        // `A` begins `AB`.
        ("{form:a}{form:b}", &[("{form:a}", "A|AB")]),
        // Digits of other scripts have other lengths.
        ("{form:a}{form:b}", &[("{form:a}", r"\d{10}")]),
        ("{form:a}.{form:b}", &[("{form:a}", "[^,]*")]),
        // Of another value.
        ("{form:a}{form:b}", &[("{form:c}", "[0-9]{10}")]),
        ("{form:a}{form:b}", &[("{form:a|lower}", "[a-z]{10}")]),
        // The filter can add what the shape forbids.
        ("{form:a|urlencode:form}%{form:b}", &[("{form:a}", "[^%]*")]),
        (
            "{form:a|default:.}.{form:b}",
            &[("{form:a|default:x}", "[a-z]+")],
        ),
    ] {
        assert!(is_open(&shaped(content, shapes)), "{content} {shapes:?}");
    }
    let checked = |wanted: &[&str]| {
        with("{form:v}{form:a}", |scheme| {
            scheme.check = vec![("{form:v}".to_owned(), texts(wanted))];
        })
    };
    assert!(!is_open(&checked(&["1.0"])));
    assert!(!is_open(&checked(&["1", "2"])));
    assert!(!is_open(&checked(&["{value:version}"])));
    assert!(is_open(&checked(&["1", "1.0"])));
    assert!(is_open(&checked(&["{header:X}"])));
}

#[test]
fn optional_parts_must_be_seen() {
    let of = |content: &str, shapes: &[(&str, &str)]| {
        is_open(&with(content, |scheme| scheme.require = require(shapes)))
    };
    let no_end: &[(&str, &str)] = &[("{query:a|default:}", "[^;]*")];
    assert!(!of("[id:{query:a};]ts:{query:b};", no_end));
    assert!(of("[id:{query:a};]ts:{query:b};", &[]));
    assert!(!of("[a{query:a};][b{query:b|hex};]c{query:c}", no_end));
    // What both begin with does not tell them apart.
    assert!(!of("[id:{query:a};]it:{query:b};", no_end));
    assert!(of("[id:{query:a};]id:{query:b};", no_end));
    assert!(of("[id:{query:a};]i{query:b};", no_end));
    assert!(of("[{query:a};]ts:{query:b};", no_end));
    // The body could end with what looks like it.
    let digits: &[(&str, &str)] = &[("{query:a|default:0}", "[0-9]+")];
    assert!(of("{body}[|{query:a}]", digits));
    assert!(!of("{query:b|hex}[|{query:a}]", &[]));
}

#[test]
fn a_timestamp_next_to_digits_has_a_fixed_length() {
    for (content, digits) in [
        ("{timestamp}.{body}", None),
        ("{timestamp}", None),
        ("t{timestamp}\n1{body}", None),
        ("{timestamp}{body}", Some(10)),
        ("{nonce}{timestamp}", Some(10)),
        ("{timestamp}1{body}", Some(10)),
        ("1{timestamp}", Some(10)),
        ("{nonce}.{timestamp}[{body}]", Some(10)),
        // However it is written.
        ("{header:X-Time}{body}", Some(10)),
        ("{body|sha256|hex}{header:X-Time}", Some(10)),
        (r#"{{"t":{timestamp},"b":{body|text|json:js}}}"#, None),
    ] {
        assert_eq!(
            coverage(&named(content)).timestamp_digits(),
            digits,
            "{content}"
        );
    }
    let of_unit = |unit: &str| {
        with("{timestamp}{body}", |scheme| {
            scheme.timestamp = timestamp("{header:X-Time}", unit);
        })
    };
    assert_eq!(coverage(&of_unit("ms")).timestamp_digits(), Some(13));
    assert!(!is_open(&of_unit("ms")));
    for unit in ["auto", "rfc3339", "http-date", "format:%Y-%m-%d+08:00"] {
        assert_eq!(coverage(&of_unit(unit)).timestamp_digits(), None, "{unit}");
        assert!(is_open(&of_unit(unit)), "{unit}");
    }
}

#[test]
fn steps_and_digests_have_borders_inside() {
    let of = |content: &str, step_text: &str| {
        is_open(&with(content, |scheme| {
            scheme.lets = vec![step("s", &[step_text])]
        }))
    };
    assert!(of("{s|sha1|hex}", "{form:a}.{form:b}"));
    assert!(!of("{s|sha1|hex}", "{form:a|hex}.{form:b}"));
    assert!(of("{s}", "{form:a}{form:b}"));
    assert!(!of("{s}", "{form:a}"));
    assert!(of("{s}.{form:b}", "{form:a}"));
    let signed = |signed: &str| {
        is_open(&with("{form:a}{form:b}", |scheme| {
            scheme.signed = Some(signed.to_owned())
        }))
    };
    assert!(signed("{content|md5|hex}"));
    let twice = |signed: &str| {
        is_open(&with("{body}", |scheme| {
            scheme.signed = Some(signed.to_owned())
        }))
    };
    assert!(!twice("{content|md5|hex}{header:X}"));
    assert!(twice("{content}{header:X}"));
}

#[test]
fn candidates_consist_of_the_same_values() {
    assert!(!is_open(&mac(&[
        "{form:a|number:2};{form:b|md5}",
        "{form:a|number:3};{form:b|md5}"
    ])));
    assert_eq!(
        borders(&mac(&["{body}", "{field:payload|json:js}"])),
        ["the candidates for the content consist of different values: one can be read as another"]
    );
    assert!(is_open(&mac(&["a{body}", "b{body}"])));
    let steps =
        |candidates: &[&str]| with("{s};", |scheme| scheme.lets = vec![step("s", candidates)]);
    assert!(!is_open(&steps(&[
        "{body|text|json:js}",
        "{body|text|json:php}"
    ])));
    assert!(is_open(&steps(&["{body|text}", "{form:a}"])));
}

#[test]
fn values_that_are_read_once_have_no_candidates() {
    let of = |change: &dyn Fn(&mut SchemeDefinition)| {
        let scheme = with("{s}\n{body}", |scheme| {
            scheme.lets = vec![step("s", &["{header:A}", "{header:B}"])];
            change(scheme);
        });
        SchemeRules::compile(&scheme).is_ok()
    };
    assert!(of(&|_| {}));
    assert!(!of(&|scheme| scheme.nonce = Some("{s}".to_owned())));
    assert!(!of(&|scheme| scheme.key_id = Some("{s}".to_owned())));
    assert!(!of(&|scheme| scheme.timestamp = timestamp("{s}", "s")));
    assert!(!of(&|scheme| scheme.require = require(&[("{s}", "a")])));
    assert!(!of(
        &|scheme| scheme.check = vec![("{header:A}".to_owned(), texts(&["{s}"]))]
    ));
    assert!(!of(&|scheme| scheme.signature = texts(&["{s|unhex}"])));
}
