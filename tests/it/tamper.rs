//! Any change to the signed content is rejected. Any other change passes, and is one of the few
//! things that the providers' rules leave unsigned.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::verify::{Callback, Reason, VerifyPolicy, signed_text, verify};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::cases::{self, Case, NOW};
use super::json_tokens::{Token, fields, tokens};

/// The headers that SGate's rule covers.
const SIGNED_HEADERS: &[&str] = &["v-signature", "v-api-key", "v-timestamp", "v-nonce-str"];

/// Bytes are changed by flipping each of these bits.
const BITS: &[u8] = &[0x01, 0x04, 0x20, 0x80];

/// Bytes to substitute and insert: they have a meaning in JSON, base64 or UTF-8.
const MEANINGFUL: &[u8] = b" \"\\0";

/// Why a tampered callback still has the same signed content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Unsigned {
    /// White space between the body's tokens.
    WhiteSpace,
    /// A field without a value: its name or its presence.
    EmptyField,
    /// Another escape for the same character.
    EscapeSpelling,
    /// Another spelling of the same number, where the content has it as Java prints it.
    NumberSpelling,
    /// A header that the rule does not cover.
    OtherHeader,
    /// The case of letters in a header's name.
    HeaderNameCase,
}

/// A tampered callback.
struct Tampered {
    target: Vec<u8>,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Tampered {
    fn new(case: &Case) -> Self {
        Self {
            target: case.target.clone().into_bytes(),
            headers: case.headers.clone(),
            body: case.body.clone(),
        }
    }

    fn callback(&self) -> Callback<'_> {
        Callback::new("POST", &self.target, &self.headers, &self.body)
    }
}

impl fmt::Debug for Tampered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [target, body] = [&self.target, &self.body].map(|text| String::from_utf8_lossy(text));
        write!(f, "{target:?} {:?} {body:?}", self.headers)
    }
}

/// The tampered forms of a case.
type Ways<'c> = Box<dyn Iterator<Item = Tampered> + 'c>;

/// The results for tampered callbacks.
#[derive(Debug, Default)]
struct Tally {
    passed: BTreeMap<Unsigned, usize>,
    refused: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn add(mut self, other: Self) -> Self {
        for (why, count) in other.passed {
            *self.passed.entry(why).or_default() += count;
        }
        for (reason, count) in other.refused {
            *self.refused.entry(reason).or_default() += count;
        }
        self
    }

    fn passed(&self, why: Unsigned) -> usize {
        self.passed.get(&why).copied().unwrap_or_default()
    }

    fn refused(&self, reason: Reason) -> usize {
        self.refused.get(reason.code()).copied().unwrap_or_default()
    }

    fn all_passed(&self) -> usize {
        self.passed.values().sum()
    }

    fn all_refused(&self) -> usize {
        self.refused.values().sum()
    }
}

/// Judges every tampered form of every case of a scheme.
fn judge_all(scheme: &'static str, tamper: impl Fn(&Case) -> Ways<'_> + Sync) -> Tally {
    let cases = cases::of(scheme);
    let policy = cases::policy(scheme);
    let judge_part = |part: &[Case]| {
        let mut tally = Tally::default();
        for case in part {
            verify(&policy, case.callback(), NOW).unwrap();
            for tampered in tamper(case) {
                judge(&policy, case, &tampered, &mut tally);
            }
        }
        tally
    };
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        let parts = cases.chunks(cases.len().div_ceil(threads));
        let running: Vec<_> = parts.map(|part| scope.spawn(|| judge_part(part))).collect();
        let tallies = running.into_iter().map(|thread| thread.join().unwrap());
        tallies.fold(Tally::default(), Tally::add)
    })
}

/// A callback must pass if and only if its signature and signed content are the same. If it passes,
/// the difference must have a known explanation.
fn judge(policy: &VerifyPolicy, genuine: &Case, tampered: &Tampered, tally: &mut Tally) {
    let callback = tampered.callback();
    let same_content = signed_text(&policy.scheme, callback)
        .is_ok_and(|texts| texts.contains(&genuine.signed_content));
    let same = same_content && signature(callback) == signature(genuine.callback());
    match verify(policy, callback, NOW) {
        Ok(_) => {
            assert!(same, "{}: accepted {tampered:?}", genuine.id);
            let why = explain(genuine, tampered).unwrap_or_else(|| {
                panic!("{}: accepted for no known reason {tampered:?}", genuine.id)
            });
            *tally.passed.entry(why).or_default() += 1;
        }
        Err(rejection) => {
            assert!(!same, "{}: {rejection} {tampered:?}", genuine.id);
            *tally.refused.entry(rejection.reason.code()).or_default() += 1;
        }
    }
}

/// The signature's bytes, decoded without the library.
fn signature(callback: Callback<'_>) -> Option<Vec<u8>> {
    if let Some(header) = callback.headers.get("v-signature") {
        return STANDARD.decode(header).ok();
    }
    let body: serde_json::Value = serde_json::from_slice(callback.body).ok()?;
    STANDARD.decode(body["sign"].as_str()?).ok()
}

/// Finds what kind of unsigned change was made, by comparing token by token.
fn explain(genuine: &Case, tampered: &Tampered) -> Option<Unsigned> {
    if genuine.target.as_bytes() != tampered.target {
        return None;
    }
    if genuine.headers != tampered.headers {
        let signed = |headers: &HeaderMap| {
            let values = SIGNED_HEADERS.iter().map(|name| headers.get_all(*name));
            let values = values.map(|values| values.iter().cloned().collect::<Vec<_>>());
            values.collect::<Vec<_>>()
        };
        let same = signed(&genuine.headers) == signed(&tampered.headers);
        return (same && genuine.body == tampered.body).then_some(Unsigned::OtherHeader);
    }
    if genuine.body == tampered.body {
        return Some(Unsigned::HeaderNameCase);
    }
    if genuine.scheme == "sgate" {
        return None;
    }
    let genuine = tokens(std::str::from_utf8(&genuine.body).ok()?);
    let tampered = tokens(std::str::from_utf8(&tampered.body).ok()?);
    let same = |view: fn(&[Token<'_>]) -> Vec<String>| view(&genuine) == view(&tampered);
    if genuine == tampered {
        Some(Unsigned::WhiteSpace)
    } else if same(|tokens| tokens.iter().map(Token::decoded).collect()) {
        Some(Unsigned::EscapeSpelling)
    } else if same(with_value) {
        Some(Unsigned::EmptyField)
    } else if same(|tokens| tokens.iter().map(Token::value).collect()) {
        Some(Unsigned::NumberSpelling)
    } else {
        None
    }
}

/// The fields with a value, in order.
fn with_value(tokens: &[Token<'_>]) -> Vec<String> {
    let text = |tokens: &[Token<'_>]| tokens.iter().map(|token| token.0).collect::<String>();
    let fields = fields(tokens).into_iter();
    fields
        .map(|(name, value)| (name, text(&value)))
        .filter(|(_, value)| !["null", "\"\"", "[]", "{}"].contains(&value.as_str()))
        .map(|(name, value)| format!("{}:{value}", name.0))
        .collect()
}

/// The text with each byte replaced by others.
fn flipped(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..text.len()).flat_map(move |at| {
        let bits = BITS.iter().map(move |bit| text[at] ^ bit);
        let mut others: Vec<u8> = bits.chain(MEANINGFUL.iter().copied()).collect();
        others.sort_unstable();
        others.dedup();
        others.retain(|other| *other != text[at]);
        others.into_iter().map(move |other| {
            let mut flipped = text.to_vec();
            flipped[at] = other;
            flipped
        })
    })
}

/// The text with one byte inserted or removed at each place, and truncated there.
fn resized(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let more = (0..=text.len()).flat_map(move |at| {
        MEANINGFUL.iter().map(move |byte| {
            let mut more = text.to_vec();
            more.insert(at, *byte);
            more
        })
    });
    let less = (0..text.len()).map(move |at| {
        let mut less = text.to_vec();
        less.remove(at);
        less
    });
    let cut = (0..text.len()).map(move |at| text[..at].to_vec());
    more.chain(less).chain(cut)
}

fn with_bodies<'c>(case: &'c Case, bodies: impl Iterator<Item = Vec<u8>> + 'c) -> Ways<'c> {
    Box::new(bodies.map(|body| Tampered {
        body,
        ..Tampered::new(case)
    }))
}

fn with_targets<'c>(case: &'c Case, targets: impl Iterator<Item = Vec<u8>> + 'c) -> Ways<'c> {
    Box::new(targets.map(|target| Tampered {
        target,
        ..Tampered::new(case)
    }))
}

/// Other values for every header, as far as `http` accepts them.
fn with_header_values<'c, I>(case: &'c Case, change: impl Fn(&'c [u8]) -> I + 'c) -> Ways<'c>
where
    I: Iterator<Item = Vec<u8>> + 'c,
{
    Box::new(case.headers.iter().flat_map(move |(name, value)| {
        change(value.as_bytes()).filter_map(move |value| {
            let mut tampered = Tampered::new(case);
            let value = HeaderValue::from_bytes(&value).ok()?;
            tampered.headers.insert(name, value);
            Some(tampered)
        })
    }))
}

/// Other names for every header.
fn with_header_names(case: &Case) -> Ways<'_> {
    Box::new(case.headers.iter().flat_map(move |(name, value)| {
        flipped(name.as_str().as_bytes()).filter_map(move |other| {
            let mut tampered = Tampered::new(case);
            let other = HeaderName::from_bytes(&other).ok()?;
            tampered.headers.remove(name);
            tampered.headers.append(other, value.clone());
            Some(tampered)
        })
    }))
}

/// Every header dropped, and repeated with its own value and with an empty one.
fn with_headers_dropped_or_doubled(case: &Case) -> Ways<'_> {
    Box::new(case.headers.iter().flat_map(move |(name, value)| {
        let mut dropped = Tampered::new(case);
        dropped.headers.remove(name);
        let doubled = [value.clone(), HeaderValue::from_static("")].map(|second| {
            let mut doubled = Tampered::new(case);
            doubled.headers.append(name, second);
            doubled
        });
        std::iter::once(dropped).chain(doubled)
    }))
}

#[test]
fn a_changed_byte_of_a_cheezeepay_body_is_refused_unless_it_is_unsigned() {
    let tally = judge_all("cheezeepay", |case| with_bodies(case, flipped(&case.body)));
    assert!(tally.all_refused() > 100_000);
    assert!(tally.refused(Reason::SignatureMismatch) > 50_000);
    assert!(tally.passed(Unsigned::EmptyField) > 500);
    assert!(tally.passed(Unsigned::EscapeSpelling) > 20);
    assert!(tally.passed(Unsigned::NumberSpelling) > 20);
}

#[test]
fn a_byte_more_or_less_in_a_cheezeepay_body_is_refused_unless_it_is_unsigned() {
    let tally = judge_all("cheezeepay", |case| with_bodies(case, resized(&case.body)));
    assert!(tally.all_refused() > 80_000);
    assert!(tally.refused(Reason::SignatureMismatch) > 5_000);
    assert!(tally.passed(Unsigned::WhiteSpace) > 1_000);
    assert!(tally.passed(Unsigned::EmptyField) > 300);
    assert!(tally.passed(Unsigned::EscapeSpelling) > 100);
    assert!(tally.passed(Unsigned::NumberSpelling) > 50);
}

#[test]
fn a_changed_byte_of_an_sgate_body_is_refused() {
    let tally = judge_all("sgate", |case| with_bodies(case, flipped(&case.body)));
    assert!(tally.refused(Reason::SignatureMismatch) > 25_000);
    assert_eq!(tally.all_passed(), 0);
}

#[test]
fn a_byte_more_or_less_in_an_sgate_body_is_refused() {
    let tally = judge_all("sgate", |case| with_bodies(case, resized(&case.body)));
    assert!(tally.refused(Reason::SignatureMismatch) > 25_000);
    assert_eq!(tally.all_passed(), 0);
}

#[test]
fn a_byte_changed_more_or_less_in_an_sgate_target_is_refused() {
    let tally = judge_all("sgate", |case| {
        let target = case.target.as_bytes();
        with_targets(case, flipped(target).chain(resized(target)))
    });
    assert!(tally.refused(Reason::SignatureMismatch) > 5_000);
    assert_eq!(tally.all_passed(), 0);
}

#[test]
fn a_changed_byte_of_an_sgate_header_is_refused_unless_it_is_unsigned() {
    let tally = judge_all("sgate", |case| with_header_values(case, flipped));
    assert!(tally.refused(Reason::SignatureMismatch) > 40_000);
    assert!(tally.refused(Reason::SignatureMalformed) > 30_000);
    assert!(tally.passed(Unsigned::OtherHeader) > 200);
    assert_eq!(tally.all_passed(), tally.passed(Unsigned::OtherHeader));
}

#[test]
fn a_byte_more_or_less_in_an_sgate_header_is_refused_unless_it_is_unsigned() {
    let tally = judge_all("sgate", |case| with_header_values(case, resized));
    assert!(tally.refused(Reason::SignatureMismatch) > 5_000);
    assert!(tally.refused(Reason::SignatureMalformed) > 50_000);
    assert!(tally.passed(Unsigned::OtherHeader) > 200);
    assert_eq!(tally.all_passed(), tally.passed(Unsigned::OtherHeader));
}

#[test]
fn a_header_renamed_dropped_or_doubled_is_refused_unless_it_is_unsigned() {
    let tally = judge_all("sgate", |case| {
        Box::new(with_header_names(case).chain(with_headers_dropped_or_doubled(case)))
    });
    for (missing, repeated) in [
        (Reason::SignatureMissing, Reason::SignatureRepeated),
        (Reason::KeyIdMissing, Reason::KeyIdRepeated),
        (Reason::TimestampMissing, Reason::TimestampRepeated),
        (Reason::NonceMissing, Reason::NonceRepeated),
    ] {
        assert!(tally.refused(missing) > 500);
        assert_eq!(tally.refused(repeated), 80);
    }
    assert!(tally.passed(Unsigned::OtherHeader) > 1_000);
    assert!(tally.passed(Unsigned::HeaderNameCase) > 500);
}

/// The body of a case with other fields; each is a name and a value as written.
fn rewritten(
    case: &Case,
    rewrite: impl FnOnce(Vec<(String, String)>) -> Vec<(String, String)>,
) -> Vec<u8> {
    let text = std::str::from_utf8(&case.body).unwrap();
    let written = |tokens: &[Token<'_>]| tokens.iter().map(|token| token.0).collect::<String>();
    let members = fields(&tokens(text)).into_iter();
    let members = members.map(|(name, value)| (name.0.to_owned(), written(&value)));
    let members = rewrite(members.collect());
    let members: Vec<String> = members
        .into_iter()
        .map(|(name, value)| format!("{name}:{value}"))
        .collect();
    format!("{{{}}}", members.join(",")).into_bytes()
}

/// SECURITY.md says so. It is a property of the provider's rule, not of this program.
#[test]
fn whatever_cheezeepays_rule_leaves_unsigned_passes() {
    let policy = cases::policy("cheezeepay");
    let mut merged = 0;
    let mut retyped = 0;
    for case in cases::of("cheezeepay") {
        let accept = |body: Vec<u8>| {
            let mut callback = case.callback();
            callback.body = &body;
            let verified = verify(&policy, callback, NOW)
                .unwrap_or_else(|error| panic!("{}: {error} {body:?}", case.id));
            assert_eq!(verified.signed_content(), case.signed_content);
        };
        accept(rewritten(&case, |members| members));
        accept(rewritten(&case, |members| {
            members.into_iter().rev().collect()
        }));
        accept(rewritten(&case, |mut members| {
            for (nth, empty) in ["null", "\"\"", "[]", "{ }"].into_iter().enumerate() {
                members.push((format!("\"\\u0000 {nth}\""), empty.to_owned()));
            }
            members
        }));
        let escaped = |text: String| match serde_json::from_str::<String>(&text) {
            Ok(text) => {
                let units = text.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
                format!("\"{}\"", units.collect::<String>())
            }
            Err(_) => text,
        };
        accept(rewritten(&case, |members| {
            let escaped = |(name, value)| (escaped(name), escaped(value));
            members.into_iter().map(escaped).collect()
        }));
        accept(rewritten(&case, |members| {
            let quoted = |(name, value): (String, String)| {
                let whole = value.parse::<i128>().is_ok() && value != "-0" && name != "\"data\"";
                retyped += usize::from(whole);
                let value = if whole { format!("\"{value}\"") } else { value };
                (name, value)
            };
            members.into_iter().map(quoted).collect()
        }));
        // The first name gets the rest of the signed text as its value.
        let signed = String::from_utf8(case.signed_content.clone()).unwrap();
        let Some((name, value)) = signed.split_once('=').filter(|_| signed.contains('&')) else {
            continue;
        };
        if name == "data" {
            continue;
        }
        merged += 1;
        accept(rewritten(&case, |mut members| {
            members.retain(|(name, _)| name == "\"sign\"");
            let [name, value] = [name, value].map(|text| serde_json::to_string(text).unwrap());
            members.push((name, value));
            members
        }));
    }
    assert!(merged > 20, "{merged}");
    assert!(retyped > 10, "{retyped}");
}
