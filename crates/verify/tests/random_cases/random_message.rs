//! A request as its parts, which can be changed one by one and written in several ways.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_verify::Callback;
use countersign_verify::http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};

use super::choices::Choices;

/// A value of a field; one of a header, a form or the like is text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FieldText {
    Null,
    /// A number or a boolean as it is written.
    Bare(String),
    Text(String),
    List(Vec<FieldText>),
    Object(NamedTexts),
}

pub(crate) type NamedTexts = Vec<(String, FieldText)>;

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Form,
    Xml,
    Raw,
}

#[derive(Clone, Debug)]
pub(crate) struct RandomMessage {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: NamedTexts,
    pub(crate) headers: NamedTexts,
    pub(crate) format: Format,
    pub(crate) fields: NamedTexts,
    pub(crate) raw: String,
    /// How it is written: spaces, escapes, percent codes.
    pub(crate) style: usize,
}

/// A request as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) method: String,
    pub(crate) target: Vec<u8>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

pub(crate) const VALUES: &[&str] = &[
    "1",
    "x",
    "10",
    "100.50",
    "",
    "0",
    "AbC",
    "a=1",
    "1&b=2",
    "x.y",
    "a-b-c",
    "a,b",
    "t=1,a=ab",
    "{a=1}",
    "[a, b]",
    "[x]",
    " pad ",
    "é",
    "%41",
    "a+b",
    "a/b",
    "null",
    "true",
    "01",
    "deadbeef",
    "YWI=",
    "x\ny",
    "2.5",
    "-1",
    "1e2",
    "w1 w2",
    "\u{2028}",
    "{\"a\":1}",
    "x;y",
    "a:b",
    "1700000000",
    "x|y",
    "sha256=ab",
    "<b>",
    "\"",
    "\\",
    "abc",
];

pub(crate) const NAMES: &[&str] = &[
    "a", "b", "c", "ab", "A", "id", "amount", "data", "list", "sign", "a&b", "a=1", "x.y", "é", "B",
];

pub(crate) const HEADERS: &[&str] = &["x-a", "x-b", "x-time", "x-nonce", "x-key", "x-list", "x_a"];

impl FieldText {
    pub(crate) fn random(choices: &mut Choices<'_>, format: Format, depth: usize) -> Self {
        if choices.one_in(16) {
            return Self::Text(choices.text());
        }
        if format != Format::Json {
            return Self::Text(choices.pick(VALUES).to_owned());
        }
        match choices.below(12) {
            1 => Self::Null,
            2 | 3 => Self::Bare(
                choices
                    .pick(&["0", "1", "10", "1.50", "-3", "1e2", "true", "false", "100"])
                    .to_owned(),
            ),
            4 if depth > 0 => {
                let count = choices.below(3);
                Self::List(
                    (0..count)
                        .map(|_| Self::random(choices, format, depth - 1))
                        .collect(),
                )
            }
            5 if depth > 0 => {
                let names = ["a", "b"].into_iter().take(choices.below(3));
                let members =
                    names.map(|name| (name.to_owned(), Self::random(choices, format, depth - 1)));
                Self::Object(members.collect())
            }
            _ => Self::Text(choices.pick(VALUES).to_owned()),
        }
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Self::Bare(text) | Self::Text(text) => text.clone(),
            Self::Null => "null".to_owned(),
            Self::List(_) | Self::Object(_) => self.json(0),
        }
    }

    pub(crate) fn json(&self, style: usize) -> String {
        let space = ["", " "][style & 1];
        let mut out = String::new();
        match self {
            Self::Null => out.push_str("null"),
            Self::Bare(text) => out.push_str(text),
            Self::Text(text) => write_string(text, style, &mut out),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.json(style)).collect();
                out = format!("[{}]", items.join(&format!(",{space}")));
            }
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| {
                    let mut out = String::new();
                    write_string(name, style, &mut out);
                    format!("{out}:{space}{}", value.json(style))
                };
                let members: Vec<String> = members.iter().map(member).collect();
                out = format!("{{{}}}", members.join(&format!(",{space}")));
            }
        }
        out
    }
}

fn write_string(text: &str, style: usize, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '/' if style & 2 != 0 => out.push_str("\\/"),
            '\0'..' ' => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            '\u{80}'..='\u{ffff}' if style & 4 != 0 => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Pairs of a form; `style` says which characters get percent codes without need.
fn form(pairs: &NamedTexts, style: usize) -> String {
    let code = |text: &str| {
        let mut out = String::new();
        for byte in text.bytes() {
            match byte {
                b' ' if style & 1 != 0 => out.push('+'),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' if style & 8 == 0 => {
                    out.push(byte.into());
                }
                b'/' | b':' | b',' | b'*' | b'~' if style & 2 != 0 => out.push(byte.into()),
                byte if style & 4 != 0 => out.push_str(&format!("%{byte:02x}")),
                byte => out.push_str(&format!("%{byte:02X}")),
            }
        }
        out
    };
    let pair =
        |(name, value): &(String, FieldText)| format!("{}={}", code(name), code(&value.text()));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn xml(pairs: &NamedTexts, style: usize) -> String {
    let mut out = "<xml>".to_owned();
    for (name, value) in pairs {
        let text = value.text();
        let text = match style & 1 {
            1 if !text.contains("]]>") => format!("<![CDATA[{text}]]>"),
            _ => text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;"),
        };
        out.push_str(&format!("<{name}>{text}</{name}>"));
    }
    out + "</xml>"
}

impl RandomMessage {
    pub(crate) fn random(choices: &mut Choices<'_>, format: Format) -> Self {
        let mut fields = |names: &[&str], depth: usize, format: Format| -> NamedTexts {
            let mut pairs = NamedTexts::new();
            for name in names {
                if !choices.one_in(8) {
                    pairs.push((
                        (*name).to_owned(),
                        FieldText::random(choices, format, depth),
                    ));
                }
            }
            pairs
        };
        let body = fields(&["a", "b", "c", "id", "amount", "list"], 2, format);
        let query = fields(&["a", "b"], 0, Format::Form);
        let headers = fields(
            &["x-a", "x-b", "x-nonce", "x-key", "x-list"],
            0,
            Format::Form,
        );
        let mut message = Self {
            method: choices.pick(&["POST", "PUT", "GET"]).to_owned(),
            path: choices.pick(&["/cb", "/", "/cb/1", "/a.b/c"]).to_owned(),
            query,
            headers,
            format,
            fields: body,
            raw: choices
                .pick(&["hello", "{\"a\":1}", "", "a.b\nc", "x"])
                .to_owned(),
            style: choices.below(16),
        };
        if choices.one_in(2) {
            message.query.clear();
        }
        if format == Format::Json && choices.one_in(2) {
            let data =
                ["a", "b"].map(|name| (name.to_owned(), FieldText::random(choices, format, 1)));
            message
                .fields
                .push(("data".to_owned(), FieldText::Object(data.to_vec())));
        }
        if choices.one_in(4) {
            let name = choices.pick(NAMES).to_owned();
            if message.fields.iter().all(|(known, _)| *known != name) {
                message
                    .fields
                    .push((name, FieldText::random(choices, format, 1)));
            }
        }
        let text = |text: &str| FieldText::Text(text.to_owned());
        let time = choices.pick(&["1700000000", "1700000001", "1800000000"]);
        message.headers.push(("x-time".to_owned(), text(time)));
        message
            .headers
            .push(("host".to_owned(), text("shop.example")));
        let label = match format {
            Format::Json => "application/json",
            Format::Form => "application/x-www-form-urlencoded",
            Format::Xml => "text/xml",
            Format::Raw => "text/plain",
        };
        message
            .headers
            .push(("content-type".to_owned(), text(label)));
        message
    }

    pub(crate) fn write(&self) -> Written {
        let body = match self.format {
            Format::Json => FieldText::Object(self.fields.clone())
                .json(self.style)
                .into_bytes(),
            Format::Form => form(&self.fields, self.style).into_bytes(),
            Format::Xml => xml(&self.fields, self.style).into_bytes(),
            Format::Raw => self.raw.clone().into_bytes(),
        };
        let mut target = self.path.clone();
        if !self.query.is_empty() {
            target.push('?');
            target.push_str(&form(&self.query, self.style >> 1));
        }
        let mut headers = HeaderMap::new();
        let digest = STANDARD.encode(Sha256::digest(&body));
        let all = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.text()));
        // Servers cut off white space around a value.
        let all = all.map(|(name, value)| (name, value.trim_matches([' ', '\t']).to_owned()));
        for (name, value) in all.chain([("x-digest", digest)]) {
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(name.as_bytes()),
                HeaderValue::from_bytes(value.as_bytes()),
            ) {
                headers.append(name, value);
            }
        }
        Written {
            method: self.method.clone(),
            target: target.into_bytes(),
            headers,
            body,
        }
    }
}

impl Written {
    pub(crate) fn callback(&self) -> Callback<'_> {
        Callback::new(&self.method, &self.target, &self.headers, &self.body)
    }
}
