//! The character set of a form, or of a body in which nothing is read.

use super::charset_name::may_be_read_as;
use crate::body::{Body, Charset, Field, FieldPath};
use crate::callback::Callback;
use crate::language::compiled_expression::{KnownNames, ValueChain, ValueSource, compile};
use crate::language::coverage::Coverage;
use crate::reason::{At, Reason, Rejection};

/// Which character set a form is read in, and its signed text is written in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CharsetRule {
    /// The field of the form, or the parameter of the query, that names it.
    named_by: Option<(Carrier, String)>,
    /// Unless the field is there: this.
    otherwise: Charset,
}

/// Where the field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    Form,
    Query,
}

impl CharsetRule {
    /// Reads a label, or an expression for a field whose value is one.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let unknown = |label: &str| {
            let known: Vec<&str> = Charset::NAMED.iter().map(|(name, _)| *name).collect();
            format!(
                "`{label}` is no character set that is known here: {}",
                known.join(", ")
            )
        };
        if !text.contains('{') {
            let otherwise = Charset::from_label(text).ok_or_else(|| unknown(text))?;
            return Ok(Self {
                named_by: None,
                otherwise,
            });
        }
        let program = compile(text, &KnownNames::default());
        let program = program.map_err(|error| error.to_string())?;
        let form = "write a label, or `{form:NAME|default:LABEL}`";
        let operation = program.single().ok_or(form)?;
        let named_by = match operation.source() {
            ValueSource::Form(name) => (Carrier::Form, name.clone()),
            ValueSource::QueryParameter(name) => (Carrier::Query, name.clone()),
            _ => return Err(form.to_owned()),
        };
        let label = ValueChain::only_default(operation).ok_or(form)?;
        Ok(Self {
            named_by: Some(named_by),
            otherwise: Charset::from_label(label).ok_or_else(|| unknown(label))?,
        })
    }

    /// Whether a field of a form names it.
    pub(crate) fn is_in_form(&self) -> bool {
        matches!(self.named_by, Some((Carrier::Form, _)))
    }

    /// Whether the field that names it is a signed one. Who could change it would change what is read.
    pub(super) fn is_covered(&self, coverage: &Coverage) -> bool {
        match &self.named_by {
            None => true,
            Some((Carrier::Query, name)) => coverage.covers_parameter(name),
            Some((Carrier::Form, name)) => {
                let path = FieldPath::of_top_level(name);
                path.is_some_and(|path| coverage.covers_field(&path))
            }
        }
    }

    /// The character set that Content-Type may name for a body in which nothing is read. A callback
    /// does not choose it: there, its choice would be what the backend reads.
    pub(crate) fn of_unread(&self) -> Charset {
        match self.named_by {
            None => self.otherwise,
            Some(_) => Charset::Utf8,
        }
    }

    /// The character set of a callback.
    ///
    /// The field is looked for among the raw bytes, because it decides how they are read. Another
    /// spelling of its name is refused; [`Self::confirm`] makes sure that the reader found the same.
    pub(crate) fn of(&self, callback: &Callback<'_>) -> Result<Charset, Rejection> {
        let Some((carrier, name)) = &self.named_by else {
            return Ok(self.otherwise);
        };
        let pairs = match carrier {
            Carrier::Form => callback.body,
            Carrier::Query => {
                let at = callback.target.iter().position(|byte| *byte == b'?');
                let behind = at.map_or(callback.target.len(), |at| at.saturating_add(1));
                callback.target.get(behind..).unwrap_or_default()
            }
        };
        let refused = |reason| Rejection::at(reason, At::Field(name.clone()));
        let mut label = None;
        for pair in pairs.split(|byte| *byte == b'&') {
            let (written, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(end) => pair.split_at_checked(end).unwrap_or_default(),
                None => (pair, &b""[..]),
            };
            if !may_be_read_as(written, name) {
                continue;
            }
            // A backend might decode the name, and then the form by what it finds there.
            if written != name.as_bytes() {
                return Err(refused(Reason::ValueUnexpected));
            }
            if label.replace(value.get(1..).unwrap_or_default()).is_some() {
                return Err(refused(Reason::ValueRepeated));
            }
        }
        let Some(label) = label else {
            return Ok(self.otherwise);
        };
        let charset = std::str::from_utf8(label)
            .ok()
            .and_then(Charset::from_label);
        charset.ok_or_else(|| refused(Reason::ValueUnexpected))
    }

    /// Refuses a body whose reader finds another field than was found before.
    ///
    /// A parameter of the query needs no second look: [`Self::of`] takes its name as it is written and
    /// refuses every other spelling of it, and no label is written with a percent code.
    pub(crate) fn confirm(&self, body: &Body<'_>, charset: Charset) -> Result<(), Rejection> {
        let Some((Carrier::Form, name)) = &self.named_by else {
            return Ok(());
        };
        let label = body.field(name).and_then(Field::text);
        let found = label.map_or(Some(self.otherwise), |label| Charset::from_label(&label));
        if found == Some(charset) {
            return Ok(());
        }
        Err(Rejection::at(
            Reason::ValueUnexpected,
            At::Field(name.clone()),
        ))
    }
}
