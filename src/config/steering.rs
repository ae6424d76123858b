//! Headers by which whoever sends a callback could steer a backend to something else than was verified:
//! what servers, frameworks, proxies and content networks are known to take as an order, or as the word of
//! somebody in front. Names are folded.
//!
//! Such a list is never whole. A route that names what its backend needs (`forward_headers`) does not
//! depend on it.

use std::sync::LazyLock;

/// Whose word such a header counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Believed {
    /// Nobody's: no proxy in front has a reason to send it, and one that knows nothing of it passes on what
    /// its client sent.
    Nobody,
    /// That of a trusted proxy, which sets or clears it.
    TrustedProxies,
}

/// Headers of one kind.
struct Group {
    /// What they do, as a message says it behind "it".
    does: &'static str,
    believed: Believed,
    names: &'static [&'static str],
    /// What names begin with. Where several fit a header, a whole name or the longest beginning counts.
    prefixes: &'static [&'static str],
}

const GROUPS: &[Group] = &[
    // gunicorn takes SCRIPT_NAME and PATH_INFO for what the server in front of it would set; others hand
    // all of a request's variables on under names without `HTTP_`.
    Group {
        does: "is a variable of CGI or WSGI, by which a server tells a program the path, file or user",
        believed: Believed::Nobody,
        names: &[
            "auth-type",
            "content-range",
            "context-document-root",
            "context-prefix",
            "document-root",
            "document-uri",
            "gateway-interface",
            "https",
            "http-method",
            "http-url",
            "orig-path-info",
            "orig-script-name",
            "path-info",
            "path-translated",
            "php-admin-value",
            "php-auth-pw",
            "php-auth-user",
            "php-self",
            "php-value",
            "query-string",
            "raw-uri",
            "remote-ident",
            "request-filename",
            "request-method",
            "request-path",
            "request-scheme",
            "request-uri",
            "script-filename",
            "script-name",
            "script-uri",
            "script-url",
            "server-name",
            "server-port",
            "server-port-secure",
            "server-protocol",
            "unencoded-url",
        ],
        prefixes: &["redirect-", "uwsgi-", "wsgi-", "x-uwsgi-", "x-wsgi-"],
    },
    // IIS's rewriting, Symfony, Zend, Rails, Express, ASP.NET, Next.js, Spring Cloud Function, and a widely
    // copied snippet for Flask.
    Group {
        does: "has frameworks act on another method, host or path",
        believed: Believed::Nobody,
        names: &[
            "base-url",
            "disguised-host",
            "next-action",
            "proxy-url",
            "translate",
            "x-base-url",
            "x-host",
            "x-http-destinationurl",
            "x-http-host",
            "x-http-host-override",
            "x-matched-path",
            "x-method",
            "x-method-override",
            "x-now-route-matches",
            "x-original-method",
            "x-original-url",
            "x-override-url",
            "x-path",
            "x-path-info",
            "x-proxy-url",
            "x-real-hostname",
            "x-replaced-path",
            "x-request-path",
            "x-request-uri",
            "x-script-name",
            "x-script-path",
            "x-waws-unencoded-url",
        ],
        prefixes: &[
            "spring-cloud-function-",
            "x-http-method",
            "x-invoke-",
            "x-middleware-",
            "x-rewrite-",
        ],
    },
    // Rack::Sendfile, nginx, lighttpd, Perlbal.
    Group {
        does: "names a file or address that is sent in the answer's place",
        believed: Believed::Nobody,
        names: &[],
        prefixes: &["x-accel-", "x-lighttpd-", "x-reproxy-", "x-sendfile"],
    },
    // A 304 or 412 in place of the work, or a part of an answer that is then remembered as the whole.
    Group {
        does: "has a backend answer without acting, or only in part",
        believed: Believed::Nobody,
        names: &[
            "if",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-schedule-tag-match",
            "if-unmodified-since",
            "max-forwards",
            "prefer",
            "range",
            "request-range",
            "unless-modified-since",
        ],
        prefixes: &[],
    },
    Group {
        does: "is an order to a proxy or service mesh behind this one",
        believed: Believed::Nobody,
        names: &[],
        prefixes: &[
            "dapr-",
            "l5d-",
            "x-envoy-",
            "x-istio-",
            "x-kong-",
            "x-traefik-",
        ],
    },
    // What oauth2-proxy, Authelia, authentik, Pomerium, Vouch, Kong, APISIX, SiteMinder, Oracle and IBM
    // access managers, Shibboleth, mod_auth_openidc, AWS, Google, Azure and Cloudflare set after a login.
    // Callbacks have none.
    Group {
        does: "says which user is logged in",
        believed: Believed::Nobody,
        names: &[
            "cas-user",
            "es-security-runas-user",
            "remote-email",
            "remote-groups",
            "remote-name",
            "remote-user",
            "smuser",
            "teleport-jwt-assertion",
            "x-amzn-request-context",
            "x-anonymous-consumer",
            "x-apigateway-api-userinfo",
            "x-auth-email",
            "x-auth-user",
            "x-auth-username",
            "x-endpoint-api-userinfo",
            "x-jwt-assertion",
            "x-userinfo",
        ],
        prefixes: &[
            // WebSphere's `$WSRU` and its like.
            "-ws",
            "cf-access-",
            "impersonate-",
            "iv-",
            "mellon-",
            "ms-aspnetcore-",
            "oam-",
            "oidc-",
            "shib-",
            "sm-",
            "tailscale-",
            "x-amzn-mtls-",
            "x-amzn-oidc-",
            "x-appengine-",
            "x-auth-request-",
            "x-authenticated-",
            "x-authentik-",
            "x-cloudscheduler",
            "x-cloudtasks-",
            "x-consumer-",
            "x-credential-",
            "x-goog-authenticated-user-",
            "x-goog-iap-",
            "x-iisnode-",
            "x-ms-client-principal",
            "x-ms-token-",
            "x-pomerium-",
            "x-remote-",
            "x-vouch-",
            "x-webauth-",
        ],
    },
    Group {
        does: "says where a request came from, and how",
        believed: Believed::TrustedProxies,
        names: &[
            "client-cert",
            "client-cert-chain",
            "client-ip",
            "do-connecting-ip",
            "early-data",
            "forwarded",
            "forwarded-for",
            "forwarded-host",
            "forwarded-proto",
            "front-end-https",
            "http-client-ip",
            "http-x-forwarded-for",
            "incap-client-ip",
            "proxy-client-ip",
            "remote-addr",
            "remote-host",
            "remote-port",
            "server-addr",
            "surrogate-capability",
            "true-client-ip",
            "was-default-hostname",
            "x-appengine-user-ip",
            "x-client-dn",
            "x-client-ip",
            "x-client-verify",
            "x-clientcert",
            "x-cluster-client-ip",
            "x-envoy-external-address",
            "x-envoy-original-path",
            "x-forwarded",
            "x-originating-ip",
            "x-proxyuser-ip",
            "x-real-ip",
            "x-remote-addr",
            "x-remote-host",
            "x-remote-ip",
            "x-remote-port",
            "x-scheme",
            "x-site-deployment-id",
            "x-sucuri-clientip",
            "x-true-client-ip",
            "x-url-scheme",
        ],
        prefixes: &[
            "akamai-",
            "ali-cdn-",
            "ali-swift-",
            "cdn-",
            "cf-",
            "cloudfront-",
            "fastly-",
            "fly-",
            "ssl-",
            "wl-proxy-",
            "x-akamai-",
            "x-appservice-",
            "x-arr-",
            "x-azure-",
            "x-client-cert",
            "x-fd-",
            "x-forwarded-",
            "x-nf-",
            "x-original-",
            "x-ssl-",
            "x-vercel-",
        ],
    },
];

/// A name or a beginning of names, with its group.
type Entry = (&'static str, &'static Group);

/// All groups as two sorted lists.
struct Lists {
    names: Vec<Entry>,
    prefixes: Vec<Entry>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let sorted = |of: fn(&Group) -> &'static [&'static str]| {
        let entries = GROUPS
            .iter()
            .flat_map(|group| of(group).iter().map(move |name| (*name, group)));
        let mut entries: Vec<Entry> = entries.collect();
        entries.sort_unstable_by_key(|(name, _)| *name);
        entries
    };
    Lists {
        names: sorted(|group| group.names),
        prefixes: sorted(|group| group.prefixes),
    }
});

/// Whose word a header counts as, by its folded name; `None` if it is none of these.
#[must_use]
pub fn believed(folded: &str) -> Option<Believed> {
    group(folded).map(|group| group.believed)
}

/// Why a header is forwarded from nobody, by its folded name, as a message says it behind "it".
pub(super) fn why_never(folded: &str) -> Option<&'static str> {
    let group = group(folded)?;
    (group.believed == Believed::Nobody).then_some(group.does)
}

fn group(folded: &str) -> Option<&'static Group> {
    let lists = &*LISTS;
    let found = lists
        .names
        .binary_search_by(|(name, _)| (*name).cmp(folded));
    let (_, group) = match found {
        Ok(at) => lists.names.get(at)?,
        Err(_) => {
            // Of those that fit, the longest sorts last.
            let end = lists
                .prefixes
                .partition_point(|(prefix, _)| *prefix <= folded);
            let before = lists.prefixes.get(..end)?;
            let fits = |(prefix, _): &&Entry| folded.starts_with(prefix);
            before.iter().rev().find(fits)?
        }
    };
    Some(group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::backend::fold_header;

    #[test]
    fn every_name_is_there_once_and_folded() {
        for list in [&LISTS.names, &LISTS.prefixes] {
            for pair in list.windows(2) {
                assert!(pair[0].0 < pair[1].0, "{} twice", pair[0].0);
            }
            for (name, group) in list {
                assert_eq!(fold_header(name), *name);
                assert_eq!(believed(name), Some(group.believed), "{name}");
            }
        }
        for (name, own) in &LISTS.names {
            let prefixes = &LISTS.prefixes;
            let mut covering = prefixes
                .iter()
                .filter(|(prefix, _)| name.starts_with(prefix));
            let needless = covering.any(|(_, group)| group.believed == own.believed);
            assert!(!needless, "{name}");
        }
    }

    #[test]
    fn a_whole_name_or_the_longest_beginning_counts() {
        for (name, expected) in [
            ("x-forwarded-prefix", Believed::TrustedProxies),
            ("x-auth-request-email", Believed::Nobody),
            ("x-envoy-retry-on", Believed::Nobody),
            ("x-envoy-external-address", Believed::TrustedProxies),
            ("cf-ipcountry", Believed::TrustedProxies),
            ("cf-access-jwt-assertion", Believed::Nobody),
            ("x-original-url", Believed::Nobody),
            ("x-original-uri", Believed::TrustedProxies),
            ("x-remote-ip", Believed::TrustedProxies),
            ("x-remote-extra-scopes", Believed::Nobody),
            ("wl-proxy-client-cert", Believed::TrustedProxies),
            ("script-name", Believed::Nobody),
            ("x-http-method", Believed::Nobody),
        ] {
            assert_eq!(believed(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn what_providers_and_tracing_send_is_none_of_these() {
        for name in [
            "accept",
            "accept-encoding",
            "accept-language",
            "authorization",
            "cache-control",
            "content-type",
            "cookie",
            "idempotency-key",
            "origin",
            "paypal-transmission-sig",
            "sign",
            "signature",
            "soapaction",
            "stripe-signature",
            "traceparent",
            "tracestate",
            "user-agent",
            "v-api-key",
            "v-signature",
            "via",
            "wechatpay-serial",
            "x-amzn-trace-id",
            "x-b3-traceid",
            "x-cloud-trace-context",
            "x-correlation-id",
            "x-github-event",
            "x-goog-channel-id",
            "x-hub-signature-256",
            "x-request-start",
            "x-requested-with",
            "x-signature",
        ] {
            assert_eq!(believed(name), None, "{name}");
        }
    }
}
