//! Captured requests for people. What strangers sent is never written as it is: it could change what the
//! terminal shows.

use std::io::{self, Write};

use super::time;
use crate::control::{CaptureList, CaptureSummary, SentCapture, UnreadCapture};
use crate::ops::escape::visible;

/// The longest target in a list, in characters.
const LONGEST: usize = 60;

/// One line for each.
pub(in crate::cli) fn tell_list(list: &CaptureList, out: &mut impl Write) -> io::Result<()> {
    for one in &list.captures {
        let time = humantime::format_rfc3339_millis(time(one.time));
        let target = shown(&one.target);
        let cut = match target.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", target.get(..end).unwrap_or(&target)),
            None => target,
        };
        writeln!(
            out,
            "{}  {time}  {}  {}  {}  {} {cut}  {}",
            shown(&one.id),
            shown(&one.client),
            shown(&one.route),
            why(one),
            shown(&one.method),
            size(one),
        )?;
    }
    let more = list.total.saturating_sub(list.captures.len());
    if more > 0 {
        writeln!(out, "({more} older ones; `--limit` shows more)")?;
    }
    Ok(())
}

/// All of one.
pub(in crate::cli) fn tell(
    capture: &SentCapture,
    out: &mut impl Write,
) -> io::Result<Result<(), UnreadCapture>> {
    let (request, lines) = match (capture.request(), capture.lines()) {
        (Ok(request), Ok(lines)) => (request, lines),
        _ => return Ok(Err(UnreadCapture)),
    };
    let about = &capture.summary;
    let time = humantime::format_rfc3339_millis(time(about.time));
    for (name, value) in [
        ("id", shown(&about.id)),
        ("time", time.to_string()),
        ("client", shown(&about.client)),
        ("route", shown(&about.route)),
        ("reason", why(about)),
    ] {
        writeln!(out, "{name:<8}{value}")?;
    }
    writeln!(out)?;
    writeln!(out, "{} {}", shown(&about.method), visible(&request.target))?;
    for (name, value) in lines {
        writeln!(out, "{}: {}", shown(&name), visible(&value))?;
    }
    writeln!(out)?;
    writeln!(out, "body: {}", size(about))?;
    for line in request.body.split(|byte| *byte == b'\n') {
        writeln!(out, "| {}", visible(line))?;
    }
    if about.is_cut() {
        writeln!(out, "(the rest was not kept)")?;
    }
    Ok(Ok(()))
}

fn why(about: &CaptureSummary) -> String {
    match &about.at {
        Some(at) => format!("{} at {}", shown(&about.reason), shown(at)),
        None => shown(&about.reason),
    }
}

fn size(about: &CaptureSummary) -> String {
    match about.is_cut() {
        true => format!("{} of {} bytes", about.kept, about.body),
        false => format!("{} bytes", about.body),
    }
}

fn shown(text: &str) -> String {
    visible(text.as_bytes())
}
