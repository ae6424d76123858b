//! The documentation agrees with the code.

use std::fs;
use std::path::{Path, PathBuf};

use countersign::config::diagnostic::WarningName;
use countersign::config::{self, Config, UpstreamTarget, known_keys, reference};
use countersign::judge::Fault;
use countersign::proxy::UnservedCause;
use countersign::proxy::metrics::Metric;
use countersign::verify::Reason;
use countersign::verify::language::{self, SchemeDefinition};

use crate::config_files::Files;

/// The rows of a table whose first cell is code: the first cell and the others.
fn rows(page: &str) -> Vec<(String, Vec<String>)> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"))
        .map(|row| {
            let mut cells = row.split(" | ").map(str::to_owned);
            let code = cells.next().unwrap().trim_end_matches('`').to_owned();
            (code, cells.collect())
        })
        .collect()
}

#[test]
fn reasons_page_lists_every_code_with_its_meaning() {
    let expected: Vec<(String, Vec<String>)> = Reason::ALL
        .iter()
        .map(|reason| (reason.code(), 400, reason.meaning()))
        .chain(
            Fault::ALL
                .iter()
                .map(|fault| (fault.code(), fault.status(), fault.meaning())),
        )
        .map(|(code, status, meaning)| {
            (
                code.to_owned(),
                vec![status.to_string(), meaning.to_owned()],
            )
        })
        .collect();
    let page = fs::read_to_string("docs/reasons.md").unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let table = |from: usize, to: usize| {
            let rows = &expected[from..to];
            rows.iter()
                .map(|(code, cells)| format!("| `{code}` | {} |\n", cells.join(" | ")))
                .collect::<String>()
        };
        let split = Reason::ALL.len();
        let mut tables = [table(0, split), table(split, expected.len())].into_iter();
        let mut out = String::new();
        for line in page.lines().filter(|line| !line.starts_with("| `")) {
            out.push_str(line);
            out.push('\n');
            if line.starts_with("|---") {
                out.push_str(&tables.next().unwrap());
            }
        }
        fs::write("docs/reasons.md", out).unwrap();
        return;
    }
    assert_eq!(
        rows(&page),
        expected,
        "run the tests once with UPDATE_DOCS=1"
    );
}

#[test]
fn warnings_page_lists_every_warning_with_its_meaning() {
    const HEAD: &str = "| warning | what it says |\n|---|---|\n";
    let rows = WarningName::ALL
        .iter()
        .map(|name| format!("| `{name}` | {} |\n", name.meaning()));
    let expected: String = rows.collect();
    let page = fs::read_to_string("docs/warnings.md").unwrap();
    let (before, shown) = page.split_once(HEAD).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write("docs/warnings.md", format!("{before}{HEAD}{expected}")).unwrap();
        return;
    }
    assert_eq!(shown, expected, "run the tests once with UPDATE_DOCS=1");
}

#[test]
fn readme_names_only_reasons_that_exist() {
    let known: Vec<&str> = Reason::ALL
        .iter()
        .map(|reason| reason.code())
        .chain(Fault::ALL.iter().map(|fault| fault.code()))
        .collect();
    let page = fs::read_to_string("README.md").unwrap();
    let table = page.split("## When a callback is refused").nth(1).unwrap();
    let table = table.split("\n## ").next().unwrap();
    let named = rows(table);
    assert!(named.len() >= 10);
    for (code, _) in named {
        assert!(known.contains(&code.as_str()), "{code}");
    }
}

#[test]
fn metrics_page_lists_every_metric_and_cause_with_its_meaning() {
    let expected: Vec<String> = Metric::ALL
        .iter()
        .map(|metric| {
            let labels: Vec<String> = metric.labels.iter().map(|l| format!("`{l}`")).collect();
            let (kind, labels) = (metric.kind.name(), labels.join(", "));
            format!(
                "| `{}` | {kind} | {labels} | {} |",
                metric.name, metric.meaning
            )
        })
        .collect();
    // `/metrics` shows the meaning verbatim, so it must not contain Markdown links.
    let is_text = |metric: &&Metric| !metric.meaning.contains("](");
    assert!(Metric::ALL.iter().all(|metric| is_text(&metric)));
    let page = fs::read_to_string("docs/metrics.md").unwrap();
    let causes: Vec<String> = UnservedCause::ALL
        .iter()
        .map(|cause| {
            let level = cause.level().as_str().to_lowercase();
            format!("| `{}` | {level} | {} |", cause.code(), cause.meaning())
        })
        .collect();
    let metrics = "| metric | kind | labels | meaning |\n|---|---|---|---|\n";
    let refused = "| cause | level | what happened |\n|---|---|---|\n";
    let mut page = page;
    for (head, expected) in [(metrics, expected), (refused, causes)] {
        let (before, rest) = page.split_once(head).unwrap();
        let (table, after) = rest.split_once("\n## ").unwrap();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let table = expected.join("\n");
            page = format!("{before}{head}{table}\n\n## {after}");
            fs::write("docs/metrics.md", &page).unwrap();
        } else {
            assert_eq!(table.trim_end().lines().collect::<Vec<_>>(), expected);
        }
    }
}

/// The algorithms by what makes them, for the page about schemes.
fn algorithms() -> String {
    let all = SchemeDefinition::algorithms();
    let families = [
        ("rsa-", "an RSA public key: RSASSA-PKCS1-v1_5, or PSS"),
        (
            "ecdsa-",
            "a public key on that curve; with `signature_form`",
        ),
        ("ed25519", "an Ed25519 public key"),
        ("hmac-", "a secret"),
        (
            "jws-",
            "that of the `alg` in lower case; the signature is a token (RFC 7515)",
        ),
        (
            "rfc9421-",
            "that of the `alg`; the signature is that of RFC 9421",
        ),
    ];
    let is_of = |name: &str, family: &str| name.starts_with(family);
    let mut table = "| algorithm | key |\n|---|---|\n".to_owned();
    let mut row = |names: Vec<&str>, key: &str| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        table.push_str(&format!("| {} | {key} |\n", names.join(", ")));
    };
    for (family, key) in families {
        let names = all.iter().copied().filter(|name| is_of(name, family));
        row(names.collect(), key);
    }
    let others = all.iter().copied();
    let others = others.filter(|name| !families.iter().any(|(family, _)| is_of(name, family)));
    row(
        others.collect(),
        "a secret, in what is signed; of `token`, the secret itself is the signature",
    );
    table
}

#[test]
fn schemes_page_has_every_algorithm_source_and_filter() {
    let mut page = fs::read_to_string("docs/schemes.md").unwrap();
    let tables = [
        ("algorithms", algorithms()),
        ("language", language::reference()),
    ];
    for (name, table) in tables {
        let head = format!("<!-- {name} -->\n");
        let (before, rest) = page.split_once(&head).unwrap();
        let (shown, after) = rest.split_once("<!-- end -->").unwrap();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            page = format!("{before}{head}{table}<!-- end -->{after}");
            fs::write("docs/schemes.md", &page).unwrap();
        } else {
            assert_eq!(shown, table, "run the tests once with UPDATE_DOCS=1");
        }
    }
}

/// A row in the tables of keys: the key with its table path, and the other cells.
struct KeyRow {
    key: String,
    cells: Vec<String>,
}

/// The tables of keys in docs/configuration.md. The heading gives the table's path.
fn key_rows() -> Vec<KeyRow> {
    let page = fs::read_to_string("docs/configuration.md").unwrap();
    let mut rows = Vec::new();
    let mut path = String::new();
    let mut in_table = false;
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            let name = heading.trim_matches(|c| "`[]".contains(c));
            path = match name {
                "Top level" => String::new(),
                name => format!("{name}."),
            };
        }
        in_table = line.starts_with("| key |") || in_table && line.starts_with('|');
        let row = line
            .strip_prefix("| `")
            .and_then(|row| row.strip_suffix(" |"));
        if let Some(row) = row.filter(|_| in_table) {
            let mut cells = row.split(" | ").map(|cell| cell.trim().to_owned());
            let key = cells.next().unwrap();
            rows.push(KeyRow {
                key: format!("{path}{}", key.trim_end_matches('`')),
                cells: cells.collect(),
            });
        }
    }
    rows
}

/// The tables are generated: `UPDATE_DOCS=1` writes them into the page.
#[test]
fn configuration_page_has_the_keys_as_they_are_declared() {
    let mut page = fs::read_to_string("docs/configuration.md").unwrap();
    for (path, table) in reference::tables() {
        let name = if path.is_empty() { "Top level" } else { path };
        let is_of = |line: &&str| {
            let heading = line.strip_prefix("### ");
            heading.is_some_and(|heading| heading.trim_matches(|c| "`[]".contains(c)) == name)
        };
        let heading = page.lines().find(is_of);
        let heading = heading.unwrap_or_else(|| panic!("the page has no heading for `{name}`"));
        let (before, rest) = page.split_once(&format!("{heading}\n")).unwrap();
        let (between, rest) = rest.split_once(reference::HEAD).unwrap();
        assert!(
            !between.contains("\n### "),
            "there is no table under {heading}"
        );
        let rows: String = rest
            .split_inclusive('\n')
            .take_while(|line| line.starts_with('|'))
            .collect();
        let shown = format!("{}{rows}", reference::HEAD);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let after = &rest[rows.len()..];
            page = format!("{before}{heading}\n{between}{table}{after}");
        } else {
            assert_eq!(shown, table, "run the tests once with UPDATE_DOCS=1");
        }
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write("docs/configuration.md", &page).unwrap();
    }
    let mut documented: Vec<String> = key_rows().into_iter().map(|row| row.key).collect();
    let mut known: Vec<String> = known_keys().collect();
    documented.sort_unstable();
    known.sort_unstable();
    assert_eq!(documented, known);
}

/// The keys whose default the page writes as a TOML literal, with that literal.
pub(crate) fn defaults() -> impl Iterator<Item = (String, String)> {
    key_rows().into_iter().filter_map(|row| {
        let literal = row.cells[1].strip_prefix('`')?.strip_suffix('`')?;
        (!literal.contains('`')).then(|| (row.key, literal.to_owned()))
    })
}

/// A file with every table that has defaults. A test replaces a marker comment by the default.
pub(crate) const ALL_TABLES: &str = r#"
#@
control = "control.sock"
[capture]
#@ capture
[log]
audit = "audit.log"
#@ log
[limits]
#@ limits
[once]
#@ once
[once.memory]
#@ once.memory
[once.redis]
servers = ["redis://127.0.0.1:6379"]
#@ once.redis
[timeouts]
#@ timeouts
[[listener]]
address = "127.0.0.1:0"
#@ listener
[listener.tls]
certificates = [{ cert = "t.pem", key = "t.key" }]
client_ca = "t.pem"
#@ listener.tls
[[key]]
id = "k"
file = "k.pem"
#@ key
[[decryption_key]]
id = "secret"
file = "secret.key"
encoding = "hex"
#@ decryption_key
[[decryption]]
name = "in-place"
cipher = "aes-256-cbc"
#@ decryption encoding value output on_failure
paths = ["a"]
[decryption.iv]
field = "iv"
#@ decryption.iv
[[decryption]]
name = "beside"
cipher = "aes-256-gcm"
iv = { field = "iv" }
output = "beside"
#@ decryption suffix headers
paths = ["a"]
[decryption.aad]
field = "aad"
#@ decryption.aad
[[decryption]]
name = "headers"
cipher = "aes-256-gcm"
iv = { field = "iv" }
#@ decryption paths
headers = { "X-A" = "a" }
[[upstream]]
name = "u"
#@ upstream
[[upstream.servers]]
address = "127.0.0.1:9"
#@ upstream.servers
[upstream.health_check]
path = "/health"
#@ upstream.health_check
[upstream.tls]
ca = "t.pem"
#@ upstream.tls
[[scheme]]
name = "json"
algorithm = "rsa-sha256"
signature = "{header:X-Signature|unbase64}"
nonce = "{header:X-Nonce|max:128}"
content = "{timestamp}.{body}"
max_age = "5m"
#@ scheme
[scheme.timestamp]
value = "{header:X-Time}"
#@ scheme.timestamp
[scheme.acknowledge]
#@ scheme.acknowledge
[[scheme.handshake]]
methods = ["HEAD"]
#@ scheme.handshake
[scheme.handshake.answer]
#@ scheme.handshake.answer
[[scheme]]
name = "sorted"
algorithm = "rsa-sha256"
signature = "{header:X-Signature|unbase64}"
content = "{fields}"
[scheme.fields]
from = "json"
nested = "pair"
pair = "{name}={value|java}"
between = "&"
#@ scheme.fields
[[scheme.case]]
name = "a"
secret = "for tests"
#@ scheme.case
[[route]]
name = "json"
path = "/json"
scheme = "json"
keys = ["k"]
upstream = "u"
#@ route
decrypt = "beside"
decrypt_keys = ["secret"]
[route.success]
body = ["ok"]
#@ route.success
[route.rate_limit]
rate = "1/s"
#@ route.rate_limit
[route.once]
#@ route.once repeat in_flight lease answer_limit
[[route]]
name = "sorted"
path = "/sorted"
scheme = "sorted"
keys = ["k"]
upstream = "u"
decrypt = "in-place"
decrypt_keys = ["secret"]
[route.once]
in_flight = "wait"
#@ route.once wait
[[route]]
name = "headers"
path = "/headers"
scheme = "sorted"
keys = ["k"]
upstream = "u"
decrypt = "headers"
decrypt_keys = ["secret"]
"#;

/// Writes the files that [`ALL_TABLES`] refers to.
pub(crate) fn write_files(files: &Files) {
    files.write_key("k.pem");
    files.write_certificate("t");
    files.write_secret("shared.txt", "a secret of the shop\n");
    files.write_secret("secret.key", "00112233445566778899aabbccddeeff".repeat(2));
    let private = files.openssl(&["genpkey", "-algorithm", "RSA"]);
    files.write_secret("private.key", private);
}

/// [`ALL_TABLES`] with one key added to its table.
fn with_key(path: &str, key: &str, value: &str) -> String {
    let marker = |line: &str| {
        let mut words = line.strip_prefix("#@")?.split_whitespace();
        let is_table = words.next().unwrap_or_default() == path;
        let mut keys = words.peekable();
        Some(is_table && (keys.peek().is_none() || keys.any(|other| other == key)))
    };
    let line = ALL_TABLES.lines().find(|line| marker(line) == Some(true));
    let line = line.unwrap_or_else(|| panic!("no place for {path} {key}"));
    ALL_TABLES.replace(&format!("{line}\n"), &format!("{key} = {value}\n"))
}

/// The loaded configuration as text.
fn loaded(files: &Files, text: &str) -> String {
    match files.load(text) {
        Ok(loaded) => format!("{:#?}", loaded.config),
        Err(report) => panic!("{report}\n{text}"),
    }
}

#[test]
fn configuration_page_names_the_defaults_there_are() {
    let files = Files::new();
    write_files(&files);
    let without = loaded(&files, ALL_TABLES);
    let mut compared = 0;
    for (whole, default) in defaults() {
        let (path, key) = whole.rsplit_once('.').unwrap_or(("", &whole));
        let text = with_key(path, key, &default);
        assert_eq!(loaded(&files, &text), without, "{whole} = {default}");
        compared += 1;
    }
    assert!(compared >= 35, "{compared}");
    // The comparison detects a difference.
    let other = with_key("route", "body_limit", "\"2MiB\"");
    assert_ne!(loaded(&files, &other), without);
}

/// The TOML blocks on a page.
fn toml_blocks(page: &str) -> Vec<String> {
    let page = fs::read_to_string(page).unwrap();
    page.split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// Writes the key files, and the certificate, that the text refers to.
fn write_keys(files: &Files, text: &str) {
    if text.contains("\"tls/key.pem\"") {
        files.write_certificate("tls/a");
        for (made, named) in [("a.pem", "fullchain.pem"), ("a.key", "key.pem")] {
            let folder = files.path().join("tls");
            fs::rename(folder.join(made), folder.join(named)).unwrap();
        }
    }
    for line in text.lines() {
        if let Some(name) = line
            .strip_prefix("file = \"")
            .and_then(|l| l.strip_suffix('"'))
        {
            if name.ends_with(".key") {
                let private = files.openssl(&["genpkey", "-algorithm", "RSA"]);
                files.write_secret(name, private);
            } else {
                files.write_key(name);
            }
        }
    }
}

#[test]
fn configurations_on_pages_are_valid() {
    let mut complete = 0;
    let mut parts = 0;
    for page in [
        "README.md",
        "docs/configuration.md",
        "docs/decryption.md",
        "docs/schemes.md",
    ] {
        for text in toml_blocks(page) {
            let files = Files::new();
            if text.contains("[[listener]]") {
                write_keys(&files, &text);
                let loaded = files.load(&text);
                let loaded = loaded.unwrap_or_else(|report| panic!("{page}: {report}"));
                for warning in loaded.warnings.diagnostics() {
                    assert_eq!(warning.title, "legacy algorithm", "{page}: {text}");
                }
                complete += 1;
            } else {
                // A fragment refers to tables that are not shown. It must have no other errors.
                let report = files.load(&text).unwrap_err();
                for problem in report.diagnostics() {
                    let expected = [
                        "legacy algorithm",
                        "missing key",
                        "unknown reference",
                        "cannot read the key file",
                        "cannot read the file",
                    ];
                    assert!(expected.contains(&problem.title), "{page}: {report}");
                    let whole = report.locate(problem.primary.place).line_and_column;
                    assert!(
                        problem.title != "missing key" || whole.is_none(),
                        "{report}"
                    );
                }
                parts += 1;
            }
        }
    }
    assert!(complete >= 5 && parts >= 6, "{complete} {parts}");
}

#[test]
fn example_configuration_serves_both_providers_and_holds_the_defaults() {
    let loaded = config::load("conf/countersign.toml".as_ref()).unwrap();
    let warnings: Vec<&str> = loaded
        .warnings
        .diagnostics()
        .iter()
        .map(|warning| warning.title)
        .collect();
    assert_eq!(
        warnings,
        ["legacy algorithm"],
        "SGate's MD5, and nothing else"
    );

    let config = loaded.config;
    let schemes: Vec<&str> = config
        .routes
        .iter()
        .map(|route| route.policy.scheme.name.as_str())
        .collect();
    assert_eq!(schemes, ["cheezeepay", "sgate"]);

    let files = Files::new();
    write_files(&files);
    let mut defaults = files.load(ALL_TABLES).unwrap().config;
    let route = &defaults.routes[0];
    for configured in &config.routes {
        assert_eq!(configured.upstream.target, UpstreamTarget::Echo);
        assert_eq!(configured.methods, route.methods);
        assert_eq!(configured.body_limit, route.body_limit);
        assert_eq!(configured.success_as_200, route.success_as_200);
        assert_eq!(configured.policy.max_age, configured.policy.scheme.max_age);
    }
    assert_eq!(config.listeners[0].http2, defaults.listeners[0].http2);
    // A pid file, sockets, captures, listeners and routes have no defaults.
    let rest = |config: &mut Config| {
        config.pid_file = None;
        (config.control, config.capture, config.log.audit) = (None, None, None);
        config.listeners.clear();
        config.routes.clear();
    };
    let mut config = config;
    rest(&mut config);
    rest(&mut defaults);
    // `ALL_TABLES` has secrets, the example has none.
    assert!(!config.holds_secrets());
    let defaults = format!("{defaults:#?}").replace("secrets: true", "secrets: false");
    assert_eq!(format!("{config:#?}"), defaults);
}

/// AWS's and most others keep an idle connection for 60 s. Whoever sends requests should close
/// first: a request that crosses the other side's close is lost.
#[test]
fn idle_clients_are_kept_longer_than_by_load_balancers() {
    let files = Files::new();
    write_files(&files);
    let config = files.load(ALL_TABLES).unwrap().config;
    assert_eq!(config.timeouts.keepalive.as_secs(), 75);
}

#[test]
fn commented_values_of_the_example_configuration_are_the_defaults() {
    let text = fs::read_to_string("conf/countersign.toml").unwrap();
    let commented: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| line.contains("_timeout = ") || line.starts_with("keepalive = "))
        .map(|line| line.split('#').next().unwrap().trim())
        .collect();
    assert_eq!(commented.len(), 4);
    let files = Files::new();
    write_files(&files);
    let without = loaded(&files, ALL_TABLES);
    for line in commented {
        let (key, value) = line.split_once(" = ").unwrap();
        assert_eq!(loaded(&files, &with_key("upstream", key, value)), without);
    }
}

/// The files that may contain a test of this name, as `cargo test` prints it.
fn files_of(modules: &[&str]) -> Vec<PathBuf> {
    let modules = match modules {
        [all @ .., "tests"] => all,
        all => all,
    };
    let (places, modules): (&[&str], _) = match modules {
        ["countersign_verify", all @ ..] => (&["crates/verify/src"], all),
        all => (&["tests/it", "src", "src/proxy"], all),
    };
    let path = modules.join("/");
    let ends = [".rs", "/mod.rs", "/tests.rs"];
    let mut files = Vec::new();
    for place in places {
        files.extend(ends.map(|end| PathBuf::from(format!("{place}/{path}{end}"))));
    }
    files.retain(|file| file.exists());
    files
}

#[test]
fn hardening_page_names_tests_that_exist() {
    let page = fs::read_to_string("docs/hardening.md").unwrap();
    let names: Vec<&str> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| code.contains("::"))
        .collect();
    assert!(names.len() > 50, "{names:?}");
    for name in names {
        let parts: Vec<&str> = name.split("::").collect();
        let (test, modules) = parts.split_last().unwrap();
        let is_there = files_of(modules).iter().any(|file| {
            fs::read_to_string(file)
                .unwrap()
                .contains(&format!("fn {test}("))
        });
        assert!(is_there, "there is no test `{name}`");
    }
}

/// The pages for readers, relative to the repository root.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("bench/README.md")];
    for folder in ["", "docs"] {
        let entries = fs::read_dir(Path::new(".").join(folder)).unwrap();
        let files = entries.map(|entry| Path::new(folder).join(entry.unwrap().file_name()));
        pages.extend(files.filter(|file| file.extension().is_some_and(|ending| ending == "md")));
    }
    pages
}

/// The anchors that links to a page can use.
fn anchors(page: &Path) -> Vec<String> {
    let page = fs::read_to_string(page).unwrap();
    let headings = page.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let text = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = text
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

#[test]
fn links_on_pages_are_not_broken() {
    let (mut links, mut places) = (0, 0);
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            if link.starts_with("https://") {
                continue;
            }
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            assert!(target.exists(), "{}: {link}", page.display());
            if !place.is_empty() {
                let known = anchors(&target);
                assert!(
                    known.iter().any(|known| known == place),
                    "{}: {link}",
                    page.display()
                );
                places += 1;
            }
            links += 1;
        }
    }
    assert!(links > 100 && places > 50, "{links} {places}");
}
