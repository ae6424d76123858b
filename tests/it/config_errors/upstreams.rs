//! Hosts and names of servers, and other paths for backends.

use super::{report, warnings};

/// The report on an upstream with these lines.
fn upstream(lines: &str) -> String {
    report(&format!(
        "[[upstream]]\nname = \"u\"\nservers = [\"127.0.0.1:1\"]\n{lines}\n"
    ))
}

#[test]
fn hosts_that_servers_could_read_differently() {
    for (host, why) in [
        ("", "this is not a host name"),
        ("https://shop.internal", "without scheme and path"),
        ("shop.internal/x", "without scheme and path"),
        ("shop internal", "a Host must not contain"),
        ("shop@evil", "a Host must not contain"),
        ("a,b", "a Host must not contain"),
        ("$host", "a Host must not contain"),
        ("shop..internal", "this is not a host name"),
        ("shop.internal.", "this is not a host name"),
        ("shop.internal:", "the port is not a number"),
        ("shop.internal:+80", "the port is not a number"),
        ("shop.internal:0", "the port is not a number"),
        ("shop.internal:65536", "the port is not a number"),
        ("shop:80:80", "the port is not a number"),
        ("::1", "must be in brackets"),
        ("[::1", "not an IPv6 address"),
        ("[shop]", "not an IPv6 address"),
        ("[::1]80", "the port is not a number"),
        ("sh\u{f6}p", "a Host must not contain"),
    ] {
        for lines in [
            format!("host = \"{host}\""),
            format!("health_check = {{ path = \"/h\", host = \"{host}\" }}"),
        ] {
            let report = upstream(&lines);
            assert!(report.contains("error: invalid host"), "{lines}: {report}");
            assert!(report.contains(why), "{lines}: {report}");
        }
    }
}

#[test]
fn a_word_for_the_host_is_in_lower_case() {
    for (host, meant) in [("Client", "client"), ("SERVER", "server")] {
        let report = upstream(&format!("host = \"{host}\""));
        assert!(report.contains(&format!("write \"{meant}\"")), "{report}");
    }
}

#[test]
fn headers_that_a_health_check_must_not_have() {
    for (headers, why) in [
        ("Host = \"a\"", "the check has a Host already"),
        (
            "Content-Length = \"1\"",
            "would change how the request is read",
        ),
        (
            "Transfer_Encoding = \"chunked\"",
            "would change how the request is read",
        ),
        (
            "Connection = \"close\"",
            "would change how the request is read",
        ),
        ("X-Verified-Key = \"k\"", "nothing of a check was verified"),
        ("X_VERIFIED_KEY = \"k\"", "nothing of a check was verified"),
        (
            "X-A = \"1\", X_A = \"2\"",
            "a backend reads this as the same header",
        ),
        ("X-A = \" b\"", "without white space at either end"),
        ("X-A = \"b\\r\\nX-B: c\"", "is visible ASCII"),
        ("X-A = \"\u{e9}\"", "is visible ASCII"),
        ("\"X A\" = \"b\"", "error: "),
    ] {
        let report = upstream(&format!(
            "health_check = {{ path = \"/h\", headers = {{ {headers} }} }}"
        ));
        assert!(report.contains(why), "{headers}: {report}");
    }
    for lines in ["host = \"a\"", "headers = { X-A = \"b\" }"] {
        let report = upstream(&format!("health_check = {{ {lines} }}"));
        assert!(report.contains("sends no request"), "{report}");
    }
}

#[test]
fn a_name_without_an_address_is_a_warning_if_it_can_have_one_later() {
    let text = |server: &str, lines: &str| {
        format!("[[upstream]]\nname = \"u\"\nservers = [\"{server}\"]\n{lines}\n")
    };
    for server in [
        "none.invalid:80",
        "https://none.invalid.:443",
        "no_ne.invalid:80",
    ] {
        let warnings = warnings(&text(server, ""));
        assert!(warnings.contains("host_without_address"), "{warnings}");
        assert!(warnings.contains("has no address"), "{warnings}");
    }
    // It would never have one.
    for (server, lines) in [
        ("none.invalid:80", "resolve = \"off\""),
        ("none.invalid:80", "resolve = \"0s\""),
        ("a..b:80", ""),
        ("none$.invalid:80", ""),
        ("127.0.0.256:80", ""),
        ("[fe80::1%eth0]:80", ""),
    ] {
        let report = report(&text(server, lines));
        assert!(
            report.starts_with("error: unknown host"),
            "{server}: {report}"
        );
    }
}

#[test]
fn paths_that_would_lead_elsewhere() {
    let route = |lines: &str| {
        report(&format!(
            "[[route]]\nname = \"r\"\nscheme = \"cheezeepay\"\nkeys = [\"good\"]\n\
             upstream = \"echo\"\n{lines}\n"
        ))
    };
    for (path, to, why) in [
        ("path = \"/cb\"", "x", "must start with `/`"),
        ("path = \"/cb\"", "/x?y", "a path ends before the `?`"),
        ("path = \"/cb\"", "/x y", "never sent unencoded"),
        ("path = \"/cb\"", "/a/../b", "in different ways"),
        ("path = \"/cb\"", "//evil.example/", "in different ways"),
        ("path = \"/cb\"", "/a%2fb", "in different ways"),
        ("path_prefix = \"/in/\"", "/a/./", "in different ways"),
        ("path_prefix = \"/in/\"", "/x", "must end with `/`, too"),
        (
            "path_prefix = \"/in\"",
            "/x/",
            "a `path_prefix` that ends with `/`",
        ),
        (
            "path_prefix = \"/in\"",
            "/x",
            "a `path_prefix` that ends with `/`",
        ),
    ] {
        let report = route(&format!("{path}\nupstream_path = \"{to}\""));
        assert!(report.contains("error: invalid path"), "{to}: {report}");
        assert!(report.contains(why), "{to}: {report}");
    }
}
