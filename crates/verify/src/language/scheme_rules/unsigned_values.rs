//! The fields of the body that need not be signed.

use super::{LetRule, SchemeRules};
use crate::language::compiled_expression::{CompiledExpression, ValueSource};

impl SchemeRules {
    /// The ways to the fields from which the scheme reads the signature and its other values.
    pub(in crate::language) fn unsigned_values(&self) -> Vec<Vec<String>> {
        let values = self.signature.iter().chain(&self.key_id);
        let values = values.chain(&self.timestamp).chain(&self.nonce);
        let mut found = Vec::new();
        for value in values {
            self.add_fields(value, &mut found);
        }
        found
    }

    /// Steps use only those before them, so this ends.
    fn add_fields(&self, expression: &CompiledExpression, found: &mut Vec<Vec<String>>) {
        for chain in expression.operations() {
            match chain.source() {
                ValueSource::Field(path) => found.push(path.steps().to_vec()),
                ValueSource::Form(name) | ValueSource::Xml(name) => found.push(vec![name.clone()]),
                ValueSource::Let(at) => {
                    let steps = self.lets.get(*at).into_iter();
                    for step in steps.flat_map(LetRule::expressions) {
                        self.add_fields(step, found);
                    }
                }
                _ => {}
            }
        }
    }
}
