//! What is covered, and what not, in words.

use std::collections::BTreeSet;

use super::Coverage;
use super::covered_parts::CoveredParts;
use super::field_set::FieldSet;

crate::closed_list! {
    /// A part of a request that a signature covers, as backends are told.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum CoveredPart

    Method = "method", "The method.";
    Target = "target", "The target: path and query, byte for byte.";
    Parameters = "parameters", "Parameters of the query: those that the scheme signs.";
    Headers = "headers", "The headers that the scheme signs.";
    Body = "body", "The body, byte for byte.";
    Fields = "fields", "Fields of the body: those that the scheme signs.";
}

impl Coverage {
    /// The parts of a request that it covers, for backends.
    #[must_use]
    pub fn covers_words(&self) -> Vec<CoveredPart> {
        let is_covered = |part: &CoveredPart| match part {
            CoveredPart::Method => self.covers_method(),
            CoveredPart::Target => self.covers_target(),
            CoveredPart::Parameters => {
                let are_covered = || self.covers_some(|parts| &parts.parameters);
                !self.covers_target() && (self.covers_query() || are_covered())
            }
            CoveredPart::Headers => self.covers_headers(),
            CoveredPart::Body => self.covers_raw_body(),
            CoveredPart::Fields => !self.covers_raw_body() && self.covers_body(),
        };
        let all = CoveredPart::ALL.iter().copied();
        all.filter(|part| is_covered(part)).collect()
    }

    /// What it does not cover, for operators: `method`, `path`, `query`, `headers` if it covers
    /// none, `body`, or which fields. No signature covers all headers, and none itself.
    #[must_use]
    pub fn not_covered(&self) -> Vec<String> {
        let mut words = Vec::new();
        let plain = [
            ("method", self.covers_method()),
            ("path", self.covers_path()),
            ("headers", self.covers_headers()),
        ];
        let plain = plain.iter().filter(|(_, is_covered)| !is_covered);
        words.extend(plain.map(|(word, _)| (*word).to_owned()));
        for names in self.movable_headers() {
            words.push(format!("which of the headers {names} has a value"));
        }
        if !self.covers_target() && !self.every(|parts| parts.query) {
            match self.covers_some(|parts| &parts.parameters) {
                false => words.push("query".to_owned()),
                true => words.extend(self.others(
                    "parameters",
                    |parts| parts.query,
                    |parts| &parts.parameters,
                    &[],
                )),
            }
        }
        if !self.covers_raw_body() {
            match self.covers_body() {
                false => words.push("body".to_owned()),
                true => words.extend(self.others(
                    "fields",
                    |parts| parts.body,
                    |parts| &parts.fields,
                    &[],
                )),
            }
        }
        words
    }

    /// Headers any one of which has a covered value.
    fn movable_headers(&self) -> BTreeSet<String> {
        let groups = self.parts.iter().flat_map(|parts| &parts.movable);
        groups
            .map(|names| {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                names.join(", ")
            })
            .collect()
    }

    /// Which fields of the body an attacker can change in a captured callback, beside those that
    /// the scheme itself reads; if the body is not covered at all, none is named.
    #[must_use]
    pub fn changeable_fields(&self, read: &[String]) -> Vec<String> {
        if self.covers_raw_body() || !self.covers_body() {
            return Vec::new();
        }
        let words = self.others("fields", |parts| parts.body, |parts| &parts.fields, read);
        without_spelling(words)
    }

    /// The same of parameters, if some are covered; otherwise the whole query.
    #[must_use]
    pub fn changeable_parameters(&self, read: &[String]) -> Vec<String> {
        if self.covers_query() {
            return Vec::new();
        }
        if !self.covers_some(|parts| &parts.parameters) {
            return vec!["the query".to_owned()];
        }
        let words = self.others(
            "parameters",
            |parts| parts.query,
            |parts| &parts.parameters,
            read,
        );
        without_spelling(words)
    }

    /// Which of the values are left out, apart from those with names that are `ignored`.
    fn others(
        &self,
        kind: &str,
        whole: fn(&CoveredParts) -> bool,
        sets: fn(&CoveredParts) -> &Vec<FieldSet>,
        ignored: &[String],
    ) -> Vec<String> {
        let parts = self.parts.iter().filter(|parts| !whole(parts));
        let all: Vec<&FieldSet> = parts.flat_map(sets).collect();
        let has_all = |steps: &[String]| {
            let has_it = |set: &FieldSet| set.decodes(steps);
            self.every(|parts| whole(parts) || sets(parts).iter().any(has_it))
        };
        let in_item = match (&self.each, kind) {
            (Some(_), "fields") => " of an item",
            _ => "",
        };
        let listed = |names: Vec<String>| {
            let names: BTreeSet<String> = names.iter().map(|name| format!("`{name}`")).collect();
            names.into_iter().collect::<Vec<_>>().join(", ")
        };
        let joined = |steps: &Vec<String>| steps.join(".");
        let has_ignored = !ignored.is_empty();
        let is_read = |name: &String| {
            let mut read = self.unsigned_values.iter();
            has_ignored && kind == "fields" && read.any(|steps| joined(steps) == *name)
        };
        let mut words = Vec::new();
        let mut left_out = Vec::new();
        let mut only = Vec::new();
        for parts in self.parts.iter().filter(|parts| !whole(parts)) {
            let mut sets = sets(parts).iter();
            let has_rest = |set: &FieldSet| set.fixed().is_none() && set.patterns().1.is_empty();
            let is_rest_covered = sets.clone().any(has_rest);
            for set in sets.by_ref() {
                let (without, patterns) = set.patterns();
                left_out.extend(without);
                if !is_rest_covered {
                    let fixed = set.fixed().unwrap_or_default();
                    let fixed = fixed.iter().filter(|steps| has_all(steps));
                    only.extend(fixed.map(joined));
                    only.extend(patterns);
                }
            }
        }
        left_out.retain(|name| !(ignored.contains(name) || is_read(name)));
        if !only.is_empty() {
            words.push(format!("{kind}{in_item} other than {}", listed(only)));
        }
        if !left_out.is_empty() {
            words.push(format!("the {kind}{in_item} {}", listed(left_out)));
        }
        let mut decoded = all.iter().filter_map(|set| match set {
            FieldSet::Decoded(steps) => Some(joined(steps)),
            _ => None,
        });
        if let Some(decoded) = decoded.next() {
            words.push(format!("how `{decoded}` is encoded"));
        }
        if all.iter().any(|set| set.is_without_places()) {
            words.push(format!("which object {kind} are in"));
        }
        if all.iter().any(|set| set.respells_numbers()) {
            words.push("how numbers are written".to_owned());
        }
        if all.iter().any(|set| set.respells_names()) {
            words.push("how names are spelt".to_owned());
        }
        let is_untyped = |parts: &CoveredParts| !whole(parts) && parts.untyped;
        if kind == "fields" && self.parts.iter().any(is_untyped) {
            words.push("how scalars are typed".to_owned());
        }
        if kind == "fields" && self.is_xml {
            words.push("how the root is named".to_owned());
        }
        if all.iter().any(|set| set.may_omit()) {
            words.push(format!("{kind} that are left out for their value"));
        }
        if all.iter().any(|set| set.may_repeat()) {
            words.push(format!("order and number of {kind} with equal names"));
        }
        if self.each.is_some() && kind == "fields" {
            words.push("fields beside the items".to_owned());
            words.push("order and number of items".to_owned());
        }
        if words.is_empty() {
            words.push(format!("how {kind} are written"));
        }
        words
    }
}

/// Without those about how a value is spelt, which changes nothing of what it says.
fn without_spelling(mut words: Vec<String>) -> Vec<String> {
    words.retain(|word| !word.starts_with("how "));
    words
}
