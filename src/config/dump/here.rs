//! Where in the configuration a table of the dump is.

use crate::config::document::Document;
use crate::config::model::Route;

/// The context of a table in the dump.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    pub(super) main: &'a Document<'a>,
    pub(super) document: &'a Document<'a>,
    /// The resolved route, if the table is one.
    pub(super) route: Option<&'a Route>,
}
