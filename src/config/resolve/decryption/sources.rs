//! Where the IV and the associated data are.

use crate::config::diagnostic::Diagnostic;
use crate::config::reader::{Table, Value};
use crate::decrypt::{Cipher, Iv, Rule, SiblingField};
use crate::verify::decode_hex;

const IV_HELP: &str = "add `iv = { field = \"nonce\" }` for a field next to the value, `{ prefix = true }` if it \
     precedes the cipher text, or `{ fixed = \"...\" }` in hexadecimal";

pub(super) fn iv(value: Value<'_>) -> Option<Iv> {
    let table = value.table()?;
    let prefix = table.read("prefix", Value::boolean)?;
    let fixed = table.optional("fixed", fixed)?;
    let has_field = table.has("field");
    let ways = [has_field, prefix, table.has("fixed")];
    if ways.iter().filter(|way| **way).count() != 1 {
        table.problems().report(
            Diagnostic::error(
                "unclear IV",
                value.place(),
                "exactly one of `field`, `prefix = true` and `fixed` must say where the IV is",
            )
            .help(IV_HELP),
        );
        return None;
    }
    if has_field {
        return sibling(&table).map(Iv::Sibling);
    }
    if table.has("encoding") {
        table.problems().report(
            Diagnostic::error(
                "conflicting keys",
                table.key_place("encoding"),
                "`encoding` is the encoding of a field, and the IV is not in one",
            )
            .help("remove `encoding`"),
        );
        return None;
    }
    Some(fixed.map_or(Iv::Prefix, Iv::Fixed))
}

pub(super) fn aad(value: Value<'_>) -> Option<SiblingField> {
    let table = value.table()?;
    if !table.has("field") {
        let _: Option<Value<'_>> = table.require(
            "field",
            "add `field = \"associated_data\"`: the field next to the value",
        );
    }
    sibling(&table)
}

fn sibling(table: &Table<'_>) -> Option<SiblingField> {
    let field = table
        .get("field")
        .and_then(|value| value.text()?.not_empty());
    let encoding = table.read("encoding", Value::word);
    Some(SiblingField::new(field?, encoding?))
}

fn fixed(value: Value<'_>) -> Option<Vec<u8>> {
    let text = value.text()?;
    decode_hex(text.text).or_else(|| {
        text.error("invalid IV", "it is not hexadecimal")
            .help("write two digits for each byte, without spaces")
            .report()
    })
}

/// Whether the rule reads siblings of the encrypted values.
pub(super) fn needs_siblings(rule: &Rule) -> bool {
    rule.aad.is_some() || matches!(rule.iv, Some(Iv::Sibling(_)))
}

/// Reports an IV that is missing, unsafe or of the wrong length, and an IV or associated data that
/// the cipher does not use.
pub(super) fn check(table: &Table<'_>, rule: &Rule) -> bool {
    let report = |key: &str, title, why: &str, help: &str| {
        let problem = Diagnostic::error(title, table.key_place(key), why);
        table.problems().report(problem.help(help));
        false
    };
    let (iv, aad) = match rule.cipher {
        Cipher::RsaPkcs1v15 | Cipher::RsaOaep { .. } => (false, false),
        cipher => (true, cipher.takes_aad()),
    };
    match &rule.iv {
        None if iv && !table.may_have("iv") => {
            table.missing("this cipher needs an `iv`", IV_HELP);
            return false;
        }
        None if iv => return false,
        Some(_) if !iv => return report("iv", "conflicting keys", "RSA uses no IV", "remove `iv`"),
        Some(Iv::Fixed(_)) if aad => {
            return report(
                "iv",
                "unsafe IV",
                "reusing a nonce with GCM reveals the key",
                "name the field in which the provider sends the nonce",
            );
        }
        Some(Iv::Fixed(bytes)) if Some(bytes.len()) != rule.cipher.iv_length() => {
            return report(
                "iv",
                "invalid IV",
                &format!("an IV for CBC has 16 bytes, but this has {}", bytes.len()),
                "write 32 hexadecimal digits",
            );
        }
        _ => {}
    }
    if rule.aad.is_some() && !aad {
        return report(
            "aad",
            "conflicting keys",
            "only GCM uses associated data",
            "remove `aad`",
        );
    }
    true
}
