//! What a route decrypts in its callbacks.

use std::sync::Arc;

use super::context::Context;
use super::keys::{KeyHeader, Naming, all_fit, key_set};
use crate::config::backend::{MAX_FIELD_HEADER, fold_header};
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::model::{FieldHeader, Upstream, UpstreamTarget};
use crate::config::reader::{Table, Value, quote};
use crate::config::resolve::decryption::{self, DecryptionKeys};
use crate::decrypt::{DecryptPolicy, DecryptionKey, Rule};
use crate::verify::{KeySet, Scheme};

const KEYS: Naming = Naming {
    key: "decrypt_keys",
    empty: "without a key, nothing could be decrypted",
    help: "write `decrypt_keys = [\"...\"]` with the ids of `[[decryption_key]]` entries",
    no_header: "add `key_header = \"...\"`, or write `decrypt_keys = [\"...\"]`: each is tried",
};

/// The rule that provides everything but the paths for a list of paths.
const MODEL: &str = "sgate-sensitive";

/// `Some(None)` if nothing is decrypted.
pub(super) fn decrypt(
    table: &Table<'_>,
    key_header: &KeyHeader,
    scheme: Option<&Scheme>,
    upstream: Option<&Upstream>,
    fields: &[FieldHeader],
    context: &Context<'_>,
) -> Option<Option<DecryptPolicy>> {
    if !table.has("decrypt") {
        if table.has("decrypt_keys") {
            table.problems().report(
                Diagnostic::error(
                    "conflicting keys",
                    table.key_place("decrypt_keys"),
                    "`decrypt_keys` has no effect without `decrypt`",
                )
                .help("add `decrypt = \"sgate-sensitive\"` or your own rule, or remove it"),
            );
            return None;
        }
        return Some(None);
    }
    let rule = table.get("decrypt").and_then(|value| rule(value, context));
    let names = context.decryption_keys;
    let keys = key_set(table, &KEYS, key_header, scheme, names);
    let is_signed = covers_body(table, scheme) && is_json(table, scheme);
    let is_signed = is_signed
        && rule
            .as_ref()
            .is_none_or(|rule| covers_values(table, scheme, rule));
    let is_free = rule
        .as_ref()
        .is_none_or(|rule| headers_are_free(table, rule, fields));
    let (rule, keys) = (rule?, keys?);
    let do_fit = keys_fit(table, &rule, &keys, names);
    if !(is_signed && is_free && do_fit) {
        return None;
    }
    warn_of_echo(table, upstream);
    let mut policy = DecryptPolicy::new(rule, keys);
    policy.max_operations = context.limits.operations?;
    policy.max_header = MAX_FIELD_HEADER;
    Some(Some(policy))
}

/// A rule by its name, or a list of paths.
fn rule(value: Value<'_>, context: &Context<'_>) -> Option<Arc<Rule>> {
    if value.is_text() {
        return context.decryptions.find(value.text()?).map(Arc::clone);
    }
    let paths = decryption::paths(value)?;
    if paths.is_empty() {
        return value
            .error("empty list", "it decrypts nothing")
            .help("name the encrypted fields, or remove `decrypt`")
            .report();
    }
    let mut rule = Rule::built_in()
        .iter()
        .find(|rule| rule.name == MODEL)?
        .clone();
    rule.paths = paths;
    Some(Arc::new(rule))
}

/// Without a signed body, an attacker with a captured callback could have any value decrypted.
fn covers_body(table: &Table<'_>, scheme: Option<&Scheme>) -> bool {
    let Some(scheme) = scheme.filter(|scheme| !scheme.signs_body()) else {
        return true;
    };
    table.problems().report(
        Diagnostic::error(
            "decryption of what is not signed",
            table.key_place("decrypt"),
            format!(
                "the scheme `{}` does not sign the body: a stranger could have any value decrypted",
                scheme.name
            ),
        )
        .help(
            "add `{body}` to the signed content, if the provider signs it; otherwise remove \
             `decrypt`",
        ),
    );
    false
}

/// Neither may what is decrypted be in a field that an attacker can change.
fn covers_values(table: &Table<'_>, scheme: Option<&Scheme>, rule: &Rule) -> bool {
    let Some(scheme) = scheme else {
        return true;
    };
    let headers = rule.headers.iter().map(|header| &header.path);
    let mut paths = rule.paths.iter().chain(headers);
    let Some(open) = paths.find(|path| !scheme.rules().signs_all_in(&path.fixed_start())) else {
        return true;
    };
    table.problems().report(
        Diagnostic::error(
            "decryption of what is not signed",
            table.key_place("decrypt"),
            format!(
                "the signature of the scheme {} does not cover all that `{open}` leads to: whoever has a \
                 callback could have any value decrypted",
                quote(&scheme.name)
            ),
        )
        .help(
            "name only values that are signed, by all names that lead to them, such as \"/data/card\"",
        ),
    );
    false
}

/// Values are decrypted in JSON only.
fn is_json(table: &Table<'_>, scheme: Option<&Scheme>) -> bool {
    let Some(scheme) = scheme.filter(|scheme| !scheme.body_format().is_typed()) else {
        return true;
    };
    table.problems().report(
        Diagnostic::error(
            "decryption of a body that is not JSON",
            table.key_place("decrypt"),
            format!(
                "the bodies of the scheme `{}` are forms or XML, in which nothing is decrypted",
                scheme.name
            ),
        )
        .help("remove `decrypt`; the backend gets the values as they were sent"),
    );
    false
}

/// Rejects a header for clear text that the route also fills from a body field.
fn headers_are_free(table: &Table<'_>, rule: &Rule, fields: &[FieldHeader]) -> bool {
    let taken = |name: &str| {
        let folded = fold_header(name);
        fields
            .iter()
            .any(|field| fold_header(&field.header) == folded)
    };
    let twice = rule.headers.iter().find(|header| taken(&header.header));
    if let Some(header) = twice {
        table.problems().report(
            Diagnostic::error(
                "duplicate header",
                table.key_place("decrypt"),
                format!(
                    "this rule sets `{}`, and so does the route's `fields`",
                    header.header
                ),
            )
            .and(table.key_place("fields"), "`fields` is here")
            .help("choose another name; `-`, `_` and `.` count as the same, and case is ignored"),
        );
    }
    twice.is_none()
}

fn keys_fit(
    table: &Table<'_>,
    rule: &Rule,
    keys: &KeySet<DecryptionKey>,
    names: &DecryptionKeys<'_>,
) -> bool {
    let misfit = |key: &DecryptionKey| {
        (!rule.cipher.fits(key.kind())).then(|| {
            format!(
                "the key `{}` is for {}, but the values are encrypted with {}",
                key.id(),
                key.kind(),
                rule.cipher
            )
        })
    };
    let help = "name a key of the right kind and length, or another `cipher`";
    all_fit(table, &KEYS, keys, names, misfit, help)
}

/// The echo shows the client what a backend would receive.
fn warn_of_echo(table: &Table<'_>, upstream: Option<&Upstream>) {
    if upstream.is_some_and(|upstream| upstream.target == UpstreamTarget::Echo) {
        table.problems().report(
            Diagnostic::warning(
                WarningName::ClearTextForClient,
                table.key_place("upstream"),
                "the echo upstream answers with the clear text",
            )
            .help("use it to try things out; then name the backend"),
        );
    }
}
