//! The request of a case.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};

use crate::config::reader::{Table, Text, Value};
use crate::written_request::{WrittenRequest, append_header};

/// The request, without its body.
pub(super) fn request(table: &Table<'_>) -> Option<WrittenRequest> {
    let method = table.read("method", method);
    let target = table.read("target", target);
    let headers = table.read("headers", headers);
    Some(WrittenRequest {
        method: method?,
        target: target?,
        headers: headers?,
        body: Bytes::new(),
    })
}

fn method(value: Value<'_>) -> Option<Method> {
    let text = value.text()?;
    let method = Method::from_bytes(text.text.as_bytes()).ok();
    let is_upper = |method: &Method| method.as_str() == text.text.to_ascii_uppercase();
    method.filter(is_upper).or_else(|| {
        text.error("invalid method", "no request has this method")
            .help("write it in upper case, such as \"POST\"")
            .report()
    })
}

fn target(value: Value<'_>) -> Option<Vec<u8>> {
    let text = value.text()?;
    let is_url = text.text.starts_with("http://") || text.text.starts_with("https://");
    let (why, help) = if is_url {
        (
            "this is a URL",
            "write the path and query; a URL that is signed is the case's `public_url`",
        )
    } else if !text.text.starts_with('/') {
        (
            "it must start with `/`",
            "write the path and query, such as \"/callback?id=7\"",
        )
    } else if text
        .text
        .contains(|c: char| c == ' ' || c.is_control() || c == '#')
    {
        (
            "no request line can have it",
            "write it percent-encoded, as the provider sends it",
        )
    } else {
        return Some(text.text.as_bytes().to_vec());
    };
    text.error("invalid target", why).help(help).report()
}

fn headers(value: Value<'_>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let mut is_fine = true;
    for (name, value) in value.pairs()? {
        let header = name.header_name();
        let values = value.one_or_list().unwrap_or_default();
        let values: Vec<_> = values
            .into_iter()
            .map(|value| header_value(value.text()?))
            .collect();
        let values: Option<Vec<_>> = values.into_iter().collect();
        match header.zip(values) {
            Some((header, values)) => {
                for value in values {
                    if append_header(&mut headers, header.clone(), value).is_err() {
                        let error = name.error("too many headers", "no server takes so many");
                        return error.report();
                    }
                }
            }
            None => is_fine = false,
        }
    }
    is_fine.then_some(headers)
}

fn header_value(text: Text<'_>) -> Option<HeaderValue> {
    let is_trimmed = text.text.trim() == text.text;
    let value = HeaderValue::from_bytes(text.text.as_bytes()).ok();
    value.filter(|_| is_trimmed).or_else(|| {
        text.error("invalid header value", "no header can have this value")
            .help("write one line, without spaces around it")
            .report()
    })
}
