//! From a command line to a signed callback.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;

use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::callback_url::CallbackUrl;
use super::draft_body::with_fields;
use super::moment_arg::now;
use super::signer_error::SignerError;
use super::signer_files::{certificates, contents, private_key, secret};
use super::signing_args::SigningArgs;
use super::signing_rules::SigningRules;
use crate::config::Route;
use crate::signing::signing_key::PrivateSigningKey;
use crate::verify::body::BodyFormat;
use crate::verify::sign::{ContentSigner, DraftRequest, SigningInput, sign};
use crate::verify::{Key, KeyKind, KeySet, VerifyPolicy};
use crate::written_request::{WrittenRequest, append_header};

/// The id of a key for which the command line has none.
const USUAL_ID: &str = "key";

/// Everything that callbacks are signed with.
pub(in crate::cli) struct Signer {
    pub(super) policy: VerifyPolicy,
    pub(super) key: Arc<Key>,
    private: Option<PrivateSigningKey>,
    chain: Vec<Vec<u8>>,
    claims: Option<Vec<u8>>,
    pub(super) draft: DraftRequest,
    pub(in crate::cli) url: CallbackUrl,
    pub(super) at: Option<i64>,
    nonce: Option<String>,
    key_id: Option<String>,
    /// How a route's keys are told apart: for a request that names none.
    usual_key_id: Option<String>,
    /// What the operator should know.
    pub(in crate::cli) note: Option<String>,
}

impl Signer {
    /// Reads what the command line names. `to` is where the callback goes, if that is known.
    pub(in crate::cli) fn new(
        args: &SigningArgs,
        to: Option<&CallbackUrl>,
    ) -> Result<Self, SignerError> {
        let method = args.method.as_deref().unwrap_or("POST");
        let method = Method::from_str(method).map_err(|_| SignerError::Form {
            option: "--method",
            form: "a method such as POST",
            given: method.to_owned(),
        })?;
        let url = args.url.as_deref().map(CallbackUrl::from_str).transpose();
        let url = url.map_err(|_| SignerError::Form {
            option: "--url",
            form: "a URL such as https://pay.example/callback",
            given: args.url.clone().unwrap_or_default(),
        })?;
        let url = url.or_else(|| to.cloned());
        let rules = SigningRules::find(args, url.as_ref(), &method)?;
        let private = args.private_key.as_deref().map(private_key).transpose()?;
        let (key, note) = key(args, &rules, private.as_ref())?;
        let chain = args.certificate.as_deref().map(certificates).transpose()?;
        let chain = chain.unwrap_or_default();
        let url = url.unwrap_or_else(|| rules.usual_url());
        let mut draft = draft(args, &rules, &url, &method)?;
        let named = rules
            .route
            .as_deref()
            .and_then(|route| name_of(&key, route));
        let key_id = args.key_id.clone().or_else(|| named.clone());
        if let Some(route) = &rules.route
            && let Some(header) = route.policy.keys.header()
            && let Some(value) = key_id
                .as_deref()
                .and_then(|id| HeaderValue::from_str(id).ok())
        {
            draft.headers.entry(header.clone()).or_insert(value);
        }
        // Of a chain, the last certificate is the one that the receiver trusts.
        let trusted = match chain.last() {
            None => Arc::clone(&key),
            Some(root) => {
                let root = Key::decode(USUAL_ID, root);
                Arc::new(root.map_err(SignerError::PublicKey)?)
            }
        };
        let policy = VerifyPolicy::new(rules.scheme, KeySet::Any(vec![trusted]));
        let policy = policy
            .with_max_age(rules.max_age)
            .with_requirements(rules.requirements)
            .with_route_values(rules.values);
        Ok(Self {
            policy,
            key,
            private,
            chain,
            claims: args.claims.as_deref().map(contents).transpose()?,
            draft,
            url,
            at: args.at.map(|moment| moment.0),
            nonce: args.nonce.clone(),
            key_id: args.key_id.clone(),
            usual_key_id: named,
            note,
        })
    }

    /// Signs the callback; each time with another nonce, unless one is given.
    pub(in crate::cli) fn sign(&self) -> Result<DraftRequest, SignerError> {
        let fresh = fresh_nonce();
        Ok(sign(self.input(&fresh), self.draft.clone())?)
    }

    /// What signs.
    pub(super) fn input<'s>(&'s self, fresh_nonce: &'s str) -> SigningInput<'s> {
        let mut input = SigningInput::new(&self.policy, &self.key, now(), fresh_nonce);
        let signer = self.private.as_ref();
        input.signer = signer.map(|key| key as &dyn ContentSigner);
        input.at = self.at;
        input.nonce = self.nonce.as_deref();
        input.key_id = self.key_id.as_deref();
        input.usual_key_id = self.usual_key_id.as_deref();
        input.claims = self.claims.as_deref();
        input.chain = &self.chain;
        input
    }

    /// The same as a request for output.
    pub(in crate::cli) fn written(draft: DraftRequest) -> WrittenRequest {
        WrittenRequest {
            method: Method::from_str(&draft.method).unwrap_or(Method::POST),
            target: draft.target,
            headers: draft.headers,
            body: draft.body.into(),
        }
    }
}

/// A nonce that nobody used: a UUID, which every provider's pattern for nonces takes.
pub(super) fn fresh_nonce() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The secret, or the public key of the private one; and what to tell of it.
fn key(
    args: &SigningArgs,
    rules: &SigningRules,
    private: Option<&PrivateSigningKey>,
) -> Result<(Arc<Key>, Option<String>), SignerError> {
    let scheme = &rules.scheme;
    let id = args.key_id.as_deref().unwrap_or(USUAL_ID);
    let kinds: Vec<_> = { scheme.algorithms().into_iter() }
        .map(|algorithm| algorithm.key_kind())
        .collect();
    let takes_secret = kinds.contains(&KeyKind::Secret);
    let named_secrets = scheme.rules().named_secrets();
    let (named, main): (Vec<_>, Vec<_>) = { args.secret.iter() }
        .map(|text| match text.split_once('=') {
            Some((name, file)) if named_secrets.contains(&name) => (Some(name), file),
            _ => (None, text.as_str()),
        })
        .partition(|(name, _)| name.is_some());
    let mut note = None;
    let key = match (private, main.as_slice()) {
        (Some(private), _) => {
            let key = private.public_key(id).map_err(SignerError::PublicKey)?;
            note = rules.route.as_ref().and_then(|route| {
                let mut known = route.policy.keys.all();
                let is_known = known.any(|known| known.fingerprint() == key.fingerprint());
                let is_certified = args.certificate.is_some();
                (!is_known && !is_certified).then(|| {
                    format!(
                        "the route `{}` does not have the public key of this private key: it refuses what is signed",
                        route.name
                    )
                })
            });
            key
        }
        (None, [(_, file), ..]) => Key::of_secret(id, secret(Path::new(file))?),
        (None, []) if takes_secret => match &rules.route {
            Some(route) => return Ok((routes_secret(route, args.key_id.as_deref())?, None)),
            // All that it signs with has a name.
            None if !named.is_empty() => {
                let first = named.first().map(|(_, file)| Path::new(file));
                Key::of_secret(id, secret(first.unwrap_or(Path::new("")))?)
            }
            None => return Err(SignerError::NeedsSecret(scheme.name.clone())),
        },
        (None, []) => {
            return Err(SignerError::NeedsPrivateKey {
                scheme: scheme.name.clone(),
                kind: kinds.first().copied().unwrap_or(KeyKind::Rsa),
            });
        }
    };
    let mut key = key;
    for (name, file) in named {
        let name = name.unwrap_or_default();
        key = key.with_named_secret(name, secret(Path::new(file))?);
    }
    let mut needed = named_secrets.into_iter();
    match needed.find(|name| !key.has_named_secret(name)) {
        None => Ok((Arc::new(key), note)),
        Some(name) => Err(SignerError::NeedsNamedSecret {
            scheme: scheme.name.clone(),
            name: name.to_owned(),
        }),
    }
}

/// What callbacks call the key of a route: the value of the header that picks it, or its id.
fn name_of(key: &Key, route: &Route) -> Option<String> {
    let is_same = |other: &Arc<Key>| other.fingerprint() == key.fingerprint();
    match &route.policy.keys {
        KeySet::Any(keys) => {
            let known = keys.iter().find(|other| is_same(other))?;
            Some(known.kid().unwrap_or(known.id()).to_owned())
        }
        KeySet::ByHeader { sets, .. } => {
            let mut sets = sets.iter();
            let (name, _) = sets.find(|(_, keys)| keys.iter().any(is_same))?;
            Some(name.clone())
        }
    }
}

/// The secret of a route: the first, or the one that goes by the id.
fn routes_secret(route: &Route, id: Option<&str>) -> Result<Arc<Key>, SignerError> {
    if let (KeySet::ByHeader { sets, .. }, Some(id)) = (&route.policy.keys, id)
        && let Some(key) = sets.get(id).and_then(|keys| keys.first())
        && key.kind() == KeyKind::Secret
    {
        return Ok(Arc::clone(key));
    }
    let is_meant = |key: &&Arc<Key>| {
        key.kind() == KeyKind::Secret && id.is_none_or(|id| key.id() == id || key.kid() == Some(id))
    };
    let keys: Vec<_> = route.policy.keys.all().collect();
    let mut secrets = keys.iter().copied();
    let found = secrets.find(is_meant);
    // A provider's name for a key is rarely the operator's: with one secret, there is no other.
    let only = match keys.as_slice() {
        [only] if only.kind() == KeyKind::Secret => Some(*only),
        _ => None,
    };
    let found = found.or(only).cloned();
    found.ok_or_else(|| SignerError::NoSuchSecret(id.unwrap_or("any id").to_owned()))
}

fn draft(
    args: &SigningArgs,
    rules: &SigningRules,
    url: &CallbackUrl,
    method: &Method,
) -> Result<DraftRequest, SignerError> {
    let mut headers = HeaderMap::new();
    let host = HeaderValue::from_str(&url.authority);
    if let Ok(host) = host {
        headers.insert(HOST, host);
    }
    for header in &args.header {
        let form = || SignerError::Form {
            option: "--header",
            form: "'NAME: VALUE'",
            given: header.clone(),
        };
        let (name, value) = header.split_once(':').ok_or_else(form)?;
        let name = HeaderName::from_str(name.trim()).map_err(|_| form())?;
        let value = HeaderValue::from_bytes(value.trim().as_bytes()).map_err(|_| form())?;
        if name == HOST {
            headers.insert(name, value);
        } else {
            append_header(&mut headers, name, value)?;
        }
    }
    let format = match args.form {
        true => BodyFormat::Form,
        false => rules.scheme.body_format(),
    };
    let body = args.body.as_deref().map(contents).transpose()?;
    let body = with_fields(body.unwrap_or_default(), format, &args.field)?;
    // What a scheme does not read may be of any type: then of that in which the fields are written.
    let media_type = match format {
        BodyFormat::Form if args.form => Some("application/x-www-form-urlencoded"),
        BodyFormat::Opaque if !args.field.is_empty() => Some("application/json"),
        _ => None,
    };
    if let Some(media_type) = media_type.filter(|_| !headers.contains_key(CONTENT_TYPE)) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    Ok(DraftRequest {
        method: method.to_string(),
        target: url.target.clone().into_bytes(),
        headers,
        body,
    })
}
