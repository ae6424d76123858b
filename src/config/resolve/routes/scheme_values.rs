//! What a route adds to its scheme: constants, and the URL that the provider calls.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::diagnostic::Diagnostic;
use crate::config::reader::{Table, Text, quote, similar};
use crate::verify::Scheme;
use crate::verify::language::RouteValues;

pub(in crate::config::resolve) fn route_values(
    table: &Table<'_>,
    scheme: Option<&Scheme>,
) -> Option<RouteValues> {
    let values = table.read("values", |value| {
        let values: Vec<_> = value
            .pairs()?
            .into_iter()
            .map(|(name, value)| Some((name, value.text()?.not_empty()?.to_owned())))
            .collect();
        values.into_iter().collect::<Option<Vec<_>>>()
    });
    let public_url = table.optional("public_url", |value| public_url(value.text()?));
    let scheme = scheme?;
    let values = constants(table, scheme, values?);
    let is_fine = check_public_url(table, scheme, table.has("public_url"));
    let (values, public_url) = (values?, public_url?);
    is_fine.map(|()| RouteValues { public_url, values })
}

/// The constants, which must be those that the scheme uses.
fn constants(
    table: &Table<'_>,
    scheme: &Scheme,
    values: Vec<(Text<'_>, String)>,
) -> Option<BTreeMap<String, String>> {
    let used: BTreeSet<&str> = scheme.rules().constants().into_iter().collect();
    let optional = scheme.rules().handshake_constants();
    let mut are_fine = true;
    for (name, _) in &values {
        if used.contains(name.text) || optional.contains(&name.text) {
            continue;
        }
        are_fine = false;
        let why = format!(
            "the scheme {} does not use `{{value:{}}}`",
            quote(&scheme.name),
            name.text
        );
        let draft = name.error("value without use", why);
        match similar(name.text, used.iter().chain(&optional).copied()) {
            Some(meant) => draft.help(format!("did you mean `{meant}`?")),
            None => draft.help("remove it"),
        }
        .report::<()>();
    }
    for name in used {
        if values.iter().any(|(given, _)| given.text == name) {
            continue;
        }
        are_fine = false;
        let value = format!("{name} = \"...\"");
        let help = match values.is_empty() {
            true => format!("add `values = {{ {value} }}`"),
            false => format!("add `{value}` to `values`"),
        };
        table.problems().report(
            Diagnostic::error(
                "missing value",
                table.key_place(if values.is_empty() {
                    "scheme"
                } else {
                    "values"
                }),
                format!(
                    "the scheme {} uses `{{value:{name}}}`, which each route says",
                    quote(&scheme.name)
                ),
            )
            .help(help),
        );
    }
    let values = values.into_iter();
    are_fine.then(|| {
        values
            .map(|(name, value)| (name.text.to_owned(), value))
            .collect()
    })
}

/// A URL with a host, as a provider's settings have it.
fn public_url(text: Text<'_>) -> Option<String> {
    let url = text.text;
    let rest = ["https://", "http://"]
        .into_iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let authority = rest.map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
    let why = if rest.is_none() {
        "it must start with `https://` or `http://`"
    } else if authority.is_none_or(|authority| authority.is_empty() || authority.contains('@')) {
        "it must have a host, and no user"
    } else if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains('#') {
        "it must be visible ASCII characters, without a fragment"
    } else {
        return Some(url.to_owned());
    };
    text.error("invalid URL", why)
        .help(
            "write the URL as it is in the provider's settings: \"https://shop.example/callback\"",
        )
        .report()
}

/// The URL must be said where it is signed, and only there.
fn check_public_url(table: &Table<'_>, scheme: &Scheme, is_said: bool) -> Option<()> {
    let scheme_name = quote(&scheme.name);
    table.problems().report(match is_said {
        false if !scheme.rules().needs_public_url() => return Some(()),
        true if scheme.rules().may_use_public_url() => return Some(()),
        false => Diagnostic::error(
            "missing public URL",
            table.key_place("scheme"),
            format!("the scheme {scheme_name} signs the URL that the provider calls"),
        )
        .help("add `public_url = \"https://...\"`, as it is in the provider's settings"),
        true => Diagnostic::error(
            "needless setting",
            table.key_place("public_url"),
            format!("the scheme {scheme_name} does not use the URL"),
        )
        .help("remove `public_url`"),
    });
    None
}
