//! Tables in the docs that a test generates: one row per case, one column per program.

use std::fs;
use std::sync::Mutex;

/// The page of most tables.
const PAGE: &str = "docs/security.md";

/// The results of one program for all cases.
pub(crate) struct Column {
    name: String,
    /// Another program is only compared with the page if the page shows this version.
    version: Option<String>,
    cells: Vec<String>,
}

impl Column {
    pub(crate) fn new(name: &str, cells: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            version: None,
            cells,
        }
    }

    pub(crate) fn of(mut self, version: &str) -> Self {
        self.version = Some(version.to_owned());
        self
    }

    /// What it shows of each case.
    pub(crate) fn cells(&self) -> &[String] {
        &self.cells
    }

    fn title(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.clone(),
        }
    }
}

/// A table between `<!-- name -->` and `<!-- end name -->`.
pub(crate) struct Table {
    page: &'static str,
    marker: &'static str,
    title: &'static str,
    columns: Vec<Column>,
}

impl Table {
    pub(crate) fn new(marker: &'static str, title: &'static str, columns: Vec<Column>) -> Self {
        Self {
            page: PAGE,
            marker,
            title,
            columns,
        }
    }

    /// Puts it on another page.
    pub(crate) fn on(mut self, page: &'static str) -> Self {
        self.page = page;
        self
    }

    /// Compares the table with the page, or writes it there if UPDATE_DOCS=1.
    pub(crate) fn check(&self, rows: &[&str]) {
        static PAGE_LOCK: Mutex<()> = Mutex::new(());
        let _held = PAGE_LOCK.lock().unwrap();
        let (file, marker) = (self.page, self.marker);
        let page = fs::read_to_string(file).unwrap();
        let (begin, end) = (
            format!("<!-- {marker} -->\n"),
            format!("<!-- end {marker} -->"),
        );
        let (head, rest) = page.split_once(&begin).unwrap();
        let (shown, tail) = rest.split_once(&end).unwrap();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let text = self.text(rows);
            fs::write(file, format!("{head}{begin}{text}{end}{tail}")).unwrap();
            return;
        }
        let shown: Vec<Vec<&str>> = shown.lines().map(cells).collect();
        let titles = shown
            .first()
            .expect("run the tests once with UPDATE_DOCS=1");
        let listed: Vec<&str> = shown[2..].iter().map(|row| row[0]).collect();
        assert_eq!(listed, rows, "run the tests once with UPDATE_DOCS=1");
        for column in &self.columns {
            let at = titles.iter().position(|title| *title == column.title());
            // Another version of a backend may behave differently.
            let Some(at) = at else {
                assert!(column.version.is_some(), "{} is not in {file}", column.name);
                continue;
            };
            for (row, cell) in shown[2..].iter().zip(&column.cells) {
                let place = format!("{}: {}: UPDATE_DOCS=1 writes {file}", column.name, row[0]);
                assert_eq!(row[at], cell, "{place}");
            }
        }
    }

    fn text(&self, rows: &[&str]) -> String {
        let titles: Vec<String> = self.columns.iter().map(Column::title).collect();
        let rule = "---|".repeat(titles.len() + 1);
        let mut text = format!("| {} | {} |\n|{rule}\n", self.title, titles.join(" | "));
        for (nth, row) in rows.iter().enumerate() {
            let cells = self.columns.iter().map(|column| &*column.cells[nth]);
            let cells: Vec<&str> = cells.collect();
            text.push_str(&format!("| {row} | {} |\n", cells.join(" | ")));
        }
        text
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split(" | ").map(str::trim).collect()
}
