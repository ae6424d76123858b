//! What a scheme may cost: to be looked at when it is loaded, and for each callback.

#![allow(clippy::arithmetic_side_effects, clippy::expect_used)]

use std::cell::Cell;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue};

use super::scheme_definition::{Choice, LetDefinition, SchemeDefinition, SelectionDefinition};
use super::{DefinitionError, RouteValues, SchemeRules, verify};
use crate::callback::Callback;
use crate::keys::{Key, Secret};
use crate::memory::{MemoryBudget, OutOfMemory};
use crate::reason::{Reason, VerifyError};

fn definition(content: &str, lets: Vec<(String, LetDefinition)>) -> SchemeDefinition {
    SchemeDefinition {
        algorithm: Choice::Fixed("hmac-sha256".to_owned()),
        signature: vec!["{header:X-Sign|unhex}".to_owned()],
        content: vec![content.to_owned()],
        lets,
        ..SchemeDefinition::default()
    }
}

/// Steps each of which is made of the one before; the last is `{last}`.
fn steps(count: usize, first: &str, others: impl Fn(&str) -> Vec<String>) -> SchemeDefinition {
    let mut lets = vec![(
        "s0".to_owned(),
        LetDefinition::Candidates(vec![first.to_owned()]),
    )];
    for nth in 1..count {
        let candidates = others(&format!("{{s{}}}", nth - 1));
        lets.push((format!("s{nth}"), LetDefinition::Candidates(candidates)));
    }
    definition(&format!("{{s{}}}", count - 1), lets)
}

fn refused(definition: &SchemeDefinition) -> DefinitionError {
    let errors = SchemeRules::compile(definition).unwrap_err();
    let [error] = errors.as_slice() else {
        panic!("{errors:?}");
    };
    error.clone()
}

#[test]
fn steps_that_double_are_refused_by_name_before_they_are_looked_at() {
    // Each would take twice as long as the one before, far beyond the age of the universe.
    let doubled = steps(200, "{header:A}", |last| vec![format!("{last}{last}")]);
    let error = refused(&doubled);
    assert_eq!(error.key, "let.s10");
    assert!(
        error.to_string().contains("more than 2048 values"),
        "{error}"
    );

    let candidates = steps(200, "{header:A}", |last| {
        vec![last.to_owned(), last.to_owned()]
    });
    assert_eq!(refused(&candidates).key, "let.s10");

    let table = |last: &str| LetDefinition::Table {
        by: "{header:B}".to_owned(),
        of: vec![("x".to_owned(), last.to_owned())],
        default: Some(last.to_owned()),
    };
    let mut rows = steps(30, "{header:A}", |last| vec![last.to_owned()]);
    for (nth, (_, step)) in rows.lets.iter_mut().enumerate().skip(1) {
        *step = table(&format!("{{s{}}}", nth - 1));
    }
    assert_eq!(refused(&rows).key, "let.s10");
}

#[test]
fn what_uses_a_large_step_often_is_refused_too() {
    let step = || {
        let text = "{header:A}".repeat(200);
        vec![("a".to_owned(), LetDefinition::Candidates(vec![text]))]
    };
    let often = "{a}".repeat(20);
    assert_eq!(refused(&definition(&often, step())).key, "content");

    let mut signed = definition(&"{a}".repeat(5), step());
    signed.signed = Some("{content}".repeat(3));
    assert_eq!(refused(&signed).key, "signed");

    let mut named = definition("{nonce}", step());
    named.nonce = Some("{a|text}".repeat(9));
    named.content = vec!["{nonce}{nonce}".to_owned()];
    assert_eq!(refused(&named).key, "content");

    let mut selected = definition("{fields}", step());
    let selection = SelectionDefinition {
        from: Some("form".to_owned()),
        pair: "{name}={value}".to_owned(),
        between: "&".to_owned(),
        add: vec![("x".to_owned(), often.clone())],
        ..SelectionDefinition::default()
    };
    selected.selections = vec![(None, selection)];
    assert_eq!(refused(&selected).key, "fields");

    let mut required = definition("{a}", step());
    required.require = vec![(often, "x*".to_owned())];
    let error = refused(&required);
    assert!(
        error.to_string().contains("more than 2048 values"),
        "{error}"
    );
}

#[test]
fn steps_in_a_long_row_are_refused() {
    let row = steps(200, "{header:A}", |last| vec![last.to_owned()]);
    let error = refused(&row);
    assert_eq!(error.key, "let.s33");
    assert!(error.to_string().contains("more than 32 steps"), "{error}");
    let many = (0..300).map(|nth| {
        let text = vec!["{header:A}".to_owned()];
        (format!("s{nth}"), LetDefinition::Candidates(text))
    });
    let error = refused(&definition("{body}", many.collect()));
    assert_eq!(error.key, "let.s256");
}

#[test]
fn lists_beyond_their_bounds_are_refused_before_they_are_looked_at() {
    let numbered = |count: usize| (0..count).map(|nth| format!("f{nth}"));
    let pairs = |count: usize| -> Vec<(String, String)> {
        let pairs = numbered(count).map(|name| (format!("{{form:{name}}}"), ".*".to_owned()));
        pairs.collect()
    };
    // In the order that finds one more covered value in each round.
    let checks = |count: usize| {
        let mut scheme = definition("{form:f0}", Vec::new());
        let below = |nth: usize| format!("{{form:f{nth}}}");
        let checks = (1..=count).rev();
        scheme.check = checks
            .map(|nth| (below(nth), vec![below(nth - 1)]))
            .collect();
        scheme
    };
    let rules = SchemeRules::compile(&checks(64)).unwrap();
    let last = crate::body::FieldPath::parse("f64").unwrap();
    assert!(rules.coverage().covers_field(&last));
    assert_eq!(refused(&checks(65)).key, "check.{form:f1}");
    assert_eq!(refused(&checks(400)).key, "check.{form:f336}");

    let mut wanted = definition("{form:a}", Vec::new());
    let values = pairs(257).into_iter().map(|(value, _)| value);
    wanted.check = vec![("{form:a}".to_owned(), values.collect())];
    assert_eq!(refused(&wanted).key, "check.{form:a}");

    let mut required = definition("{form:a}", Vec::new());
    required.require = pairs(257);
    assert_eq!(refused(&required).key, "require");

    let mut many = definition("{body}", Vec::new());
    let selection = SelectionDefinition {
        from: Some("form".to_owned()),
        pair: "{value}".to_owned(),
        ..SelectionDefinition::default()
    };
    let selections = numbered(17).map(|name| (Some(name), selection.clone()));
    many.selections = selections.collect();
    assert_eq!(refused(&many).key, "selection.f16");
    many.selections.pop();
    assert!(SchemeRules::compile(&many).is_ok());

    let selected = |change: fn(&mut SelectionDefinition, Vec<String>), count: usize| {
        let mut scheme = definition("{fields}", Vec::new());
        let mut selection = SelectionDefinition {
            from: Some("form".to_owned()),
            pair: "{name}={value}".to_owned(),
            between: "&".to_owned(),
            ..SelectionDefinition::default()
        };
        change(&mut selection, numbered(count).collect());
        scheme.selections = vec![(None, selection)];
        scheme
    };
    type Change = fn(&mut SelectionDefinition, Vec<String>);
    let lists: [(&str, Change); 3] = [
        ("fields.names", |fields, names| fields.names = Some(names)),
        ("fields.only", |fields, names| fields.only = names),
        ("fields.leave_out", |fields, names| fields.leave_out = names),
    ];
    for (key, change) in lists {
        assert!(
            SchemeRules::compile(&selected(change, 256)).is_ok(),
            "{key}"
        );
        assert_eq!(refused(&selected(change, 4_000)).key, key);
    }
}

#[test]
fn an_expression_beyond_its_bounds_is_not_read() {
    for text in [
        "{body}".repeat(10_000),
        "{".repeat(64 << 10),
        "[".repeat(64 << 10),
        "{{".repeat(32 << 10),
        "[{body}".repeat(10_000),
        "{body|default:".repeat(10_000),
        format!("{{body{}}}", "|hex".repeat(10_000)),
        format!("{{body|prefix:{}}}", "'".repeat(64 << 10)),
        format!("{{{}}}", "a".repeat(64 << 10)),
    ] {
        let error = refused(&definition(&text, Vec::new())).error.to_string();
        assert!(error.contains("at most 16384 bytes"), "{error}");
    }
    let error = refused(&definition(&"{body}".repeat(2_000), Vec::new()));
    assert!(error.to_string().contains("at most 256 values"), "{error}");
}

/// Grants everything, and remembers the most that was taken at a time.
#[derive(Default)]
struct WatchedBudget {
    taken: usize,
    most: Cell<usize>,
}

impl MemoryBudget for WatchedBudget {
    fn take(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        self.taken += bytes;
        self.most.set(self.most.get().max(self.taken));
        Ok(())
    }

    fn give(&mut self, bytes: usize) {
        self.taken = self
            .taken
            .checked_sub(bytes)
            .expect("more was given than taken");
    }
}

/// The verdict of a callback without a valid signature, and the most memory that it took.
fn verdict(definition: &SchemeDefinition, body: &[u8]) -> (Reason, usize) {
    let rules = SchemeRules::compile(definition).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("x-sign", HeaderValue::from_str(&"00".repeat(32)).unwrap());
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let keys = [Arc::new(Key::of_secret(
        "",
        Secret::new(b"secret".to_vec().into()).unwrap(),
    ))];
    let mut memory = WatchedBudget::default();
    let callback = Callback::new("POST", b"/", &headers, body);
    let route = RouteValues::default();
    match verify(&rules, &route, &keys, callback, &mut memory, &mut ()) {
        Err(VerifyError::Rejected(rejection)) => (rejection.reason, memory.most.get()),
        other => panic!("{other:?}"),
    }
}

/// What a callback of this length may take.
fn bound(body: &[u8]) -> usize {
    // All that is made, what is being made, and for a moment a copy of it.
    3 * (body.len() * 32 + (1 << 20))
}

#[test]
fn what_a_scheme_makes_of_a_body_is_bounded_by_the_body() {
    let body = vec![b'\\'; 32 << 10];
    let hex = |times: usize| "|hex".repeat(times);
    let doubled = |content: &str| steps(9, content, |last| vec![format!("{last}{last}")]);
    let mut digest = definition(&"{body}".repeat(200), Vec::new());
    digest.signed = Some("{content|sha256}".to_owned());
    let mut value = definition("{body}", Vec::new());
    value.check = vec![(
        format!("{{body{}}}", hex(12)),
        vec!["{header:X-Sign}".to_owned()],
    )];
    let mut optional = definition("{method}", Vec::new());
    optional.content = vec![format!("{{method}}[{}]", "{body}".repeat(200))];
    for definition in [
        definition(&format!("{{body{}}}", hex(12)), Vec::new()),
        definition(&format!("{{body{}}}", hex(40)), Vec::new()),
        definition(&format!("{{body{}|sha256|hex}}", hex(12)), Vec::new()),
        definition(
            &format!("{{body|text{}}}", "|urlencode:form|json:php".repeat(100)),
            Vec::new(),
        ),
        definition(
            &format!("{{body|text{}}}", "|json:js".repeat(12)),
            Vec::new(),
        ),
        definition(
            &format!("{{body|text{}}}", "|escape:x".repeat(12)),
            Vec::new(),
        ),
        definition(&"{body}".repeat(200), Vec::new()),
        doubled("{body}"),
        doubled("{body|hex}"),
        digest,
        value,
        optional,
    ] {
        let (reason, most) = verdict(&definition, &body);
        assert_eq!(reason, Reason::ValueMalformed, "{definition:?}");
        assert!(most <= bound(&body), "{most}: {definition:?}");
    }
    // What providers do has room.
    for content in [
        "{body|hex|urlencode:form}",
        "{body|text|json:php|json:php|hex}",
        "{body}{body|hex}{body|base64}",
    ] {
        let (reason, _) = verdict(&definition(content, Vec::new()), &body);
        assert_eq!(reason, Reason::SignatureMismatch, "{content}");
    }
}

#[test]
fn what_was_taken_is_given_back_for_each_value() {
    let body = br#"{"a":"xxxx"}"#.to_vec();
    let long = [br#"{"a":""#.as_slice(), &vec![b'x'; 100 << 10], br#""}"#].concat();
    for body in [body, long] {
        for content in [
            "{field:a|upper|hex|base64}",
            "[{field:b}]{field:a}",
            "{field:a|json:js}{document|sorted|json:js}",
        ] {
            let (reason, _) = verdict(&definition(content, Vec::new()), &body);
            assert_eq!(reason, Reason::SignatureMismatch, "{content}");
        }
    }
}
