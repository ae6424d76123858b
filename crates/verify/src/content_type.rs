//! Checks that the unsigned headers fit the body: no scheme signs Content-Type and
//! Content-Encoding, and they decide how a backend reads what was verified.
//!
//! A captured callback, sent again with another Content-Type, would show other fields: read as a
//! form, everything between two `&` becomes a field; for multipart, PHP shows no body at all; in
//! another character set, other bytes become quotes.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::body::{BodyFormat, Charset, MediaTypes};
use super::callback::Callback;
use super::reason::{At, Reason, Rejection};

/// Refuses headers that would make a backend read another body than the one that is verified.
/// `format` is what the scheme or the route reads, and `charset` what forms, and bodies in which
/// nothing is read, are written in.
pub(super) fn check(
    callback: &Callback<'_>,
    format: BodyFormat,
    charset: Charset,
) -> Result<(), Rejection> {
    let headers = callback.headers;
    for (name, value) in named(headers, "content-encoding") {
        if is_content_coding(value.as_bytes()) {
            return Err(Rejection::at(
                Reason::ContentEncoded,
                At::Header(name.clone()),
            ));
        }
    }
    let mut types = named(headers, "content-type");
    let Some((name, value)) = types.next() else {
        return match format.media_types() {
            Some(types) if !types.unlabelled => Err(Rejection::at(
                types.otherwise,
                At::Header(header::CONTENT_TYPE),
            )),
            _ => Ok(()),
        };
    };
    let fault = |reason| Err(Rejection::at(reason, At::Header(name.clone())));
    let is_repeated = types.next().is_some();
    let text = match value.to_str() {
        Ok(text) if !is_repeated => text.to_ascii_lowercase(),
        // Parsers differ on bytes that are not visible ASCII.
        _ => return fault(Reason::ContentTypeAmbiguous),
    };
    if !charsets_fit(&text, callback.body, format, charset) {
        return fault(Reason::ContentTypeAmbiguous);
    }
    match format.media_types() {
        Some(types) if !is_one_of(&text, types) => fault(types.otherwise),
        _ => Ok(()),
    }
}

/// What senders write into Content-Encoding besides character sets that is no content coding.
const NO_CODINGS: [&str; 6] = ["identity", "none", "7bit", "8bit", "binary", "us-ascii"];

/// Whether a value of Content-Encoding can name what was done to a body. Some senders write the
/// character set there, or what mail has: a backend that does not get the header misses nothing.
#[must_use]
pub fn is_content_coding(value: &[u8]) -> bool {
    let Ok(value) = std::str::from_utf8(value) else {
        return true;
    };
    let mut others = NO_CODINGS.iter();
    let is_other = others.any(|other| other.eq_ignore_ascii_case(value));
    !is_other && Charset::from_label(value).is_none()
}

/// The headers that a backend could take for the one with this name (CGI and WSGI turn `-` into
/// `_`).
fn named<'h>(
    headers: &'h HeaderMap,
    name: &'static str,
) -> impl Iterator<Item = (&'h HeaderName, &'h HeaderValue)> {
    headers.iter().filter(move |(header, _)| {
        let header = header.as_str();
        let same = |(a, b): (u8, u8)| a == b || (b == b'-' && !a.is_ascii_alphanumeric());
        header.len() == name.len() && header.bytes().zip(name.bytes()).all(same)
    })
}

/// Whether every parameter that looks like a character set reads the body as the scheme does. Some
/// HTTP clients always declare Latin-1; for ASCII, that makes no difference.
fn charsets_fit(content_type: &str, body: &[u8], format: BodyFormat, charset: Charset) -> bool {
    let charset = match format {
        BodyFormat::Form | BodyFormat::Opaque => charset,
        BodyFormat::Json | BodyFormat::Xml => Charset::Utf8,
    };
    content_type.split("charset").skip(1).all(|rest| {
        let rest = rest.trim_start().strip_prefix('=');
        let value = rest.and_then(|value| value.split([';', ',']).next());
        match value.map(|value| value.trim().trim_matches(['"', '\''])) {
            Some(label) if Charset::from_label(label) == Some(charset) => true,
            Some("utf-8" | "utf8" | "us-ascii" | "iso-8859-1" | "latin1" | "windows-1252") => {
                is_ascii(body, content_type)
            }
            _ => false,
        }
    })
}

/// Whether a body is ASCII, also once the percent codes of a form are decoded.
fn is_ascii(body: &[u8], content_type: &str) -> bool {
    let is_code = |code: &[u8]| matches!(code, [b'%', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F']);
    let is_form = content_type.contains("urlencoded");
    body.is_ascii() && !(is_form && body.windows(2).any(is_code))
}

/// Whether the header names one media type, and no backend reads the body in another format. Nobody
/// parses `text/plain`: a backend that gets it decides by itself how to read the body.
fn is_one_of(content_type: &str, types: &MediaTypes) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let one = !media_type.contains([',', ' ', '\t']);
    let is_unlabelled = types.unlabelled && media_type == "text/plain";
    one && (is_unlabelled || (types.fits)(media_type))
}

#[cfg(test)]
mod tests {
    use super::*;
    use BodyFormat::{Form, Json, Opaque, Xml};

    fn reason(lines: &[(&str, &str)], format: BodyFormat) -> Option<Reason> {
        reason_for(lines, format, "{}")
    }

    fn reason_for(lines: &[(&str, &str)], format: BodyFormat, body: &str) -> Option<Reason> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, value.parse().unwrap());
        }
        let callback = Callback::new("POST", b"/", &headers, body.as_bytes());
        check(&callback, format, Charset::Utf8)
            .err()
            .map(|rejection| rejection.reason)
    }

    #[test]
    fn content_types_that_fit_are_accepted() {
        for content_type in [
            "application/json",
            "Application/JSON;charset=UTF-8",
            "application/json; charset=\"utf-8\"; x=y",
            "application/vnd.a+json;charset = utf8",
            "text/json; charset=us-ascii",
            "text/plain;charset=ISO-8859-1",
        ] {
            assert_eq!(
                reason(&[("content-type", content_type)], Json),
                None,
                "{content_type}"
            );
        }
        for coding in ["identity", "UTF-8", "utf8", "GBK", "none", "8bit"] {
            let coding = ("content-encoding", coding);
            assert_eq!(reason(&[coding], Json), None);
        }
        let form = "application/x-www-form-urlencoded";
        assert_eq!(reason(&[("content-type", form)], Opaque), None);
    }

    #[test]
    fn content_types_under_which_another_body_is_read_are_refused() {
        for content_type in [
            "application/json; charset=utf-7",
            "application/json; CHARSET = \"UTF-16\"",
            "application/json; charset=utf-8; charset=utf-7",
            "application/json; charset*=utf-7''x",
            "application/json; charset",
            "text/plain, application/json; charset=gbk",
        ] {
            for format in [Json, Opaque] {
                let found = reason(&[("content-type", content_type)], format);
                assert_eq!(found, Some(Reason::ContentTypeAmbiguous), "{content_type}");
            }
        }
        for charset in ["ISO-8859-1", "us-ascii"] {
            let content_type = format!("application/json;charset={charset}");
            let found = reason_for(&[("content-type", &content_type)], Json, "{\"a\":\"é\"}");
            assert_eq!(found, Some(Reason::ContentTypeAmbiguous), "{content_type}");
        }
        let json = ("content-type", "application/json");
        for second in ["content-type", "content_type", "content.type"] {
            let found = reason(&[json, (second, "application/json")], Json);
            assert_eq!(found, Some(Reason::ContentTypeAmbiguous), "{second}");
        }
        for content_type in [
            "",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=a/json",
            "multipart/form-data+json; boundary=a",
            "multipart/json; boundary=a",
            "application/x-www-form-urlencoded+json",
            "application/xml",
            "application/x-www-form-urlencoded, application/json",
        ] {
            let found = reason(&[("content-type", content_type)], Json);
            assert_eq!(found, Some(Reason::ContentTypeNotJson), "{content_type}");
        }
        for name in ["content-encoding", "content_encoding"] {
            for coding in ["gzip", "utf-8, gzip", "utf-16", "x", ""] {
                let found = reason(&[json, (name, coding)], Opaque);
                assert_eq!(found, Some(Reason::ContentEncoded), "{name}: {coding}");
            }
        }
    }

    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn a_form_is_labelled_as_a_form() {
        for content_type in [
            FORM.to_owned(),
            "Application/X-WWW-Form-Urlencoded; charset=UTF-8".to_owned(),
            format!("{FORM};charset=\"utf-8\";x=y"),
            format!("{FORM}; charset=ISO-8859-1"),
        ] {
            assert_eq!(
                reason_for(&[("content-type", &content_type)], Form, "a=%7e"),
                None,
                "{content_type}"
            );
        }
        // Tomcat shows the query alone, PHP and Node nothing.
        assert_eq!(reason(&[], Form), Some(Reason::ContentTypeNotForm));
        for content_type in [
            "",
            "text/plain",
            "application/json",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "application/x-www-form-urlencoded+json",
            "application/x-www-form-urlencoded-x",
            "application/x-www-form-urlencoded x",
            "application/x-www-form-urlencoded, application/json",
            "text/html",
        ] {
            let found = reason(&[("content-type", content_type)], Form);
            assert_eq!(found, Some(Reason::ContentTypeNotForm), "{content_type}");
        }
    }

    #[test]
    fn xml_is_labelled_as_xml_or_not_at_all() {
        for content_type in [
            "text/xml",
            "application/xml; charset=utf-8",
            "application/a+xml",
        ] {
            let found = reason(&[("content-type", content_type)], Xml);
            assert_eq!(found, None, "{content_type}");
        }
        assert_eq!(reason(&[], Xml), None);
        assert_eq!(reason(&[("content-type", "text/plain")], Xml), None);
        for content_type in [
            FORM,
            "application/json",
            "multipart/form-data+xml; boundary=x",
            "application/x-www-form-urlencoded+xml",
            "text/html",
            "text/xml, text/plain",
        ] {
            let found = reason(&[("content-type", content_type)], Xml);
            assert_eq!(found, Some(Reason::ContentTypeNotXml), "{content_type}");
        }
    }

    #[test]
    fn a_form_has_the_character_set_of_its_scheme() {
        let found = |label: &str, body: &str, charset| {
            let mut headers = HeaderMap::new();
            let content_type = format!("{FORM}; charset={label}");
            headers.insert("content-type", content_type.parse().unwrap());
            let callback = Callback::new("POST", b"/", &headers, body.as_bytes());
            let found = |format| check(&callback, format, charset).map_err(|error| error.reason);
            // What nobody reads here, backends read by the same label.
            assert_eq!(found(Opaque), found(Form), "{label} {body}");
            found(Form)
        };
        let ambiguous = Err(Reason::ContentTypeAmbiguous);
        assert_eq!(found("GB2312", "a=%d5%C5", Charset::Gbk), Ok(()));
        assert_eq!(found("gbk", "a=%D5%C5", Charset::Gbk), Ok(()));
        assert_eq!(found("utf-8", "a=%D5%C5", Charset::Gbk), ambiguous);
        assert_eq!(found("utf-8", "a=%7e", Charset::Gbk), Ok(()));
        // The body is ASCII, but what its codes stand for is not.
        for label in ["iso-8859-1", "windows-1252", "gbk", "us-ascii"] {
            for body in ["a=%E9", "a=%c3%a9", "%8f=", "a=é"] {
                assert_eq!(
                    found(label, body, Charset::Utf8),
                    ambiguous,
                    "{label} {body}"
                );
            }
        }
        let form = (
            "content-type",
            "application/x-www-form-urlencoded;charset=latin1",
        );
        let found = reason_for(&[form], Opaque, "a=%E9");
        assert_eq!(found, Some(Reason::ContentTypeAmbiguous));
    }

    #[test]
    fn a_content_type_that_is_not_visible_ascii_is_refused() {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_bytes(b"application/json\xe9").unwrap();
        headers.append("content-type", value);
        let callback = Callback::new("POST", b"/", &headers, b"{}");
        for format in [Json, Opaque] {
            let rejection = check(&callback, format, Charset::Utf8).unwrap_err();
            assert_eq!(rejection.reason, Reason::ContentTypeAmbiguous);
        }
    }
}
