//! Faults on either side of the proxy, as data. Each row is a fault at a phase, with what the
//! provider and the backend saw and what the log says. docs/faults.md shows the rows.

mod client;
mod client_http2;
mod clock;
mod drip;
mod page;
mod upstream;

/// A row on that page.
struct Shown {
    phase: &'static str,
    fault: &'static str,
    provider: String,
    backend: String,
    log: String,
}

/// The requests that reached a backend, in words.
fn in_words(whole: usize, partial: usize) -> String {
    match (whole, partial) {
        (0, 0) => "nothing".to_owned(),
        (whole, 0) => format!("{whole} whole"),
        (0, partial) => format!("{partial} in part"),
        both => format!("{} whole, {} in part", both.0, both.1),
    }
}

/// A reason as the page shows it; `-` for none.
fn in_log(reason: Option<&str>) -> String {
    reason.map_or("-".to_owned(), |reason| format!("`{reason}`"))
}
