//! A value in a JWS, and its signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::json_places::with_member;
use super::place_error::PlaceError;
use super::placed::Placed;
use super::placement::Placement;
use crate::draft_request::DraftRequest;
use crate::language::compiled_expression::CompiledExpression;
use crate::language::scheme_rules::JwsRule;

/// A part of a token that holds members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenPart {
    Header,
    Claims,
}

/// A token in its three parts, decoded. The payload keeps its bytes.
struct TokenDraft {
    header: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// Gives the request a token of the scheme, with these claims unless it has one. Whatever signature that has
/// is none.
pub(in crate::language) fn begin_token(
    placement: &Placement<'_>,
    draft: &mut DraftRequest,
    rule: &JwsRule,
    claims: Option<&[u8]>,
) -> Result<(), PlaceError> {
    let mut token = read(placement, draft)?;
    let alg = Placed::text(rule.alg);
    let header = with_member(&token.header, &["alg".to_owned()], alg);
    token.header = header.map_err(|why| unfit(placement, why))?;
    if let Some(claims) = claims {
        token.payload = claims.to_vec();
    } else if token.payload.is_empty() && rule.payload.is_none() {
        token.payload = b"{}".to_vec();
    }
    // A signature of no bytes is refused before anything else is read.
    token.signature = vec![0];
    write(placement, draft, &token)
}

pub(super) fn place_token_part(
    placement: &Placement<'_>,
    draft: &mut DraftRequest,
    part: TokenPart,
    steps: &[String],
    value: Placed<'_>,
) -> Result<(), PlaceError> {
    let mut token = read(placement, draft)?;
    let bytes = match part {
        TokenPart::Header => &mut token.header,
        TokenPart::Claims => &mut token.payload,
    };
    *bytes = with_member(bytes, steps, value).map_err(|why| unfit(placement, why))?;
    write(placement, draft, &token)
}

pub(in crate::language) fn place_token_signature(
    placement: &Placement<'_>,
    draft: &mut DraftRequest,
    signature: &[u8],
) -> Result<(), PlaceError> {
    let mut token = read(placement, draft)?;
    token.signature = signature.to_vec();
    write(placement, draft, &token)
}

fn program<'r>(placement: &Placement<'r>) -> Result<&'r CompiledExpression, PlaceError> {
    let first = placement.rules.signature.first();
    first.ok_or_else(|| PlaceError::NotOneValue("signature".to_owned()))
}

fn unfit(placement: &Placement<'_>, why: &'static str) -> PlaceError {
    match program(placement).ok().and_then(CompiledExpression::single) {
        Some(chain) => PlaceError::unfit(chain, why),
        None => PlaceError::NotOneValue("signature".to_owned()),
    }
}

/// The token that is there; an empty one if there is none.
fn read(placement: &Placement<'_>, draft: &DraftRequest) -> Result<TokenDraft, PlaceError> {
    let text = placement.text_of(draft, program(placement)?)?;
    let text = text.unwrap_or_default();
    let mut parts = text.split('.').map(|part| URL_SAFE_NO_PAD.decode(part));
    let mut next = || match parts.next() {
        None => Ok(Vec::new()),
        Some(Ok(bytes)) => Ok(bytes),
        Some(Err(_)) => Err(unfit(placement, "what is there is no JWS")),
    };
    Ok(TokenDraft {
        header: next()?,
        payload: next()?,
        signature: next()?,
    })
}

fn write(
    placement: &Placement<'_>,
    draft: &mut DraftRequest,
    token: &TokenDraft,
) -> Result<(), PlaceError> {
    let parts = [&token.header, &token.payload, &token.signature];
    let parts = parts.map(|part| URL_SAFE_NO_PAD.encode(part));
    placement.place(draft, program(placement)?, Placed::text(&parts.join(".")))
}
