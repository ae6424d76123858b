//! docs/configuration.md lists every field of the access log, in order, and every variable.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::mpsc;
use std::time::Duration;

use countersign::config::AccessFormat;
use countersign::ops::access_log::AccessLog;
use countersign::ops::line_sink::LineSink;
use countersign::ops::log_output::{Failed, LogOutput};
use countersign::record::{
    Caller, Decrypted, FACTS, Fact, Finished, InText, WhenAbsent, variables,
};
use log::Level;

const PAGE: &str = "docs/configuration.md";

/// How the page marks a field that is not on every line.
const LEFT_OUT: &str = "; left out if missing";

/// A row of the table: the field's name in JSON, its name in text if any, and its value.
struct Row {
    json: String,
    text: Option<String>,
    value: String,
}

fn rows() -> Vec<Row> {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (_, section) = page.split_once("\n## Fields of the access log\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let code = |cell: &str| Some(cell.strip_prefix('`')?.strip_suffix('`')?.to_owned());
    let lines = section.lines().filter(|line| line.starts_with("| `"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches(['|', ' ']).splitn(3, " | ").collect();
            Row {
                json: code(cells[0]).unwrap(),
                text: code(cells[1]),
                value: cells[2].to_owned(),
            }
        })
        .collect()
}

struct Lines(mpsc::Sender<String>);

impl LogOutput for Lines {
    fn write_lines(&mut self, lines: &[u8]) -> Result<(), Failed> {
        // The test may have stopped receiving.
        let _ = self.0.send(String::from_utf8(lines.to_vec()).unwrap());
        Ok(())
    }
}

fn line(format: AccessFormat, sample_success: f64, request: &Finished) -> String {
    let (sender, lines) = mpsc::channel();
    let sink = LineSink::start("test".to_owned(), Lines(sender)).unwrap();
    AccessLog::new(sink, Level::Info, format, sample_success).write(request);
    // The sink is dropped, so all lines have been written or soon will be.
    lines.iter().collect()
}

/// The names in a JSON line.
fn json(sample_success: f64, request: &Finished) -> Vec<String> {
    let line = line(AccessFormat::Json, sample_success, request);
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
    fields.into_iter().map(|(name, _)| name).collect()
}

/// The names in a text line.
fn text(sample_success: f64, request: &Finished) -> Vec<String> {
    let line = line(AccessFormat::Text, sample_success, request);
    let (_, fields) = line.split_once("\" 200 ").unwrap();
    let names = fields.trim_end().split(' ');
    names
        .map(|field| field.split_once('=').unwrap().0.to_owned())
        .collect()
}

#[test]
fn log_lines_have_the_documented_fields_in_order() {
    let plain = Finished {
        status: 200,
        ..Finished::default()
    };
    let full = Finished {
        caller: Caller {
            peer: Some(([10, 0, 0, 1], 4711).into()),
            ..Caller::default()
        },
        detail: Some("key_id:a".to_owned()),
        identity: Some("a".to_owned()),
        ambiguous: Some("field:a".to_owned()),
        decrypt: Some(Decrypted {
            values: 1,
            failed: 0,
            time: Duration::ZERO,
        }),
        ..plain.clone()
    };
    let all = rows();
    let always = || all.iter().filter(|row| !row.value.ends_with(LEFT_OUT));
    let json_names = |rows: &mut dyn Iterator<Item = &Row>| -> Vec<String> {
        rows.map(|row| row.json.clone()).collect()
    };
    let text_names = |rows: &mut dyn Iterator<Item = &Row>| -> Vec<String> {
        rows.filter_map(|row| row.text.clone()).collect()
    };
    assert_eq!(json(0.5, &full), json_names(&mut all.iter()));
    assert_eq!(text(0.5, &full), text_names(&mut all.iter()));
    assert_eq!(json(1.0, &plain), json_names(&mut always()));
    assert_eq!(text(1.0, &plain), text_names(&mut always()));
    // The other parts of a text line come before the names.
    let unnamed = all.iter().filter(|row| row.text.is_none());
    assert_eq!(unnamed.count(), 6);
}

/// A row of the table of fields, if JSON lines contain the fact.
fn field_row(fact: &Fact) -> Option<String> {
    let text = match fact.text {
        InText::Head(place) => place.to_owned(),
        InText::Named(name) => format!("`{name}`"),
        InText::Nowhere => panic!("{fact:?} is in JSON, but not in text"),
    };
    let left_out = match fact.absent {
        WhenAbsent::LeftOut => LEFT_OUT,
        WhenAbsent::Shown | WhenAbsent::As(_) => "",
    };
    let (json, meaning) = (fact.json?, fact.meaning);
    Some(format!("| `{json}` | {text} | {meaning}{left_out} |\n"))
}

#[test]
fn the_configuration_page_has_the_tables_of_facts() {
    let mut fields = String::new();
    for fact in FACTS.iter().filter(|fact| fact.json.is_some()) {
        fields.extend(field_row(fact));
    }
    let mut named = String::new();
    for fact in variables() {
        let name = fact.variable.unwrap();
        writeln!(named, "| `${name}` | {} |", fact.meaning).unwrap();
    }
    let mut page = std::fs::read_to_string(PAGE).unwrap();
    let before = page.clone();
    for (head, table) in [
        ("\n| JSON | text | value |\n|---|---|---|\n", fields),
        ("\n| variable | value |\n|---|---|\n", named),
    ] {
        let (front, rest) = page.split_once(head).unwrap();
        let (_, behind) = rest.split_once("|\n\n").unwrap();
        page = format!("{front}{head}{table}\n{behind}");
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, page).unwrap();
    } else {
        assert_eq!(page, before, "run the tests once with UPDATE_DOCS=1");
    }
}

#[test]
fn each_name_belongs_to_one_fact() {
    let in_text = |fact: &'static Fact| match fact.text {
        InText::Named(name) => Some(name),
        InText::Head(_) | InText::Nowhere => None,
    };
    let kinds: [fn(&'static Fact) -> Option<&'static str>; 3] =
        [|fact| fact.json, in_text, |fact| fact.variable];
    for name_of in kinds {
        let names: Vec<_> = FACTS.iter().filter_map(name_of).collect();
        let distinct: HashSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{names:?}");
    }
    for fact in FACTS {
        assert!(fact.json.is_some() || fact.variable.is_some(), "{fact:?}");
        assert!(!fact.meaning.is_empty(), "{fact:?}");
    }
}
