//! The keys of a case. They are for tests: nothing else reads them.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::config::diagnostic::Place;
use crate::config::reader::{Table, Text, Value, secret};
use crate::verify::{Key, KeyKind, KeySet, Scheme, Secret};

/// How a key is written.
const FORMS: [&str; 2] = ["secret", "public_key"];

/// The keys of a case as they are written.
pub(super) struct WrittenKeys<'a> {
    /// Whether each has a name.
    are_named: bool,
    keys: Vec<WrittenKey<'a>>,
    /// Further secrets, with their names.
    secrets: Vec<(Text<'a>, Text<'a>)>,
    table: Table<'a>,
}

struct WrittenKey<'a> {
    id: &'a str,
    is_secret: bool,
    text: Text<'a>,
    /// Where its key is, because its value can span many lines.
    place: Place,
}

/// The keys of a case, decoded.
pub(super) struct CaseKeys {
    are_named: bool,
    keys: Vec<(String, Vec<Arc<Key>>)>,
}

pub(super) fn written_keys<'a>(table: &Table<'a>, scheme: &Scheme) -> Option<WrittenKeys<'a>> {
    let form = form_for(scheme);
    let help = "add `secret = \"...\"` or `public_key = \"...\"`: the key for this case, which no route uses";
    let keys = table.require_one([FORMS[0], FORMS[1], "keys"], help);
    let secrets = table.optional("secrets", |value| {
        let secrets: Vec<_> = value.pairs()?.into_iter().collect();
        let secrets = secrets
            .into_iter()
            .map(|(name, value)| Some((name, value.text()?)));
        let secrets: Vec<_> = secrets.collect();
        secrets.into_iter().collect::<Option<Vec<_>>>()
    });
    let (key, value) = keys?;
    let (are_named, keys) = match key {
        "keys" if !value.is_table() => {
            let written =
                format!("{{ first = {{ {form} = \"...\" }}, second = {{ {form} = \"...\" }} }}");
            return value.wrong_type("a table of keys with their ids", Some(&written));
        }
        "keys" => (true, named(value.pairs()?, form)?),
        form => {
            let (text, place) = (value.text()?, table.key_place(form));
            let is_secret = form == FORMS[0];
            let id = "";
            let key = WrittenKey {
                id,
                is_secret,
                text,
                place,
            };
            (false, vec![key])
        }
    };
    Some(WrittenKeys {
        are_named,
        keys,
        secrets: secrets?.unwrap_or_default(),
        table: *table,
    })
}

/// How the keys of a scheme are written.
fn form_for(scheme: &Scheme) -> &'static str {
    let takes_secrets = |kind| kind == KeyKind::Secret;
    let mut algorithms = scheme.algorithms().into_iter();
    match algorithms.any(|algorithm| takes_secrets(algorithm.key_kind())) {
        true => FORMS[0],
        false => FORMS[1],
    }
}

fn named<'a>(pairs: Vec<(Text<'a>, Value<'a>)>, form: &str) -> Option<Vec<WrittenKey<'a>>> {
    let keys: Vec<_> = pairs
        .into_iter()
        .map(|(name, value)| {
            if !value.is_table() {
                let written = format!("{{ {form} = \"...\" }}");
                return value.wrong_type("a table", Some(&written));
            }
            let table = value.table()?;
            let help = "add `secret = \"...\"` or `public_key = \"...\"`";
            let (form, value) = table.require_one(FORMS, help)?;
            Some(WrittenKey {
                id: name.text,
                is_secret: form == FORMS[0],
                text: value.text()?,
                place: table.key_place(form),
            })
        })
        .collect();
    keys.into_iter().collect()
}

impl WrittenKeys<'_> {
    /// Decodes them. Reports those that the scheme cannot use.
    pub(super) fn decode(&self, scheme: &Scheme) -> Option<CaseKeys> {
        let secrets: Vec<_> = (self.secrets.iter())
            .map(|(name, text)| Some((name.text, secret_of(*text)?)))
            .collect();
        let secrets: Option<Vec<_>> = secrets.into_iter().collect();
        let keys: Vec<_> = (self.keys.iter())
            .map(|key| Some((key, key.decode(scheme)?)))
            .collect();
        let keys: Option<Vec<_>> = keys.into_iter().collect();
        let secrets = secrets?;
        let needed = scheme.rules().named_secrets();
        let is_given = |name: &&str| secrets.iter().any(|(given, _)| given == name);
        if let Some(name) = needed.into_iter().find(|name| !is_given(name)) {
            let why = format!("the scheme uses `{{secret:{name}}}`, which the case does not have");
            let help = format!("add `secrets = {{ {name} = \"...\" }}`");
            self.table.missing(&why, &help);
            return None;
        }
        let with_secrets = |key: Key| {
            let secrets = secrets.iter();
            secrets.fold(key, |key, (name, secret)| {
                key.with_named_secret(name, secret.clone())
            })
        };
        let keys = keys?.into_iter().map(|(written, keys)| {
            let keys = keys.into_iter().map(|key| Arc::new(with_secrets(key)));
            (written.id.to_owned(), keys.collect())
        });
        Some(CaseKeys {
            are_named: self.are_named,
            keys: keys.collect(),
        })
    }
}

impl WrittenKey<'_> {
    fn decode(&self, scheme: &Scheme) -> Option<Vec<Key>> {
        let text = self.text.marked_at(self.place);
        let keys = if self.is_secret {
            vec![Key::of_secret(self.id, secret_of(text)?)]
        } else {
            let keys = Key::decode_set(self.id, self.text.text.as_bytes());
            let keys = keys.map_err(|error| {
                text.error("invalid key", error.to_string())
                    .help(
                        "write the key itself, not the name of its file: PEM, its one line of base64, \
                         or a JWK",
                    )
                    .report::<()>()
            });
            keys.ok()?
        };
        let misfit = keys.iter().find_map(|key| misfit(key, scheme));
        match misfit {
            None => Some(keys),
            Some(why) => text
                .error("unsuitable key", why)
                .help(match self.is_secret {
                    true => "write `public_key = \"...\"`, or another `algorithm`",
                    false => "write a key of the right kind, or another `algorithm`",
                })
                .report(),
        }
    }
}

fn misfit(key: &Key, scheme: &Scheme) -> Option<String> {
    if scheme.rules().keys_are_roots() {
        let is_root = key.certificate().is_some();
        let why = "the scheme takes keys out of certificates that this one has issued, but it is no certificate";
        return (!is_root).then(|| why.to_owned());
    }
    let mut algorithms = scheme.algorithms().into_iter();
    let unfit = algorithms.find(|algorithm| !key.fits(*algorithm))?;
    let wanted = unfit.key_kind();
    Some(format!(
        "this is a key of the kind {}, but `{unfit}` needs one of the kind {wanted}",
        key.kind()
    ))
}

fn secret_of(text: Text<'_>) -> Option<Secret> {
    if text.text == secret::MASK {
        return text
            .error("no secret", "this is what `-T` prints in place of a secret")
            .help("enter the secret again")
            .report();
    }
    let bytes = Zeroizing::new(text.text.as_bytes().to_vec());
    Secret::new(bytes).ok().or_else(|| {
        text.error("empty secret", "the secret is empty")
            .help("enter the secret with which the request was signed")
            .report()
    })
}

impl CaseKeys {
    /// As a route has them: where a header names the key, by its value.
    pub(super) fn set(&self, scheme: &Scheme) -> KeySet<Key> {
        match scheme.key_id_header().filter(|_| self.are_named) {
            Some(header) => KeySet::ByHeader {
                header: header.clone(),
                sets: self.keys.iter().cloned().collect(),
            },
            None => {
                let keys = self.keys.iter().flat_map(|(_, keys)| keys.iter().cloned());
                KeySet::Any(keys.collect())
            }
        }
    }
}
