//! Tokens and signatures in a target are in no log, whatever becomes of the request.

use crate::support::{Client, Origin, Proxy, Setup};

const SECRET: &str = "a-secret-of-the-shop";

fn start(scheme: &str, top: &str) -> (Origin, Proxy) {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top(top)
        .tables(&format!(
            "[[scheme]]\nname = \"own\"\n{scheme}\nnot_covered = [\"method\", \"target\", \"body\"]\n\
             [[scheme]]\nname = \"other\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{{header:X|unhex}}\"\n\
             content = \"{{body}}\"\nnot_covered = [\"target\"]\n\
             [[key]]\nid = \"shop\"\nsecret = \"{SECRET}\"\n"
        ))
        .route(
            "name = \"r\"\npath_prefix = \"/cb/\"\nscheme = \"own\"\nkeys = [\"shop\"]\n\
             uncovered_body = true",
        )
        .route("name = \"o\"\npath = \"/other\"\nscheme = \"other\"\nkeys = [\"shop\"]")
        .origin(&origin)
        .start();
    (origin, proxy)
}

/// Sends requests, each over its own connection: `SECRET` in them is the secret.
fn send(proxy: &Proxy, start: &str) {
    let mut client = Client::connect(proxy.address);
    client.send(start.replace("SECRET", SECRET).as_bytes());
    client.half_close();
    client.response();
}

/// A whole request with this first line.
fn request(line: &str) -> String {
    format!("{line}\r\nHost: pay.example\r\nContent-Length: 2\r\n\r\n{{}}")
}

fn shown(proxy: &Proxy, start: &str) -> String {
    send(proxy, start);
    proxy.access()["target"].as_str().unwrap().to_owned()
}

const IN_QUERY: &str = "algorithm = \"token\"\nsignature = \"{query:token}\"";

const IN_PATH: &str = "algorithm = \"token\"\nsignature = \"{path|after-last:/}\"";

const IN_CHECK: &str = "algorithm = \"hmac-sha256\"\nsignature = \"{header:X|unhex}\"\n\
    content = \"{header:Y}\"\nlet = { known = \"{secret}\" }\ncheck = { \"{query:token}\" = \"{known}\" }";

#[test]
fn a_secret_parameter_is_masked_wherever_the_request_ends() {
    for scheme in [IN_QUERY, IN_CHECK] {
        let (_origin, proxy) = start(scheme, "");
        for (sent, wanted) in [
            // As the provider sends it.
            (
                "POST /cb/x?a=1&token=SECRET&b=2",
                "/cb/x?a=1&token=[...]&b=2",
            ),
            // No route: another method, path or host's form.
            ("DELETE /cb/x?a=1&token=SECRET", "/cb/x?a=1&token=[...]"),
            ("POST /nowhere?token=SECRET&a=1", "/nowhere?token=[...]&a=1"),
            (
                "POST http://elsewhere.example/cb/?token=SECRET",
                "http://elsewhere.example/cb/?token=[...]",
            ),
            ("POST cb/?token=SECRET", "cb/?token=[...]"),
            ("POST /cb/%2e%2e/x?token=SECRET", "/cb/%2e%2e/x?token=[...]"),
            // No HTTP.
            ("POST /cb/?token=SECRET#", "/cb/?token=[...]"),
            ("POST /cb/x y?token=SECRET", "/cb/x [...]?token=[...]"),
            ("POST /cb/#token=SECRET", "/cb/#[...]"),
            // Another spelling, or a copy.
            ("POST /cb/?Token=SECRET&a=1", "/cb/?Token=[...]&a=[...]"),
            ("POST /cb/?tokn=SECRET", "/cb/?tokn=[...]"),
            ("POST /cb/?SECRET", "/cb/?[...]"),
            (
                "POST /cb/?token=x&token=SECRET",
                "/cb/?token=[...]&token=[...]",
            ),
            (
                "POST /cb/?token=x&TOKEN[]=SECRET",
                "/cb/?token=[...]&TOKEN[]=[...]",
            ),
            (
                "POST /cb/?token=x&to-ken%5B0%5D=SECRET",
                "/cb/?token=[...]&to-ken%5B0%5D=[...]",
            ),
            (
                "POST /cb/?token=x&amp;token=SECRET",
                "/cb/?token=[...]&amp;token=[...]",
            ),
            (
                "POST /cb/?token=x&a=1;token=SECRET",
                "/cb/?token=[...]&a=1;token=[...]",
            ),
            (
                "POST /cb/?token=x&to=%2Fcb%3Ftoken%3DSECRET",
                "/cb/?token=[...]&to=%2Fcb%3Ftoken%3D[...]",
            ),
            ("POST /cb/?t%6Fken=SECRET", "/cb/?t%6Fken=[...]"),
            ("POST /cb/?t%256Fken=SECRET", "/cb/?t%256Fken=[...]"),
            ("POST /cb/?%74oken%3DSECRET=1", "/cb/?%74oken%3D[...]"),
            ("POST /cb/?tokn%253DSECRET=1", "/cb/?tokn%253D[...]"),
            (
                "POST /cb/?token=x&token%3DSECRET=1",
                "/cb/?token=[...]&token%3D[...]",
            ),
            ("POST /cb/x%3Ftoken=SECRET", "/cb/x%3F[...]"),
            ("POST /cb/x%253Ftoken%253DSECRET", "/cb/x%253F[...]"),
            ("POST /cb/x;token=SECRET", "/cb/x;token=[...]"),
            // A route whose scheme has no secret there.
            ("POST /other?a=1", "/other?a=1"),
        ] {
            let seen = shown(&proxy, &request(&format!("{sent} HTTP/1.1")));
            assert_eq!(seen, wanted, "{sent}");
        }
        // Headers that never became a request.
        let no_protocol = "POST /cb/?token=SECRET\r\nHost: pay.example\r\n\r\n";
        assert_eq!(shown(&proxy, no_protocol), "/cb/?token=[...]");
        let no_host = "POST /cb/?token=SECRET HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(shown(&proxy, no_host), "/cb/?token=[...]");
        has_not_logged(proxy);
    }
}

#[test]
fn a_secret_in_the_path_is_masked_wherever_the_request_ends() {
    let (_origin, proxy) = start(IN_PATH, "");
    for (sent, wanted) in [
        ("POST /cb/x/SECRET?a=1", "/cb/[...]?a=1"),
        ("DELETE /cb/x/SECRET", "/cb/[...]"),
        ("POST /cbx/SECRET", "/[...]"),
        (
            "POST http://elsewhere.example/cb/SECRET",
            "http://elsewhere.example/cb/[...]",
        ),
        ("POST SECRET", "[...]"),
        ("POST /cb/SECRET#", "/cb/[...]"),
        ("GET /other", "/other"),
    ] {
        let seen = shown(&proxy, &request(&format!("{sent} HTTP/1.1")));
        assert_eq!(seen, wanted, "{sent}");
    }
    has_not_logged(proxy);
}

#[test]
fn no_variable_of_a_template_shows_the_secret() {
    let template =
        "[log]\nformat = \"$request|$request_uri|$uri|$args|$http_referer|$http_x_original_uri\"";
    let (_origin, proxy) = start(IN_QUERY, template);
    for (line, target) in [("POST", "/cb/"), ("POST", "/nowhere"), ("DELETE", "/cb/")] {
        let target = format!("{target}?token=SECRET");
        send(
            &proxy,
            &format!(
                "{line} {target} HTTP/1.1\r\nHost: pay.example\r\nContent-Length: 0\r\n\
                 Referer: https://pay.example{target}\r\nX-Original-URI: {target}\r\n\r\n"
            ),
        );
        let masked = target.replace("SECRET", "[...]");
        let query = "token=[...]";
        let path = target.split('?').next().unwrap();
        assert_eq!(
            proxy.access_line(),
            format!(
                "{line} {masked} HTTP/1.1|{masked}|{path}|{query}|https://pay.example{masked}|{masked}"
            )
        );
    }
    has_not_logged(proxy);
}

#[test]
fn a_refusal_shows_nothing_that_looks_like_a_secret_in_the_scheme() {
    let scheme = "algorithm = \"token\"\nsignature = \"{query:token|prefix:hunter2hunter2-}\"";
    let (_origin, proxy) = start(scheme, "");
    send(&proxy, &request("POST /cb/?token=SECRET HTTP/1.1"));
    let line = proxy.access();
    assert_eq!(line["at"], "value:{query:token|prefix:[...]}");
}

/// Nothing else that the program has written has the secret in it.
fn has_not_logged(proxy: Proxy) {
    proxy.signal("TERM");
    let (_, out, errors) = proxy.ended();
    let logs = [out, errors].concat().join("\n");
    assert!(!logs.contains(SECRET), "{logs}");
}
