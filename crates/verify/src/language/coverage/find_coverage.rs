//! Finds what a scheme's signature covers.

use super::Coverage;
use super::content_variant::ContentVariant;
use super::covered_parts::CoveredParts;
use super::field_set::FieldSet;
use super::joined_shape::JoinedShape;
use super::joined_text::JoinedText;
use super::open_border::OpenBorder;
use super::partly_signed;
use super::signed_object::SignedObject;
use crate::algorithm::Means;
use crate::body::BodyFormat;
use crate::language::compiled_expression::CompiledExpression;
use crate::language::scheme_rules::SchemeRules;

impl Coverage {
    /// Works it out for a scheme that is compiled.
    pub(in crate::language) fn of(rules: &SchemeRules) -> Self {
        let means = rules
            .algorithms()
            .into_iter()
            .map(|algorithm| algorithm.means());
        let own = [&rules.timestamp, &rules.nonce, &rules.key_id].into_iter();
        let own = own.map(|value| value.as_ref()?.checked_field());
        let mut coverage = Self {
            means: means
                .max_by_key(|means| weakness(*means))
                .unwrap_or(Means::Token),
            parts: Vec::new(),
            each: rules.each.clone(),
            own_fields: own.flatten().map(|path| path.steps().to_vec()).collect(),
            has_nonce: rules.nonce.is_some(),
            has_key_id: rules.key_id.is_some(),
            has_timestamp: rules.timestamp.is_some(),
            ..Self::default()
        };
        let variants = ContentVariant::all(rules);
        let mut skeletons = variants.iter().map(ContentVariant::skeleton);
        let first = skeletons.next();
        if skeletons.any(|skeleton| Some(skeleton) != first) {
            coverage.borders.push(OpenBorder::Candidates);
        }
        for variant in &variants {
            let parts = CoveredParts::of(variant);
            let text = JoinedText::of(variant, &parts);
            coverage.add_text(text.borders, text.joined, text.digits);
            for partly_signed in partly_signed::find(variant, &parts) {
                if !coverage.partly_signed.contains(&partly_signed) {
                    coverage.partly_signed.push(partly_signed);
                }
            }
            if !parts.query
                && !coverage
                    .written_parameters
                    .contains(&parts.written_parameters)
            {
                coverage
                    .written_parameters
                    .push(parts.written_parameters.clone());
            }
            if !parts.body {
                coverage.add_objects(&parts);
                if !coverage.written.contains(&parts.written) {
                    coverage.written.push(parts.written.clone());
                }
            }
            coverage.parts.push(parts);
        }
        for object in &mut coverage.signed_objects {
            object.add_names(coverage.written.iter().flatten());
        }
        let sets = || coverage.written_parameters.iter().flatten();
        coverage.parameters = sets().next().map(|_| {
            let mut parameters = SignedObject::at(Vec::new());
            parameters.add_names(sets());
            parameters
        });
        coverage.is_xml = rules.body == BodyFormat::Xml;
        coverage.unsigned_values = rules.unsigned_values();
        coverage
    }

    fn add_objects(&mut self, parts: &CoveredParts) {
        let objects = parts.written.iter().flat_map(FieldSet::objects);
        for object in objects.map(SignedObject::at) {
            if !self.signed_objects.contains(&object) {
                self.signed_objects.push(object);
            }
        }
    }

    fn add_text(
        &mut self,
        borders: Vec<OpenBorder>,
        joined: Vec<(usize, JoinedShape)>,
        digits: Option<usize>,
    ) {
        for border in borders {
            if !self.borders.contains(&border) {
                self.borders.push(border);
            }
        }
        for (at, shape) in joined {
            match self.joined.iter_mut().find(|(known, _)| *known == at) {
                None => self.joined.push((at, shape)),
                // It depends on the way: take the one that promises less.
                Some((_, known)) if *known == JoinedShape::SelfDelimited => *known = shape,
                Some((_, known)) if shape != JoinedShape::SelfDelimited && *known != shape => {
                    *known = JoinedShape::Open;
                }
                Some(_) => {}
            }
        }
        self.timestamp_digits = self.timestamp_digits.max(digits);
    }
}

impl SchemeRules {
    /// Whether the signature covers a value, whichever way the content is built.
    pub(in crate::language) fn determines(&self, value: &CompiledExpression) -> bool {
        let variants = ContentVariant::all(self);
        let mut parts = variants
            .iter()
            .map(|variant| (CoveredParts::of(variant), variant));
        parts.all(|(parts, variant)| parts.determines(value, variant))
    }
}

/// The order of [`Means`], the weakest last.
const fn weakness(means: Means) -> u8 {
    match means {
        Means::Signature => 0,
        Means::Mac => 1,
        Means::Digest => 2,
        Means::Token => 3,
    }
}
