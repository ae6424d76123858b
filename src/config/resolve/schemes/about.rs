//! `[scheme.about]`.

use crate::config::keys::{SCHEME_ABOUT, ValueKind};
use crate::config::model::SchemeAbout;
use crate::config::reader::{Table, Value};

/// Reads what is told of a scheme.
pub(super) fn read(scheme: &Table<'_>) -> Option<SchemeAbout> {
    let about = scheme.optional("about", Value::table)?;
    about.map_or_else(|| Some(SchemeAbout::default()), |table| told(&table))
}

fn told(table: &Table<'_>) -> Option<SchemeAbout> {
    let confidence = table.optional("confidence", Value::word);
    let evidence = table.optional("evidence", Value::word);
    let texts = { SCHEME_ABOUT.settings.iter() }
        .filter(|setting| matches!(setting.kind, ValueKind::Text) && table.has(setting.name));
    let texts: Vec<_> = texts
        .map(|setting| {
            let text = table.get(setting.name)?.text()?;
            Some((setting.name, text.text.to_owned()))
        })
        .collect();
    Some(SchemeAbout {
        texts: texts.into_iter().collect::<Option<_>>()?,
        confidence: confidence?,
        evidence: evidence?,
    })
}
