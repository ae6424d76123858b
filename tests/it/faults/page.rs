//! docs/faults.md shows the rows that were tested.

use std::fs;

use super::{Shown, client, client_http2, upstream};

fn table(rows: &[Shown]) -> String {
    let lines = rows.iter().map(|row| {
        let Shown {
            phase,
            fault,
            provider,
            backend,
            log,
        } = row;
        format!("| {phase} | {fault} | {provider} | {backend} | {log} |\n")
    });
    lines.collect()
}

#[test]
fn the_page_shows_every_row() {
    let path = "docs/faults.md";
    let mut page = fs::read_to_string(path).unwrap();
    let before = page.clone();
    let mut clients = client::shown();
    clients.extend(client_http2::shown());
    for (name, rows) in [("upstream", upstream::shown()), ("client", clients)] {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end {name} -->"));
        let (head, rest) = page.split_once(&begin).unwrap();
        let (_, tail) = rest.split_once(&end).unwrap();
        let titles =
            "| phase | fault | provider | backend | reason in the log |\n|---|---|---|---|---|\n";
        page = format!("{head}{begin}{titles}{}{end}{tail}", table(&rows));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, &page).unwrap();
    } else {
        assert_eq!(page, before, "run the tests once with UPDATE_DOCS=1");
    }
}
