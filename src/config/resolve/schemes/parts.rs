//! Templates in a scheme, which may only use placeholders that the scheme has a rule for.

use super::template::{self, Piece, PieceError};
use crate::config::classic_scheme::Part;
use crate::config::reader::{Draft, Table, Text, quote};
use crate::config::resolve::headers::{self, Prefix};

/// The parts of a template. Reports placeholders that do not exist, or have no rule in this scheme.
pub(super) fn parts(
    text: Text<'_>,
    scheme: &Table<'_>,
    prefix: Option<&Prefix>,
) -> Option<Vec<Part>> {
    let parts: Vec<_> = template::parse(text.text)
        .into_iter()
        .map(|piece| {
            let marked = text.marked_at(text.place_of(piece.written, piece.at));
            check(piece, marked, scheme, prefix)
        })
        .collect();
    parts.into_iter().collect()
}

fn check(
    piece: Piece<'_>,
    marked: Text<'_>,
    scheme: &Table<'_>,
    prefix: Option<&Prefix>,
) -> Option<Part> {
    let part = match piece.part {
        Ok(part) => part,
        Err(fault) => return describe(piece.written, &fault, marked).report(),
    };
    let rule = match &part {
        Part::Timestamp => "timestamp",
        Part::Nonce => "nonce",
        Part::KeyId => "key_id",
        Part::Header(name) => {
            return headers::check_of_callback(marked, name, prefix).then_some(part);
        }
        _ => return Some(part),
    };
    if scheme.may_have(rule) {
        return Some(part);
    }
    let why = format!(
        "the scheme does not say where {} comes from",
        quote(piece.written)
    );
    marked
        .error("placeholder without rule", why)
        .help(format!(
            "add `{rule} = {{ header = \"...\" }}` to the scheme"
        ))
        .report()
}

fn describe<'a>(written: &str, fault: &PieceError, marked: Text<'a>) -> Draft<'a> {
    let (why, help) = match fault {
        PieceError::Unknown { similar } => (
            format!("there is no placeholder {}", quote(written)),
            similar.map_or_else(
                || template::PLACEHOLDERS_HELP.to_owned(),
                |meant| format!("did you mean `{{{meant}}}`?"),
            ),
        ),
        PieceError::Header => (
            format!("{} does not name a header", quote(written)),
            "write `{header:X-Name}`".to_owned(),
        ),
        PieceError::Brace => (
            "this brace does not belong to a placeholder".to_owned(),
            "write `{{` or `}}` for a literal brace".to_owned(),
        ),
    };
    marked.error("invalid placeholder", why).help(help)
}
