//! The query string of a target, read as strictly as a form.

use super::charset::Charset;
use super::form::{self, FormDocument, FormError, FormErrorKind, FormPairs, Lenience, Repeats};
use super::{Body, BodyText};
use crate::memory::{MemoryBudget, OutOfMemory};
use crate::reason::{At, Reason, Rejection, VerifyError};

/// The parameters in a target. Their places are those in the target.
#[derive(Debug)]
pub struct Query<'a>(FormDocument<'a>);

impl<'a> Query<'a> {
    /// Reads what follows the first `?`: nothing, if there is none. A parameter may lack its `=`; then
    /// it is empty.
    ///
    /// # Errors
    /// If parsers read it differently, or there is not enough memory.
    pub fn read(
        target: &'a [u8],
        charset: Charset,
        repeats: Repeats,
        memory: &mut dyn MemoryBudget,
    ) -> Result<Self, VerifyError> {
        let query = Self::parse(target, charset, memory)?;
        match form::repeated(&query.0, repeats, memory)? {
            None => Ok(query),
            Some(pair) => {
                let at = At::TargetByte(pair.name.place().start);
                Err(Rejection::at(Reason::QueryRepeated, at).into())
            }
        }
    }

    /// The same, with any names.
    fn parse(
        target: &'a [u8],
        charset: Charset,
        memory: &mut dyn MemoryBudget,
    ) -> Result<Self, VerifyError> {
        let question_mark = target.iter().position(|byte| *byte == b'?');
        let start = question_mark.map_or(target.len(), |at| at.saturating_add(1));
        let query = target.get(start..).unwrap_or_default();
        let parsed = form::parse(query, start, charset, Lenience::Query, memory);
        parsed.map(Self).map_err(of_target)
    }

    /// The parameters in order.
    #[must_use]
    pub fn pairs(&self) -> FormPairs<'_, 'a> {
        self.0.pairs()
    }

    /// The value of the first parameter with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<BodyText<'a>> {
        self.0.get(name)
    }

    /// As it is written.
    #[must_use]
    pub fn source(&self) -> &'a str {
        self.0.source()
    }
}

fn of_target(error: FormError) -> VerifyError {
    let reason = match error.kind {
        FormErrorKind::OutOfMemory => return OutOfMemory.into(),
        FormErrorKind::TooManyPairs => Reason::TooManyFields,
        FormErrorKind::NotInCharset | FormErrorKind::Syntax => Reason::QueryInvalid,
    };
    Rejection::at(reason, At::TargetByte(error.at)).into()
}

/// Refuses a query with a parameter that backends could take for a field of the form in the body.
/// Java's `getParameter` prefers the query's, and PHP's `$_REQUEST` has what the form lacks.
pub(crate) fn refuse_shadows(
    target: &[u8],
    body: &Body<'_>,
    charset: Charset,
    memory: &mut dyn MemoryBudget,
) -> Result<(), VerifyError> {
    let Body::Form(form) = body else {
        return Ok(());
    };
    if !target.contains(&b'?') {
        return Ok(());
    }
    let query = Query::parse(target, charset, memory)?;
    match form::shared_name(form, &query.0, memory)? {
        None => Ok(()),
        Some(pair) => {
            let at = At::TargetByte(pair.name.place().start);
            Err(Rejection::at(Reason::QueryShadowsField, at).into())
        }
    }
}
