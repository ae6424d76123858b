//! The values of a signature of RFC 9421, and what it is made over.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;

use super::Evaluation;
use super::target_parts::{origin, split_target};
use crate::content::Sink;
use crate::language::message_signature::{
    CONTENT_DIGEST, MessageComponent, MessageParameter, PresentedMessage, check_content_digest,
    is_encoded_as, write_encoded,
};
use crate::language::value_fault::{EvaluationFault, ValueFault};
use crate::reason::At;

impl<'v> Evaluation<'v> {
    /// The signature that is tried.
    pub(in crate::language) fn message(&'v self) -> Result<&'v PresentedMessage, EvaluationFault> {
        let read = || {
            let rule = self.rules.message.as_ref().ok_or(ValueFault::Missing)?;
            let message = PresentedMessage::read(rule, self.callback.headers, self.label)?;
            self.scratch.take(message.parameters_text.len())?;
            Ok(message)
        };
        let message = self.message.get_or_init(read).as_ref();
        message.map_err(|fault| fault.clone().into())
    }

    /// A parameter of the signature.
    pub(super) fn message_parameter(
        &'v self,
        parameter: MessageParameter,
    ) -> Result<&'v str, EvaluationFault> {
        let value = self.message()?.parameter(parameter);
        value.ok_or(ValueFault::Missing.into())
    }

    /// What the signature is made over (RFC 9421, section 2.5).
    pub(in crate::language) fn write_signature_base(
        &'v self,
        out: &mut Vec<u8>,
    ) -> Result<(), EvaluationFault> {
        let message = self.message()?;
        for (component, identifier) in &message.covered {
            if component.header() == Some(&CONTENT_DIGEST) {
                check_content_digest(self.callback.headers, self.callback.body)
                    .map_err(ValueFault::from)?;
            }
            out.put_str(identifier);
            out.put(b": ");
            let start = out.len();
            let written = self.write_component(component, out).and_then(|()| {
                // A line end would be the end of this value and the begin of another one.
                let is_plain = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
                let value = out.get(start..).unwrap_or_default();
                if value.iter().all(is_plain) {
                    Ok(())
                } else {
                    Err(ValueFault::Malformed.into())
                }
            });
            written.map_err(|fault| EvaluationFault {
                at: Some(match component.header() {
                    Some(name) => At::Header(name.clone()),
                    None => At::Value(identifier.clone()),
                }),
                ..fault
            })?;
            out.push(b'\n');
        }
        out.put_str("\"@signature-params\": ");
        out.put_str(&message.parameters_text);
        self.scratch.take(out.capacity())?;
        Ok(())
    }

    fn write_component(
        &'v self,
        component: &MessageComponent,
        out: &mut Vec<u8>,
    ) -> Result<(), EvaluationFault> {
        match component {
            MessageComponent::Method => out.put_str(self.callback.method),
            MessageComponent::TargetUri => {
                out.put_str(origin(self.public_url()?));
                out.put_str(self.target()?);
            }
            MessageComponent::Authority => out.put_str(&self.authority()?),
            MessageComponent::UrlScheme => {
                let (scheme, _) = url_parts(self.public_url()?)?;
                out.put_str(&scheme.to_ascii_lowercase());
            }
            MessageComponent::RequestTarget => out.put_str(self.target()?),
            MessageComponent::Path => match split_target(self.target()?).0 {
                "" => out.put_str("/"),
                path => out.put_str(path),
            },
            MessageComponent::Query => {
                out.put_str("?");
                out.put_str(split_target(self.target()?).1);
            }
            MessageComponent::QueryParameter(name) => {
                let mut pairs = self.query_pairs()?.iter();
                let found = pairs.find(|(known, _)| is_encoded_as(known, name));
                let (_, value) = found.ok_or(ValueFault::Missing)?;
                write_encoded(value, out);
            }
            MessageComponent::Header(name) => out.put_str(self.header(name)?.trim()),
            MessageComponent::HeaderBytes(name) => self.write_header_bytes(name, out)?,
        }
        Ok(())
    }

    /// The authority as the sender wrote it: of the route's URL, else the `Host`.
    fn authority(&self) -> Result<String, EvaluationFault> {
        let Ok(url) = self.public_url() else {
            // As every field value of RFC 9421, without the white space around it.
            return Ok(self
                .header(&http::header::HOST)?
                .trim()
                .to_ascii_lowercase());
        };
        let (scheme, authority) = url_parts(url)?;
        let authority = authority.to_ascii_lowercase();
        // A scheme's own port is left out (RFC 9421, section 2.2.3).
        let port = match scheme.to_ascii_lowercase().as_str() {
            "https" => ":443",
            "http" => ":80",
            _ => return Ok(authority),
        };
        let bare = authority.strip_suffix(port).map(str::to_owned);
        Ok(bare.unwrap_or(authority))
    }

    /// The lines of a header, each wrapped (RFC 9421, section 2.1.3).
    fn write_header_bytes(&self, name: &HeaderName, out: &mut Vec<u8>) -> Result<(), ValueFault> {
        let mut is_there = false;
        for value in self.callback.headers.get_all(name) {
            out.put_str(if is_there { ", :" } else { ":" });
            out.put_str(&STANDARD.encode(value.as_bytes().trim_ascii()));
            out.put_str(":");
            is_there = true;
        }
        if is_there {
            Ok(())
        } else {
            Err(ValueFault::Missing)
        }
    }
}

/// The scheme and the authority of a URL.
fn url_parts(url: &str) -> Result<(&str, &str), ValueFault> {
    origin(url).split_once("://").ok_or(ValueFault::Malformed)
}
