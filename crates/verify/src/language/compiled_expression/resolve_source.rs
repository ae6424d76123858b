//! Which source a name means where the expression stands.

use http::HeaderName;

use super::ValueSource;
use crate::body::FieldPath;
use crate::language::expression_error::ExpressionError;
use crate::language::expression_syntax::{Argument, ExpressionWord, ValueSyntax};
use crate::language::message_signature::MessageParameter;
use crate::language::source_table::{self, SOURCES, Takes};
use crate::language::value_type::ValueType;

/// The names that an expression may use besides those of the callback: what the scheme says before
/// it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KnownNames<'n> {
    /// The named steps, in order.
    pub(crate) lets: &'n [(String, ValueType)],
    /// The names of the selections; the first has none.
    pub(crate) selections: &'n [Option<String>],
    pub(crate) timestamp: bool,
    pub(crate) nonce: bool,
    pub(crate) key_id: bool,
    /// Whether the signature is a JWS: its header and payload are there.
    pub(crate) jws: bool,
    /// Whether the signature is one of RFC 9421: its parameters are there.
    pub(crate) message: bool,
    /// Whether secrets may be used.
    pub(crate) secrets: bool,
    /// Whether `content` is there.
    pub(crate) content: bool,
    /// Whether a field is written: `name` and `value` are there.
    pub(crate) field: bool,
    /// Whether the value of such a field is text, as of every format but JSON.
    pub(crate) is_text_field: bool,
    /// Whether an answer to a handshake is written: `value` is there.
    pub(crate) echo: bool,
    /// Whether `[` and `]` are plain characters.
    pub(crate) plain_brackets: bool,
}

/// The source of a value, and its type.
pub(super) fn resolve(
    syntax: &ValueSyntax,
    names: &KnownNames<'_>,
) -> Result<(ValueSource, ValueType), ExpressionError> {
    let ExpressionWord { text: name, at } = &syntax.source;
    let argument = match &syntax.argument {
        None => None,
        Some(Argument::Text(word)) => Some(word),
        Some(Argument::Value(value)) => {
            return Err(ExpressionError::new(
                value.at.clone(),
                "the argument of a source is fixed text",
            ));
        }
    };
    if argument.is_none() {
        if let Some(at) = names.lets.iter().position(|(known, _)| known == name) {
            let gives = names
                .lets
                .get(at)
                .map_or(ValueType::Text, |(_, gives)| *gives);
            return Ok((ValueSource::Let(at), gives));
        }
        match name.as_str() {
            "name" if names.field => return Ok((ValueSource::FieldName, ValueType::Text)),
            "value" if names.field && names.is_text_field => {
                return Ok((ValueSource::FieldValue, ValueType::Text));
            }
            "value" if names.field || names.echo => {
                return Ok((ValueSource::FieldValue, ValueType::Json));
            }
            _ => {}
        }
    }
    let Some(kind) = SOURCES.iter().find(|source| {
        source.name == name && (source.argument != Takes::Nothing) == argument.is_some()
    }) else {
        return Err(unknown(syntax, names));
    };
    let fault = |message: String| Err(ExpressionError::new(at.clone(), message));
    let undefined = |key: &str| {
        ExpressionError::new(at.clone(), format!("the scheme does not say `{key}`"))
            .help(format!("add `{key}` to the scheme"))
    };
    let argument_text = argument.map_or("", |word| word.text.as_str());
    if argument.is_some_and(|word| word.text.is_empty()) {
        return fault(format!("`{name}:` needs a name behind the colon"));
    }
    let header = |text: &str| {
        HeaderName::from_bytes(text.trim().as_bytes()).map_err(|_| {
            let at = argument.map_or(at.clone(), |word| word.at.clone());
            ExpressionError::new(at, format!("`{text}` is not the name of a header"))
        })
    };
    let path = || {
        FieldPath::parse(argument_text).map_err(|error| {
            let at = argument.map_or(at.clone(), |word| word.at.clone());
            ExpressionError::new(at, error.to_string())
        })
    };
    let owned = || argument_text.to_owned();
    let source = match (name.as_str(), argument) {
        ("method", _) => ValueSource::Method,
        ("target", _) => ValueSource::Target,
        ("path", _) => ValueSource::Path,
        ("query", None) => ValueSource::Query,
        ("query", Some(_)) => ValueSource::QueryParameter(owned()),
        ("host", _) => ValueSource::Host,
        ("url", _) => ValueSource::Url,
        ("configured_url", _) => ValueSource::ConfiguredUrl,
        ("header", _) => ValueSource::Header(
            argument_text
                .split(',')
                .map(header)
                .collect::<Result<_, _>>()?,
        ),
        ("headers", _) => ValueSource::Headers(header(argument_text)?),
        ("body", _) => ValueSource::Body,
        ("content", _) if names.content => ValueSource::Content,
        ("content", _) => return fault("`content` exists only in `signed`".to_owned()),
        ("field", _) => ValueSource::Field(path()?),
        ("document", _) => ValueSource::Document,
        ("jose" | "claim", _) if !names.jws => {
            return fault(format!(
                "`{name}` is there only with an algorithm `jws-...`"
            ));
        }
        ("jose", _) => ValueSource::Jose(path()?),
        ("claim", _) => ValueSource::Claim(path()?),
        ("param", _) if !names.message => {
            return fault("`param` is there only with an algorithm `rfc9421-...`".to_owned());
        }
        ("param", _) => {
            let known = MessageParameter::from_name(argument_text).ok_or_else(|| {
                let at = argument.map_or(at.clone(), |word| word.at.clone());
                ExpressionError::new(
                    at,
                    format!("a signature has no parameter `{argument_text}`"),
                )
                .help_word(argument_text, MessageParameter::names())
            })?;
            ValueSource::MessageParameter(known)
        }
        ("form", _) => ValueSource::Form(owned()),
        ("xml", _) => ValueSource::Xml(owned()),
        ("fields", _) => ValueSource::Fields(selection(argument, names).ok_or_else(|| {
            match argument {
                None => undefined("fields"),
                Some(word) => ExpressionError::new(
                    word.at.clone(),
                    format!("there is no selection `{}`", word.text),
                )
                .help_word(
                    &word.text,
                    names.selections.iter().flatten().map(String::as_str),
                ),
            }
        })?),
        ("timestamp", _) if names.timestamp => ValueSource::Timestamp,
        ("nonce", _) if names.nonce => ValueSource::Nonce,
        ("key_id", _) if names.key_id => ValueSource::KeyId,
        ("timestamp" | "nonce" | "key_id", _) => return Err(undefined(name)),
        ("secret", _) if !names.secrets => {
            return fault("a secret may not be used here: it would be told to others".to_owned());
        }
        ("secret", None) => ValueSource::Secret,
        ("secret", Some(_)) => ValueSource::NamedSecret(owned()),
        ("value", _) => ValueSource::Constant(owned()),
        _ => return Err(unknown(syntax, names)),
    };
    Ok((source, kind.gives))
}

/// The number of a selection.
fn selection(argument: Option<&ExpressionWord>, names: &KnownNames<'_>) -> Option<usize> {
    let wanted = argument.map(|word| word.text.as_str());
    names
        .selections
        .iter()
        .position(|name| name.as_deref() == wanted)
}

fn unknown(syntax: &ValueSyntax, names: &KnownNames<'_>) -> ExpressionError {
    let ExpressionWord { text: name, at } = &syntax.source;
    match SOURCES.iter().find(|source| source.name == name) {
        Some(kind) => match kind.argument {
            Takes::One(argument) => {
                ExpressionError::new(at.clone(), format!("`{name}` needs a name"))
                    .help(format!("write `{{{name}:{argument}}}`"))
            }
            Takes::Nothing => ExpressionError::new(
                syntax.argument.as_ref().map_or(at.clone(), Argument::at),
                format!("`{name}` takes no argument"),
            ),
        },
        None => {
            let mut words: Vec<&str> = source_table::names().collect();
            words.extend(names.lets.iter().map(|(name, _)| name.as_str()));
            if names.field {
                words.push("name");
            }
            if names.field || names.echo {
                words.push("value");
            }
            ExpressionError::new(at.clone(), format!("there is no source `{name}`"))
                .help_word(name, words.iter().copied())
        }
    }
}
