//! Schemes of every kind that an operator could write, good or bad.

use countersign::verify::body::FieldPath;
use countersign::verify::scheme::IdentityPart;
use http::HeaderName;

use super::model::{
    Content, ContentDigest, Form, JsonEscape, JsonMember, JsonObject, Model, NameOrder, NonceRule,
    NumberStyle, Part, SignatureEncoding, SignatureRule, SortedFields, Source, TimeUnit,
    TimestampRule,
};
use crate::random::Random;

pub(super) fn any(random: &mut Random) -> Model {
    let kind = random.below(3);
    let in_body = |random: &mut Random, of: usize| random.below(of) == 0;
    let joins = kind == 0;
    let source = |field: bool, header: &'static str, name: &str| {
        if field {
            Source::Field(name.to_owned())
        } else {
            Source::Header(HeaderName::from_static(header))
        }
    };
    let signature = joins && in_body(random, 2) || in_body(random, 12);
    let timestamp = (random.below(3) > 0).then(|| {
        TimestampRule::new(
            source(in_body(random, 3), "x-time", "time"),
            *random.pick(&[TimeUnit::Seconds, TimeUnit::Milliseconds]),
        )
    });
    let nonce = (random.below(4) > 0).then(|| {
        let name = if random.below(12) == 0 {
            "sign"
        } else {
            "nonce"
        };
        let of = if joins { 2 } else { 6 };
        NonceRule::new(source(in_body(random, of), "x-nonce", name), 400)
    });
    let key_id = (random.below(3) > 0).then(|| HeaderName::from_static("x-key"));
    let signature = SignatureRule::new(
        source(signature, "x-sig", "sign"),
        *random.pick(&[SignatureEncoding::Base64, SignatureEncoding::Hex]),
    );
    let event = (random.below(2) == 0).then(|| (*random.pick(&["event", "sign", "a"])).to_owned());
    let mut content = Content::new(Form::Concat(Vec::new()));
    content.digest = *random.pick(&[
        None,
        None,
        None,
        Some(ContentDigest::Md5Hex),
        Some(ContentDigest::Sha256Hex),
    ]);
    let mut scheme = Model {
        signature,
        timestamp,
        nonce,
        key_id,
        event,
        content,
        ambiguous_join: random.below(8) == 0,
        identity: Vec::new(),
    };
    scheme.content.form = match kind {
        0 => Form::SortedFields(sorted_fields(random)),
        1 => Form::JsonObject(json_object(&scheme, random)),
        _ => Form::Concat(concat(&scheme, random)),
    };
    scheme.identity = identity(&scheme, random);
    scheme
}

fn sorted_fields(random: &mut Random) -> SortedFields {
    let usual = random.below(2) == 0;
    let (assign, separator) = if usual {
        ("=", "&")
    } else {
        let marks = &[
            "=", "&", "", ":", "==", "a", "1", ", ", "[", "=&", "\n", "&&", "\"", "}", ",", ".",
        ];
        (*random.pick(marks), *random.pick(marks))
    };
    let json = ["data", "a", "nonce"].map(str::to_owned);
    SortedFields {
        order: *random.pick(&[NameOrder::Utf16, NameOrder::Bytes]),
        omit_empty: random.below(2) == 0,
        assign: assign.to_owned(),
        separator: separator.to_owned(),
        json_fields: json.into_iter().filter(|_| random.below(3) == 0).collect(),
        numbers: random
            .pick(&[
                vec![NumberStyle::AsWritten],
                vec![NumberStyle::JavaDouble],
                vec![NumberStyle::AsWritten, NumberStyle::JavaDouble],
            ])
            .clone(),
    }
}

/// A part that the scheme can use.
fn part(scheme: &Model, random: &mut Random) -> Part {
    let parts = [
        Part::Method,
        Part::Target,
        Part::Timestamp,
        Part::Timestamp,
        Part::Nonce,
        Part::Nonce,
        Part::KeyId,
        Part::Header(HeaderName::from_static("x-more")),
        Part::Header(HeaderName::from_static("x-nonce")),
        Part::Body,
        Part::Body,
        Part::Body,
    ];
    loop {
        let part = random.pick(&parts);
        let has_rule = match part {
            Part::Timestamp => scheme.timestamp.is_some(),
            Part::Nonce => scheme.nonce.is_some(),
            Part::KeyId => scheme.key_id.is_some(),
            // A signature cannot cover the body that contains it.
            Part::Body => !matches!(scheme.signature.source, Source::Field(_)),
            _ => true,
        };
        if has_rule {
            return part.clone();
        }
    }
}

fn json_object(scheme: &Model, random: &mut Random) -> JsonObject {
    let members = (0..1 + random.below(5)).map(|nth| {
        let value = part(scheme, random);
        let mut member = JsonMember::new(format!("m{nth}"), value);
        member.number = member.value == Part::Timestamp && random.below(2) == 0;
        member
    });
    let mut object = JsonObject::new(members.collect());
    object.escapes = random
        .pick(&[
            vec![JsonEscape::Php],
            vec![JsonEscape::Php, JsonEscape::PhpRawLineSeparators],
            vec![JsonEscape::Jackson, JsonEscape::Php],
        ])
        .clone();
    object
}

fn concat(scheme: &Model, random: &mut Random) -> Vec<Part> {
    let mut parts = Vec::new();
    for _ in 0..1 + random.below(4) {
        parts.push(part(scheme, random));
        let texts = &[
            "\n", "\n", "\n", "", ".", ":", "1", "\t", " \n", "?", "\r\n", "a",
        ];
        let text = *random.pick(texts);
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
    }
    parts
}

fn identity(scheme: &Model, random: &mut Random) -> Vec<IdentityPart> {
    let mut parts = Vec::new();
    while parts.is_empty() {
        for _ in 0..1 + random.below(2) {
            let fields = ["a", "no", "/a/b", "/a/0", "/data/b", "sign", "nonce", "/b"];
            parts.extend(match random.below(5) {
                0 => Some(IdentityPart::Content),
                1 if scheme.key_id.is_some() => Some(IdentityPart::KeyId),
                2 if scheme.nonce.is_some() => Some(IdentityPart::Nonce),
                3 | 4 => FieldPath::parse(fields[random.below(fields.len())])
                    .ok()
                    .map(IdentityPart::Field),
                _ => None,
            });
        }
    }
    parts
}
