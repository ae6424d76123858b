//! The items of a body that are signed each.

use std::borrow::Cow;

use crate::body::Body;
use crate::json::{JsonKind, JsonValue, pointer};
use crate::language::scheme_rules::{MAX_ATTEMPTS, SchemeRules};
use crate::reason::{At, Reason, Rejection};

/// The items of a body that are signed each, and the way to them.
pub(crate) struct SignedItems<'r, 'd, 'a> {
    /// One that is `None` is the whole body.
    pub(crate) found: Cow<'d, [Option<JsonValue<'d, 'a>>]>,
    /// Each object on the way, with the member of it that is the next step.
    pub(crate) steps: Vec<(JsonValue<'d, 'a>, &'r str)>,
}

impl SchemeRules {
    /// The items that are signed each.
    pub(crate) fn items<'r, 'd, 'a>(
        &'r self,
        body: &'d Body<'a>,
    ) -> Result<SignedItems<'r, 'd, 'a>, Rejection> {
        let mut passed = Vec::new();
        let Some(steps) = &self.each else {
            return Ok(SignedItems {
                found: Cow::Borrowed(&[None]),
                steps: passed,
            });
        };
        let malformed = || Rejection::at(Reason::ValueMalformed, At::Value("each".to_owned()));
        let mut items = vec![body.as_json().ok_or_else(malformed)?];
        for step in steps {
            let mut next = Vec::new();
            for item in items {
                match step.as_str() {
                    "*" if item.kind() == JsonKind::Array => {
                        next.extend(
                            item.members()
                                .map(|(_, item)| item)
                                .take(MAX_ATTEMPTS.saturating_add(1)),
                        );
                    }
                    "*" => return Err(malformed()),
                    name => {
                        let inner = item
                            .get(name)
                            .or_else(|| item.at(pointer::array_index(name)?));
                        next.push(inner.ok_or_else(malformed)?);
                        if item.is_object() {
                            passed.push((item, name));
                        }
                    }
                }
            }
            if next.len() > MAX_ATTEMPTS {
                return Err(Reason::TooManySignatures.into());
            }
            items = next;
        }
        Ok(SignedItems {
            found: Cow::Owned(items.into_iter().map(Some).collect()),
            steps: passed,
        })
    }
}
