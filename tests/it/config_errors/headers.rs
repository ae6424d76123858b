//! Header names that are already in use.

use insta::assert_snapshot;

use super::report;

#[test]
fn header_names() {
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
[route.fields]
X-Verified-Order = "a"
x_verified_key = "b"
Content-Length = "c"
X-Forwarded-For = "d"
Connection = "e"
"X Order" = "f"
X-Order-No = "g"
X_order_no = "h"
X-Ptr = "/a~b"
X-Empty = ""
"#), @r##"
    error: reserved header
     --> c.toml:8:1
      |
    8 | X-Verified-Order = "a"
      | ^^^^^^^^^^^^^^^^ headers that start with `X-Verified-` are the verified headers
      |
      = help: choose another name, such as "X-Order-No"; `-`, `_` and `.` count as the same, and case is ignored

    error: reserved header
     --> c.toml:9:1
      |
    9 | x_verified_key = "b"
      | ^^^^^^^^^^^^^^ headers that start with `X-Verified-` are the verified headers
      |
      = help: choose another name, such as "X-Order-No"; `-`, `_` and `.` count as the same, and case is ignored

    error: reserved header
      --> c.toml:10:1
       |
    10 | Content-Length = "c"
       | ^^^^^^^^^^^^^^ `Content-Length` already has a meaning in the forwarded request
       |
       = help: choose another name, such as "X-Order-No"; `-`, `_` and `.` count as the same, and case is ignored

    error: reserved header
      --> c.toml:11:1
       |
    11 | X-Forwarded-For = "d"
       | ^^^^^^^^^^^^^^^ `X-Forwarded-For` already has a meaning in the forwarded request
       |
       = help: choose another name, such as "X-Order-No"; `-`, `_` and `.` count as the same, and case is ignored

    error: reserved header
      --> c.toml:12:1
       |
    12 | Connection = "e"
       | ^^^^^^^^^^ `Connection` belongs to the connection and is not forwarded
       |
       = help: choose another name, such as "X-Order-No"; `-`, `_` and `.` count as the same, and case is ignored

    error: invalid header name
      --> c.toml:13:1
       |
    13 | "X Order" = "f"
       | ^^^^^^^^^ a header's name must not contain a space
       |
       = help: use letters, digits and `-`, such as "X-Order-No"

    error: duplicate header
      --> c.toml:15:1
       |
    14 | X-Order-No = "g"
       | ---------- as this one
    15 | X_order_no = "h"
       | ^^^^^^^^^^ a backend reads this as the same header
       |
       = help: choose another name; `-`, `_` and `.` count as the same, and case is ignored

    error: invalid field
      --> c.toml:16:9
       |
    16 | X-Ptr = "/a~b"
       |         ^^^^^^ in a JSON Pointer, write `~` as `~0` (and `/` inside a name as `~1`)
       |
       = help: write a top-level field's name, or a JSON Pointer such as "/data/order/id"

    error: invalid field
      --> c.toml:17:11
       |
    17 | X-Empty = ""
       |           ^^ an empty path names no field
       |
       = help: write a top-level field's name, or a JSON Pointer such as "/data/order/id"
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
[route.fields]
"X.Verified.Key" = "a"
"X.Order" = "b"
"X-Order" = "c"
"#), @r##"
    error: reserved header
     --> c.toml:8:1
      |
    8 | "X.Verified.Key" = "a"
      | ^^^^^^^^^^^^^^^^ headers that start with `X-Verified-` are the verified headers
      |
      = help: choose another name, such as "X-Order-No"; `-`, `_` and `.` count as the same, and case is ignored

    error: duplicate header
      --> c.toml:10:1
       |
     9 | "X.Order" = "b"
       | --------- as this one
    10 | "X-Order" = "c"
       | ^^^^^^^^^ a backend reads this as the same header
       |
       = help: choose another name; `-`, `_` and `.` count as the same, and case is ignored
    "##);
    assert_snapshot!(report(r#"
header_prefix = "X-"
"#), @r##"
    error: invalid header prefix
     --> c.toml:1:17
      |
    1 | header_prefix = "X-"
      |                 ^^^^ headers with this prefix already have a meaning
      |
      = note: every header with this prefix is removed from a client's request
      = help: write "X-Verified-", or use your own name, such as "X-Acme-"
    "##);
    assert_snapshot!(report(r#"
header_prefix = "Verified"
"#), @r##"
    error: invalid header prefix
     --> c.toml:1:17
      |
    1 | header_prefix = "Verified"
      |                 ^^^^^^^^^^ it must start with a letter and end with `-`
      |
      = note: every header with this prefix is removed from a client's request
      = help: write "X-Verified-", or use your own name, such as "X-Acme-"
    "##);
    assert_snapshot!(report(r#"
header_prefix = "-"
"#), @r##"
    error: invalid header prefix
     --> c.toml:1:17
      |
    1 | header_prefix = "-"
      |                 ^^^ it must start with a letter and end with `-`
      |
      = note: every header with this prefix is removed from a client's request
      = help: write "X-Verified-", or use your own name, such as "X-Acme-"
    "##);
    assert_snapshot!(report(r#"
header_prefix = "X.Verified."
"#), @r##"
    error: invalid header prefix
     --> c.toml:1:17
      |
    1 | header_prefix = "X.Verified."
      |                 ^^^^^^^^^^^^^ it must start with a letter and end with `-`
      |
      = note: every header with this prefix is removed from a client's request
      = help: write "X-Verified-", or use your own name, such as "X-Acme-"
    "##);
    assert_snapshot!(report(r#"
header_prefix = "V-"
[[route]]
name = "r"
path = "/r"
scheme = "sgate"
keys = ["good"]
upstream = "echo"
"#), @r##"
    error: invalid header prefix
     --> c.toml:1:17
      |
    1 | header_prefix = "V-"
      |                 ^^^^ the provider sends `v-signature`, which has this prefix
    ...
    5 | scheme = "sgate"
      |          ------- this scheme reads it
      |
      = help: choose a prefix that no provider uses, such as "X-Verified-"

    warning[legacy_algorithm]: legacy algorithm
     --> c.toml:5:10
      |
    5 | scheme = "sgate"
      |          ^^^^^^^ this scheme: the digest of rsa-md5 is broken against collisions
      |
     ::: shipped scheme sgate:6:13
      |
    6 | algorithm = "rsa-md5"
      |             --------- here
      |
      = help: the scheme comes with Countersign; if the backend can do with it, add `accept_warnings = ["legacy_algorithm"]` to the route
    "##);
    assert_snapshot!(report(r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = "{header:X-Verified-Sig|unbase64}"
nonce = "{header:Connection|max:128}"
content = "{header:X-Verified-At}{body}"
"#), @r##"
    error: reserved header
     --> c.toml:4:22
      |
    4 | signature = "{header:X-Verified-Sig|unbase64}"
      |                      ^^^^^^^^^^^^^^ headers that start with `X-Verified-` are the proxy's own
      |
      = help: name a header that the provider sends

    error: reserved header
     --> c.toml:5:18
      |
    5 | nonce = "{header:Connection|max:128}"
      |                  ^^^^^^^^^^ `connection` belongs to the connection, not to the callback
      |
      = help: name a header that the provider sends

    error: reserved header
     --> c.toml:6:20
      |
    6 | content = "{header:X-Verified-At}{body}"
      |                    ^^^^^^^^^^^^^ headers that start with `X-Verified-` are the proxy's own
      |
      = help: name a header that the provider sends
    "##);
}

#[test]
fn headers_that_are_never_forwarded() {
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
forward_headers = [
    "Accept",
    "Host",
    "Content-Length",
    "X_Forwarded_For",
    "Connection",
    "SCRIPT_NAME",
    "Range",
    "X-Verified-Key",
    "X Order",
    5,
]
"#), @r##"
    error: reserved header
     --> c.toml:9:5
      |
    9 |     "Host",
      |     ^^^^^^ the proxy generates it
      |
      = help: remove it: the backend always gets it

    error: reserved header
      --> c.toml:10:5
       |
    10 |     "Content-Length",
       |     ^^^^^^^^^^^^^^^^ the proxy generates it
       |
       = help: remove it: the backend always gets it

    error: reserved header
      --> c.toml:11:5
       |
    11 |     "X_Forwarded_For",
       |     ^^^^^^^^^^^^^^^^^ the proxy generates it
       |
       = help: remove it: the backend always gets it

    error: reserved header
      --> c.toml:12:5
       |
    12 |     "Connection",
       |     ^^^^^^^^^^^^ `Connection` is never forwarded
       |
       = help: remove it

    error: reserved header
      --> c.toml:13:5
       |
    13 |     "SCRIPT_NAME",
       |     ^^^^^^^^^^^^^ it is a CGI or WSGI variable, by which a server tells a program the path, file or user: it is never forwarded, whoever sends it
       |
       = help: remove it

    error: reserved header
      --> c.toml:14:5
       |
    14 |     "Range",
       |     ^^^^^^^ it makes a backend answer without acting, or only in part: it is never forwarded, whoever sends it
       |
       = help: remove it

    error: reserved header
      --> c.toml:15:5
       |
    15 |     "X-Verified-Key",
       |     ^^^^^^^^^^^^^^^^ headers that start with `X-Verified-` are the proxy's own
       |
       = help: remove it: the backend always gets those that the proxy adds

    error: invalid header name
      --> c.toml:16:5
       |
    16 |     "X Order",
       |     ^^^^^^^^^ a header's name must not contain a space
       |
       = help: use letters, digits and `-`, such as "X-Order-No"

    error: wrong type
      --> c.toml:17:5
       |
    17 |     5,
       |     ^ this is a whole number, but a string is needed
       |
       = help: write `"5"`
    "##);
}
