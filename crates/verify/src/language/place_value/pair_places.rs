//! A value within text that has several: `t=1,v1=ab`.

use super::placed::Placed;

/// The text with this value under this name. Others of the name go: they are values of another signature.
pub(super) fn with_pair(
    old: &str,
    (separator, assign): (&str, &str),
    name: &str,
    value: Placed<'_>,
) -> Option<String> {
    let value = std::str::from_utf8(value.bytes).ok()?;
    let new = format!("{name}{assign}{value}");
    let mut parts: Vec<&str> = Vec::new();
    let mut is_placed = false;
    for part in old.split(separator).filter(|part| !part.is_empty()) {
        let pair = part.trim_matches([' ', '\t']).split_once(assign);
        if pair.is_some_and(|(known, _)| known == name) {
            if !is_placed {
                parts.push(&new);
            }
            is_placed = true;
        } else {
            parts.push(part);
        }
    }
    if !is_placed {
        parts.push(&new);
    }
    Some(parts.join(separator))
}

/// The text with this value as the item with this number, counted from 1.
pub(super) fn with_item(
    old: &str,
    separator: &str,
    nth: usize,
    value: Placed<'_>,
) -> Option<String> {
    let value = std::str::from_utf8(value.bytes).ok()?;
    let mut items: Vec<&str> = old.split(separator).collect();
    if items.len() < nth {
        items.resize(nth, "");
    }
    *items.get_mut(nth.checked_sub(1)?)? = value;
    Some(items.join(separator))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_takes_the_place_of_those_with_its_name_and_others_stay() {
        for (old, new) in [
            ("", "v1=x"),
            ("t=1", "t=1,v1=x"),
            ("v1=a", "v1=x"),
            ("t=1,v1=a,v0=b", "t=1,v1=x,v0=b"),
            ("v1=a, t=1, v1=c", "v1=x, t=1"),
        ] {
            let placed = with_pair(old, (",", "="), "v1", Placed::text("x"));
            assert_eq!(placed.as_deref(), Some(new), "{old}");
        }
    }

    #[test]
    fn an_item_has_its_number() {
        for (old, nth, new) in [("", 1, "x"), ("", 2, ",x"), ("a,b,c", 2, "a,x,c")] {
            let placed = with_item(old, ",", nth, Placed::text("x"));
            assert_eq!(placed.as_deref(), Some(new), "{old}");
        }
    }
}
