//! Headers by which a client could steer a backend to something else than was verified: what proxies,
//! content networks, servers and frameworks are known to read. Names are folded.

/// Other methods, paths, hosts, users and files, which nobody in front has a reason to name: a proxy that
/// knows nothing of them passes on what its client sent.
const OVERRIDES: &[&str] = &[
    "remote-user",
    "x-accel-mapping",
    "x-authenticated-user",
    "x-host",
    "x-http-host-override",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-middleware-subrequest",
    "x-original-method",
    "x-original-url",
    "x-override-url",
    "x-remote-user",
    "x-rewrite-url",
    "x-sendfile-type",
    "x-webauth-user",
];
const OVERRIDE_PREFIX: &str = "x-auth-request-";

/// Where a request came from and how, which is for a proxy in front to say. So is all that begins with
/// [`FORWARDED_PREFIX`].
const FORWARDING: &[&str] = &[
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "client-ip",
    "fastly-client-ip",
    "forwarded",
    "forwarded-for",
    "front-end-https",
    "http-client-ip",
    "http-x-forwarded-for",
    "proxy-client-ip",
    "remote-addr",
    "true-client-ip",
    "wl-proxy-client-ip",
    "wl-proxy-ssl",
    "x-appengine-user-ip",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-envoy-external-address",
    "x-envoy-original-path",
    "x-forwarded",
    "x-original-for",
    "x-original-forwarded-for",
    "x-original-host",
    "x-original-proto",
    "x-original-uri",
    "x-originating-ip",
    "x-real-ip",
    "x-remote-addr",
    "x-remote-ip",
    "x-scheme",
    "x-url-scheme",
];
const FORWARDED_PREFIX: &str = "x-forwarded-";

/// Whether a header would have the backend act on another method, path, host, user or file.
pub(super) fn is_override(folded: &str) -> bool {
    is_in(OVERRIDES, OVERRIDE_PREFIX, folded)
}

/// Whether a header says where a request came from.
pub(super) fn is_forwarding(folded: &str) -> bool {
    is_in(FORWARDING, FORWARDED_PREFIX, folded)
}

fn is_in(names: &[&str], prefix: &str, folded: &str) -> bool {
    folded.starts_with(prefix) || names.binary_search(&folded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::backend::fold_header;

    #[test]
    fn names_are_found() {
        for names in [OVERRIDES, FORWARDING] {
            assert!(names.is_sorted());
            assert!(names.iter().all(|name| fold_header(name) == *name));
        }
        assert!(OVERRIDES.iter().all(|name| is_override(name)));
        assert!(FORWARDING.iter().all(|name| is_forwarding(name)));
        assert!(is_forwarding("x-forwarded-prefix"));
        assert!(!is_forwarding("x-request-start"));
        assert!(is_override("x-auth-request-email"));
    }
}
