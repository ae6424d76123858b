//! What the reader accepts, refuses and gives.

use super::*;
use crate::memory::Plenty;

fn read(xml: &str) -> Result<XmlDocument<'_>, Rejection> {
    XmlDocument::read(xml.as_bytes(), &mut Plenty).map_err(VerifyError::of_plenty)
}

fn reason(xml: &str) -> Option<Reason> {
    read(xml).err().map(|refused| refused.reason)
}

#[test]
fn elements_have_their_texts_and_places() {
    let source = "<?xml version='1.0' encoding=\"utf-8\" standalone='yes' ?>\r\n<xml >\n \
        <a><![CDATA[x & <y> ]] > &amp;]]></a>\r\n<b.c-d>&lt;&#x5f20;&#24352;&apos;&quot;&gt;&amp;#1;</b.c-d >\
        <e/><f></f><g /><h><![CDATA[]]></h><_1>\n t\t</_1><名>é</名></xml>\n";
    let document = read(source).unwrap();
    assert_eq!(document.root_name(), "xml");
    let found: Vec<_> = document
        .elements()
        .map(|element| (element.name, element.value.text()))
        .collect();
    let expected = [
        ("a", "x & <y> ]] > &amp;"),
        ("b.c-d", "<张张'\">&#1;"),
        ("e", ""),
        ("f", ""),
        ("g", ""),
        ("h", ""),
        ("_1", "\n t\t"),
        ("名", "é"),
    ];
    assert_eq!(found, expected.map(|(name, text)| (name, text.into())));
    for element in document.elements() {
        let value = element.value;
        assert_eq!(source.get(value.place()), Some(value.raw()));
        assert_eq!(value.is_empty(), value.text().is_empty());
    }
    assert_eq!(document.get("_1").unwrap().raw(), "\n t\t");
    assert!(document.get("xml").is_none());
    for empty in ["<a/>", " <a></a>", "<?xml version=\"1.0\"?><a \n/>"] {
        assert_eq!(read(empty).unwrap().elements().count(), 0, "{empty}");
    }
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for xml in [
        "a",
        "<",
        "<>",
        "<a",
        "<a>",
        "<a></b>",
        "<a></a",
        "<a></a>x",
        "<a/><b/>",
        "<a></a><a></a>",
        "<a><b>1</c></a>",
        "<a><b>1</a></b>",
        "<a><b>1",
        "<a><b><![CDATA[1",
        "<a><b><![CDATA[1]]></b>",
        "<a><b>]]></b></a>",
        "<a><b>&</b></a>",
        "<a><b>& b;</b></a>",
        "<a><b>&#;</b></a>",
        "<a><b>&#x;</b></a>",
        "<a><b>&#+5;</b></a>",
        "<a><b>&#0;</b></a>",
        "<a><b>&#xD800;</b></a>",
        "<a><b>&#x110000;</b></a>",
        "<a><b>&#99999999999999999999;</b></a>",
        "<a><b>&#65</b></a>",
        "<a><b>\0</b></a>",
        "<a><b>\u{1}</b></a>",
        "<a><b>\u{ffff}</b></a>",
        "<a><b>\r\n</b></a>",
        "<a><b><![CDATA[\r]]></b></a>",
        "<a><1>x</1></a>",
        "<a>< b>x</b></a>",
        "<a><b>x</ b></a>",
        "<a><b>x</b x></a>",
        "<a><b / ></a>",
        "<a><b\"></b></a>",
        "\u{feff}<a/>",
        "<?xml ?><a/>",
        "<?xml version=1.0?><a/>",
        "<?xml version=\"1.0\"><a/>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" version=\"1.0\"?><a/>",
        "<?xml encoding=\"UTF-8\" version=\"1.0\"?><a/>",
    ] {
        assert_eq!(reason(xml), Some(Reason::XmlInvalid), "{xml:?}");
    }
    assert_eq!(reason(""), Some(Reason::BodyEmpty));
    let latin1 = XmlDocument::read(b"<a>\xe9</a>", &mut Plenty).unwrap_err();
    let expected = (Reason::BodyNotUtf8, Some(At::BodyByte(3)));
    let latin1 = latin1.of_plenty();
    assert_eq!((latin1.reason, latin1.at), expected);
}

#[test]
fn what_is_not_flat_is_refused() {
    for xml in [
        "<a><b><c/></b></a>",
        "<a><b>1<c>2</c></b></a>",
        "<a>1</a>",
        "<a>1<b/></a>",
        "<a><b/>1</a>",
        "<a x=\"1\"><b/></a>",
        "<a><b x='1'>2</b></a>",
        "<a xmlns=\"x\"/>",
        "<x:a/>",
        "<a><x:b>1</x:b></a>",
        "<a><b>1<![CDATA[2]]></b></a>",
        "<a><b> <![CDATA[2]]></b></a>",
        "<a><b><![CDATA[2]]> </b></a>",
        "<a><b><![CDATA[1]]><![CDATA[2]]></b></a>",
        "<a>&amp;</a>",
    ] {
        assert_eq!(reason(xml), Some(Reason::XmlNotFlat), "{xml:?}");
    }
}

#[test]
fn what_reads_other_files_or_multiplies_is_refused() {
    let laughs = "<!DOCTYPE a [<!ENTITY l \"ha\"><!ENTITY m \"&l;&l;&l;&l;&l;&l;&l;&l;\">]>\
        <a><b>&m;</b></a>";
    for xml in [
        laughs,
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<a/><!DOCTYPE a>",
        "<a><!ENTITY b \"c\"></a>",
        "<a><b>&laughs;</b></a>",
        "<a><b>&AMP;</b></a>",
        "<!--x--><a/>",
        "<a><!--x--></a>",
        "<a><b>1<!--x--></b></a>",
        "<a><b><!--x-->1</b></a>",
        "<a/><!--x-->",
        "<?php echo 1 ?><a/>",
        "<?xml-stylesheet href='x'?><a/>",
        "<a><?x y?></a>",
        "<a><b><?x y?></b></a>",
        "<a/><?x y?>",
        " <?xml version=\"1.0\"?><a/>",
        "<a><![CDATA[x]]></a>",
        "<?xml version=\"1.0\" encoding=\"GBK\"?><a/>",
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>",
        "<?xml version=\"1.0\" encoding=\"\"?><a/>",
        "<?xml version=\"1.0\" standalone=\"maybe\"?><a/>",
    ] {
        assert_eq!(reason(xml), Some(Reason::XmlForbidden), "{xml:?}");
    }
    assert_eq!(
        reason("<?xml version=\"1.1\"?><a/>"),
        Some(Reason::XmlInvalid)
    );
}

#[test]
fn elements_of_one_name_are_refused() {
    let refused = read("<r><a/><b>1</b><a>2</a><b/></r>").unwrap_err();
    let expected = (Reason::FieldRepeated, Some(At::BodyByte(16)));
    assert_eq!((refused.reason, refused.at), expected);
    assert_eq!(reason("<a><a/><A/></a>"), None);
    // Names that begin alike, or with which others begin.
    let alike = "<r><merchant_b/><merchant/><merchant_a/><merchan/><merchant_/></r>";
    assert_eq!(reason(alike), None);
    let twin = alike.replace("</r>", "<merchant_a>7</merchant_a></r>");
    let refused = read(&twin).unwrap_err();
    let at = twin.rfind("<merchant_a").unwrap() + 1;
    let expected = (Reason::FieldRepeated, Some(At::BodyByte(at)));
    assert_eq!((refused.reason, refused.at), expected);
}

#[test]
fn a_document_has_at_most_ten_thousand_elements() {
    let document = |count: usize, more: &str| {
        let elements: String = (0..count).map(|nth| format!("<n{nth}/>")).collect();
        format!("<r>{elements}{more}</r>")
    };
    assert_eq!(reason(&document(MAX_ELEMENTS, "")), None);
    let many = document(MAX_ELEMENTS, "<x/>");
    assert_eq!(reason(&many), Some(Reason::TooManyFields));
    let twin = document(MAX_ELEMENTS - 1, "<n77/>");
    assert_eq!(reason(&twin), Some(Reason::FieldRepeated));
    // Depth takes neither memory nor a stack.
    assert_eq!(reason(&"<a>".repeat(1_000_000)), Some(Reason::XmlNotFlat));
}
