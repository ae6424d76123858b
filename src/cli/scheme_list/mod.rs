//! What `countersign schemes` prints: the catalogue as a list, or a file of it.

mod listed_scheme;

use std::io::{self, Write};
use std::process::ExitCode;

use crate::config::catalogue::ShippedFile;
use crate::config::{shipped_schemes, similar_scheme};
use listed_scheme::ListedScheme;

/// Prints the file with a scheme.
pub(super) fn print(
    name: &str,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<ExitCode> {
    if let Some(file) = ShippedFile::with_scheme(name) {
        out.write_all(file.text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let help = match similar_scheme(name) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`countersign schemes` lists them all".to_owned(),
    };
    let name = name.escape_debug();
    writeln!(
        err,
        "countersign: no scheme `{name}` comes with Countersign: {help}"
    )?;
    Ok(ExitCode::FAILURE)
}

/// Prints what there is to choose from.
pub(super) fn list(json: bool, out: &mut impl Write, err: &mut impl Write) -> io::Result<ExitCode> {
    let schemes = match shipped_schemes() {
        Ok(schemes) => schemes,
        Err(report) => {
            write!(err, "{}", report.render(false))?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let listed: Vec<ListedScheme> = schemes.iter().map(ListedScheme::of).collect();
    if json {
        let list: Vec<_> = listed.iter().map(ListedScheme::as_json).collect();
        serde_json::to_writer_pretty(&mut *out, &list)?;
        writeln!(out)?;
    } else {
        table(&listed, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints columns, each as wide as its longest entry.
fn table(listed: &[ListedScheme], out: &mut impl Write) -> io::Result<()> {
    let head = ["SCHEME", "PROVIDER", "ALGORITHM", "CALLBACK", "EVIDENCE"].map(str::to_owned);
    let rows: Vec<_> = { [head].into_iter() }
        .chain(listed.iter().map(ListedScheme::columns))
        .collect();
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in &rows {
        let cells = row.iter().zip(widths);
        let line: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        writeln!(out, "{}", line.join("  ").trim_end())?;
    }
    Ok(())
}
