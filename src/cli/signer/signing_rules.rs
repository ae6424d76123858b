//! The scheme that is signed by, and what a route adds to it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::Method;

use super::callback_url::CallbackUrl;
use super::signer_error::SignerError;
use super::signing_args::SigningArgs;
use crate::cli::named_scheme;
use crate::config::{HostPattern, Input, PathPattern, Route};
use crate::judge::Site;
use crate::verify::language::RouteValues;
use crate::verify::{Requirements, Scheme};

/// By what a callback is signed.
pub(super) struct SigningRules {
    pub(super) scheme: Arc<Scheme>,
    pub(super) max_age: Option<Duration>,
    pub(super) requirements: Requirements,
    pub(super) values: RouteValues,
    /// The route that it is for, if a configuration says so.
    pub(super) route: Option<Arc<Route>>,
}

impl SigningRules {
    pub(super) fn find(
        args: &SigningArgs,
        url: Option<&CallbackUrl>,
        method: &Method,
    ) -> Result<Self, SignerError> {
        let mut rules = match (&args.scheme, &args.config) {
            (Some(name), _) => Self::of_scheme(named_scheme::find(name)?),
            (None, Some(file)) => Self::of_route(route(file, args, url, method)?),
            // The command line's definition asks for one of them.
            (None, None) => Self::of_scheme(named_scheme::find("")?),
        };
        for value in &args.value {
            let (name, value) = value.split_once('=').ok_or_else(|| SignerError::Form {
                option: "--value",
                form: "NAME=VALUE",
                given: value.clone(),
            })?;
            rules
                .values
                .values
                .insert(name.to_owned(), value.to_owned());
        }
        let of_scheme = rules.scheme.rules();
        if let Some(url) = url.filter(|_| rules.values.public_url.is_none()) {
            rules.values.public_url =
                Some(url.without_query()).filter(|_| of_scheme.may_use_public_url());
        }
        if of_scheme.needs_public_url() && rules.values.public_url.is_none() {
            return Err(SignerError::NeedsUrl(rules.scheme.name.clone()));
        }
        let mut constants = of_scheme.constants().into_iter();
        match constants.find(|name| !rules.values.values.contains_key(*name)) {
            None => Ok(rules),
            Some(name) => Err(SignerError::NeedsValue {
                scheme: rules.scheme.name.clone(),
                name: name.to_owned(),
            }),
        }
    }

    fn of_scheme(scheme: Arc<Scheme>) -> Self {
        Self {
            max_age: scheme.max_age,
            scheme,
            requirements: Requirements::default(),
            values: RouteValues {
                public_url: None,
                values: BTreeMap::new(),
            },
            route: None,
        }
    }

    fn of_route(route: Arc<Route>) -> Self {
        let policy = &route.policy;
        Self {
            scheme: Arc::clone(&policy.scheme),
            max_age: policy.max_age,
            requirements: policy.requirements.clone(),
            values: policy.route.clone(),
            route: Some(route),
        }
    }

    /// A URL that leads to the route, with the host of the configuration, if it has one.
    pub(super) fn usual_url(&self) -> CallbackUrl {
        let (authority, path) = match &self.route {
            None => ("localhost".to_owned(), "/".to_owned()),
            Some(route) => {
                let host = match &route.host {
                    HostPattern::Exact(host) => host.clone(),
                    HostPattern::Suffix(suffix) => format!("any{suffix}"),
                    HostPattern::Any => "localhost".to_owned(),
                };
                let (PathPattern::Exact(path) | PathPattern::Prefix(path)) = &route.path;
                (host, path.clone())
            }
        };
        CallbackUrl {
            is_https: false,
            authority,
            target: path,
        }
    }
}

fn route(
    file: &Path,
    args: &SigningArgs,
    url: Option<&CallbackUrl>,
    method: &Method,
) -> Result<Arc<Route>, SignerError> {
    let input = Input {
        file: file.to_owned(),
        overrides: Vec::new(),
    };
    let config = input.load()?.config;
    let routes = config.routes.clone();
    let names = || {
        let names = routes.iter().map(|route| format!("`{}`", route.name));
        names.collect::<Vec<_>>().join(", ")
    };
    let (host, path) = match (&args.route, url, routes.as_slice()) {
        (None, None, [only]) => return Ok(Arc::clone(only)),
        (None, None, _) => return Err(SignerError::WhichRoute(names())),
        (None, Some(url), _) => (url.authority.clone(), url.target.clone()),
        (Some(name), _, _) => {
            if let Some(route) = routes.iter().find(|route| *route.name == **name) {
                return Ok(Arc::clone(route));
            }
            match name.parse::<CallbackUrl>() {
                Ok(url) => (url.authority, url.target),
                Err(_) if name.starts_with('/') => (String::new(), name.clone()),
                Err(_) => return Err(SignerError::NoRoute(name.clone(), names())),
            }
        }
    };
    let path = path.split('?').next().unwrap_or_default();
    let site = Site::new(config);
    let found = site.route_of(&host, path, method);
    found.cloned().map_err(SignerError::Unrouted)
}
