//! Checks that a scheme's signature covers the values that routes and backends rely on.

use super::definition::Spots;
use super::open_borders::{self, AMBIGUOUS_JOIN};
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::resolve::once;
use crate::verify::language::StatedGap;
use crate::verify::scheme::{Scheme, Unsigned, Unsound};

/// The key with which it admits that its provider does not sign the body.
const UNSIGNED_BODY: &str = "unsigned_body";

/// Reports a scheme under which one signature is valid for several callbacks. Warns about values that
/// an attacker could change.
pub(super) fn check(spots: &Spots<'_>, scheme: &Scheme, unsigned_body: bool) -> Option<()> {
    let table = spots.scheme();
    if scheme.signs_raw_body() && scheme.rules().signature_is_in_body() {
        table.problems().report(
            Diagnostic::error(
                "impossible scheme",
                table.key_place("signature"),
                "the signature is in the body, but the whole body is signed",
            )
            .help(
                "name the header that contains the signature, or sign the body's `{fields}` without it",
            ),
        );
        return None;
    }
    let borders = scheme.rules().coverage().open_borders();
    if let Err(unsound) = scheme.check() {
        table.problems().report(match unsound {
            Unsound::Join(_) => open_borders::refused(spots, borders),
            Unsound::NeedlessAmbiguousJoin => Diagnostic::error(
                "needless setting",
                table.key_place(AMBIGUOUS_JOIN),
                "the content that this scheme signs is unambiguous, or checked for each \
                 callback: `ambiguous_join` is not needed",
            )
            .help(format!("remove `{AMBIGUOUS_JOIN}`")),
            Unsound::Identity(fault) => {
                once::unsound_identity(table.key_place("identity"), scheme, &fault)
            }
            other => Diagnostic::error(
                "unsound scheme",
                table.key_place("content"),
                other.to_string(),
            ),
        });
        return None;
    }
    if scheme.ambiguous_join {
        open_borders::warn(spots, borders);
    }
    let body = check_body(spots, scheme, unsigned_body);
    for value in scheme.unsigned() {
        let (key, gap) = match value {
            Unsigned::Timestamp => ("timestamp", StatedGap::Timestamp),
            Unsigned::Nonce => ("nonce", StatedGap::Nonce),
            Unsigned::Event => ("event", StatedGap::Event),
            // A key id only selects the key. Other effects depend on the route.
            Unsigned::KeyId | Unsigned::Body => continue,
            _ => continue,
        };
        if scheme.rules().states_uncovered(gap) {
            continue;
        }
        let why = "the signature does not cover it: an attacker can change it in a captured callback, so it \
                   is not among the verified headers";
        table.problems().report(
            Diagnostic::warning(WarningName::NotSigned, table.key_place(key), why).help(
                match key {
                    "event" => {
                        "name a field that the signature covers, or remove `event`".to_owned()
                    }
                    key => {
                        format!("add `{{{key}}}` to the signed content, if the provider signs it")
                    }
                },
            ),
        );
    }
    for value in scheme.rules().coverage().partly_signed() {
        if scheme.rules().states_partly_signed(value) {
            continue;
        }
        table.problems().report(
            Diagnostic::warning(
                WarningName::NotSigned,
                spots.place_of_value(&value.value),
                format!("{value}; an attacker can change that in a captured callback"),
            )
            .help(
                "compare it with the provider's documentation; if the provider signs it so, the \
                 backend must not rely on what is lost",
            ),
        );
    }
    body
}

/// Reports a body that is not signed, unless the scheme states it; and such a statement about a
/// body that is signed.
fn check_body(spots: &Spots<'_>, scheme: &Scheme, stated: bool) -> Option<()> {
    let table = spots.scheme();
    let stated = stated || scheme.rules().states_uncovered(StatedGap::Body);
    table
        .problems()
        .report(match (scheme.signs_body(), stated) {
        (true, false) | (false, true) => return Some(()),
        (false, false) => Diagnostic::error(
            "body not signed",
            table.key_place("content"),
            "the signature does not cover the body: anybody who sees one callback can forge others",
        )
        .help(format!(
            "add `{{body}}` or `{{fields}}` to the signed content; only if the provider really \
                 does not sign the body, set `{UNSIGNED_BODY} = true` in the scheme"
        )),
        (true, true) => Diagnostic::error(
            "needless setting",
            table.key_place(UNSIGNED_BODY),
            "the signature covers the body",
        )
        .help(format!("remove `{UNSIGNED_BODY}`")),
    });
    None
}
