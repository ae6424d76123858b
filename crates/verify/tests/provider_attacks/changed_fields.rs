//! The fields of a request, to be written with other values.

use serde_json::Value;

use crate::provider_cases::SignedRequest;

/// Where fields are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fields {
    Form,
    Query,
    Json,
    Headers,
}

impl Fields {
    pub(super) const ALL: [Self; 4] = [Self::Form, Self::Query, Self::Json, Self::Headers];

    /// Names and values, as they are written; in JSON, those that are strings.
    pub(super) fn of(self, request: &SignedRequest) -> Vec<(String, String)> {
        match self {
            Self::Form if is_form(request) => pairs(std::str::from_utf8(&request.body).unwrap()),
            Self::Query => request
                .target
                .split_once('?')
                .map_or_else(Vec::new, |(_, query)| pairs(query)),
            Self::Json => {
                let object = serde_json::from_slice(&request.body);
                let Ok(Value::Object(object)) = object else {
                    return Vec::new();
                };
                let fields = object.into_iter();
                { fields }
                    .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
                    .collect()
            }
            Self::Headers => request.headers.clone(),
            Self::Form => Vec::new(),
        }
    }

    /// The request with other fields; those that are not there any more are gone.
    pub(super) fn write(
        self,
        request: &SignedRequest,
        fields: &[(String, String)],
    ) -> SignedRequest {
        let mut changed = request.clone();
        let pairs: Vec<_> = { fields.iter() }
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        match self {
            Self::Form => changed.body = pairs.join("&").into_bytes(),
            Self::Query => {
                let path = request.target.split('?').next().unwrap();
                changed.target = format!("{path}?{}", pairs.join("&"));
            }
            Self::Json => {
                let mut object: serde_json::Map<String, Value> =
                    serde_json::from_slice(&request.body).unwrap();
                object.retain(|name, value| {
                    !value.is_string() || fields.iter().any(|(other, _)| other == name)
                });
                for (name, value) in fields {
                    object.insert(name.clone(), Value::String(value.clone()));
                }
                changed.body = serde_json::to_vec(&object).unwrap();
            }
            Self::Headers => changed.headers = fields.to_vec(),
        }
        changed
    }

    /// A text as part of a value.
    pub(super) fn escape(self, text: &str) -> String {
        match self {
            Self::Form | Self::Query => text
                .replace('&', "%26")
                .replace('=', "%3D")
                .replace('|', "%7C"),
            Self::Json | Self::Headers => text.to_owned(),
        }
    }
}

fn is_form(request: &SignedRequest) -> bool {
    let mut headers = request.headers.iter();
    headers.any(|(name, value)| name.eq_ignore_ascii_case("content-type") && value.contains("form"))
        && request.body.is_ascii()
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
