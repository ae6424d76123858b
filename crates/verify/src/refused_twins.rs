//! What a signature leaves out and other readers take for what it covers.

use super::body::{Body, Charset, Field, Fields, Query, Repeats};
use super::language::SchemeRules;
use super::memory::MemoryBudget;
use super::reason::{At, Reason, Rejection, VerifyError};
use super::twins;

/// Refuses a body in which other readers could take an unsigned field for a signed one, or for one on
/// the way to what is signed.
pub(super) fn refuse_field_twins(
    rules: &SchemeRules,
    body: &Body<'_>,
    memory: &mut dyn MemoryBudget,
) -> Result<(), VerifyError> {
    if !body.has_fields() {
        return Ok(());
    }
    let coverage = rules.coverage();
    let is_form = matches!(body, Body::Form(_));
    let items = rules.items(body)?;
    // A twin of a step leads its readers to other items.
    for (object, step) in &items.steps {
        let members = Fields::of_object(*object);
        let is_other = |name: &str, _: Field<'_, '_>| name != *step;
        let found = twins::find(&members, body.length(), &is_other, &|_| false, memory)?;
        refuse(found)?;
    }
    for object in coverage.signed_objects() {
        for item in items.found.iter() {
            let Some(members) = object.members(body, *item) else {
                continue;
            };
            let is_unsigned =
                |name: &str, field: Field<'_, '_>| coverage.leaves_out(object, name, field);
            let is_read_as_signed =
                |name: &str| coverage.may_be_read_as_signed(object, name, is_form);
            let found = twins::find(
                &members,
                body.length(),
                &is_unsigned,
                &is_read_as_signed,
                memory,
            )?;
            refuse(found)?;
        }
    }
    Ok(())
}

fn refuse(twin: Option<String>) -> Result<(), VerifyError> {
    match twin {
        None => Ok(()),
        Some(name) => Err(Rejection::at(Reason::FieldRepeated, At::Field(name)).into()),
    }
}

/// Refuses a query in which other readers could take an unsigned parameter for a signed one.
pub(super) fn refuse_parameter_twins(
    rules: &SchemeRules,
    target: &[u8],
    charset: Charset,
    memory: &mut dyn MemoryBudget,
) -> Result<(), VerifyError> {
    let coverage = rules.coverage();
    if !coverage.signs_parameters() || !target.contains(&b'?') {
        return Ok(());
    }
    let query = Query::read(target, charset, Repeats::Refuse, memory)?;
    let mut names = query.pairs().map(|pair| pair.name);
    let is_twin = |name: &str| {
        let mut others = query.pairs();
        coverage.is_parameter_read_as_signed(name)
            && !others.any(|pair| coverage.is_signed_element_beside(&pair.name.text(), name))
    };
    match names.find(|name| is_twin(&name.text())) {
        None => Ok(()),
        Some(name) => {
            let at = At::TargetByte(name.place().start);
            Err(Rejection::at(Reason::QueryRepeated, at).into())
        }
    }
}
