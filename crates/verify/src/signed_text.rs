//! What a scheme signs, without a verdict.

use super::callback::Callback;
use super::language::RouteValues;
use super::reason::Rejection;
use super::scheme::Scheme;

/// Every candidate of the text that a scheme signs for a callback, before any digest. For diagnosis
/// and tests; [`super::verify`] builds what it needs itself.
///
/// # Errors
/// If the callback lacks something that the scheme signs.
pub fn signed_text(scheme: &Scheme, callback: Callback<'_>) -> Result<Vec<Vec<u8>>, Rejection> {
    scheme.rules().contents(&RouteValues::default(), callback)
}
