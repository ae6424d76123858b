//! Names that a less careful reader takes for one.
//!
//! Go's and .NET's JSON readers know a field in whatever case its name is written, and of two such fields
//! the later one counts; readers in C end a name at a NUL. Whoever has a callback can add fields that its
//! signature does not cover: `"No":""` beside a signed `"no"` would empty it.

use std::collections::HashMap;

use super::json::Value;
use super::scheme::{Scheme, Source};

/// Up to this many fields, comparing each pair beats folding every name.
const PAIRWISE: usize = 32;

/// The name of a field that the signature does not cover and that such a reader takes for another one, or
/// for which it takes another one.
pub(super) fn find(scheme: &Scheme, body: Value<'_, '_>) -> Option<String> {
    if !scheme.joins_fields() {
        // The whole body is signed, or none of it.
        return None;
    }
    let signature = &scheme.signature.source;
    let is_unsigned =
        |name: &str, value: Value<'_, '_>| signature.is_field(name) || scheme.omits(value);
    let has_omitted = || body.members().any(|(_, value)| scheme.omits(value));
    if !matches!(signature, Source::Field(_)) && !has_omitted() {
        return None;
    }
    if body.members().nth(PAIRWISE).is_none() {
        let mut unsigned = body
            .members()
            .filter(|(name, value)| is_unsigned(name, *value));
        let has_twin = |name: &str| {
            let mut others = body.members();
            others.any(|(other, _)| other != name && is_same(&other, name))
        };
        return unsigned
            .find(|(name, _)| has_twin(name))
            .map(|(name, _)| name.into_owned());
    }
    // Whether an unsigned field has been among those with the folded name.
    let mut seen: HashMap<String, bool> = HashMap::new();
    for (name, value) in body.members() {
        let is_unsigned = is_unsigned(&name, value);
        match seen.get_mut(&fold(&name)) {
            Some(earlier) if *earlier || is_unsigned => return Some(name.into_owned()),
            Some(_) => {}
            None => drop(seen.insert(fold(&name), is_unsigned)),
        }
    }
    None
}

fn is_same(a: &str, b: &str) -> bool {
    if is_plain(a) && is_plain(b) {
        return a.eq_ignore_ascii_case(b);
    }
    folded(a).eq(folded(b))
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii() && byte != 0)
}

fn fold(name: &str) -> String {
    if is_plain(name) {
        return name.to_ascii_lowercase();
    }
    folded(name).collect()
}

/// One spelling for all that differ in case alone. Lower case only is not enough: `ſ` becomes an `s` on
/// the way through `S`.
fn folded(name: &str) -> impl Iterator<Item = char> {
    let end = name.find('\0').filter(|end| *end > 0);
    let name = end.and_then(|end| name.get(..end)).unwrap_or(name);
    name.chars()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::json::parse;
    use crate::verify::scheme::Form;

    #[test]
    fn case_is_what_other_readers_take_it_for() {
        for (a, b) in [
            ("no", "No"),
            ("orderStatus", "ORDERSTATUS"),
            // What Go folds beyond ASCII: the Kelvin sign, the long s.
            ("kind", "\u{212A}ind"),
            ("status", "\u{17F}tatus"),
            ("ÅNGSTRÖM", "\u{212B}ngström"),
            ("σας", "ΣΑΣ"),
            ("ǆ", "ǅ"),
            ("straße", "STRA\u{1E9E}E"),
            ("no", "NO\0x"),
        ] {
            assert!(is_same(a, b) && is_same(b, a), "{a} {b}");
            assert_eq!(fold(a), fold(b));
        }
        for (a, b) in [
            ("no", "on"),
            ("no", "no "),
            ("n\u{F3}", "no"),
            ("a_b", "a-b"),
            ("\0a", "\0b"),
        ] {
            assert!(!is_same(a, b), "{a} {b}");
            assert_ne!(fold(a), fold(b));
        }
    }

    #[test]
    fn only_pairs_of_which_one_is_unsigned_count() {
        let cheezeepay = Scheme::find_built_in("cheezeepay").unwrap();
        let mut all_signed = cheezeepay.clone();
        if let Form::SortedFields(form) = &mut all_signed.content.form {
            form.omit_empty = false;
        }
        let sgate = Scheme::find_built_in("sgate").unwrap();
        let many: String = (0..100).map(|nth| format!(r#""n{nth}":{nth},"#)).collect();
        for (body, omitting, signing) in [
            (r#""no":"1","status":"2""#, None, None),
            (r#""no":"1","No":"2""#, None, None),
            (r#""no":"1","No":"""#, Some("No"), None),
            (r#""No":{},"no":"1""#, Some("No"), None),
            (r#""No":"","NO":[],"x":1"#, Some("No"), None),
            (
                r#""status":"1","\u017ftatus":null"#,
                Some("\u{17F}tatus"),
                None,
            ),
            (r#""data":{"no":"1","No":""}"#, None, None),
            (r#""Sign":"x","a":"1""#, Some("sign"), Some("sign")),
        ] {
            for before in ["", &many] {
                let body = format!(r#"{{{before}{body},"sign":"s"}}"#);
                let document = parse(body.as_bytes()).unwrap();
                let found = |scheme| find(scheme, document.root()).map(|name| fold(&name));
                assert_eq!(found(cheezeepay), omitting.map(fold), "{body}");
                assert_eq!(found(&all_signed), signing.map(fold), "{body}");
                assert_eq!(found(sgate), None);
            }
        }
    }
}
