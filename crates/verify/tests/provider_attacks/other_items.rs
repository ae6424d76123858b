//! Other items beside signed ones, under names that less careful readers take for those on the way to
//! the items.

use super::{Answer, answer, policy, scheme};
use crate::provider_cases::{SignedRequest, genuine_cases};

/// Names that readers in Go, .NET and C take for this one.
fn read_alike(name: &str) -> Vec<String> {
    let mut chars = name.chars();
    let first = chars.next().unwrap();
    let rest = chars.as_str();
    vec![
        format!("{}{rest}", swap_case(first)),
        name.chars().map(swap_case).collect(),
        name.replace('s', "\u{17F}"),
        format!("{name}\\u0000"),
        format!("{name}\\u0000x"),
    ]
}

fn swap_case(char: char) -> char {
    match char.is_ascii_lowercase() {
        true => char.to_ascii_uppercase(),
        false => char.to_ascii_lowercase(),
    }
}

#[test]
fn no_other_items_stand_beside_signed_ones() {
    let mut count = 0;
    for case in genuine_cases() {
        let genuine = &case.request;
        let scheme = scheme(genuine).unwrap();
        let Some(each) = scheme.definition().each.clone() else {
            continue;
        };
        let body = std::str::from_utf8(&genuine.body).unwrap();
        let policy = policy(genuine, scheme);
        let ask = |body: String| {
            let body = body.into_bytes();
            answer(
                &policy,
                &SignedRequest {
                    body,
                    ..genuine.clone()
                },
            )
        };
        assert_ne!(ask(body.to_owned()), Answer::Refused, "{}", genuine.id);
        for step in each.split('/').filter(|step| !["", "*"].contains(step)) {
            let member = format!("\"{step}\"");
            assert!(body.contains(&member), "{}: {step}", genuine.id);
            let beside = |name: &str| body.replace(&member, &format!("\"{name}\":[{{}}],{member}"));
            assert_ne!(ask(beside("other")), Answer::Refused, "{}", genuine.id);
            for name in read_alike(step).into_iter().filter(|name| name != step) {
                assert_eq!(
                    ask(beside(&name)),
                    Answer::Refused,
                    "{}: {name}",
                    genuine.id
                );
                if each.starts_with(&format!("/{step}/")) {
                    let (start, end) = body.split_at(body.rfind('}').unwrap());
                    let after = format!("{start},\"{name}\":[{{}}]{end}");
                    assert_eq!(ask(after), Answer::Refused, "{}: {name}", genuine.id);
                }
                count += 1;
            }
        }
    }
    assert!(count > 0);
}
