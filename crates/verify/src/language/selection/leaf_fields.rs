//! The values at every depth of a JSON object.

use super::chosen_fields::object;
use super::{SelectedField, Selection};
use crate::body::FieldPath;
use crate::json::{JsonKind, JsonValue};
use crate::language::evaluate::Evaluation;
use crate::language::expression_value::{ExpressionValue, MAX_ITEMS};
use crate::language::value_fault::{EvaluationFault, ValueFault};

impl Selection {
    /// Every value that is neither an object nor an array, with its name. What is left out, is so with
    /// all that is in it.
    pub(super) fn leaf_fields<'v>(
        &'v self,
        path: Option<&'v FieldPath>,
        context: &'v Evaluation<'v>,
    ) -> Result<Vec<SelectedField<'v>>, EvaluationFault> {
        let mut fields = Vec::new();
        self.add_leaves("", object(path, context)?, context, &mut fields)?;
        Ok(fields)
    }

    /// The parser bounds the depth.
    fn add_leaves<'v>(
        &'v self,
        name: &'v str,
        value: JsonValue<'v, 'v>,
        context: &'v Evaluation<'v>,
        fields: &mut Vec<SelectedField<'v>>,
    ) -> Result<(), EvaluationFault> {
        match value.kind() {
            JsonKind::Object => {
                for (inner_name, inner) in value.members() {
                    let inner_name = context.scratch.text(inner_name)?;
                    if !self.leaves_out(inner_name) {
                        self.add_leaves(inner_name, inner, context, fields)?;
                    }
                }
            }
            JsonKind::Array => {
                for (_, inner) in value.members() {
                    self.add_leaves(name, inner, context, fields)?;
                }
            }
            _ if fields.len() >= MAX_ITEMS => return Err(ValueFault::TooLong.into()),
            _ => fields.push((name, ExpressionValue::Json(value))),
        }
        Ok(())
    }
}
