//! Health checks of listeners, and what routes answer to GET.

use insta::assert_snapshot;

use super::whole;

/// A configuration with these lines of its listener and its route.
fn with(listener: &str, route: &str) -> String {
    whole(&format!(
        r#"[[listener]]
address = "127.0.0.1:0"
{listener}
[[key]]
id = "good"
file = "good.pem"
[[route]]
name = "good"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
{route}
"#
    ))
}

#[test]
fn the_health_check_of_a_listener_takes_no_path_of_a_route() {
    assert_snapshot!(with("health = \"/cb\"", "path = \"/cb\""), @r##"
    error: path of a route
     --> c.toml:3:10
      |
    3 | health = "/cb"
      |          ^^^^^ the route `good` matches this path
      |
      = help: choose a path that no route is for. To let a route answer GET, set its `get_answer`; the `[admin]` listener has /healthz and /readyz, too
    "##);
    assert_snapshot!(with("health = \"/cb/healthz\"", "host = \"a.example\"\npath_prefix = \"/cb/\"\nmethods = [\"POST\", \"GET\"]"), @r##"
    error: path of a route
     --> c.toml:3:10
      |
    3 | health = "/cb/healthz"
      |          ^^^^^^^^^^^^^ callbacks of the route `good` by GET at this path would get the answer of a health check
      |
      = help: choose a path that the route does not match, or remove "GET" from its `methods`
    "##);
}

#[test]
fn invalid_paths_of_health_checks() {
    assert_snapshot!(with("health = \"healthz\"", "path = \"/cb\""), @r##"
    error: invalid path
     --> c.toml:3:10
      |
    3 | health = "healthz"
      |          ^^^^^^^^^ a path must start with `/`
      |
      = help: write "/healthz"
    "##);
    assert_snapshot!(with("health = \"/healthz?a\"", "path = \"/cb\""), @r##"
    error: invalid path
     --> c.toml:3:10
      |
    3 | health = "/healthz?a"
      |          ^^^^^^^^^^^^ the path of a health check must not contain `?`
      |
      = help: write it as the load balancer sends it, without the query
    "##);
}

#[test]
fn a_route_that_answers_get_takes_no_callbacks_by_get() {
    assert_snapshot!(with("", "path = \"/cb\"\nmethods = [\"POST\", \"HEAD\"]\nget_answer = \"ok\""), @r##"
    error: conflicting keys
      --> c.toml:14:14
       |
    13 | methods = ["POST", "HEAD"]
       | ------- HEAD is listed here
    14 | get_answer = "ok"
       |              ^^^^ callbacks by HEAD would get this answer and reach no backend
       |
       = help: remove `get_answer`, or GET and HEAD from `methods`
    "##);
    let other = "[[route]]\nname = \"other\"\nmethods = [\"GET\"]\nscheme = \"cheezeepay\"\n\
                 keys = [\"good\"]\nupstream = \"echo\"\npath = \"/cb\"";
    assert_snapshot!(with("", &format!("path = \"/cb\"\nget_answer = \"ok\"\n{other}")), @r##"
    error: route conflict
      --> c.toml:20:8
       |
    12 | path = "/cb"
       |        ----- the other one is here
    ...
    20 | path = "/cb"
       |        ^^^^^ this route and another one accept GET for any host and this path
       |
       = help: change the host, the path or the methods of one of them, or remove it
    "##);
}
