//! Finding the values that paths lead to.

use std::borrow::Cow;

use super::{Path, Selector};
use crate::json::{JsonValue, pointer};

/// A value that a path leads to.
#[derive(Clone, Debug)]
pub(in crate::decrypt) struct PathMatch<'d, 'a> {
    pub(in crate::decrypt) value: JsonValue<'d, 'a>,
    /// Its parent.
    pub(in crate::decrypt) parent: JsonValue<'d, 'a>,
    /// Its place as a JSON Pointer; `None` if that would be longer than [`MAX_POINTER`].
    pub(in crate::decrypt) pointer: Option<String>,
}

/// The longest JSON Pointer to a value, in bytes. Names come from the body and have no limit of
/// their own.
const MAX_POINTER: usize = 256;

/// Calls `found` for each value that the path leads to, once each and in body order.
///
/// It walks the document once and keeps track of the steps of the path that each value can be
/// reached by. So the cost of repeated `..` grows only with the number of steps.
pub(in crate::decrypt) fn find<'d, 'a: 'd>(
    path: &Path,
    root: JsonValue<'d, 'a>,
    found: &mut impl FnMut(PathMatch<'d, 'a>),
) {
    let mut walk = PathWalk {
        path,
        trail: Vec::new(),
        found,
    };
    walk.children(root, 1);
}

struct PathWalk<'p, 'a, F> {
    path: &'p Path,
    trail: Vec<TrailPart<'a>>,
    found: &'p mut F,
}

/// The name or index of a value in its parent.
enum TrailPart<'a> {
    Name(Cow<'a, str>),
    Index(usize),
}

impl<'d, 'a: 'd, F: FnMut(PathMatch<'d, 'a>)> PathWalk<'_, 'a, F> {
    /// Visits everything inside a value. Bit `n` of `reached` means that the first `n` steps lead
    /// to it.
    fn children(&mut self, parent: JsonValue<'d, 'a>, reached: u64) {
        let is_object = parent.is_object();
        for (index, (name, value)) in parent.members().enumerate() {
            let part = if is_object {
                TrailPart::Name(name)
            } else {
                TrailPart::Index(index)
            };
            let next = self.advance(reached, &part);
            if next == 0 {
                continue;
            }
            self.trail.push(part);
            if next >> self.path.steps.len() & 1 == 1 {
                let pointer = pointer_to(&self.trail);
                (self.found)(PathMatch {
                    value,
                    parent,
                    pointer,
                });
            }
            // The recursion is at most as deep as the parser lets a document be.
            self.children(value, next);
            self.trail.pop();
        }
    }

    fn advance(&self, reached: u64, part: &TrailPart<'_>) -> u64 {
        let mut next = 0;
        for (nth, step) in self.path.steps.iter().enumerate() {
            if reached >> nth & 1 == 0 {
                continue;
            }
            if step.below {
                next |= 1 << nth;
            }
            if step.selects.takes(part) {
                next |= 2 << nth;
            }
        }
        next
    }
}

impl Selector {
    fn takes(&self, part: &TrailPart<'_>) -> bool {
        match (self, part) {
            (Self::Every, _) => true,
            (Self::Name(wanted) | Self::Token(wanted), TrailPart::Name(name)) => name == wanted,
            (Self::Token(wanted), TrailPart::Index(index)) => {
                pointer::array_index(wanted) == Some(*index)
            }
            (Self::Index(wanted), TrailPart::Index(index)) => wanted == index,
            (Self::Name(_), TrailPart::Index(_)) | (Self::Index(_), TrailPart::Name(_)) => false,
        }
    }
}

fn pointer_to(trail: &[TrailPart<'_>]) -> Option<String> {
    let mut out = String::new();
    for part in trail {
        out.push('/');
        match part {
            TrailPart::Index(index) => out.push_str(&index.to_string()),
            TrailPart::Name(name) if name.len() > MAX_POINTER => return None,
            TrailPart::Name(name) => out.push_str(&pointer::escape(name)),
        }
        if out.len() > MAX_POINTER {
            return None;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn pointers(path: &str, json: &str) -> Vec<String> {
        let document = parse(json.as_bytes()).unwrap();
        let mut all = Vec::new();
        find(&Path::parse(path).unwrap(), document.root(), &mut |found| {
            all.push(found.pointer.unwrap_or_default());
        });
        all
    }

    #[test]
    fn names_pointers_and_wildcards() {
        let json = r#"{"a":{"b":[{"c":1},{"c":2,"d":{"c":3}}],"c":4,"0":5},"c":6,"x/y~":{"c":7}}"#;
        for (path, expected) in [
            ("c", vec!["/c"]),
            ("a.c", vec![]),
            ("/a/b/1/c", vec!["/a/b/1/c"]),
            ("/a/0", vec!["/a/0"]),
            ("/x~1y~0/c", vec!["/x~1y~0/c"]),
            ("$.a.b[*].c", vec!["/a/b/0/c", "/a/b/1/c"]),
            ("$['a'][\"b\"][1].c", vec!["/a/b/1/c"]),
            ("$.a[0]", vec![]),
            (
                "$..c",
                vec![
                    "/a/b/0/c",
                    "/a/b/1/c",
                    "/a/b/1/d/c",
                    "/a/c",
                    "/c",
                    "/x~1y~0/c",
                ],
            ),
            ("$.a..c", vec!["/a/b/0/c", "/a/b/1/c", "/a/b/1/d/c", "/a/c"]),
            ("$..d..c", vec!["/a/b/1/d/c"]),
            ("$..[1]", vec!["/a/b/1"]),
            ("$.a.*.c", vec![]),
            ("$.*.c", vec!["/a/c", "/x~1y~0/c"]),
            ("$['x/y~'].c", vec!["/x~1y~0/c"]),
            ("$.missing", vec![]),
        ] {
            assert_eq!(pointers(path, json), expected, "{path}");
        }
    }

    #[test]
    fn each_value_is_found_once_however_many_paths_lead_to_it() {
        let json = r#"{"a":{"a":{"a":{"b":1}}}}"#;
        assert_eq!(pointers("$..a..a..b", json), ["/a/a/a/b"]);
        assert_eq!(pointers("$..*..*", json).len(), 3);
    }

    #[test]
    fn a_pointer_that_is_too_long_is_not_reported() {
        let long = "n".repeat(300);
        let json = format!(r#"{{"{long}":{{"c":1}}}}"#);
        assert_eq!(pointers("$..c", &json), [""]);
    }
}
