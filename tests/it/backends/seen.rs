//! A request as a backend's application saw it.

use serde_json::Value;

/// A request as an application saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// The target as the application can read it from the request.
    pub(crate) target: String,
    /// The path that the application acts on, decoded and normalised.
    pub(crate) path: String,
    pub(crate) body: String,
    /// The fields of a form or of XML, with what the application reads them with.
    pub(crate) fields: Vec<[String; 3]>,
    /// Every header value that the application can read, with the expression that looks it up.
    pub(crate) read: Vec<(String, String)>,
}

impl Seen {
    /// Parses a line that an application wrote.
    pub(super) fn read(line: &[u8]) -> Self {
        // nginx writes raw bytes; the other backends write each byte as one character.
        let line: String = line.iter().copied().map(char::from).collect();
        let value: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        let fields = value["fields"].as_array().into_iter().flatten();
        let part = |field: &Value, at: usize| field[at].as_str().unwrap().to_owned();
        let read = value["read"].as_array().unwrap().iter();
        Self {
            method: text("method"),
            target: text("target"),
            path: text("path"),
            body: text("body"),
            fields: fields
                .map(|field| [0, 1, 2].map(|at| part(field, at)))
                .collect(),
            read: read
                .map(|pair| {
                    let [name, value] = [0, 1].map(|at| pair[at].as_str().unwrap().to_owned());
                    (name, value)
                })
                // nginx's variable for a missing header is empty.
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        }
    }

    /// The values that a lookup returns.
    pub(crate) fn values(&self, lookup: &str) -> Vec<&str> {
        let found = self.read.iter().filter(|(name, _)| name == lookup);
        found.map(|(_, value)| value.as_str()).collect()
    }
}
