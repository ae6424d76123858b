//! A callback, and how somebody who has captured it can rewrite it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::verify::Callback;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::model::{Form, Model, SignatureEncoding, Source};
use super::reread;
use crate::random::Random;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// A number, `true`, `false` or `null`.
    Word(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    Fields(Vec<(String, Json)>),
    Bytes(Vec<u8>),
}

/// A callback without its signature.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) method: String,
    pub(super) target: Vec<u8>,
    /// The values of `x-time`, `x-nonce`, `x-key` and `x-more`.
    pub(super) headers: [Vec<u8>; 4],
    pub(super) body: Body,
    /// Whether there is white space between tokens, and whether each letter `a` is escaped.
    spaced: bool,
    escaped: bool,
    /// The position of the signature's field, and whether its digits are upper-case.
    signature_at: usize,
    upper: bool,
}

/// A callback ready to send.
pub(super) struct Sent {
    method: String,
    target: Vec<u8>,
    headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Sent {
    pub(super) fn callback(&self) -> Callback<'_> {
        Callback::new(&self.method, &self.target, &self.headers, &self.body)
    }
}

/// The headers of a callback besides its signature.
pub(super) const HEADERS: [&str; 4] = ["x-time", "x-nonce", "x-key", "x-more"];

/// A signature in the scheme's encoding.
pub(super) fn encode(scheme: &Model, signature: &[u8]) -> String {
    match scheme.signature.encoding {
        SignatureEncoding::Base64 => STANDARD.encode(signature),
        SignatureEncoding::Hex => signature.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

impl Shape {
    /// A callback that a provider could send.
    pub(super) fn genuine(scheme: &Model, random: &mut Random) -> Self {
        let joins = matches!(scheme.content.form, Form::SortedFields(_));
        let body = if joins || random.below(3) > 0 {
            Body::Fields(fields(scheme, random))
        } else {
            Body::Bytes(text(random, 12).into_bytes())
        };
        let [time, nonce, key, more] = [time(random), value(random), value(random), value(random)];
        Self {
            method: (*random.pick(&["POST", "PUT", "P1"])).to_owned(),
            target: format!("/{}", word(random)).into_bytes(),
            headers: [time, nonce, key, more].map(String::into_bytes),
            body,
            spaced: false,
            escaped: false,
            signature_at: 0,
            upper: false,
        }
    }

    /// The same callback in another form. `text` is the signed text.
    pub(super) fn written_anew(&self, scheme: &Model, text: &[u8], random: &mut Random) -> Self {
        let mut shape = self.clone();
        let joins = matches!(scheme.content.form, Form::SortedFields(_));
        // Parses the signed text in another way.
        if random.below(4) > 0 {
            reread::read(&mut shape, scheme, text, random);
        }
        for _ in 0..random.below(3) {
            match random.below(8) {
                0 | 1 => {
                    let nth = random.below(shape.headers.len());
                    shape.headers[nth] = match random.below(4) {
                        0 => time(random).into_bytes(),
                        1 => shape.headers[random.below(4)].clone(),
                        _ => value(random).into_bytes(),
                    };
                }
                2 => shape.spaced = true,
                3 => shape.escaped = true,
                4 => {
                    shape.upper = true;
                    shape.signature_at = random.below(4);
                }
                5 if !joins => {
                    shape.body = match random.below(2) {
                        0 => Body::Fields(fields(scheme, random)),
                        _ => Body::Bytes(self::text(random, 12).into_bytes()),
                    }
                }
                _ => {
                    if let Body::Fields(fields) = &mut shape.body {
                        change_fields(fields, random);
                    }
                }
            }
        }
        shape
    }

    /// The callback as sent, unless it cannot be sent.
    pub(super) fn sent(&self, scheme: &Model, signature: &str) -> Option<Sent> {
        // The proxy accepts only these.
        http::Method::from_bytes(self.method.as_bytes()).ok()?;
        HeaderValue::from_bytes(&self.target)
            .ok()
            .filter(|target| !target.is_empty())?;
        let mut signature = signature.to_owned();
        if self.upper && scheme.signature.encoding == SignatureEncoding::Hex {
            signature = signature.to_ascii_uppercase();
        }
        let mut headers = HeaderMap::new();
        for (name, value) in HEADERS.into_iter().zip(&self.headers) {
            let trimmed = value.trim_ascii();
            let value = HeaderValue::from_bytes(value)
                .ok()
                .filter(|_| trimmed == value)?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let body = match (&self.body, &scheme.signature.source) {
            (Body::Bytes(bytes), source) => {
                if matches!(source, Source::Field(_)) {
                    return None;
                }
                bytes.clone()
            }
            (Body::Fields(fields), Source::Header(_)) => self.object(fields),
            (Body::Fields(fields), Source::Field(name)) => {
                let mut fields = fields.clone();
                let at = self.signature_at.min(fields.len());
                fields.insert(at, (name.clone(), Json::Text(signature.clone())));
                self.object(&fields)
            }
        };
        if let Source::Header(name) = &scheme.signature.source {
            headers.insert(name, signature.parse().unwrap());
        }
        Some(Sent {
            method: self.method.clone(),
            target: self.target.clone(),
            headers,
            body,
        })
    }

    fn object(&self, fields: &[(String, Json)]) -> Vec<u8> {
        let mut out = String::new();
        self.write(&Json::Object(fields.to_vec()), &mut out);
        out.into_bytes()
    }

    fn write(&self, value: &Json, out: &mut String) {
        let space = if self.spaced { " " } else { "" };
        match value {
            Json::Word(word) => out.push_str(word),
            Json::Text(text) => self.write_text(text, out),
            Json::List(list) => {
                out.push('[');
                for (nth, element) in list.iter().enumerate() {
                    out.push_str(if nth > 0 { "," } else { space });
                    self.write(element, out);
                }
                out.push(']');
            }
            Json::Object(members) => {
                out.push('{');
                for (nth, (name, member)) in members.iter().enumerate() {
                    out.push_str(if nth > 0 { "," } else { space });
                    self.write_text(name, out);
                    out.push(':');
                    out.push_str(space);
                    self.write(member, out);
                }
                out.push('}');
            }
        }
    }

    fn write_text(&self, text: &str, out: &mut String) {
        let written = serde_json::to_string(text).unwrap();
        let written = match self.escaped {
            // After a backslash the escape would have another meaning.
            true if !written.contains('\\') => written.replace('a', "\\u0061"),
            _ => written,
        };
        out.push_str(&written);
    }
}

/// A signing time, usually of realistic length.
fn time(random: &mut Random) -> String {
    (*random.pick(&["1800000000", "1800000001", "1800000000000", "17", "0"])).to_owned()
}

/// Text made from the separators that schemes use.
fn text(random: &mut Random, length: usize) -> String {
    let pieces = &[
        "a", "b", "1", "0", "=", "&", "&", "=", ".", "\n", ", ", "[", "]", "{", "}", ":", "\"",
        "no=", "&no=", "&z=", "b=1", "&b=1", "{a=", "\t", " ", "?", "é", "\u{2028}", "\\", "/",
    ];
    (0..random.below(length))
        .map(|_| *random.pick(pieces))
        .collect()
}

/// Text that is valid in a header.
fn value(random: &mut Random) -> String {
    let text: String = text(random, 6)
        .chars()
        .filter(|character| !character.is_control() || *character == '\t')
        .collect();
    format!("n{text}n")
}

fn word(random: &mut Random) -> String {
    (*random.pick(&["a", "a?b=1", "a.1", "", "a\tb"])).to_owned()
}

fn name(random: &mut Random) -> String {
    let names = &[
        "a", "b", "c", "no", "No", "NO", "data", "nonce", "Nonce", "time", "event", "z", "Sign",
        "a&b", "a=1", "\u{212A}", "k",
    ];
    (*random.pick(names)).to_owned()
}

fn fields(scheme: &Model, random: &mut Random) -> Vec<(String, Json)> {
    let mut fields = Vec::new();
    let sources = [
        (scheme.timestamp.as_ref().map(|rule| &rule.source), true),
        (scheme.nonce.as_ref().map(|rule| &rule.source), false),
    ];
    for (source, is_time) in sources {
        let Some(Source::Field(name)) = source else {
            continue;
        };
        let value = match (is_time, random.below(2)) {
            (true, 0) => Json::Word(time(random)),
            (true, _) => Json::Text(time(random)),
            _ => Json::Text(format!("n{}", text(random, 4))),
        };
        set(&mut fields, name.clone(), value);
    }
    for _ in 0..1 + random.below(5) {
        set(&mut fields, name(random), json(random, 2));
    }
    // `sign` is reserved for the signature.
    fields.retain(|(name, _)| name != "sign");
    fields
}

/// Adds a field unless it exists.
fn set(fields: &mut Vec<(String, Json)>, name: String, value: Json) {
    if fields.iter().all(|(other, _)| *other != name) {
        fields.push((name, value));
    }
}

fn json(random: &mut Random, depth: usize) -> Json {
    let words = &[
        "1", "0", "-0", "1.50", "1e3", "0.1", "true", "null", "12", "1e400",
    ];
    match random.below(if depth > 0 { 7 } else { 4 }) {
        0 => Json::Word((*random.pick(words)).to_owned()),
        1..=3 => Json::Text(text(random, 5)),
        4 => Json::List(
            (0..random.below(3))
                .map(|_| json(random, depth - 1))
                .collect(),
        ),
        _ => {
            let mut members = Vec::new();
            for _ in 0..random.below(3) {
                let name = random.pick(&["a", "b", "0", "a=b", "b, c", ""]);
                set(&mut members, (*name).to_owned(), json(random, depth - 1));
            }
            Json::Object(members)
        }
    }
}

/// Changes fields that may be unsigned, and how the others are written.
fn change_fields(fields: &mut Vec<(String, Json)>, random: &mut Random) {
    let empty = [
        Json::Text(String::new()),
        Json::Word("null".to_owned()),
        Json::List(Vec::new()),
        Json::Object(Vec::new()),
    ];
    let nth = random.below(fields.len().max(1));
    match random.below(5) {
        0 => fields.reverse(),
        1 => {
            let at = random.below(fields.len() + 1);
            let name = match fields.get(nth) {
                Some((name, _)) if random.below(2) == 0 => other_case(name, random),
                _ => name(random),
            };
            if fields.iter().all(|(other, _)| *other != name) {
                fields.insert(at, (name, random.pick(&empty).clone()));
            }
        }
        2 if fields.len() > 1 => drop(fields.remove(nth)),
        _ => {
            let Some((_, value)) = fields.get_mut(nth) else {
                return;
            };
            *value = match value.clone() {
                Json::Text(text) if is_word(&text) => Json::Word(text),
                Json::Word(word) if random.below(2) == 0 => Json::Text(word),
                Json::Word(word) if word.contains('.') => Json::Word(format!("{word}0")),
                other => other,
            };
        }
    }
}

/// Whether the text is also a JSON number, `true`, `false` or `null`.
pub(super) fn is_word(text: &str) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
    value.is_some_and(|value| value.is_number() || value.is_boolean() || value.is_null())
        && text.trim() == text
}

fn other_case(name: &str, random: &mut Random) -> String {
    match random.below(3) {
        0 => name.to_uppercase(),
        1 => name.to_lowercase(),
        _ => name.replace(['k', 'K'], "\u{212A}").replace('s', "\u{17F}"),
    }
}
