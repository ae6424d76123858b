//! Changes that somebody without the key makes to a signed request.

use super::choices::Choices;
use super::random_expression::SEPARATORS;
use super::random_message::{FieldText, Format, HEADERS, NAMES, NamedTexts, RandomMessage, VALUES};

/// What the scheme writes between values: where they could be cut in another place.
pub(crate) struct Marks(Vec<String>);

impl Marks {
    /// Every fixed text in these expressions.
    pub(crate) fn of<'t>(expressions: impl IntoIterator<Item = &'t str>) -> Self {
        let mut marks: Vec<String> = SEPARATORS.iter().map(|mark| (*mark).to_owned()).collect();
        for expression in expressions {
            let mut depth = 0;
            let mut mark = String::new();
            for character in expression.chars() {
                match character {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    '[' | ']' => {}
                    other if depth == 0 => mark.push(other),
                    _ => {}
                }
                if depth == 1 && !mark.is_empty() {
                    marks.push(std::mem::take(&mut mark));
                }
            }
            marks.push(mark);
        }
        marks.sort();
        marks.dedup();
        marks.truncate(256);
        Self(marks)
    }

    fn pick(&self, choices: &mut Choices<'_>) -> &str {
        &self.0[choices.below(self.0.len())]
    }
}

/// Changes a message in one way.
pub(crate) fn change(message: &mut RandomMessage, marks: &Marks, choices: &mut Choices<'_>) {
    match choices.below(16) {
        0 => message.method = choices.pick(&["GET", "PUT", "POST", "post"]).to_owned(),
        1 => message.path = change_text(&message.path, marks, choices).replace(['?', '#'], ""),
        2 => message.style = choices.below(16),
        3 if message.format == Format::Raw => {
            message.raw = change_text(&message.raw, marks, choices)
        }
        4..=6 => move_text(message, marks, choices),
        7 => change_list(&mut message.query, Format::Form, NAMES, marks, choices),
        8 | 9 => change_list(&mut message.headers, Format::Form, HEADERS, marks, choices),
        10 => move_field(message, choices),
        _ => {
            let format = message.format;
            change_list(&mut message.fields, format, NAMES, marks, choices);
        }
    }
}

fn change_text(text: &str, marks: &Marks, choices: &mut Choices<'_>) -> String {
    let characters: Vec<char> = text.chars().collect();
    let at = choices.place(characters.len());
    let (before, after) = characters.split_at(at);
    let (before, after): (String, String) = (before.iter().collect(), after.iter().collect());
    match choices.below(10) {
        0 => choices.pick(VALUES).to_owned(),
        1 => format!("{before}{}{after}", choices.pick(VALUES)),
        2 => format!("{before}{}{after}", marks.pick(choices)),
        3 => before,
        4 => after,
        5 => text.to_uppercase(),
        6 => text.to_lowercase(),
        7 => format!(" {text} "),
        8 => format!(
            "{text}{}",
            choices.pick(&["0", ".0", "0", "\0", "/", "?", "="])
        ),
        _ => choices.text(),
    }
}

/// The lists of values.
fn list(message: &mut RandomMessage, at: usize) -> &mut NamedTexts {
    match at {
        0 => &mut message.query,
        1 | 2 => &mut message.headers,
        _ => &mut message.fields,
    }
}

/// Moves the end of one value to the beginning of another, or the other way round.
fn move_text(message: &mut RandomMessage, marks: &Marks, choices: &mut Choices<'_>) {
    let spot = |message: &mut RandomMessage, choices: &mut Choices<'_>| {
        let lists = choices.below(5);
        let count = list(message, lists).len();
        (count > 0).then(|| (lists, choices.below(count.min(256))))
    };
    let Some(from) = spot(message, choices) else {
        return;
    };
    let Some(to) = spot(message, choices) else {
        return;
    };
    let text = list(message, from.0)[from.1].1.text();
    let mark = marks.pick(choices).to_owned();
    let at = match choices.one_in(2) {
        true => text.find(&mark).unwrap_or(0),
        false => choices.place(text.len()),
    };
    let at = (at..=text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let (head, tail) = text.split_at(at);
    let other = list(message, to.0)[to.1].1.text();
    let is_marked = choices.one_in(2);
    let (kept, moved) = match choices.one_in(2) {
        true => (
            tail.to_owned(),
            format!("{other}{}{head}", if is_marked { &*mark } else { "" }),
        ),
        false => (
            head.to_owned(),
            match tail.strip_prefix(&*mark) {
                Some(tail) if is_marked => format!("{tail}{mark}{other}"),
                _ => format!("{tail}{}{other}", if is_marked { &*mark } else { "" }),
            },
        ),
    };
    list(message, from.0)[from.1].1 = FieldText::Text(kept);
    list(message, to.0)[to.1].1 = FieldText::Text(moved);
}

/// Moves or copies a field to where another part of the request is.
fn move_field(message: &mut RandomMessage, choices: &mut Choices<'_>) {
    let (from, to) = (choices.below(4), choices.below(4));
    let count = list(message, from).len();
    if count == 0 {
        return;
    }
    let at = choices.below(count.min(256));
    let field = list(message, from)[at].clone();
    if choices.one_in(2) {
        list(message, from).remove(at);
    }
    list(message, to).push(field);
}

fn change_list(
    pairs: &mut NamedTexts,
    format: Format,
    names: &[&str],
    marks: &Marks,
    choices: &mut Choices<'_>,
) {
    let name = choices.pick(names).to_owned();
    if pairs.is_empty() || choices.one_in(10) {
        let at = choices.place(pairs.len());
        pairs.insert(at, (name, FieldText::random(choices, format, 1)));
        return;
    }
    let at = choices.below(pairs.len().min(256));
    let other = choices.below(pairs.len().min(256));
    match choices.below(14) {
        0 => pairs[at].1 = FieldText::random(choices, format, 2),
        1 => pairs[at].0 = name,
        2 => drop(pairs.remove(at)),
        3 => {
            let pair = pairs[at].clone();
            pairs.push(pair);
        }
        4 => {
            let value = pairs[at].1.clone();
            pairs[at].1 = std::mem::replace(&mut pairs[other].1, value);
        }
        5 => pairs.swap(at, other),
        6 => pairs[at].0 = change_text(&pairs[at].0, marks, choices),
        7 if at != other => merge(pairs, at, other, marks, choices),
        8 => split(pairs, at, marks, choices),
        9 | 10 if format == Format::Json => pairs[at].1 = other_type(&pairs[at].1, choices),
        11 => move_into_name(pairs, at, marks, choices),
        12 => {
            if let FieldText::Object(members) = &mut pairs[at].1 {
                change_list(&mut members.clone(), format, names, marks, choices);
                let mut changed = members.clone();
                change_list(&mut changed, format, names, marks, choices);
                *members = changed;
            }
        }
        _ => pairs[at].1 = FieldText::Text(change_text(&pairs[at].1.text(), marks, choices)),
    }
}

/// Makes one field of two.
fn merge(
    pairs: &mut NamedTexts,
    at: usize,
    other: usize,
    marks: &Marks,
    choices: &mut Choices<'_>,
) {
    let (name, value) = pairs[other].clone();
    let (between, assign) = (
        marks.pick(choices).to_owned(),
        marks.pick(choices).to_owned(),
    );
    let name = if choices.one_in(3) {
        String::new()
    } else {
        name
    };
    let merged = format!(
        "{}{between}{name}{assign}{}",
        pairs[at].1.text(),
        value.text()
    );
    pairs[at].1 = FieldText::Text(merged);
    pairs.remove(other);
}

/// Makes two fields of one.
fn split(pairs: &mut NamedTexts, at: usize, marks: &Marks, choices: &mut Choices<'_>) {
    let text = pairs[at].1.text();
    let (between, assign) = (
        marks.pick(choices).to_owned(),
        marks.pick(choices).to_owned(),
    );
    let Some((head, tail)) = text.split_once(&*between).filter(|_| !between.is_empty()) else {
        return;
    };
    let (name, value) = match tail.split_once(&*assign).filter(|_| !assign.is_empty()) {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (choices.pick(NAMES).to_owned(), tail.to_owned()),
    };
    pairs[at].1 = FieldText::Text(head.to_owned());
    pairs.insert(at + 1, (name, FieldText::Text(value)));
}

/// Moves the beginning of a value to the end of its name, or the other way round.
fn move_into_name(pairs: &mut NamedTexts, at: usize, marks: &Marks, choices: &mut Choices<'_>) {
    let assign = marks.pick(choices).to_owned();
    let (name, value) = (pairs[at].0.clone(), pairs[at].1.text());
    if choices.one_in(2) {
        if let Some(first) = value.chars().next() {
            pairs[at] = (
                format!("{name}{assign}{first}"),
                FieldText::Text(
                    value[first.len_utf8()..]
                        .trim_start_matches(&*assign)
                        .to_owned(),
                ),
            );
        }
    } else if let Some(last) = name.chars().last() {
        let rest = name[..name.len() - last.len_utf8()].to_owned();
        pairs[at] = (rest, FieldText::Text(format!("{last}{assign}{value}")));
    }
}

/// The same text as another type.
fn other_type(value: &FieldText, choices: &mut Choices<'_>) -> FieldText {
    match value {
        FieldText::Text(text) if text.is_empty() => choices
            .pick(&[
                &FieldText::Null,
                &FieldText::List(Vec::new()),
                &FieldText::Object(Vec::new()),
            ])
            .clone(),
        FieldText::Text(text) => match text.as_str() {
            "null" => FieldText::Null,
            "1" | "10" | "100.50" | "0" | "2.5" | "-1" | "1e2" | "true" | "1700000000" => {
                FieldText::Bare(text.clone())
            }
            "{a=1}" | "{\"a\":1}" => {
                FieldText::Object(vec![("a".to_owned(), FieldText::Bare("1".to_owned()))])
            }
            "[a, b]" => FieldText::List(
                ["a", "b"]
                    .map(|text| FieldText::Text(text.to_owned()))
                    .to_vec(),
            ),
            "[x]" => FieldText::List(vec![FieldText::Text("x".to_owned())]),
            _ => FieldText::List(vec![value.clone()]),
        },
        FieldText::Null => FieldText::Text(choices.pick(&["null", ""]).to_owned()),
        FieldText::Bare(text) => FieldText::Text(text.clone()),
        FieldText::List(items) => match (choices.below(3), items.first()) {
            (0, Some(first)) => first.clone(),
            (1, _) => {
                let items: Vec<String> = items.iter().map(FieldText::text).collect();
                FieldText::Text(format!("[{}]", items.join(", ")))
            }
            _ => FieldText::Text(value.json(0)),
        },
        FieldText::Object(members) => match choices.below(2) {
            0 => {
                let pair = |(name, value): &(String, FieldText)| format!("{name}={}", value.text());
                let members: Vec<String> = members.iter().map(pair).collect();
                FieldText::Text(format!("{{{}}}", members.join(", ")))
            }
            _ => FieldText::Text(value.json(0)),
        },
    }
}
