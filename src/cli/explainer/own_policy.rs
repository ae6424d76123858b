//! A scheme and keys from the command line, in place of a configuration.

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::explain_args::ExplainArgs;
use super::explain_error::ExplainError;
use super::request_source::read;
use crate::config::{schemes_in, shipped_scheme, similar_scheme};
use crate::verify::language::RouteValues;
use crate::verify::{Key, KeyKind, KeySet, Scheme, Secret, VerifyPolicy};

/// The policy that the command line gives.
pub(super) fn policy(args: &ExplainArgs, scheme: &str) -> Result<VerifyPolicy, ExplainError> {
    let scheme = scheme_of(scheme)?;
    let mut secrets = Vec::new();
    for (name, file) in &args.secret {
        secrets.push((name.as_str(), secret(Path::new(file))?));
    }
    let rules = scheme.rules();
    let missing = rules.named_secrets().into_iter();
    let mut missing = missing.filter(|name| !secrets.iter().any(|(given, _)| given == name));
    if let Some(name) = missing.next() {
        let why = format!("the scheme uses `{{secret:{name}}}`: add `--secret {name}=FILE`");
        return Err(ExplainError::Scheme(why));
    }
    let given = |name: &str| args.value.iter().any(|(given, _)| given == name);
    if let Some(name) = rules.constants().into_iter().find(|name| !given(name)) {
        let why = format!("the scheme uses `{{value:{name}}}`: add `--value {name}=VALUE`");
        return Err(ExplainError::Scheme(why));
    }
    if rules.needs_public_url() && args.public_url.is_none() {
        let why = "the scheme signs the URL that the provider called: add `--public-url URL`";
        return Err(ExplainError::Scheme(why.to_owned()));
    }
    let mut keys = Vec::new();
    for file in &args.key {
        for key in keys_of(file, &scheme)? {
            let further = secrets.iter().cloned();
            let key = further.fold(key, |key, (name, secret)| {
                key.with_named_secret(name, secret)
            });
            keys.push(Arc::new(key));
        }
    }
    let route = RouteValues {
        public_url: args.public_url.clone(),
        values: args.value.iter().cloned().collect(),
    };
    let policy = VerifyPolicy::new(scheme, KeySet::Any(keys));
    Ok(policy.with_route_values(route))
}

/// One that comes with the program, or of a file.
fn scheme_of(named: &str) -> Result<Arc<Scheme>, ExplainError> {
    if let Some(scheme) = shipped_scheme(named) {
        return scheme.map_err(ExplainError::Report);
    }
    let (file, wanted) = match named.split_once('#') {
        Some((file, wanted)) => (file, Some(wanted)),
        None => (named, None),
    };
    if let Err(error) = std::fs::metadata(file) {
        let hint = similar_scheme(named);
        let hint = hint.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"));
        let why = format!(
            "there is no scheme `{named}`{hint}, and no such file ({error}); `countersign schemes` lists those that \
             come with the program"
        );
        return Err(ExplainError::Scheme(why));
    }
    let schemes = schemes_in(Path::new(file)).map_err(ExplainError::Report)?;
    let found = match (wanted, schemes.as_slice()) {
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some(wanted), all) => all.iter().find(|scheme| scheme.name == wanted),
    };
    found.cloned().ok_or_else(|| {
        let names = schemes.iter().map(|scheme| format!("`{}`", scheme.name));
        let names: Vec<_> = names.collect();
        let why = format!(
            "{file} has the schemes {}: choose with `{file}#NAME`",
            names.join(", ")
        );
        ExplainError::Scheme(why)
    })
}

/// The keys in a file, called by its name.
fn keys_of(file: &Path, scheme: &Scheme) -> Result<Vec<Key>, ExplainError> {
    let id = file
        .file_stem()
        .unwrap_or(file.as_os_str())
        .to_string_lossy();
    let mut algorithms = scheme.algorithms().into_iter();
    if algorithms.any(|algorithm| algorithm.key_kind() == KeyKind::Secret) {
        return Ok(vec![Key::of_secret(&id, secret(file)?)]);
    }
    let keys = Key::decode_set(&id, &read(file)?);
    keys.map_err(|error| ExplainError::Key(file.display().to_string(), error))
}

/// A secret in a file, without the line end at its end, as a configuration reads it.
fn secret(file: &Path) -> Result<Secret, ExplainError> {
    let mut bytes = Zeroizing::new(read(file)?);
    if bytes.ends_with(b"\n") {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
    }
    Secret::new(bytes).map_err(|error| ExplainError::Key(file.display().to_string(), error))
}
