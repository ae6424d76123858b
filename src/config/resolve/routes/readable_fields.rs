//! Body fields that a route reads: they must be signed.

use crate::config::diagnostic::WarningName;
use crate::config::reader::{Text, quote};
use crate::verify::Scheme;
use crate::verify::body::{BodyFormat, FieldPath};

/// Which fields of a body a route may read.
#[derive(Clone, Copy)]
pub(super) struct ReadableFields<'s> {
    pub(super) scheme: Option<&'s Scheme>,
    /// Whether the route states that it takes bodies that nobody signed.
    pub(super) uncovered_body: bool,
    /// Whether the scheme came with the program. What it states is not the operator's word.
    pub(super) is_shipped: bool,
}

impl ReadableFields<'_> {
    /// The path to a field that is signed, or that is stated not to be.
    pub(super) fn path(self, text: Text<'_>) -> Option<FieldPath> {
        let path = field_path(text, self.scheme)?;
        match self.scheme {
            Some(scheme) if !self.may_read(scheme, &path, text) => {
                self.unsigned(text, scheme, &path)
            }
            _ => Some(path),
        }
    }

    fn may_read(self, scheme: &Scheme, path: &FieldPath, text: Text<'_>) -> bool {
        let rules = scheme.rules();
        let accepts = || text.problems().is_accepted_in_route(WarningName::NotSigned);
        rules.coverage().covers_field(path)
            || rules.states_uncovered_field(path) && (!self.is_shipped || accepts())
            || self.uncovered_body && !scheme.signs_body()
    }

    fn unsigned<T>(self, text: Text<'_>, scheme: &Scheme, path: &FieldPath) -> Option<T> {
        let why = format!(
            "the signature of the scheme {} does not cover this field: whoever has a callback can change it",
            quote(&scheme.name)
        );
        let source = match scheme.body_format() {
            BodyFormat::Form => "form",
            BodyFormat::Xml => "xml",
            _ => "field",
        };
        let help = if self.is_shipped && scheme.rules().states_uncovered_field(path) {
            "name another field; if the backend can do with a value that an attacker may have chosen, add \
         `accept_warnings = [\"not_signed\"]` to the route"
            .to_owned()
        } else if self.is_shipped {
            format!(
                "name another field; to use this one all the same, copy the scheme, which `countersign schemes \
             {}` prints, and state it there: `matters` and `not_covered`",
                scheme.name
            )
        } else if scheme.signs_body() {
            format!(
                "name a field that is signed; to use this one all the same, state it in the scheme: \
             `matters = {{ unsigned = \"{{{source}:{path}}}\" }}` and `not_covered = [\"unsigned\"]`"
            )
        } else {
            "remove it; to use it all the same, set `uncovered_body = true` in the route".to_owned()
        };
        text.error("field not signed", why).help(help).report()
    }
}

/// The path to a field that the scheme's bodies may have.
pub(super) fn field_path(text: Text<'_>, scheme: Option<&Scheme>) -> Option<FieldPath> {
    match FieldPath::parse(text.text) {
        Ok(path) if scheme.is_none_or(|scheme| scheme.may_have(&path)) => Some(path),
        Ok(_) => text
            .error(
                "field never found",
                "the scheme's bodies are forms or XML, in which no field is inside another",
            )
            .help("write the field's name, such as \"order_id\" or \"data[order_id]\"")
            .report(),
        Err(error) => text
            .error("invalid field", error.to_string())
            .help("write a top-level field's name, or a JSON Pointer such as \"/data/order/id\"")
            .report(),
    }
}
