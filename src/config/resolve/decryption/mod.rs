//! Which values of a callback are decrypted, and with which keys.

mod cipher;
mod keys;
mod output;
mod paths;
mod sources;

use std::sync::Arc;

pub(super) use keys::{DecryptionKeys, resolve as resolve_keys};
pub(super) use paths::paths;

use super::headers::Prefix;
use super::names::Names;
use crate::config::diagnostic::Diagnostic;
use crate::config::keys::CipherTextEncoding;
use crate::config::reader::{Table, Text, Value};
use crate::decrypt::{Output, Rule};

pub(super) type Rules<'a> = Names<'a, Arc<Rule>>;

/// Reads the rules.
pub(super) fn resolve<'a>(
    tables: &[Table<'a>],
    incomplete: bool,
    prefix: Option<&Prefix>,
) -> Rules<'a> {
    let mut rules = Names::new("decryption");
    for rule in Rule::built_in() {
        rules.built_in(&rule.name, Arc::new(rule.clone()));
    }
    rules.define_all(tables, incomplete, ("name", "rule"), |table, name| {
        rule(table, name, prefix).map(Arc::new)
    });
    rules
}

/// Reads one rule. A rule without a usable name is still checked.
fn rule(table: &Table<'_>, name: Option<Text<'_>>, prefix: Option<&Prefix>) -> Option<Rule> {
    // Everything is read before the first `?`, so that all problems are reported.
    let cipher = cipher::cipher(table);
    let iv = table.optional("iv", sources::iv);
    let aad = table.optional("aad", sources::aad);
    let paths = table.read("paths", paths::paths);
    let headers = table.read("headers", |value| paths::headers(value, prefix));
    let encoding = table.read("encoding", Value::word);
    let content = table.read("value", Value::word);
    let output = output::output(table);
    let on_failure = table.read("on_failure", Value::word);
    let name = name.map_or("", |name| name.text);
    let mut rule = Rule::new(name, cipher?, paths?);
    rule.output = output?;
    rule.headers = headers?;
    let CipherTextEncoding(encoding) = encoding?;
    rule.encoding = encoding;
    rule.iv = iv?;
    rule.aad = aad?;
    rule.content = content?;
    rule.on_failure = on_failure?;
    let whole = [
        has_a_path(table, &rule),
        sources::check(table, &rule),
        has_siblings(table, &rule),
    ];
    whole.iter().all(|is_right| *is_right).then_some(rule)
}

fn has_a_path(table: &Table<'_>, rule: &Rule) -> bool {
    let is_missing = rule.paths.is_empty() && rule.headers.is_empty();
    if is_missing && !table.may_have("paths") && !table.may_have("headers") {
        table.missing(
            "`[[decryption]]` needs `paths` or `headers`",
            "add `paths = [\"$.data..cardno\"]`: the values that are encrypted",
        );
    } else if is_missing {
        table.problems().report(
            Diagnostic::error("empty list", table.place(), "the rule decrypts nothing")
                .help("add `paths = [\"$.data..cardno\"]`: the values that are encrypted"),
        );
    }
    !is_missing
}

/// A sibling can be found or added only if the value itself has a name.
fn has_siblings(table: &Table<'_>, rule: &Rule) -> bool {
    let beside = matches!(rule.output, Output::Beside(_));
    let headers = rule.headers.iter().map(|header| &header.path);
    let nameless = if sources::needs_siblings(rule) {
        let mut paths = rule.paths.iter().chain(headers);
        paths.find(|path| !path.ends_with_name())
    } else if beside {
        rule.paths.iter().find(|path| !path.ends_with_name())
    } else {
        None
    };
    if let Some(path) = nameless {
        table.problems().report(
            Diagnostic::error(
                "no siblings",
                table.key_place("paths"),
                format!("`{path}` leads to values without a name, which can have no sibling"),
            )
            .help("end the path with a name, such as `$.list[*].cardno`"),
        );
    }
    nameless.is_none()
}
