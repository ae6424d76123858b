//! What is covered.

use http::HeaderName;

use super::*;
use crate::algorithm::Means;
use crate::language::scheme_definition::MustCoverDefinition;
use crate::scheme::{IdentityPart, Unsigned};

#[test]
fn parts_of_a_request_are_covered_only_as_a_whole() {
    for (content, expected) in [
        ("{body}", vec!["body"]),
        (
            "{method} {target}\n{body}",
            vec!["method", "target", "body"],
        ),
        ("{url}{body|sha256|hex}", vec!["target", "body"]),
        ("{path}?{query}", vec!["target"]),
        // It is the route's, not the callback's.
        ("{configured_url}{body}", vec!["body"]),
        ("{path}", vec![]),
        ("{header:X-A}.{body|base64}", vec!["headers", "body"]),
        ("{header:X-A|lower}.{body}", vec!["body"]),
        ("{header:X-A|pairs:,|one:a}.{body}", vec!["body"]),
        ("{query:a}", vec!["parameters"]),
        ("{form:a|json:js}", vec!["fields"]),
        ("{body|text|json:php}", vec!["body"]),
        ("{document|sorted|json:js}", vec!["fields"]),
        // Anybody can make another body with the same checksum.
        ("{body|crc32}", vec![]),
        ("{body|crc32|sha256|hex}", vec![]),
        ("{form:a|after:x}", vec![]),
        ("{form:a|prefix?:x}", vec![]),
        ("{form:a|remove:'.'}", vec![]),
        ("{form:a|number:2}", vec![]),
        ("{form:a|trim}", vec![]),
        ("{form:a|split:,|nth:1}", vec![]),
        ("{document|flatten}", vec![]),
        // Digits of a digest are the same in each case.
        ("{body|sha256|hex|upper}", vec!["body"]),
        ("{form:a|upper|md5|hex}", vec![]),
    ] {
        assert_eq!(words(&mac(&[content])), expected, "{content}");
    }
}

#[test]
fn what_may_be_left_out_is_not_covered() {
    for content in ["[{header:X-A};]{form:a}", "{header:X-A|default:x};{form:a}"] {
        assert_eq!(words(&mac(&[content])), ["fields"], "{content}");
    }
    assert!(!covers(&mac(&["{form:a}[;{form:b}]"]), "b"));
    assert!(!covers(&mac(&["{form:a};{form:b|default:}"]), "b"));
}

#[test]
fn a_part_is_covered_in_every_candidate_and_every_row() {
    assert_eq!(words(&mac(&["{method}\n{body}", "{body}"])), ["body"]);
    assert_eq!(words(&mac(&["{body}", "{document|json:js}"])), ["fields"]);
    assert!(covers(&mac(&["{body}", "{field:a}"]), "a"));
    assert!(!covers(&mac(&["{body}", "{field:a}"]), "b"));
    assert!(words(&mac(&["{form:a}", "{form:b}"])).is_empty());
    let of_step = |candidates: &[&str]| {
        with("{method}\n{s}", |scheme| {
            scheme.lets = vec![step("s", candidates)];
        })
    };
    assert_eq!(words(&of_step(&["{body}"])), ["method", "body"]);
    assert_eq!(
        words(&of_step(&["{body|text}", "{form:a}"])),
        ["method", "fields"]
    );
    assert_eq!(words(&of_step(&["{form:b}", "{form:a}"])), ["method"]);
    let of_table = |row: &str, default: Option<&str>| {
        with("{method}\n{s}", |scheme| {
            let table = LetDefinition::Table {
                by: "{header:X}".to_owned(),
                of: vec![("a".to_owned(), row.to_owned())],
                default: default.map(str::to_owned),
            };
            scheme.lets = vec![("s".to_owned(), table)];
        })
    };
    assert_eq!(
        words(&of_table("{query:a}", None)),
        ["method", "parameters"]
    );
    assert_eq!(words(&of_table("{query:a}", Some("x"))), ["method"]);
    // A lossy filter behind the step.
    let lossy = with("{s|lower}", |scheme| {
        scheme.lets = vec![step("s", &["{form:a}"])]
    });
    assert!(words(&lossy).is_empty());
}

#[test]
fn named_values_are_covered_through_what_they_are_read_from() {
    let read = |content: &str, value: &str| {
        let scheme = with(content, |scheme| {
            scheme.timestamp = timestamp(value, "s");
            scheme.nonce = Some(value.to_owned());
            scheme.key_id = Some(value.to_owned());
        });
        let coverage = coverage(&scheme);
        let covered = [
            coverage.covers_timestamp(),
            coverage.covers(&IdentityPart::Nonce),
            coverage.covers(&IdentityPart::KeyId),
        ];
        assert!(
            covered.iter().all(|is_covered| *is_covered == covered[0]),
            "{content}"
        );
        covered[0]
    };
    assert!(read("{body}", "{field:t}"));
    assert!(read("{header:X-T}.{body}", "{header:X-T}"));
    assert!(read("{header:X-T}.{body}", "{header:X-T|pairs:,|one:t}"));
    assert!(read(
        "{header:X-T|pairs:,|one:t}.{body}",
        "{header:X-T|pairs:,|one:t}"
    ));
    assert!(read("{target}.{body}", "{query:t}"));
    assert!(read("{field:t};", "{field:t}"));
    assert!(!read("{body}", "{header:X-T}"));
    assert!(!read("{header:X-T|lower}.{body}", "{header:X-T}"));
    assert!(!read("{header:X-T|pairs:,|one:t}.{body}", "{header:X-T}"));
    assert!(!read(
        "{header:X-T|pairs:,|one:t}.{body}",
        "{header:X-T|pairs:,|one:u}"
    ));
    assert!(!read("{path}.{body}", "{query:t}"));
    // Only a part of the header is covered.
    let part = with("{timestamp}.{body}", |scheme| {
        scheme.timestamp = timestamp("{header:X-T|pairs:,|one:t}", "s");
    });
    assert!(coverage(&part).covers_timestamp());
    assert!(!coverage(&part).covers_header(&HeaderName::from_static("x-t")));
}

#[test]
fn a_comparison_with_something_covered_covers() {
    let checked = |content: &str, checks: &[(&str, &[&str])]| {
        with(content, |scheme| {
            let check = |(value, wanted): &(&str, &[&str])| ((*value).to_owned(), texts(wanted));
            scheme.check = checks.iter().map(check).collect();
        })
    };
    let digest = "{header:Digest|prefix:SHA-256=|unbase64}";
    let signed = checked("{header:Digest}", &[(digest, &["{body|sha256}"])]);
    assert_eq!(words(&signed), ["headers", "body"]);
    let turned = checked("{header:Digest}", &[("{body|sha256}", &[digest])]);
    assert_eq!(words(&turned), ["headers", "body"]);
    // One after the other, in any order.
    let chain = checked(
        "{header:A}",
        &[
            ("{body|sha256|hex}", &["{header:B}"]),
            ("{header:B}", &["{header:A}"]),
        ],
    );
    assert_eq!(words(&chain), ["headers", "body"]);
    let unsigned = checked("{header:X}", &[(digest, &["{body|sha256}"])]);
    assert_eq!(words(&unsigned), ["headers"]);
    let checksum = checked("{header:X}", &[("{header:X}", &["{body|crc32}"])]);
    assert_eq!(words(&checksum), ["headers"]);
    let choice = checked(
        "{header:X}",
        &[("{header:X}", &["{body|sha256|hex}", "none"])],
    );
    assert_eq!(words(&choice), ["headers"]);
}

#[test]
fn a_token_covers_nothing_and_a_jws_itself() {
    let token = SchemeDefinition {
        algorithm: Choice::Fixed("token".to_owned()),
        signature: texts(&["{header:X-Token}"]),
        ..SchemeDefinition::default()
    };
    assert!(words(&token).is_empty());
    assert_eq!(coverage(&token).means(), Means::Token);
    let jws = |change: &dyn Fn(&mut SchemeDefinition)| {
        let mut scheme = SchemeDefinition {
            algorithm: Choice::Fixed("jws-es256".to_owned()),
            signature: texts(&["{header:X-Token}"]),
            timestamp: timestamp("{jose:iat}", "s"),
            ..SchemeDefinition::default()
        };
        change(&mut scheme);
        scheme
    };
    let plain = jws(&|_| {});
    assert!(words(&plain).is_empty());
    assert!(coverage(&plain).covers_timestamp());
    let digest = jws(&|scheme| {
        let value = "{claim:body_sha256|unhex}".to_owned();
        scheme.check = vec![(value, texts(&["{body|sha256}"]))];
    });
    assert_eq!(words(&digest), ["body"]);
    let detached = jws(&|scheme| scheme.payload = Some("{method}\n{body}".to_owned()));
    assert_eq!(words(&detached), ["method", "body"]);
}

#[test]
fn a_choice_of_algorithms_means_its_weakest() {
    let choice = |names: &[&str]| {
        with("{body}{secret}", |scheme| {
            scheme.algorithm = Choice::By {
                by: "{header:X-Alg}".to_owned(),
                of: names
                    .iter()
                    .map(|name| ((*name).to_owned(), (*name).to_owned()))
                    .collect(),
            };
        })
    };
    let of = |names: &[&str]| (coverage(&choice(names)).means(), words(&choice(names)));
    assert_eq!(
        of(&["sha256", "hmac-sha256"]),
        (Means::Digest, vec!["body"])
    );
    assert_eq!(of(&["hmac-sha256", "token"]), (Means::Token, vec![]));
}

#[test]
fn what_is_signed_is_what_the_algorithm_is_applied_to() {
    let signed = |signed: &str| {
        words(&with("{body}", |scheme| {
            scheme.signed = Some(signed.to_owned())
        }))
    };
    assert_eq!(signed("{content|md5|hex}"), ["body"]);
    assert_eq!(signed("{method}{content|sha256}"), ["method", "body"]);
    assert!(signed("{content|crc32}").is_empty());
    assert!(signed("{content|text|lower}").is_empty());
}

#[test]
fn unsigned_values_are_named() {
    let scheme = with("{header:X-T}", |scheme| {
        scheme.timestamp = timestamp("{header:X-T}", "s");
        scheme.nonce = Some("{header:X-N}".to_owned());
        scheme.key_id = Some("{header:X-K}".to_owned());
    });
    let unsigned = coverage(&scheme).unsigned(None);
    assert_eq!(unsigned, [Unsigned::Body, Unsigned::Nonce, Unsigned::KeyId]);
    let event = FieldPath::parse("event").unwrap();
    let of_fields = coverage(&mac(&["{field:id}"]));
    assert_eq!(of_fields.unsigned(Some(&event)), [Unsigned::Event]);
    assert_eq!(
        of_fields.not_covered(),
        [
            "method",
            "path",
            "headers",
            "query",
            "fields other than `id`",
            "how scalars are typed"
        ]
    );
}

#[test]
fn fields_beside_the_object_that_a_selection_is_from_are_not_covered() {
    let beside = |from: &str, change: fn(&mut SelectionDefinition)| {
        coverage(&over_fields(from, change)).changeable_fields(&["sign".to_owned()])
    };
    assert_eq!(beside("json", |_| {}), Vec::<String>::new());
    assert_eq!(beside("json:/data", |_| {}), ["fields other than `data`"]);
    assert_eq!(
        beside("json:/data/inner", |fields| fields.leave_out =
            texts(&["x*"])),
        [
            "fields other than `data.inner`",
            "the fields `data.inner.x*`"
        ]
    );
    assert_eq!(
        beside("json:/data", |fields| fields.only = texts(&["a*"])),
        ["fields other than `data.a*`"]
    );
    // With what else is signed.
    let both = |content: &str| {
        let scheme = with(content, |scheme| {
            let inner = selection("json:/data", |_| {});
            let all = selection("json", |fields| fields.leave_out = texts(&["sign"]));
            scheme.selections = vec![(Some("inner".to_owned()), inner), (None, all)];
        });
        coverage(&scheme).changeable_fields(&[])
    };
    assert_eq!(
        both("{field:id}\n{fields:inner}"),
        ["fields other than `data`, `id`"]
    );
    assert_eq!(both("{fields}\n{fields:inner}"), ["the fields `sign`"]);
    // The signature itself need not be signed, and nothing else in its place.
    let signed = |path: &str| {
        let mut scheme = over_fields("json:/data", |fields| {
            fields.leave_out = texts(&["sign"]);
        });
        scheme.signature = vec![format!("{{field:{path}|unhex}}")];
        let rules = compiled(&scheme);
        rules.coverage().changeable_fields(&rules.read_unsigned())
    };
    assert_eq!(signed("/data/sign"), ["fields other than `data`"]);
    assert_eq!(
        signed("/sign"),
        ["fields other than `data`", "the fields `data.sign`"]
    );
}

#[test]
fn items_are_covered_but_not_their_number_and_order() {
    let each = |each: &str| {
        with("{field:/a/id}", |scheme| {
            scheme.each = Some(each.to_owned())
        })
    };
    let item = FieldPath::parse("/a/id").unwrap();
    let several = coverage(&each("/items/*"));
    assert!(several.covers_item_field(&item));
    assert!(!several.covers_field(&FieldPath::parse("/items/0/a/id").unwrap()));
    assert!(!several.covers_field(&item));
    for open in ["order and number of items", "fields beside the items"] {
        assert!(several.not_covered().contains(&open.to_owned()), "{open}");
    }
    assert!(covers(&each("/only"), "/only/a/id"));
    assert!(!covers(&each("/only"), "/a/id"));
}

#[test]
fn a_value_with_several_spellings_is_covered_for_backends_but_names_no_callback() {
    for content in [
        "{form:a|unhex}",
        "{form:a|unbase64:lenient}",
        "{form:a|unbase64url}",
    ] {
        assert_eq!(words(&mac(&[content])), ["fields"], "{content}");
        assert!(!covers(&mac(&[content]), "a"), "{content}");
    }
    assert!(covers(&mac(&["{form:a|unbase64}"]), "a"));
}

#[test]
fn listed_fields_are_covered_only_if_they_must_be_listed() {
    let listed = over_fields("json", |fields| {
        fields.listed_by = Some("{field:list}".to_owned());
        fields.must_cover = Some(MustCoverDefinition::Names(texts(&["id"])));
    });
    assert!(covers(&listed, "id"));
    assert!(!covers(&listed, "amount"));
    // A constant of the route may say anything.
    let by_route = over_fields("json", |fields| {
        fields.listed_by = Some("{field:list}".to_owned());
        fields.must_cover = Some(MustCoverDefinition::Expression(
            "{value:names|words}".to_owned(),
        ));
    });
    assert!(!covers(&by_route, "id"));
    assert!(words(&by_route).is_empty());
}

#[test]
fn a_message_signature_covers_the_components_that_it_must_have() {
    let message = |components: &[&str]| SchemeDefinition {
        algorithm: Choice::Fixed("rfc9421-ed25519".to_owned()),
        components: texts(components),
        timestamp: timestamp("{param:created}", "s"),
        ..SchemeDefinition::default()
    };
    let all = message(&["@method", "@target-uri", "content-digest", "x-id"]);
    assert_eq!(words(&all), ["method", "target", "headers", "body"]);
    assert!(coverage(&all).covers_timestamp());
    assert!(!is_open(&all));
    assert_eq!(
        words(&message(&["@path", "@query-param;name=\"a\""])),
        ["parameters"]
    );
    assert_eq!(words(&message(&["content-digest;bs"])), ["headers", "body"]);
    assert!(words(&message(&["@authority", "@scheme"])).is_empty());
}
