//! A callback as text: `METHOD target`, lines of headers, an empty line, and the body.

use countersign::verify::Callback;
use http::{HeaderMap, HeaderName, HeaderValue};

pub(super) struct Request<'a> {
    method: &'a str,
    target: &'a [u8],
    headers: HeaderMap,
    pub(super) body: &'a [u8],
}

impl<'a> Request<'a> {
    /// `None` if the text is none. Lines that are no headers are left out.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let end = text.windows(2).position(|pair| pair == b"\n\n")?;
        let mut lines = text[..end].split(|byte| *byte == b'\n');
        let first = lines.next()?;
        let space = first.iter().position(|byte| *byte == b' ')?;
        let headers = lines.filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let value = line.get(colon + 2..)?;
            Some((
                HeaderName::from_bytes(&line[..colon]).ok()?,
                HeaderValue::from_bytes(value).ok()?,
            ))
        });
        let mut all = HeaderMap::new();
        headers.for_each(|(name, value)| {
            all.append(name, value);
        });
        Some(Self {
            method: std::str::from_utf8(&first[..space]).ok()?,
            target: &first[space + 1..],
            headers: all,
            body: &text[end + 2..],
        })
    }

    pub(super) fn callback(&self) -> Callback<'_> {
        Callback::new(self.method, self.target, &self.headers, self.body)
    }
}
