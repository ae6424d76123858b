//! The format of the access log.

use std::sync::Arc;

use http::{HeaderName, header};

use super::super::schemes::Schemes;
use crate::config::access_format::{AccessFormat, COMBINED, Escape, FormatPiece, Template};
use crate::config::diagnostic::WarningName;
use crate::config::model::Route;
use crate::config::reader::{Text, Value, describe, quote, similar};
use crate::record;
use crate::verify::Scheme;
use crate::verify::body::FieldPath;

/// Headers whose values let anyone who reads them impersonate the sender.
const SECRETS: &[HeaderName] = &[
    header::AUTHORIZATION,
    header::COOKIE,
    header::PROXY_AUTHORIZATION,
];

const HEADER: &str = "http_";
const FIELD: &str = "field_";

/// What variables can refer to.
pub(super) struct FormatContext<'a> {
    pub(super) schemes: &'a Schemes<'a>,
    /// `None` if a route has an error.
    pub(super) routes: Option<&'a [Arc<Route>]>,
}

/// `"text"`, `"json"`, `"combined"`, or a template.
pub(super) fn format(
    value: Value<'_>,
    escape: Escape,
    context: &FormatContext<'_>,
) -> Option<AccessFormat> {
    if !value.is_text() {
        return value.wrong_type("a string", Some("\"text\"` or `\"json\"` or `\"combined\""));
    }
    let text = value.text()?;
    let (template, escape) = match text.text {
        "text" => return Some(AccessFormat::Text),
        "json" => return Some(AccessFormat::Json),
        // Other programs expect exactly this format, so `escape` does not apply.
        "combined" => (text.with(COMBINED), Escape::Default),
        word if !word.contains('$') => return unknown(text),
        _ => (text, escape),
    };
    let compiler = Compiler {
        text: template,
        context,
        escape,
    };
    compiler.compile().map(AccessFormat::Template)
}

fn unknown<T>(text: Text<'_>) -> Option<T> {
    const WORDS: [&str; 3] = ["text", "json", "combined"];
    let why = format!(
        "{} is not a format, and contains no variables",
        quote(text.text)
    );
    let draft = text.error("unknown value", why);
    let all = "\"text\", \"json\", \"combined\", or text with variables such as `$status`";
    match similar(text.text, WORDS) {
        Some(meant) => draft.help(format!(
            "did you mean \"{meant}\"? The possible values are {all}"
        )),
        None => draft.help(format!("the possible values are {all}")),
    }
    .report()
}

struct Compiler<'a> {
    text: Text<'a>,
    context: &'a FormatContext<'a>,
    escape: Escape,
}

impl Compiler<'_> {
    /// Compiles the whole text even after an error, so that all problems are reported.
    fn compile(&self) -> Option<Template> {
        let mut template = Template {
            pieces: Vec::new(),
            escape: self.escape,
            headers: Vec::new(),
            fields: Vec::new(),
        };
        let mut good = true;
        let mut literal = String::new();
        let mut rest = self.text.text;
        while let Some((before, behind)) = rest.split_once('$') {
            literal.push_str(before);
            let at = self
                .text
                .text
                .len()
                .saturating_sub(behind.len())
                .saturating_sub(1);
            if let Some(behind) = behind.strip_prefix('$') {
                literal.push('$');
                rest = behind;
                continue;
            }
            let (written, name, after) = split_name(behind);
            rest = after;
            match self.variable(at, written, name, &mut template) {
                Some(piece) => {
                    if !literal.is_empty() {
                        template
                            .pieces
                            .push(FormatPiece::Text(std::mem::take(&mut literal)));
                    }
                    template.pieces.push(piece);
                }
                None => good = false,
            }
        }
        literal.push_str(rest);
        if let Some(bad) = self
            .text
            .text
            .chars()
            .find(|c| c.is_control() && *c != '\t')
        {
            return self
                .text
                .error(
                    "invalid format",
                    format!("a line must not contain {}", describe(bad)),
                )
                .help("write the format on one line: each request is one line of the log")
                .report();
        }
        if !literal.is_empty() {
            template.pieces.push(FormatPiece::Text(literal));
        }
        good.then_some(template)
    }

    /// The variable whose `$` is at byte `at`.
    fn variable(
        &self,
        at: usize,
        written: &str,
        name: &str,
        template: &mut Template,
    ) -> Option<FormatPiece> {
        // `at` is the byte of the `$`, which `written` does not include.
        let marked = self.marked(at, written);
        if name.is_empty() {
            return marked
                .error(
                    "invalid format",
                    "the `$` must be followed by a variable's name",
                )
                .help("write `$$` for a dollar sign, or `${name}` if letters follow the name")
                .report();
        }
        if let Some(fact) = record::variable(name) {
            return Some(FormatPiece::Fact(fact));
        }
        if let Some(header) = name.strip_prefix(HEADER) {
            let header = self.header(marked, header)?;
            return Some(FormatPiece::Header(place_in(&mut template.headers, header)));
        }
        if let Some(field) = name.strip_prefix(FIELD) {
            let field = self.field(marked, field)?;
            return Some(FormatPiece::Field(place_in(&mut template.fields, field)));
        }
        let why = format!("there is no variable {}", quote(name));
        let draft = marked.error("unknown variable", why);
        match similar(name, record::variables().filter_map(|fact| fact.variable)) {
            Some(meant) => draft.help(format!("did you mean `${meant}`?")),
            None => draft.help(
                "docs/configuration.md lists them; a header is `$http_` followed by its name, \
                 with `_` for `-`",
            ),
        }
        .report()
    }

    fn header(&self, marked: Text<'_>, name: &str) -> Option<HeaderName> {
        let Ok(header) = HeaderName::from_bytes(name.replace('_', "-").as_bytes()) else {
            return marked
                .error(
                    "invalid header name",
                    "`$http_` must be followed by a header's name",
                )
                .help("write it in lower case with `_` for `-`, such as `$http_user_agent`")
                .report();
        };
        let mut schemes = self.context.schemes.meanings();
        if let Some(scheme) = schemes.find(|scheme| signs_with(scheme, &header)) {
            let why = format!(
                "this header is the signature of the scheme {}",
                quote(&scheme.name)
            );
            return marked
                .error("signature in the log", why)
                .help("remove it: signatures are never logged")
                .report();
        }
        if SECRETS.contains(&header) {
            marked
                .warning(
                    WarningName::SecretInLog,
                    format!("whoever reads `{header}` there can impersonate its sender"),
                )
                .help("remove it")
                .report::<()>();
        }
        Some(header)
    }

    /// Body fields are logged only if a route names them.
    fn field(&self, marked: Text<'_>, name: &str) -> Option<FieldPath> {
        let routes = self.context.routes?;
        let mut named = routes.iter().flat_map(|route| &route.fields);
        let Some(field) = named.find(|field| field.field.to_string() == name) else {
            return marked
                .error(
                    "unknown field",
                    format!("no route passes the field {} on", quote(name)),
                )
                .help("a body field is logged only if a route names it in `fields`")
                .report();
        };
        let mut signed = routes.iter().filter(|route| {
            let rules = route.policy.scheme.rules();
            let is_passed_on = route.fields.iter().any(|own| own.field == field.field);
            is_passed_on && rules.signature_is_in_field(&field.field)
        });
        if let Some(route) = signed.next() {
            let why = format!(
                "this field is the signature of the scheme {}",
                quote(&route.policy.scheme.name)
            );
            return marked
                .error("signature in the log", why)
                .help("remove it: signatures are never logged")
                .report();
        }
        Some(field.field.clone())
    }

    fn marked(&self, at: usize, written: &str) -> Text<'_> {
        let all = format!("${written}");
        self.text.marked_at(self.text.place_of(&all, at))
    }
}

/// The index of a value in a list. Adds the value if it is new.
fn place_in<T: PartialEq>(list: &mut Vec<T>, value: T) -> usize {
    let known = list.iter().position(|other| *other == value);
    known.unwrap_or_else(|| {
        list.push(value);
        list.len().saturating_sub(1)
    })
}

/// Splits the text after a `$` into the variable as written, its name, and the rest. A name in
/// braces can contain any characters.
fn split_name(behind: &str) -> (&str, &str, &str) {
    if let Some((name, rest)) = behind
        .strip_prefix('{')
        .and_then(|rest| rest.split_once('}'))
    {
        let written = behind
            .get(..name.len().saturating_add(2))
            .unwrap_or_default();
        return (written, name, rest);
    }
    let end = behind
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(behind.len());
    let (name, rest) = behind.split_at_checked(end).unwrap_or((behind, ""));
    (name, name, rest)
}

fn signs_with(scheme: &Scheme, header: &HeaderName) -> bool {
    scheme.signature_headers().contains(header)
}
