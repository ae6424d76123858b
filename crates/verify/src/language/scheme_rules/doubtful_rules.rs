//! What a scheme may say without meaning it.

use super::SchemeRules;
use crate::body::FieldPath;
use crate::language::compiled_expression::{CompiledExpression, ValueSource};
use crate::language::coverage::JoinedShape;
use crate::language::selection::{Chosen, OnNested};

impl SchemeRules {
    /// Whether values are signed without their names, and a list in the callback says which these are:
    /// of a value that contains what separates them, any part may be another field's.
    #[must_use]
    pub fn joins_listed_values(&self) -> bool {
        let mut selections = self.selections.iter().enumerate();
        selections.any(|(at, selection)| {
            let is_listed = matches!(selection.chosen, Chosen::Listed { .. });
            let shape = self.coverage.shape_of(at);
            is_listed && matches!(shape, Some(JoinedShape::Separated(_)))
        })
    }

    /// Whether the values that these names lead to are signed, wherever a callback has them: all that is in
    /// that field, or, without a name, all in the body.
    #[must_use]
    pub fn signs_all_in(&self, names: &[&str]) -> bool {
        if self.coverage.covers_raw_body() || self.signs_whole_items(names) {
            return true;
        }
        // Objects and lists that are left out can be added to any callback.
        let mut selections = self.selections.iter();
        let is_nested_left_out = selections.any(|selection| selection.nested == OnNested::LeaveOut);
        let Some((_, inside)) = names.split_first() else {
            let words = self.coverage.changeable_fields(&[]);
            return !is_nested_left_out
                && words
                    .iter()
                    .all(|word| word.ends_with("left out for their value"));
        };
        let steps = names.iter().map(|name| (*name).to_owned()).collect();
        let is_covered = self.coverage.covers_field(&FieldPath::of_steps(steps));
        is_covered && (inside.is_empty() || !is_nested_left_out)
    }

    /// Whether these names lead into items each of which is signed whole.
    fn signs_whole_items(&self, names: &[&str]) -> bool {
        let Some(each) = &self.each else {
            return false;
        };
        let list = each.iter().take_while(|step| *step != "*");
        let is_inside = list.clone().count() < each.len()
            && names.len() >= list.clone().count()
            && list.zip(names).all(|(step, name)| step == name);
        let item = FieldPath::of_steps(Vec::new());
        is_inside && self.coverage.covers_item_field(&item)
    }

    /// The top-level fields that expressions read and whose names have dots, as the scheme writes them.
    #[must_use]
    pub fn dotted_fields(&self) -> Vec<&str> {
        let chains = self.programs().flat_map(CompiledExpression::operations);
        let dotted = chains.filter(|chain| match chain.source() {
            ValueSource::Field(path) => match path.steps() {
                [name] => name.trim_matches('.').contains('.'),
                _ => false,
            },
            _ => false,
        });
        dotted.map(|chain| &*chain.text).collect()
    }
}
