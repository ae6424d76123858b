//! The parts of a request that a signature can cover (RFC 9421, section 2).

use http::HeaderName;
use sfv::{BareItem, FieldType, Item, Parser, Version};

use crate::content::Sink;

/// A part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MessageComponent {
    Method,
    /// The whole URL.
    TargetUri,
    Authority,
    UrlScheme,
    /// Path and query.
    RequestTarget,
    Path,
    Query,
    /// The parameter of the query with this name, as [`write_encoded`] writes it.
    QueryParameter(String),
    Header(HeaderName),
    /// The lines of a header, each in base64.
    HeaderBytes(HeaderName),
}

/// The names of those that are derived, but for `@query-param`.
const DERIVED: &[(&str, MessageComponent)] = &[
    ("@method", MessageComponent::Method),
    ("@target-uri", MessageComponent::TargetUri),
    ("@authority", MessageComponent::Authority),
    ("@scheme", MessageComponent::UrlScheme),
    ("@request-target", MessageComponent::RequestTarget),
    ("@path", MessageComponent::Path),
    ("@query", MessageComponent::Query),
];

impl MessageComponent {
    /// Reads a component as a scheme names it: `@method`, `content-digest` or
    /// `@query-param;name="id"`. With it, its identifier.
    pub(crate) fn parse(text: &str) -> Result<(Self, String), String> {
        let (name, parameters) = match text.find(';') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let quoted = format!("\"{name}\"{parameters}");
        let parser = Parser::new(&quoted).with_version(Version::Rfc8941);
        let item = parser.parse::<Item>();
        let item = item.map_err(|_| format!("`{text}` is not a component"))?;
        if item.serialize() != quoted {
            return Err(format!("write `{text}` as {}", item.serialize()));
        }
        let component = Self::of_item(&item)?;
        Ok((component, quoted))
    }

    /// The component that an item of a list names.
    pub(super) fn of_item(item: &Item) -> Result<Self, String> {
        let BareItem::String(name) = &item.bare_item else {
            return Err("a component's name is a string".to_owned());
        };
        let name = name.as_str();
        let parameters: Vec<(&str, &BareItem)> = item
            .params
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        match (name, parameters.as_slice()) {
            ("@query-param", [("name", BareItem::String(parameter))]) => {
                Ok(Self::QueryParameter(parameter.as_str().to_owned()))
            }
            ("@query-param", _) => {
                Err("write which parameter it is: `@query-param;name=\"NAME\"`".to_owned())
            }
            (_, []) if name.starts_with('@') => {
                let mut derived = DERIVED.iter();
                let found = derived.find(|(known, _)| *known == name);
                found
                    .map(|(_, component)| component.clone())
                    .ok_or_else(|| {
                        let known: Vec<&str> = DERIVED.iter().map(|(name, _)| *name).collect();
                        let known = known.join(", ");
                        format!(
                            "there is no component `{name}` of a request: {known}, @query-param"
                        )
                    })
            }
            (_, []) => header(name).map(Self::Header),
            (_, [("bs", BareItem::Boolean(true))]) if !name.starts_with('@') => {
                header(name).map(Self::HeaderBytes)
            }
            (_, [(parameter, _), ..]) => Err(format!(
                "`{name};{parameter}` cannot be verified: `sf` needs to know the header's type, `key` leaves the rest of the header open, `tr` is of trailers, and `req` of answers"
            )),
        }
    }

    /// The header, if it is one.
    pub(crate) const fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Header(name) | Self::HeaderBytes(name) => Some(name),
            _ => None,
        }
    }
}

/// A header's name, which is written in lower case.
fn header(name: &str) -> Result<HeaderName, String> {
    let found = HeaderName::from_bytes(name.as_bytes()).ok();
    let found = found.filter(|found| found.as_str() == name);
    found.ok_or_else(|| format!("`{name}` is not the name of a header in lower case"))
}

/// Writes a name or value of the query (section 2.2.8): percent codes for all but ASCII letters,
/// digits and `*-._`.
pub(crate) fn write_encoded(text: &str, out: &mut dyn Sink) {
    for byte in text.bytes() {
        let (code, length) = encoded(byte);
        out.put(code.get(..length).unwrap_or_default());
    }
}

/// Whether the text is written so.
pub(crate) fn is_encoded_as(text: &str, written: &str) -> bool {
    let codes = text.bytes().flat_map(|byte| {
        let (code, length) = encoded(byte);
        code.into_iter().take(length)
    });
    codes.eq(written.bytes())
}

/// A byte as it is written, and how long that is.
fn encoded(byte: u8) -> ([u8; 3], usize) {
    if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) {
        return ([byte, 0, 0], 1);
    }
    let digit = |value: u8| {
        let digit = char::from_digit(value.into(), 16).unwrap_or_default();
        u8::try_from(digit.to_ascii_uppercase()).unwrap_or_default()
    };
    ([b'%', digit(byte >> 4), digit(byte & 15)], 3)
}
