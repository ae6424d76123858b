//! What can have happened to the signature, and to other headers, on their way.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::explain::diagnosis::Diagnosis;
use crate::explain::variation::{Mend, Suspect, Suspects, Variation};
use crate::verify::Scheme;
use crate::verify::decode_hex;
use crate::written_request::WrittenRequest;

/// Other spellings of the headers that the scheme reads; other headers in place of one that is missing; plus signs in query
/// and form.
pub(super) fn signatures<'t>(scheme: &'t Scheme, request: &'t WrittenRequest) -> Suspects<'t> {
    let headers = &request.headers;
    let mut read: Vec<&HeaderName> = scheme.headers().collect();
    read.sort_by_key(|name| name.as_str());
    read.dedup();
    let signing = scheme.signature_headers();
    let of_headers = read.clone().into_iter().flat_map(move |name| {
        let value = only_value(headers, name).map(HeaderValue::as_bytes);
        let is_signature = signing.contains(name);
        let spelled = spellings(value.unwrap_or_default(), is_signature);
        spelled
            .into_iter()
            .filter_map(move |(diagnosis, what, value)| {
                let mut changed = headers.clone();
                changed.insert(name.clone(), HeaderValue::from_bytes(&value).ok()?);
                let what = format!("in the header `{name}`, {what}");
                Some(suspect(diagnosis, what, Variation::headers(changed)))
            })
    });
    let all = plus_signs(request)
        .chain(of_headers)
        .chain(elsewhere(read, headers));
    Box::new(all)
}

/// The value of a header that occurs once: of two, none is the one that was meant.
fn only_value<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first)
}

/// Other labels of the body.
pub(super) fn content_types(request: &WrittenRequest) -> Suspects<'_> {
    const TYPES: &[&str] = &[
        "application/json",
        "application/x-www-form-urlencoded",
        "application/xml",
    ];
    let own = only_value(&request.headers, &CONTENT_TYPE);
    let is_repeated = own.is_none() && request.headers.contains_key(CONTENT_TYPE);
    let others = TYPES
        .iter()
        .filter(move |other| !is_repeated && own.is_none_or(|own| own != **other));
    Box::new(others.map(|other| {
        let mut headers = request.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(other));
        let what = format!("Content-Type is `{other}`");
        suspect(
            Diagnosis::ContentTypeChanged,
            what,
            Variation::headers(headers),
        )
    }))
}

fn suspect(diagnosis: Diagnosis, what: String, variation: Variation) -> Suspect {
    Suspect {
        diagnosis,
        what,
        mend: Mend::FrontProxy,
        variation,
    }
}

type Spelling = (Diagnosis, &'static str, Vec<u8>);

/// Other spellings of a header's value.
fn spellings(value: &[u8], is_signature: bool) -> Vec<Spelling> {
    let mut all: Vec<Spelling> = Vec::new();
    if value.is_empty() {
        return all;
    }
    if is_signature {
        if value.contains(&b' ') {
            let plus = Diagnosis::SignaturePlusSigns;
            all.push((plus, "spaces are plus signs", replaced(value, b" ", b"+")));
        }
        let encoding = Diagnosis::SignatureEncoding;
        let mut add = |what, value: Option<Vec<u8>>| {
            all.extend(value.map(|value| (encoding, what, value)));
        };
        add(
            "percent codes are decoded",
            super::form_writing::decoded(value, false),
        );
        add("white space is taken away", {
            let without: Vec<u8> = { value.iter().copied() }
                .filter(|byte| !byte.is_ascii_whitespace())
                .collect();
            Some(without)
        });
        add("quotes are taken away", unquoted(value));
        add("it is in lower case", Some(value.to_ascii_lowercase()));
        add("it is in upper case", Some(value.to_ascii_uppercase()));
        for (what, value) in recoded(value) {
            add(what, Some(value));
        }
        let at = value.iter().position(|byte| b"= ".contains(byte));
        let behind = at.and_then(|at| value.get(at.saturating_add(1)..));
        add(
            "what stands before it is taken away",
            behind.map(<[u8]>::to_vec),
        );
        for (what, prefix) in [
            ("`sha256=` is put in front", "sha256="),
            ("`sha1=` is put in front", "sha1="),
            ("`sha512=` is put in front", "sha512="),
            ("`v1=` is put in front", "v1="),
            ("`v0=` is put in front", "v0="),
            ("`Bearer ` is put in front", "Bearer "),
        ] {
            add(what, Some([prefix.as_bytes(), value].concat()));
        }
        // Two headers that a proxy joined.
        let first = value.split(|byte| *byte == b',').next();
        add(
            "all behind the comma is taken away",
            first.map(<[u8]>::to_vec),
        );
    }
    if let Some(number) = number(value) {
        let unit = Diagnosis::TimestampUnit;
        if let Some(more) = number.checked_mul(1000) {
            let what = "the seconds become milliseconds";
            all.push((unit, what, more.to_string().into_bytes()));
        }
        if number >= 100_000_000_000 {
            let fewer = number.checked_div(1000).unwrap_or_default();
            all.push((
                unit,
                "the milliseconds become seconds",
                fewer.to_string().into_bytes(),
            ));
        }
    }
    all.retain(|(_, _, other)| other != value);
    all
}

fn number(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    text.parse().ok().filter(|number| *number > 100_000_000)
}

fn unquoted(value: &[u8]) -> Option<Vec<u8>> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    Some(inner.to_vec())
}

/// Hexadecimal, base64 and base64url, each as the others.
fn recoded(value: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let unpadded = text.trim_end_matches('=');
    let bytes = decode_hex(text)
        .or_else(|| STANDARD_NO_PAD.decode(unpadded).ok())
        .or_else(|| URL_SAFE_NO_PAD.decode(unpadded).ok());
    let Some(bytes) = bytes.filter(|bytes| bytes.len() >= 8) else {
        return Vec::new();
    };
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut all = vec![
        ("it is in base64", STANDARD.encode(&bytes)),
        (
            "it is in base64url without padding",
            URL_SAFE_NO_PAD.encode(&bytes),
        ),
        ("it is in base64url", URL_SAFE.encode(&bytes)),
        (
            "it is in base64 without padding",
            STANDARD_NO_PAD.encode(&bytes),
        ),
        ("it is in hexadecimal", hex.clone()),
        (
            "it is in hexadecimal, in upper case",
            hex.to_ascii_uppercase(),
        ),
        // Hexadecimal digits in base64, as some libraries give them.
        ("the hexadecimal is in base64", STANDARD.encode(&hex)),
    ];
    // The reverse of that.
    if let Ok(inner) = String::from_utf8(bytes)
        && decode_hex(&inner).is_some()
    {
        all.push(("base64 around the hexadecimal is taken away", inner));
    }
    all.into_iter()
        .map(|(what, text)| (what, text.into_bytes()))
        .collect()
}

fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        match rest.strip_prefix(from) {
            Some(behind) => {
                out.extend_from_slice(to);
                rest = behind;
            }
            None => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    out
}

/// Plus signs in the query and in a form that mean themselves: in one field, or in all.
fn plus_signs(request: &WrittenRequest) -> Suspects<'_> {
    let mut all = Vec::new();
    let mut add = |what: String, variation| {
        all.push(suspect(Diagnosis::SignaturePlusSigns, what, variation));
    };
    let at = request.target.iter().position(|byte| *byte == b'?');
    let (path, query) = { at.and_then(|at| request.target.split_at_checked(at.saturating_add(1))) }
        .unwrap_or((&request.target, &[]));
    for (what, query) in with_plus_signs(query) {
        let target = [path, &query].concat();
        add(
            format!("{what} of the query become `%2B`"),
            Variation::target(target),
        );
    }
    let is_form = !request.body.starts_with(b"{") && request.body.len() < LONG_FORM;
    for (what, form) in with_plus_signs(if is_form { &request.body } else { &[] }) {
        add(
            format!("{what} of the form become `%2B`"),
            Variation::body(form),
        );
    }
    Box::new(all.into_iter())
}

/// The most fields, or headers, that are looked at one by one: each costs a copy of all.
const EACH: usize = 64;

/// No form that carries a signature is as long.
const LONG_FORM: usize = 100_000;

/// A form in which plus signs, or codes for spaces, are codes for plus signs.
fn with_plus_signs(form: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let parts: Vec<&[u8]> = form.split(|byte| *byte == b'&').collect();
    for (from, name) in [(&b"+"[..], "plus signs"), (b"%20", "`%20`")] {
        let whole = replaced(form, from, b"%2B");
        if whole == form {
            continue;
        }
        all.push((format!("the {name}"), whole));
        let changes = |part: &[u8]| part.windows(from.len()).any(|text| text == from);
        let changing = parts.iter().enumerate().filter(|(_, part)| changes(part));
        for (nth, part) in changing.take(EACH) {
            let changed = replaced(part, from, b"%2B");
            let field = String::from_utf8_lossy(part).into_owned();
            let field = field.split('=').next().unwrap_or_default().to_owned();
            let mut parts = parts.clone();
            if let Some(part) = parts.get_mut(nth) {
                *part = &changed;
            }
            all.push((
                format!("the {name} in the field `{field}`"),
                parts.join(&b'&'),
            ));
        }
    }
    all
}

/// Headers that may stand for one that is missing: whatever their names are, the signature decides.
fn elsewhere<'t>(read: Vec<&'t HeaderName>, headers: &'t HeaderMap) -> Suspects<'t> {
    let missing = read.into_iter().filter(|name| !headers.contains_key(*name));
    let missing: Vec<_> = missing.collect();
    // Of several, those with similar names take each other's place together.
    let together = missing
        .clone()
        .into_iter()
        .try_fold(headers.clone(), |mut all, name| {
            let similar = headers
                .iter()
                .filter(|(other, _)| only_value(headers, other).is_some())
                .find(|(other, _)| is_similar(name.as_str(), other.as_str()));
            all.insert(name.clone(), similar?.1.clone());
            Some(all)
        });
    let is_one = missing.len() == 1;
    let together = together.filter(|_| missing.len() > 1).map(|changed| {
        let names: Vec<&str> = missing.iter().map(|name| name.as_str()).collect();
        let what = format!(
            "the headers {} are taken from similar ones",
            names.join(", ")
        );
        suspect(
            Diagnosis::SignatureElsewhere,
            what,
            Variation::headers(changed),
        )
    });
    let all = missing
        .into_iter()
        .filter(move |_| is_one)
        .flat_map(move |name| {
            headers
                .iter()
                .filter(move |(other, _)| *other != name && only_value(headers, other).is_some())
                .take(EACH)
                .map(move |(other, value)| {
                    let mut changed = headers.clone();
                    changed.remove(other);
                    changed.insert(name.clone(), value.clone());
                    let what = format!("the header `{other}` is taken for `{name}`");
                    suspect(
                        Diagnosis::SignatureElsewhere,
                        what,
                        Variation::headers(changed),
                    )
                })
        });
    Box::new(together.into_iter().chain(all))
}

/// Whether two names have the same letters, apart from what servers put in front.
fn is_similar(name: &str, other: &str) -> bool {
    fn core(name: &str) -> String {
        let letters: String = { name.chars() }
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let cut = letters.strip_prefix("http").unwrap_or(&letters);
        cut.strip_prefix('x').unwrap_or(cut).to_owned()
    }
    core(name) == core(other)
}
