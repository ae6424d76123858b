//! Which requests a route takes.

use insta::assert_snapshot;

use super::report;

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
       |        ^^^^^^^ this route and another one take POST for any host and this path
       |
       = help: change the host, the path or the methods of one of the two, or remove it
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
       |               ^^^^^ this route and another one take POST for host *.example.com and this path
       |
       = help: change the host, the path or the methods of one of the two, or remove it
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
      |        ^^^ a path begins with `/`
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
      |            ^^^^^^ methods are compared with their case
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
      |               ^^^^^^ a path has no wildcards
      |
      = help: write `path_prefix` with what stands before the `*`

    error: invalid host
     --> c.toml:4:8
      |
    4 | host = "pay.example.com:8080"
      |        ^^^^^^^^^^^^^^^^^^^^^^ a host is compared without its port
      |
      = help: write "pay.example.com"

    error: empty list
     --> c.toml:5:11
      |
    5 | methods = []
      |           ^^ the route would take no request
      |
      = help: write `methods = ["POST"]`, or leave `methods` out
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
      = help: leave the query out: it does not take part in the choice of the route

    error: invalid host
     --> c.toml:4:8
      |
    4 | host = "*"
      |        ^^^ this is no host name
      |
      = help: leave `host` out to take every host

    error: invalid method
     --> c.toml:5:12
      |
    5 | methods = ["CONNECT", "PO ST"]
      |            ^^^^^^^^^ a tunnel is no callback
      |
      = help: callbacks come with "POST"

    error: invalid method
     --> c.toml:5:23
      |
    5 | methods = ["CONNECT", "PO ST"]
      |                       ^^^^^^^ `PO ST` is no method
      |
      = help: callbacks come with "POST"
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
      |        ^^^^^^ a path is compared as it is sent, and a space is never sent bare
      |
      = help: write it percent-encoded, such as `%20` for a space

    error: invalid host
     --> c.toml:4:8
      |
    4 | host = "pay.*.com"
      |        ^^^^^^^^^^^ `*` can only stand for the first part
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
      | ^^^^^^^^^^^ `path_prefix` cannot stand beside `path`
      |
      = help: keep one of the two

    error: invalid host
     --> c.toml:5:8
      |
    5 | host = "pay..example.com"
      |        ^^^^^^^^^^^^^^^^^^ a part of the name is empty
      |
      = help: remove the dot that is too many
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
      |               ^^^^^^^^ behind a prefix, a path with empty or dot segments or an encoded `/`, `\` or `%` is refused
      |
      = help: write the prefix as backends see it once they have tidied it up, or whole paths with `path`

    error: invalid host
     --> c.toml:4:8
      |
    4 | host = "bücher.example"
      |        ^^^^^^^^^^^^^^^^ a host must not hold `ü`
      |
      = help: write the name as it is sent, in its ASCII form that begins with `xn--`
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
      |               ^^^^^^^^^^ behind a prefix, a path with empty or dot segments or an encoded `/`, `\` or `%` is refused
      |
      = help: write the prefix as backends see it once they have tidied it up, or whole paths with `path`
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
      |               ^^^^^^^^^ behind a prefix, a path with empty or dot segments or an encoded `/`, `\` or `%` is refused
      |
      = help: write the prefix as backends see it once they have tidied it up, or whole paths with `path`
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
      = help: write "*.example.com" for every host that ends so
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
      |               ^^^^^^^^ behind a prefix, a path with empty or dot segments or an encoded `/`, `\` or `%` is refused
      |
      = help: write the prefix as backends see it once they have tidied it up, or whole paths with `path`
    "##);
}
