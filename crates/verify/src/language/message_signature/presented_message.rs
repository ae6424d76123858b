//! A signature as a request presents it (RFC 9421, section 4).

use http::{HeaderMap, HeaderName};
use sfv::{BareItem, Dictionary, FieldType, InnerList, Item, List, ListEntry};

use super::{
    MessageComponent, MessageParameter, SIGNATURE, SIGNATURE_INPUT, structured_dictionary,
};
use crate::language::scheme_rules::{MAX_ATTEMPTS, MessageRule};
use crate::language::value_fault::ValueFault;
use crate::reason::{At, Reason, Rejection};

/// The most components of a signature: each costs a search.
const MAX_COMPONENTS: usize = 64;

/// A signature and what it says it covers. Nothing in it is verified yet.
#[derive(Debug)]
pub(crate) struct PresentedMessage {
    /// What is signed, each with its identifier.
    pub(crate) covered: Vec<(MessageComponent, String)>,
    /// The list with its parameters, as it is signed.
    pub(crate) parameters_text: String,
    pub(crate) signature: Vec<u8>,
    parameters: Vec<(MessageParameter, String)>,
}

/// How many signatures of a request can be meant.
pub(crate) fn labels(rule: &MessageRule, headers: &HeaderMap) -> Result<usize, Rejection> {
    if rule.label.is_some() {
        return Ok(1);
    }
    let labels = dictionary(headers, &SIGNATURE_INPUT)?.len();
    if labels > MAX_ATTEMPTS {
        return Err(Reason::TooManySignatures.into());
    }
    Ok(labels)
}

impl PresentedMessage {
    /// Reads the signature with the scheme's label, or the one with this number, and refuses it
    /// unless it covers what the scheme requires.
    pub(crate) fn read(
        rule: &MessageRule,
        headers: &HeaderMap,
        nth: usize,
    ) -> Result<Self, Rejection> {
        let refused = |reason| Rejection::at(reason, At::Header(SIGNATURE_INPUT));
        let inputs = dictionary(headers, &SIGNATURE_INPUT)?;
        let signatures = dictionary(headers, &SIGNATURE)?;
        // A label in one of them only is an error (section 4.2).
        let mut labels = inputs.keys();
        if inputs.len() != signatures.len() || !labels.all(|label| signatures.contains_key(label)) {
            return Err(refused(Reason::SignatureMalformed));
        }
        let chosen = match &rule.label {
            Some(label) => inputs.get_key_value(label.as_str()),
            None => inputs.get_index(nth),
        };
        let (label, input) = chosen.ok_or_else(|| refused(Reason::SignatureMissing))?;
        let ListEntry::InnerList(list) = input else {
            return Err(refused(Reason::SignatureMalformed));
        };
        let parameters = MessageParameter::read(&list.params);
        let parameters = parameters.map_err(|_| refused(Reason::SignatureMalformed))?;
        let covered = covered(list).ok_or_else(|| refused(Reason::SignatureMalformed))?;
        let entry: List = vec![input.clone()];
        let message = Self {
            parameters_text: entry.serialize().unwrap_or_default(),
            signature: signature(signatures.get(label))?,
            covered,
            parameters,
        };
        message.check(rule)?;
        Ok(message)
    }

    /// The value of a parameter.
    pub(crate) fn parameter(&self, wanted: MessageParameter) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(parameter, _)| *parameter == wanted);
        found.map(|(_, value)| value.as_str())
    }

    /// Its end, in Unix seconds.
    pub(crate) fn expires(&self) -> Option<i64> {
        // A Structured Field's integer has at most 15 digits.
        self.parameter(MessageParameter::Expires)?.parse().ok()
    }

    fn check(&self, rule: &MessageRule) -> Result<(), Rejection> {
        let refused = |reason, place: &str| Rejection::at(reason, At::Value(place.to_owned()));
        let alg = self.parameter(MessageParameter::Alg);
        if alg.is_some_and(|alg| alg != rule.alg) {
            return Err(refused(Reason::AlgorithmNotAllowed, "{param:alg}"));
        }
        let is_covered = |wanted: &MessageComponent| {
            let mut covered = self.covered.iter();
            covered.any(|(component, _)| component == wanted)
        };
        let mut required = rule.components.iter();
        if let Some((_, identifier)) = required.find(|(wanted, _)| !is_covered(wanted)) {
            return Err(refused(Reason::ValueMissing, identifier));
        }
        Ok(())
    }
}

fn dictionary(headers: &HeaderMap, name: &HeaderName) -> Result<Dictionary, Rejection> {
    structured_dictionary::read(headers, name).map_err(|fault| {
        let reason = match fault {
            ValueFault::Missing => Reason::SignatureMissing,
            _ => Reason::SignatureMalformed,
        };
        Rejection::at(reason, At::Header(name.clone()))
    })
}

/// The components: at least one, and none twice.
fn covered(list: &InnerList) -> Option<Vec<(MessageComponent, String)>> {
    if list.items.is_empty() || list.items.len() > MAX_COMPONENTS {
        return None;
    }
    let mut covered: Vec<(MessageComponent, String)> = Vec::with_capacity(list.items.len());
    for item in &list.items {
        let component = MessageComponent::of_item(item).ok()?;
        if covered.iter().any(|(known, _)| *known == component) {
            return None;
        }
        covered.push((component, item.serialize()));
    }
    Some(covered)
}

fn signature(entry: Option<&ListEntry>) -> Result<Vec<u8>, Rejection> {
    match entry {
        Some(ListEntry::Item(Item {
            bare_item: BareItem::ByteSequence(bytes),
            params,
        })) if params.is_empty() => Ok(bytes.clone()),
        _ => Err(Rejection::at(
            Reason::SignatureMalformed,
            At::Header(SIGNATURE),
        )),
    }
}
