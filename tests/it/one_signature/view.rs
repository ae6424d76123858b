//! What a backend and the memory of `once` see of a verified callback.

use std::collections::BTreeMap;
use std::time::Duration;

use countersign::once::{Identity, OncePolicy, Repeat, WhileInFlight};
use countersign::verify::Verified;
use countersign::verify::json::{JsonKind, JsonValue};
use countersign::verify::scheme::{IdentityPart, Scheme, Unsigned};

use super::form;
use super::model::{Model, Source};

/// A value without its spelling, its type and the order of its members.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Plain(String),
    List(Vec<Seen>),
    Object(BTreeMap<String, Seen>),
}

#[derive(Debug, PartialEq, Eq)]
enum Body {
    Fields(BTreeMap<String, Seen>),
    Bytes(Vec<u8>),
}

#[derive(Debug)]
pub(super) struct View {
    pub(super) identity: Option<Identity>,
    pub(super) is_marked: bool,
    body: Body,
    /// The names of unsigned fields.
    unsigned: Vec<String>,
    timestamp: Option<i64>,
    nonce: Option<String>,
    key_id: Option<String>,
    event: Option<String>,
}

impl View {
    pub(super) fn of(verified: &Verified<'_>, model: &Model, body: &[u8]) -> Self {
        let scheme = verified.scheme();
        let policy = OncePolicy {
            identity: scheme.identity.clone(),
            signers: None,
            namespace: "n".to_owned(),
            keep: Duration::from_secs(1),
            repeat: Repeat::Acknowledge,
            in_flight: WhileInFlight::Refuse,
            lease: Duration::from_secs(1),
            answer_limit: 0,
        };
        let mut unsigned = Vec::new();
        let body = if model.joins_fields() {
            let mut fields = BTreeMap::new();
            for (name, field) in verified.body().fields() {
                let is_signature = model.signature.source == Source::Field(name.to_string());
                if is_signature || scheme.leaves_out(&name, field) {
                    unsigned.push(name.into_owned());
                } else {
                    fields.insert(name.into_owned(), seen(verified, field.as_json().unwrap()));
                }
            }
            Body::Fields(fields)
        } else {
            Body::Bytes(body.to_vec())
        };
        Self {
            identity: Identity::of(verified, &policy).ok(),
            is_marked: verified.ambiguous().is_some(),
            body,
            unsigned,
            timestamp: verified.timestamp(),
            nonce: verified.nonce().map(str::to_owned),
            key_id: verified.key_id().map(str::to_owned),
            event: verified.event().map(std::borrow::Cow::into_owned),
        }
    }

    /// Checks that no reader can take an unsigned field for a signed one.
    pub(super) fn holds(&self, model: &Model) -> Result<(), String> {
        let Body::Fields(fields) = &self.body else {
            return Ok(());
        };
        let fold = |name: &str| name.to_lowercase().to_uppercase().to_lowercase();
        let is_taken = |name: &String| fields.keys().any(|other| fold(other) == fold(name));
        match self.unsigned.iter().find(|name| is_taken(name)) {
            Some(_) => Err(format!("{}: an unsigned field in other case", form(model))),
            None => Ok(()),
        }
    }

    /// Checks that two callbacks under one signature are the same, as far as is promised.
    pub(super) fn agrees(
        &self,
        other: &Self,
        scheme: &Scheme,
        model: &Model,
    ) -> Result<(), String> {
        let form = form(model);
        if let (Some(a), Some(b)) = (self.identity, other.identity)
            && a != b
        {
            let part = |part: &IdentityPart| match part {
                IdentityPart::Field(path) if !path.is_top_level() => "a nested field".to_owned(),
                IdentityPart::Field(path) if path.begins_with("sign") => "its signature".to_owned(),
                IdentityPart::Field(_) => "a field".to_owned(),
                other => other.to_string(),
            };
            let parts: Vec<_> = scheme.identity.iter().map(part).collect();
            let marked = [self, other].iter().filter(|view| view.is_marked).count();
            return Err(format!(
                "{form}: two identities of [{}], {marked} marked",
                parts.join(", ")
            ));
        }
        if self.is_marked || other.is_marked {
            return Ok(());
        }
        let unsigned = scheme.unsigned();
        for (value, differs, what) in [
            (Unsigned::Body, self.body != other.body, "body"),
            (
                Unsigned::Timestamp,
                self.timestamp != other.timestamp,
                "timestamp",
            ),
            (Unsigned::Nonce, self.nonce != other.nonce, "nonce"),
            (Unsigned::KeyId, self.key_id != other.key_id, "key id"),
            (
                Unsigned::Event,
                // A number is not an event.
                self.event.is_some() && other.event.is_some() && self.event != other.event,
                "event",
            ),
        ] {
            let is_told = unsigned.contains(&value)
                || value == Unsigned::Event && unsigned.contains(&Unsigned::Body);
            if differs && !is_told {
                return Err(format!("{form}: two values of its {what}, unmarked"));
            }
        }
        Ok(())
    }
}

fn seen<'a>(verified: &Verified<'a>, value: JsonValue<'_, 'a>) -> Seen {
    match value.kind() {
        JsonKind::Array => Seen::List(
            value
                .members()
                .map(|(_, element)| seen(verified, element))
                .collect(),
        ),
        JsonKind::Object => Seen::Object(
            value
                .members()
                .map(|(name, member)| (name.into_owned(), seen(verified, member)))
                .collect(),
        ),
        _ => {
            let text = verified.text_as_signed(value.into());
            Seen::Plain(text.map_or_else(|| value.source().to_owned(), |text| text.into_owned()))
        }
    }
}
