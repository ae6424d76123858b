//! Parses a signed text in another way that it permits.

use super::model::{Form, Model, Part, SortedFields, Source};
use super::shape::{Body, HEADERS, Json, Shape, is_word};
use crate::random::Random;

/// Changes the callback into another one with this text, as far as the form allows.
pub(super) fn read(shape: &mut Shape, scheme: &Model, text: &[u8], random: &mut Random) {
    match &scheme.content.form {
        Form::Concat(parts) => concat(shape, scheme, parts, text, random),
        Form::SortedFields(form) => {
            let Some(read) = std::str::from_utf8(text)
                .ok()
                .and_then(|text| sorted_fields(form, text, random))
            else {
                return;
            };
            if let Body::Fields(fields) = &mut shape.body {
                *fields = read;
            }
        }
        Form::JsonObject(object) => {
            // Moves bytes between neighbouring values; the quotes in the text should reveal that.
            let values = object.members.iter().map(|member| member.value.clone());
            let parts: Vec<Part> = values.collect();
            let joined: Vec<u8> = parts
                .iter()
                .flat_map(|part| value(shape, scheme, part))
                .collect();
            concat(shape, scheme, &parts, &joined, random);
        }
    }
}

/// Splits the text into parts at other places.
fn concat(shape: &mut Shape, scheme: &Model, parts: &[Part], text: &[u8], random: &mut Random) {
    let mut rest = text;
    for (nth, part) in parts.iter().enumerate() {
        if let Part::Text(fixed) = part {
            match rest.strip_prefix(fixed.as_bytes()) {
                Some(behind) => rest = behind,
                None => return,
            }
            continue;
        }
        let ends: Vec<usize> = match parts.get(nth + 1) {
            None => vec![rest.len()],
            Some(Part::Text(fixed)) => (0..rest.len())
                .filter(|at| rest[*at..].starts_with(fixed.as_bytes()))
                .collect(),
            Some(_) => (0..=rest.len()).collect(),
        };
        if ends.is_empty() {
            return;
        }
        let (value, behind) = rest.split_at(*random.pick(&ends));
        set(shape, scheme, part, value);
        rest = behind;
    }
}

fn header(shape: &mut Shape, name: &str) -> Option<usize> {
    let _ = &shape.headers;
    HEADERS.iter().position(|header| *header == name)
}

fn source<'s>(scheme: &'s Model, part: &Part) -> Option<&'s Source> {
    match part {
        Part::Timestamp => scheme.timestamp.as_ref().map(|rule| &rule.source),
        Part::Nonce => scheme.nonce.as_ref().map(|rule| &rule.source),
        _ => None,
    }
}

fn set(shape: &mut Shape, scheme: &Model, part: &Part, value: &[u8]) {
    let name = match part {
        Part::Method => {
            shape.method = String::from_utf8_lossy(value).into_owned();
            return;
        }
        Part::Target => {
            shape.target = value.to_vec();
            return;
        }
        Part::Body => {
            shape.body = Body::Bytes(value.to_vec());
            return;
        }
        Part::KeyId => "x-key".to_owned(),
        Part::Header(name) => name.to_string(),
        Part::Text(_) => return,
        Part::Timestamp | Part::Nonce => match source(scheme, part) {
            Some(Source::Header(name)) => name.to_string(),
            Some(Source::Field(name)) => {
                if let Body::Fields(fields) = &mut shape.body
                    && let Some((_, field)) = fields.iter_mut().find(|(field, _)| field == name)
                {
                    *field = Json::Text(String::from_utf8_lossy(value).into_owned());
                }
                return;
            }
            _ => return,
        },
    };
    if let Some(nth) = header(shape, &name) {
        shape.headers[nth] = value.to_vec();
    }
}

/// The value of a part, if it comes from a header or raw bytes.
fn value(shape: &mut Shape, scheme: &Model, part: &Part) -> Vec<u8> {
    let name = match part {
        Part::Method => return shape.method.clone().into_bytes(),
        Part::Target => return shape.target.clone(),
        Part::Text(text) => return text.clone().into_bytes(),
        Part::Body => match &shape.body {
            Body::Bytes(bytes) => return bytes.clone(),
            Body::Fields(_) => return Vec::new(),
        },
        Part::KeyId => "x-key".to_owned(),
        Part::Header(name) => name.to_string(),
        Part::Timestamp | Part::Nonce => match source(scheme, part) {
            Some(Source::Header(name)) => name.to_string(),
            _ => return Vec::new(),
        },
    };
    header(shape, &name).map_or_else(Vec::new, |nth| shape.headers[nth].clone())
}

/// Fields that may have this signed text. The order of their names is not checked.
fn sorted_fields(
    form: &SortedFields,
    text: &str,
    random: &mut Random,
) -> Option<Vec<(String, Json)>> {
    let mut fields = Vec::new();
    let mut rest = Some(text).filter(|text| !text.is_empty());
    while let Some(field) = rest {
        let assigns: Vec<_> = field.match_indices(&form.assign).collect();
        if assigns.is_empty() {
            return None;
        }
        // Favours the first place.
        let (at, _) = assigns[random.below(assigns.len()).min(random.below(assigns.len()))];
        let name = &field[..at];
        let behind = &field[at + form.assign.len()..];
        let mut ends: Vec<(usize, Option<&str>)> = behind
            .match_indices(&form.separator)
            .map(|(end, _)| (end, Some(&behind[end + form.separator.len()..])))
            .collect();
        ends.push((behind.len(), None));
        let (end, next) = ends[random.below(ends.len()).min(random.below(ends.len()))];
        let value = &behind[..end];
        let value = if form.json_fields.iter().any(|field| field == name) {
            from_json(&serde_json::from_str(value).ok()?)
        } else {
            java(value, random)
        };
        fields.push((name.to_owned(), value));
        rest = next;
    }
    Some(fields)
}

fn from_json(value: &serde_json::Value) -> Json {
    match value {
        serde_json::Value::String(text) => Json::Text(text.clone()),
        serde_json::Value::Array(list) => Json::List(list.iter().map(from_json).collect()),
        serde_json::Value::Object(members) => Json::Object(
            members
                .iter()
                .map(|(name, member)| (name.clone(), from_json(member)))
                .collect(),
        ),
        word => Json::Word(word.to_string()),
    }
}

/// A value that Java prints as this text.
fn java(text: &str, random: &mut Random) -> Json {
    let list = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let object = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    if let Some(inner) = list.filter(|_| random.below(2) == 0) {
        if inner.is_empty() && random.below(2) == 0 {
            return Json::List(Vec::new());
        }
        return Json::List(
            split(inner, random)
                .into_iter()
                .map(|text| java(text, random))
                .collect(),
        );
    }
    if let Some(inner) = object.filter(|_| random.below(2) == 0) {
        if inner.is_empty() {
            return Json::Object(Vec::new());
        }
        let members: Option<Vec<_>> = split(inner, random)
            .into_iter()
            .map(|member| {
                let marks: Vec<_> = member.match_indices('=').collect();
                if marks.is_empty() {
                    return None;
                }
                let (at, _) = *random.pick(&marks);
                Some((member[..at].to_owned(), java(&member[at + 1..], random)))
            })
            .collect();
        if let Some(members) = members {
            return Json::Object(members);
        }
    }
    if is_word(text) && random.below(2) == 0 {
        return Json::Word(text.to_owned());
    }
    Json::Text(text.to_owned())
}

/// Splits at some of the separators.
fn split<'t>(text: &'t str, random: &mut Random) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, join) in text.match_indices(", ") {
        if random.below(3) > 0 {
            parts.push(&text[start..at]);
            start = at + join.len();
        }
    }
    parts.push(&text[start..]);
    parts
}
