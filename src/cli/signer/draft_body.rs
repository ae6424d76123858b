//! Fields of a body, from the command line.

use serde_json::Value;

use super::signer_error::SignerError;
use crate::verify::body::BodyFormat;

/// The body with these fields behind its own.
pub(super) fn with_fields(
    body: Vec<u8>,
    format: BodyFormat,
    fields: &[String],
) -> Result<Vec<u8>, SignerError> {
    let mut body = body;
    for field in fields {
        let form = || SignerError::Form {
            option: "--field",
            form: "NAME=VALUE or NAME:=JSON",
            given: field.clone(),
        };
        let (name, value) = field.split_once('=').ok_or_else(form)?;
        let (name, is_json) = match name.strip_suffix(':') {
            Some(name) => (name, true),
            None => (name, false),
        };
        if name.is_empty() {
            return Err(form());
        }
        let refused = |why| SignerError::Field {
            name: name.to_owned(),
            why,
        };
        body = match format {
            BodyFormat::Form => with_form_field(body, name, value),
            BodyFormat::Xml => with_element(body, name, value)
                .ok_or_else(|| refused("the body is no XML with an end of its root"))?,
            _ => {
                let literal = match is_json {
                    true => value.to_owned(),
                    false => Value::from(value).to_string(),
                };
                if serde_json::from_str::<Value>(&literal).is_err() {
                    return Err(refused("behind `:=` stands no JSON"));
                }
                with_member(body, name, &literal)
                    .ok_or_else(|| refused("the body is no JSON object"))?
            }
        };
    }
    Ok(body)
}

fn with_form_field(body: Vec<u8>, name: &str, value: &str) -> Vec<u8> {
    let before = if body.is_empty() { "" } else { "&" };
    let field = format!(
        "{before}{}={}",
        percent_encoded(name),
        percent_encoded(value)
    );
    [body, field.into_bytes()].concat()
}

/// With percent codes for all but letters, digits and `-._~`: every reader decodes them.
fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

fn with_element(body: Vec<u8>, name: &str, value: &str) -> Option<Vec<u8>> {
    let body = if body.is_empty() {
        b"<xml></xml>".to_vec()
    } else {
        body
    };
    let end = body.windows(2).rposition(|two| two == b"</")?;
    let (before, behind) = body.split_at_checked(end)?;
    let value = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let element = format!("<{name}>{value}</{name}>");
    Some([before, element.as_bytes(), behind].concat())
}

/// All other bytes of the body stay as they are.
fn with_member(body: Vec<u8>, name: &str, literal: &str) -> Option<Vec<u8>> {
    let body = if body.trim_ascii().is_empty() {
        b"{}".to_vec()
    } else {
        body
    };
    let object: Value = serde_json::from_slice(&body).ok()?;
    let comma = if object.as_object()?.is_empty() {
        ""
    } else {
        ","
    };
    let end = body.iter().rposition(|byte| *byte == b'}')?;
    let (before, behind) = body.split_at_checked(end)?;
    let member = format!("{comma}{}:{literal}", Value::from(name));
    Some([before, member.as_bytes(), behind].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_added_in_the_format_of_the_body() {
        for (format, body, wanted) in [
            (BodyFormat::Json, "", r#"{"a":"1","b c":{"x":[1.50]}}"#),
            (
                BodyFormat::Json,
                r#"{"z": 1 }"#,
                r#"{"z": 1 ,"a":"1","b c":{"x":[1.50]}}"#,
            ),
            (
                BodyFormat::Form,
                "z=1",
                "z=1&a=1&b%20c=%7B%22x%22%3A%5B1.50%5D%7D",
            ),
        ] {
            let fields = ["a=1", r#"b c:={"x":[1.50]}"#].map(str::to_owned);
            let made = with_fields(body.as_bytes().to_vec(), format, &fields).unwrap();
            assert_eq!(String::from_utf8(made).unwrap(), wanted);
        }
        let made = with_fields(Vec::new(), BodyFormat::Xml, &["a=<1>".to_owned()]).unwrap();
        assert_eq!(made, b"<xml><a>&lt;1&gt;</a></xml>");
    }

    #[test]
    fn what_is_no_field_is_refused() {
        for (body, field) in [
            ("", "a"),
            ("", "=1"),
            ("", "a:=x"),
            ("[1]", "a=1"),
            ("a=1", "a=1"),
        ] {
            let made = with_fields(
                body.as_bytes().to_vec(),
                BodyFormat::Json,
                &[field.to_owned()],
            );
            assert!(made.is_err(), "{body} {field}");
        }
    }
}
