//! What an expression reads, found and written.

use std::cell::RefCell;

use once_cell::unsync::OnceCell;

use super::place_error::PlaceError;
use super::placed::Placed;
use super::undo_filter::undo;
use super::{json_places, pair_places};
use crate::body::Body;
use crate::draft_request::DraftRequest;
use crate::keys::Key;
use crate::language::compact_jws::TokenCells;
use crate::language::compiled_expression::{
    CompiledExpression, FilterCall, PreparedArgument, ValueChain, ValueSource,
};
use crate::language::evaluate::{Evaluation, Locals, RouteValues};
use crate::language::expression_value::Scratch;
use crate::language::filters::Run;
use crate::language::genuine::Attempt;
use crate::language::scheme_rules::{LetRule, SchemeRules};
use crate::memory::Plenty;

/// What expressions mean here.
pub(in crate::language) struct Placement<'r> {
    pub(in crate::language) rules: &'r SchemeRules,
    pub(in crate::language) route: &'r RouteValues,
    pub(in crate::language) key: Option<&'r Key>,
    /// The way to the item that is signed, if each item of the body is.
    pub(in crate::language) item: Vec<String>,
}

/// The first filters of a chain: what they make of its source is written.
type ChainPlace<'r> = (&'r ValueChain, usize);

impl<'r> Placement<'r> {
    /// Writes a value where the expression reads it.
    pub(in crate::language) fn place(
        &self,
        draft: &mut DraftRequest,
        program: &'r CompiledExpression,
        value: Placed<'_>,
    ) -> Result<(), PlaceError> {
        let chain = program
            .single()
            .ok_or_else(|| PlaceError::not_one_value(program))?;
        self.place_at(draft, (chain, chain.filters.len()), value)
    }

    fn place_at(
        &self,
        draft: &mut DraftRequest,
        place: ChainPlace<'r>,
        value: Placed<'_>,
    ) -> Result<(), PlaceError> {
        let (chain, count) = self.resolved(draft, place)?;
        let Some((call, before)) = last_of(chain, count) else {
            return self.place_source(draft, chain, value);
        };
        let unfit = |why| PlaceError::unfit(chain, why);
        let argument = self.argument(draft, call)?;
        match call.filter.run {
            Run::Values { .. } => {
                let (chain, count) = self.resolved(draft, (chain, before))?;
                let Some((pairs, before)) = last_of(chain, count) else {
                    return Err(unfit("its pairs are not made of text"));
                };
                let old = self.text_at(draft, (chain, before))?;
                let separator = self.argument(draft, pairs)?;
                let assign = match pairs.arguments.get(1) {
                    Some(Some(PreparedArgument::Text(text))) => text,
                    _ => "=",
                };
                let new = pair_places::with_pair(&old, (&separator, assign), &argument, value);
                let new = new.ok_or_else(|| unfit("it is no text"))?;
                self.place_at(draft, (chain, before), Placed::text(&new))
            }
            Run::Item => {
                let (chain, count) = self.resolved(draft, (chain, before))?;
                let Some((split, before)) = last_of(chain, count) else {
                    return Err(unfit("its list is not made of text"));
                };
                let old = self.text_at(draft, (chain, before))?;
                let separator = match split.filter.name {
                    "words" => " ".to_owned(),
                    _ => self.argument(draft, split)?,
                };
                let Some(Some(PreparedArgument::Number(nth))) = call.arguments.first() else {
                    return Err(unfit("it has no number"));
                };
                let new = pair_places::with_item(&old, &separator, *nth, value);
                let new = new.ok_or_else(|| unfit("it is no text"))?;
                self.place_at(draft, (chain, before), Placed::text(&new))
            }
            Run::Member => {
                let Some(Some(PreparedArgument::Path(path))) = call.arguments.first() else {
                    return Err(unfit("it names no member"));
                };
                let old = self.text_at(draft, (chain, before))?;
                let new = json_places::with_member(old.as_bytes(), path.steps(), value);
                let new = new.map_err(unfit)?;
                self.place_at(draft, (chain, before), Placed::bytes(&new))
            }
            _ => {
                let old = || self.text_at(draft, (chain, before));
                let new = undo(call.filter.name, &argument, value.bytes, old)?;
                let new = new.ok_or_else(|| PlaceError::one_way(chain, call.filter.name))?;
                let new = Placed {
                    bytes: &new,
                    ..value
                };
                self.place_at(draft, (chain, before), new)
            }
        }
    }

    /// The place behind named steps: where they read the value.
    fn resolved(
        &self,
        draft: &DraftRequest,
        (mut chain, mut count): ChainPlace<'r>,
    ) -> Result<ChainPlace<'r>, PlaceError> {
        while count == 0 {
            let program = match chain.source() {
                ValueSource::Let(at) => self.step(draft, *at)?,
                ValueSource::Timestamp => self.rules.timestamp.as_ref(),
                ValueSource::Nonce => self.rules.nonce.as_ref(),
                ValueSource::KeyId => self.rules.key_id.as_ref(),
                _ => break,
            };
            let program = program.ok_or_else(|| PlaceError::not_of_a_request(chain))?;
            chain = program
                .single()
                .ok_or_else(|| PlaceError::not_one_value(program))?;
            count = chain.filters.len();
        }
        Ok((chain, count))
    }

    /// The named step with this number: its first candidate, or the one that the request chooses.
    fn step(
        &self,
        draft: &DraftRequest,
        at: usize,
    ) -> Result<Option<&'r CompiledExpression>, PlaceError> {
        match self.rules.lets.get(at) {
            None => Ok(None),
            Some(LetRule::Candidates(programs)) => Ok(programs.first()),
            Some(LetRule::Table { by, of, default }) => {
                let value = self.text_of(draft, by)?;
                let chosen = of.iter().find(|(name, _)| Some(name) == value.as_ref());
                let chosen = chosen.map(|(_, program)| program).or(default.as_ref());
                Ok(chosen.or(of.first().map(|(_, program)| program)))
            }
        }
    }

    /// The text of a filter's first argument.
    fn argument(&self, draft: &DraftRequest, call: &'r FilterCall) -> Result<String, PlaceError> {
        match call.arguments.first() {
            Some(Some(PreparedArgument::Text(text))) => Ok(text.to_string()),
            Some(Some(PreparedArgument::Value(chain))) => {
                self.text_at(draft, (chain, chain.filters.len()))
            }
            _ => Ok(String::new()),
        }
    }

    /// The text that is there now; empty if there is none.
    fn text_at(
        &self,
        draft: &DraftRequest,
        (chain, count): ChainPlace<'r>,
    ) -> Result<String, PlaceError> {
        let read = self.read(draft, DraftReading::Chain(chain, count))?;
        Ok(String::from_utf8(read.unwrap_or_default()).unwrap_or_default())
    }

    /// The text of an expression, if it has one now.
    pub(in crate::language) fn text_of(
        &self,
        draft: &DraftRequest,
        program: &'r CompiledExpression,
    ) -> Result<Option<String>, PlaceError> {
        let read = self.read(draft, DraftReading::Text(program))?;
        Ok(read.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// The bytes of an expression, if it has some now.
    pub(in crate::language) fn bytes_of(
        &self,
        draft: &DraftRequest,
        program: &'r CompiledExpression,
    ) -> Result<Option<Vec<u8>>, PlaceError> {
        self.read(draft, DraftReading::Bytes(program))
    }

    /// Reads what is there now. What cannot be read is not there.
    fn read(
        &self,
        draft: &DraftRequest,
        reading: DraftReading<'r>,
    ) -> Result<Option<Vec<u8>>, PlaceError> {
        let callback = draft.callback();
        let attempt = Attempt::new(self.rules, self.route, callback);
        let attempt = attempt.map_err(PlaceError::Unreadable)?;
        let charset = self.rules.charset.of(&callback);
        let charset = charset.map_err(PlaceError::Unreadable)?;
        // A body that is not complete yet has no fields.
        let body = attempt.body(&mut Plenty);
        let body = body.unwrap_or(Body::Opaque(callback.body));
        let item = body
            .as_json()
            .and_then(|root| json_places::find(root, &self.item));
        let mut memory = Plenty;
        let scratch = Scratch::new(charset, callback.body.len(), &mut memory);
        let context = Evaluation {
            callback,
            body: &body,
            item: item.filter(|_| self.rules.each.is_some()),
            rules: self.rules,
            route: self.route,
            scratch: &scratch,
            key: self.key,
            lets: RefCell::new(vec![None; self.rules.lets.len()]),
            choices: RefCell::default(),
            unclear: RefCell::default(),
            token: TokenCells::default(),
            label: 0,
            message: OnceCell::new(),
            query: OnceCell::new(),
        };
        let none = Locals::default();
        let bytes = match reading {
            DraftReading::Text(program) => program.text(&context, none).ok().map(str::as_bytes),
            DraftReading::Bytes(program) => program.bytes(&context, none).ok(),
            DraftReading::Chain(chain, count) => {
                let filters = chain.filters.get(..count).unwrap_or_default();
                let value = chain.filtered(filters, &context, none).ok();
                value.and_then(|value| value.bytes(&scratch).ok())
            }
        };
        Ok(bytes.filter(|bytes| !bytes.is_empty()).map(<[u8]>::to_vec))
    }
}

/// What is read.
enum DraftReading<'r> {
    Text(&'r CompiledExpression),
    Bytes(&'r CompiledExpression),
    /// What the first filters of a chain make of its source.
    Chain(&'r ValueChain, usize),
}

/// The last of the first filters of a chain, and how many are before it.
fn last_of(chain: &ValueChain, count: usize) -> Option<(&FilterCall, usize)> {
    let before = count.checked_sub(1)?;
    Some((chain.filters.get(before)?, before))
}
