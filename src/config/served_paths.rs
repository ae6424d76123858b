//! Which paths a lenient backend serves alike although each is spelled plainly: letter case, slashes
//! at the end, the files that stand for their folder, and what may be missing at the end of a name.

use super::backend::other_spellings;

/// What servers take for the folder that it is in, in upper case.
const INDEX_FILES: &[&str] = &[
    "DEFAULT.ASP",
    "DEFAULT.ASPX",
    "DEFAULT.CFM",
    "DEFAULT.HTM",
    "DEFAULT.HTML",
    "DEFAULT.JSP",
    "DEFAULT.PHP",
    "HOME.ASP",
    "HOME.ASPX",
    "HOME.HTM",
    "HOME.HTML",
    "HOME.JSP",
    "HOME.PHP",
    "IISSTART.ASP",
    "IISSTART.HTM",
    "INDEX",
    "INDEX.ASP",
    "INDEX.ASPX",
    "INDEX.CFM",
    "INDEX.CGI",
    "INDEX.DO",
    "INDEX.FCGI",
    "INDEX.HTM",
    "INDEX.HTML",
    "INDEX.JS",
    "INDEX.JSF",
    "INDEX.JSP",
    "INDEX.JSPX",
    "INDEX.LIGHTTPD.HTML",
    "INDEX.NGINX-DEBIAN.HTML",
    "INDEX.PHP",
    "INDEX.PHP3",
    "INDEX.PHP4",
    "INDEX.PHP5",
    "INDEX.PHP7",
    "INDEX.PHP8",
    "INDEX.PHTML",
    "INDEX.PL",
    "INDEX.PY",
    "INDEX.RB",
    "INDEX.SHTML",
    "INDEX.TXT",
    "INDEX.WSGI",
    "INDEX.XHTML",
    "INDEX.XML",
];

/// Formats of an answer, which frameworks cut off a name whatever they are.
const FORMATS: &[&str] = &[
    "ATOM", "CSV", "HTM", "HTML", "ICS", "JS", "JSON", "JSONLD", "JSONP", "MSGPACK", "PDF", "RSS",
    "TEXT", "TXT", "XHTML", "XML", "YAML", "YML",
];

/// All bare forms of a route's path: without what some backends ignore.
pub fn all_bare(path: &str) -> impl Iterator<Item = String> {
    let others = other_spellings(path);
    std::iter::once(bare_path(path)).chain(others.into_iter().map(|other| bare_path(&other)))
}

/// A path without what some backends ignore: letter case, and slashes at the end.
#[must_use]
pub fn bare_path(path: &str) -> String {
    let path = path.trim_end_matches('/');
    if path.is_ascii() {
        path.to_ascii_uppercase()
    } else {
        // Some letters have a counterpart in only one of the two directions.
        path.to_lowercase().to_uppercase()
    }
}

/// The folder that is asked for by the name of its file, from a bare path.
#[must_use]
pub fn folder_of_index(bare: &str) -> Option<&str> {
    let (folder, name) = bare.rsplit_once('/')?;
    INDEX_FILES.contains(&name).then_some(folder)
}

/// The folder in which a server could look for a file whose bare path starts with this.
#[must_use]
pub fn folder_of_index_like(start: &str) -> Option<&str> {
    let (folder, name) = start.rsplit_once('/')?;
    let is_like = INDEX_FILES.iter().any(|file| file.starts_with(name));
    (is_like && !name.is_empty()).then_some(folder)
}

/// A bare path as it is without its format.
#[must_use]
pub fn without_format(bare: &str) -> Option<&str> {
    let (name, ending) = bare.rsplit_once('.')?;
    (FORMATS.contains(&ending) && !name.ends_with('/')).then_some(name)
}

/// A bare path without what is behind each dot of its last segment, the shortest first.
pub fn without_endings(bare: &str) -> impl Iterator<Item = &str> {
    let start = bare.rfind('/').map_or(0, |slash| slash.saturating_add(1));
    let dots = bare.match_indices('.').map(|(dot, _)| dot);
    let dots = dots.filter(move |dot| *dot > start);
    dots.filter_map(|dot| bare.get(..dot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_in_upper_case() {
        for list in [INDEX_FILES, FORMATS] {
            assert!(list.is_sorted());
            assert!(list.iter().all(|word| *word == word.to_uppercase()));
        }
    }

    #[test]
    fn names_that_may_be_left_out() {
        assert_eq!(folder_of_index("/PAY/INDEX.PHP"), Some("/PAY"));
        assert_eq!(folder_of_index("/DEFAULT.ASPX"), Some(""));
        assert_eq!(folder_of_index("/PAY/INDEX.PHPS"), None);
        assert_eq!(folder_of_index_like("/PAY/IND"), Some("/PAY"));
        assert_eq!(folder_of_index_like("/PAY/"), None);
        assert_eq!(without_format("/PAY.JSON"), Some("/PAY"));
        assert_eq!(without_format("/A/.JSON"), None);
        let cut: Vec<_> = without_endings("/A.B/PAY.X.Y").collect();
        assert_eq!(cut, ["/A.B/PAY", "/A.B/PAY.X"]);
        assert_eq!(without_endings("/A/.B").count(), 0);
    }
}
