//! The page on the configuration names every field of the access log's lines, in their order.

use std::sync::mpsc;
use std::time::Duration;

use countersign::config::AccessFormat;
use countersign::ops::access_log::{AccessLog, Caller, Entry};
use countersign::ops::line_sink::LineSink;
use countersign::ops::log_output::{Failed, Output};
use log::Level;

/// A row of the table: the field's name in JSON, that in text where it has one, and what it says.
struct Row {
    json: String,
    text: Option<String>,
    value: String,
}

fn rows() -> Vec<Row> {
    let page = std::fs::read_to_string("docs/configuration.md").unwrap();
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

impl Output for Lines {
    fn write_lines(&mut self, lines: &[u8]) -> Result<(), Failed> {
        // The test may have all that it wants.
        let _ = self.0.send(String::from_utf8(lines.to_vec()).unwrap());
        Ok(())
    }
}

fn line(format: AccessFormat, sample_success: f64, entry: &Entry<'_>) -> String {
    let (sender, lines) = mpsc::channel();
    let sink = LineSink::start("test".to_owned(), Lines(sender)).unwrap();
    AccessLog::new(sink, Level::Info, format, sample_success).write(entry);
    // The sink is gone, so all of it has been written or will be.
    lines.iter().collect()
}

/// The names in a line of JSON.
fn json(sample_success: f64, entry: &Entry<'_>) -> Vec<String> {
    let line = line(AccessFormat::Json, sample_success, entry);
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
    fields.into_iter().map(|(name, _)| name).collect()
}

/// The names in a line of text.
fn text(sample_success: f64, entry: &Entry<'_>) -> Vec<String> {
    let line = line(AccessFormat::Text, sample_success, entry);
    let (_, fields) = line.split_once("\" 200 ").unwrap();
    let names = fields.trim_end().split(' ');
    names
        .map(|field| field.split_once('=').unwrap().0.to_owned())
        .collect()
}

#[test]
fn are_those_of_the_page_in_its_order() {
    let plain = Entry {
        status: 200,
        ..Entry::default()
    };
    let full = Entry {
        client: Caller {
            peer: Some(([10, 0, 0, 1], 4711).into()),
            ..Caller::default()
        },
        detail: Some("key_id:a"),
        ambiguous: Some("field:a"),
        decrypted: Some(1),
        decrypt_failed: Some(0),
        decrypt: Some(Duration::ZERO),
        ..plain.clone()
    };
    let all = rows();
    let always = || all.iter().filter(|row| !row.value.contains(": only "));
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
    // What else a line of text has stands in front of its names.
    let unnamed = all.iter().filter(|row| row.text.is_none());
    assert_eq!(unnamed.count(), 6);
}
