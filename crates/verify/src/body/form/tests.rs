//! What the reader accepts, refuses and gives.

use super::form_document::PairSpan;
use super::*;
use crate::body::{Body, Query, refuse_shadows};
use crate::memory::Plenty;

fn read_as<'a>(
    form: &'a [u8],
    charset: Charset,
    repeats: Repeats,
) -> Result<FormDocument<'a>, Rejection> {
    FormDocument::read(form, charset, repeats, &mut Plenty).map_err(VerifyError::of_plenty)
}

fn refused(form: &str) -> Option<(Reason, Option<At>)> {
    let refused = read_as(form.as_bytes(), Charset::Utf8, Repeats::Refuse).err();
    refused.map(|refused| (refused.reason, refused.at))
}

fn pairs(form: &FormDocument<'_>) -> Vec<(String, String)> {
    texts(form.pairs())
}

fn texts(pairs: FormPairs<'_, '_>) -> Vec<(String, String)> {
    pairs
        .map(|pair| (pair.name.text().into(), pair.value.text().into()))
        .collect()
}

#[test]
fn pairs_have_their_texts_and_places() {
    let source = "a=1&&%C3%A9+x=%26%3d+%2B&b=&c==%3D=&客=名&a%20b%5B0%5d=y&d=\r\n&";
    let form = read_as(source.as_bytes(), Charset::Utf8, Repeats::Refuse).unwrap();
    let expected = [
        ("a", "1"),
        ("é x", "&= +"),
        ("b", ""),
        ("c", "==="),
        ("客", "名"),
        ("a b[0]", "y"),
        ("d", "\r\n"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(pairs(&form), expected);
    for pair in form.pairs() {
        for text in [pair.name, pair.value] {
            assert_eq!(source.get(text.place()), Some(text.raw()));
            assert!(text.is(&text.text()));
            assert_eq!(text.is_empty(), text.text().is_empty());
        }
    }
    assert_eq!(form.get("a b[0]").unwrap().text(), "y");
    assert!(form.get("a+b[0]").is_none());
    let borrowed = form.get("a").unwrap().text();
    assert!(matches!(borrowed, std::borrow::Cow::Borrowed("1")));
}

#[test]
fn what_parsers_read_differently_is_refused() {
    use Reason::{BodyNotUtf8, FieldRepeated, FormInvalid};
    for (form, reason, at) in [
        ("a=%", FormInvalid, 2),
        ("a=%4", FormInvalid, 2),
        ("a=1&b=%zz", FormInvalid, 6),
        ("a=%+1", FormInvalid, 2),
        ("a%=1", FormInvalid, 0),
        ("a=%é", FormInvalid, 2),
        ("a=1;b=2", FormInvalid, 3),
        ("a;b=2", FormInvalid, 1),
        ("a=\0", FormInvalid, 2),
        ("a=%00", FormInvalid, 2),
        ("a%00b=1", FormInvalid, 0),
        ("a=1&b", FormInvalid, 4),
        ("{\"a\":1}", FormInvalid, 0),
        ("=1", FormInvalid, 0),
        ("a=1&=", FormInvalid, 4),
        ("+=1", FormInvalid, 0),
        ("\u{feff}a=1", FormInvalid, 0),
        // Brackets.
        ("[a]=1", FormInvalid, 0),
        ("a[=1", FormInvalid, 0),
        ("a[b=1", FormInvalid, 0),
        ("a[b]c=1", FormInvalid, 0),
        ("a]=1", FormInvalid, 0),
        ("a%5B=1", FormInvalid, 0),
        ("a[[b]]=1", FormInvalid, 0),
        ("a[+]=1", FormInvalid, 0),
        ("a[1][2][3][4][5][6][7][8][9]=1", FormInvalid, 0),
        // Text.
        ("a=%ff", BodyNotUtf8, 2),
        ("a=1&b=%C3", BodyNotUtf8, 6),
        ("a=%C3%28", BodyNotUtf8, 2),
        ("a=%ED%A0%80", BodyNotUtf8, 2),
        ("a=%C0%AF", BodyNotUtf8, 2),
        ("%ff=1", BodyNotUtf8, 0),
        // Names that are one.
        ("a=1&a=1", FieldRepeated, 4),
        ("b=1&a=1&b=", FieldRepeated, 8),
        ("a=1&%61=2", FieldRepeated, 4),
        ("a.b=1&a_b=2", FieldRepeated, 6),
        ("a+b=1&a.b=2", FieldRepeated, 6),
        ("a=1&+a=2", FieldRepeated, 4),
        ("a=1&%20%20a=2", FieldRepeated, 4),
        ("a=1&a[]=2", FieldRepeated, 4),
        ("a[]=1&a[]=2", FieldRepeated, 6),
        ("a[]=1&a[0]=2", FieldRepeated, 6),
        ("a[0]=1&a%5b%5D=2", FieldRepeated, 7),
        ("a[b]=1&a=2", FieldRepeated, 7),
        ("a[b]=1&a[b]=2", FieldRepeated, 7),
        ("a[b][c]=1&a[b]=2", FieldRepeated, 10),
        ("a[][b]=1&a[][c]=2", FieldRepeated, 9),
        ("a.b[c]=1&x=&a_b[c]=2", FieldRepeated, 12),
        ("a!=0&a[b]=1&a=2", FieldRepeated, 12),
    ] {
        let found = refused(form);
        assert_eq!(found, Some((reason, Some(At::BodyByte(at)))), "{form:?}");
    }
    assert_eq!(refused(""), Some((Reason::BodyEmpty, None)));
    let bytes = read_as(b"a=1&b=\xff", Charset::Utf8, Repeats::Refuse).unwrap_err();
    let expected = (BodyNotUtf8, Some(At::BodyByte(6)));
    assert_eq!((bytes.reason, bytes.at), expected);
}

#[test]
fn what_parsers_read_alike_is_accepted() {
    for form in [
        "a=1",
        "&",
        "a=1&A=2",
        "a[0]=1&a[1]=2",
        "a[b][c]=1&a[b][d]=2&a[c]=3",
        "ab=1&a=2&a-b=3",
        "a[]=1&b[]=2",
        "a[1][2][3][4][5][6][7][8]=1",
        "a[0x]=1&a[0]=2&a!=3",
        "a=%3B%25&b=\"'<>#?/\\^`{|}~ \t",
    ] {
        assert_eq!(refused(form), None, "{form:?}");
    }
}

#[test]
fn repeats_are_kept_where_a_scheme_signs_them() {
    let keep = |form: &'static str| {
        let read = read_as(form.as_bytes(), Charset::Utf8, Repeats::Keep);
        read.map(|form| pairs(&form).len())
            .map_err(|refused| refused.reason)
    };
    assert_eq!(keep("b=1&a=2&b=3&b=1"), Ok(4));
    assert_eq!(keep("a[]=1&a[]=2&b=0"), Ok(3));
    for form in [
        "a.b=1&a_b=2",
        "a[]=1&b=2&a=3",
        "a=1&a=2&a[b]=3",
        "a.b=1&a.b=2&a_b=3",
    ] {
        assert_eq!(keep(form), Err(Reason::FieldRepeated), "{form}");
    }
}

#[test]
fn a_form_has_at_most_a_thousand_fields() {
    let form = |count: usize| {
        let fields: Vec<_> = (0..count).map(|nth| format!("n{nth}=")).collect();
        fields.join("&")
    };
    assert_eq!(refused(&form(MAX_PAIRS)), None);
    let (reason, at) = refused(&form(MAX_PAIRS + 1)).unwrap();
    assert_eq!(reason, Reason::TooManyFields);
    assert!(matches!(at, Some(At::BodyByte(at)) if at > 5000));
    assert_eq!(refused(&"&".repeat(MAX_PAIRS - 1)), None);
    let many = refused(&"&".repeat(100_000));
    let expected = (Reason::TooManyFields, Some(At::BodyByte(MAX_PAIRS - 1)));
    assert_eq!(many, Some(expected));
    for last in ["n7=", "n7[x]=", "%6e7="] {
        let form = form(MAX_PAIRS - 1) + "&" + last;
        assert_eq!(refused(&form).unwrap().0, Reason::FieldRepeated, "{last}");
    }
}

#[test]
fn the_whole_form_is_read_in_its_character_set() {
    let read = |form: &'static [u8], charset| {
        let read = read_as(form, charset, Repeats::Refuse);
        read.map(|form| pairs(&form).remove(0))
            .map_err(|refused| refused.reason)
    };
    let text = |name: &str, value: &str| Ok((name.to_owned(), value.to_owned()));
    // PHP leaves a second byte that is a letter as it is.
    assert_eq!(read(b"%D5%C5=%e9F", Charset::Gbk), text("张", "镕"));
    assert_eq!(read(b"a=%E9+%e9", Charset::Windows1251), text("a", "й й"));
    let invalid = Err(Reason::BodyNotInCharset);
    for (form, charset) in [
        (&b"a=\xd5\xc5"[..], Charset::Gbk),
        (b"a=%D5\xc5", Charset::Gbk),
        (b"a=%D5", Charset::Gbk),
        (b"a=%D5%26", Charset::Gbk),
        (b"a=%80", Charset::Iso8859_1),
        (b"\xe9=", Charset::Iso8859_1),
    ] {
        assert_eq!(read(form, charset), invalid, "{form:?}");
    }
}

#[test]
fn memory_is_counted_before_it_is_taken() {
    struct Meter(usize, usize);
    impl MemoryBudget for Meter {
        fn take(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
            self.0 = self.0.saturating_add(bytes);
            if self.0 > self.1 {
                Err(OutOfMemory)
            } else {
                Ok(())
            }
        }

        fn give(&mut self, bytes: usize) {
            self.0 = self.0.saturating_sub(bytes);
        }
    }
    let form = format!("b=1&a={}&a.c=2", "%41".repeat(1000));
    let read = |most| {
        let mut meter = Meter(0, most);
        let read = FormDocument::read(form.as_bytes(), Charset::Utf8, Repeats::Refuse, &mut meter);
        read.map(|_| meter.0)
    };
    // What stays is the pairs.
    assert_eq!(read(20_000), Ok(3 * size_of::<PairSpan>()));
    for most in [0, 71, 10_000] {
        assert_eq!(read(most), Err(OutOfMemory.into()), "{most}");
    }
}

#[test]
fn a_query_is_read_as_strictly() {
    let read = |target: &'static str| {
        let query = Query::read(
            target.as_bytes(),
            Charset::Utf8,
            Repeats::Refuse,
            &mut Plenty,
        );
        query
            .map(|query| texts(query.pairs()))
            .map_err(VerifyError::of_plenty)
    };
    let none: Vec<(String, String)> = Vec::new();
    for target in ["/", "/cb?", "/cb?&", ""] {
        assert_eq!(read(target), Ok(none.clone()), "{target}");
    }
    let found = read("/a=0?data.id=%C3%A9&x=a?b=c&debug").unwrap();
    let expected = [("data.id", "é"), ("x", "a?b=c"), ("debug", "")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(found, expected);
    for (target, reason, at) in [
        ("/cb?a=%zz", Reason::QueryInvalid, 6),
        ("/cb?a=1;b", Reason::QueryInvalid, 7),
        ("/cb?a=%ff", Reason::QueryInvalid, 6),
        ("/cb?=1", Reason::QueryInvalid, 4),
        ("/cb?a=1&a=1", Reason::QueryRepeated, 8),
        ("/cb?a.b&a_b", Reason::QueryRepeated, 8),
    ] {
        let refused = read(target).unwrap_err();
        let expected = (reason, Some(At::TargetByte(at)));
        assert_eq!((refused.reason, refused.at), expected, "{target}");
    }
}

#[test]
fn a_query_must_not_shadow_a_field() {
    let check = |target: &str, form: &str| {
        let memory = &mut Plenty;
        let form = FormDocument::read(form.as_bytes(), Charset::Utf8, Repeats::Refuse, memory);
        let body = Body::Form(form.unwrap());
        let checked = refuse_shadows(target.as_bytes(), &body, Charset::Utf8, memory);
        checked.map_err(|error| error.of_plenty().reason)
    };
    for target in ["/cb", "/cb?", "/cb?order=1&order=2", "/cb?bb=1&a-b=2&debug"] {
        assert_eq!(
            check(target, "status=ok&a.b=1&c[0]=&b="),
            Ok(()),
            "{target}"
        );
    }
    for target in [
        "/cb?status=x",
        "/cb?status",
        "/cb?x=1&Status=x",
        "/cb?%73tatus=",
        "/cb?a_b=1",
        "/cb?c[0]=1",
        "/cb?c=1",
        "/cb?C[]",
        "/cb?b[x]=1",
        "/cb?+status=1",
    ] {
        let found = check(target, "status=ok&a.b=1&c[0]=&b=");
        assert_eq!(found, Err(Reason::QueryShadowsField), "{target}");
    }
    assert_eq!(check("/cb?%zz", "a=1"), Err(Reason::QueryInvalid));
}
