//! Optional parts of a signed text.

use std::collections::BTreeMap;

use super::attack_tests::signed_by;
use super::*;

fn over(content: &str, shapes: &[(&str, &str)]) -> SchemeDefinition {
    with(content, |scheme| scheme.require = require(shapes))
}

/// As AWS SNS signs: lines with labels, of which only the first value has line breaks.
#[test]
fn the_label_of_an_optional_line_shows_that_it_is_there() {
    let content = "M\n{field:m}\nId\n{field:i}\n[Sub\n{field:s}\n][Sum\n{field:u}\n]T\n{field:t}\n";
    let line = "[^\n]*";
    let shapes = [
        ("{field:i}", "[0-9a-f]{2}-[0-9a-f]{2}"),
        ("{field:s|default:}", line),
        ("{field:u|default:}", line),
        ("{field:t}", line),
    ];
    assert_eq!(borders(&over(content, &shapes)), [""; 0]);
    // A value that may contain what ends lines.
    for without in 0..shapes.len() {
        let mut fewer = shapes.to_vec();
        fewer.remove(without);
        assert!(is_open(&over(content, &fewer)), "{without}");
    }
    for (label, other) in [("[Sub\n", "[Id\n"), ("[Sum\n", "[Sub\n"), ("[Sum\n", "[")] {
        let content = content.replace(label, other);
        assert!(is_open(&over(&content, &shapes)), "{content}");
    }
}

/// All texts of up to so many of these characters.
fn all_texts(characters: &str, length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..length {
        let longer = |text: &String| {
            let characters = characters.chars();
            characters
                .map(|character| format!("{text}{character}"))
                .collect::<Vec<_>>()
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.clone());
    }
    all
}

#[test]
fn no_two_bodies_have_one_text_unless_a_border_is_open() {
    let mut closed = 0;
    for content in [
        "{form:m};I;{form:i};[S;{form:s};]",
        "{form:m};I;{form:i};[S;{form:s};]T",
        "{form:m};I;{form:i};[I;{form:s};]T",
        "{form:m};S;{form:i};[IS;{form:s};]",
        "{form:m};I;{form:i};[{form:s};]",
        "{form:m};{form:i};[S;{form:s};]",
        "{form:m};{form:i}[S;{form:s};]",
        "[S;{form:s};]I;{form:i};{form:m}",
        "[S;{form:s};]S;{form:i};{form:m}",
        "[{form:s}S;]{form:i}I;{form:m}",
        "[SI;{form:s};]S;{form:i};{form:m}",
    ] {
        let shapes = [("{form:i}", "[IS]?"), ("{form:s|default:}", "[IS]*")];
        let scheme = over(content, &shapes);
        let rules = compiled(&scheme);
        let mut known: BTreeMap<Vec<u8>, String> = BTreeMap::new();
        let mut twice = None;
        for m in all_texts("IS;", 3) {
            for i in all_texts("IS", 1) {
                let plain = format!("m={}&i={i}", m.replace(';', "%3B"));
                let optional = all_texts("IS", 1).into_iter();
                let optional = optional.map(|s| format!("{plain}&s={s}"));
                for body in optional.chain([plain.clone()]) {
                    if let Some(other) = known.insert(signed_by(&rules, &[], &body), body.clone()) {
                        twice = Some((other, body));
                    }
                }
            }
        }
        if !is_open(&scheme) {
            assert_eq!(twice, None, "{content}");
            closed += 1;
        }
    }
    assert!(closed >= 3, "{closed}");
}
