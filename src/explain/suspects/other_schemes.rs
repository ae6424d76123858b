//! Other schemes: the same one with something written differently.

use std::sync::Arc;

use crate::explain::diagnosis::Diagnosis;
use crate::explain::variation::{Mend, Suspect, Suspects, Variation};
use crate::verify::language::{Choice, SchemeDefinition};
use crate::verify::{Algorithm, Means, Scheme};

/// The scheme with something else in its definition, if that can be compiled.
fn changed(
    scheme: &Scheme,
    (diagnosis, what): (Diagnosis, String),
    change: impl FnOnce(&mut SchemeDefinition),
) -> Option<Suspect> {
    let mut definition = scheme.definition().clone();
    change(&mut definition);
    if definition == *scheme.definition() {
        return None;
    }
    let mut other = Scheme::compile(scheme.name.clone(), definition).ok()?;
    other.ambiguous_join = scheme.ambiguous_join;
    Some(Suspect {
        diagnosis,
        what,
        mend: Mend::Scheme,
        variation: Variation {
            scheme: Some(Arc::new(other)),
            ..Variation::default()
        },
    })
}

/// The same scheme with other algorithms for keys of the same kind.
pub(super) fn algorithms(scheme: &Scheme) -> Suspects<'_> {
    let Choice::Fixed(own) = &scheme.definition().algorithm else {
        return Box::new(std::iter::empty());
    };
    let Some(own) = Algorithm::from_name(own) else {
        return Box::new(std::iter::empty());
    };
    let others = Algorithm::ALL.iter().filter(move |other| {
        **other != own && other.key_kind() == own.key_kind() && other.means() != Means::Token
    });
    Box::new(others.filter_map(move |other| {
        let what = format!("`algorithm = \"{other}\"`");
        changed(scheme, (Diagnosis::OtherAlgorithm, what), |definition| {
            definition.algorithm = Choice::Fixed(other.name().to_owned());
        })
    }))
}

/// The same scheme with signatures in another encoding.
pub(super) fn encodings(scheme: &Scheme) -> Suspects<'_> {
    const DECODERS: &[&str] = &["|unhex", "|unbase64url", "|unbase64"];
    let of = DECODERS
        .iter()
        .flat_map(|from| DECODERS.iter().map(move |to| (from, to)));
    let of = of.filter(|(from, to)| from != to);
    let bare = |text: &String| !DECODERS.iter().any(|decoder| text.contains(decoder));
    let added = DECODERS.iter().filter_map(move |decoder| {
        let signature = { scheme.definition().signature.iter() }.map(|text| {
            let inner = text.strip_suffix('}').filter(|_| bare(text));
            inner.map_or_else(|| text.clone(), |inner| format!("{inner}{decoder}}}"))
        });
        signed_by(scheme, signature.collect())
    });
    Box::new(added.chain(of.filter_map(move |(from, to)| {
        let rewritten = |text: &String| {
            let at = text.find(from)?;
            let (before, behind) = text.split_at_checked(at)?;
            let behind = behind.strip_prefix(from)?;
            let is_whole = behind.starts_with(['|', '}']);
            is_whole.then(|| format!("{before}{to}{behind}"))
        };
        let signature = &scheme.definition().signature;
        let other: Vec<String> = { signature.iter() }
            .map(|text| rewritten(text).unwrap_or_else(|| text.clone()))
            .collect();
        signed_by(scheme, other)
    })))
}

fn signed_by(scheme: &Scheme, signature: Vec<String>) -> Option<Suspect> {
    let what = format!("`signature = \"{}\"`", signature.join("\", \""));
    changed(scheme, (Diagnosis::SignatureEncoding, what), |definition| {
        definition.signature = signature;
    })
}

/// The same scheme with times in another unit.
pub(super) fn units(scheme: &Scheme) -> Suspects<'_> {
    let units = ["ms", "s", "auto"].into_iter();
    let units = units.filter(|_| scheme.has_timestamp());
    Box::new(units.filter_map(move |unit| {
        let what = format!("the `unit` of `timestamp` is \"{unit}\"");
        changed(scheme, (Diagnosis::TimestampUnit, what), |definition| {
            if let Some(timestamp) = &mut definition.timestamp {
                unit.clone_into(&mut timestamp.unit);
            }
        })
    }))
}

/// The same scheme with the secret decoded first, or taken as text.
pub(super) fn secret_forms(scheme: &Scheme) -> Suspects<'_> {
    const FORMS: &[&str] = &["{secret}", "{secret|unbase64}", "{secret|unhex}"];
    let takes_secrets = scheme
        .algorithms()
        .iter()
        .any(|one| one.means() == Means::Mac);
    let forms = FORMS.iter().filter(move |_| takes_secrets);
    Box::new(forms.filter_map(move |form| {
        let what = format!("`key = \"{form}\"`");
        changed(scheme, (Diagnosis::SecretEncoding, what), |definition| {
            definition.key = (*form != "{secret}").then(|| (*form).to_owned());
        })
    }))
}

/// The same scheme with another content: other separators, one more or less at either end, parts left out or swapped.
pub(super) fn contents(scheme: &Scheme) -> Suspects<'_> {
    let own = &scheme.definition().content;
    let written = own
        .iter()
        .enumerate()
        .flat_map(move |(nth, text)| variants(text).into_iter().map(move |other| (nth, other)));
    Box::new(written.filter_map(move |(nth, other)| {
        let what = format!("`content = {}`", quoted(&other));
        changed(scheme, (Diagnosis::OtherContent, what), |definition| {
            if let Some(text) = definition.content.get_mut(nth) {
                *text = other;
            }
        })
    }))
}

/// As a TOML string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

const SEPARATORS: &[&str] = &[
    "", ".", "|", "\n", "&", ":", ",", ";", "-", "_", " ", "+", "#", "\r\n",
];

/// Other spellings of a content.
fn variants(text: &str) -> Vec<String> {
    let parts = parts(text);
    let values: Vec<&str> = { parts.iter().copied() }
        .filter(|part| part.starts_with('{'))
        .collect();
    let mut all: Vec<String> = Vec::new();
    let mut add = |other: String| {
        if other != text && !other.is_empty() && !all.contains(&other) {
            all.push(other);
        }
    };
    for end in ["\n", "\r\n", ".", "|", "&"] {
        add(format!("{text}{end}"));
        add(format!("{end}{text}"));
        add(text.strip_suffix(end).unwrap_or(text).to_owned());
        add(text.strip_prefix(end).unwrap_or(text).to_owned());
    }
    let orders = orders(&values);
    for values in &orders {
        for separator in SEPARATORS {
            add(values.join(separator));
            add(format!("{}{separator}", values.join(separator)));
        }
    }
    // What the providers' documentation calls the URL may be any of these.
    for (from, to) in [
        ("{url}", "{target}"),
        ("{url}", "{path}"),
        ("{url}", "{configured_url}"),
        ("{configured_url}", "{url}"),
        ("{target}", "{path}"),
        ("{path}", "{target}"),
        ("{target}", "{url}"),
        ("{path}", "{url}"),
        ("{body}", "{body|sha256|hex}"),
        ("{body|sha256|hex}", "{body}"),
        ("{body}", "{body|base64}"),
        ("{body}", "{body|md5|hex}"),
        ("{body}", "{body|sha256|base64}"),
        ("{method}", "{method|lower}"),
        ("{timestamp}", "{nonce}"),
    ] {
        add(text.replace(from, to));
    }
    all
}

/// A template's values in braces, and the text between them.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = match rest.starts_with('{') {
            true => rest.find('}').map(|at| at.saturating_add(1)),
            false => rest.find('{'),
        };
        let (part, behind) = rest
            .split_at_checked(end.unwrap_or(rest.len()))
            .unwrap_or((rest, ""));
        parts.push(part);
        rest = behind;
    }
    parts
}

/// All orders of a few values, and of all but one.
fn orders<'v>(values: &[&'v str]) -> Vec<Vec<&'v str>> {
    if values.len() > 4 {
        let mut all = vec![values.to_vec()];
        for nth in 0..values.len() {
            let mut fewer = values.to_vec();
            fewer.remove(nth);
            all.push(fewer);
        }
        return all;
    }
    let mut all: Vec<Vec<&str>> = vec![Vec::new()];
    let mut done: Vec<Vec<&str>> = Vec::new();
    while let Some(begun) = all.pop() {
        let rest = values.iter().filter(|value| !begun.contains(value));
        for value in rest {
            let mut next = begun.clone();
            next.push(value);
            all.push(next);
        }
        if !begun.is_empty() && begun.len().saturating_add(1) >= values.len() {
            done.push(begun);
        }
    }
    done
}

/// The same scheme with fields selected and written in other ways.
pub(super) fn selections(scheme: &Scheme) -> Suspects<'_> {
    let count = scheme.definition().selections.len();
    Box::new((0..count).flat_map(move |nth| {
        let mut all: Vec<Option<Suspect>> = Vec::new();
        let orders = [
            "as-received",
            "bytes",
            "nocase",
            "utf16",
            "value",
            "pair",
            "pair-nocase",
        ];
        for order in orders {
            all.push(selected(
                scheme,
                nth,
                format!("`order = \"{order}\"`"),
                |selection| {
                    selection.order = Some(order.to_owned());
                },
            ));
        }
        for (empty, what) in [
            (Some("leave-out"), "`empty = \"leave-out\"`"),
            (None, "no `empty`: empty fields are signed"),
        ] {
            all.push(selected(scheme, nth, what.to_owned(), |selection| {
                selection.empty = empty.map(str::to_owned);
            }));
        }
        for null in ["leave-out", "empty", "null"] {
            all.push(selected(
                scheme,
                nth,
                format!("`null = \"{null}\"`"),
                |selection| {
                    selection.null = Some(null.to_owned());
                },
            ));
        }
        for name in ["sign_type", "signType", "sign", "signature", "type"] {
            let what = format!("`leave_out` has \"{name}\"");
            all.push(selected(scheme, nth, what, |selection| {
                if !selection.leave_out.iter().any(|other| other == name) {
                    selection.leave_out.push(name.to_owned());
                }
            }));
            let what = format!("`leave_out` is without \"{name}\"");
            all.push(selected(scheme, nth, what, |selection| {
                selection.leave_out.retain(|other| other != name);
            }));
        }
        for between in SEPARATORS {
            all.push(selected(
                scheme,
                nth,
                format!("`between = {}`", quoted(between)),
                |selection| {
                    (*between).clone_into(&mut selection.between);
                },
            ));
        }
        for pair in [
            "{name}={value}",
            "{value}",
            "{name}{value}",
            "{name}:{value}",
            "{name}={value|urlencode}",
            "\"{value}\"",
        ] {
            all.push(selected(
                scheme,
                nth,
                format!("`pair = {}`", quoted(pair)),
                |selection| {
                    pair.clone_into(&mut selection.pair);
                },
            ));
        }
        all.into_iter().flatten()
    }))
}

fn selected(
    scheme: &Scheme,
    nth: usize,
    what: String,
    change: impl FnOnce(&mut crate::verify::language::SelectionDefinition),
) -> Option<Suspect> {
    changed(scheme, (Diagnosis::OtherContent, what), |definition| {
        if let Some((_, selection)) = definition.selections.get_mut(nth) {
            change(selection);
        }
    })
}
