//! Hosts and names of servers, and other paths for backends.

use insta::assert_snapshot;

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

const KEYS: &str = "[[key]]\nid = \"o\"\nfile = \"other.pem\"\n";

fn server(name: &str, lines: &str) -> String {
    format!("[[upstream]]\nname = \"{name}\"\n{lines}\n")
}

fn led(name: &str, key: &str, lines: &str) -> String {
    format!(
        "[[route]]\nname = \"{name}\"\nscheme = \"cheezeepay\"\nkeys = [\"{key}\"]\nonce = true\n{lines}\n"
    )
}

#[test]
fn two_routes_with_one_path_at_the_backend_are_shown() {
    let text = [
        KEYS,
        &server("u", "servers = [\"127.0.0.1:1\"]"),
        &led(
            "a",
            "good",
            "path = \"/a\"\nupstream = \"u\"\nupstream_path = \"/pay\"",
        ),
        &led(
            "b",
            "o",
            "path = \"/b\"\nupstream = \"u\"\nupstream_path = \"/Pay/\"",
        ),
        "[once]\nmemory = {}\n",
    ];
    let all = warnings(&text.concat());
    let of_paths = all
        .split("\n\n")
        .find(|one| one.contains("[one_path_for_two_routes]"));
    assert_snapshot!(of_paths.unwrap_or(&all), @r##"
    warning[one_path_for_two_routes]: one path for two routes
      --> c.toml:22:1
       |
    14 | upstream_path = "/pay"
       | ------------- the other route is here
    ...
    22 | upstream_path = "/Pay/"
       | ^^^^^^^^^^^^^ the backend gets callbacks of the route `a` at the same path, or reads it as the same, but it has other keys: whoever can sign for one of the two can call what the other protects
       |
       = help: let them lead to two paths (`upstream_path`) or servers, or have the backend look at the verified header that names the route
    "##);
}

#[test]
fn routes_with_different_keys_that_lead_to_one_path_are_warned_of() {
    let one = "servers = [\"127.0.0.1:1\"]";
    for (first, second, upstreams, is_warned) in [
        // The lines of the two routes, those of their upstreams, and whether it is a warning.
        (
            "path = \"/a\"\nupstream_path = \"/x\"",
            "path = \"/x\"",
            [one, one],
            true,
        ),
        (
            "path = \"/a\"\nupstream_path = \"/x\"",
            "path = \"/X/\"",
            [one, one],
            true,
        ),
        (
            "path = \"/a\"\nupstream_path = \"/x\"",
            "path = \"/x/index.php\"",
            [one, one],
            true,
        ),
        (
            "path = \"/a\"\nupstream_path = \"/x\"",
            "path = \"/x.json\"",
            [one, one],
            true,
        ),
        (
            "path = \"/a\"\nupstream_path = \"/x\"",
            "path = \"/y\"",
            [one, one],
            false,
        ),
        (
            "path = \"/a\"\nupstream_path = \"/x\"",
            "path = \"/x\"\nmethods = [\"PUT\"]",
            [one, one],
            false,
        ),
        (
            "path = \"/a\"\nupstream_path = \"/x\"",
            "path = \"/x\"",
            [one, "servers = [\"localhost:1\"]"],
            true,
        ),
        (
            "path = \"/a\"\nupstream_path = \"/x\"",
            "path = \"/x\"",
            [one, "servers = [\"127.0.0.1:2\"]"],
            false,
        ),
        (
            "path = \"/a\"\nupstream_path = \"/x\"",
            "path = \"/x\"",
            [
                "servers = [\"unix:/run/a.sock\"]",
                "servers = [\"127.0.0.1:1\", \"unix:/run//a.sock\"]",
            ],
            true,
        ),
        // Two hosts at a backend that sees only one.
        (
            "host = \"a.example\"\npath = \"/x\"",
            "host = \"b.example\"\npath = \"/x\"",
            [
                "servers = [\"127.0.0.1:1\"]\nhost = \"in\"",
                "servers = [\"127.0.0.1:1\"]\nhost = \"in\"",
            ],
            true,
        ),
        (
            "host = \"a.example\"\npath = \"/x\"",
            "host = \"b.example\"\npath = \"/x\"",
            [
                "servers = [\"127.0.0.1:1\"]\nhost = \"in\"",
                "servers = [\"127.0.0.1:1\"]\nhost = \"out\"",
            ],
            false,
        ),
        (
            "host = \"a.example\"\npath = \"/x\"",
            "host = \"b.example\"\npath = \"/x\"",
            [one, one],
            false,
        ),
        // Prefixes.
        (
            "path_prefix = \"/a/\"\nupstream_path = \"/x/\"",
            "path_prefix = \"/x/\"",
            [one, one],
            true,
        ),
        (
            "path_prefix = \"/a/\"\nupstream_path = \"/x/\"",
            "path_prefix = \"/x/y/\"",
            [one, one],
            false,
        ),
        (
            "path_prefix = \"/a/\"\nupstream_path = \"/x.php/\"",
            "path = \"/x.php\"",
            [one, one],
            true,
        ),
        (
            "path_prefix = \"/a/\"\nupstream_path = \"/\"",
            "path = \"/x\"",
            [one, one],
            false,
        ),
        ("path = \"/x\"", "path_prefix = \"/x/\"", [one, one], false),
    ] {
        let [u, v] = upstreams;
        let upstreams = [server("u", u), server("v", v)].concat();
        let [first, second] = [(first, "u"), (second, "v")]
            .map(|(lines, upstream)| format!("{lines}\nupstream = \"{upstream}\""));
        let [a, b, same] = [
            led("a", "good", &first),
            led("b", "o", &second),
            led("b", "good", &second),
        ];
        for (routes, is_warned) in [
            ([a.clone(), b.clone()], is_warned),
            ([b, a.clone()], is_warned),
            // Whoever can sign for one can sign for the other.
            ([a, same], false),
        ] {
            let text = format!(
                "{KEYS}{upstreams}{}[once]\nmemory = {{}}\n",
                routes.concat()
            );
            let warnings = warnings(&text);
            let found = warnings.contains("warning[one_path_for_two_routes]");
            assert_eq!(found, is_warned, "{text}\n{warnings}");
        }
    }
}
