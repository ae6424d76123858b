//! The inverse of an expression: a value is written where the expression reads it, and everything else in the
//! request stays as it is. An expression that reads one value has an inverse where its filters have one.

mod dictionary_places;
mod json_places;
mod pair_places;
mod place_error;
mod place_source;
mod placed;
mod placement;
mod token_places;
mod undo_filter;

pub(super) use dictionary_places::{add_content_digest, begin_message, place_message_signature};
pub(super) use json_places::{find as find_item, item_steps};
pub use place_error::PlaceError;
pub(super) use placed::{Placed, PlacedForm};
pub(super) use placement::Placement;
pub(super) use token_places::{begin_token, place_token_signature};
