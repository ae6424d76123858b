//! The documents say what the code says.

use std::fs;

use countersign::proxy::Fault;
use countersign::verify::Reason;

/// The rows of a table whose first cell is code: (first cell, the others).
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
