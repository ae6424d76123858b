//! Planning: what to decrypt in a callback.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;

use super::aes::AesJob;
use super::rsa::RsaJob;
use super::{Item, ItemState};
use crate::decrypt::DecryptPolicy;
use crate::decrypt::failure::DecryptFailure;
use crate::decrypt::keys::DecryptionKey;
use crate::decrypt::path::{PathMatch, find};
use crate::decrypt::rule::{Encoding, Iv, Output, Rule, SiblingField};
use crate::json::{JsonKind, JsonValue};
use crate::{Verified, decode_hex};

/// The most values of a callback that are examined. Genuine callbacks have a handful.
const MAX_VALUES: usize = 1024;

pub(super) struct Plan {
    pub(super) items: Vec<Item>,
    pub(super) unread: usize,
}

pub(super) fn plan(
    verified: &Verified<'_>,
    headers: &HeaderMap,
    body: &Bytes,
    policy: &DecryptPolicy,
) -> Plan {
    let json = verified.body().as_json();
    let Some(root) = json.filter(|root| root.document_source().as_bytes() == body) else {
        return Plan {
            items: Vec::new(),
            unread: 1,
        };
    };
    let mut targets = Targets::default();
    let rule = &policy.rule;
    for path in &rule.paths {
        find(path, root, &mut |found| {
            targets.add(found, |target| target.in_body = true);
        });
    }
    for (index, header) in rule.headers.iter().enumerate() {
        let mut places = Vec::new();
        find(&header.path, root, &mut |found| {
            let at = found.value.range().start;
            if targets.add(found, |target| target.headers.push(index)) {
                places.push(at);
            }
        });
        targets.refuse_several(&places);
    }
    let mut planner = Planner {
        rule,
        // Without keys, nothing can be decrypted.
        keys: policy.keys.pick(headers).unwrap_or_default(),
        operations: policy.max_operations,
    };
    Plan {
        unread: targets.left_out,
        items: targets
            .found
            .into_values()
            .map(|target| planner.item(target))
            .collect(),
    }
}

/// The values to decrypt, by their first byte: each once, however many paths lead to it.
#[derive(Default)]
struct Targets<'d, 'a> {
    found: BTreeMap<usize, TargetValue<'d, 'a>>,
    left_out: usize,
}

struct TargetValue<'d, 'a> {
    found: PathMatch<'d, 'a>,
    in_body: bool,
    headers: Vec<usize>,
    is_one_of_several: bool,
}

impl<'d, 'a> Targets<'d, 'a> {
    /// Adds a value; `false` if it is empty, or one too many.
    fn add(
        &mut self,
        found: PathMatch<'d, 'a>,
        mark: impl FnOnce(&mut TargetValue<'d, 'a>),
    ) -> bool {
        if is_empty(found.value) {
            return false;
        }
        let at = found.value.range().start;
        if self.found.len() >= MAX_VALUES && !self.found.contains_key(&at) {
            self.left_out = self.left_out.saturating_add(1);
            return false;
        }
        mark(self.found.entry(at).or_insert(TargetValue {
            found,
            in_body: false,
            headers: Vec::new(),
            is_one_of_several: false,
        }));
        true
    }

    /// A header cannot say which of several values it contains.
    fn refuse_several(&mut self, places: &[usize]) {
        if places.len() > 1 {
            for at in places {
                if let Some(target) = self.found.get_mut(at) {
                    target.is_one_of_several = true;
                }
            }
        }
    }
}

/// Whether there is no value: null or `""`. Lists and objects, even empty ones, are not cipher
/// text.
fn is_empty(value: JsonValue<'_, '_>) -> bool {
    matches!(value.kind(), JsonKind::Null | JsonKind::String { .. }) && value.is_empty()
}

struct Planner<'p> {
    rule: &'p Rule,
    keys: &'p [Arc<DecryptionKey>],
    /// How many private-key operations are left.
    operations: usize,
}

impl Planner<'_> {
    fn item(&mut self, target: TargetValue<'_, '_>) -> Item {
        let TargetValue {
            found,
            in_body,
            headers,
            is_one_of_several,
        } = target;
        let beside = match &self.rule.output {
            Output::Beside(suffix) if in_body => Some(name_beside(&found, suffix)),
            _ => None,
        };
        let (beside, state) = match (beside.transpose(), is_one_of_several) {
            (_, true) => (None, Err(DecryptFailure::Several)),
            (Err(failure), false) => (None, Err(failure)),
            (Ok(beside), false) => (beside, self.job(&found)),
        };
        Item {
            range: found.value.range(),
            pointer: found.pointer,
            in_body,
            beside,
            headers,
            state: state.unwrap_or_else(ItemState::Failed),
        }
    }

    fn job(&mut self, found: &PathMatch<'_, '_>) -> Result<ItemState, DecryptFailure> {
        let text = found.value.as_str().ok_or(DecryptFailure::NotText)?;
        let mut bytes = decode(&text, self.rule.encoding).ok_or(DecryptFailure::NotEncoded)?;
        if self.keys.is_empty() {
            return Err(DecryptFailure::NoKey);
        }
        let cipher = self.rule.cipher;
        if let Some(padding) = cipher.padding() {
            let (job, operations) = RsaJob::new(padding, bytes, self.keys)?;
            let left = self.operations.checked_sub(operations);
            self.operations = left.ok_or(DecryptFailure::TooMany)?;
            return Ok(ItemState::Rsa(job));
        }
        let length = cipher.iv_length().unwrap_or_default();
        let iv = match self.rule.iv.as_ref().ok_or(DecryptFailure::NoIv)? {
            Iv::Fixed(iv) => iv.clone(),
            Iv::Sibling(sibling) => beside(found, sibling)?.ok_or(DecryptFailure::NoIv)?,
            Iv::Prefix if bytes.len() < length => return Err(DecryptFailure::WrongLength),
            Iv::Prefix => {
                let rest = bytes.split_off(length);
                std::mem::replace(&mut bytes, rest)
            }
        };
        if iv.len() != length {
            return Err(DecryptFailure::NoIv);
        }
        let aad = match &self.rule.aad {
            Some(sibling) => beside(found, sibling)?.unwrap_or_default(),
            None => Vec::new(),
        };
        AesJob::new(cipher, iv, aad, bytes, self.keys).map(ItemState::Aes)
    }
}

/// The name for the clear text next to an encrypted value.
///
/// No member may have this name already, because it would then be repeated; nor one that differs
/// only in case, which some parsers ignore.
fn name_beside(found: &PathMatch<'_, '_>, suffix: &str) -> Result<String, DecryptFailure> {
    let name = found.value.name_source().ok_or(DecryptFailure::NameTaken)?;
    let written = format!("{name}{suffix}");
    let mut members = found.parent.members();
    let range = found.value.range();
    let own = found
        .parent
        .members()
        .find(|(_, value)| value.range() == range);
    let decoded = own.map(|(name, _)| format!("{name}{suffix}").to_lowercase());
    if members.any(|(name, _)| Some(name.to_lowercase()) == decoded) {
        return Err(DecryptFailure::NameTaken);
    }
    Ok(written)
}

/// The bytes in a field next to a value; `None` if it is missing or null.
fn beside(
    found: &PathMatch<'_, '_>,
    sibling: &SiblingField,
) -> Result<Option<Vec<u8>>, DecryptFailure> {
    let Some(value) = found.parent.get(&sibling.field) else {
        return Ok(None);
    };
    if value.kind() == JsonKind::Null {
        return Ok(None);
    }
    let text = value.as_str().ok_or(DecryptFailure::NoIv)?;
    let bytes = decode(&text, sibling.encoding).ok_or(DecryptFailure::NoIv)?;
    Ok(Some(bytes))
}

fn decode(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        // Padded and canonical: no white space, no stray bits after the last byte.
        Encoding::Base64 => STANDARD.decode(text).ok(),
        Encoding::Hex => decode_hex(text),
        Encoding::Text => Some(text.as_bytes().to_vec()),
    }
}
