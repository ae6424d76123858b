//! Text that may hold a secret, and the only way to show it.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::ops::escape;
use crate::verify::language::{LetDefinition, planted_parts};
use crate::verify::{Key, KeySet, Scheme, Secret};

/// Bytes that may hold a secret. They are neither `Display` nor `Debug`, and nothing serializes them: whoever shows them
/// needs a [`Veil`].
#[derive(Clone, PartialEq, Eq)]
pub(super) struct GuardedText(Vec<u8>);

impl GuardedText {
    pub(super) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// What people see: control characters visible, secrets not. A long text is folded unless `full` says otherwise.
    pub(super) fn shown(&self, veil: &Veil, full: bool) -> String {
        let masked = veil.masked(&self.0);
        let (first, last) = (FOLDED.0, FOLDED.1);
        let length = masked.len();
        let is_long = length > first.saturating_add(last).saturating_mul(2);
        if full || !is_long {
            return escape::visible(&masked);
        }
        let begin = masked.get(..first).unwrap_or_default();
        let end = masked
            .get(length.saturating_sub(last)..)
            .unwrap_or_default();
        let between = length.saturating_sub(first).saturating_sub(last);
        format!(
            "{}… {between} bytes …{}",
            escape::visible(begin),
            escape::visible(end)
        )
    }
}

/// How much is shown of a folded text's beginning and end.
const FOLDED: (usize, usize) = (240, 80);

/// What stands in for a secret wherever text is shown.
#[derive(Default)]
pub(super) struct Veil {
    /// What must not be seen, and what is seen instead, by how it begins: a configuration can have thousands of
    /// secrets. The longest come first.
    hidden: HashMap<[u8; SHORTEST], Vec<HiddenWord>>,
    /// The permission to see all.
    lifted: Option<Revealing>,
}

/// What must not be seen, and what is seen instead.
type HiddenWord = (Zeroizing<Vec<u8>>, String);

/// Shorter secrets are not hidden where they stand in other text: what is missing there would spell them.
const SHORTEST: usize = 4;

/// The permission to show secrets and what could be forged with them.
#[derive(Clone, Copy)]
pub struct Revealing(());

impl Revealing {
    /// Given only to a person at a terminal who brought the key.
    ///
    /// # Errors
    /// What is missing.
    pub const fn ask(is_terminal: bool, own_key: bool, json: bool) -> Result<Self, &'static str> {
        match (is_terminal, own_key, json) {
            (_, _, true) => Err("`--reveal` shows secrets to a person: leave out `--json`"),
            (_, false, _) => {
                Err("`--reveal` is only for a key file of your own: use `--scheme` and `--key`")
            }
            (false, ..) => {
                Err("`--reveal` shows secrets on a terminal only, and the output is none")
            }
            (true, true, false) => Ok(Self(())),
        }
    }
}

/// The shortest secret that is also hidden in other encodings.
const ENCODED: usize = 6;

impl Veil {
    /// Hides the secrets of these keys.
    pub(super) fn over<'k>(sets: impl IntoIterator<Item = &'k KeySet<Key>>) -> Self {
        let mut veil = Self::default();
        for key in sets.into_iter().flat_map(KeySet::all) {
            if let Some(secret) = key.secret() {
                veil.hide(secret, "{secret}");
            }
            for (name, secret) in key.named_secrets() {
                veil.hide(secret, &format!("{{secret:{name}}}"));
            }
        }
        veil.sort();
        veil
    }

    /// Also hides what stands in a scheme where `{secret}` belongs.
    pub(super) fn over_scheme(&mut self, scheme: &Scheme) {
        let definition = scheme.definition();
        let texts = definition.content.iter();
        let texts = texts.chain(&definition.signed).chain(&definition.key);
        let lets = definition.lets.iter().flat_map(|(_, step)| match step {
            LetDefinition::Candidates(candidates) => candidates.iter().collect::<Vec<_>>(),
            LetDefinition::Table { by, of, default } => {
                let rows = of.iter().map(|(_, row)| row);
                rows.chain(default).chain([by]).collect()
            }
        });
        let fields = definition.selections.iter().flat_map(|(_, selection)| {
            let named = selection.pair_of.iter().chain(&selection.add);
            let named = named.map(|(_, text)| text);
            named.chain([&selection.pair, &selection.between])
        });
        let checks = definition.check.iter();
        let checks = checks.flat_map(|(value, wanted)| wanted.iter().chain([value]));
        for text in texts.chain(lets).chain(fields).chain(checks) {
            for part in planted_parts(text) {
                self.add(text.get(part).unwrap_or_default().into(), "[...]");
            }
        }
        self.sort();
    }

    fn sort(&mut self) {
        let longest_first = |one: &HiddenWord| std::cmp::Reverse(one.0.len());
        for words in self.hidden.values_mut() {
            words.sort_by_key(longest_first);
            words.dedup_by(|one, other| one.0 == other.0);
        }
    }

    /// Shows all from here on.
    pub(super) fn lift(&mut self, permission: Revealing) {
        self.lifted = Some(permission);
    }

    pub(super) const fn is_lifted(&self) -> bool {
        self.lifted.is_some()
    }

    fn hide(&mut self, secret: &Secret, name: &str) {
        let bytes = secret.bytes();
        self.add(bytes.to_vec(), name);
        self.add(bytes.trim_ascii().to_vec(), name);
        if bytes.len() < ENCODED {
            return;
        }
        let decoded = STANDARD.decode(bytes.trim_ascii()).ok();
        let decoded = decoded.filter(|decoded| decoded.len() >= ENCODED);
        for bytes in [Some(bytes.to_vec()), decoded].into_iter().flatten() {
            for text in encoded(&bytes) {
                self.add(text.into_bytes(), name);
            }
        }
    }

    fn add(&mut self, bytes: Vec<u8>, name: &str) {
        if let Some(begin) = bytes.first_chunk() {
            let words = self.hidden.entry(*begin).or_default();
            words.push((Zeroizing::new(bytes), name.to_owned()));
        }
    }

    /// The bytes without secrets.
    fn masked(&self, bytes: &[u8]) -> Vec<u8> {
        if self.lifted.is_some() {
            return bytes.to_vec();
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some((first, behind)) = rest.split_first() {
            match self.hidden_at(rest) {
                Some((word, name)) => {
                    out.extend_from_slice(name.as_bytes());
                    rest = rest.get(word.len()..).unwrap_or_default();
                }
                None => {
                    out.push(*first);
                    rest = behind;
                }
            }
        }
        out
    }

    /// Whether something of these bytes must not be seen.
    pub(super) fn hides(&self, bytes: &[u8]) -> bool {
        self.masked(bytes) != bytes
    }

    /// What must not be seen at the beginning of these bytes.
    fn hidden_at(&self, bytes: &[u8]) -> Option<&HiddenWord> {
        let words = self.hidden.get(bytes.first_chunk()?)?;
        words.iter().find(|(word, _)| bytes.starts_with(word))
    }

    /// The last net: a text that is about to be shown, without secrets.
    pub(super) fn over_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.masked(text.as_bytes())).into_owned()
    }
}

/// The same for every text in a value.
impl Veil {
    pub(super) fn over_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.over_text(&text).into(),
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.over_value(item))
                .collect(),
            Value::Object(members) => {
                let members = members.into_iter();
                members
                    .map(|(name, value)| (name, self.over_value(value)))
                    .collect()
            }
            other => other,
        }
    }
}

/// A secret as other texts write it.
fn encoded(secret: &[u8]) -> Vec<String> {
    let hex =
        |format: fn(u8) -> String| secret.iter().map(|byte| format(*byte)).collect::<String>();
    let mut all = vec![
        hex(|byte| format!("{byte:02x}")),
        hex(|byte| format!("{byte:02X}")),
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ];
    for form in [false, true] {
        for upper in [false, true] {
            all.push(percent_coded(secret, form, upper));
        }
    }
    if let Ok(text) = std::str::from_utf8(secret) {
        let quoted = Value::from(text).to_string();
        let inner = quoted
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        all.extend(inner.map(str::to_owned));
    }
    all
}

fn percent_coded(secret: &[u8], form: bool, upper: bool) -> String {
    let mut out = String::new();
    for byte in secret {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(*byte));
            }
            b' ' if form => out.push('+'),
            _ if upper => out.push_str(&format!("%{byte:02X}")),
            _ => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out
}

/// A key whose secrets are the words that stand for them, so that what is made with it tells nothing of them. Some schemes
/// decode the secret: `digits` gives one that can be.
pub(super) fn stand_in(key: &Key, digits: bool) -> Key {
    let word = |name: Option<&str>| {
        let text = match (digits, name) {
            (true, _) => DIGITS.to_owned(),
            (false, None) => "{secret}".to_owned(),
            (false, Some(name)) => format!("{{secret:{name}}}"),
        };
        Secret::new(Zeroizing::new(text.into_bytes())).ok()
    };
    let mut other = key.clone();
    if let Some(secret) = word(None) {
        other = other.with_secret(secret);
    }
    for (name, _) in key.named_secrets() {
        if let Some(secret) = word(Some(name)) {
            other = other.with_named_secret(name, secret);
        }
    }
    other
}

/// Valid in hexadecimal and base64, and unlike anything else.
const DIGITS: &str = "5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2";

/// A text that was made with the digits, with the word in their place.
pub(super) fn named(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        match rest.strip_prefix(DIGITS.as_bytes()) {
            Some(behind) => {
                out.extend_from_slice(b"{secret}");
                rest = behind;
            }
            None => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn veil(secret: &str) -> Veil {
        let bytes = Zeroizing::new(secret.as_bytes().to_vec());
        let key = Key::of_secret("k", Secret::new(bytes).unwrap());
        let named = Secret::new(Zeroizing::new(b"other one".to_vec())).unwrap();
        Veil::over([&KeySet::from(key.with_named_secret("b", named))])
    }

    #[test]
    fn a_secret_is_not_shown_in_any_usual_encoding() {
        let veil = veil("p@ss \"w0rd\"/+");
        let all = "p@ss \"w0rd\"/+|p%40ss%20%22w0rd%22%2F%2B|p%40ss+%22w0rd%22%2f%2b|\
                   cEBzcyAidzByZCIvKw==|cEBzcyAidzByZCIvKw|704073732022773072642\
                   22f2b|p@ss \\\"w0rd\\\"/+|other+one";
        let shown = GuardedText::new(all).shown(&veil, true);
        assert_eq!(
            shown,
            "{secret}|{secret}|{secret}|{secret}|{secret}|{secret}|{secret}|{secret:b}"
        );
    }

    #[test]
    fn long_text_is_folded_and_control_characters_are_visible() {
        let text = format!("a\n{}z\u{202e}", "x".repeat(1000));
        let shown = GuardedText::new(text).shown(&Veil::default(), false);
        assert!(
            shown.starts_with("a\\nxxx") && shown.ends_with("z\\u{202e}"),
            "{shown}"
        );
        assert!(shown.contains("… 686 bytes …"), "{shown}");
    }

    #[test]
    fn secrets_are_revealed_only_to_somebody_at_a_terminal_with_a_key_of_their_own() {
        for (terminal, own_key, json) in [
            (false, true, false),
            (true, false, false),
            (true, true, true),
        ] {
            assert!(Revealing::ask(terminal, own_key, json).is_err());
        }
        let mut veil = veil("hunter2hunter2");
        veil.lift(Revealing::ask(true, true, false).unwrap_or(Revealing(())));
        assert_eq!(
            GuardedText::new("hunter2hunter2").shown(&veil, true),
            "hunter2hunter2"
        );
    }
}
