//! Warnings have names, by which a configuration accepts them.

use countersign::config::diagnostic::{Severity, WarningName};
use insta::assert_snapshot;

use super::report_mode::in_days;
use super::{REST, checked, files, report, warnings};
use crate::config_files::relative;

/// A route with these lines.
fn route(scheme: &str, lines: &str) -> String {
    format!(
        "[[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"{scheme}\"\nkeys = [\"good\"]\n\
         upstream = \"echo\"\n{lines}\n"
    )
}

/// An own scheme with these lines and signed text, and a route with it.
fn own(lines: &str, parts: &str) -> String {
    format!(
        "[[scheme]]\nname = \"own\"\nalgorithm = \"rsa-sha256\"\nsignature = \"{{header:X-Sig|unbase64}}\"\n\
         {lines}\ncontent = {parts}\n{}",
        route("own", "")
    )
}

const DECRYPT: &str = "decrypt = [\"/card\"]\ndecrypt_keys = [\"d\"]";
const SECRET: &str = "[[decryption_key]]\nid = \"d\"\nfile = \"secret.pem\"\n";

/// A configuration for each warning that a file alone can cause, in two parts: in the top level or
/// further tables, and in a route.
fn causes() -> Vec<(WarningName, String)> {
    use WarningName::*;
    let upstream = |server: &str, more: &str| {
        format!("[[upstream]]\nname = \"u\"\nservers = [\"{server}\"]\n{more}\n")
    };
    let with = |lines: &str, scheme: &str| route(scheme, lines).replace("\"echo\"", "\"u\"");
    vec![
        (NoAgeLimit, route("sgate", "max_age = \"off\"")),
        (
            ForgottenSoon,
            route("cheezeepay", "once = { keep = \"1h\" }"),
        ),
        (OneCallbackForTwoRoutes, route("cheezeepay", "once = true")),
        (
            ReportMode,
            route(
                "cheezeepay",
                &format!("mode = \"report\"\nuntil = {}", in_days(1)),
            ),
        ),
        (
            ReportEnded,
            route(
                "cheezeepay",
                "mode = \"report\"\nuntil = 2026-01-31T00:00:00Z",
            ),
        ),
        (
            FailOpen,
            "[once]\non_store_failure = \"fail_open\"\n".to_owned(),
        ),
        (
            RetryAfterSending,
            route("cheezeepay", "once = true\nretry = [\"timeout\"]"),
        ),
        (
            AnswersTooLarge,
            format!(
                "[once]\nmemory = {{ size = \"1MiB\" }}\n{}",
                route("cheezeepay", "once = { answer_limit = \"1MiB\" }")
            ),
        ),
        (
            NotSigned,
            own("nonce = \"{header:X-Nonce|max:128}\"", "\"{body}\""),
        ),
        (
            EscapeAsText,
            own(
                "timestamp = \"{header:X-Time}\"\nmax_age = \"5m\"",
                "'{timestamp}\\n{body}'",
            ),
        ),
        (
            WeakMeans,
            "[[scheme]]\nname = \"d\"\nalgorithm = \"sha256\"\nsignature = \"{header:X-Sig|unhex}\"\n\
             content = \"{body}{secret}\"\n"
                .to_owned(),
        ),
        (
            AmbiguousJoin,
            own("ambiguous_join = true", "\"{header:X-A}{header:X-B}{body}\""),
        ),
        (
            UnnamedValues,
            own(
                "fields = { from = \"form\", listed_by = \"{form:list|split:,}\", must_cover = [\"a\"], \
                 pair = \"{value}\", between = \"|\" }\nrequire = { \"{form:list}\" = \"[a-z,]+\" }",
                "\"{form:list}\\n{fields}\"",
            ),
        ),
        (DottedField, own("event = \"{field:a.b}\"", "\"{body}\"")),
        (LegacyAlgorithm, route("sgate", "")),
        (
            LegacyDigest,
            own("signed = \"{content|md5|hex}\"", "\"{body}\""),
        ),
        (
            LegacyKey,
            "[[key]]\nid = \"l\"\nfile = \"legacy.pem\"\nlegacy = true\n".to_owned(),
        ),
        (
            ShortSecret,
            "[[key]]\nid = \"s\"\nsecret = \"short\"\n".to_owned(),
        ),
        (
            StrayCharacterInSecret,
            "[[key]]\nid = \"s\"\nsecret = \"a secret of 21 bytes \"\n".to_owned(),
        ),
        (
            SecretInConfiguration,
            "[[key]]\nid = \"s\"\nsecret = \"a secret of 21 bytes.\"\n".to_owned(),
        ),
        (
            SameKeyTwice,
            "[[key]]\nid = \"s\"\nfile = \"spare.pem\"\n".to_owned(),
        ),
        (
            ClearTextToServer,
            format!(
                "{SECRET}{}{}",
                upstream("192.0.2.1:1", ""),
                with(DECRYPT, "cheezeepay")
            ),
        ),
        (
            ClearTextForClient,
            format!("{SECRET}{}", route("cheezeepay", DECRYPT)),
        ),
        (
            UnverifiedServer,
            upstream("https://127.0.0.1:1", "tls = { verify = false }"),
        ),
        (HostWithoutAddress, upstream("none.invalid:1", "")),
        (
            PatternInPath,
            route("cheezeepay", "").replace("/r", "/cb/{id}"),
        ),
        (
            UnknownMethod,
            route("cheezeepay", "methods = [\"POST\", \"POTS\"]"),
        ),
        (
            PublicAdmin,
            "[admin]\naddress = \"192.0.2.1:1\"\n".to_owned(),
        ),
        (
            CallbacksInLog,
            "[log]\nlibrary_level = \"debug\"\n".to_owned(),
        ),
        (SecretInLog, "[log]\nformat = \"$http_cookie\"\n".to_owned()),
        (
            NeedlessSetting,
            "[[key]]\nid = \"n\"\nfile = \"spare.pem\"\nlegacy = true\n".to_owned(),
        ),
        (DaemonWithoutPidFile, "daemon = true\n".to_owned()),
        (Unused, upstream("127.0.0.1:1", "")),
        (
            OnePathForTwoRoutes,
            format!(
                "[[key]]\nid = \"o\"\nfile = \"other.pem\"\n{}{}{}",
                upstream("127.0.0.1:1", ""),
                with("upstream_path = \"/s\"", "cheezeepay"),
                with("", "cheezeepay")
                    .replace("\"r\"", "\"s\"")
                    .replace("/r", "/s")
                    .replace("\"good\"", "\"o\""),
            ),
        ),
    ]
}

/// The names of the warnings about a text followed by [`REST`].
fn names(text: &str) -> Vec<WarningName> {
    let files = files();
    let loaded = files.load(&format!("{text}{REST}"));
    let loaded = loaded.unwrap_or_else(|report| panic!("{report}\n{text}"));
    let warnings = loaded.warnings.diagnostics();
    warnings.iter().filter_map(|warning| warning.name).collect()
}

#[test]
fn each_warning_can_be_accepted_by_its_name() {
    let causes = causes();
    for (name, text) in &causes {
        assert!(
            names(text).contains(name),
            "{name}: {:?}\n{text}",
            names(text)
        );
        let accepted = format!("accept_warnings = [\"{name}\"]\n{text}");
        let left = names(&accepted);
        assert!(!left.contains(name), "{name}: {left:?}");
        assert!(
            !left.contains(&WarningName::NothingAccepted),
            "{name}: {left:?}"
        );
    }
    let elsewhere = [
        // Needs two merchants with one key.
        WarningName::MerchantsNotToldApart,
        WarningName::CertificateOutOfDate,
        WarningName::CertificateWithoutNames,
        WarningName::AuthorityOutOfDate,
        WarningName::UserLacksAccess,
        WarningName::AddressInUse,
        WarningName::NothingAccepted,
    ];
    for name in WarningName::ALL {
        let tried = causes.iter().any(|(tried, _)| tried == name);
        assert!(tried || elsewhere.contains(name), "{name} is not tried");
    }
}

#[test]
fn a_route_accepts_warnings_about_itself_only() {
    let accepts = "accept_warnings = [\"legacy_algorithm\", \"no_age_limit\"]\nmax_age = \"off\"";
    assert_eq!(names(&route("sgate", accepts)), []);
    let second = route("sgate", "")
        .replace("\"r\"", "\"s\"")
        .replace("\"/r\"", "\"/s\"");
    // Whichever of the two comes first.
    for text in [
        format!("{}{second}", route("sgate", accepts)),
        format!("{second}{}", route("sgate", accepts)),
    ] {
        assert_eq!(names(&text), [WarningName::LegacyAlgorithm], "{text}");
    }
    // What is about two routes may be accepted in either.
    let lines = "once = true\naccept_warnings = [\"one_callback_for_two_routes\"]";
    assert_eq!(names(&route("cheezeepay", lines)), []);
    let rest = REST.replace(
        "upstream",
        "accept_warnings = [\"one_callback_for_two_routes\"]\nupstream",
    );
    let text = format!("{}{rest}", route("cheezeepay", "once = true"));
    assert!(files().load(&text).unwrap().warnings.is_empty());
}

#[test]
fn an_accepted_pair_of_routes_does_not_hide_another() {
    let route = |name: &str, lines: &str| {
        route("cheezeepay", lines)
            .replace("\"r\"", &format!("\"{name}\""))
            .replace("\"/r\"", &format!("\"/{name}\""))
    };
    let accepts = "once = true\naccept_warnings = [\"one_callback_for_two_routes\"]";
    // All three remember separately, and so does the route of the rest not at all.
    for order in [["a", "b", "c"], ["b", "a", "c"], ["b", "c", "a"]] {
        let routes =
            order.map(|name| route(name, if name == "a" { accepts } else { "once = true" }));
        let rest = REST.replace("upstream", "once = { namespace = \"b\" }\nupstream");
        let files = files();
        let loaded = files.load(&format!("{}{rest}", routes.concat())).unwrap();
        let warnings = loaded.warnings.to_string();
        // Of `b` and `c`; the last route shares the memory of `b`, and is another for `c`.
        assert_eq!(
            loaded.warnings.diagnostics().len(),
            2,
            "{order:?}: {warnings}"
        );
        assert!(!warnings.contains("route `a`"), "{order:?}: {warnings}");
    }
}

#[test]
fn an_override_gives_a_warning_that_its_route_accepts() {
    let files = files();
    let file = files.write("c.toml", format!("{}{REST}", route("sgate", "")));
    let sets = |more: &str| {
        let accepts = "route.r.accept_warnings=[\"legacy_algorithm\", \"no_age_limit\"]";
        countersign::config::Input {
            file: file.clone(),
            overrides: vec![accepts.to_owned(), more.to_owned()],
        }
    };
    let loaded = sets("route.r.max_age=off").load().unwrap();
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
}

#[test]
fn a_name_that_accepts_nothing_is_a_warning() {
    let text = format!(
        "accept_warnings = [\"unused\", \"address_in_use\"]\n{}",
        route("cheezeepay", "accept_warnings = [\"legacy_algorithm\"]")
    );
    assert_snapshot!(warnings(&text), @r##"
    warning[nothing_accepted]: nothing accepted
     --> c.toml:1:20
      |
    1 | accept_warnings = ["unused", "address_in_use"]
      |                    ^^^^^^^^ there is no such warning about this configuration
      |
      = help: remove the name: it would hide a warning that comes later

    warning[nothing_accepted]: nothing accepted
     --> c.toml:8:20
      |
    8 | accept_warnings = ["legacy_algorithm"]
      |                    ^^^^^^^^^^^^^^^^^^ there is no such warning about this route
      |
      = help: remove the name: it would hide a warning that comes later
    "##);
    // One that is not about the route in which it is accepted.
    let text = format!(
        "{}[[upstream]]\nname = \"idle\"\nservers = [\"127.0.0.1:1\"]\n",
        route("cheezeepay", "accept_warnings = [\"unused\"]")
    );
    let shown = warnings(&text);
    assert!(shown.contains("is not about this route"), "{shown}");
    assert!(shown.contains("at the top level"), "{shown}");
    // The warning about names cannot be accepted.
    let report = report("accept_warnings = [\"nothing_accepted\"]\n");
    assert!(report.contains("error: unknown value"), "{report}");
}

#[test]
fn an_error_cannot_be_accepted_and_hides_no_warning() {
    let files = files();
    let text = format!("accept_warnings = [\"unused\", \"fail_open\"]\nkyes = 1\n{REST}");
    let report = files.load(&text).unwrap_err();
    assert_eq!(report.count(Severity::Warning), 0, "{report}");
    assert!(checked(relative(&report, &files)).contains("unknown key"));
}
