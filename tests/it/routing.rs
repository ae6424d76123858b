//! Which route matches a request, and for which target its signature is verified.

use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Setup};

/// Checks which route each request matches, or the reason for its rejection.
fn taken_by(setup: Setup, requests: &[(&str, &str, &str, &str)]) {
    let echo = setup.start();
    for (method, host, target, expected) in requests {
        let mut callback = Signer::get().sgate(target, "{}");
        callback.method = (*method).to_owned();
        let bytes = String::from_utf8(callback.with_length()).unwrap();
        let mut client = Client::connect(echo.address);
        client.send(bytes.replace("pay.example", host).as_bytes());
        client.response();
        let line = echo.access();
        // A request whose method the provider did not sign matches a route, but fails verification.
        let taken = line["route"].as_str().or(line["reason"].as_str()).unwrap();
        assert_eq!(taken, *expected, "{method} {host} {target}");
    }
}

fn route(name: &str, lines: &str) -> String {
    format!("name = \"{name}\"\nupstream = \"echo\"\n{lines}")
}

#[test]
fn the_most_specific_route_wins() {
    let setup = Setup::new()
        .sgate(&route("any", "path_prefix = \"/\""))
        .sgate(&route("prefix", "path_prefix = \"/cb/\""))
        .sgate(&route("longer", "path_prefix = \"/cb/one/\""))
        .sgate(&route("exact", "path = \"/cb/one/two\""))
        .sgate(&route(
            "exact-put",
            "path = \"/cb/one/two\"\nmethods = [\"PUT\"]",
        ))
        .sgate(&route("host", "host = \"a.example\"\npath_prefix = \"/\""))
        .sgate(&route("wild", "host = \"*.example\"\npath_prefix = \"/\""))
        .sgate(&route(
            "wilder",
            "host = \"*.b.example\"\npath_prefix = \"/\"",
        ))
        .sgate(&route("narrow", "host = \"c.example\"\npath = \"/only\""));
    taken_by(
        setup,
        &[
            ("POST", "x", "/", "any"),
            ("POST", "x", "/c", "any"),
            ("POST", "x", "/cb/", "prefix"),
            ("POST", "x", "/cb/two", "prefix"),
            ("POST", "x", "/cb/one/", "longer"),
            ("POST", "x", "/cb/one/two", "exact"),
            ("POST", "x", "/cb/one/two?a=/..", "exact"),
            ("PUT", "x", "/cb/one/two", "exact-put"),
            ("POST", "x", "/cb/one/twofold", "longer"),
            ("POST", "a.example", "/cb/one/two", "host"),
            ("POST", "A.Example:8080", "/", "host"),
            ("POST", "z.example", "/", "wild"),
            ("POST", "y.z.example", "/", "wild"),
            ("POST", "y.b.example", "/", "wilder"),
            ("POST", "b.example", "/", "wild"),
            ("POST", "example", "/", "any"),
            // If a host has no route for the path, less specific hosts are tried.
            ("POST", "c.example", "/only", "narrow"),
            ("POST", "c.example", "/other", "wild"),
        ],
    );
}

/// Whoever can sign for one route must not reach another by respelling its path.
#[test]
fn a_prefix_route_refuses_paths_that_a_backend_reads_as_another_routes() {
    let setup = Setup::new()
        .sgate(&route("any", "path_prefix = \"/\""))
        .sgate(&route("prefix", "path_prefix = \"/cb/\""))
        .sgate(&route("exact", "path = \"/cb/pay\""))
        .sgate(&route("host", "host = \"a.example\"\npath = \"/only\""));
    let refused = "target_ambiguous";
    taken_by(
        setup,
        &[
            ("POST", "x", "/cb/pay", "exact"),
            ("POST", "x", "/cb/%70ay", refused),
            ("POST", "x", "/cb/pay;v=1", refused),
            ("POST", "x", "/cb/pay%3Bv=1", refused),
            ("POST", "x", "/cb/p%61y;v=1", refused),
            ("POST", "x", "/c%62/other", refused),
            ("POST", "x", "/cb;v=1/other", refused),
            ("POST", "a.example", "/o%6Ely", refused),
            ("POST", "b.example", "/o%6Ely", "any"),
            ("POST", "x", "/cb/caf%C3%A9", "prefix"),
            // Regular expressions match before a line end; servers take a query out of a decoded path.
            ("POST", "x", "/cb/pay%0a", refused),
            ("POST", "x", "/cb/pay%0D%0A", refused),
            ("POST", "x", "/cb/pay%3Fa=b", refused),
            ("POST", "x", "/cb/pay%23", refused),
            // Windows treats these as other names of the same file.
            ("POST", "x", "/cb/pay%20", refused),
            ("POST", "x", "/cb/pay%20;v=1", refused),
            ("POST", "x", "/cb/pay.", refused),
            ("POST", "x", "/cb/pay%2e.", refused),
            ("POST", "x", "/cb/pay::$DATA", refused),
            ("POST", "x", "/cb./other", refused),
            ("POST", "x", "/cb/..%20/other", refused),
            ("POST", "x", "/;v=1/cb/pay", refused),
            ("POST", "x", "/cb/pay%20x", "prefix"),
            ("POST", "x", "/cb/other.", "prefix"),
            ("POST", "x", "/cb/other:1", "prefix"),
            ("POST", "x", "/cb/other;v=1", "prefix"),
        ],
    );
}

/// A prefix that itself contains escapes or parameters matches the paths below it.
#[test]
fn a_prefix_route_with_escapes_or_parameters_accepts_what_is_below_it() {
    let setup = Setup::new()
        .sgate(&route("encoded", "path_prefix = \"/%E5%AE%A2/\""))
        .sgate(&route("colon", "path_prefix = \"/v1:notify/\""))
        .sgate(&route("parameter", "path_prefix = \"/cb;a=1/\""))
        .sgate(&route("dot", "path_prefix = \"/dot./\""))
        .sgate(&route("accent", "path = \"/%E5%AE%A2/caf%C3%A9\""));
    let refused = "target_ambiguous";
    taken_by(
        setup,
        &[
            ("POST", "x", "/%E5%AE%A2/x", "encoded"),
            ("POST", "x", "/v1:notify/x", "colon"),
            ("POST", "x", "/cb;a=1/x", "parameter"),
            ("POST", "x", "/dot./x", "dot"),
            ("POST", "x", "/%E5%AE%A2/caf%C3%A9", "accent"),
            ("POST", "x", "/%E5%AE%A2/caf%c3%a9", refused),
            ("POST", "x", "/%E5%AE%A2/CAF%C3%89", refused),
            ("POST", "x", "/%E5%AE%A2/cafe", "encoded"),
        ],
    );
}

/// Sending a path needs no key, so its lookup must stay cheap.
#[test]
fn long_paths_are_refused_before_lookup() {
    let setup = Setup::new()
        .sgate(&route("prefix", "path_prefix = \"/cb/\""))
        .sgate(&route("exact", "path = \"/cb/pay\""));
    let path = |length: usize| format!("/cb/{}", "a".repeat(length - 4));
    taken_by(
        setup,
        &[
            ("POST", "x", &path(4096), "prefix"),
            ("POST", "x", &path(4097), "target_too_long"),
        ],
    );
}

/// These paths may reach another route's handler: on IIS and case-insensitive file systems, in
/// frameworks that ignore a trailing slash, and in PHP and CGI with their extra path.
#[test]
fn a_prefix_route_refuses_paths_that_differ_from_another_routes_only_in_case_or_ending() {
    let setup = Setup::new()
        .sgate(&route("any", "path_prefix = \"/\""))
        .sgate(&route("prefix", "path_prefix = \"/cb/\""))
        .sgate(&route("pay", "path = \"/cb/pay.php\""))
        .sgate(&route("special", "path = \"/cb/special.php\""))
        .sgate(&route("both", "path = \"/cb/both\""))
        .sgate(&route("below", "path_prefix = \"/cb/both/\""))
        .sgate(&route("slash", "path = \"/cb/slash/\""))
        .sgate(&route("open", "path_prefix = \"/open\""))
        .sgate(&route("Upper", "path_prefix = \"/CB/\""))
        .sgate(&route("host", "host = \"a.example\"\npath = \"/only\""))
        .sgate(&route(
            "wild",
            "host = \"*.example\"\npath_prefix = \"/wild/\"",
        ));
    let refused = "target_ambiguous";
    taken_by(
        setup,
        &[
            ("POST", "x", "/cb/pay.php", "pay"),
            ("POST", "x", "/cb/pay.php/", refused),
            ("POST", "x", "/cb/pay.php/extra/path", refused),
            ("POST", "x", "/cb/Pay.php", refused),
            ("POST", "x", "/cb/PAY.PHP/extra", refused),
            // This character's upper-case form is an ASCII letter.
            ("POST", "x", "/cb/%C5%BFpecial.php", refused),
            ("POST", "x", "/cb/%50ay.php", refused),
            ("POST", "x", "/cb/pay.phps", "prefix"),
            ("POST", "x", "/cb/x/pay.php", "prefix"),
            // The folder's name is a prefix of these only as text.
            ("POST", "x", "/cbp/ay", "any"),
            ("POST", "x", "/cb.phps", "any"),
            // Without a folder of this name, servers complete it to the script.
            ("POST", "x", "/cb.php", refused),
            ("POST", "x", "/cb/bothy/x", "prefix"),
            ("POST", "x", "/cb", refused),
            ("POST", "x", "/Cb/x", refused),
            ("POST", "x", "/CB/x", "Upper"),
            // The backend may take this path for the exact route's.
            ("POST", "x", "/CB/pay.php", refused),
            ("POST", "x", "/cb/slash", refused),
            ("POST", "x", "/cb/slash/", "slash"),
            // The operator configured both.
            ("POST", "x", "/cb/both", "both"),
            ("POST", "x", "/cb/both/", "below"),
            ("POST", "x", "/cb/both/x", "below"),
            ("POST", "x", "/cb/both/X", "below"),
            ("POST", "x", "/cb/BOTH/x", refused),
            ("POST", "x", "/opening", "open"),
            ("POST", "x", "/Opening", refused),
            ("POST", "a.example", "/ONLY", refused),
            ("POST", "a.example", "/only/more", refused),
            ("POST", "a.example", "/WILD/x", refused),
            ("POST", "a.example", "/wild/x", "wild"),
            ("POST", "b.example", "/ONLY", "any"),
        ],
    );
}

/// The names in docs/configuration.md that stand for their folder.
fn index_files() -> Vec<String> {
    let page = std::fs::read_to_string("docs/configuration.md").unwrap();
    let (_, list) = page.split_once("<!-- index files -->").unwrap();
    let (list, _) = list.split_once("<!-- end index files -->").unwrap();
    let names = list.split('`').skip(1).step_by(2).map(str::to_owned);
    names.collect()
}

#[test]
fn a_prefix_route_refuses_a_folder_and_the_file_that_stands_for_it() {
    let setup = Setup::new()
        .sgate(&route("any", "path_prefix = \"/\""))
        .sgate(&route("prefix", "path_prefix = \"/cb/\""))
        .sgate(&route("file", "path = \"/cb/pay/index.php\""))
        .sgate(&route("folder", "path = \"/cb/\""))
        .sgate(&route("start", "path_prefix = \"/open/ind\""))
        .sgate(&route(
            "host",
            "host = \"a.example\"\npath = \"/only/default.asp\"",
        ));
    let refused = "target_ambiguous";
    let names = index_files();
    assert!(names.len() > 40, "{names:?}");
    let targets: Vec<String> = names.iter().map(|name| format!("/cb/{name}")).collect();
    let mut cases: Vec<_> = (targets.iter())
        .map(|target| ("POST", "x", target.as_str(), refused))
        .collect();
    cases.extend([
        ("POST", "x", "/cb/pay/index.php", "file"),
        ("POST", "x", "/cb/pay/", refused),
        ("POST", "x", "/cb/pay", refused),
        ("POST", "x", "/cb/Pay;v=1", refused),
        ("POST", "x", "/cb/pay/x", "prefix"),
        ("POST", "x", "/cb/", "folder"),
        ("POST", "x", "/cb/INDEX.PHP", refused),
        ("POST", "x", "/cb/index.php/x", refused),
        ("POST", "x", "/cb/%69ndex.php", refused),
        ("POST", "x", "/cb/index.php;v=1", refused),
        ("POST", "x", "/cb/x/index.php", "prefix"),
        ("POST", "x", "/cb/reindex.php", "prefix"),
        ("POST", "x", "/index.php", "any"),
        ("POST", "x", "/open/", refused),
        ("POST", "x", "/open/index.php", "start"),
        ("POST", "a.example", "/only/", refused),
        ("POST", "b.example", "/only/", "any"),
    ]);
    taken_by(setup, &cases);
}

/// Rails, Spring and Struts take `/pay.json` for `/pay`; Apache and nginx find `/pay.php` for `/pay`.
#[test]
fn a_prefix_route_refuses_another_routes_path_with_or_without_its_ending() {
    let setup = Setup::new()
        .sgate(&route("any", "path_prefix = \"/\""))
        .sgate(&route("prefix", "path_prefix = \"/cb/\""))
        .sgate(&route("action", "path = \"/cb/pay\""))
        .sgate(&route("format", "path = \"/cb/order.json\""))
        .sgate(&route("script", "path = \"/cb/old.php\""))
        .sgate(&route("version", "path = \"/cb/v1.0\""))
        .sgate(&route("beside", "path = \"/in.php\""))
        .sgate(&route("in", "path_prefix = \"/in/\""))
        .sgate(&route("dotted", "path_prefix = \"/cb/pay.d\""));
    let refused = "target_ambiguous";
    taken_by(
        setup,
        &[
            ("POST", "x", "/cb/pay.json", refused),
            ("POST", "x", "/cb/pay.anything", refused),
            ("POST", "x", "/cb/pay.tar.gz", refused),
            ("POST", "x", "/cb/PAY.json/", refused),
            ("POST", "x", "/cb/pay%2ejson", refused),
            ("POST", "x", "/cb/pay.json;jsessionid=1", refused),
            ("POST", "x", "/cb/pay;jsessionid=1.json", refused),
            ("POST", "x", "/cb/order", refused),
            ("POST", "x", "/cb/order.xml", refused),
            ("POST", "x", "/cb/old", refused),
            ("POST", "x", "/cb/OLD/1", refused),
            ("POST", "x", "/cb/old;v=1/x", refused),
            ("POST", "x", "/cb/old./x", refused),
            ("POST", "x", "/cb/PAY.Php/x", refused),
            ("POST", "x", "/cb/pay.php;v=1/x", refused),
            ("POST", "x", "/cb/pay.php./x", refused),
            ("POST", "x", "/cb/older/1", "prefix"),
            ("POST", "x", "/cb/old.html/1", "prefix"),
            ("POST", "x", "/cb/x/pay.php/old", "prefix"),
            ("POST", "x", "/cb/old.phps", "prefix"),
            ("POST", "x", "/cb/v1.1", "prefix"),
            ("POST", "x", "/cb/v1", "prefix"),
            ("POST", "x", "/cb/pay.json/x", "prefix"),
            ("POST", "x", "/cb/payments.json", "prefix"),
            ("POST", "x", "/cb/.json", "prefix"),
            // The operator configured both.
            ("POST", "x", "/cb/pay.d", "dotted"),
            ("POST", "x", "/cb/pay.d/x", "dotted"),
            ("POST", "x", "/in/", "in"),
        ],
    );
}

#[test]
fn paths_that_a_backend_could_read_differently_have_no_prefix_route() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"any\"\npath_prefix = \"/cb/\"")
        .sgate("name = \"odd\"\npath = \"/cb/../odd\"")
        .origin(&origin)
        .start();
    for target in [
        "/cb/../admin",
        "/cb/%2e%2e/admin",
        "/cb/..;x/admin",
        "/cb//admin",
        "/cb/a%2fb",
        "/cb/a%5Cb",
        "/cb/a\\b",
        "/cb/%",
    ] {
        let answer = Signer::get().sgate(target, "{}").send(&proxy);
        assert_eq!(answer.status, 400, "{target}");
        assert_eq!(proxy.access()["reason"], "target_ambiguous", "{target}");
    }
    // An exact path matches as configured, including dot segments.
    assert_eq!(
        Signer::get().sgate("/cb/../odd", "{}").send(&proxy).status,
        200
    );
    assert_eq!(origin.request().target, "/cb/../odd");
}

#[test]
fn targets_arrive_as_they_were_sent() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"any\"\npath_prefix = \"/\"")
        .origin(&origin)
        .start();
    let targets = [
        "/",
        "/?",
        "/cb?a=1&a=2",
        "/cb;v=1?x=%2Fp%20q",
        "/%E5%AE%A2?q=%zz&r=../..",
        "/客?客",
        "/a+b/~c/'d'!$()*,:@?{}|[]^`",
    ];
    for (nth, target) in targets.iter().enumerate() {
        let callback = Signer::get().sgate_at(target, &escaped(target), "{}", &now(), "n");
        let answer = callback.send(&proxy);
        let line = proxy.access();
        assert_eq!(answer.status, 200, "{line}");
        assert_eq!(origin.requests(nth + 1)[nth].target, *target);
    }
}

#[test]
fn targets_with_an_ambiguous_end_are_refused() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"any\"\npath_prefix = \"/\"")
        .origin(&origin)
        .start();
    for (sent, forwarded) in [
        ("/cb?a#fragment", "/cb?a"),
        ("/a b", "/a%20b"),
        ("/a?b c", "/a?b%20c"),
        ("/a\tb", "/a%09b"),
        ("/a\x7fb", "/a%7Fb"),
    ] {
        for signed in [sent, forwarded] {
            let callback = Signer::get().sgate_at(sent, &escaped(signed), "{}", &now(), "n");
            assert_eq!(callback.send(&proxy).status, 400, "{sent}");
            assert_eq!(proxy.access()["reason"], "request_malformed", "{sent}");
        }
    }
    assert!(origin.requests(0).is_empty());
}

#[test]
fn invalid_hosts_match_no_route_for_any_host() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"any\"\npath_prefix = \"/\"")
        .origin(&origin)
        .start();
    for host in [
        "a.example/x",
        "a.example, b",
        "a.example,b",
        "a.example:x",
        "a@b",
        "a%2eb",
        "[",
    ] {
        let callback = Signer::get().sgate("/cb", "{}");
        let sent = String::from_utf8(callback.with_length()).unwrap();
        let sent = sent.replacen("Host: pay.example\r\n", &format!("Host: {host}\r\n"), 1);
        let mut client = Client::connect(proxy.address);
        client.send(sent.as_bytes());
        assert_eq!(client.response().status, 400, "{host}");
        assert_eq!(proxy.access()["reason"], "request_malformed", "{host}");
    }
    assert!(origin.requests(0).is_empty());
}

fn now() -> String {
    Signer::get()
        .sgate("/", "{}")
        .value("V-Timestamp")
        .to_owned()
}

/// A target as written in SGate's JSON.
fn escaped(target: &str) -> String {
    target.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A callback that a front proxy forwards under another path than the provider signed.
fn rewritten() -> Callback {
    Signer::get().sgate_at("/cb?a=1", "/api/v1/cb?a=1", "{}", &now(), "n")
}

#[test]
fn a_prefix_that_a_front_proxy_stripped_is_restored() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"cut\"\npath = \"/cb\"\nsigned_target_prefix = \"/api/v1\"")
        .origin(&origin)
        .start();
    assert_eq!(rewritten().send(&proxy).status, 200);
    // The backend gets the target that the front proxy sent.
    assert_eq!(origin.request().target, "/cb?a=1");
    let as_received = Signer::get().sgate("/cb?a=1", "{}");
    assert_eq!(as_received.send(&proxy).status, 400);
    origin.request();
}

#[test]
fn the_original_target_is_accepted_from_trusted_proxies_only() {
    let origin = Origin::start();
    let route = "name = \"front\"\npath = \"/cb\"\nsigned_target_header = \"X-Original-URI\"";
    let trusting = |trusted: &str| {
        Setup::new()
            .top(&format!("trusted_proxies = [\"{trusted}\"]"))
            .sgate(route)
            .origin(&origin)
            .start()
    };
    let original = "/api/v1/cb?a=1";
    let proxy = trusting("127.0.0.0/8");
    for (callback, reason) in [
        (rewritten(), "original_target_missing"),
        (
            rewritten().header("X-Original-URI", ""),
            "original_target_missing",
        ),
        (
            rewritten()
                .header("X-Original-URI", original)
                .header("X-Original-URI", original),
            "original_target_repeated",
        ),
        (
            rewritten()
                .header("X-Original-URI", original)
                .header("X_Original_URI", "/elsewhere"),
            "original_target_repeated",
        ),
        (
            rewritten().header("X-Original-URI", "/api/v2/cb?a=1"),
            "signature_mismatch",
        ),
    ] {
        assert_eq!(callback.send(&proxy).status, 400);
        assert_eq!(proxy.access()["reason"], reason);
    }
    let genuine = rewritten().header("X-Original-URI", original);
    assert_eq!(genuine.send(&proxy).status, 200);
    assert_eq!(origin.request().target, "/cb?a=1");

    let proxy = trusting("192.0.2.1");
    assert_eq!(genuine.send(&proxy).status, 400);
    assert_eq!(proxy.access()["reason"], "original_target_untrusted");
    origin.request();
}

#[test]
fn only_a_trusted_proxy_is_believed_about_the_client() {
    let origin = Origin::start();
    let proxy = |trusted: &str| {
        Setup::new()
            .top(&format!("trusted_proxies = [{trusted}]"))
            .sgate("name = \"any\"\npath = \"/cb\"")
            .origin(&origin)
            .start()
    };
    let callback = Signer::get()
        .sgate("/cb", "{}")
        .header("X-Forwarded-For", "192.0.2.7, 10.0.0.1")
        .header("X-Forwarded-Proto", "https")
        .header("X-Forwarded-Host", "shop.example");
    callback.send(&proxy(""));
    callback.send(&proxy("\"127.0.0.1\""));
    let told: Vec<_> = origin
        .requests(2)
        .iter()
        .map(|got| {
            ["For", "Proto", "Host"].map(|end| {
                got.header(&format!("X-Forwarded-{end}"))
                    .unwrap()
                    .to_owned()
            })
        })
        .collect();
    assert_eq!(told[0], ["127.0.0.1", "http", "pay.example"]);
    assert_eq!(
        told[1],
        ["192.0.2.7, 10.0.0.1, 127.0.0.1", "https", "shop.example"]
    );
}

#[test]
fn keys_are_selected_by_a_header_or_tried_in_turn() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .sgate("name = \"rotation\"\npath = \"/rotation\"")
        .tables(
            "[[route]]\nname = \"merchants\"\npath = \"/merchants\"\nscheme = \"sgate\"\n\
             keys = { \"mk_test\" = [\"sgate-vectors\", \"signer\"], \"mk_b\" = \"sgate-vectors\" }\n\
             upstream = \"origin\"",
        )
        .origin(&origin)
        .start();
    assert_eq!(
        Signer::get().sgate("/merchants", "{}").send(&proxy).status,
        200
    );
    assert_eq!(origin.request().header("X-Verified-Key"), Some("signer"));
    let other = Signer::get()
        .sgate("/merchants", "{}")
        .with("V-Api-Key", Some("mk_b"));
    assert_eq!(other.send(&proxy).status, 400);
    proxy.access();
    assert_eq!(proxy.access()["reason"], "signature_mismatch");
}
