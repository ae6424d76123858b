//! Why a request is verified or not: the same road that the proxy takes, watched, and then walked again with one thing
//! changed, until the signature fits or nothing is left to try.
//!
//! Whoever knows what a symmetric signature should have been can forge it. So no expected value, and no digest of content
//! that holds a secret, is ever computed for showing; what is shown of such content is built with words in place of the
//! secrets (`guarded`).

mod describe;
mod diagnosis;
mod distinct_bodies;
mod explained_json;
mod explained_text;
mod explanation;
mod find_cause;
mod finding;
mod freshness_shown;
mod guarded;
mod no_route;
mod opened_keys;
mod opened_signature_words;
mod question;
mod reason_advice;
mod search_cause;
mod suspects;
mod trial;
mod variation;
mod watched;

pub use diagnosis::Diagnosis;
pub use explained_text::TextStyle;
pub use explanation::{ExplainedOutcome, Explanation};
pub use guarded::Revealing;
pub use question::Question;
pub use search_cause::SearchBound;
