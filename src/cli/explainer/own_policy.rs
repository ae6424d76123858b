//! A scheme and keys from the command line, in place of a configuration.

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::explain_args::ExplainArgs;
use super::explain_error::ExplainError;
use super::request_source::read;
use crate::cli::named_scheme::{self, NamedSchemeError};
use crate::verify::language::RouteValues;
use crate::verify::{Key, KeyKind, KeySet, Scheme, Secret, VerifyPolicy};

/// The policy that the command line gives.
pub(super) fn policy(args: &ExplainArgs, scheme: &str) -> Result<VerifyPolicy, ExplainError> {
    let scheme = named_scheme::find(scheme).map_err(|error| match error {
        NamedSchemeError::Report(report) => ExplainError::Report(*report),
        other => ExplainError::Scheme(other.to_string()),
    })?;
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
