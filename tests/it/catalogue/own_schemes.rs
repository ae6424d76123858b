//! What a configuration makes of the catalogue: names, schemes of the operator's, warnings.

use std::process::Command;

use countersign::config::Loaded;

use super::SCHEMES;
use super::route_to_copy::{RouteToCopy, keys_of_all};
use crate::config_files::Files;

/// A configuration with routes to these schemes, and further tables.
fn configuration(files: &Files, schemes: &[&str], lines: &str, tables: &str) -> String {
    files.write_secret("k.secret", "0123456789abcdef0123456789abcdef");
    files.write_key("k.pem");
    let mut text = "[[listener]]\naddress = \"127.0.0.1:0\"\n[[key]]\nid = \"secret\"\n\
                    secret_file = \"k.secret\"\n"
        .to_owned();
    for (nth, scheme) in schemes.iter().enumerate() {
        text += &format!(
            "[[route]]\nname = \"r{nth}\"\npath = \"/r{nth}\"\nscheme = \"{scheme}\"\n\
             keys = [\"secret\"]\nupstream = \"echo\"\nforward_headers = []\n{lines}\n"
        );
    }
    text + tables
}

fn load(schemes: &[&str], lines: &str, tables: &str) -> Loaded {
    let files = Files::new();
    let loaded = files.load(&configuration(&files, schemes, lines, tables));
    loaded.unwrap_or_else(|report| panic!("{report}"))
}

fn refused(schemes: &[&str], lines: &str, tables: &str) -> String {
    let files = Files::new();
    let loaded = files.load(&configuration(&files, schemes, lines, tables));
    loaded.unwrap_err().render(false)
}

const OWN: &str = "[[scheme]]\nname = \"NAME\"\nalgorithm = \"hmac-sha384\"\n\
                   signature = \"{header:X-Own|unhex}\"\ncontent = \"{body}\"\nnot_covered = [\"query\"]\n";

#[test]
fn a_route_names_a_scheme_of_the_catalogue_without_more() {
    let loaded = load(&["stripe", "slack"], "", "");
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    let routes = loaded.config.routes.iter();
    let names: Vec<_> = routes.map(|route| &*route.policy.scheme.name).collect();
    assert_eq!(names, ["stripe", "slack"]);
    assert_eq!(loaded.config.replaced_schemes(), [""; 0]);
}

#[test]
fn a_scheme_of_the_operators_takes_the_place_of_a_shipped_one() {
    for name in ["stripe", "cheezeepay", "sgate", "aws-sns-1"] {
        let own = OWN.replace("NAME", name);
        let files = Files::new();
        let text = configuration(&files, &[name], "", &own);
        let loaded = files.load(&text);
        let loaded = loaded.unwrap_or_else(|report| panic!("{report}"));
        let scheme = &loaded.config.routes[0].policy.scheme;
        assert_eq!(scheme.algorithms()[0].name(), "hmac-sha384", "{name}");
        assert_eq!(loaded.config.replaced_schemes(), [name]);
        assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);

        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(["-t", "-c"])
            .arg(files.write("c.toml", text))
            .output()
            .unwrap();
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8(told).unwrap();
        let note = format!(
            "countersign: note: the `[[scheme]]` `{name}` takes the place of the one that comes with \
             Countersign (`countersign schemes {name}`)\n"
        );
        assert!(output.status.success() && told.contains(&note), "{told}");
    }
}

/// Its file has two schemes.
#[test]
fn one_scheme_of_a_file_can_be_replaced_while_the_other_is_used() {
    let own = OWN.replace("NAME", "cryptapi");
    let files = Files::new();
    let lines = "public_url = \"https://shop.example/r1\"\nmethods = [\"GET\"]\n";
    let text = configuration(&files, &["cryptapi"], "", &own)
        + &format!(
            "[[key]]\nid = \"public\"\nfile = \"k.pem\"\n[[route]]\nname = \"get\"\npath = \"/get\"\nscheme = \"cryptapi-get\"\n\
             keys = [\"public\"]\nupstream = \"echo\"\nforward_headers = []\n{lines}"
        );
    let loaded = files.load(&text);
    let loaded = loaded.unwrap_or_else(|report| panic!("{report}"));
    let routes = loaded.config.routes.iter();
    let names: Vec<_> = routes
        .map(|route| route.policy.scheme.algorithms()[0].name())
        .collect();
    assert_eq!(names, ["hmac-sha384", "rsa-sha256"]);
    assert_eq!(loaded.config.replaced_schemes(), ["cryptapi"]);
}

#[test]
fn warnings_of_a_shipped_scheme_are_the_routes_to_accept() {
    let names = |loaded: &Loaded| -> Vec<&str> {
        let warnings = loaded.warnings.diagnostics().iter();
        warnings
            .map(|warning| warning.name.unwrap().code())
            .collect()
    };
    let both = ["wechat-message-push"; 2];
    let loaded = load(&both, "", "");
    let told = loaded.warnings.render(false);
    // Once for all routes, at the first.
    assert_eq!(
        names(&loaded),
        [
            "not_signed",
            "legacy_algorithm",
            "weak_means",
            "ambiguous_join"
        ],
        "{told}"
    );
    let place = "shipped scheme wechat-message-push:4";
    assert!(told.contains(place), "{told}");
    assert!(told.contains("c.toml:9:10"), "{told}");
    assert!(
        told.contains("add `accept_warnings = [\"legacy_algorithm\"]` to the route"),
        "{told}"
    );
    let accepted = "accept_warnings = [\"legacy_algorithm\", \"weak_means\", \"ambiguous_join\", \
                    \"not_signed\"]";
    let loaded = load(&both, accepted, "");
    assert_eq!(names(&loaded), [""; 0], "{}", loaded.warnings);
    // A route that does not accept them is told.
    let files = Files::new();
    let text = configuration(&files, &both, accepted, "");
    let text = text.replacen(accepted, "", 1);
    let loaded = files
        .load(&text)
        .unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(names(&loaded).len(), 4, "{}", loaded.warnings);
}

#[test]
fn an_unknown_scheme_suggests_one_of_the_catalogue() {
    let report = refused(&["strpie"], "", "");
    assert!(report.contains("help: did you mean `stripe`?"), "{report}");
    let report = refused(&["no-provider-of-this-name"], "", "");
    assert!(
        report.contains("`countersign schemes` lists those that come with it"),
        "{report}"
    );
}

#[test]
fn a_prefix_that_the_provider_uses_is_refused() {
    let prefix = "header_prefix = \"Stripe-\"\n";
    let files = Files::new();
    let text = configuration(&files, &["stripe"], "", "");
    let report = files.load(&format!("{prefix}{text}")).unwrap_err();
    let report = report.render(false);
    assert!(report.contains("error: invalid header prefix"), "{report}");
    assert!(
        report.contains("the provider sends `stripe-signature`"),
        "{report}"
    );
}

#[test]
fn the_signature_of_a_shipped_scheme_is_not_logged() {
    let log = "[log]\nformat = \"$status $http_stripe_signature\"\n";
    let report = refused(&["stripe"], "", log);
    assert!(
        report.contains("this header is the signature of the scheme `stripe`"),
        "{report}"
    );
}

#[test]
fn a_field_that_a_shipped_scheme_leaves_open_is_no_header() {
    let report = refused(&["webpay-by"], "fields = { \"X-Email\" = \"email\" }", "");
    assert!(report.contains("error: field not signed"), "{report}");
    assert!(
        report.contains("`countersign schemes webpay-by` prints"),
        "{report}"
    );
}

/// What the catalogue states of a scheme is not the operator's word.
#[test]
fn a_value_that_a_shipped_scheme_says_not_to_be_covered_is_warned_of_on_its_routes() {
    let files = Files::new();
    keys_of_all(&files);
    let stating: Vec<_> = { SCHEMES.iter() }
        .filter(|shipped| !shipped.scheme.rules().stated_matters().is_empty())
        .collect();
    assert!(stating.len() > 5);
    let load = |lines: &str, tables: &str| {
        let mut text = "[[listener]]\naddress = \"127.0.0.1:0\"\n\
                        [[upstream]]\nname = \"shop\"\nservers = [\"127.0.0.1:9000\"]\n"
            .to_owned();
        for shipped in &stating {
            let written = RouteToCopy::of(shipped).written();
            text += &format!("{}\n{}{lines}", written.keys, written.route);
        }
        let loaded = files.load(&(text + tables));
        let loaded = loaded.unwrap_or_else(|report| panic!("{report}"));
        loaded.warnings.render(false)
    };
    let told = load("", "");
    assert_eq!(
        told.matches("warning[not_signed]").count(),
        stating.len(),
        "{told}"
    );
    for shipped in &stating {
        for value in shipped.scheme.rules().stated_matters() {
            assert!(told.contains(&value), "{value}: {told}");
        }
    }
    let accepted = load("accept_warnings = [\"not_signed\"]\n", "");
    assert!(!accepted.contains("not_signed"), "{accepted}");
    assert!(!accepted.contains("nothing_accepted"), "{accepted}");
    // In files of the operator's, it is.
    let mut own: Vec<_> = stating.iter().map(|shipped| shipped.file.text).collect();
    own.dedup();
    let told = load("", &own.concat());
    for shipped in &stating {
        for value in shipped.scheme.rules().stated_matters() {
            assert!(!told.contains(&value), "{value}: {told}");
        }
    }
}

#[test]
fn a_route_reads_an_unsigned_value_of_a_shipped_scheme_only_if_it_accepts_that() {
    for (scheme, field) in [
        ("realex-hpp", "AMOUNT"),
        ("razorpay-subscription", "amount"),
    ] {
        for line in [
            format!("fields = {{ \"X-Amount\" = \"{field}\" }}"),
            format!("require = {{ \"{field}\" = \"string\" }}"),
        ] {
            let report = refused(&[scheme], &line, "");
            assert!(report.contains("error: field not signed"), "{report}");
            assert!(
                report.contains("add `accept_warnings = [\"not_signed\"]`"),
                "{report}"
            );
            // Everywhere is no word about this route.
            let files = Files::new();
            let text = configuration(&files, &[scheme], &line, "");
            let everywhere = format!("accept_warnings = [\"not_signed\"]\n{text}");
            let report = files.load(&everywhere).unwrap_err().render(false);
            assert!(report.contains("error: field not signed"), "{report}");
            let accepts = format!("accept_warnings = [\"not_signed\"]\n{line}");
            load(&[scheme], &accepts, "");
        }
    }
}
