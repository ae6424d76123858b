//! The content types under which every backend reads a body in one format.

use crate::reason::Reason;

/// The media types that fit a format.
pub(crate) struct MediaTypes {
    /// Whether every backend that selects its parser by this lower-case media type reads this
    /// format.
    pub(crate) fits: fn(&str) -> bool,
    /// Whether backends read this format by themselves where the label does not say anything:
    /// `text/plain`, or none.
    pub(crate) unlabelled: bool,
    /// The reason for refusing any other media type.
    pub(crate) otherwise: Reason,
}

/// Some backends check only the beginning of a form's content type.
pub(super) fn is_form_like(media_type: &str) -> bool {
    let forms = ["multipart/", "application/x-www-form-urlencoded"];
    forms.iter().any(|form| media_type.starts_with(form))
}
