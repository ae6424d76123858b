//! A URL as somebody wrote it, and what a request to it has.

/// What a request to a URL has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrittenUrl {
    pub(super) https: bool,
    /// `user:password`, if the URL has it.
    pub(super) user: Option<String>,
    /// The host, with the port unless it is the default one.
    pub(super) host: String,
    /// Path and query.
    pub(super) target: String,
}

impl WrittenUrl {
    /// Takes a URL of `http` or `https` apart. Without a scheme it is one of `http` if `guess` says so, as for curl.
    pub(super) fn read(text: &str, guess: bool) -> Option<Self> {
        let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
        let (https, rest) = if lower.starts_with("https://") {
            (true, text.get(8..)?)
        } else if lower.starts_with("http://") {
            (false, text.get(7..)?)
        } else if guess && !text.contains("://") {
            (false, text)
        } else {
            return None;
        };
        let is_plain = |c: char| !c.is_control() && c != ' ';
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, behind) = rest.split_at_checked(end)?;
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_owned()), host),
            None => (None, authority),
        };
        let target = behind.split('#').next().unwrap_or_default();
        let slash = if target.starts_with('/') { "" } else { "/" };
        let default = if https { ":443" } else { ":80" };
        let host = host.strip_suffix(default).unwrap_or(host);
        (!host.is_empty() && rest.chars().all(is_plain)).then(|| Self {
            https,
            user,
            host: host.to_owned(),
            target: format!("{slash}{target}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_as_clients_do() {
        for (text, https, user, host, target) in [
            (
                "https://a.example/b?c=d#e",
                true,
                None,
                "a.example",
                "/b?c=d",
            ),
            ("HTTP://a.example:80", false, None, "a.example", "/"),
            (
                "https://a.example:8443?x",
                true,
                None,
                "a.example:8443",
                "/?x",
            ),
            ("a.example/b", false, None, "a.example", "/b"),
            ("https://u:p@a@b/", true, Some("u:p@a"), "b", "/"),
            ("http://[::1]:80/%2f", false, None, "[::1]", "/%2f"),
        ] {
            let found = WrittenUrl::read(text, true).unwrap();
            let told = (
                found.https,
                found.user.as_deref(),
                &*found.host,
                &*found.target,
            );
            assert_eq!(told, (https, user, host, target), "{text}");
        }
        for text in ["https:///x", "ftp://a/", "https://a b/", "http://a/\n"] {
            assert_eq!(WrittenUrl::read(text, true), None, "{text}");
        }
        assert_eq!(WrittenUrl::read("a.example/b", false), None);
    }
}
