//! The keys that verify: public keys, and secrets that both sides know.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::files::{Contents, FilesRead};
use super::named_secrets;
use super::names::Names;
use super::shared_secrets;
use crate::config::diagnostic::{Diagnostic, Place, WarningName};
use crate::config::reader::{Draft, Table, Text, Value, quote};
use crate::verify::{Key, KeyError, KeyKind};

/// Each name stands for one key, or for all keys of a JWK set.
pub(super) type Keys<'a> = Names<'a, Vec<Arc<Key>>>;

/// Reads the keys. Adds their files to `read`.
pub(super) fn resolve<'a>(
    tables: &[Table<'a>],
    incomplete: bool,
    read: &mut FilesRead,
) -> Keys<'a> {
    let mut keys = Names::new("key");
    let files: Vec<PathBuf> = tables.iter().filter_map(file).collect();
    let mut seen = HashMap::new();
    keys.define_all(tables, incomplete, ("id", "key"), |table, id| {
        let keys = key(table, id, &files, read);
        if let (Some(id), Some(keys)) = (id, &keys) {
            keys.iter().for_each(|key| warn_of_copy(id, key, &mut seen));
        }
        keys
    });
    keys
}

/// The keys of `[[key]]` of which exactly one says where the key is.
const FORMS: [&str; 6] = {
    let [file, env, credential, secret] = shared_secrets::FORMS;
    ["file", "public_key", file, env, credential, secret]
};

/// The most keys of a JWK set: each is tried for a forged callback.
const MAX_SET: usize = 32;

/// The most characters of a `kid`.
const MAX_KID: usize = 64;

/// The file of a key, if it has one.
fn file(table: &Table<'_>) -> Option<PathBuf> {
    let value = table.get("file").filter(|value| value.is_text())?;
    Some(value.text()?.path())
}

fn key(
    table: &Table<'_>,
    id: Option<Text<'_>>,
    files: &[PathBuf],
    read: &mut FilesRead,
) -> Option<Vec<Arc<Key>>> {
    let legacy = table.read("legacy", Value::boolean);
    let named = named_secrets::read(table, id.map_or("", |id| id.text), read);
    let (form, value) = table.require_one(
        FORMS,
        "add `file = \"keys/....pem\"` for the platform's public key, or `secret_file = \"...\"` for \
         a secret that both sides know",
    )?;
    // A key without a usable id is still checked.
    let id = id.map_or("", |id| id.text);
    let text = value.text()?;
    let (keys, place) = match form {
        "file" => (from_file(id, text, files, read)?, text.place),
        "public_key" => {
            // Errors point to the name of the key, because its value can span many lines.
            let place = table.key_place(form);
            let text = text.marked_at(place);
            let keys = Key::decode_set(id, text.text.as_bytes());
            let keys = keys.map_err(|error| describe(text, &error, None)).ok()?;
            (check_set(text, keys)?, place)
        }
        _ => {
            let secret = shared_secrets::read(form, text, id, read)?;
            (vec![Key::of_secret(id, secret)], text.place)
        }
    };
    let (legacy, named) = (legacy?, named?);
    let with_secrets = |key: Key| {
        let named = named.iter();
        named.fold(key, |key, (name, secret)| {
            key.with_named_secret(name, secret.clone())
        })
    };
    let keys: Vec<_> = keys
        .into_iter()
        .map(|key| check_strength(table, key, legacy, place))
        .map(|key| key.map(with_secrets).map(Arc::new))
        .collect();
    keys.into_iter().collect()
}

/// Refuses a set of keys that cannot be used as it is.
fn check_set(text: Text<'_>, keys: Vec<Key>) -> Option<Vec<Key>> {
    if keys.iter().any(Key::is_secret) {
        return text
            .error(
                "invalid key",
                "this JWK is a secret (`oct`), not a public key",
            )
            .help("write the secret into a file of its own: `secret_file = \"...\"`")
            .report();
    }
    if keys.len() > MAX_SET {
        return text
            .error(
                "invalid key",
                format!("the set has more than {MAX_SET} keys that verify signatures"),
            )
            .note("every forged callback would be tried with each of them")
            .help("keep those that the platform signs callbacks with")
            .report();
    }
    let is_usual = |kid: &str| kid.len() <= MAX_KID && kid.bytes().all(|b| b.is_ascii_graphic());
    if !keys.iter().filter_map(Key::kid).all(is_usual) {
        return text
            .error(
                "invalid key",
                format!("a `kid` of the set is not 1 to {MAX_KID} visible ASCII characters"),
            )
            .help("it appears in logs and headers; give the key another `kid` in your copy")
            .report();
    }
    Some(keys)
}

fn from_file(
    id: &str,
    text: Text<'_>,
    files: &[PathBuf],
    read: &mut FilesRead,
) -> Option<Vec<Key>> {
    let bytes = read.file(text, Contents::PublicKey(files))?;
    let file = text.path().display().to_string();
    let keys = Key::decode_set(id, &bytes);
    let keys = keys.map_err(|error| describe(text, &error, Some(&file)));
    check_set(text, keys.ok()?)
}

/// Warns of a key that an earlier id stands for, too: after a rotation, both may be the old one.
fn warn_of_copy<'a>(id: Text<'a>, key: &Key, seen: &mut HashMap<[u8; 32], Text<'a>>) {
    let Some(first) = seen.get(&key.fingerprint()) else {
        seen.insert(key.fingerprint(), id);
        return;
    };
    if first.text == id.text {
        // Reported as a duplicate name.
        return;
    }
    let why = format!("this is the same key as {}", quote(first.text));
    id.warning(WarningName::SameKeyTwice, why)
        .and(first.place, "the key is here")
        .help("name the file of the other key, or use one id for both")
        .report::<()>();
}

/// Reports a key that cannot be used.
fn describe(text: Text<'_>, error: &KeyError, file: Option<&str>) {
    let draft = text.error("invalid key", error.to_string());
    let draft = match file {
        Some(file) => draft.note(format!("the file is `{file}`")),
        None => draft,
    };
    let private = file.unwrap_or("private.pem");
    let draft: Draft<'_> = match error {
        KeyError::Private(_) => draft.help(format!(
            "use the platform's public key; if this is your own key, `openssl pkey -in {private} \
              -pubout` prints its public key"
        )),
        KeyError::Several(_) => draft.help("give each key its own file and `[[key]]`"),
        KeyError::Unknown(_) => draft.help(format!(
            "check that the key is complete; it must be an {} key",
            KeyKind::public_names()
        )),
        KeyError::BadJwk(_) => draft.help("use the platform's JWK for verifying signatures"),
        KeyError::Unusable(_) => draft.help("ask the platform for another key"),
        KeyError::NotAKey if file.is_some() => draft.help(
            "use the platform's public key as PEM, DER, its one line of base64, or a JWK; for a secret \
             that both sides know, write `secret_file` in place of `file`",
        ),
        _ => draft
            .help("use the platform's public key as PEM, DER, its one line of base64, or a JWK"),
    };
    let _: Option<()> = draft.report();
}

/// Rejects a short key unless `legacy` allows it. Warns of a short key that is allowed, and of a
/// needless `legacy`.
fn check_strength(table: &Table<'_>, key: Key, legacy: bool, place: Place) -> Option<Key> {
    let (kind, bits) = (key.kind(), key.bits());
    let problem = match (key.is_legacy(), legacy) {
        (false, false) => return Some(key),
        (true, false) => {
            let error = Diagnostic::error(
                "legacy key",
                place,
                format!("{bits}-bit {kind} can be broken; the minimum is 2048 bits"),
            )
            .help("ask the platform for a longer key, or allow this one with `legacy = true`");
            table.problems().report(error);
            return None;
        }
        (true, true) => Diagnostic::warning(
            WarningName::LegacyKey,
            place,
            format!("{bits}-bit {kind} can be broken"),
        )
        .help("ask the platform for a key of 2048 bits or more"),
        (false, true) => Diagnostic::warning(
            WarningName::NeedlessSetting,
            table.key_place("legacy"),
            match key.is_secret() {
                true => "a secret needs no exception".to_owned(),
                false => format!("the key has {bits} bits and needs no exception"),
            },
        )
        .help("remove `legacy = true`"),
    };
    table.problems().report(problem);
    Some(key)
}
