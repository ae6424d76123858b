//! The URL that a provider calls.

use std::str::FromStr;

/// A URL, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct CallbackUrl {
    pub(in crate::cli) is_https: bool,
    /// Host and port, as they are written.
    pub(in crate::cli) authority: String,
    /// Path and query.
    pub(in crate::cli) target: String,
}

impl CallbackUrl {
    /// `https://pay.example`.
    pub(in crate::cli) fn origin(&self) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }

    /// The URL without its query.
    pub(super) fn without_query(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        format!("{}{path}", self.origin())
    }

    /// Host and port to connect to.
    pub(in crate::cli) fn host_and_port(&self) -> (&str, u16) {
        let default = if self.is_https { 443 } else { 80 };
        let (host, port) = match self.authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().unwrap_or(default)),
            _ => (self.authority.as_str(), default),
        };
        (host.trim_matches(['[', ']']), port)
    }
}

impl FromStr for CallbackUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no URL such as https://pay.example/callback");
        let (is_https, rest) = match text.split_once("://") {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            _ => return Err(wrong()),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(end).ok_or_else(wrong)?;
        let is_plain = |c: char| c.is_ascii_graphic();
        if authority.is_empty() || authority.contains('@') || !rest.chars().all(is_plain) {
            return Err(wrong());
        }
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Self {
            is_https,
            authority: authority.to_owned(),
            target: format!("{slash}{target}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_an_origin_and_a_target() {
        for (text, origin, target) in [
            ("https://a.example", "https://a.example", "/"),
            ("http://a:81/b?c=[d]#e", "http://a:81", "/b?c=[d]"),
            ("http://[::1]:8080?x", "http://[::1]:8080", "/?x"),
            ("http://[::1]/", "http://[::1]", "/"),
        ] {
            let url: CallbackUrl = text.parse().unwrap();
            assert_eq!(
                (url.origin().as_str(), url.target.as_str()),
                (origin, target)
            );
        }
        for text in [
            "a.example",
            "ftp://a/",
            "http://",
            "http://a/b c",
            "http://u@a/",
        ] {
            assert!(text.parse::<CallbackUrl>().is_err(), "{text}");
        }
    }
}
