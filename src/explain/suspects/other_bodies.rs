//! What can have happened to a body on its way.

use super::form_writing::{FORM_STYLES, decoded, pairs};
use super::json_writing::{ESCAPES, JsonEscapes, JsonNumbers, NUMBERS, SPACES, WrittenJson};
use crate::explain::diagnosis::Diagnosis;
use crate::explain::variation::{Mend, Suspect, Suspects, Variation};
use crate::verify::json::{self, JsonDocument, JsonKind};

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Longer bodies are not written anew.
const LARGE: usize = 8 << 20;

fn suspect(diagnosis: Diagnosis, what: impl Into<String>, body: Vec<u8>) -> Suspect {
    Suspect {
        diagnosis,
        what: what.into(),
        mend: Mend::FrontProxy,
        variation: Variation::body(body),
    }
}

/// Other bodies that may have been signed, the likeliest first.
pub(super) fn bodies(body: &[u8]) -> Suspects<'_> {
    if body.is_empty() {
        return Box::new(std::iter::empty());
    }
    let changed: Suspects<'_> = match body.len() > LARGE {
        // Each of the others takes as much memory again, or more.
        true => ends(body),
        false => Box::new(
            ends(body)
                .chain(line_ends(body))
                .chain(json_bodies(body))
                .chain(other_formats(body))
                .chain(percent_codes(body))
                .chain(charsets(body)),
        ),
    };
    let none = suspect(Diagnosis::BodyAdded, "the body is taken away", Vec::new());
    let changed = changed.filter(|one| one.variation.body.as_deref() != Some(body));
    Box::new(changed.chain([none]))
}

fn ends(body: &[u8]) -> Suspects<'_> {
    let newline = Diagnosis::BodyFinalNewline;
    let mut all = Vec::new();
    for (end, name) in [(&b"\r\n"[..], "CRLF"), (b"\n", "line end"), (b"\r", "CR")] {
        if let Some(cut) = body.strip_suffix(end) {
            let what = format!("the {name} at the end of the body is taken away");
            all.push(suspect(newline, what, cut.to_vec()));
        }
    }
    let trimmed = body.trim_ascii_end();
    all.push(suspect(
        newline,
        "white space at the end of the body is taken away",
        trimmed.to_vec(),
    ));
    for (end, name) in [(&b"\n"[..], "line end"), (b"\r\n", "CRLF")] {
        let what = format!("a {name} is put at the end of the body");
        all.push(suspect(newline, what, [body, end].concat()));
    }
    let mark = Diagnosis::BodyByteOrderMark;
    match body.strip_prefix(BOM) {
        Some(cut) => all.push(suspect(
            mark,
            "the byte-order mark is taken away",
            cut.to_vec(),
        )),
        None => all.push(suspect(
            mark,
            "a byte-order mark is put in front",
            [BOM, body].concat(),
        )),
    }
    Box::new(all.into_iter())
}

fn line_ends(body: &[u8]) -> Suspects<'_> {
    if !body.contains(&b'\n') && !body.contains(&b'\r') {
        return Box::new(std::iter::empty());
    }
    let ends = Diagnosis::BodyLineEnds;
    let mut lf = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, behind)) = rest.split_first() {
        if !rest.starts_with(b"\r\n") {
            lf.push(*first);
        }
        rest = behind;
    }
    let mut crlf = Vec::with_capacity(body.len());
    for byte in &lf {
        if *byte == b'\n' {
            crlf.push(b'\r');
        }
        crlf.push(*byte);
    }
    let mut none = body.to_vec();
    none.retain(|byte| !b"\r\n".contains(byte));
    let without_end = |bytes: &[u8]| bytes.trim_ascii_end().to_vec();
    let all = vec![
        suspect(ends, "CRLF in the body becomes LF", lf.clone()),
        suspect(ends, "LF in the body becomes CRLF", crlf.clone()),
        suspect(ends, "line ends in the body are taken away", none),
        suspect(
            ends,
            "CRLF in the body becomes LF, and the last is taken away",
            without_end(&lf),
        ),
        suspect(
            ends,
            "LF in the body becomes CRLF, and the last is taken away",
            without_end(&crlf),
        ),
    ];
    Box::new(all.into_iter())
}

/// The body as JSON, without a byte-order mark.
fn document(body: &[u8]) -> Option<JsonDocument<'_>> {
    let body = body.strip_prefix(BOM).unwrap_or(body);
    json::parse(body.trim_ascii()).ok()
}

fn json_bodies(body: &[u8]) -> Suspects<'_> {
    let Some(document) = document(body) else {
        return Box::new(std::iter::empty());
    };
    let bool = [false, true];
    let styles = bool.into_iter().flat_map(move |sorted| {
        let all = NUMBERS.iter().flat_map(move |numbers| {
            let all = ESCAPES.iter().flat_map(move |escapes| {
                SPACES.iter().map(move |space| (*space, *escapes, *numbers))
            });
            all.map(move |(space, escapes, numbers)| (space, escapes, numbers, sorted))
        });
        all.map(|all| (all, false))
    });
    let without_null = bool.into_iter().flat_map(|sorted| {
        let few = (JsonEscapes::Few, "");
        let as_written = (JsonNumbers::AsWritten, "");
        let all = SPACES
            .iter()
            .map(move |space| (*space, few, as_written, sorted));
        all.map(|all| (all, true))
    });
    let written = styles
        .chain(without_null)
        .flat_map(move |(style, without_null)| {
            let (space, (escapes, escaped), (numbers, numbered), sorted) = style;
            let style = WrittenJson {
                space,
                escapes,
                sorted,
                numbers,
                without_null,
            };
            let order = if sorted { ", members sorted" } else { "" };
            let null = if without_null { ", without null" } else { "" };
            let what = format!(
                "the JSON is written {}{escaped}{numbered}{order}{null}",
                space.name
            );
            let text = style.written(document.root());
            let ended = format!("{text}\n");
            let reencoded = Diagnosis::BodyReencoded;
            [
                suspect(reencoded, what.clone(), text.into_bytes()),
                suspect(
                    reencoded,
                    format!("{what}, with a line end"),
                    ended.into_bytes(),
                ),
            ]
        });
    Box::new(written)
}

/// A form as JSON and the reverse; JSON in a string, or in a form's only field.
fn other_formats(body: &[u8]) -> Suspects<'_> {
    let other = Diagnosis::BodyOtherFormat;
    let mut all = Vec::new();
    if let Some(document) = document(body) {
        let root = document.root();
        if let (JsonKind::String { .. }, Some(text)) = (root.kind(), root.as_str()) {
            let what = "the JSON string is taken for its contents";
            all.push(suspect(other, what, text.as_bytes().to_vec()));
        }
        let fields: Vec<_> = { root.members() }
            .map(|(name, value)| {
                let text = value.as_str().map(|text| text.into_owned());
                let text = text.unwrap_or_else(|| value.source().to_owned());
                (name.as_bytes().to_vec(), text.into_bytes())
            })
            .collect();
        for style in FORM_STYLES
            .iter()
            .filter(|_| root.is_object() && !fields.is_empty())
        {
            let what = format!("the JSON is written as a form, {}", style.name);
            all.push(suspect(other, what, style.form(&fields)));
        }
    } else if let Some(fields) = pairs(body) {
        if let [(_, value)] = fields.as_slice() {
            let what = "the value of the form's only field is taken for the body";
            all.push(suspect(other, what, value.clone()));
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let members: serde_json::Map<_, _> = { fields.iter() }
            .map(|(name, value)| (text(name), text(value).into()))
            .collect();
        let object = serde_json::Value::from(members).to_string();
        if let Ok(document) = json::parse(object.as_bytes()) {
            for space in SPACES {
                let style = WrittenJson {
                    space: *space,
                    escapes: JsonEscapes::Few,
                    sorted: false,
                    numbers: JsonNumbers::AsWritten,
                    without_null: false,
                };
                let what = format!("the form is written as JSON, {}", space.name);
                all.push(suspect(
                    other,
                    what,
                    style.written(document.root()).into_bytes(),
                ));
            }
        }
    }
    Box::new(all.into_iter())
}

fn percent_codes(body: &[u8]) -> Suspects<'_> {
    let codes = Diagnosis::BodyPercentCodes;
    let mut all = Vec::new();
    for (plus, name) in [(false, ""), (true, " and plus signs")] {
        if let Some(text) = decoded(body, plus) {
            all.push(suspect(
                codes,
                format!("percent codes{name} in the body are decoded"),
                text,
            ));
        }
    }
    if document(body).is_some() {
        return Box::new(all.into_iter());
    }
    for style in FORM_STYLES {
        if let Some(fields) = pairs(body) {
            all.push(suspect(
                codes,
                format!("the form is written {}", style.name),
                style.form(&fields),
            ));
            let mut sorted = fields;
            sorted.sort();
            let what = format!("the form is sorted, and written {}", style.name);
            all.push(suspect(codes, what, style.form(&sorted)));
        }
        let what = format!("the body is encoded {}", style.name);
        all.push(suspect(codes, what, style.encoded(body, b"=&")));
    }
    Box::new(all.into_iter())
}

fn charsets(body: &[u8]) -> Suspects<'_> {
    let charset = Diagnosis::BodyCharset;
    let mut all = Vec::new();
    if body.is_ascii() {
        return Box::new(all.into_iter());
    }
    if let Ok(text) = std::str::from_utf8(body) {
        let latin: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
        if let Ok(latin) = latin {
            let what = "UTF-8 in the body becomes ISO 8859-1";
            all.push(suspect(charset, what, latin));
        }
        let asked: Vec<u8> = { text.chars() }
            .map(|character| {
                u8::try_from(character)
                    .ok()
                    .filter(u8::is_ascii)
                    .unwrap_or(b'?')
            })
            .collect();
        all.push(suspect(
            charset,
            "all beyond ASCII in the body becomes `?`",
            asked,
        ));
    }
    let text: String = body.iter().map(|byte| char::from(*byte)).collect();
    let what = "ISO 8859-1 in the body becomes UTF-8";
    all.push(suspect(charset, what, text.into_bytes()));
    Box::new(all.into_iter())
}
