//! From the pieces of an expression to a program.

use super::resolve_source::resolve;
use super::{
    CompiledExpression, CompiledPiece, FilterCall, KnownNames, PreparedArgument, ValueChain,
};
use crate::body::FieldPath;
use crate::language::expression_error::ExpressionError;
use crate::language::expression_syntax::{
    Argument, ExpressionPiece, ExpressionWord, FilterSyntax, ValueSyntax, parse,
};
use crate::language::filters::{self, Filter, JsonStyle, ParameterKind, Run};
use crate::language::value_type::ValueType;

/// The most values of one expression.
const MAX_VALUES: usize = 256;

/// Reads an expression.
///
/// # Errors
/// If it is not in the grammar, or has a name or a type that does not fit.
pub(crate) fn compile(
    text: &str,
    names: &KnownNames<'_>,
) -> Result<CompiledExpression, ExpressionError> {
    let pieces = parse(text, names.plain_brackets)?;
    let steps = compile_pieces(&pieces, text, names)?;
    let gives = match &*steps {
        [CompiledPiece::Value(operation)] => operation.gives,
        several => joined(several),
    };
    let program = CompiledExpression { steps, gives };
    if program.operations().len() > MAX_VALUES {
        return Err(ExpressionError::new(
            0..text.len(),
            format!("an expression has at most {MAX_VALUES} values"),
        ));
    }
    Ok(program)
}

/// The type of several pieces.
fn joined(steps: &[CompiledPiece]) -> ValueType {
    let has_bytes = steps.iter().any(|step| match step {
        CompiledPiece::Text(_) => false,
        CompiledPiece::Value(operation) => operation.gives == ValueType::Bytes,
        CompiledPiece::Optional(steps) => joined(steps) == ValueType::Bytes,
    });
    if has_bytes {
        ValueType::Bytes
    } else {
        ValueType::Text
    }
}

fn compile_pieces(
    pieces: &[ExpressionPiece],
    text: &str,
    names: &KnownNames<'_>,
) -> Result<Box<[CompiledPiece]>, ExpressionError> {
    let is_alone = pieces.len() == 1;
    let compile_piece = |piece: &ExpressionPiece| {
        Ok(match piece {
            ExpressionPiece::Text(text) => CompiledPiece::Text(text.as_str().into()),
            ExpressionPiece::Optional(pieces) => {
                CompiledPiece::Optional(compile_inner(pieces, text, names)?)
            }
            ExpressionPiece::Value(value) => {
                let operation = compile_value(value, text, names)?;
                if !is_alone {
                    check_in_text(&operation, value)?;
                }
                CompiledPiece::Value(operation)
            }
        })
    };
    pieces.iter().map(compile_piece).collect()
}

/// The pieces of an optional part, which never stands alone as a value.
fn compile_inner(
    pieces: &[ExpressionPiece],
    text: &str,
    names: &KnownNames<'_>,
) -> Result<Box<[CompiledPiece]>, ExpressionError> {
    let steps = compile_pieces(pieces, text, names)?;
    for (step, piece) in steps.iter().zip(pieces) {
        if let (CompiledPiece::Value(operation), ExpressionPiece::Value(value)) = (step, piece) {
            check_in_text(operation, value)?;
        }
    }
    Ok(steps)
}

fn check_in_text(operation: &ValueChain, value: &ValueSyntax) -> Result<(), ExpressionError> {
    if operation.gives.fits_in_text() {
        return Ok(());
    }
    let message = format!("{} cannot stand in text", operation.gives);
    Err(
        ExpressionError::new(value.at.clone(), message).help(match operation.gives {
            ValueType::Pairs => "take one of its values with `one:NAME`",
            _ => "take one of its items with `nth:N`",
        }),
    )
}

fn compile_value(
    value: &ValueSyntax,
    text: &str,
    names: &KnownNames<'_>,
) -> Result<ValueChain, ExpressionError> {
    let (source, mut gives) = resolve(value, names)?;
    let mut calls = Vec::with_capacity(value.filters.len());
    for syntax in &value.filters {
        let (call, result) = compile_filter(syntax, gives, text, names)?;
        calls.push(call);
        gives = result;
    }
    Ok(ValueChain {
        text: text.get(value.at.clone()).unwrap_or_default().into(),
        source,
        filters: calls.into(),
        gives,
    })
}

fn compile_filter(
    syntax: &FilterSyntax,
    input: ValueType,
    text: &str,
    names: &KnownNames<'_>,
) -> Result<(FilterCall, ValueType), ExpressionError> {
    let ExpressionWord { text: name, at } = &syntax.name;
    let known = filters::all().filter(|one| names.echo || !filters::is_for_answers(one));
    let filter = filters::find(name).ok_or_else(|| {
        ExpressionError::new(at.clone(), format!("there is no filter `{name}`"))
            .help_word(name, known.map(|filter| filter.name))
    })?;
    if filters::is_for_answers(filter) && !names.echo {
        let message = format!("`{name}` stands only in the answer to a handshake");
        return Err(ExpressionError::new(at.clone(), message));
    }
    let on_items = input.is_list() && !filter.run.takes_list();
    let item = if on_items { input.item() } else { input };
    let result = filter.run.gives(item).map_err(|wanted| {
        let error = ExpressionError::new(
            at.clone(),
            format!("`{name}` needs {wanted}, but this is {item}"),
        );
        match (item, wanted) {
            (ValueType::Bytes, "text") => {
                error.help("make text of bytes with `text`, `hex` or `base64`")
            }
            (_, "pairs") => error.help("make pairs of text with `pairs:SEPARATOR`"),
            (_, "a list") => error.help("make a list of text with `split:X` or `words`"),
            _ => error,
        }
    })?;
    let gives = if on_items {
        list_of(result, at, name)?
    } else {
        result
    };
    let call = FilterCall {
        filter,
        arguments: compile_arguments(filter, syntax, text, names)?,
        input: item,
        on_items,
    };
    Ok((call, gives))
}

/// The type of a list of what a filter makes of each item.
fn list_of(
    item: ValueType,
    at: &std::ops::Range<usize>,
    name: &str,
) -> Result<ValueType, ExpressionError> {
    let list = item.list();
    if list.is_list() && list != item {
        return Ok(list);
    }
    Err(ExpressionError::new(
        at.clone(),
        format!("`{name}` makes {item} of each item, and there are no lists of those"),
    )
    .help("take one item first, with `nth:N`"))
}

fn compile_arguments(
    filter: &'static Filter,
    syntax: &FilterSyntax,
    text: &str,
    names: &KnownNames<'_>,
) -> Result<[Option<PreparedArgument>; 2], ExpressionError> {
    let name = filter.name;
    let usage = || {
        let parameters = filter.parameters.iter().map(|parameter| {
            if parameter.is_optional {
                format!("[:{}]", parameter.name)
            } else {
                format!(":{}", parameter.name)
            }
        });
        format!("write `{name}{}`", parameters.collect::<String>())
    };
    if let Some(extra) = syntax.arguments.get(filter.parameters.len()) {
        let message = match filter.parameters.len() {
            0 => format!("`{name}` takes no argument"),
            1 => format!("`{name}` takes one argument"),
            _ => format!("`{name}` takes two arguments"),
        };
        return Err(ExpressionError::new(extra.at(), message).help(usage()));
    }
    let mut prepared = [None, None];
    for (nth, (parameter, place)) in filter.parameters.iter().zip(&mut prepared).enumerate() {
        match syntax.arguments.get(nth) {
            Some(argument) => {
                *place = Some(prepare(argument, parameter.kind, filter, text, names)?);
            }
            None if parameter.is_optional => {}
            None => {
                let at = syntax.name.at.clone();
                let message = format!("`{name}` needs an argument");
                return Err(ExpressionError::new(at, message).help(usage()));
            }
        }
    }
    Ok(prepared)
}

fn prepare(
    argument: &Argument,
    kind: ParameterKind,
    filter: &Filter,
    text: &str,
    names: &KnownNames<'_>,
) -> Result<PreparedArgument, ExpressionError> {
    let name = filter.name;
    let word = match argument {
        Argument::Text(word) => word,
        Argument::Value(value) => {
            let operation = compile_value(value, text, names)?;
            let is_text = matches!(operation.gives, ValueType::Text | ValueType::Json);
            return match kind {
                ParameterKind::Text | ParameterKind::AnyText if is_text => {
                    Ok(PreparedArgument::Value(Box::new(operation)))
                }
                ParameterKind::AnyText | ParameterKind::Key
                    if is_text || operation.gives == ValueType::Bytes =>
                {
                    Ok(PreparedArgument::Value(Box::new(operation)))
                }
                ParameterKind::Text | ParameterKind::AnyText | ParameterKind::Key => {
                    Err(ExpressionError::new(
                        value.at.clone(),
                        format!(
                            "the argument of `{name}` is text, but this is {}",
                            operation.gives
                        ),
                    ))
                }
                _ => Err(ExpressionError::new(
                    value.at.clone(),
                    format!("the argument of `{name}` is fixed"),
                )),
            };
        }
    };
    let fault = |message: String| ExpressionError::new(word.at.clone(), message);
    match kind {
        ParameterKind::Text if word.text.is_empty() => {
            Err(fault(format!("the argument of `{name}` is empty")))
        }
        ParameterKind::Text | ParameterKind::AnyText => {
            Ok(PreparedArgument::Text(word.text.as_str().into()))
        }
        ParameterKind::Key => Err(fault("a key is a value, such as `{secret}`".to_owned())),
        ParameterKind::Number => {
            let number = word.text.parse().map_err(|_| {
                fault(format!(
                    "the argument of `{name}` is a whole number, not `{}`",
                    word.text
                ))
            })?;
            if number == 0 && matches!(filter.run, Run::Item | Run::Rest) {
                return Err(fault(format!("`{name}` counts from 1")));
            }
            Ok(PreparedArgument::Number(number))
        }
        ParameterKind::Word(words) if words.contains(&word.text.as_str()) => {
            Ok(PreparedArgument::Text(word.text.as_str().into()))
        }
        ParameterKind::Word(words) => Err(fault(format!("`{name}` does not know `{}`", word.text))
            .help_word(&word.text, words.iter().copied())),
        ParameterKind::Style => JsonStyle::parse(&word.text)
            .map(PreparedArgument::Style)
            .ok_or_else(|| {
                fault(format!("`{name}` does not know the style `{}`", word.text))
                    .help(format!("styles are {}", JsonStyle::FORMS))
            }),
        ParameterKind::Path => FieldPath::parse(&word.text)
            .map(PreparedArgument::Path)
            .map_err(|error| fault(error.to_string())),
    }
}
