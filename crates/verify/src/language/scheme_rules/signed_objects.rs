//! Finds what each content covers of the body, field by field.

use super::{LetRule, SchemeRules};
use crate::body::{Field, FieldPath};
use crate::language::compiled_expression::{CompiledExpression, ValueSource};
use crate::language::content_reach::{ContentReach, SignedObject};
use crate::language::selection::FieldsFrom;

impl SchemeRules {
    /// The objects whose members the signature covers one by one.
    pub(super) fn find_signed_objects(&self) -> Vec<SignedObject> {
        let mut objects = Vec::new();
        let mut add = |path: Option<FieldPath>| {
            let object = SignedObject { path };
            if !objects.contains(&object) {
                objects.push(object);
            }
        };
        for reach in &self.reach {
            if !reach.fields.is_empty() || reach.whole.as_ref().is_some_and(|but| !but.is_empty()) {
                add(None);
            }
            for selection in reach
                .selections
                .iter()
                .filter_map(|at| self.selections.get(*at))
            {
                match &selection.from {
                    FieldsFrom::Json(path) => add(path.clone()),
                    FieldsFrom::Form | FieldsFrom::Xml => add(None),
                    FieldsFrom::Nothing | FieldsFrom::Query | FieldsFrom::Headers => {}
                }
            }
        }
        objects
    }

    /// Whether the signature leaves out a member of such an object, in some content at least.
    pub(crate) fn leaves_out(
        &self,
        object: &SignedObject,
        name: &str,
        field: Field<'_, '_>,
    ) -> bool {
        let mut reach = self.reach.iter();
        reach.any(|reach| !self.content_covers(reach, object, name, field))
    }

    /// Whether some fields of the body can be left out of what is signed.
    pub(crate) fn may_leave_out_fields(&self) -> bool {
        let leaves_out = |reach: &ContentReach| {
            let selected = reach.selections.iter();
            let mut selections = selected.filter_map(|at| self.selections.get(*at));
            reach.whole.is_none()
                && (selections.clone().next().is_none()
                    || selections.any(|selection| selection.omits_any() || !selection.takes_all()))
        };
        let root = SignedObject { path: None };
        self.signed_objects.contains(&root) && self.reach.iter().any(leaves_out)
    }

    /// Whether it leaves out a top-level field of the body, where it covers any one by one. What the
    /// scheme reads its values from does not count: it need not be signed.
    pub(crate) fn leaves_out_field(&self, name: &str, field: Field<'_, '_>) -> bool {
        let root = SignedObject { path: None };
        self.each.is_none()
            && self.signed_objects.contains(&root)
            && !self.unsigned_values.iter().any(|known| known == name)
            && self.leaves_out(&root, name, field)
    }

    fn content_covers(
        &self,
        reach: &ContentReach,
        object: &SignedObject,
        name: &str,
        field: Field<'_, '_>,
    ) -> bool {
        let is_at_root = object.path.is_none();
        if let Some(but) = &reach.whole
            && !(is_at_root && but.iter().any(|known| known == name))
        {
            return true;
        }
        let leads_into = |path: &FieldPath| match &object.path {
            None => path.begins_with(name),
            Some(object) => path.leads_into(object, name),
        };
        let mut selections = reach.selections.iter();
        reach.fields.iter().any(leads_into)
            || selections.any(|at| {
                let selection = self.selections.get(*at);
                selection.is_some_and(|selection| match &selection.from {
                    FieldsFrom::Json(path) if *path == object.path => selection.writes(name, field),
                    FieldsFrom::Json(Some(path)) => leads_into(path),
                    FieldsFrom::Form | FieldsFrom::Xml => {
                        is_at_root && selection.writes(name, field)
                    }
                    _ => false,
                })
            })
    }

    /// What each content covers of the body, with each candidate of the named steps.
    pub(super) fn find_reach(&self) -> Vec<ContentReach> {
        let mut found = Vec::new();
        for nth in 0..self.candidates() {
            let (content, choices) = self.choices(nth);
            if let Some(content) = self.content.get(content).or(self.payload()) {
                let mut reach = ContentReach::default();
                self.collect_reach(content, &choices, &mut reach);
                found.push(reach);
            }
        }
        found
    }

    fn collect_reach(
        &self,
        expression: &CompiledExpression,
        choices: &[usize],
        reach: &mut ContentReach,
    ) {
        for chain in expression.operations() {
            let mut follow = |expression: Option<&CompiledExpression>| {
                if let Some(expression) = expression {
                    self.collect_reach(expression, choices, reach);
                }
            };
            match chain.source() {
                ValueSource::Timestamp => follow(self.timestamp.as_ref()),
                ValueSource::Nonce => follow(self.nonce.as_ref()),
                ValueSource::KeyId => follow(self.key_id.as_ref()),
                ValueSource::Let(at) => match self.lets.get(*at) {
                    Some(LetRule::Candidates(candidates)) => {
                        follow(choices.get(*at).and_then(|choice| candidates.get(*choice)));
                    }
                    table => {
                        for inner in table.into_iter().flat_map(LetRule::expressions) {
                            follow(Some(inner));
                        }
                    }
                },
                ValueSource::Body => reach.whole = Some(Vec::new()),
                ValueSource::Document => {
                    let but = chain.left_out_members();
                    let whole = reach.whole.get_or_insert_with(|| but.clone());
                    whole.retain(|name| but.contains(name));
                }
                ValueSource::Field(path) => reach.fields.push(path.clone()),
                ValueSource::Form(name) | ValueSource::Xml(name) => {
                    reach.fields.extend(FieldPath::of_top_level(name));
                }
                ValueSource::Fields(at) => {
                    reach.selections.insert(*at);
                }
                _ => {}
            }
        }
    }

    /// The top-level fields from which the scheme reads the signature and its other values.
    pub(super) fn find_unsigned_values(&self) -> Vec<String> {
        let values = self.signature.iter().chain(&self.key_id);
        let values = values.chain(&self.timestamp).chain(&self.nonce);
        let fields = values.flat_map(CompiledExpression::operations);
        let fields = fields.filter_map(|chain| match chain.source() {
            ValueSource::Field(path) => path.first().map(str::to_owned),
            ValueSource::Form(name) | ValueSource::Xml(name) => Some(name.clone()),
            _ => None,
        });
        fields.collect()
    }
}
