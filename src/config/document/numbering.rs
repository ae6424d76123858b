//! Tells where a value comes from. Byte offsets continue from the end of the file into the command
//! line.

use toml::Spanned;
use toml::de::DeValue;

use super::Document;
use crate::config::diagnostic::Place;
use crate::config::source::{COMMAND_LINE, SourceText};

impl<'a> Document<'a> {
    /// The place of a node.
    pub(in crate::config) fn place<T>(&self, node: &Spanned<T>) -> Place {
        let span = node.span();
        let end = self.end();
        if span.start < end {
            return Place::span(self.file, span.start, span.end);
        }
        let [start, end] = [span.start, span.end].map(|at| at.saturating_sub(end));
        Place::span(COMMAND_LINE, start, end)
    }

    /// The offset of the command line's first byte.
    pub(in crate::config) fn end(&self) -> usize {
        // A position just past the last byte of the file still belongs to the file.
        self.source.text().len().saturating_add(1)
    }

    /// The source that contains a place of this document.
    pub(in crate::config) fn source_at(&self, place: Place) -> &'a SourceText {
        if place.file == self.file {
            self.source
        } else {
            self.command_line
        }
    }

    /// Whether the value or a part of it comes from the command line.
    pub(in crate::config) fn is_set(&self, node: &Spanned<DeValue<'a>>) -> bool {
        let is_set = |node: &Spanned<DeValue<'a>>| self.is_set(node);
        node.span().start >= self.end()
            || match node.get_ref() {
                DeValue::Array(items) => items.iter().any(is_set),
                DeValue::Table(table) => table.values().any(is_set),
                _ => false,
            }
    }
}
