//! Paths and methods that look like patterns or misspellings.

use super::{REST, files, report, warnings};

/// A route with these lines.
fn route(lines: &str) -> String {
    format!(
        "[[route]]\nname = \"r\"\nscheme = \"cheezeepay\"\nkeys = [\"good\"]\nupstream = \"echo\"\n{lines}\n"
    )
}

#[test]
fn regular_expressions_and_nginxs_modifiers_are_told_as_such() {
    for (path, prefix) in [
        ("^/cb/[0-9]+$", "/cb/"),
        ("~ ^/cb/", "/cb/"),
        ("~* /cb/(in|out)", "/cb/"),
        ("^~ /cb/", "/cb/"),
        ("= /cb", "/cb"),
        ("/cb/(.*)", "/cb/"),
        ("/cb/*", "/cb/"),
    ] {
        for key in ["path", "path_prefix"] {
            let report = report(&route(&format!("{key} = '{path}'")));
            assert!(
                report.contains("a path is compared as a whole, or as a prefix: there are no "),
                "{report}"
            );
            assert!(report.contains(&format!(" = \"{prefix}\"`")), "{report}");
        }
    }
}

#[test]
fn what_another_server_would_replace_in_an_upstream_path_is_a_warning() {
    for path in [
        "/x/$1",
        "/x$uri",
        "/$request_uri",
        "/x/{id}",
        "/x/${id}",
        "/x/:id",
        "/x/.+",
    ] {
        let warned = warnings(&route(&format!(
            "path = \"/r\"\nupstream_path = \"{path}\""
        )));
        assert!(
            warned.contains("warning[pattern_in_path]"),
            "{path}: {warned}"
        );
        assert!(warned.contains("the path is sent as it is: "), "{warned}");
    }
    let report = report(&route("path = \"/r\"\nupstream_path = \"/x/*\""));
    assert!(
        report.contains("the path is sent as it is: there are no wildcards"),
        "{report}"
    );
    assert!(!report.contains("write `path"), "{report}");
}

#[test]
fn a_method_that_is_almost_a_known_one_is_a_warning() {
    for (method, meant) in [
        ("POTS", Some("POST")),
        ("PSOT", Some("POST")),
        ("POSTS", Some("POST")),
        ("PACTH", Some("PATCH")),
        ("GETS", Some("GET")),
        ("LOCK", None),
        ("NOTIFY", None),
        ("X-PAY", None),
    ] {
        let text = route(&format!("path = \"/r\"\nmethods = [\"{method}\"]"));
        match meant {
            Some(meant) => {
                let warned = warnings(&text);
                assert!(warned.contains("warning[unknown_method]"), "{warned}");
                assert!(warned.contains(&format!("write \"{meant}\"")), "{warned}");
            }
            None => {
                let loaded = files().load(&format!("{text}{REST}")).unwrap();
                assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
            }
        }
    }
}
