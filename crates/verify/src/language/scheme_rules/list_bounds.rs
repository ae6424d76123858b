//! How long the lists of a scheme may be. What is covered is found by looking at each entry beside all others, so this
//! bounds the time that it takes to load a scheme.

use super::definition_compiler::DefinitionCompiler;
use crate::language::scheme_definition::{
    MustCoverDefinition, SchemeDefinition, SelectionDefinition,
};

/// The most entries of a list. A callback may list as many fields.
const MAX_ENTRIES: usize = 256;

/// The most values that are compared with others.
const MAX_CHECKS: usize = 64;

/// The most selections with a name.
const MAX_SELECTIONS: usize = 16;

/// Refuses lists that are too long to be looked at, before anything is.
pub(super) fn check(definition: &SchemeDefinition, compiler: &mut DefinitionCompiler) {
    if let Some((value, _)) = definition.check.get(MAX_CHECKS) {
        let message = format!("a scheme has at most {MAX_CHECKS} of these");
        compiler.fault(&format!("check.{value}"), message);
    }
    let mut named = definition
        .selections
        .iter()
        .filter_map(|(name, _)| name.as_ref());
    if let Some(name) = named.nth(MAX_SELECTIONS) {
        let message = format!("a scheme has at most {MAX_SELECTIONS} of these");
        compiler.fault(&format!("selection.{name}"), message);
    }
    let mut lists = vec![
        ("signature".to_owned(), definition.signature.len()),
        ("content".to_owned(), definition.content.len()),
        ("components".to_owned(), definition.components.len()),
        ("not_covered".to_owned(), definition.not_covered.len()),
        ("require".to_owned(), definition.require.len()),
        ("matters".to_owned(), definition.matters.len()),
        ("handshake".to_owned(), definition.handshakes.len()),
    ];
    let checks = definition.check.iter();
    lists.extend(checks.map(|(value, wanted)| (format!("check.{value}"), wanted.len())));
    for (name, selection) in &definition.selections {
        let key = name
            .as_ref()
            .map_or("fields".to_owned(), |name| format!("selection.{name}"));
        let lengths = lengths(selection).into_iter();
        lists.extend(lengths.map(|(list, length)| (format!("{key}.{list}"), length)));
    }
    for (key, length) in lists {
        if length > MAX_ENTRIES {
            let message = format!("this has {length} entries, and at most {MAX_ENTRIES} are read");
            compiler.fault(&key, message);
        }
    }
}

fn lengths(selection: &SelectionDefinition) -> [(&'static str, usize); 6] {
    let must_cover = match &selection.must_cover {
        Some(MustCoverDefinition::Names(names)) => names.len(),
        Some(MustCoverDefinition::Expression(_)) | None => 0,
    };
    [
        ("names", selection.names.as_ref().map_or(0, Vec::len)),
        ("must_cover", must_cover),
        ("only", selection.only.len()),
        ("leave_out", selection.leave_out.len()),
        ("add", selection.add.len()),
        ("pair_of", selection.pair_of.len()),
    ]
}
