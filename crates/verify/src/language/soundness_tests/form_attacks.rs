//! What an attacker tries on forms.

use super::*;

/// A backend that decodes names would read the rest in another character set.
#[test]
fn the_field_that_names_the_character_set_has_one_spelling() {
    let verdict = |charset: &str, target: &str, body: &str| {
        let mut definition = mac("{query}\n{body}");
        definition.charset = Some(charset.to_owned());
        definition.body = Some("form".to_owned());
        let rules = SchemeRules::compile(&definition).unwrap();
        let secret = Secret::new(b"secret".to_vec().into()).unwrap();
        let keys = [Arc::new(Key::of_secret("", secret))];
        let mut headers = HeaderMap::new();
        headers.insert("x-a", HeaderValue::from_static("a"));
        let tag = "00".repeat(32);
        headers.insert("x-signature", HeaderValue::from_str(&tag).unwrap());
        let label = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert("content-type", label);
        let callback = Callback::new("POST", target.as_bytes(), &headers, body.as_bytes());
        let route = RouteValues::default();
        let verified = verify(&rules, &route, &keys, callback, &mut Plenty, &mut ());
        verified.err().map(|error| error.of_plenty().reason)
    };
    let in_query = |query: &str| {
        let target = format!("/cb?a=1&{query}");
        verdict("{query:charset|default:utf-8}", &target, "b=2")
    };
    let in_form = |body: &str| {
        verdict(
            "{form:charset|default:utf-8}",
            "/cb",
            &format!("a=1&{body}"),
        )
    };
    for of in [&in_query as &dyn Fn(&str) -> Option<Reason>, &in_form] {
        for good in ["charset=gbk", "x=charset", "charsets=gbk"] {
            assert_eq!(of(good), Some(Reason::SignatureMismatch), "{good}");
        }
        for other in [
            "%63harset=gbk",
            "charset=utf-8&%63harset=gbk",
            "Charset=gbk",
            "+charset=gbk",
            "charset[]=gbk",
            "charset%5b%5d=gbk",
            "charset",
            "charset=",
            "charset=utf%2D8",
        ] {
            assert_eq!(of(other), Some(Reason::ValueUnexpected), "{other}");
        }
        let twice = of("charset=gbk&charset=gbk");
        assert_eq!(twice, Some(Reason::ValueRepeated));
    }
}

/// The signed bytes would stay the same, and the values that they are read as would not.
#[test]
fn what_names_the_character_set_is_signed() {
    for (charset, content) in [
        ("{form:charset|default:utf-8}", "{form:order}"),
        (
            "{query:charset|default:utf-8}",
            "{form:order}\n{form:charset}",
        ),
    ] {
        let mut definition = mac(content);
        definition.charset = Some(charset.to_owned());
        let errors = SchemeRules::compile(&definition).unwrap_err();
        let keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
        assert_eq!(keys, ["charset"], "{charset}");
    }
    let mut definition = mac("{form:charset}|{form:order}");
    definition.charset = Some("{form:charset|default:utf-8}".to_owned());
    assert!(SchemeRules::compile(&definition).is_ok());
}

/// As Robokassa's `Shp_` fields.
#[test]
fn fields_in_an_optional_part_are_read_in_one_way_or_marked() {
    let mut definition = mac("{form:a}[:{fields|nonempty}]");
    definition.require = vec![("{form:a}".to_owned(), "[0-9]+".to_owned())];
    definition.selections = vec![(
        None,
        SelectionDefinition {
            from: Some("form".to_owned()),
            only: vec!["s_*".to_owned()],
            order: Some("bytes".to_owned()),
            pair: "{name}={value}".to_owned(),
            between: ":".to_owned(),
            ..SelectionDefinition::default()
        },
    )];
    let rules = SchemeRules::compile(&definition).unwrap();
    assert!(rules.coverage().open_borders().is_empty());
    let ambiguous = |signed: &str, body: &str| ambiguous_field(&rules, signed, &[], body);
    assert_eq!(ambiguous("1", "a=1"), None);
    assert_eq!(ambiguous("1:s_x=2:s_y=3", "a=1&s_x=2&s_y=3"), None);
    let merged = ambiguous("1:s_x=2:s_y=3", "a=1&s_x=2%3As_y%3D3");
    assert_eq!(merged.as_deref(), Some("s_x"));
}

/// The first `%26` in a written value, where the field has `&`.
#[test]
fn what_filters_write_is_searched_for_other_fields() {
    let mut definition = mac("{fields}");
    let fields = SelectionDefinition {
        from: Some("form".to_owned()),
        order: Some("bytes".to_owned()),
        pair: "{name}%3D{value|urlencode:rfc3986}".to_owned(),
        between: "%26".to_owned(),
        ..SelectionDefinition::default()
    };
    definition.selections = vec![(None, fields)];
    let rules = SchemeRules::compile(&definition).unwrap();
    let ambiguous = |signed: &str, body: &str| ambiguous_field(&rules, signed, &[], body);
    let plain = "amount%3D1%26note%3Dx%2Cy%26order%3D7";
    assert_eq!(ambiguous(plain, "amount=1&note=x%2Cy&order=7"), None);
    let signed = "amount%3D1%26note%3Dx%26order%3D8%26z%3D%26order%3D7";
    for (body, field) in [
        ("amount=1&note=x%26order%3D8%26z%3D&order=7", "note"),
        ("amount=1&note=x&order=8&z=%26order%3D7", "z"),
    ] {
        assert_eq!(ambiguous(signed, body).as_deref(), Some(field), "{body}");
    }
}

#[test]
fn fields_in_a_digest_that_is_compared_are_read_in_one_way_or_marked() {
    let mut definition = mac("{header:X-Digest}");
    let digest = "{fields|sha256|hex}".to_owned();
    definition.check = vec![(digest, vec!["{header:X-Digest}".to_owned()])];
    definition.require = vec![("{header:X-Digest}".to_owned(), "[0-9a-f]{64}".to_owned())];
    let fields = SelectionDefinition {
        from: Some("form".to_owned()),
        order: Some("bytes".to_owned()),
        pair: "{name}={value}".to_owned(),
        between: "&".to_owned(),
        ..SelectionDefinition::default()
    };
    definition.selections = vec![(None, fields)];
    let rules = SchemeRules::compile(&definition).unwrap();
    let ambiguous = |text: &str, body: &str| {
        let digest = Sha256::digest(text.as_bytes());
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        ambiguous_field(&rules, &digest, &[("x-digest", &digest)], body)
    };
    assert_eq!(ambiguous("amount=1&order=7", "amount=1&order=7"), None);
    let text = "amount=1&note=x&order=8&z=&order=7";
    for (body, field) in [
        ("amount=1&note=x%26order%3D8%26z%3D&order=7", "note"),
        ("amount=1&note=x&order=8&z=%26order%3D7", "z"),
    ] {
        assert_eq!(ambiguous(text, body).as_deref(), Some(field), "{body}");
    }
}

/// The field for which a form with a MAC over this text is marked.
fn ambiguous_field(
    rules: &SchemeRules,
    signed: &str,
    more: &[(&'static str, &str)],
    body: &str,
) -> Option<String> {
    let secret = Secret::new(b"secret".to_vec().into()).unwrap();
    let keys = [Arc::new(Key::of_secret("", secret))];
    let tag = <hmac::Hmac<sha2::Sha256> as hmac::KeyInit>::new_from_slice(b"secret").unwrap();
    let tag = hmac::Mac::finalize(hmac::Mac::chain_update(tag, signed.as_bytes()));
    let tag = tag.into_bytes();
    let tag: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut headers = HeaderMap::new();
    let label = "application/x-www-form-urlencoded";
    let own = [("x-signature", tag.as_str()), ("content-type", label)];
    for (name, value) in own.iter().chain(more) {
        headers.insert(*name, HeaderValue::from_str(value).unwrap());
    }
    let callback = Callback::new("POST", b"/", &headers, body.as_bytes());
    let route = RouteValues::default();
    let genuine = verify(rules, &route, &keys, callback, &mut Plenty, &mut ());
    genuine.unwrap().ambiguous_field
}
