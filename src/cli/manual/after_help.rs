//! What stands behind the options in a help, as sections of a manual page.

/// The headings of such a text, and the sections that they become. What stands before the first is text.
const SECTIONS: &[(&str, &str)] = &[("Exit codes:", "EXIT STATUS"), ("Examples:", "EXAMPLES")];

/// The sections, with the lines of lists as they are.
pub(super) fn sections(help: &str) -> String {
    let mut roff = String::new();
    let mut section = None;
    for line in help.lines() {
        let mut known = SECTIONS.iter();
        if let Some((_, name)) = known.find(|(heading, _)| *heading == line) {
            roff.push_str(if section.is_some() { ".fi\n" } else { "" });
            roff.push_str(&format!(".SH {name}\n.nf\n"));
            section = Some(*name);
            continue;
        }
        if roff.is_empty() {
            roff.push_str(".SH NOTES\n");
        }
        match line {
            "" if section.is_none() => roff.push_str(".PP\n"),
            line => {
                roff.push_str(&escaped(line));
                roff.push('\n');
            }
        }
    }
    roff.push_str(if section.is_some() { ".fi\n" } else { "" });
    roff
}

/// A line of text, in which nothing is a request of roff's, and which can be copied.
fn escaped(line: &str) -> String {
    let text = line
        .replace('\\', r"\e")
        .replace('-', r"\-")
        .replace('\'', r"\(aq");
    match text.starts_with('.') {
        true => format!(r"\&{text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_as_they_are() {
        let help = "It says more.\n\nExit codes:\n  0  fine\n\nExamples:\n  a -b 'c' \\\n.d";
        let wanted = ".SH NOTES\nIt says more.\n.PP\n.SH EXIT STATUS\n.nf\n  0  fine\n\n.fi\n.SH EXAMPLES\n.nf\n  a \\-b \\(aqc\\(aq \\e\n\\&.d\n.fi\n";
        assert_eq!(sections(help), wanted);
    }
}
