//! A handshake, compiled: what it looks like, what must hold, and what it is answered.

use http::{HeaderName, Method};
use regex::Regex;

use super::SchemeRules;
use super::answer_rule::{AnswerRule, AnswerType, compile_answer};
use super::compile_keys::{compile_checks, compile_shapes, shape};
use super::definition_compiler::DefinitionCompiler;
use super::reach::is_secret;
use crate::body::BodyFormat;
use crate::language::answer_definition::HandshakeDefinition;
use crate::language::compiled_expression::{
    CompiledExpression, KnownNames, ValueChain, ValueSource,
};
use crate::language::coverage::allowed_bytes;

/// The longest value that an answer is made of, in bytes.
pub(crate) const MAX_ECHO: usize = 256;

/// What such a value may have besides letters and digits: nothing that ends a text in a page, a form,
/// JSON, XML or a header.
const HARMLESS: &[u8] = b"-._~+/=:@,|";

/// The word for handshakes that are signed as callbacks.
const SIGNATURE: &str = "signature";

/// A handshake.
#[derive(Debug)]
pub(crate) struct HandshakeRule {
    pub(crate) methods: Vec<Method>,
    pub(crate) when: Vec<(CompiledExpression, Regex)>,
    pub(crate) check: Vec<(CompiledExpression, Vec<CompiledExpression>)>,
    pub(crate) is_signed: bool,
    /// Whether whoever asks is answered: no signature covers the value that the answer is made of.
    pub(crate) is_open: bool,
    pub(crate) echo: Option<EchoRule>,
    /// `None` if it cannot be answered.
    pub(crate) answer: Option<AnswerRule>,
    /// How its body is parsed.
    pub(crate) format: BodyFormat,
    /// The headers that it reads.
    pub(crate) headers: Vec<HeaderName>,
    /// Whether a secret of a key is read.
    pub(crate) needs_key: bool,
}

/// The value that an answer is made of.
#[derive(Debug)]
pub(crate) struct EchoRule {
    pub(crate) value: CompiledExpression,
    pub(crate) allowed: Regex,
    /// The bytes that it may have, all of ASCII.
    pub(super) bytes: Vec<u8>,
}

impl HandshakeRule {
    /// Every expression.
    pub(crate) fn programs(&self) -> impl Iterator<Item = &CompiledExpression> {
        let answer = self.answer.iter().flat_map(AnswerRule::programs);
        self.read_programs().chain(answer)
    }

    fn sources(&self) -> impl Iterator<Item = &ValueSource> {
        let chains = self.programs().flat_map(CompiledExpression::operations);
        chains.map(ValueChain::source)
    }

    /// The expressions that are read from the request.
    fn read_programs(&self) -> impl Iterator<Item = &CompiledExpression> {
        let when = self.when.iter().map(|(value, _)| value);
        let checks = self.check.iter();
        let checks = checks.flat_map(|(value, wanted)| [value].into_iter().chain(wanted));
        let echo = self.echo.iter().map(|echo| &echo.value);
        when.chain(checks).chain(echo)
    }
}

/// Compiles the handshakes of a scheme.
pub(super) fn compile_handshakes(
    definitions: &[HandshakeDefinition],
    compiler: &mut DefinitionCompiler,
) -> Vec<HandshakeRule> {
    let numbered = definitions.iter().enumerate();
    let compile =
        |(nth, definition)| compile_one(&format!("handshake[{nth}]"), definition, compiler);
    numbered.filter_map(compile).collect()
}

fn compile_one(
    key: &str,
    definition: &HandshakeDefinition,
    compiler: &mut DefinitionCompiler,
) -> Option<HandshakeRule> {
    let errors = compiler.errors.len();
    let open = KnownNames::default();
    let secret = KnownNames {
        secrets: true,
        ..open
    };
    let methods = methods(key, definition, compiler);
    let when = compile_shapes(&format!("{key}.when"), &definition.when, &open, compiler);
    let check = compile_checks(
        &format!("{key}.check"),
        &definition.check,
        &secret,
        compiler,
    );
    let is_signed = match definition.after.as_deref() {
        None => false,
        Some(SIGNATURE) => true,
        Some(_) => {
            compiler.fault_with(
                &format!("{key}.after"),
                "nothing else comes before an answer",
                "write \"signature\", if the provider signs the handshake as its callbacks; otherwise remove it",
            );
            false
        }
    };
    let echo = echo(key, definition, &open, compiler);
    let answer = definition.answer.as_ref().and_then(|answer| {
        let names = KnownNames {
            secrets: true,
            echo: definition.value.is_some(),
            ..open
        };
        let types = &[AnswerType::Text, AnswerType::Json];
        compile_answer(&format!("{key}.answer"), answer, types, &names, compiler)
    });
    if definition.answer.is_none() && definition.value.is_some() {
        compiler.fault_with(
            &format!("{key}.value"),
            "nothing is made of this value: the handshake has no answer",
            "add `answer = { body = \"{value}\" }`, or remove `value` and `allowed`",
        );
    }
    let mut rule = HandshakeRule {
        methods,
        when,
        check,
        is_signed,
        // Only the coverage shows more.
        is_open: true,
        echo,
        answer,
        format: BodyFormat::Opaque,
        headers: Vec::new(),
        needs_key: false,
    };
    rule.headers = rule
        .read_programs()
        .flat_map(CompiledExpression::read_headers)
        .collect();
    let needs_key = rule.sources().any(is_secret);
    rule.needs_key = needs_key;
    rule.format = format(key, &rule, compiler)?;
    // A method that callbacks have would be taken from them.
    if definition.when.is_empty() && rule.methods.iter().any(|method| *method != Method::HEAD) {
        compiler.fault_with(
            &format!("{key}.when"),
            "every request with this method would be a handshake",
            "say what it looks like: `when = { \"{query:challenge}\" = \".+\" }`; only HEAD needs nothing more",
        );
    }
    (compiler.errors.len() == errors).then_some(rule)
}

fn methods(
    key: &str,
    definition: &HandshakeDefinition,
    compiler: &mut DefinitionCompiler,
) -> Vec<Method> {
    const KNOWN: [Method; 4] = [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST];
    let key = format!("{key}.methods");
    if definition.methods.is_empty() {
        compiler.fault_with(
            &key,
            "a handshake has a method",
            "write `methods = [\"GET\"]`",
        );
    }
    let find = |name: &String| {
        let known = KNOWN.into_iter().find(|known| known.as_str() == name);
        if known.is_none() {
            let message = format!("`{name}` is not the method of a handshake");
            compiler.fault_with(&key, &message, "these are GET, HEAD, OPTIONS and POST");
        }
        known
    };
    definition.methods.iter().filter_map(find).collect()
}

fn echo(
    key: &str,
    definition: &HandshakeDefinition,
    names: &KnownNames<'_>,
    compiler: &mut DefinitionCompiler,
) -> Option<EchoRule> {
    let value_key = format!("{key}.value");
    let key = format!("{key}.allowed");
    let (value, allowed) = match (&definition.value, &definition.allowed) {
        (None, None) => return None,
        (Some(value), Some(allowed)) => (value, allowed),
        (Some(_), None) => {
            compiler.fault_with(
                &value_key,
                "what anybody may send is answered only where `allowed` says what it may be",
                "add `allowed = \"[0-9A-Za-z]{1,128}\"`, or what the provider's documentation says",
            );
            return None;
        }
        (None, Some(_)) => {
            compiler.fault_with(
                &key,
                "there is no `value`",
                "add `value`, or remove `allowed`",
            );
            return None;
        }
    };
    let value = compiler.text(&value_key, value, names);
    let shape = match shape(allowed) {
        Ok(shape) => shape,
        Err(message) => {
            compiler.fault(&key, message);
            return None;
        }
    };
    let found = allowed_bytes(allowed);
    let is_harmless = |byte: &u8| byte.is_ascii_alphanumeric() || HARMLESS.contains(byte);
    let are_harmless = |(bytes, _): &(Vec<u8>, Option<usize>)| bytes.iter().all(is_harmless);
    let Some((bytes, max)) = found.filter(are_harmless) else {
        compiler.fault_with(
            &key,
            "this allows characters that could become a part of something else",
            "an answer repeats only ASCII letters, digits, and `-._~+/=:@,|`",
        );
        return None;
    };
    if max.is_none_or(|max| max > MAX_ECHO) {
        compiler.fault_with(
            &key,
            &format!("this allows more than {MAX_ECHO} characters"),
            "say how many there may be: `[0-9a-f]{1,64}`",
        );
    }
    Some(EchoRule {
        value: value?,
        allowed: shape,
        bytes,
    })
}

/// The format in which its values are looked up.
fn format(
    key: &str,
    rule: &HandshakeRule,
    compiler: &mut DefinitionCompiler,
) -> Option<BodyFormat> {
    let chains = rule
        .read_programs()
        .flat_map(CompiledExpression::operations);
    let mut found = BodyFormat::Opaque;
    for chain in chains {
        let format = match chain.source() {
            ValueSource::Field(_) | ValueSource::Document => BodyFormat::Json,
            ValueSource::Form(_) => BodyFormat::Form,
            ValueSource::Xml(_) => BodyFormat::Xml,
            _ => continue,
        };
        if !found.is_declared_as(format) {
            compiler.fault(key, "the body cannot be read in two formats at once");
            return None;
        }
        found = format;
    }
    Some(found)
}

impl SchemeRules {
    /// The methods of handshakes.
    pub fn handshake_methods(&self) -> impl Iterator<Item = &Method> {
        self.handshakes.iter().flat_map(|rule| &rule.methods)
    }

    /// Whether a request with this method may be a handshake.
    #[must_use]
    pub fn may_be_handshake(&self, method: &Method) -> bool {
        !self.handshakes.is_empty() && self.handshake_methods().any(|own| own == method)
    }

    /// The names of constants of the route that handshakes use. Without one, its handshake is refused.
    #[must_use]
    pub fn handshake_constants(&self) -> Vec<&str> {
        let names = self.handshake_sources().filter_map(|source| match source {
            ValueSource::Constant(name) => Some(name.as_str()),
            _ => None,
        });
        names.collect()
    }

    /// The same of secrets that a key has besides its own.
    #[must_use]
    pub fn handshake_secrets(&self) -> Vec<&str> {
        let names = self.handshake_sources().filter_map(|source| match source {
            ValueSource::NamedSecret(name) => Some(name.as_str()),
            _ => None,
        });
        names.collect()
    }

    /// Whether a handshake uses the public URL of the route.
    #[must_use]
    pub fn handshakes_use_public_url(&self) -> bool {
        let mut sources = self.handshake_sources();
        sources.any(|source| matches!(source, ValueSource::Url | ValueSource::ConfiguredUrl))
    }

    fn handshake_sources(&self) -> impl Iterator<Item = &ValueSource> {
        self.handshakes.iter().flat_map(HandshakeRule::sources)
    }

    /// Whether whoever asks is answered with a value of their own. One that has a signed handshake can ask
    /// again with other values that its signature does not cover.
    pub(super) fn answers_anybody(&self, nth: usize) -> bool {
        let Some(rule) = self.handshakes.get(nth) else {
            return false;
        };
        let echo = rule.echo.as_ref();
        !rule.is_signed || echo.is_some_and(|echo| !self.determines(&echo.value))
    }

    /// Whether any handshake is answered with a value of anybody's that is signed under a key of callbacks.
    pub(super) fn signs_for_others(&self) -> bool {
        self.handshakes.iter().any(HandshakeRule::signs_for_others)
    }

    /// Whether a content is what a handshake signs for whoever asks: then its signature proves nothing.
    pub(crate) fn is_signed_for_others(&self, content: &[u8]) -> bool {
        if !self.facts.signs_for_others || content.len() > MAX_ECHO {
            return false;
        }
        let Ok(text) = std::str::from_utf8(content) else {
            return false;
        };
        let mut signing = self
            .handshakes
            .iter()
            .filter(|rule| rule.signs_for_others());
        signing.any(|rule| {
            let echo = rule.echo.as_ref();
            echo.is_some_and(|echo| echo.allowed.is_match(text))
        })
    }
}
