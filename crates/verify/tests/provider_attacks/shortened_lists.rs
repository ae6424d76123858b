//! Lists from which something was taken, and lists that say what is signed.

use super::{Answer, answer, policy, scheme};
use crate::provider_cases::{SignedRequest, genuine_cases};

fn request(id: &str) -> SignedRequest {
    let mut cases = genuine_cases();
    cases.find(|case| case.request.id == id).unwrap().request
}

/// Changes headers, and asks.
fn with_headers(id: &str, change: impl Fn(&str) -> String) -> Answer {
    let genuine = request(id);
    let policy = policy(&genuine, scheme(&genuine).unwrap());
    assert_ne!(answer(&policy, &genuine), Answer::Refused);
    let mut changed = genuine.clone();
    for (_, value) in &mut changed.headers {
        *value = change(value);
    }
    assert_ne!(changed.headers, genuine.headers);
    answer(&policy, &changed)
}

#[test]
fn a_list_of_what_is_signed_cannot_be_shortened() {
    for (id, from, to) in [
        ("hook0-v1", "h=x-event-id x-event-type", "h=x-event-id"),
        ("hook0-v1", "h=x-event-id x-event-type", "h="),
        ("rfc9421-b22", "\"@authority\" ", ""),
        ("rfc9421-b22", "\"content-digest\" ", ""),
        ("rfc9421-b26", "\"@method\" ", ""),
    ] {
        let answer = with_headers(id, |value| value.replace(from, to));
        assert_eq!(answer, Answer::Refused, "{id}: {to}");
    }
}

/// Where items are signed one by one, how many there are is not: the coverage says so, and so does
/// the header that backends get.
#[test]
fn items_that_are_left_out_are_told_not_to_be_covered() {
    let genuine = genuine_cases().map(|case| case.request);
    let mut count = 0;
    for request in genuine {
        let scheme = scheme(&request).unwrap();
        if scheme.definition().each.is_none() {
            continue;
        }
        count += 1;
        let not_covered = scheme.rules().coverage().not_covered();
        assert!(
            not_covered
                .iter()
                .any(|part| part.contains("number of items")),
            "{}: {not_covered:?}",
            request.id
        );
    }
    assert!(count > 0);
}

/// The elements of lists that are signed with their fields.
#[test]
fn a_list_that_is_signed_cannot_be_shortened() {
    let mut count = 0;
    for case in genuine_cases() {
        let genuine = &case.request;
        let Ok(text) = std::str::from_utf8(&genuine.body) else {
            continue;
        };
        let scheme = scheme(genuine).unwrap();
        let is_each = scheme.definition().each.is_some();
        let policy = policy(genuine, scheme);
        for shorter in shorter_lists(text) {
            let mut changed = genuine.clone();
            changed.body = shorter.into_bytes();
            // Of a field that is not signed, every change passes.
            let mut emptied = genuine.clone();
            emptied.body = "{}".into();
            let refused = answer(&policy, &changed) == Answer::Refused;
            let is_unsigned = answer(&policy, &emptied) != Answer::Refused;
            count += usize::from(refused);
            assert!(
                refused || is_unsigned || is_each,
                "{}: {changed:?}",
                genuine.id
            );
        }
    }
    assert!(count > 5, "{count}");
}

/// The JSON text with the last element of one list taken away, for each list of several.
fn shorter_lists(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    for (at, char) in text.char_indices() {
        if in_string {
            (in_string, escaped) = (escaped || char != '"', char == '\\' && !escaped);
            continue;
        }
        match char {
            '"' => in_string = true,
            '[' | '{' => open.push((char, None)),
            ',' => {
                if let Some((_, comma)) = open.last_mut() {
                    *comma = Some(at);
                }
            }
            ']' | '}' => {
                if let Some(('[', Some(comma))) = open.pop() {
                    found.push(format!("{}{}", &text[..comma], &text[at..]));
                }
            }
            _ => {}
        }
    }
    found
}
