//! A value in the part of the request that a source reads.

use http::{HeaderName, HeaderValue};

use super::dictionary_places;
use super::json_places::{spliced, with_member};
use super::place_error::PlaceError;
use super::placed::Placed;
use super::placement::Placement;
use super::token_places::{TokenPart, place_token_part};
use super::undo_filter::percent_encoded;
use crate::body::{Charset, FormDocument, Query, Repeats, XmlDocument};
use crate::draft_request::DraftRequest;
use crate::language::compiled_expression::{ValueChain, ValueSource};
use crate::memory::Plenty;

impl<'r> Placement<'r> {
    pub(super) fn place_source(
        &self,
        draft: &mut DraftRequest,
        chain: &'r ValueChain,
        value: Placed<'_>,
    ) -> Result<(), PlaceError> {
        let unfit = |why| PlaceError::unfit(chain, why);
        let text = || std::str::from_utf8(value.bytes).map_err(|_| unfit("it is no text"));
        match chain.source() {
            ValueSource::Header(names) => {
                let mut there = names.iter();
                let there = there.find(|name| draft.headers.contains_key(*name));
                let name = there.or(names.first());
                place_header(draft, name, value).ok_or_else(|| unfit("no header can hold it"))
            }
            ValueSource::Headers(name) => {
                place_header(draft, Some(name), value).ok_or_else(|| unfit("no header can hold it"))
            }
            ValueSource::Host => place_header(draft, Some(&http::header::HOST), value)
                .ok_or_else(|| unfit("no header can hold it")),
            ValueSource::QueryParameter(name) => {
                let target = with_parameter(&draft.target, name, text()?);
                draft.target = target.ok_or_else(|| unfit("the query cannot be read"))?;
                Ok(())
            }
            ValueSource::Field(path) => {
                let steps = [self.item.as_slice(), path.steps()].concat();
                draft.body = with_member(&draft.body, &steps, value).map_err(unfit)?;
                Ok(())
            }
            ValueSource::Form(name) => {
                let charset = self.rules.charset.of(&draft.callback());
                let charset = charset.map_err(PlaceError::Unreadable)?;
                let body = with_form_field(&draft.body, charset, name, text()?);
                draft.body = body.ok_or_else(|| unfit("the body is no form"))?;
                Ok(())
            }
            ValueSource::Xml(name) => {
                let body = with_element(&draft.body, name, text()?);
                draft.body = body.ok_or_else(|| unfit("the body is no flat XML"))?;
                Ok(())
            }
            ValueSource::Body | ValueSource::Document => {
                draft.body = value.bytes.to_vec();
                Ok(())
            }
            ValueSource::Method => {
                draft.method = text()?.to_owned();
                Ok(())
            }
            ValueSource::Jose(path) => {
                place_token_part(self, draft, TokenPart::Header, path.steps(), value)
            }
            ValueSource::Claim(path) => {
                place_token_part(self, draft, TokenPart::Claims, path.steps(), value)
            }
            ValueSource::MessageParameter(parameter) => {
                let label = self.rules.message.as_ref();
                let label = label.and_then(|rule| rule.label.as_deref());
                dictionary_places::place_parameter(draft, label, *parameter, text()?)
                    .ok_or_else(|| unfit("`Signature-Input` cannot be read"))
            }
            _ => Err(PlaceError::not_of_a_request(chain)),
        }
    }
}

fn place_header(
    draft: &mut DraftRequest,
    name: Option<&HeaderName>,
    value: Placed<'_>,
) -> Option<()> {
    let value = HeaderValue::from_bytes(value.bytes).ok()?;
    draft.headers.insert(name?.clone(), value);
    Some(())
}

/// The target with this parameter; a new one is the last.
fn with_parameter(target: &[u8], name: &str, value: &str) -> Option<Vec<u8>> {
    let query = Query::read(target, Charset::Utf8, Repeats::Keep, &mut Plenty).ok()?;
    let encoded = percent_text(value.as_bytes());
    if let Some(old) = query.get(name) {
        return Some(spliced(target, old.place(), &encoded));
    }
    let before = match (target.contains(&b'?'), query.source().is_empty()) {
        (false, _) => "?",
        (true, true) => "",
        (true, false) => "&",
    };
    let parameter = format!("{before}{}={encoded}", percent_text(name.as_bytes()));
    Some([target, parameter.as_bytes()].concat())
}

/// The form with this field; a new one is the last.
fn with_form_field(body: &[u8], charset: Charset, name: &str, value: &str) -> Option<Vec<u8>> {
    let encoded = percent_text(&charset.encode(value)?);
    let named = format!("{}={encoded}", percent_text(&charset.encode(name)?));
    if body.is_empty() {
        return Some(named.into_bytes());
    }
    let form = FormDocument::read(body, charset, Repeats::Keep, &mut Plenty).ok()?;
    Some(match form.get(name) {
        Some(old) => spliced(body, old.place(), &encoded),
        None => [body, b"&", named.as_bytes()].concat(),
    })
}

fn percent_text(bytes: &[u8]) -> String {
    String::from_utf8(percent_encoded(bytes)).unwrap_or_default()
}

/// The XML with this element; a new one is the last.
fn with_element(body: &[u8], name: &str, value: &str) -> Option<Vec<u8>> {
    let body = if body.is_empty() {
        b"<xml></xml>"
    } else {
        body
    };
    let document = XmlDocument::read(body, &mut Plenty).ok()?;
    let escaped = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    if let Some(old) = document.get(name) {
        return Some(spliced(body, old.place(), &escaped));
    }
    let end = body.windows(2).rposition(|two| two == b"</")?;
    Some(spliced(
        body,
        end..end,
        &format!("<{name}>{escaped}</{name}>"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_replaced_where_it_is_or_added_at_the_end() {
        let parameter = |target: &str| with_parameter(target.as_bytes(), "s", "a b");
        let field = |body: &str| with_form_field(body.as_bytes(), Charset::Utf8, "s", "a+b");
        let element = |body: &str| with_element(body.as_bytes(), "s", "a&b");
        for (made, wanted) in [
            (parameter("/p"), "/p?s=a%20b"),
            (parameter("/p?"), "/p?s=a%20b"),
            (parameter("/p?x=1"), "/p?x=1&s=a%20b"),
            (parameter("/p?s=1&x=%2f"), "/p?s=a%20b&x=%2f"),
            (field(""), "s=a%2Bb"),
            (field("x=%41+"), "x=%41+&s=a%2Bb"),
            (field("s=&x=1"), "s=a%2Bb&x=1"),
            (element(""), "<xml><s>a&amp;b</s></xml>"),
            (
                element("<r><x>1</x> </r>\n"),
                "<r><x>1</x> <s>a&amp;b</s></r>\n",
            ),
            (element("<r><s>1</s><x/></r>"), "<r><s>a&amp;b</s><x/></r>"),
        ] {
            assert_eq!(String::from_utf8(made.unwrap()).unwrap(), wanted);
        }
        assert_eq!(field("{}"), None);
        assert_eq!(element("{}"), None);
    }
}
