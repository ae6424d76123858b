//! `expect`: what must come out.

use crate::config::keys::VERIFIED;
use crate::config::model::ExpectedVerdict;
use crate::config::reader::{Value, quote, similar};
use crate::verify::Reason;

pub(super) fn verdict(value: Value<'_>) -> Option<ExpectedVerdict> {
    let text = value.text()?;
    if text.text == VERIFIED {
        return Some(ExpectedVerdict::Verified);
    }
    let mut all = Reason::ALL.iter();
    if let Some(reason) = all.find(|reason| reason.code() == text.text) {
        return Some(ExpectedVerdict::Refused(*reason));
    }
    let why = format!(
        "{} is neither \"{VERIFIED}\" nor a reason",
        quote(text.text)
    );
    let draft = text.error("unknown value", why);
    let codes = || Reason::ALL.iter().map(|reason| reason.code());
    let meant = similar(text.text, codes().chain([VERIFIED]));
    match meant.or_else(|| codes().find(|code| has_words_of(code, text.text))) {
        Some(meant) => draft.help(format!("did you mean \"{meant}\"?")),
        None => draft.help(format!(
            "write \"{VERIFIED}\", or one of the codes in docs/reasons.md"
        )),
    }
    .report()
}

/// Whether a code has the same words in another order: `unknown_key` for `key_unknown`.
fn has_words_of(code: &str, text: &str) -> bool {
    let words = |text: &str| {
        let mut words: Vec<String> = text.split('_').map(str::to_lowercase).collect();
        words.sort_unstable();
        words
    };
    words(code) == words(text)
}
