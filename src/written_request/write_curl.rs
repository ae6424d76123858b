//! A request as a command line of curl.

use http::Method;
use http::header::{CONTENT_TYPE, HOST};

use super::WrittenRequest;
use super::write_http::spelled;

impl WrittenRequest {
    /// A command line for bash that sends the request to this origin, such as `https://pay.example`, byte for
    /// byte.
    #[must_use]
    pub fn to_curl(&self, origin: &str) -> String {
        let mut line = String::from("curl");
        let usual = match self.body.is_empty() {
            true => Method::GET,
            false => Method::POST,
        };
        if self.method != usual {
            line.push_str(&format!(" -X {}", self.method));
        }
        let mut url = origin.as_bytes().to_vec();
        url.extend_from_slice(&self.target);
        // curl would take brackets and braces in a URL for a pattern, and resolve dots in a path.
        if url.iter().any(|byte| b"[]{}".contains(byte)) {
            line.push_str(" -g");
        }
        if self.target.windows(2).any(|two| two == b"/.") {
            line.push_str(" --path-as-is");
        }
        line.push_str(&format!(" {}", quoted(&url)));
        let host = self.headers.get(HOST);
        let of_url = origin.split_once("://").map(|(_, host)| host.as_bytes());
        if let Some(host) = host.filter(|host| Some(host.as_bytes()) != of_url) {
            line.push_str(&option("-H", &[b"Host: ", host.as_bytes()].concat()));
        }
        for (name, value) in self.own_headers() {
            let name = spelled(name.as_str());
            // Of a header without a value, curl wants to know that it is meant.
            let header = match value.is_empty() {
                true => format!("{name};").into_bytes(),
                false => [name.as_bytes(), b": ", value.as_bytes()].concat(),
            };
            line.push_str(&option("-H", &header));
        }
        if self.body.is_empty() {
            return line;
        }
        if !self.headers.contains_key(CONTENT_TYPE) {
            // Else curl says that it is a form.
            line.push_str(&option("-H", b"Content-Type:"));
        }
        if self.body.contains(&0) {
            // No argument of a command can have a zero byte.
            let printed = quoted(&escaped(&self.body));
            return format!("printf '%b' {printed} | {line} \\\n  --data-binary @-");
        }
        if self.body.starts_with(b"@") {
            let printed = quoted(&self.body);
            return format!("printf '%s' {printed} | {line} \\\n  --data-binary @-");
        }
        line.push_str(&option("--data-binary", &self.body));
        line
    }
}

fn option(name: &str, value: &[u8]) -> String {
    format!(" \\\n  {name} {}", quoted(value))
}

/// In single quotes, or, where bytes are no visible text, in bash's `$'...'`.
fn quoted(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).ok();
    match text.filter(|text| !text.chars().any(char::is_control)) {
        Some(text) => format!("'{}'", text.replace('\'', r"'\''")),
        None => {
            let escaped: String = bytes
                .iter()
                .map(|byte| match byte {
                    b'\'' | b'\\' => format!("\\{}", char::from(*byte)),
                    b'\n' => "\\n".to_owned(),
                    b' '..=b'~' => char::from(*byte).to_string(),
                    _ => format!("\\x{byte:02x}"),
                })
                .collect();
            format!("$'{escaped}'")
        }
    }
}

/// As `printf '%b'` reads it.
fn escaped(bytes: &[u8]) -> Vec<u8> {
    let escape = |byte: &u8| match byte {
        b'\\' => b"\\\\".to_vec(),
        b' '..=b'~' => vec![*byte],
        _ => format!("\\0{byte:03o}").into_bytes(),
    };
    bytes.iter().flat_map(escape).collect()
}
