//! Neighbours that are merged, and bytes that are moved between them.

use countersign_verify::VerifyPolicy;

use super::changed_fields::Fields;
use super::{Answer, answer, policy, scheme};
use crate::provider_cases::{SignedRequest, genuine_cases};

/// What stands between fields and in them: one field can look like two.
const BETWEEN: [&str; 6] = ["&", "|", ",", ":", "\n", ""];

#[test]
fn a_scheme_that_is_not_marked_has_no_open_border() {
    for case in genuine_cases() {
        let scheme = scheme(&case.request).unwrap();
        let is_open = !scheme.rules().coverage().open_borders().is_empty();
        assert_eq!(scheme.ambiguous_join, is_open, "{}", scheme.name);
    }
}

#[test]
fn values_that_were_moved_into_one_another_are_refused_or_marked() {
    let (mut refused, mut marked) = (0, 0);
    for case in genuine_cases() {
        let request = &case.request;
        let policy = policy(request, scheme(request).unwrap());
        for kind in Fields::ALL {
            let fields = kind.of(request);
            if fields.len() < 2 {
                continue;
            }
            let written = kind.write(request, &fields);
            // Where the bytes are signed, only the same bytes are a request that was signed.
            if answer(&policy, &written) == Answer::Refused {
                continue;
            }
            for (one, other) in neighbours(&fields) {
                let attack = Attack {
                    kind,
                    request,
                    policy: &policy,
                    fields: &fields,
                };
                for answer in attack
                    .moves(one, other)
                    .into_iter()
                    .chain(attack.merges(one, other))
                {
                    match answer {
                        Answer::Refused => refused += 1,
                        Answer::Marked => marked += 1,
                        Answer::Accepted => panic!("{}: {one} {other} {fields:?}", request.id),
                    }
                }
            }
        }
    }
    assert!(refused > 1_000 && marked > 20, "{refused} {marked}");
}

/// Pairs of fields that may be signed one behind the other: as they came, and as they are sorted.
fn neighbours(fields: &[(String, String)]) -> Vec<(usize, usize)> {
    let mut sorted: Vec<usize> = (0..fields.len()).collect();
    sorted.sort_by_key(|at| &fields[*at].0);
    let pairs = sorted.windows(2).map(|pair| (pair[0], pair[1]));
    let mut pairs: Vec<_> = pairs
        .chain((1..fields.len()).map(|at| (at - 1, at)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

struct Attack<'a> {
    kind: Fields,
    request: &'a SignedRequest,
    policy: &'a VerifyPolicy,
    fields: &'a [(String, String)],
}

impl Attack<'_> {
    /// The answers to requests with one character moved from one value to the other, both ways.
    fn moves(&self, one: usize, other: usize) -> Vec<Answer> {
        let (first, second) = (&self.fields[one].1, &self.fields[other].1);
        let forward = first.char_indices().next_back();
        let forward = forward.map(|(at, char)| (first[..at].to_owned(), format!("{char}{second}")));
        let mut chars = second.chars();
        let back = chars.next();
        let back = back.map(|char| (format!("{first}{char}"), chars.as_str().to_owned()));
        let moved = forward.into_iter().chain(back);
        let answers =
            moved.map(|(first, second)| self.both([(one, Some(&first)), (other, Some(&second))]));
        answers.flatten().collect()
    }

    /// The answers to requests in which one value holds the other field.
    fn merges(&self, one: usize, other: usize) -> Vec<Answer> {
        let (first, (name, second)) = (&self.fields[one].1, &self.fields[other]);
        let texts = BETWEEN.iter().flat_map(|between| {
            let named = [format!("{between}{name}="), (*between).to_owned()];
            named.map(|text| format!("{first}{}{second}", self.kind.escape(&text)))
        });
        let answers = texts.map(|text| self.both([(one, Some(&text)), (other, None)]));
        answers.flatten().collect()
    }

    /// The answer to two changes. `None` if nothing is shifted: where one of them alone is accepted
    /// as well, that value is not signed.
    fn both(&self, changes: [(usize, Option<&str>); 2]) -> Option<Answer> {
        let answer = self.answer(&changes);
        let is_signed = |change| self.answer(&[change]) == Answer::Refused;
        let are_signed = answer == Answer::Refused || changes.into_iter().all(is_signed);
        are_signed.then_some(answer)
    }

    /// The answer to the request with these values; without those that are `None`.
    fn answer(&self, changes: &[(usize, Option<&str>)]) -> Answer {
        let fields = self.fields.iter().enumerate();
        let fields: Vec<_> = { fields }
            .filter_map(|(at, (name, value))| {
                let change = changes.iter().find(|(changed, _)| *changed == at);
                let value = change.map_or(Some(value.as_str()), |(_, value)| *value)?;
                Some((name.clone(), value.to_owned()))
            })
            .collect();
        answer(self.policy, &self.kind.write(self.request, &fields))
    }
}
