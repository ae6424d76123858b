//! Which paths lead to one script: servers complete the name of a script, and take what is below it
//! for an argument (CGI's extra path), also both at once.

use std::ops::Range;

/// Endings of scripts, which servers add by themselves, to find a file or an action; in upper case.
const SCRIPTS: &[&str] = &[
    "ACTION", "ASHX", "ASMX", "ASP", "ASPX", "CFM", "CGI", "DO", "FCGI", "JSF", "JSP", "JSPX",
    "PHP", "PHP3", "PHP4", "PHP5", "PHP7", "PHP8", "PHTML", "PL", "PY", "RB", "SVC",
];

/// What of a bare path could be missing because servers add it: from each dot to the end of a segment
/// that names a script. Apache adds several endings at once, in any order (`pay.en.php`, `pay.php.en`).
pub fn added_endings(bare: &str) -> impl Iterator<Item = Range<usize>> {
    segments(bare)
        .filter(|(_, segment)| segment.split('.').skip(1).any(is_script))
        .flat_map(|(start, segment)| {
            let end = start.saturating_add(segment.len());
            let dots = segment.match_indices('.').filter(|(dot, _)| *dot > 0);
            dots.map(move |(dot, _)| start.saturating_add(dot)..end)
        })
}

/// A bare path as it is without this part.
#[must_use]
pub fn without_part(bare: &str, part: &Range<usize>) -> String {
    let (before, after) = (bare.get(..part.start), bare.get(part.end..));
    [before.unwrap_or_default(), after.unwrap_or_default()].concat()
}

/// All bare paths that a server could complete to this one.
pub fn uncompleted(bare: &str) -> impl Iterator<Item = String> {
    added_endings(bare).map(|ending| without_part(bare, &ending))
}

/// What a server could complete to a name that begins with the end of this: it has part of an ending.
#[must_use]
pub fn uncompleted_start(start: &str) -> Option<&str> {
    let (name, ending) = start.rsplit_once('.')?;
    let is_like = SCRIPTS.iter().any(|script| script.starts_with(ending));
    (is_like && !name.ends_with('/')).then_some(name)
}

/// Whether the last segment of a bare path names a script.
#[must_use]
pub fn names_script(bare: &str) -> bool {
    added_endings(bare).any(|ending| ending.end == bare.len())
}

fn segments(path: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut next: usize = 0;
    path.split('/').map(move |segment| {
        let start = next;
        next = start.saturating_add(segment.len()).saturating_add(1);
        (start, segment)
    })
}

fn is_script(ending: &str) -> bool {
    SCRIPTS.binary_search(&ending).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_sorted_and_in_upper_case() {
        assert!(SCRIPTS.is_sorted());
        assert!(SCRIPTS.iter().all(|word| *word == word.to_uppercase()));
    }

    #[test]
    fn paths_that_servers_complete() {
        for (path, shorter) in [
            ("/PAY.PHP", &["/PAY"][..]),
            ("/CB/PAY.PHP/X", &["/CB/PAY/X"]),
            ("/A.DO/PAY.PHP", &["/A/PAY.PHP", "/A.DO/PAY"]),
            ("/PAY.EN.PHP", &["/PAY", "/PAY.EN"]),
            ("/PAY.PHP.EN", &["/PAY", "/PAY.PHP"]),
            ("/V1.0/PAY.JSON", &[]),
            ("/PAY.PHPS", &[]),
            ("/CB/.PHP", &[]),
            ("/PHP/PAY", &[]),
            ("", &[]),
        ] {
            assert_eq!(uncompleted(path).collect::<Vec<_>>(), shorter, "{path}");
        }
        assert_eq!(uncompleted_start("/CB/PAY.P"), Some("/CB/PAY"));
        assert_eq!(uncompleted_start("/CB/PAY."), Some("/CB/PAY"));
        assert_eq!(uncompleted_start("/CB/PAY.X"), None);
        assert_eq!(uncompleted_start("/V1.0/PAY"), None);
        assert!(names_script("/A/PAY.PHP") && !names_script("/PAY.PHP/A"));
    }
}
