//! Which values a content consists of, whatever is made of them.

use std::fmt::Write as _;

use super::content_variant::ContentVariant;
use super::resolved_chain::ChainOrigin;
use crate::language::compiled_expression::{CompiledExpression, CompiledPiece, ValueSource};
use crate::language::selection::{Chosen, Selection};

impl ContentVariant<'_> {
    /// A text that is the same for two variants of the same values in the same places. What was
    /// signed in one way could otherwise be read in another.
    pub(super) fn skeleton(&self) -> String {
        let mut out = String::new();
        for expression in self.content.into_iter().chain(&self.rules.signed) {
            self.write_pieces(&expression.steps, &mut out);
        }
        out
    }

    fn write_pieces(&self, pieces: &[CompiledPiece], out: &mut String) {
        for piece in pieces {
            match piece {
                CompiledPiece::Text(text) => write_debug(text, out),
                CompiledPiece::Optional(inner) => {
                    out.push('[');
                    self.write_pieces(inner, out);
                    out.push(']');
                }
                CompiledPiece::Value(chain) => match self.resolve(chain).origin {
                    ChainOrigin::Expression(inner) => self.write_pieces(&inner.steps, out),
                    ChainOrigin::Source(ValueSource::Fields(at)) => {
                        if let Some(selection) = self.rules.selections.get(at) {
                            self.write_selection(selection, true, out);
                        }
                    }
                    ChainOrigin::Source(ValueSource::Field(path)) => {
                        write_debug(&path.steps(), out);
                    }
                    origin => write_debug(&origin, out),
                },
            }
        }
    }

    fn write_selection(&self, selection: &Selection, with_pairs: bool, out: &mut String) {
        write_debug(
            &(
                (&selection.from, &selection.leave_out, &selection.only),
                (&selection.until, selection.order, &selection.between),
                (selection.omit_empty, selection.null, selection.nested),
                (selection.missing, selection.ignore_case),
                (selection.dotted, selection.distinct),
            ),
            out,
        );
        let mut write = |name: &str, expression: &CompiledExpression| {
            write_debug(&name, out);
            self.write_pieces(&expression.steps, out);
        };
        match &selection.chosen {
            Chosen::All => {}
            Chosen::Names(names) => names.iter().for_each(|name| write(name, &selection.pair)),
            Chosen::Listed { by, .. } => write("listed", by),
        }
        for (name, expression) in &selection.add {
            write(name, expression);
        }
        if with_pairs {
            write("pair", &selection.pair);
            for (name, pair) in &selection.pair_of {
                write(name, pair);
            }
        }
    }

    /// The selection of which this one writes the names, or that writes the names of this one: the
    /// same fields in the same order, once their names and once their values.
    pub(super) fn half_of(&self, at: usize) -> Option<usize> {
        let selections = &self.rules.selections;
        let this = selections.get(at)?;
        let choice = |selection: &Selection| {
            let mut out = String::new();
            self.write_selection(selection, false, &mut out);
            out
        };
        let is_half = |other: &Selection| {
            let halves = match (this.writes_names(), other.writes_names()) {
                (true, false) => other.pair_writes_value() && !this.pair_writes_value(),
                (false, true) => this.pair_writes_value() && !other.pair_writes_value(),
                _ => false,
            };
            halves && this.has_order_of_names() && choice(this) == choice(other)
        };
        let expressions = self.content.into_iter();
        let mut written = expressions
            .flat_map(CompiledExpression::required_values)
            .filter_map(|chain| match chain.source() {
                ValueSource::Fields(other) if chain.filters.is_empty() => Some(*other),
                _ => None,
            });
        written.find(|other| selections.get(*other).is_some_and(is_half))
    }
}

fn write_debug(value: &impl std::fmt::Debug, out: &mut String) {
    // Writing to a text cannot fail.
    let _ = write!(out, "{value:?};");
}
