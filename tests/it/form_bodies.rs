//! Providers that sign the fields of forms and of XML.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::verify::body::{Body, Charset, FormDocument, Repeats, XmlDocument};
use countersign::verify::language::{Choice, SchemeDefinition, SelectionDefinition};
use countersign::verify::{Callback as Request, Key, Plenty, Scheme, VerifyPolicy, verify};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use crate::support::signer::Signer;
use crate::support::{Callback, Origin, Proxy, Setup};

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// As Alipay, AllinPay and many others sign: the sorted fields that are not empty.
pub(crate) fn scheme(format: &str, lines: &str) -> String {
    format!(
        "[[scheme]]\nname = \"{format}\"\nalgorithm = \"rsa-sha256\"\n\
         signature = \"{{{format}:sign|unbase64}}\"\nbody = \"{format}\"\n{lines}\n\
         content = \"{{fields}}\"\nfields = {{ from = \"{format}\", leave_out = [\"sign\"], \
         empty = \"leave-out\", order = \"bytes\", pair = \"{{name}}={{value}}\", between = \"&\" }}\n"
    )
}

/// The fields of a genuine notification, with awkward values.
const FIELDS: &[(&str, &str)] = &[
    ("out_trade_no", "20190815-564"),
    ("trade_status", "TRADE_SUCCESS"),
    ("total_amount", "0.10"),
    ("subject", "语雀 500+ <a&b>"),
    ("fund_bill_list", "[{\"amount\":\"0.10\"}]"),
    ("passback", ""),
];

/// What is signed.
fn content(fields: &[(&str, &str)]) -> String {
    let mut signed: Vec<_> = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    signed.sort();
    signed.join("&")
}

fn sign(fields: &[(&str, &str)]) -> String {
    Signer::get().sign("sha256", content(fields).as_bytes())
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}

fn xml(fields: &[(&str, &str)]) -> String {
    let element = |(name, value): &(&str, &str)| format!("<{name}><![CDATA[{value}]]></{name}>");
    let elements: String = fields.iter().map(element).collect();
    format!("<xml>{elements}</xml>")
}

/// Signed fields as a form.
pub(crate) fn signed_form(target: &str, fields: &[(&str, &str)]) -> Callback {
    let sign = sign(fields);
    let body = form(&[fields, &[("sign", &sign)]].concat());
    Callback::post(target, body).header("Content-Type", FORM)
}

/// The same as XML.
pub(crate) fn signed_xml(target: &str, fields: &[(&str, &str)]) -> Callback {
    let sign = sign(fields);
    let body = xml(&[fields, &[("sign", &sign)]].concat());
    Callback::post(target, body).header("Content-Type", "text/xml")
}

fn with_body(callback: &Callback, body: impl Into<Vec<u8>>) -> Callback {
    Callback {
        body: body.into(),
        ..callback.clone()
    }
}

fn route(scheme: &str, lines: &str) -> String {
    format!(
        "name = \"{scheme}\"\npath = \"/{scheme}\"\nscheme = \"{scheme}\"\nkeys = [\"signer\"]\n\
         expose_reason = true\n{lines}"
    )
}

fn refused(proxy: &Proxy, callback: &Callback) -> String {
    let answer = callback.send(proxy);
    proxy.access();
    assert_eq!(
        answer.status,
        400,
        "{:?}",
        callback.body.escape_ascii().to_string()
    );
    answer.json()["reason"].as_str().unwrap().to_owned()
}

#[test]
fn genuine_forms_and_xml_arrive_byte_for_byte_and_forged_ones_do_not() {
    let origin = Origin::start();
    let lines = "fields = { \"X-Order\" = \"out_trade_no\", \"X-Subject\" = \"/subject\", \
         \"X-Passback\" = \"passback\" }\nrequire = { out_trade_no = \"string\", total_amount = \"string\" }";
    let event = |format: &str| format!("event = \"{{{format}:trade_status}}\"");
    let proxy = Setup::new()
        .tables(&scheme("form", &event("form")))
        .tables(&scheme("xml", &event("xml")))
        .route(&route("form", lines))
        .route(&route("xml", lines))
        .origin(&origin)
        .start();
    let (form, xml) = (signed_form("/form", FIELDS), signed_xml("/xml", FIELDS));
    for genuine in [&form, &xml] {
        let answer = genuine.send(&proxy);
        assert_eq!(answer.status, 200, "{}", proxy.access());
        let got = &origin.last();
        assert_eq!(got.body, genuine.body);
        assert_eq!(got.header("x-order"), Some("20190815-564"));
        assert_eq!(
            got.header("x-subject"),
            Some("%E8%AF%AD%E9%9B%80 500+ <a&b>")
        );
        assert_eq!(got.header("x-passback"), None);
        assert_eq!(got.header("x-verified-event"), Some("TRADE_SUCCESS"));
        assert_eq!(got.header("x-verified-ambiguous"), None);
        assert_eq!(
            got.header("content-type"),
            Some(genuine.value("Content-Type"))
        );
        proxy.access();
    }
    let edited = |genuine: &Callback, old: &str, new: &str| {
        let body = String::from_utf8(genuine.body.clone()).unwrap();
        assert!(body.contains(old), "{old}");
        with_body(genuine, body.replacen(old, new, 1))
    };
    for (genuine, old, new, reason) in [
        (&form, "=0.10", "=0.20", "signature_mismatch"),
        (&form, "total_amount=0.10&", "", "signature_mismatch"),
        (&form, "passback=", "passback=x", "signature_mismatch"),
        (&form, "passback=", "passback=&x=1", "signature_mismatch"),
        (&form, "passback=", "passback=&passback=", "field_repeated"),
        (&form, "passback=", "total_amount[]=", "field_repeated"),
        (&form, "passback=", "total.amount=", "field_repeated"),
        (&form, "passback=", "Total_Amount=", "field_repeated"),
        (&form, "passback=", "pass%zz=", "form_invalid"),
        (&form, "passback=", "pass;back=", "form_invalid"),
        (&form, "passback=", "pass%00back=", "form_invalid"),
        (&form, "passback=", "passback", "form_invalid"),
        (&form, "passback=", "passback%ff=", "body_not_utf8"),
        (&form, "=TRADE", "=%54RADE", ""),
        (&form, "passback=", "x=&y=&&", ""),
        (&xml, "[0.10]", "[0.20]", "signature_mismatch"),
        (&xml, "<xml>", "<xml><x>1</x>", "signature_mismatch"),
        (&xml, "<xml>", "<xml><sign>1</sign>", "field_repeated"),
        (&xml, "<xml>", "<xml><Total_amount/>", "field_repeated"),
        (&xml, "<xml>", "<!DOCTYPE x><xml>", "xml_forbidden"),
        (&xml, "<xml>", "<xml><!-- -->", "xml_forbidden"),
        (&xml, "<xml>", "<xml><x>&e;</x>", "xml_forbidden"),
        (
            &xml,
            "<xml>",
            "<?xml version='1.0' encoding='gbk'?><xml>",
            "xml_forbidden",
        ),
        (&xml, "<xml>", "<xml a=''>", "xml_not_flat"),
        (&xml, "<xml>", "<xml><x><y/></x>", "xml_not_flat"),
        (&xml, "]]></total", "]]> </total", "xml_not_flat"),
        (&xml, "</xml>", "</xml><xml/>", "xml_invalid"),
        (&xml, "<xml>", "<?xml version='1.0'?>\n<xml><x/> ", ""),
        (&xml, "<![CDATA[0.10]]>", "0&#46;10", ""),
    ] {
        let changed = edited(genuine, old, new);
        if reason.is_empty() {
            assert_eq!(
                changed.send(&proxy).status,
                200,
                "{new}: {}",
                proxy.access()
            );
        } else {
            assert_eq!(refused(&proxy, &changed), reason, "{new}");
        }
    }
    // The unsigned field is not needed.
    assert_eq!(refused(&proxy, &with_body(&form, "")), "body_empty");
    let label = form
        .clone()
        .with("Content-Type", Some("multipart/form-data; boundary=x"));
    assert_eq!(refused(&proxy, &label), "content_type_not_form");
    let label = xml.clone().with("Content-Type", Some(FORM));
    assert_eq!(refused(&proxy, &label), "content_type_not_xml");
}

#[test]
fn neighbours_that_were_merged_are_marked_or_refused() {
    let origin = Origin::start();
    let strict = "ambiguous = \"refuse\"";
    let required = "require = { trade_status = \"string\" }";
    let unsigned = "unsigned_fields = \"refuse\"";
    let copies = |format: &str| {
        let named = |name: &str, lines: &str| {
            route(format, lines)
                .replace(
                    &format!("name = \"{format}\""),
                    &format!("name = \"{format}-{name}\""),
                )
                .replace(&format!("\"/{format}\""), &format!("\"/{format}-{name}\""))
        };
        [
            named("plain", ""),
            named("strict", strict),
            named("required", required),
            named("unsigned", unsigned),
        ]
    };
    let mut setup = Setup::new()
        .tables(&scheme("form", ""))
        .tables(&scheme("xml", ""));
    for route in [copies("form"), copies("xml")].concat() {
        setup = setup.route(&route);
    }
    let proxy = setup.origin(&origin).start();
    let fields = [("amount", "0.10"), ("no", "7"), ("trade_status", "FAILED")];
    let sign = sign(&fields);
    for (format, merged, note) in [
        ("form", "amount=0.10&no=7%26trade_status%3DFAILED", "&x="),
        (
            "xml",
            "<amount>0.10</amount><no>7&amp;trade_status=FAILED</no>",
            "<x/>",
        ),
    ] {
        let body = |fields: &str| match format {
            "form" => format!("{fields}&{}", form(&[("sign", &sign)])),
            _ => format!("<r>{fields}<sign>{sign}</sign></r>"),
        };
        let send = |name: &str, fields: &str| {
            let label = if format == "form" { FORM } else { "text/xml" };
            Callback::post(&format!("/{format}-{name}"), body(fields)).header("Content-Type", label)
        };
        assert_eq!(
            send("plain", merged).send(&proxy).status,
            200,
            "{}",
            proxy.access()
        );
        let marked = &origin.last();
        assert_eq!(marked.header("x-verified-ambiguous"), Some("true"));
        assert_eq!(
            refused(&proxy, &send("strict", merged)),
            "content_ambiguous"
        );
        assert_eq!(refused(&proxy, &send("required", merged)), "field_missing");
        let empty = format!("{merged}{}", note.replace('x', "trade_status"));
        assert_eq!(refused(&proxy, &send("required", &empty)), "field_missing");
        let plain = match format {
            "form" => form(&fields),
            _ => xml(&fields).replace("<xml>", "").replace("</xml>", ""),
        };
        for name in ["plain", "strict", "required", "unsigned"] {
            assert_eq!(
                send(name, &plain).send(&proxy).status,
                200,
                "{}",
                proxy.access()
            );
            let whole = &origin.last();
            assert_eq!(whole.header("x-verified-ambiguous"), None, "{name}");
        }
        let unsigned = format!("{plain}{note}");
        assert_eq!(
            refused(&proxy, &send("unsigned", &unsigned)),
            "field_unsigned"
        );
    }
}

#[test]
fn a_query_does_not_replace_signed_fields_of_a_form() {
    let origin = Origin::start();
    let raw = "[[scheme]]\nname = \"raw\"\nalgorithm = \"rsa-sha256\"\n\
         signature = \"{header:X-Signature|unbase64}\"\nbody = \"form\"\n\
         content = \"{body}\"\n";
    let target = raw
        .replace("\"raw\"", "\"target\"")
        .replace("{body}", "{target}\\n{body}");
    let proxy = Setup::new()
        .tables(&scheme("form", ""))
        .tables(&scheme("xml", ""))
        .tables(raw)
        .tables(&target)
        .route(&route("form", ""))
        .route(&route("xml", ""))
        .route(&route("raw", ""))
        .route(&route("target", ""))
        .origin(&origin)
        .start();
    let by_header = |target: &str, content: &str| {
        Callback::post(target, "a=1&b[c]=2")
            .header("Content-Type", FORM)
            .header(
                "X-Signature",
                Signer::get().sign("sha256", content.as_bytes()),
            )
    };
    let fields = [("a", "1"), ("b[c]", "2")];
    let passes = |callback: &Callback| {
        assert_eq!(callback.send(&proxy).status, 200, "{}", proxy.access());
    };
    for (query, reason) in [
        ("", ""),
        ("?order=7&debug&x=%26", ""),
        ("?a=2", "query_shadows_field"),
        ("?x=1&%41=2", "query_shadows_field"),
        ("?b=2", "query_shadows_field"),
        ("?b[c][d]=2", "query_shadows_field"),
        ("?a", "query_shadows_field"),
        ("?x=%zz", "query_invalid"),
        ("?x=1;a=2", "query_invalid"),
    ] {
        for callback in [
            signed_form(&format!("/form{query}"), &fields),
            by_header(&format!("/raw{query}"), "a=1&b[c]=2"),
        ] {
            match reason {
                "" => passes(&callback),
                reason => assert_eq!(refused(&proxy, &callback), reason, "{query}"),
            }
        }
        // Here it is signed, and nobody reads XML and a query into one.
        let target = format!("/target{query}");
        passes(&by_header(&target, &format!("{target}\na=1&b[c]=2")));
        passes(&signed_xml(&format!("/xml{query}"), &[("a", "1")]));
    }
    // A body that nobody reads alike could hide any name.
    let strange = "a=1&%zz";
    let callback = with_body(&by_header("/raw", strange), strange);
    passes(&callback);
    let with_query = Callback {
        target: "/raw?x=1".to_owned(),
        ..callback
    };
    assert_eq!(refused(&proxy, &with_query), "form_invalid");
}

#[test]
fn another_spelling_of_a_form_is_the_same_callback() {
    let origin = Origin::start();
    let once = "once = { identity = [\"out_trade_no\", \"/trade_status\"] }";
    let proxy = Setup::new()
        .tables("[once]")
        .tables(&scheme("form", ""))
        .tables(&scheme("xml", ""))
        .route(&route("form", once))
        .route(&route("xml", once))
        .origin(&origin)
        .start();
    let (form, xml) = (signed_form("/form", FIELDS), signed_xml("/xml", FIELDS));
    let text = |callback: &Callback| String::from_utf8(callback.body.clone()).unwrap();
    let spelled = text(&form).replace("=TRADE", "=%54rade".to_uppercase().as_str());
    let spelled_xml = text(&xml).replace("<![CDATA[TRADE_SUCCESS]]>", "TRADE&#x5F;SUCCESS");
    for (genuine, copy) in [(&form, spelled), (&xml, spelled_xml)] {
        assert_ne!(text(genuine), copy);
        assert_eq!(genuine.send(&proxy).status, 200, "{}", proxy.access());
        assert_eq!(with_body(genuine, copy).send(&proxy).status, 200);
    }
    assert_eq!(origin.count(), 2);
}

#[test]
fn a_form_is_read_and_signed_in_the_character_set_of_its_scheme() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .tables(&scheme("form", "charset = \"gbk\""))
        .route(&route("form", "fields = { \"X-Name\" = \"name\" }"))
        .origin(&origin)
        .start();
    let signed = Charset::Gbk.encode("amount=1&name=张镕").unwrap();
    let sign = Signer::get().sign("sha256", &signed);
    let rest = form(&[("sign", &sign)]);
    let callback = |name: &str, label: &str| {
        let label = format!("{FORM}{label}");
        Callback::post("/form", format!("name={name}&amount=1&{rest}"))
            .header("Content-Type", label)
    };
    for label in ["", "; charset=GBK", "; charset=gb2312"] {
        // As PHP and as Java write it.
        for name in ["%D5%C5%E9F", "%d5%c5%e9%46"] {
            let answer = callback(name, label).send(&proxy);
            assert_eq!(answer.status, 200, "{}", proxy.access());
            let got = &origin.last();
            assert_eq!(got.header("x-name"), Some("%E5%BC%A0%E9%95%95"));
        }
    }
    for (name, label, reason) in [
        ("%D5%C5%E9F", "; charset=utf-8", "content_type_ambiguous"),
        ("%D5%C5%E9F", "; charset=gb18030", "content_type_ambiguous"),
        ("%E5%BC%A0%E9%95%95", "", "signature_mismatch"),
        ("%D5%C5%E9", "", "body_not_in_charset"),
        ("%D5%C5%E9G", "", "signature_mismatch"),
        ("张镕", "", "body_not_in_charset"),
    ] {
        assert_eq!(
            refused(&proxy, &callback(name, label)),
            reason,
            "{name}{label}"
        );
    }
}

/// The fields of a body that are signed: those that are not empty.
fn signed_fields(body: &Body<'_>) -> Vec<(String, String)> {
    let fields = body.fields();
    let text = fields.map(|(name, field)| (name.into_owned(), field.written().into_owned()));
    let mut signed: Vec<_> = text.filter(|(_, value)| !value.is_empty()).collect();
    signed.sort();
    signed
}

#[test]
fn every_changed_byte_is_refused_or_changes_no_signed_field() {
    for genuine in [signed_form("/", FIELDS), signed_xml("/", FIELDS)] {
        let label = genuine.value("Content-Type").to_owned();
        let source = if label == FORM { "form" } else { "xml" };
        let fields = SelectionDefinition {
            from: Some(source.to_owned()),
            leave_out: vec!["sign".to_owned()],
            empty: Some("leave-out".to_owned()),
            order: Some("bytes".to_owned()),
            pair: "{name}={value}".to_owned(),
            between: "&".to_owned(),
            ..SelectionDefinition::default()
        };
        let definition = SchemeDefinition {
            algorithm: Choice::Fixed("rsa-sha256".to_owned()),
            signature: vec![format!("{{{source}:sign|unbase64}}")],
            content: vec!["{fields}".to_owned()],
            selections: vec![(None, fields)],
            ..SchemeDefinition::default()
        };
        let scheme = Scheme::compile("s", definition).unwrap();
        scheme.check().unwrap();
        let key = std::fs::read(Signer::get().public_key_file()).unwrap();
        let key = Key::decode("k", &key).unwrap();
        let policy = VerifyPolicy::new(Arc::new(scheme), key);
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_str(&label).unwrap());
        let fields = |body: &[u8]| {
            let request = Request::new("POST", b"/", &headers, body);
            let verified = verify(&policy, request, 0).ok()?;
            Some((
                signed_fields(verified.body()),
                verified.ambiguous().is_some(),
            ))
        };
        let expected = fields(&genuine.body).expect("genuine");
        assert!(!expected.1);
        let mut accepted = 0;
        for at in 0..genuine.body.len() {
            for byte in [
                genuine.body[at] ^ 1,
                genuine.body[at] ^ 0x20,
                b'&',
                b'=',
                b'%',
                b'<',
                b' ',
            ] {
                let mut changed = genuine.body.clone();
                changed[at] = byte;
                if changed == genuine.body {
                    continue;
                }
                if let Some(found) = fields(&changed) {
                    assert_eq!(found.0, expected.0, "{}", changed.escape_ascii());
                    accepted += 1;
                }
            }
            let mut shorter = genuine.body.clone();
            shorter.remove(at);
            if let Some(found) = fields(&shorter) {
                assert_eq!(found.0, expected.0, "{}", shorter.escape_ascii());
                accepted += 1;
            }
        }
        // Hexadecimal digits in the other case, the name of the unsigned field, the root's name.
        assert!(accepted < 200, "{accepted}");
    }
}

#[test]
fn the_fields_that_providers_signed_are_read_as_they_signed_them() {
    let vectors = std::fs::read_to_string("tests/vectors/form_and_xml.jsonl").unwrap();
    for line in vectors.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| vector[name].as_str().unwrap();
        let body = text("body").as_bytes();
        let body = match text("content_type") {
            "text/xml" => Body::Xml(XmlDocument::read(body, &mut Plenty).unwrap()),
            _ => {
                let form = FormDocument::read(body, Charset::Utf8, Repeats::Refuse, &mut Plenty);
                Body::Form(form.unwrap())
            }
        };
        let left_out = vector["left_out"].as_array().unwrap();
        let mut fields = signed_fields(&body);
        fields.retain(|(name, _)| !left_out.contains(&Value::from(name.as_str())));
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let content = fields.join("&");
        assert_eq!(content, text("fields"), "{}", text("id"));
        let Some(key) = vector["key"].as_str() else {
            continue;
        };
        // The signature that stands in the form fits this text.
        let definition = SchemeDefinition {
            algorithm: Choice::Fixed("rsa-sha256".to_owned()),
            signature: vec!["{header:X-Sign|unbase64}".to_owned()],
            content: vec!["{body}".to_owned()],
            ..SchemeDefinition::default()
        };
        let scheme = Scheme::compile("s", definition).unwrap();
        let key = Key::decode("k", &STANDARD.decode(key).unwrap()).unwrap();
        let mut headers = HeaderMap::new();
        let sign = body.field("sign").unwrap().text().unwrap();
        headers.insert("x-sign", HeaderValue::from_str(&sign).unwrap());
        let policy = VerifyPolicy::new(scheme, key);
        let request = Request::new("POST", b"/", &headers, content.as_bytes());
        assert!(verify(&policy, request, 0).is_ok(), "{}", text("id"));
    }
}
