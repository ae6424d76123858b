//! A damaged configuration is reported without a panic, and every report has an error with a line
//! number.

use countersign::config::Input;
use countersign::config::diagnostic::Severity;

use crate::config_files::Files;

/// Damage is drawn from these characters in turn, so all of them meet all kinds of text.
const STRANGE: &str = "\"'[]{}=#.,\\\n \t\0é\u{2028}-09ax/%";

/// A small configuration with every kind of table and value.
const GOOD: &str = r#"workers = 2
trusted_proxies = ["10.0.0.0/8", '::1']
log.level = "info"
limits = { body = "1MiB", buffer = 268_435_456 }
[timeouts]
header = "1m 30s"
[[listener]]
address = "127.0.0.1:0"
http2 = true
[[key]] # ü
id = "k"
file = "k.pem"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = "{header:X-Sig|unhex}"
timestamp = "{header:X-Time}"
max_age = "5m"
let.b = ["{body|json:php}", '{body|json:js}'] # "
content = [
  '{{"t":{timestamp},"b":{b}}}',
]
[[route]]
name = "r"
host = "*.example.com"
path_prefix = "/r/"
methods = ["POST", "PUT"]
scheme = "s"
key_header = "X-Key"
keys = { "a" = "k", "b" = ["k"] }
upstream = "echo"
fields = { "X-Order" = "/data/0" }
"#;

/// Loads the text; returns whether it is valid.
fn load(files: &Files, text: &str) -> bool {
    load_with(files, text, &[])
}

/// Loads the text with overrides.
fn load_with(files: &Files, text: &str, overrides: &[String]) -> bool {
    let input = Input {
        file: files.write("c.toml", text),
        overrides: overrides.to_vec(),
    };
    let Err(report) = input.load() else {
        return true;
    };
    let with_line = report.diagnostics().iter().any(|problem| {
        let place = report.locate(problem.primary.place);
        problem.severity == Severity::Error && place.line_and_column.is_some()
    });
    assert!(with_line, "{report}\n{text}\n{overrides:?}");
    for (nth, problem) in report.diagnostics().iter().enumerate() {
        let before = &report.diagnostics()[..nth];
        assert!(!before.contains(problem), "told twice: {report}\n{text}");
    }
    // Rendering must not panic either.
    assert!(report.render(true).len() > report.to_string().len());
    false
}

fn files() -> Files {
    let files = Files::new();
    files.write_key("k.pem");
    files
}

/// The text with `length` characters from `at` on replaced.
fn replaced(text: &str, at: usize, length: usize, by: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let (before, rest) = characters.split_at(at);
    let after = rest.iter().skip(length);
    before
        .iter()
        .copied()
        .chain(by.chars())
        .chain(after.copied())
        .collect()
}

#[test]
fn single_characters() {
    let files = files();
    assert!(load(&files, GOOD));
    let strange: Vec<char> = STRANGE.chars().collect();
    let (mut good, mut bad) = (0, 0);
    for (at, character) in GOOD.chars().enumerate() {
        let doubled = character.to_string().repeat(2);
        let other = strange[(at * 7) % strange.len()].to_string();
        for damaged in [
            replaced(GOOD, at, 1, ""),
            replaced(GOOD, at, 1, &doubled),
            replaced(GOOD, at, 1, &other),
        ] {
            match load(&files, &damaged) {
                true => good += 1,
                false => bad += 1,
            }
        }
    }
    // Most damage is detected. The rest is in names, numbers and comments.
    assert!(bad > 3 * good, "{bad} bad, {good} good");
}

#[test]
fn whole_lines() {
    let files = files();
    let lines: Vec<&str> = GOOD.lines().collect();
    for at in 0..lines.len() {
        let mut fewer = lines.clone();
        let line = fewer.remove(at);
        load(&files, &fewer.join("\n"));
        let mut more = lines.clone();
        more.insert(at, line);
        load(&files, &more.join("\n"));
        // Moves a line to the end, and so into another table.
        fewer.push(line);
        load(&files, &fewer.join("\n"));
    }
}

#[test]
fn files_that_end_early() {
    let files = files();
    for at in (1..GOOD.len()).filter(|at| GOOD.is_char_boundary(*at)) {
        let text = GOOD.get(..at).unwrap();
        // A file cut between two tables may lack whole tables, an error that belongs to no line.
        if let Err(report) = files.load(text) {
            assert!(report.count(Severity::Error) > 0, "{text}");
            assert!(!report.render(false).is_empty(), "{text}");
        }
    }
}

#[test]
fn nesting_without_end() {
    let files = files();
    for (open, close) in [("[", "]"), ("{a=", "}"), ("[{a=", "}]")] {
        for close in [close, ""] {
            let deep = format!(
                "workers = {}1{}\n{GOOD}",
                open.repeat(50_000),
                close.repeat(50_000)
            );
            assert!(!load(&files, &deep), "{open}");
        }
    }
    assert!(!load(
        &files,
        &format!("{}\n{GOOD}", "a.".repeat(50_000) + "a = 1")
    ));
    assert!(!load(&files, &format!("{}\n{GOOD}", "[".repeat(50_000))));
}

/// Overrides for all kinds of tables and values.
const OVERRIDES: &[&str] = &[
    "workers=3",
    "log.level = debug",
    "timeouts.body=1m 30s",
    "admin.address=[::1]:0",
    "listener.\"127.0.0.1:0\".http2=false",
    "trusted_proxies=[\"10.0.0.0/8\", 'unix:']",
    "scheme.s.content=[\"{timestamp}.{b}{\"]",
    "route.r.fields.'X-Other'=\"/data/1\"",
    "route.r.keys.c=[\"k\"]",
];

#[test]
fn overrides() {
    let files = files();
    let all: Vec<String> = OVERRIDES.iter().map(|set| (*set).to_owned()).collect();
    // A brace is not closed.
    assert!(!load_with(&files, GOOD, &all));
    let good: Vec<String> = all.iter().map(|set| set.replace("{b}{", "{b}")).collect();
    assert!(load_with(&files, GOOD, &good));
    let strange: Vec<char> = STRANGE.chars().collect();
    let mut bad = 0;
    for (nth, set) in good.iter().enumerate() {
        for (at, character) in set.chars().enumerate() {
            let doubled = character.to_string().repeat(2);
            let other = strange[(at * 7 + nth) % strange.len()].to_string();
            for damaged in [
                replaced(set, at, 1, ""),
                replaced(set, at, 1, &doubled),
                replaced(set, at, 1, &other),
            ] {
                let mut all = good.clone();
                all[nth] = damaged;
                bad += u32::from(!load_with(&files, GOOD, &all));
            }
        }
    }
    assert!(bad > 500, "{bad}");
    // The file itself is damaged.
    for (at, _) in GOOD.chars().enumerate().step_by(5) {
        let other = strange[at % strange.len()].to_string();
        load_with(&files, &replaced(GOOD, at, 1, &other), &good);
    }
    for endless in [
        "a.".repeat(50_000) + "a=1",
        format!("workers={}", "[".repeat(50_000)),
        format!("workers={0}1{1}", "[".repeat(50_000), "]".repeat(50_000)),
    ] {
        assert!(!load_with(&files, GOOD, &[endless]));
    }
}
