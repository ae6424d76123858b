//! A value in the headers of an HTTP Message Signature (RFC 9421).

use http::{HeaderName, HeaderValue};
use sfv::{BareItem, Dictionary, FieldType as _, InnerList, Item, Key, ListEntry, Parser, Version};
use sha2::{Digest as _, Sha256};

use crate::draft_request::DraftRequest;
use crate::language::message_signature::{
    CONTENT_DIGEST, MessageParameter, SIGNATURE, SIGNATURE_INPUT,
};
use crate::language::scheme_rules::MessageRule;

/// The label of a signature for which the scheme names none, as in the examples of RFC 9421.
const USUAL_LABEL: &str = "sig1";

/// Gives the request a signature of the scheme, made over its components, unless it has one.
pub(in crate::language) fn begin_message(
    draft: &mut DraftRequest,
    rule: &MessageRule,
) -> Option<()> {
    let label = rule.label.as_deref();
    let mut inputs = read(draft, &SIGNATURE_INPUT)?;
    if inputs.is_empty() {
        let mut items = Vec::new();
        for (_, identifier) in &rule.components {
            let item = Parser::new(identifier).with_version(Version::Rfc8941);
            items.push(item.parse::<Item>().ok()?);
        }
        let list = InnerList::new(items);
        inputs.insert(key(label)?, ListEntry::InnerList(list));
        write(draft, &SIGNATURE_INPUT, &inputs)?;
    }
    place_message_signature(draft, label, &[0])
}

/// Writes the signature under the label.
pub(in crate::language) fn place_message_signature(
    draft: &mut DraftRequest,
    label: Option<&str>,
    signature: &[u8],
) -> Option<()> {
    let inputs = read(draft, &SIGNATURE_INPUT)?;
    let label = chosen(&inputs, label)?;
    let mut signatures = read(draft, &SIGNATURE)?;
    let item = Item::new(BareItem::ByteSequence(signature.to_vec()));
    signatures.insert(label, ListEntry::Item(item));
    write(draft, &SIGNATURE, &signatures)
}

/// Writes a parameter of the signature.
pub(super) fn place_parameter(
    draft: &mut DraftRequest,
    label: Option<&str>,
    parameter: MessageParameter,
    value: &str,
) -> Option<()> {
    let mut inputs = read(draft, &SIGNATURE_INPUT)?;
    let label = chosen(&inputs, label)?;
    let ListEntry::InnerList(list) = inputs.get_mut(&label)? else {
        return None;
    };
    let value = if parameter.is_time() {
        BareItem::Integer(value.parse::<i64>().ok()?.try_into().ok()?)
    } else {
        BareItem::String(sfv::String::from_string(value.to_owned()).ok()?)
    };
    let name = Key::from_string(parameter.name().to_owned()).ok()?;
    list.params.insert(name, value);
    write(draft, &SIGNATURE_INPUT, &inputs)
}

/// Gives the body a digest (RFC 9530) if the signature covers one.
pub(in crate::language) fn add_content_digest(
    draft: &mut DraftRequest,
    rule: &MessageRule,
) -> Option<()> {
    let mut required = rule.components.iter();
    if required.any(|(component, _)| component.header() == Some(&CONTENT_DIGEST)) {
        let mut digests = Dictionary::new();
        let digest = Sha256::digest(&draft.body).to_vec();
        let item = Item::new(BareItem::ByteSequence(digest));
        digests.insert(
            Key::from_string("sha-256".to_owned()).ok()?,
            ListEntry::Item(item),
        );
        write(draft, &CONTENT_DIGEST, &digests)?;
    }
    Some(())
}

fn key(label: Option<&str>) -> Option<Key> {
    Key::from_string(label.unwrap_or(USUAL_LABEL).to_owned()).ok()
}

/// The label that the scheme names, or the first.
fn chosen(inputs: &Dictionary, label: Option<&str>) -> Option<Key> {
    match label {
        Some(label) => key(Some(label)),
        None => inputs.keys().next().cloned(),
    }
}

/// The dictionary in a header: an empty one if it is not there.
fn read(draft: &DraftRequest, name: &HeaderName) -> Option<Dictionary> {
    let Some(text) = draft.headers.get(name) else {
        return Some(Dictionary::new());
    };
    let parser = Parser::new(text.as_bytes()).with_version(Version::Rfc8941);
    parser.parse::<Dictionary>().ok()
}

fn write(draft: &mut DraftRequest, name: &HeaderName, dictionary: &Dictionary) -> Option<()> {
    let text = dictionary.serialize()?;
    let value = HeaderValue::from_str(&text).ok()?;
    draft.headers.insert(name.clone(), value);
    Some(())
}
