//! What providers write in their own ways, of which a scheme can say so. The inputs are also those of
//! tests/cases/11-signature-base64, 13-content-labels and 16-json-fields-escapes.

use crate::support::signer::Signer;
use crate::support::{Callback, Origin, Proxy, Setup};

/// A proxy with this scheme, which is the signer's.
fn start(origin: &Origin, scheme: &str) -> Proxy {
    Setup::new()
        .tables(&format!(
            "[[scheme]]\nname = \"own\"\nalgorithm = \"rsa-sha256\"\n{scheme}"
        ))
        .route(
            "name = \"own\"\npath = \"/cb\"\nscheme = \"own\"\nkeys = [\"signer\"]\n\
             expose_reason = true",
        )
        .origin(origin)
        .start()
}

/// The status, and the reason of a refusal.
fn verdict(proxy: &Proxy, callback: &Callback) -> (u16, Option<String>) {
    let answer = callback.send(proxy);
    let reason = (answer.status != 200).then(|| answer.json());
    let reason = reason.and_then(|body| body["reason"].as_str().map(str::to_owned));
    (answer.status, reason)
}

fn refused(reason: &str) -> (u16, Option<String>) {
    (400, Some(reason.to_owned()))
}

#[test]
fn a_signature_is_taken_in_each_form_that_libraries_write() {
    let origin = Origin::start();
    let proxy = start(
        &origin,
        r#"
signature = ["{field:sign|unbase64:lenient}", "{field:sign|unbase64url}"]
content = "{fields}"
fields = { from = "json", leave_out = ["sign"], order = "bytes", pair = "{name}={value}", between = "&" }
"#,
    );
    // With a character in which the alphabets differ: what RSA signs differs with the order.
    let mut orders = (1..).map(|number| {
        let order = format!("A-{number}");
        let content = format!("order={order}&status=paid");
        (order, Signer::get().sign("sha256", content.as_bytes()))
    });
    let (order, strict) = orders.find(|(_, sign)| sign.contains(['+', '/'])).unwrap();
    let sent = |sign: &str| {
        let body = format!(r#"{{"order":"{order}","status":"paid","sign":"{sign}"}}"#);
        let callback = Callback::post("/cb", body);
        verdict(&proxy, &callback.header("Content-Type", "application/json"))
    };
    let lines: Vec<&str> = { strict.as_bytes().chunks(76) }
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let forms = [
        strict.clone(),
        lines.join(r"\r\n"),
        strict.trim_end_matches('=').to_owned(),
        strict.replace('+', "-").replace('/', "_"),
    ];
    for form in &forms {
        assert_eq!(sent(form), (200, None), "{form}");
    }
    origin.requests(forms.len());
    // Both alphabets at once, white space within a line, and another signature.
    let mixed = format!("-{}+", &strict[2..]);
    for bad in [mixed, format!(" {strict}"), "?".to_owned()] {
        assert_eq!(sent(&bad), refused("signature_malformed"), "{bad}");
    }
    let first = if strict.starts_with('A') { "B" } else { "A" };
    let other = format!("{first}{}", &strict[1..]);
    assert_eq!(sent(&other), refused("signature_mismatch"));
    assert_eq!(origin.count(), forms.len());
}

/// Whether a callback with this body and these headers passes, under the label of GBK or not.
const RAW: &str = r#"
signature = "{header:T-Sign|unbase64}"
content = "{body}"
"#;

fn raw(body: &[u8], content_type: &str) -> Callback {
    Callback::post("/cb", body)
        .header("Content-Type", content_type)
        .header("T-Sign", Signer::get().sign("sha256", body))
}

#[test]
fn the_label_of_a_raw_body_names_the_character_set_of_its_provider() {
    let gbk = b"<xml><memo>\xd6\xa7\xb8\xb6</memo></xml>";
    let utf8 = "<xml><memo>支付</memo></xml>".as_bytes();
    let ambiguous = || refused("content_type_ambiguous");
    let origin = Origin::start();
    let proxy = start(&origin, &format!("{RAW}charset = \"gbk\""));
    for label in ["GBK", "gb2312", "\"gbk\""] {
        let callback = raw(gbk, &format!("text/xml; charset={label}"));
        assert_eq!(verdict(&proxy, &callback), (200, None), "{label}");
        assert_eq!(origin.last().body, gbk);
    }
    assert_eq!(verdict(&proxy, &raw(gbk, "text/xml")), (200, None));
    // Under another label, a backend would read other characters in the same bytes.
    for label in ["utf-8", "gb18030", "iso-8859-1", "gbk; charset=utf-8"] {
        let callback = raw(utf8, &format!("text/xml; charset={label}"));
        assert_eq!(verdict(&proxy, &callback), ambiguous(), "{label}");
    }
    let proxy = start(&origin, RAW);
    assert_eq!(
        verdict(&proxy, &raw(gbk, "text/xml; charset=GBK")),
        ambiguous()
    );
}

#[test]
fn a_content_encoding_that_is_no_coding_does_not_reach_the_backend() {
    let origin = Origin::start();
    let proxy = start(&origin, RAW);
    for (name, value) in [
        ("Content-Encoding", "UTF-8"),
        ("content_encoding", "gbk"),
        ("Content-Encoding", "8bit"),
    ] {
        let callback = raw(b"{}", "application/json").header(name, value);
        assert_eq!(verdict(&proxy, &callback), (200, None), "{value}");
        assert_eq!(origin.last().header(name), None, "{value}");
    }
    let callback = raw(b"{}", "application/json").header("Content-Encoding", "identity");
    assert_eq!(verdict(&proxy, &callback), (200, None));
    assert_eq!(origin.last().header("Content-Encoding"), Some("identity"));
    for value in ["gzip", "br", "utf-8, gzip", "x"] {
        let callback = raw(b"{}", "application/json").header("Content-Encoding", value);
        let verdict = verdict(&proxy, &callback);
        assert_eq!(verdict, refused("content_encoded"), "{value}");
    }
    assert_eq!(origin.count(), 4);
}

#[test]
fn a_field_can_be_signed_with_the_escapes_of_the_body() {
    let origin = Origin::start();
    let proxy = start(
        &origin,
        r#"
signature = "{field:sign|unbase64}"
content = "{fields}"
[scheme.fields]
from = "json"
leave_out = ["sign"]
order = "bytes"
pair = "{name}={value}"
pair_of = { data = "{name}={value|raw}" }
between = "&"
nested = "pair"
"#,
    );
    let data = r#"{"url":"https:\/\/shop.example\/a","name":"\u5ba2"}"#;
    let sign = Signer::get().sign("sha256", format!("data={data}&order=A-1").as_bytes());
    let sent = |data: &str| {
        let body = format!(r#"{{"order":"A-1","data":{data},"sign":"{sign}"}}"#);
        let callback = Callback::post("/cb", body);
        verdict(&proxy, &callback.header("Content-Type", "application/json"))
    };
    assert_eq!(sent(data), (200, None));
    assert_eq!(
        sent(&data.replace("\\/", "/")),
        refused("signature_mismatch")
    );
}

#[test]
fn a_parameter_that_some_backend_reads_as_a_signed_one_is_refused_also_alone() {
    let origin = Origin::start();
    let proxy = start(
        &origin,
        r#"
signature = "{query:sign|unbase64}"
content = "{query:order|hex}[ {query:first_name|hex}]\n{body}"
not_covered = ["target"]
"#,
    );
    let sign = Signer::get().sign("sha256", b"37\n");
    let sign: String = form_urlencoded::byte_serialize(sign.as_bytes()).collect();
    let sent = |more: &str| {
        let callback = Callback::post(&format!("/cb?order=7&sign={sign}{more}"), "");
        verdict(&proxy, &callback)
    };
    for genuine in ["", "&shop=1", "&orders=1", "&first=1"] {
        assert_eq!(sent(genuine), (200, None), "{genuine}");
    }
    // Without regard to case, and as PHP reads names, these are the ones that are signed.
    for more in [
        "&Order=8",
        "&ORDER[]=8",
        "&First_Name=x",
        "&first.name=x",
        "&first+name=x",
        "&first_name[a]=x",
        "&%20first_name=x",
    ] {
        assert_eq!(sent(more), refused("query_repeated"), "{more}");
    }
    origin.requests(4);
}

#[test]
fn an_element_beside_a_signed_one_of_its_list_passes_unless_only_letter_case_differs() {
    let origin = Origin::start();
    let proxy = start(
        &origin,
        r#"
signature = "{query:cb[sign]|unbase64}"
content = "{query:cb[id]|hex}\n{body}"
not_covered = ["target"]
"#,
    );
    let sign = Signer::get().sign("sha256", b"37\n");
    let sign: String = form_urlencoded::byte_serialize(sign.as_bytes()).collect();
    let sent = |more: &str| {
        let callback = Callback::post(&format!("/cb?cb[id]=7&cb[sign]={sign}{more}"), "");
        verdict(&proxy, &callback)
    };
    for genuine in ["", "&cb[note]=x"] {
        assert_eq!(sent(genuine), (200, None), "{genuine}");
    }
    for more in ["&cb[ID]=8", "&CB[id]=8", "&cb=8"] {
        assert_eq!(sent(more), refused("query_repeated"), "{more}");
    }
    origin.requests(2);
}
