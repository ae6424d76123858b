//! Settings of `once`: what is remembered of callbacks.

use countersign::config::diagnostic::Severity;

use super::{REST, checked, files};
use crate::config_files::relative;

#[test]
fn every_mistake_has_a_place_a_reason_and_a_hint() {
    let files = files();
    for name in ["t", "other"] {
        files.write_certificate(name);
    }
    let key = std::fs::read_to_string(files.path().join("t.key")).unwrap();
    files.write_secret("label.key", key.replace("PRIVATE KEY", "RSA PRIVATE KEY"));
    files.write(
        "broken.pem",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    );
    let good = "name = \"good\"";
    for (top, route, title, why) in [
        ("[once]\nstore = \"disc\"", "", "unknown value", "disc"),
        (
            "[once]\nstore = \"disk\"",
            "",
            "missing settings",
            "has no settings",
        ),
        (
            "[once]\nstore = \"redis\"",
            "",
            "missing settings",
            "has no settings",
        ),
        ("[once]\ndisk = {}", "", "missing key", "`path`"),
        (
            "[once]\ndisk = { path = \"none/once.db\" }",
            "",
            "cannot use the file",
            "directory does not exist",
        ),
        ("[once]\nredis = {}", "", "missing key", "`servers`"),
        (
            "[once]\nredis = { servers = [] }",
            "",
            "wrong number of servers",
            "a single server is one",
        ),
        (
            "[once]\nredis = { servers = [\"redis://a\", \"redis://b\"] }",
            "",
            "wrong number of servers",
            "",
        ),
        (
            "[once]\nredis = { servers = [\"http://a\"] }",
            "",
            "invalid server",
            "not the URL",
        ),
        (
            "[once]\nredis = { servers = [\"redis://:secret@a\"] }",
            "",
            "invalid server",
            "which logs would show",
        ),
        (
            "[once]\nredis = { servers = [\"rediss://a/#insecure\"] }",
            "",
            "invalid server",
            "disables the protection",
        ),
        (
            "[once]\nredis = { servers = [\"redis://a\"], master = \"m\" }",
            "",
            "needless setting",
            "only sentinels",
        ),
        (
            "[once]\nredis = { servers = [\"redis://a\"], mode = \"sentinel\" }",
            "",
            "missing key",
            "`master`",
        ),
        (
            "[once]\nredis = { servers = [\"redis://a\"], password_file = \"good.pem\" }",
            "",
            "unsafe file",
            "the password in",
        ),
        (
            "[once]\nredis = { servers = [\"redis://a\"], cert = \"good.pem\" }",
            "",
            "missing key",
            "without `key`",
        ),
        (
            "[once]\nredis = { servers = [\"rediss://a\"], ca = \"none.pem\" }",
            "",
            "cannot read the file",
            "none.pem",
        ),
        (
            "[once]\nredis = { servers = [\"rediss://a\"], ca = \"good.pem\" }",
            "",
            "no certificate",
            "no certificate in PEM",
        ),
        (
            "[once]\nredis = { servers = [\"rediss://a\"], ca = \"broken.pem\" }",
            "",
            "invalid certificate",
            "",
        ),
        (
            "[once]\nredis = { servers = [\"rediss://a\"], cert = \"good.pem\", key = \"t.key\" }",
            "",
            "no certificate",
            "no certificate in PEM",
        ),
        (
            "[once]\nredis = { servers = [\"rediss://a\"], cert = \"t.pem\", key = \"other.key\" }",
            "",
            "wrong private key",
            "not the key of the certificate",
        ),
        (
            "[once]\nredis = { servers = [\"rediss://a\"], cert = \"t.pem\", key = \"label.key\" }",
            "",
            "no private key",
            "label",
        ),
        (
            "[once]\nredis = { mode = \"cluster\", servers = [\"redis://a\", \"rediss://b\"] }",
            "",
            "servers that do not go together",
            "some use TLS",
        ),
        (
            "[once]\nredis = { mode = \"cluster\", servers = [\"unix:///run/a\"] }",
            "",
            "servers that do not go together",
            "on a Unix socket",
        ),
        (
            "[once]\nredis = { mode = \"cluster\", servers = [\"redis://a/1\", \"redis://b/2\"] }",
            "",
            "servers that do not go together",
            "databases",
        ),
        (
            "[once]\nredis = { mode = \"cluster\", servers = [\"redis://a\", \"redis://b?protocol=3\"] }",
            "",
            "servers that do not go together",
            "`protocol`",
        ),
        (
            "[once]\nredis = { servers = [\"redis://a\"], prefix = \"{a}\" }",
            "",
            "invalid prefix",
            "braces",
        ),
        (
            "[once]\nredis = { servers = [\"redis://a\"], timeout = \"0s\" }",
            "",
            "value out of range",
            "",
        ),
        ("once = true", "", "wrong type", "but a table is needed"),
        (
            "[once]\nmemory = { entries = 0 }",
            "",
            "value out of range",
            "1 to 1000000000",
        ),
        (
            "[once]\nmemory = { size = \"1KiB\" }",
            "",
            "value out of range",
            "1MiB",
        ),
        (
            "[once]\non_store_failure = \"open\"",
            "",
            "unknown value",
            "\"open\"",
        ),
        (
            "[once]\nwaiters = -1",
            "",
            "value out of range",
            "0 to 1000000",
        ),
        (
            "",
            "once = \"yes\"",
            "wrong type",
            "but `true` or `false` is needed",
        ),
        (
            "",
            "once = { identity = [] }",
            "empty value",
            "would be the same",
        ),
        (
            "",
            "once = { identity = [\"\"] }",
            "invalid field",
            "names no field",
        ),
        ("", "once = { identity = [\"/a~\"] }", "invalid field", "~"),
        (
            "",
            "once = { identity = [\"{nonce}\"] }",
            "unknown reference",
            "have no nonce",
        ),
        (
            "",
            "once = { identity = [\"{key_id}\"] }",
            "unknown reference",
            "have no key id",
        ),
        (
            "",
            "once = { identity = [\"{body}\"] }",
            "unknown value",
            "not a placeholder",
        ),
        (
            "",
            "once = { namespace = \"a b\" }",
            "invalid name",
            "space",
        ),
        ("", "once = { keep = \"0s\" }", "value out of range", ""),
        (
            "",
            "once = { repeat = \"ignore\" }",
            "unknown value",
            "ignore",
        ),
        (
            "",
            "once = { wait = \"1s\" }",
            "needless setting",
            "copies do not wait",
        ),
        (
            "",
            "once = { in_flight = \"wait\", wait = \"2m\" }",
            "value out of range",
            "",
        ),
        ("", "once = { lease = \"10m\" }", "value out of range", ""),
        (
            "",
            "once = { answer_limit = \"1GiB\" }",
            "value out of range",
            "16.0 MiB",
        ),
    ] {
        let rest = REST.replacen(good, &format!("{good}\n{route}"), 1);
        let report = files.load(&format!("{top}\n{rest}")).unwrap_err();
        assert_eq!(report.count(Severity::Error), 1, "{top}{route}: {report}");
        let report = checked(relative(&report, &files));
        assert!(
            report.contains(title) && report.contains(why),
            "{top}{route}: {report}"
        );
    }
}

#[test]
fn answers_too_large_for_the_memory_store_are_warned_of() {
    let files = files();
    let disk = format!(
        "store = \"disk\"\ndisk = {{ path = \"{}/once.db\" }}",
        files.path().display()
    );
    for (store, limit, warns) in [
        ("memory = { size = \"1MiB\" }", "256KiB", false),
        ("memory = { size = \"1MiB\" }", "257KiB", true),
        ("memory = { size = \"16MiB\" }", "512KiB", true),
        ("", "1MiB", false),
        ("", "2MiB", true),
        // With few entries the memory has few shards, so each has more room.
        ("memory = { entries = 1000 }", "16MiB", false),
        (disk.as_str(), "16MiB", false),
    ] {
        let once = format!("once = {{ answer_limit = \"{limit}\" }}");
        let rest = REST.replacen("name = \"good\"", &format!("name = \"good\"\n{once}"), 1);
        let loaded = files.load(&format!("[once]\n{store}\n{rest}")).unwrap();
        let warnings = relative(&loaded.warnings, &files);
        let title = "answers too large for the memory";
        assert_eq!(
            warnings.contains(title),
            warns,
            "{store} {limit}: {warnings}"
        );
        if warns {
            checked(warnings);
        }
    }
}

/// A route with the SGate scheme.
fn sgate(keys: &str, lines: &str) -> String {
    format!(
        "{REST}\n[[route]]\nname = \"s\"\npath = \"/s\"\nscheme = \"sgate\"\nupstream = \"echo\"\n\
         keys = {keys}\n{lines}\n"
    )
}

#[test]
fn a_callback_must_be_remembered_while_it_can_be_replayed() {
    let files = files();
    let list = "[\"good\"]";
    let report = files.load(&sgate(list, "once = { keep = \"11m\" }"));
    assert!(report.is_ok());
    let report = files
        .load(&sgate(list, "once = { keep = \"659s\" }"))
        .unwrap_err();
    let report = checked(relative(&report, &files));
    assert!(
        report.contains("forgotten too soon") && report.contains("for 11m"),
        "{report}"
    );
    // By default, a callback is remembered for as long as it can be replayed.
    let loaded = files
        .load(&sgate(list, "max_age = \"30days\"\nonce = true"))
        .unwrap();
    let route = loaded.config.routes.last().unwrap();
    let keep = route.once.as_ref().unwrap().keep;
    assert_eq!(keep.as_secs(), 60 * 24 * 3600 + 60);
}

#[test]
fn forgetting_before_the_provider_stops_resending_is_warned_of() {
    let files = files();
    for (scheme, once, is_warned) in [
        ("cheezeepay", "keep = \"6h\"", true),
        ("cheezeepay", "keep = \"1day\"", false),
        // A retry of SGate's is signed anew, but has the same order in it.
        ("sgate", "identity = [\"order\"], keep = \"1h\"", true),
        ("sgate", "identity = [\"order\"], keep = \"1day\"", false),
        // Its nonce is another one, however long the first is remembered.
        ("sgate", "keep = \"1h\"", false),
    ] {
        let text = sgate("[\"good\"]", &format!("once = {{ {once} }}"));
        let text = text.replace("\"sgate\"", &format!("\"{scheme}\""));
        let loaded = files.load(&text).unwrap();
        let report = loaded.warnings.to_string();
        let warned = report.contains("warning[forgotten_soon]");
        assert_eq!(warned, is_warned, "{scheme} {once}: {report}");
    }
}

const LEGACY: &str = "[[key]]\nid = \"legacy\"\nfile = \"legacy.pem\"\nlegacy = true\n";

#[test]
fn merchants_are_told_apart() {
    let files = files();
    let table = "{ one = \"good\" }";
    let loaded = files
        .load(&sgate(table, "once = { identity = [\"/data/id\"] }"))
        .unwrap();
    let route = loaded.config.routes.last().unwrap();
    let identity = &route.once.as_ref().unwrap().identity;
    let shown: Vec<String> = identity.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["{key_id}", "/data/id"]);
    // If `key_header` is not signed, the signing key tells merchants apart, unless two share a key.
    for (table, shared) in [
        ("{ one = \"good\", two = \"legacy\" }", false),
        ("{ one = \"good\", two = [\"legacy\", \"good\"] }", true),
    ] {
        let lines = "key_header = \"X-Merchant\"\nonce = { identity = [\"order\"] }";
        let text = sgate(table, lines).replace("\"sgate\"", "\"cheezeepay\"");
        let text = format!("{LEGACY}{text}");
        let loaded = files.load(&text).unwrap();
        let route = loaded.config.routes.last().unwrap();
        let once = route.once.as_ref().unwrap();
        assert_eq!(once.identity.len(), 1);
        let shown = once.signers.as_ref().unwrap().shared();
        assert_eq!(shown, shared.then_some(("one", "two")));
        let warnings = checked(relative(&loaded.warnings, &files));
        let told = warnings.contains("`one` and `two` share a key");
        assert_eq!(told, shared, "{warnings}");
    }
}

#[test]
fn redis_has_the_defaults_that_the_page_names() {
    use countersign::once::{Mode, StoreSettings};
    let files = files();
    let top = "[once]\nstore = \"redis\"\nredis = { servers = [\"redis://a\"] }\n";
    let rest = REST.replacen("name = \"good\"", "name = \"good\"\nonce = true", 1);
    let loaded = files.load(&format!("{top}{rest}")).unwrap();
    let Some(StoreSettings::Redis(redis)) = loaded.config.once.map(|once| once.store) else {
        panic!("no Redis");
    };
    assert_eq!(redis.mode, Mode::Single);
    assert_eq!(redis.prefix, "countersign:once:");
    assert_eq!(redis.connect_timeout.as_millis(), 500);
    assert_eq!(redis.timeout.as_millis(), 1000);
}

/// The configuration checks all that can be wrong with these settings itself. Should the client refuse
/// others, `-t`, a start and a reload still say so.
#[test]
fn what_only_the_redis_client_refuses_fails_the_test_of_a_configuration() {
    use countersign::once::StoreSettings;
    use countersign::proxy::check_store;
    let files = files();
    let top = "[once]\nstore = \"redis\"\nredis = { servers = [\"rediss://a\"] }\n";
    let mut config = files.load(&format!("{top}{REST}")).unwrap().config;
    assert!(check_store(&config).is_ok());
    let Some(StoreSettings::Redis(redis)) = config.once.as_mut().map(|once| &mut once.store) else {
        panic!("no Redis");
    };
    redis.tls.ca = Some(b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".to_vec());
    let error = check_store(&config).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot open the store of `[once]`: Redis: "),
        "{error}"
    );
}
