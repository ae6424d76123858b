//! Names that a less careful reader confuses.
//!
//! The JSON readers of Go and .NET ignore the case of field names, and the later of two such fields
//! wins; readers in C end a name at a NUL. An attacker who has a callback can add fields that its
//! signature does not cover: `"No":""` next to a signed `"no"` would empty it.

use std::borrow::Cow;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use once_cell::sync::Lazy;

use super::body::{Field, Fields};
use super::case_folding::folded_char;
use super::memory::{MemoryBudget, OutOfMemory};

/// Up to this many fields, in a body of up to this many bytes, comparing each pair is faster than
/// hashing every name.
const FEW: usize = 32;
const SHORT: usize = 2 << 10;

/// Hashes names with a random key of this process, so that nobody can construct collisions.
static NAME_HASH: Lazy<RandomState> = Lazy::new(RandomState::new);

/// The name of a field that such a reader confuses with another one, where the signature does not
/// cover one of the two; or else of an unsigned one of which `is_read_as_signed` says so. `length` is
/// that of the body.
///
/// # Errors
/// If there is no memory for the search.
pub(super) fn find<'d, 'a>(
    members: &Fields<'d, 'a>,
    length: usize,
    is_unsigned: &dyn Fn(&str, Field<'_, '_>) -> bool,
    is_read_as_signed: &dyn Fn(&str) -> bool,
    memory: &mut dyn MemoryBudget,
) -> Result<Option<String>, OutOfMemory> {
    if length <= SHORT && members.clone().nth(FEW).is_none() {
        return Ok(find_in_pairs(members, is_unsigned, is_read_as_signed));
    }
    if !members
        .clone()
        .any(|(name, field)| is_unsigned(&name, field))
    {
        return Ok(None);
    }
    let fields = SignedFields {
        members,
        is_unsigned,
    };
    let count = members.clone().count();
    let bytes = count.saturating_mul(size_of::<Hashed>());
    memory.take(bytes)?;
    let found = fields.find_by_hash(count);
    memory.give(bytes);
    Ok(found.or_else(|| {
        let mut members = members.clone();
        let lone =
            members.find(|(name, field)| is_unsigned(name, *field) && is_read_as_signed(name));
        lone.map(|(name, _)| name.into_owned())
    }))
}

/// The same for few fields.
fn find_in_pairs<'d, 'a>(
    members: &Fields<'d, 'a>,
    is_unsigned: &dyn Fn(&str, Field<'_, '_>) -> bool,
    is_read_as_signed: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let mut fields: Vec<(Cow<'_, str>, bool)> = Vec::with_capacity(FEW);
    fields.extend(members.clone().map(|(name, field)| {
        let is_unsigned = is_unsigned(&name, field);
        (name, is_unsigned)
    }));
    let has_twin = |name: &str| {
        let mut others = fields.iter();
        others.any(|(other, _)| other != name && is_same(other, name))
    };
    let unsigned = || fields.iter().filter(|(_, is_unsigned)| *is_unsigned);
    let lone = || unsigned().find(|(name, _)| is_read_as_signed(name));
    let found = unsigned().find(|(name, _)| has_twin(name)).or_else(lone);
    found.map(|(name, _)| name.to_string())
}

/// The fields of an object, as a scheme signs them.
struct SignedFields<'f, 'd, 'a> {
    members: &'f Fields<'d, 'a>,
    is_unsigned: &'f dyn Fn(&str, Field<'_, '_>) -> bool,
}

/// A name, represented by its hash alone: thousands of names take no other memory.
struct Hashed {
    hash: u64,
    nth: u32,
    is_unsigned: bool,
}

impl SignedFields<'_, '_, '_> {
    fn is_unsigned(&self, name: &str, field: Field<'_, '_>) -> bool {
        (self.is_unsigned)(name, field)
    }

    fn find_by_hash(&self, count: usize) -> Option<String> {
        let mut hashed: Vec<Hashed> = Vec::with_capacity(count);
        hashed.extend(
            (self.members.clone().zip(0..)).map(|((name, field), nth)| Hashed {
                hash: hash(&name),
                nth,
                is_unsigned: self.is_unsigned(&name, field),
            }),
        );
        hashed.sort_unstable_by_key(|name| (name.hash, name.nth));
        let mut passed = None;
        // Either the first one has a twin, or two names share a hash, with probability 10^-19.
        loop {
            let suspects = hashed
                .chunk_by(|one, next| one.hash == next.hash)
                .flat_map(suspects);
            let nth = suspects.filter(|nth| Some(*nth) > passed).min()?;
            if let Some(name) = self.twin(nth) {
                return Some(name);
            }
            passed = Some(nth);
        }
    }

    /// The name of the nth field, if an earlier field has the same name and one of the two is not
    /// signed.
    fn twin(&self, nth: u32) -> Option<String> {
        let nth = usize::try_from(nth).ok()?;
        let (name, field) = self.members.clone().nth(nth)?;
        let is_unsigned = self.is_unsigned(&name, field);
        let mut earlier = self.members.clone().take(nth);
        let has_twin = earlier.any(|(other, field)| {
            (is_unsigned || self.is_unsigned(&other, field)) && is_same(&other, &name)
        });
        has_twin.then(|| name.into_owned())
    }
}

/// The fields whose names have one hash, in body order, that may be the twin of an earlier one, if
/// that matters.
fn suspects(same_hash: &[Hashed]) -> impl Iterator<Item = u32> {
    let unsigned = same_hash.iter().position(|name| name.is_unsigned);
    let first = unsigned.map_or(same_hash.len(), |unsigned| unsigned.max(1));
    same_hash.iter().skip(first).map(|name| name.nth)
}

fn is_same(a: &str, b: &str) -> bool {
    if is_plain(a) && is_plain(b) {
        return a.eq_ignore_ascii_case(b);
    }
    folded_chars(a).eq(folded_chars(b))
}

fn is_plain(name: &str) -> bool {
    name.is_ascii() && !name.as_bytes().contains(&0)
}

/// One hash for all names that differ only in case. The folded name is hashed in blocks, because a
/// name may be as long as the body.
fn hash(name: &str) -> u64 {
    let mut hasher = NAME_HASH.build_hasher();
    let mut block = [0; 64];
    if is_plain(name) {
        for part in name.as_bytes().chunks(block.len()) {
            for (lower, byte) in block.iter_mut().zip(part) {
                *lower = byte.to_ascii_lowercase();
            }
            hasher.write(block.get(..part.len()).unwrap_or_default());
        }
        return hasher.finish();
    }
    let mut bytes = folded_chars(name).flat_map(|char| {
        let mut utf8 = [0; 4];
        let length = char.encode_utf8(&mut utf8).len();
        utf8.into_iter().take(length)
    });
    loop {
        let mut length: usize = 0;
        for (place, byte) in block.iter_mut().zip(&mut bytes) {
            *place = byte;
            length = length.saturating_add(1);
        }
        match block.get(..length) {
            Some(part) if !part.is_empty() => hasher.write(part),
            _ => return hasher.finish(),
        }
    }
}

/// One spelling for all names that differ only in case.
pub(super) fn folded(name: &str) -> String {
    folded_chars(name).collect()
}

fn folded_chars(name: &str) -> impl Iterator<Item = char> {
    let end = name.find('\0').filter(|end| *end > 0);
    let name = end.and_then(|end| name.get(..end)).unwrap_or(name);
    name.chars().flat_map(folded_char)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{Body, BodyFormat, Charset};
    use crate::memory::Plenty;
    use crate::scheme::Scheme;

    #[test]
    fn names_are_folded_as_case_insensitive_readers_do() {
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
            assert_eq!(hash(a), hash(b));
            let long = |end| format!("{}{end}", "Ab".repeat(50));
            assert_eq!(hash(&long(a)), hash(&long(b).to_uppercase()));
        }
        for (a, b) in [
            ("no", "on"),
            ("no", "no "),
            ("n\u{F3}", "no"),
            ("a_b", "a-b"),
            ("\0a", "\0b"),
        ] {
            assert!(!is_same(a, b), "{a} {b}");
            assert_ne!(hash(a), hash(b));
        }
    }

    #[test]
    fn twins_count_only_if_one_of_them_is_unsigned() {
        let cheezeepay = Scheme::find_built_in("cheezeepay").unwrap();
        let mut definition = cheezeepay.definition().clone();
        for (_, selection) in &mut definition.selections {
            selection.empty = None;
            selection.null = Some("null".to_owned());
        }
        let all_signed = Scheme::compile("all", definition).unwrap();
        let many: String = (0..100).map(|nth| format!(r#""n{nth}":{nth},"#)).collect();
        let long = format!("\"n\":\"{}\",", "x".repeat(SHORT));
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
            for before in ["", &many, &long] {
                let body = format!(r#"{{{before}{body},"sign":"s"}}"#);
                let body = Body::read(
                    BodyFormat::Json,
                    Charset::Utf8,
                    body.as_bytes(),
                    &mut Plenty,
                )
                .unwrap();
                let found = |scheme: &Scheme| {
                    let rules = scheme.rules();
                    let [object] = rules.coverage().signed_objects() else {
                        panic!("not one object");
                    };
                    let members = object.members(&body, None).unwrap();
                    let coverage = rules.coverage();
                    let is_unsigned =
                        |name: &str, field: Field<'_, '_>| coverage.leaves_out(object, name, field);
                    let found = find(
                        &members,
                        body.length(),
                        &is_unsigned,
                        &|_| false,
                        &mut Plenty,
                    );
                    found.unwrap().map(|name| folded(&name))
                };
                let folded = |name: Option<&str>| name.map(folded);
                assert_eq!(found(cheezeepay), folded(omitting), "{body:?}");
                assert_eq!(found(&all_signed), folded(signing), "{body:?}");
            }
        }
    }
}
