//! In which format the body is read: all expressions and selections must agree on it.

use super::SchemeRules;
use super::definition_compiler::{DefinitionCompiler, DefinitionError};
use crate::body::BodyFormat;
use crate::language::expression_error::ExpressionError;

/// Sets the format, or reports what reads the body in another one than the rest.
pub(super) fn check(rules: &mut SchemeRules, compiler: &mut DefinitionCompiler) {
    let formats = rules.formats();
    match formats.as_slice() {
        [] => return,
        [format] if rules.body.is_declared_as(*format) => {
            rules.body = *format;
            return;
        }
        _ => {}
    }
    let declared = Some(rules.body).filter(|format| *format != BodyFormat::Opaque);
    let reads = &compiler.format_reads;
    let selected = reads.iter().find(|read| read.is_selection);
    // Of as many, the first.
    let most = formats.iter().rev().copied().max_by_key(|format| {
        let same = reads.iter().filter(|read| read.format == *format);
        same.count()
    });
    let meant = declared.or(selected.map(|read| read.format)).or(most);
    let odd = reads.iter().find(|read| Some(read.format) != meant);
    let (Some(meant), Some(odd)) = (meant, odd) else {
        return compiler.fault("content", "the body cannot be read in two formats at once");
    };
    let written = match declared {
        Some(_) => "as `body` says",
        None => "for the rest of the scheme",
    };
    let (as_it_is, as_read) = (words(meant), words(odd.format));
    let message = format!("this reads {as_read}, but the body is {as_it_is} {written}");
    let help = format!("write `{}`", odd.instead(meant));
    let error = ExpressionError::new(odd.at.clone(), message).help(help);
    let key = odd.key.clone();
    compiler.errors.push(DefinitionError { key, error });
}

const fn words(format: BodyFormat) -> &'static str {
    match format {
        BodyFormat::Form => "a form",
        BodyFormat::Xml => "XML",
        BodyFormat::Json => "JSON",
        BodyFormat::Opaque => "bytes",
    }
}
