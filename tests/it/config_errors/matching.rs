//! Which requests a route matches.

use insta::assert_snapshot;

use super::{REST, files, report, warnings};

#[test]
fn route_conflicts() {
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/good"
methods = ["PUT", "POST"]
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: route conflict
      --> c.toml:18:8
       |
     3 | path = "/good"
       |        ------- the other one is here
    ...
    18 | path = "/good"
       |        ^^^^^^^ this route and another one accept POST for any host and this path
       |
       = help: change the host, the path or the methods of one of them, or remove it
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "a"
host = "*.Example.com"
path_prefix = "/a/"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
[[route]]
name = "b"
host = "*.example.com"
path_prefix = "/a/"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: route conflict
      --> c.toml:11:15
       |
     4 | path_prefix = "/a/"
       |               ----- the other one is here
    ...
    11 | path_prefix = "/a/"
       |               ^^^^^ this route and another one accept POST for host *.example.com and this path
       |
       = help: change the host, the path or the methods of one of them, or remove it
    "##);
}

#[test]
fn paths_hosts_and_methods() {
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "r"
host = "https://pay.example.com/"
methods = ["post"]
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: invalid path
     --> c.toml:3:8
      |
    3 | path = "r"
      |        ^^^ a path must start with `/`
      |
      = help: write "/r"

    error: invalid host
     --> c.toml:4:8
      |
    4 | host = "https://pay.example.com/"
      |        ^^^^^^^^^^^^^^^^^^^^^^^^^^ a host is a name without scheme and path
      |
      = help: write "pay.example.com", and the path as `path`

    error: invalid method
     --> c.toml:5:12
      |
    5 | methods = ["post"]
      |            ^^^^^^ methods are case-sensitive
      |
      = help: write "POST"
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path_prefix = "/r/*"
host = "pay.example.com:8080"
methods = []
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: invalid path
     --> c.toml:3:15
      |
    3 | path_prefix = "/r/*"
      |               ^^^^^^ a path is compared as a whole, or as a prefix: there are no wildcards
      |
      = help: write the path as the provider calls it, or `path_prefix = "/r/"` for all paths that start with this

    error: invalid host
     --> c.toml:4:8
      |
    4 | host = "pay.example.com:8080"
      |        ^^^^^^^^^^^^^^^^^^^^^^ hosts are compared without the port
      |
      = help: write "pay.example.com"

    error: empty list
     --> c.toml:5:11
      |
    5 | methods = []
      |           ^^ the route would accept no request
      |
      = help: write `methods = ["POST"]`, or remove `methods`
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r?a=b"
host = "*"
methods = ["CONNECT", "PO ST"]
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: invalid path
     --> c.toml:3:8
      |
    3 | path = "/r?a=b"
      |        ^^^^^^^^ a path ends before the `?`
      |
      = help: remove the query: it has no influence on the choice of the route

    error: invalid host
     --> c.toml:4:8
      |
    4 | host = "*"
      |        ^^^ this is not a host name
      |
      = help: remove `host` to accept every host

    error: invalid method
     --> c.toml:5:12
      |
    5 | methods = ["CONNECT", "PO ST"]
      |            ^^^^^^^^^ a tunnel is not a callback
      |
      = help: callbacks use "POST"

    error: invalid method
     --> c.toml:5:23
      |
    5 | methods = ["CONNECT", "PO ST"]
      |                       ^^^^^^^ `PO ST` is not a method
      |
      = help: callbacks use "POST"
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r ä"
host = "pay.*.com"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: invalid path
     --> c.toml:3:8
      |
    3 | path = "/r ä"
      |        ^^^^^^ paths are compared as sent, and a space is never sent unencoded
      |
      = help: write it percent-encoded, such as `%20` for a space

    error: invalid host
     --> c.toml:4:8
      |
    4 | host = "pay.*.com"
      |        ^^^^^^^^^^^ `*` can only be the first part
      |
      = help: write "*.example.com"
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
path_prefix = "/r/"
host = "pay..example.com"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: conflicting keys
     --> c.toml:4:1
      |
    3 | path = "/r"
      | ---- `path` is here
    4 | path_prefix = "/r/"
      | ^^^^^^^^^^^ `path_prefix` cannot be combined with `path`
      |
      = help: keep one of the two

    error: invalid host
     --> c.toml:5:8
      |
    5 | host = "pay..example.com"
      |        ^^^^^^^^^^^^^^^^^^ a part of the name is empty
      |
      = help: remove the extra dot
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path_prefix = "/r//s/"
host = "bücher.example"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: invalid path
     --> c.toml:3:15
      |
    3 | path_prefix = "/r//s/"
      |               ^^^^^^^^ below a prefix, paths with empty or dot segments or an encoded `/`, `\` or `%` are refused
      |
      = help: write the prefix as backends normalise it, or complete paths with `path`

    error: invalid host
     --> c.toml:4:8
      |
    4 | host = "bücher.example"
      |        ^^^^^^^^^^^^^^^^ a host must not contain `ü`
      |
      = help: write the name in its ASCII form, which starts with `xn--`
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path_prefix = "/r/../s/"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: invalid path
     --> c.toml:3:15
      |
    3 | path_prefix = "/r/../s/"
      |               ^^^^^^^^^^ below a prefix, paths with empty or dot segments or an encoded `/`, `\` or `%` are refused
      |
      = help: write the prefix as backends normalise it, or complete paths with `path`
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path_prefix = "/r%2Fs/"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: invalid path
     --> c.toml:3:15
      |
    3 | path_prefix = "/r%2Fs/"
      |               ^^^^^^^^^ below a prefix, paths with empty or dot segments or an encoded `/`, `\` or `%` are refused
      |
      = help: write the prefix as backends normalise it, or complete paths with `path`
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
host = ".example.com"
"#), @r##"
    error: invalid host
     --> c.toml:7:8
      |
    7 | host = ".example.com"
      |        ^^^^^^^^^^^^^^ a part of the name is empty
      |
      = help: write "*.example.com" for every host with this ending
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path_prefix = "/r%zz/"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: invalid path
     --> c.toml:3:15
      |
    3 | path_prefix = "/r%zz/"
      |               ^^^^^^^^ below a prefix, paths with empty or dot segments or an encoded `/`, `\` or `%` are refused
      |
      = help: write the prefix as backends normalise it, or complete paths with `path`
    "##);
}

#[test]
fn habits_of_other_servers_are_refused_or_warned_of() {
    let route = |lines: &str| {
        format!(
            "[[route]]\nname = \"r\"\nscheme = \"cheezeepay\"\nkeys = [\"good\"]\nupstream = \"echo\"\n{lines}\n"
        )
    };
    for host in ["_", "*", "-", "*._", ""] {
        let report = report(&route(&format!("path = \"/r\"\nhost = \"{host}\"")));
        assert!(report.contains("this is not a host name"), "{report}");
        assert!(report.contains("help: remove `host`"), "{report}");
    }
    for method in ["*", "ANY", "all"] {
        let report = report(&route(&format!("path = \"/r\"\nmethods = [\"{method}\"]")));
        assert!(
            report.contains("nothing stands for all of them"),
            "{report}"
        );
    }
    for (path, shown) in [
        ("path = \"/cb/:id\"", "`:id`"),
        ("path = \"/cb/{id}/done\"", "`{id}`"),
        ("path_prefix = \"/cb/<id>/\"", "`<id>`"),
        ("path = '/cb/[0-9]+$'", "`[0-9]+$`"),
        ("path = '/^cb'", "`^cb`"),
    ] {
        let warned = warnings(&route(path));
        assert!(warned.contains("warning[pattern_in_path]"), "{warned}");
        assert!(
            warned.contains(&format!("{shown} stands for itself")),
            "{warned}"
        );
    }
    // What providers really call.
    for path in ["/cb:done", "/cb/:80", "/a/b$c/(d)!'", "/%7Bid%7D"] {
        let text = format!("{}{REST}", route(&format!("path = \"{path}\"")));
        let loaded = files().load(&text).unwrap();
        assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    }
}
