//! What a scheme answers, compiled.

use http::{HeaderName, header};

use super::SchemeRules;
use super::answer_template::check_json;
use super::definition_compiler::{DefinitionCompiler, DefinitionError};
use crate::language::answer_definition::AnswerDefinition;
use crate::language::compiled_expression::{CompiledExpression, KnownNames};
use crate::language::expression_error::ExpressionError;
use crate::language::scheme_definition::SchemeDefinition;

crate::closed_list! {
    /// The Content-Type of an answer of a scheme.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum AnswerType {
        /// The value of the header.
        header: &'static str
    }

    Text = "text/plain" ["text/plain; charset=utf-8"], "Text.";
    Json = "application/json" ["application/json"], "JSON.";
    Xml = "application/xml" ["application/xml"], "XML, without values of the callback.";
    TextXml = "text/xml" ["text/xml"], "The same under its older name.";
}

/// The statuses that an answer can have. Of these, [`NO_CONTENT`] has no body.
const STATUSES: &[u16] = &[200, 201, 202, NO_CONTENT];
const NO_CONTENT: u16 = 204;

/// Headers that say where a message ends, what it is and who may use it, or that make a browser act, or a
/// proxy in front.
const OWN_HEADERS: &[HeaderName] = &[
    header::AGE,
    header::ALLOW,
    header::ALT_SVC,
    header::CACHE_CONTROL,
    header::CONNECTION,
    header::DATE,
    header::ETAG,
    header::EXPIRES,
    header::LAST_MODIFIED,
    header::LINK,
    header::LOCATION,
    header::PRAGMA,
    header::REFERRER_POLICY,
    header::REFRESH,
    header::SERVER,
    header::SET_COOKIE,
    header::STRICT_TRANSPORT_SECURITY,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::VARY,
    header::VIA,
    header::WARNING,
    header::WWW_AUTHENTICATE,
    header::X_CONTENT_TYPE_OPTIONS,
    header::X_FRAME_OPTIONS,
    header::X_XSS_PROTECTION,
];
/// The same, by how they begin.
const OWN_PREFIXES: &[&str] = &[
    "access-control-",
    "cdn-",
    "clear-",
    "content-",
    "countersign-",
    "cross-origin-",
    "keep-",
    "nel",
    "origin-agent-",
    "permissions-policy",
    "proxy-",
    "report",
    "service-worker-",
    "set-cookie",
    "sourcemap",
    "speculation-",
    "surrogate-",
    "x-accel-",
    "x-request-",
    "x-sendfile",
    "x-sourcemap",
];

/// What a scheme answers.
#[derive(Debug)]
pub(crate) struct AnswerRule {
    pub(crate) status: u16,
    /// `None` if the status has no body.
    pub(crate) content_type: Option<AnswerType>,
    pub(crate) headers: Vec<(HeaderName, CompiledExpression)>,
    pub(crate) body: CompiledExpression,
}

impl AnswerRule {
    /// Every expression.
    pub(crate) fn programs(&self) -> impl Iterator<Item = &CompiledExpression> {
        let headers = self.headers.iter().map(|(_, value)| value);
        headers.chain([&self.body])
    }

    /// Whether a value of the callback is in it.
    pub(crate) fn reads_callback(&self) -> bool {
        let mut programs = self.programs();
        programs.any(|program| !program.written_values().is_empty())
    }

    /// Every expression, with the key that it stands under.
    pub(super) fn by_key(&self, key: &str) -> Vec<(String, &CompiledExpression)> {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (format!("{key}.headers.{name}"), value));
        headers
            .chain([(format!("{key}.body"), &self.body)])
            .collect()
    }
}

/// Compiles the acknowledgement of a scheme.
pub(super) fn compile_acknowledgement(
    definition: &SchemeDefinition,
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> Option<AnswerRule> {
    let written = definition.acknowledge.as_ref()?;
    if !written.headers.is_empty() {
        compiler.fault(
            "acknowledge.headers",
            "an acknowledgement has no headers of its own",
        );
    }
    compile_answer("acknowledge", written, AnswerType::ALL, names, compiler)
}

/// Compiles the answer under a key, in which `types` may stand.
pub(super) fn compile_answer(
    key: &str,
    definition: &AnswerDefinition,
    types: &[AnswerType],
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> Option<AnswerRule> {
    let errors = compiler.errors.len();
    let status = definition.status.unwrap_or(200);
    if !STATUSES.contains(&status) {
        let message = format!("an answer has the status {}", in_words(STATUSES));
        compiler.fault(&format!("{key}.status"), message);
    }
    let content_type = content_type(key, definition, types, compiler);
    let names = KnownNames {
        plain_brackets: true,
        ..*names
    };
    let headers = definition.headers.iter().filter_map(|(name, value)| {
        let key = format!("{key}.headers.{name}");
        let value = compiler.text(&key, value, &names).filter(|value| {
            let is_fine = value.fixed_texts().all(is_header_text);
            if !is_fine {
                compiler.fault_with(
                    &key,
                    "a header has no such character",
                    "write visible characters of ASCII, and spaces between them",
                );
            }
            is_fine
        });
        let header = header_name(&key, name, compiler);
        Some((header?, value?))
    });
    let headers = headers.collect();
    let body_key = format!("{key}.body");
    let body = compiler.text(&body_key, &definition.body, &names)?;
    if status == NO_CONTENT && !definition.body.is_empty() {
        compiler.fault(&body_key, "an answer with the status 204 has no body");
    }
    let content_type = content_type.filter(|_| status != NO_CONTENT);
    match content_type {
        Some(AnswerType::Json) => check_json(&body_key, &definition.body, &body, compiler),
        Some(AnswerType::Xml | AnswerType::TextXml) => {
            if let Some(value) = body.written_values().first() {
                let message = "no value stands in XML: it could be read as elements";
                compiler.fault_at(&body_key, &definition.body, value, message);
            }
        }
        _ => {}
    }
    (compiler.errors.len() == errors).then_some(AnswerRule {
        status,
        content_type,
        headers,
        body,
    })
}

fn content_type(
    key: &str,
    definition: &AnswerDefinition,
    types: &[AnswerType],
    compiler: &mut DefinitionCompiler,
) -> Option<AnswerType> {
    let Some(name) = &definition.content_type else {
        return Some(AnswerType::Text);
    };
    let found = types.iter().copied().find(|known| known.code() == name);
    if found.is_none() {
        let key = format!("{key}.content_type");
        let error = ExpressionError::new(0..name.len(), "no answer has this Content-Type")
            .help_word(name, types.iter().map(|known| known.code()));
        compiler.errors.push(DefinitionError { key, error });
    }
    found
}

fn header_name(key: &str, name: &str, compiler: &mut DefinitionCompiler) -> Option<HeaderName> {
    let Ok(header) = HeaderName::from_bytes(name.as_bytes()) else {
        compiler.fault(key, format!("`{name}` is not the name of a header"));
        return None;
    };
    let mut prefixes = OWN_PREFIXES.iter();
    if OWN_HEADERS.contains(&header) || prefixes.any(|start| header.as_str().starts_with(start)) {
        compiler.fault(
            key,
            format!("`{name}` is the proxy's own: no scheme sets it"),
        );
        return None;
    }
    Some(header)
}

fn is_header_text(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

impl SchemeRules {
    /// The names of headers that its answers have.
    pub fn answer_headers(&self) -> impl Iterator<Item = &HeaderName> {
        let answers = self.handshakes.iter().flat_map(|rule| &rule.answer);
        answers.flat_map(|answer| answer.headers.iter().map(|(name, _)| name))
    }
}

fn in_words(numbers: &[u16]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    match numbers.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
