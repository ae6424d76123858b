//! The strict reader of forms accepts a subset of what the URL Standard's parser does, and sees the same
//! in it.

use std::collections::HashSet;

use countersign::verify::body::{Charset, FormDocument, Query, Repeats};
use countersign::verify::{At, Plenty, VerifyError};

/// Reads the bytes as a form and as a query, in every character set.
pub fn check(bytes: &[u8]) {
    let read = |charset, repeats| FormDocument::read(bytes, charset, repeats, &mut Plenty);
    let strict = read(Charset::Utf8, Repeats::Refuse);
    match read(Charset::Utf8, Repeats::Keep) {
        Ok(form) => {
            is_read_alike(&form, bytes);
            is_read_again(&form);
        }
        Err(error) => {
            assert!(strict.is_err());
            is_inside(&error, bytes.len());
        }
    }
    if let Ok(form) = strict {
        let mut names = HashSet::new();
        assert!(form.pairs().all(|pair| names.insert(pair.name.text())));
    }
    for (_, charset) in Charset::NAMED {
        if let Ok(form) = read(*charset, Repeats::Refuse) {
            for pair in form.pairs() {
                for text in [pair.name, pair.value] {
                    let written = charset.encode(&text.text()).unwrap().into_owned();
                    assert_eq!(charset.decode(&written).unwrap(), text.text());
                }
            }
        }
    }
    let target = [b"/a?", bytes].concat();
    let query = Query::read(&target, Charset::Utf8, Repeats::Keep, &mut Plenty);
    match (query, read(Charset::Utf8, Repeats::Keep)) {
        (Ok(query), Ok(form)) => assert_eq!(query.pairs().count(), form.pairs().count()),
        (Err(error), form) => {
            is_inside(&error, target.len());
            assert!(form.is_err());
        }
        // A query may be empty, and its parameters without `=`.
        (Ok(_), Err(_)) => {}
    }
}

fn is_read_alike(form: &FormDocument<'_>, bytes: &[u8]) {
    let ours: Vec<_> = form
        .pairs()
        .map(|pair| (pair.name.text(), pair.value.text()))
        .collect();
    let theirs: Vec<_> = form_urlencoded::parse(bytes).collect();
    assert_eq!(ours, theirs);
    for pair in form.pairs() {
        assert_eq!(pair.name.place().end + 1, pair.value.place().start);
        for text in [pair.name, pair.value] {
            assert_eq!(bytes.get(text.place()), Some(text.raw().as_bytes()));
            assert!(text.is(&text.text()));
        }
        let name = pair.name.text();
        let is_only = form.pairs().filter(|pair| pair.name.is(&name)).count() == 1;
        let found = form.get(&name).map(|value| value.place());
        assert_eq!(found, is_only.then(|| pair.value.place()));
    }
}

/// As another program writes it, it is the same form.
fn is_read_again(form: &FormDocument<'_>) {
    if form.pairs().next().is_none() {
        return;
    }
    let mut written = form_urlencoded::Serializer::new(String::new());
    for pair in form.pairs() {
        written.append_pair(&pair.name.text(), &pair.value.text());
    }
    let written = written.finish();
    let keep = Repeats::Keep;
    let again = FormDocument::read(written.as_bytes(), Charset::Utf8, keep, &mut Plenty).unwrap();
    assert!(
        form.pairs()
            .zip(again.pairs())
            .all(|(a, b)| a.name.text() == b.name.text() && a.value.text() == b.value.text())
    );
    assert_eq!(form.pairs().count(), again.pairs().count());
}

fn is_inside(error: &VerifyError, length: usize) {
    let VerifyError::Rejected(rejection) = error else {
        panic!("{error}");
    };
    if let Some(At::BodyByte(at) | At::TargetByte(at)) = rejection.at {
        assert!(at <= length);
    }
}
