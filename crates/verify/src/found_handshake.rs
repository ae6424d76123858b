//! Handshakes: requests by which a provider finds out whether somebody expects its callbacks.

use super::callback::Callback;
use super::freshness;
use super::keys::Key;
use super::language::{answer_handshake, find_genuine, looks_like};
use super::memory::Plenty;
use super::policy::VerifyPolicy;
use super::reason::{Reason, Rejection, VerifyError};
use super::scheme_answer::SchemeAnswer;

/// A request that looks like a handshake of the policy's scheme. Nothing of it is verified yet.
#[derive(Clone, Copy, Debug)]
pub struct FoundHandshake<'p> {
    policy: &'p VerifyPolicy,
    /// Its number in the scheme.
    nth: usize,
    is_signed: bool,
    needs_key: bool,
}

/// A handshake that is answered.
#[derive(Debug)]
#[non_exhaustive]
pub struct Handshake {
    /// The answer.
    pub answer: SchemeAnswer,
    /// The id of the key that signed it, if it had to be signed.
    pub key: Option<String>,
}

/// Which handshake of the policy's scheme a request looks like; `None` if it can only be a callback. A
/// request of more than 16 KiB is none.
///
/// # Errors
/// The [`Reason`] why that is not clear: a value by which it is told is there twice, or malformed. Such a
/// request is no handshake, but may be a callback.
pub fn find_handshake<'p>(
    policy: &'p VerifyPolicy,
    request: Callback<'_>,
) -> Result<Option<FoundHandshake<'p>>, Rejection> {
    let found = looks_like(policy.asked(), request, &mut Plenty);
    let found = found.map_err(VerifyError::of_plenty)?;
    Ok(found.map(|(nth, is_signed, needs_key)| FoundHandshake {
        policy,
        nth,
        is_signed,
        needs_key,
    }))
}

impl FoundHandshake<'_> {
    /// The answer to the request that was found to be one. `now` is in Unix seconds.
    ///
    /// # Errors
    /// The [`Reason`] why it is refused.
    pub fn answer(self, request: Callback<'_>, now: i64) -> Result<Handshake, Rejection> {
        let answered = if self.is_signed {
            self.answer_signed(request, now)
        } else {
            self.answer_unsigned(request)
        };
        answered.map_err(VerifyError::of_plenty)
    }

    fn answer_unsigned(self, request: Callback<'_>) -> Result<Handshake, VerifyError> {
        let policy = self.policy;
        // Where a header selects the keys, a handshake without it can do without them.
        let keys: Vec<Option<&Key>> = if self.needs_key {
            let keys = policy.keys.pick(request.headers).map_err(Rejection::from)?;
            keys.iter().map(|key| Some(&**key)).collect()
        } else {
            vec![None]
        };
        let answer = answer_handshake(policy.asked(), self.nth, request, &keys, &mut Plenty)?;
        Ok(Handshake { answer, key: None })
    }

    fn answer_signed(self, request: Callback<'_>, now: i64) -> Result<Handshake, VerifyError> {
        let policy = self.policy;
        let asked = policy.asked();
        let pick = || {
            let picked = policy.keys.pick(request.headers);
            picked.map_err(Rejection::from)
        };
        let (genuine, _) = find_genuine(asked, request, pick, &mut Plenty, &mut ())?;
        if let Some(max_age) = policy.max_age {
            let timestamp = genuine.timestamp.ok_or(Reason::TimestampMissing)?;
            freshness::check(timestamp, now, max_age)?;
        }
        if genuine.expires.is_some_and(|end| end < now) {
            return Err(Reason::TimestampStale.into());
        }
        let answer = answer_handshake(asked, self.nth, request, &[Some(genuine.key)], &mut Plenty)?;
        let key = Some(genuine.key.id().to_owned());
        Ok(Handshake { answer, key })
    }
}
