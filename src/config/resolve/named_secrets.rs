//! Further secrets of a key.

use std::sync::Arc;

use super::files::FilesRead;
use super::shared_secrets;
use crate::config::diagnostic::WarningName;
use crate::config::model::Route;
use crate::config::reader::{Table, Value};
use crate::verify::Secret;

/// The forms of a secret here, and in `[[key]]` itself.
const FORMS: [(&str, &str); 4] = [
    ("file", "secret_file"),
    ("env", "secret_env"),
    ("credential", "credential"),
    ("secret", "secret"),
];

/// Reads `key.secrets`.
pub(super) fn read(
    key: &Table<'_>,
    id: &str,
    read: &mut FilesRead,
) -> Option<Vec<(String, Secret)>> {
    let secrets = key.optional("secrets", |value| {
        let secrets: Vec<_> = value
            .pairs()?
            .into_iter()
            .map(|(name, value)| {
                let secret = secret(value, &format!("{id}.{}", name.text), read);
                Some((name.name()?.to_owned(), secret?))
            })
            .collect();
        secrets.into_iter().collect::<Option<Vec<_>>>()
    })?;
    Some(secrets.unwrap_or_default())
}

/// Warns of secrets that no route's scheme uses.
pub(super) fn warn_unused(keys: &[Table<'_>], routes: &[Arc<Route>]) {
    for key in keys {
        let id = key.get("id").and_then(|id| Some(id.text()?.text));
        let secrets = key.get("secrets").and_then(|secrets| secrets.pairs());
        for (name, _) in secrets.into_iter().flatten() {
            let is_used = |route: &Arc<Route>| {
                let policy = &route.policy;
                let mut keys = policy.keys.all();
                let rules = policy.scheme.rules();
                let is_in_scheme = rules.named_secrets().contains(&name.text)
                    || rules.handshake_secrets().contains(&name.text);
                is_in_scheme && keys.any(|key| Some(key.id()) == id)
            };
            if !routes.iter().any(is_used) {
                name.warning(WarningName::Unused, "no route's scheme uses this secret")
                    .help("use it in a scheme as `{secret:NAME}`, or remove it")
                    .report::<()>();
            }
        }
    }
}

fn secret(value: Value<'_>, id: &str, read: &mut FilesRead) -> Option<Secret> {
    let help = "add `file = \"...\"`, or another place of the secret";
    let (written, value) = value
        .table()?
        .require_one(FORMS.map(|(written, _)| written), help)?;
    let (_, form) = FORMS.into_iter().find(|(here, _)| *here == written)?;
    shared_secrets::read(form, value.text()?, id, read)
}
