//! The strict reader of flat XML accepts a subset of what `roxmltree` does, and sees the same in it.

use countersign::verify::body::XmlDocument;
use countersign::verify::{At, Plenty, VerifyError};

/// Reads the bytes with both readers.
pub fn check(bytes: &[u8]) {
    match XmlDocument::read(bytes, &mut Plenty) {
        Ok(document) => is_read_alike(&document, bytes),
        Err(VerifyError::Rejected(rejection)) => {
            if let Some(At::BodyByte(at)) = rejection.at {
                assert!(at <= bytes.len());
            }
        }
        Err(error) => panic!("{error}"),
    }
}

fn is_read_alike(document: &XmlDocument<'_>, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    let other = roxmltree::Document::parse(text).unwrap();
    let root = other.root_element();
    assert_eq!(document.root_name(), root.tag_name().name());
    let theirs = root.children().filter(|node| node.is_element());
    let theirs: Vec<_> = theirs
        .map(|node| {
            assert_eq!(
                (node.attributes().count(), node.tag_name().namespace()),
                (0, None)
            );
            assert!(node.children().all(|inner| inner.is_text()));
            (node.tag_name().name(), node.text().unwrap_or_default())
        })
        .collect();
    let ours: Vec<_> = document
        .elements()
        .map(|element| (element.name, element.value.text()))
        .collect();
    assert_eq!(
        ours,
        theirs
            .iter()
            .map(|(name, text)| (*name, (*text).into()))
            .collect::<Vec<_>>()
    );
    for element in document.elements() {
        let value = element.value;
        assert_eq!(bytes.get(value.place()), Some(value.raw().as_bytes()));
        assert_eq!(document.get(element.name).unwrap().place(), value.place());
    }
}
