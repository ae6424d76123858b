//! What `-t` says of mistakes that people make, in the table of docs/mistakes.md.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use countersign::config::diagnostic::{Diagnostic, Severity};
use countersign::config::{Input, Report};

use crate::config_files::Files;

const PAGE: &str = "docs/mistakes.md";
const HEAD: &str = "| written | marked | what is wrong | what to do |\n|---|---|---|---|\n";

/// A configuration without a mistake.
const GOOD: &str = r#"
[[listener]]
address = "127.0.0.1:0"

[[key]]
id = "platform"
file = "keys/platform.pem"

[[upstream]]
name = "shop"
servers = ["127.0.0.1:9000"]

[[route]]
name = "payin"
path = "/callback"
scheme = "cheezeepay"
keys = ["platform"]
upstream = "shop"
"#;

/// A mistake in the file.
struct Mistake {
    /// What replaces the lines `instead_of`; it stands at the end if those are empty.
    lines: &'static str,
    instead_of: &'static str,
    /// What a reader must know besides the lines.
    about: &'static str,
    /// The text that is marked.
    marked: &'static str,
}

const fn new(lines: &'static str, instead_of: &'static str, marked: &'static str) -> Mistake {
    Mistake {
        lines,
        instead_of,
        about: "",
        marked,
    }
}

impl Mistake {
    const fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    fn text(&self) -> String {
        match self.instead_of {
            "" => format!("{GOOD}{}\n", self.lines),
            // At the top level.
            "\n" => format!("{}\n{GOOD}", self.lines),
            lines => {
                assert_eq!(GOOD.matches(lines).count(), 1, "{lines}");
                GOOD.replace(lines, self.lines)
            }
        }
    }
}

const TOP: &str = "\n";
const LISTENER: &str = "address = \"127.0.0.1:0\"";
const FILE: &str = "file = \"keys/platform.pem\"";
const SERVERS: &str = "servers = [\"127.0.0.1:9000\"]";
const PATH: &str = "path = \"/callback\"";
const SCHEME: &str = "scheme = \"cheezeepay\"";
const KEYS: &str = "keys = [\"platform\"]";
const UPSTREAM: &str = "upstream = \"shop\"";

const MISTAKES: &[Mistake] = &[
    // Keys, words and values.
    new("kyes = [\"platform\"]", KEYS, "kyes"),
    new("scheme = \"cheezepay\"", SCHEME, "\"cheezepay\""),
    new("name = payin", "name = \"payin\"", "payin"),
    new("watch = \"no\"", TOP, "\"no\""),
    new("keys = \"platform\"", KEYS, "\"platform\""),
    new(
        "scheme = \"cheezeepay\"\nbody_limit = \"1 megabyte\"",
        SCHEME,
        "\"1 megabyte\"",
    ),
    new(
        "servers = [\"127.0.0.1:9000\"]\nread_timeout = 3",
        SERVERS,
        "3",
    ),
    new("[log]\nworkers = 2", TOP, "workers"),
    new("worker_processes = 2", TOP, "worker_processes"),
    new("listen = \"127.0.0.1:0\"", LISTENER, "listen"),
    new(
        "path = \"/callback\"\nclient_max_body_size = \"1MiB\"",
        PATH,
        "client_max_body_size",
    ),
    new(
        "servers = [\"127.0.0.1:9000\"]\nfail_timeout = \"30s\"",
        SERVERS,
        "fail_timeout",
    ),
    new("[log]\nlevel = \"verbose\"", TOP, "\"verbose\""),
    new("include = \"merchants\"", TOP, "\"merchants\"").about("there is no such directory"),
    new("user = \"countersing\"", TOP, "\"countersing\"").about("there is no such user"),
    new(
        "[log]\naccess = \"logs/access.log\"",
        TOP,
        "\"logs/access.log\"",
    )
    .about("there is no such directory"),
    new("daemon = true", TOP, "daemon"),
    // Listeners.
    new(
        "address = \"localhost:8080\"",
        LISTENER,
        "\"localhost:8080\"",
    ),
    new("address = \":8080\"", LISTENER, "\":8080\""),
    new(
        "address = \"127.0.0.1:8080\"\n[[listener]]\naddress = \"0.0.0.0:8080\"",
        LISTENER,
        "\"0.0.0.0:8080\"",
    ),
    new("trusted_proxies = [\"0.0.0.0/0\"]", TOP, "[\"0.0.0.0/0\"]"),
    new("trusted_proxies = [\"0.0.0.0\"]", TOP, "\"0.0.0.0\""),
    new(
        "trusted_proxies = [\"::ffff:0:0/96\"]",
        TOP,
        "\"::ffff:0:0/96\"",
    ),
    new("trusted_proxies = [\"10.0.0.5/8\"]", TOP, "\"10.0.0.5/8\""),
    new(
        "address = \"127.0.0.1:0\"\ntls = { certificates = [{ cert = \"tls.key\", key = \"tls.pem\" }] }",
        LISTENER,
        "\"tls.key\"",
    ),
    new(
        "address = \"127.0.0.1:0\"\ntls = { cert = \"tls.pem\", key = \"tls.key\" }",
        LISTENER,
        "key",
    ),
    new(
        "address = \"127.0.0.1:0\"\ntls = { certificates = [{ cert = \"tls.pem\", key = \"other.key\" }] }",
        LISTENER,
        "\"other.key\"",
    ),
    new(
        "[admin]\naddress = \"0.0.0.0:9180\"",
        TOP,
        "\"0.0.0.0:9180\"",
    ),
    // Keys of platforms.
    new(
        "file = \"keys/platfrom.pem\"",
        FILE,
        "\"keys/platfrom.pem\"",
    ),
    new("file = \"keys/cut.pem\"", FILE, "\"keys/cut.pem\"")
        .about("only the first half was copied"),
    new("file = \"keys/private.pem\"", FILE, "\"keys/private.pem\"")
        .about("the merchant's own private key"),
    new("file = \"keys/open.pem\"", FILE, "\"keys/open.pem\"").about("mode 0666"),
    new("file = \"keys\"", FILE, "\"keys\"").about("a directory"),
    new(
        "[[key]]\nid = \"platform\"\nfile = \"keys/other.pem\"",
        "",
        "\"platform\"",
    ),
    new(
        "[[key]]\nid = \"platform-2027\"\nfile = \"keys/platform.pem\"",
        "",
        "\"platform-2027\"",
    ),
    new("keys = [\"plattform\"]", KEYS, "\"plattform\""),
    new("keys = [\"platform\", \"platform\"]", KEYS, "\"platform\""),
    // Routes.
    new("host = \"_\"\npath = \"/callback\"", PATH, "\"_\""),
    new(
        "host = \"https://pay.example.com/\"\npath = \"/callback\"",
        PATH,
        "\"https://pay.example.com/\"",
    ),
    new("path = \"callback\"", PATH, "\"callback\""),
    new("path = \"/callback/*\"", PATH, "\"/callback/*\""),
    new("path = '^/callback/[0-9]+$'", PATH, "'^/callback/[0-9]+$'"),
    new("path = \"/callback/:id\"", PATH, "\"/callback/:id\""),
    new(
        "path = \"/callback?from=shop\"",
        PATH,
        "\"/callback?from=shop\"",
    ),
    new("path = \"/callback\"\nmethods = [\"*\"]", PATH, "\"*\""),
    new(
        "path = \"/callback\"\nmethods = [\"post\"]",
        PATH,
        "\"post\"",
    ),
    new(
        "path = \"/callback\"\nmethods = [\"POTS\"]",
        PATH,
        "\"POTS\"",
    ),
    new(
        "path = \"/callback\"\nupstream_path = \"/old/$1\"",
        PATH,
        "\"/old/$1\"",
    ),
    new(
        "[[route]]\nname = \"payout\"\npath = \"/callback\"\nscheme = \"cheezeepay\"\nkeys = [\"platform\"]\nupstream = \"shop\"",
        "",
        "\"/callback\"",
    ),
    new(
        "scheme = \"cheezeepay\"\nmax_age = \"5m\"",
        SCHEME,
        "max_age",
    ),
    new("scheme = \"sgate\"\nmax_age = \"off\"", SCHEME, "max_age"),
    new(
        "upstream = \"shop\"\nrate_limit = { rate = \"10r/s\" }",
        UPSTREAM,
        "\"10r/s\"",
    ),
    new(
        "upstream = \"shop\"\nonce = { keep = \"1h\" }",
        UPSTREAM,
        "once",
    ),
    new(
        "upstream = \"shop\"\nonce = true\nretry = [\"connect\", \"timeout\"]",
        UPSTREAM,
        "retry",
    ),
    new("upstream = \"shop\"\nsuccess = {}", UPSTREAM, "{}"),
    new("", UPSTREAM, "[[route]]").about("without `upstream`"),
    // Upstreams.
    new("servers = [\"127.0.0.1\"]", SERVERS, "\"127.0.0.1\""),
    new(
        "servers = [\"http://127.0.0.1:9000/notify\"]",
        SERVERS,
        "\"http://127.0.0.1:9000/notify\"",
    ),
    new(
        "servers = [\"tcp://127.0.0.1:9000\"]",
        SERVERS,
        "\"tcp://127.0.0.1:9000\"",
    ),
    new(
        "servers = [\"fcgi://127.0.0.1:9000\"]",
        SERVERS,
        "\"fcgi://127.0.0.1:9000\"",
    ),
    new(
        "[[upstream]]\nname = \"old\"\nservers = [\"127.0.0.1:9001\"]",
        "",
        "\"old\"",
    ),
    // Schemes of one's own.
    new(SCHEME_WITHOUT_BODY, "", "content"),
    new(SCHEME_WITH_ESCAPE, "", "'{timestamp}\\n{body}'"),
    new(SCHEME_WITH_DIGEST, "", "\"{body}\""),
    new(SCHEME_WITHOUT_FORM, "", "[[scheme]]"),
    // Warnings.
    new("accept_warnings = [\"fail_opne\"]", TOP, "\"fail_opne\""),
    new("accept_warnings = [\"fail_open\"]", TOP, "\"fail_open\""),
];

const SCHEME_WITHOUT_BODY: &str = r#"[[scheme]]
name = "acme"
algorithm = "rsa-sha256"
signature = "{header:X-Signature|unbase64}"
content = "{header:X-Order}""#;
const SCHEME_WITH_ESCAPE: &str = r#"[[scheme]]
name = "acme"
algorithm = "rsa-sha256"
signature = "{header:X-Signature|unbase64}"
timestamp = "{header:X-Time}"
max_age = "5m"
content = '{timestamp}\n{body}'"#;
const SCHEME_WITHOUT_FORM: &str = r#"[[scheme]]
name = "acme"
algorithm = "ecdsa-p256-sha256"
signature = "{header:X-Signature|unbase64}"
content = "{body}""#;
const SCHEME_WITH_DIGEST: &str = r#"[[scheme]]
name = "acme"
algorithm = "sha256"
signature = "{header:X-Signature|unbase64}"
content = "{body}""#;

/// Mistakes on the command line, with the text that is marked.
const SETS: &[(&str, &str)] = &[
    ("workers=lots", "lots"),
    ("workers", "workers"),
    ("wokers=2", "wokers"),
    ("log.levle=debug", "levle"),
    ("log.level=verbose", "verbose"),
    ("log=debug", "log"),
    ("limits.body=1 megabyte", "1 megabyte"),
    ("limits.connections_per_client=0", "0"),
    ("timeouts.body=30", "30"),
    ("listener.0.address=127.0.0.1:8080", "0"),
    ("route.payin.keys=platform", "platform"),
    ("route.payout.path=/callback", "payout"),
];

/// Writes the files that the configurations refer to.
fn files() -> Files {
    let files = Files::new();
    files.write_key("keys/platform.pem");
    files.write(
        "keys/other.pem",
        fs::read("conf/keys/sgate-demo.pem").unwrap(),
    );
    let key = fs::read_to_string("conf/keys/cheezeepay.pem").unwrap();
    files.write("keys/cut.pem", &key[..key.len() / 2]);
    let private = files.openssl(&["genpkey", "-algorithm", "RSA"]);
    files.write("keys/private.pem", private);
    let open = files.write_key("keys/open.pem");
    fs::set_permissions(open, Permissions::from_mode(0o666)).unwrap();
    for name in ["tls", "other"] {
        files.write_certificate(name);
        let key = files.path().join(format!("{name}.key"));
        fs::set_permissions(key, Permissions::from_mode(0o600)).unwrap();
    }
    files
}

/// The problems of a configuration: the report of errors, or the warnings.
fn problems(input: &Input) -> Report {
    match input.load() {
        Ok(loaded) => loaded.warnings,
        Err(report) => report,
    }
}

/// The first problem whose place begins with this text; the rest of its line is shown.
fn marked<'a>(report: &'a Report, text: &str, marked: &str) -> &'a Diagnostic {
    let is_marked = |problem: &&Diagnostic| {
        let location = report.locate(problem.primary.place);
        let Some((line, column)) = location.line_and_column else {
            return false;
        };
        let line = text.lines().nth(line - 1).unwrap_or_default();
        let rest: String = line.chars().skip(column - 1).collect();
        rest.starts_with(marked)
    };
    let found = report.diagnostics().iter().find(is_marked);
    found.unwrap_or_else(|| panic!("nothing marks {marked}\n{report}\n{text}"))
}

/// One row: what is written, what it marks, what is wrong, what to do.
fn row(written: &str, marked: &str, problem: &Diagnostic, directory: &str) -> String {
    let kind = match problem.name {
        Some(name) => format!("warning `{name}`"),
        None => "error".to_owned(),
    };
    assert_eq!(
        problem.name.is_some(),
        problem.severity == Severity::Warning
    );
    let help = problem.help.as_deref().unwrap_or_default();
    assert!(!help.is_empty(), "no help: {problem:?}");
    let cells = [
        written.to_owned(),
        format!("`{marked}`"),
        format!("{kind}: {}: {}", problem.title, problem.primary.text),
        help.to_owned(),
    ];
    let cells = cells.map(|cell| {
        let cell = cell.replace(directory, "");
        cell.replace('|', "\\|").replace('\n', " ")
    });
    format!("| {} |\n", cells.join(" | "))
}

fn shown(directory: &Files) -> String {
    format!("{}/", directory.path().display())
}

fn rows_of_files() -> String {
    let files = files();
    let mut rows = String::new();
    for mistake in MISTAKES {
        let text = mistake.text();
        let report = problems(&Input::from(files.write("c.toml", &text).as_path()));
        let problem = marked(&report, &text, mistake.marked);
        let lines: Vec<String> = mistake
            .lines
            .lines()
            .map(|line| format!("`{line}`"))
            .collect();
        let mut written = lines.join("<br>");
        if !mistake.about.is_empty() {
            let separator = if written.is_empty() { "" } else { " " };
            written.push_str(&format!("{separator}({})", mistake.about));
        }
        rows.push_str(&row(&written, mistake.marked, problem, &shown(&files)));
    }
    rows
}

fn rows_of_overrides() -> String {
    let files = files();
    let mut rows = String::new();
    for (set, at) in SETS {
        let input = Input {
            file: files.write("c.toml", GOOD),
            overrides: vec![(*set).to_owned()],
        };
        let report = problems(&input);
        assert!(report.count(Severity::Error) > 0, "{set}");
        let problem = marked(&report, set, at);
        rows.push_str(&row(&format!("`{set}`"), at, problem, &shown(&files)));
    }
    rows
}

#[test]
fn the_configuration_without_a_mistake_gives_no_warning() {
    let files = files();
    let report = problems(&Input::from(files.write("c.toml", GOOD).as_path()));
    assert!(report.is_empty(), "{report}");
}

#[test]
fn every_mistake_is_told_with_place_cause_and_mend() {
    assert!(MISTAKES.len() >= 40 && SETS.len() >= 10);
    let mut page = fs::read_to_string(PAGE).unwrap();
    assert!(page.contains(&format!("```toml{GOOD}```\n")));
    for (name, rows) in [
        ("in a file", rows_of_files()),
        ("in --set", rows_of_overrides()),
    ] {
        let begin = format!("<!-- {name} -->\n");
        let (before, rest) = page.split_once(&begin).unwrap();
        let (table, after) = rest.split_once("<!-- end -->").unwrap();
        let expected = format!("{HEAD}{rows}");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            page = format!("{before}{begin}{expected}<!-- end -->{after}");
            fs::write(PAGE, &page).unwrap();
        } else {
            assert_eq!(table, expected, "run the tests once with UPDATE_DOCS=1");
        }
    }
}
