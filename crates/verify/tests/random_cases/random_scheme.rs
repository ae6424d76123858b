//! Schemes, drawn from the grammar of the scheme language.

use countersign_verify::language::{
    Choice, LetDefinition, SchemeDefinition, SelectionDefinition, TimestampDefinition,
};

use super::choices::Choices;
use super::random_expression::{Scope, expression, value};
use super::random_message::{FieldText, Format, RandomMessage};
use super::random_selection::selection;

/// Where a request has its signature, and how.
#[derive(Clone, Debug)]
pub(crate) struct SignaturePlace {
    part: Part,
    name: &'static str,
    before: &'static str,
    encoding: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Header,
    Query,
    Body,
}

const ALGORITHMS: &[&str] = &[
    "hmac-sha256",
    "hmac-sha256",
    "hmac-sha256",
    "hmac-sha256",
    "sha256",
    "hmac-sha512",
    "hmac-sha1",
    "sha512",
    "sha1",
    "hmac-sha384",
    "sha256",
    "ed25519",
    "ecdsa-p256-sha256",
    "ecdsa-p384-sha384",
    "rsa-sha256",
    "rsa-pss-sha256",
];

impl SignaturePlace {
    fn random(choices: &mut Choices<'_>, format: Format) -> Self {
        let part = match choices.below(4) {
            2 if format != Format::Raw => Part::Body,
            3 if choices.one_in(4) => Part::Query,
            _ => Part::Header,
        };
        Self {
            part,
            name: if part == Part::Header {
                "x-sign"
            } else {
                "sign"
            },
            before: if part == Part::Header {
                choices.pick(&["", "", "sha256=", "t=1,v1="])
            } else {
                ""
            },
            encoding: choices.pick(&["unhex", "unbase64", "unbase64url"]),
        }
    }

    fn expression(&self, format: Format) -> String {
        let source = match (self.part, format) {
            (Part::Header, _) => "header",
            (Part::Query, _) => "query",
            (Part::Body, Format::Json) => "field",
            (Part::Body, Format::Form) => "form",
            (Part::Body, _) => "xml",
        };
        let before = match self.before {
            "" => String::new(),
            "t=1,v1=" => "|pairs:,|one:v1".to_owned(),
            before => format!("|prefix:{before}"),
        };
        format!("{{{source}:{}{before}|{}}}", self.name, self.encoding)
    }

    /// The field of the body, the parameter or the header that it is in.
    fn left_out(&self) -> Option<&'static str> {
        (self.part != Part::Header).then_some(self.name)
    }

    /// The name of the header.
    pub(crate) fn header(&self) -> Option<&'static str> {
        (self.part == Part::Header).then_some(self.name)
    }

    /// Puts a signature into a message.
    pub(crate) fn put(&self, signature: &[u8], message: &mut RandomMessage) {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
        let text = match self.encoding {
            "unhex" => signature.iter().map(|byte| format!("{byte:02x}")).collect(),
            "unbase64" => STANDARD.encode(signature),
            _ => URL_SAFE_NO_PAD.encode(signature),
        };
        let pairs = match self.part {
            Part::Header => &mut message.headers,
            Part::Query => &mut message.query,
            Part::Body => &mut message.fields,
        };
        pairs.retain(|(name, _)| name != self.name);
        let text = format!("{}{text}", self.before);
        pairs.push((self.name.to_owned(), FieldText::Text(text)));
    }
}

/// A scheme for requests of this format.
pub(crate) fn scheme(
    choices: &mut Choices<'_>,
    format: Format,
) -> (SchemeDefinition, SignaturePlace) {
    let algorithm = choices.pick(ALGORITHMS);
    let place = SignaturePlace::random(choices, format);
    let mut out = SchemeDefinition {
        algorithm: Choice::Fixed(algorithm.to_owned()),
        signature: vec![place.expression(format)],
        ..SchemeDefinition::default()
    };
    if algorithm.starts_with("ecdsa") {
        out.signature_form = Some(choices.pick(&["der", "raw"]).to_owned());
    }
    if algorithm.starts_with("hmac") && choices.one_in(8) {
        out.key = Some(
            choices
                .pick(&["{secret|sha256}", "{secret|hex}", "{secret}"])
                .to_owned(),
        );
    }
    let mut scope = Scope {
        format,
        named: Vec::new(),
        made: Vec::new(),
    };
    if choices.one_in(2) {
        scope.named.push("timestamp");
        out.timestamp = Some(TimestampDefinition {
            value: "{header:X-Time}".to_owned(),
            unit: "s".to_owned(),
        });
    }
    if choices.one_in(3) {
        scope.named.push("nonce");
        let source = match choices.one_in(4) {
            true => value(choices, &scope_without(&scope)),
            false => "{header:X-Nonce|max:40}".to_owned(),
        };
        out.nonce = Some(source);
    }
    if choices.one_in(8) {
        scope.named.push("key_id");
        out.key_id = Some("{header:X-Key}".to_owned());
    }
    if choices.one_in(3) {
        let plain = scope_without(&scope);
        let step = match choices.one_in(4) {
            true => table(choices, &plain),
            false => {
                let mut candidates = vec![expression(choices, &plain)];
                if choices.one_in(3) {
                    candidates.push(expression(choices, &plain));
                }
                LetDefinition::Candidates(candidates)
            }
        };
        out.lets.push(("step".to_owned(), step));
        scope.made.push("step".to_owned());
    }
    let fields = choices.below(8);
    if fields > 2 {
        out.selections
            .push((None, selection(choices, &scope, place.left_out())));
        scope.made.push("fields".to_owned());
    }
    if fields == 7 {
        let more: SelectionDefinition = selection(choices, &scope, place.left_out());
        out.selections.push((Some("more".to_owned()), more));
        scope.made.push("fields:more".to_owned());
    }
    let selected: Vec<String> = scope
        .made
        .iter()
        .map(|name| format!("{{{name}}}"))
        .collect();
    out.content.push(match (choices.below(3), selected.last()) {
        (0, Some(selected)) => selected.clone(),
        _ => expression(choices, &scope),
    });
    if choices.one_in(5) {
        out.content.push(expression(choices, &scope));
    }
    if !algorithm.contains('-') && algorithm.starts_with("sha") {
        let before = choices.one_in(2);
        for content in &mut out.content {
            *content = match before {
                true => format!("{{secret}}{content}"),
                false => format!("{content}{{secret}}"),
            };
        }
    }
    if choices.one_in(5) {
        let signed = choices.pick(&[
            "{content|sha256|hex}",
            "{content|sha256}",
            "{content}{header:X-B}",
            "{content|crc32}",
        ]);
        let secret = if algorithm.starts_with("sha") {
            "{secret}"
        } else {
            ""
        };
        out.signed = Some(format!("{signed}{secret}"));
    }
    if choices.one_in(6) {
        let shape = choices.pick(&["[0-9]+", "[0-9a-f]{8}", ".*", "[a-z]*", "[^.]*", "1|x"]);
        out.require
            .push((value(choices, &scope_without(&scope)), shape.to_owned()));
    }
    if choices.one_in(6) {
        out.check.push((
            "{header:X-Digest|unbase64}".to_owned(),
            vec!["{body|sha256}".to_owned()],
        ));
        if choices.one_in(2) {
            out.content[0].push_str("\n{header:X-Digest}");
        }
    }
    if format == Format::Form && choices.one_in(6) {
        let charset = choices.pick(&["gbk", "gb18030", "iso-8859-1", "{form:c|default:utf-8}"]);
        out.charset = Some(charset.to_owned());
    }
    (out, place)
}

/// A step by the value of another.
fn table(choices: &mut Choices<'_>, scope: &Scope) -> LetDefinition {
    let rows = ["1", "x", "POST", "AbC"];
    let rows = rows.into_iter().take(1 + choices.below(4));
    let of = rows.map(|row| (row.to_owned(), expression(choices, scope)));
    let of = of.collect();
    LetDefinition::Table {
        of,
        by: value(choices, scope),
        default: choices.one_in(2).then(|| expression(choices, scope)),
    }
}

/// Without selections and steps, and what one value cannot use to say another.
fn scope_without(scope: &Scope) -> Scope {
    Scope {
        format: scope.format,
        named: Vec::new(),
        made: Vec::new(),
    }
}
