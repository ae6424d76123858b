//! The values of a JWS.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Evaluation, Locals};
use crate::body::FieldPath;
use crate::json::JsonValue;
use crate::language::compact_jws::CompactJws;
use crate::language::expression_value::ExpressionValue;
use crate::language::measured_bytes::MeasuredBytes;
use crate::language::value_fault::{EvaluationFault, ValueFault};

impl<'v> Evaluation<'v> {
    /// The token.
    fn token(&'v self) -> Result<CompactJws<'v>, EvaluationFault> {
        let read = || {
            let program = self.rules.signature.first().ok_or(ValueFault::Missing)?;
            let rule = self.rules.jws.as_ref().ok_or(ValueFault::Missing)?;
            let text = program.text(self, Locals::default())?;
            CompactJws::read(text, rule.alg, rule.payload.is_some(), self.scratch)
                .map_err(|fault| program.blame(fault))
        };
        self.token.token.get_or_init(read).clone()
    }

    /// The signature of the token.
    pub(in crate::language) fn token_signature(&'v self) -> Result<&'v [u8], EvaluationFault> {
        Ok(self.token()?.signature)
    }

    /// What the token's signature is made over (RFC 7515, section 5.2).
    pub(in crate::language) fn write_signing_input(
        &'v self,
        out: &mut Vec<u8>,
    ) -> Result<(), EvaluationFault> {
        let token = self.token()?;
        out.extend_from_slice(token.header_text.as_bytes());
        out.push(b'.');
        out.extend_from_slice(token.payload_text.as_bytes());
        let detached = self
            .rules
            .jws
            .as_ref()
            .and_then(|rule| rule.payload.as_ref());
        if let Some(program) = detached {
            let mut payload = MeasuredBytes::new(self.scratch);
            program.write(self, Locals::default(), &mut payload)?;
            let payload = self.scratch.bytes(payload.finish()?)?;
            // A multiple of three bytes leaves no bits between blocks.
            for block in payload.chunks(3 << 10) {
                out.extend_from_slice(URL_SAFE_NO_PAD.encode(block).as_bytes());
            }
        }
        self.scratch.take(out.capacity())?;
        Ok(())
    }

    /// A value in the token's header.
    pub(super) fn jose(&'v self, path: &FieldPath) -> Result<ExpressionValue<'v>, EvaluationFault> {
        present(path.find(self.token()?.header))
    }

    /// A value in the token's payload.
    pub(super) fn claim(
        &'v self,
        path: &FieldPath,
    ) -> Result<ExpressionValue<'v>, EvaluationFault> {
        let token = self.token()?;
        let read = || token.claims(self.scratch);
        let claims = self.token.claims.get_or_init(read).clone()?;
        present(path.find(claims))
    }
}

/// A value that is there, and not null.
fn present<'v>(value: Option<JsonValue<'v, 'v>>) -> Result<ExpressionValue<'v>, EvaluationFault> {
    value
        .filter(|value| !value.is_null())
        .map(ExpressionValue::Json)
        .ok_or(ValueFault::Missing.into())
}
