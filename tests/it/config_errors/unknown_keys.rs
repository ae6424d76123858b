//! Unknown keys.

use insta::assert_snapshot;

use super::{REST, report, whole};

#[test]
fn unknown_keys() {
    assert_snapshot!(report(r#"
wrokers = 2
"#), @r##"
    error: unknown key
     --> c.toml:1:1
      |
    1 | wrokers = 2
      | ^^^^^^^ the top level has no key `wrokers`
      |
      = help: did you mean `workers`?
    "##);
    assert_snapshot!(report(r#"
[log]
levle = "info"
colour = true
"#), @r##"
    error: unknown key
     --> c.toml:2:1
      |
    2 | levle = "info"
      | ^^^^^ `[log]` has no key `levle`
      |
      = help: did you mean `level`?

    error: unknown key
     --> c.toml:3:1
      |
    3 | colour = true
      | ^^^^^^ `[log]` has no key `colour`
      |
      = help: its keys are: access, format, escape, sample_success, error, level, library_level, error_format, audit
    "##);
    assert_snapshot!(report(r#"
[log]
shutdown_timeout = "5s"
"#), @r##"
    error: unknown key
     --> c.toml:2:1
      |
    2 | shutdown_timeout = "5s"
      | ^^^^^^^^^^^^^^^^ `[log]` has no key `shutdown_timeout`
      |
      = help: `shutdown_timeout` belongs to the top level: move it above the first `[...]` line
    "##);
    assert_snapshot!(report(r#"
[timeouts]
connect_timeout = "5s"
"#), @r##"
    error: unknown key
     --> c.toml:2:1
      |
    2 | connect_timeout = "5s"
      | ^^^^^^^^^^^^^^^ `[timeouts]` has no key `connect_timeout`
      |
      = help: `connect_timeout` is a key of `redis` of `[once]` and of `[[upstream]]`
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "other"
file = "other.pem"
header_prefix = "X-"
"#), @r##"
    error: unknown key
     --> c.toml:4:1
      |
    4 | header_prefix = "[...]"
      | ^^^^^^^^^^^^^ `[[key]]` has no key `header_prefix`
      |
      = help: `header_prefix` belongs to the top level: move it above the first `[...]` line
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = "{header:X-Sig|unbase64}"
content = "{fields}"
fields = { from = "json", separator = "&", pair = "{name}={value}" }
contnet = "{body}"
"#), @r##"
    error: ambiguous content
     --> c.toml:6:1
      |
    6 | fields = { from = "json", separator = "[...]", pair = "{name}={value}" }
      | ^^^^^^ nothing separates the fields of `{fields}`
      |
      = note: whoever has one callback could forge others under its signature
      = help: compare it with the provider's documentation; only if it really signs this way, set `ambiguous_join = true` in the scheme: every callback is then marked with X-Verified-Ambiguous, and its identity is "{content}"

    error: unknown key
     --> c.toml:6:27
      |
    6 | fields = { from = "json", separator = "[...]", pair = "{name}={value}" }
      |                           ^^^^^^^^^ a selection has no key `separator`
      |
      = help: use `between` in `fields` of `[[scheme]]`

    error: unknown key
     --> c.toml:7:1
      |
    7 | contnet = "{body}"
      | ^^^^^^^ `[[scheme]]` has no key `contnet`
      |
      = help: did you mean `content`?
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = "{header:X-Sig|unbase64}"
content = "{a}"
let = { a = { by = "{body}", off = { b = "c" } } }
"#), @r##"
    error: unknown key
     --> c.toml:6:30
      |
    6 | let = { a = { by = "{body}", off = { b = "c" } } }
      |                              ^^^ a step has no key `off`
      |
      = help: did you mean `of`?
    "##);
}

/// The helps of the report on a text, one a line.
fn helps(text: &str) -> String {
    let report = report(text);
    let lines = report
        .lines()
        .filter_map(|line| line.trim().strip_prefix("= help: "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_key_of_an_inner_table_is_shown_where_it_belongs() {
    const UPSTREAM: &str = "[[upstream]]\nname = \"u\"\nservers = [\"127.0.0.1:1\"]\n";
    const LISTENER: &str = "[[listener]]\naddress = \"127.0.0.1:0\"\n";
    for (text, wanted) in [
        (
            format!("{UPSTREAM}fail_timeout = \"30s\""),
            "`servers = [{ address = \"...\", fail_timeout = \"...\" }]`",
        ),
        (
            format!("{UPSTREAM}weight = 3"),
            "`servers = [{ address = \"...\", weight = ... }]`",
        ),
        (
            format!("{UPSTREAM}server_name = \"a\""),
            "`tls = { server_name = \"...\" }`",
        ),
        (
            format!("{UPSTREAM}interval = \"5s\""),
            "`health_check = { interval = \"...\" }`",
        ),
        (
            format!("{LISTENER}tls = {{ cert = \"a\", key = \"b\" }}"),
            "`certificates = [{ cert = \"...\", key = \"...\" }]`",
        ),
        (
            format!("{LISTENER}cert = \"a\"\nkey = \"b\""),
            "`tls = { certificates = [{ cert = \"...\", key = \"...\" }] }`",
        ),
        (
            format!("{LISTENER}[listener.tls]\ncert = \"a\"\nkey = \"b\""),
            "`certificates = [{ cert = \"...\", key = \"...\" }]`",
        ),
        (
            format!("{LISTENER}tls = [{{ cert = \"a\", key = \"b\" }}]"),
            "`{ certificates = [{ cert = \"...\", key = \"...\" }] }`",
        ),
        (
            format!("{UPSTREAM}tls = {{ connect_timeout = \"1s\" }}"),
            "`connect_timeout` is a key of `[[upstream]]`",
        ),
        (
            "[once]\nsize = \"1MiB\"".to_owned(),
            "`memory = { size = \"...\" }`",
        ),
    ] {
        let helps = helps(&text);
        assert!(helps.contains(wanted), "{text}\n{helps}");
        assert!(!helps.contains("did you mean"), "{text}\n{helps}");
    }
}

#[test]
fn names_of_other_servers_are_translated() {
    const ROUTE: &str = "[[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"cheezeepay\"\n\
                         keys = [\"good\"]\nupstream = \"echo\"\n";
    for (text, wanted) in [
        (
            "listen = 80",
            "a name of nginx's: use `address` in `[[listener]]`",
        ),
        (
            "[[listener]]\nlisten = \"127.0.0.1:1\"",
            "use `address` in `[[listener]]`",
        ),
        ("[server]\nlisten = 80", "use `[[listener]]`, `[[route]]`"),
        ("[http]\nx = 1", "write what it contains at the top level"),
        ("worker_processes = 4", "use `workers` at the top level"),
        (
            "[log]\nworker_processes = 4",
            "use `workers` at the top level",
        ),
        (
            "access_log = \"a\"",
            "use `access` in `[log]`, `access_log` in `[[route]]`",
        ),
        (
            "error_log = \"a\"",
            "use `error` in `[log]`, `level` in `[log]`",
        ),
        ("pid = \"a\"", "use `pid_file` at the top level"),
        (
            "client_max_body_size = \"1m\"",
            "use `body_limit` in `[[route]]`, `body` in `[limits]`",
        ),
        (
            "ssl_certificate = \"a\"",
            "use `cert` in `tls.certificates` of `[[listener]]`",
        ),
        (
            "ssl_certificate_key = \"a\"",
            "use `key` in `tls.certificates` of `[[listener]]`",
        ),
        (
            "set_real_ip_from = \"10.0.0.1\"",
            "use `trusted_proxies` at the top level",
        ),
        (
            "keepalive_timeout = 75",
            "use `keepalive` in `[timeouts]`, `keepalive` in `[[upstream]]`",
        ),
        ("server_name = \"a\"", "use `host` in `[[route]]`"),
        (
            "proxy_read_timeout = 1",
            "use `read_timeout` in `[[upstream]]`",
        ),
        (
            "upstream_timeout = \"1s\"",
            "use `read_timeout` in `[[upstream]]`",
        ),
        ("root = \"/srv\"", "remove it: the proxy serves no files"),
        ("user_name = \"a\"", "its keys are: workers"),
    ] {
        let helps = helps(&format!("{text}\n"));
        assert!(helps.contains(wanted), "{text}\n{helps}");
    }
    for (line, wanted) in [
        ("server_name = \"a\"", "use `host` in `[[route]]`"),
        ("proxy_pass = \"http://a\"", "use `upstream` in `[[route]]`"),
        (
            "location = \"/r\"",
            "use `path` in `[[route]]`, `path_prefix` in `[[route]]`",
        ),
        (
            "read_timeout = \"1s\"",
            "`read_timeout` is a key of `[[upstream]]`",
        ),
    ] {
        let helps = helps(&format!("{ROUTE}{line}\n"));
        assert!(helps.contains(wanted), "{line}\n{helps}");
    }
}

#[test]
fn a_key_that_another_name_stands_for_is_not_reported_as_missing() {
    let report = whole(
        &REST
            .replace("address =", "listen =")
            .replace("upstream =", "proxy_pass ="),
    );
    assert!(!report.contains("missing key"), "{report}");
    assert_eq!(report.matches("error: unknown key").count(), 2, "{report}");
}
