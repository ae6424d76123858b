//! How a route recognises repeated callbacks.

use std::time::Duration;

use super::{identity, unsound_identity};
use crate::config::diagnostic::{Diagnostic, WarningName};
use crate::config::keys::InFlightRepeat;
use crate::config::reader::{Table, Value, quote};
use crate::config::units::{format_duration, format_size};
use crate::once::{OncePolicy, Signers, WhileInFlight};
use crate::verify::scheme::{IdentityPart, Scheme};
use crate::verify::{Key, KeySet};

/// The assumed difference between the clocks of two machines.
const SKEW: Duration = Duration::from_secs(60);

/// What a route's policy depends on.
pub(in crate::config::resolve) struct Of<'a> {
    pub(in crate::config::resolve) name: Option<&'a str>,
    pub(in crate::config::resolve) scheme: Option<&'a Scheme>,
    pub(in crate::config::resolve) keys: Option<&'a KeySet<Key>>,
    pub(in crate::config::resolve) max_age: Option<Option<Duration>>,
    /// Whether a route without `once` has a policy.
    pub(in crate::config::resolve) default: bool,
    /// The largest answer that the store keeps with its body, in bytes; `None` if it keeps all of
    /// them.
    pub(in crate::config::resolve) largest_answer: Option<usize>,
}

/// `Some(None)` if the route does not recognise repeats.
pub(in crate::config::resolve) fn policy(
    route: &Table<'_>,
    of: &Of<'_>,
) -> Option<Option<OncePolicy>> {
    let value = route.optional("once", Some)?;
    match value {
        None if of.default => {}
        None => return Some(None),
        Some(value) if value.is_table() => {
            return table(&value.table()?, of).map(Some);
        }
        Some(value) if !value.boolean()? => return Some(None),
        // `true` is equivalent to an empty table.
        Some(_) => return table(&route.empty_table("once")?, of).map(Some),
    }
    table(&route.empty_table("once")?, of).map(Some)
}

fn table(table: &Table<'_>, of: &Of<'_>) -> Option<OncePolicy> {
    let identity = table.optional("identity", |value| {
        let (key_id, nonce) = of.scheme.map_or((true, true), |scheme| {
            (scheme.has_key_id(), scheme.has_nonce())
        });
        identity(value, key_id, nonce)
    });
    let namespace = table.optional("namespace", |value| value.text()?.name());
    let keep = table.optional("keep", Value::duration);
    let repeat = table.read("repeat", Value::word);
    let in_flight = in_flight(table);
    let lease = table.read("lease", Value::duration);
    let answer_limit = table.read("answer_limit", Value::size);
    warn_of_small_memory(table, answer_limit, of);
    let scheme = of.scheme?;
    if let Some(Some(identity)) = &identity
        && let Err(fault) = scheme.check_identity(identity)
    {
        let place = table.key_place("identity");
        table
            .problems()
            .report(unsound_identity(place, scheme, &fault));
        return None;
    }
    let least = at_least(of.max_age?);
    let keep = match keep? {
        Some(keep) if keep < least => {
            table.problems().report(
                Diagnostic::error(
                    "forgotten too soon",
                    table.key_place("keep"),
                    format!(
                        "a callback can be replayed for {}: until it is too old, counted from \
                         the latest time it may be signed for, plus a minute between clocks",
                        format_duration(least)
                    ),
                )
                .help("raise `keep` to at least that, or lower `max_age`"),
            );
            return None;
        }
        Some(keep) => keep,
        None => scheme.keep.max(least),
    };
    let mut policy = OncePolicy {
        identity: identity?.unwrap_or_else(|| scheme.identity.clone()),
        signers: None,
        namespace: namespace?.or(of.name)?.to_owned(),
        keep,
        repeat: repeat?,
        in_flight: in_flight?,
        lease: lease?,
        answer_limit: answer_limit?,
    };
    tell_merchants_apart(table, &mut policy, of)?;
    Some(policy)
}

/// An answer too large for the memory store is not an error: it is remembered without its body.
fn warn_of_small_memory(table: &Table<'_>, answer_limit: Option<usize>, of: &Of<'_>) {
    let (Some(limit), Some(largest)) = (answer_limit, of.largest_answer) else {
        return;
    };
    if limit > largest && table.has("answer_limit") {
        let largest = format_size(u64::try_from(largest).unwrap_or(u64::MAX));
        table.problems().report(
            Diagnostic::warning(
                WarningName::AnswersTooLarge,
                table.key_place("answer_limit"),
                format!(
                    "with this `size` of `[once.memory]`, one answer may take {largest}: larger \
                     ones are stored without their body"
                ),
            )
            .help(format!(
                "lower `answer_limit` to \"{largest}\", raise `size`, or use `store = \"disk\"`"
            )),
        );
    }
}

fn in_flight(table: &Table<'_>) -> Option<WhileInFlight> {
    let copy = table.read("in_flight", Value::word);
    let wait = table.read("wait", Value::duration);
    if copy == Some(InFlightRepeat::Refuse) && table.has("wait") {
        table.problems().report(
            Diagnostic::error(
                "needless setting",
                table.key_place("wait"),
                "copies do not wait by default",
            )
            .help("add `in_flight = \"wait\"`, or remove `wait`"),
        );
        return None;
    }
    Some(match copy? {
        InFlightRepeat::Wait => WhileInFlight::Wait(wait?),
        InFlightRepeat::Refuse => WhileInFlight::Refuse,
    })
}

/// The time until a callback is too old to be replayed. It may be signed for a time in the future,
/// by up to the maximum age as well.
fn at_least(max_age: Option<Duration>) -> Duration {
    max_age.map_or(Duration::ZERO, |max_age| {
        max_age.saturating_mul(2).saturating_add(SKEW)
    })
}

/// If a header selects the key, two merchants may have the same order number, and even the same
/// signed text, because the text need not name a merchant. Merchants are told apart by the header
/// if it is signed, and otherwise by the key that made the signature.
fn tell_merchants_apart(table: &Table<'_>, policy: &mut OncePolicy, of: &Of<'_>) -> Option<()> {
    let Some(signers) = Signers::of(of.keys?) else {
        return Some(());
    };
    let is_content = policy.identity.contains(&IdentityPart::Content);
    if of.scheme?.covers(&IdentityPart::KeyId) {
        // The signed content then identifies the merchant.
        if !is_content && !policy.identity.contains(&IdentityPart::KeyId) {
            policy.identity.insert(0, IdentityPart::KeyId);
        }
        return Some(());
    }
    // The same text signed by the same key is the same callback, whichever merchant it is for.
    if let Some((first, second)) = signers.shared()
        && !is_content
    {
        table.problems().report(
            Diagnostic::warning(
                WarningName::MerchantsNotToldApart,
                table.key_place("identity"),
                format!(
                    "{} and {} share a key, and the signature does not cover which of them is \
                     meant: equal callbacks of both would count as one",
                    quote(first),
                    quote(second)
                ),
            )
            .help("add a field that identifies the merchant"),
        );
    }
    policy.signers = Some(signers);
    Some(())
}
