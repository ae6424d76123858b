//! Schemes that sign a part of an object.

use crate::support::http1::Response;
use crate::support::signer::Signer;
use crate::support::{Callback, Origin, Proxy, Setup};

/// Two fields, one of them inside an object.
const SCHEME: &str = r#"
[[scheme]]
name = "order"
algorithm = "rsa-sha256"
signature = "{header:X-Sign|unbase64}"
content = "{field:/data/id|json:js};{field:t}"
matters = { amount = "{field:/data/amount}" }
not_covered = ["query", "fields", "amount"]
"#;

fn start(origin: &Origin) -> Proxy {
    let route = |name: &str, lines: &str| {
        format!(
            "name = '{name}'\npath = '/{name}'\nscheme = 'order'\nkeys = ['signer']\n\
             expose_reason = true\n{lines}"
        )
    };
    Setup::new()
        .tables(SCHEME)
        .route(&route("plain", ""))
        .route(&route("strict", "unsigned_fields = 'refuse'"))
        .route(&route(
            "required",
            "require = { '/data/amount' = 'number' }",
        ))
        .origin(origin)
        .start()
}

fn send(proxy: &Proxy, path: &str, body: &str) -> Response {
    let sign = Signer::get().sign("sha256", b"\"7\";100");
    Callback::post(path, body)
        .header("Content-Type", "application/json")
        .header("X-Sign", sign)
        .send(proxy)
}

fn refusal(proxy: &Proxy, path: &str, body: &str) -> Option<(String, String)> {
    let answer = send(proxy, path, body);
    let line = proxy.access();
    (answer.status != 200).then(|| {
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        (text("reason"), text("at"))
    })
}

#[test]
fn an_unsigned_member_beside_a_signed_one_is_refused_where_the_route_says_so() {
    let origin = Origin::start();
    let proxy = start(&origin);
    let genuine = r#"{"data":{"id":"7"},"t":100}"#;
    assert_eq!(refusal(&proxy, "/strict", genuine), None);
    for (body, at) in [
        (
            r#"{"data":{"id":"7","amount":9},"t":100}"#,
            "field:/data/amount",
        ),
        (
            r#"{"data":{"id":"7","a/b":null},"t":100}"#,
            "field:/data/a~1b",
        ),
        (r#"{"data":{"id":"7"},"t":100,"note":{}}"#, "field:note"),
    ] {
        assert_eq!(refusal(&proxy, "/plain", body), None, "{body}");
        let expected = Some(("field_unsigned".to_owned(), at.to_owned()));
        assert_eq!(refusal(&proxy, "/strict", body), expected, "{body}");
    }
    assert_eq!(origin.count(), 4);
}

#[test]
fn a_required_field_that_is_stated_not_to_be_signed_must_have_its_type() {
    let origin = Origin::start();
    let proxy = start(&origin);
    for (body, reason) in [
        (r#"{"data":{"id":"7","amount":9},"t":100}"#, None),
        (
            r#"{"data":{"id":"7","amount":"9"},"t":100}"#,
            Some("field_type_wrong"),
        ),
        (r#"{"data":{"id":"7"},"t":100}"#, Some("field_missing")),
    ] {
        let at = "field:/data/amount".to_owned();
        let expected = reason.map(|reason| (reason.to_owned(), at));
        assert_eq!(refusal(&proxy, "/required", body), expected, "{body}");
    }
    assert_eq!(origin.count(), 1);
}

/// Go and .NET take the later of two names that differ in case only.
#[test]
fn a_twin_of_a_signed_member_is_refused_in_every_object() {
    let origin = Origin::start();
    let proxy = start(&origin);
    for (body, at) in [
        (r#"{"data":{"id":"7","ID":"8"},"t":100}"#, "field:ID"),
        (
            r#"{"data":{"id":"7"},"Data":{"id":"8"},"t":100}"#,
            "field:Data",
        ),
    ] {
        let expected = Some(("field_repeated".to_owned(), at.to_owned()));
        assert_eq!(refusal(&proxy, "/plain", body), expected, "{body}");
    }
    assert_eq!(origin.count(), 0);
}

/// `only` leaves out every other name, and readers take some of them for a signed one.
#[test]
fn a_name_that_is_read_as_a_signed_one_is_refused_also_alone() {
    let scheme = |name: &str, from: &str, names: &str| {
        format!(
            r#"
[[scheme]]
name = "{name}"
algorithm = "rsa-sha256"
signature = "{{header:X-Sign|unbase64}}"
content = "{{fields}}"
not_covered = ["query", "fields"]
fields = {{ from = "{from}", only = [{names}], order = "bytes", pair = "{{name}}={{value}}", between = "&", empty = "leave-out", null = "leave-out", nested = "refuse" }}
"#
        )
        .replace(", null = \"leave-out\", nested = \"refuse\"", match from {
            "json" => ", null = \"leave-out\", nested = \"refuse\"",
            _ => "",
        })
    };
    let names = r#""amount", "order", "refund", "pay.*""#;
    let schemes = ["form", "json", "xml"].map(|from| scheme(from, from, names));
    let origin = Origin::start();
    let mut setup = Setup::new().tables(&schemes.concat());
    for name in ["form", "json", "xml"] {
        setup = setup.route(&format!(
            "name = '{name}'\npath = '/{name}'\nscheme = '{name}'\nkeys = ['signer']\nexpose_reason = true"
        ));
    }
    let proxy = setup.origin(&origin).start();
    let send = |kind: &str, body: &str| {
        let label = match kind {
            "form" => "application/x-www-form-urlencoded",
            "json" => "application/json",
            _ => "application/xml",
        };
        let sign = Signer::get().sign("sha256", b"amount=5&order=7");
        let answer = Callback::post(&format!("/{kind}"), body)
            .header("Content-Type", label)
            .header("X-Sign", sign)
            .send(&proxy);
        let line = proxy.access();
        match answer.status {
            200 => "forwarded".to_owned(),
            _ => line["reason"].as_str().unwrap().to_owned(),
        }
    };
    let form = |more: &str| send("form", &format!("amount=5&order=7{more}"));
    for more in ["", "&note=1", "&refund=", "&refunds=1"] {
        assert_eq!(form(more), "forwarded", "{more}");
    }
    for more in [
        "&+refund=1",
        "&%20refund=1",
        "&refund[]=1",
        "&refund[x]=1",
        "&Refund=1",
        "&pay_refund=9",
        "&+pay.refund=9",
        "&PAY.x=1",
    ] {
        assert_eq!(form(more), "field_repeated", "{more}");
    }
    let json = |more: &str| send("json", &format!(r#"{{"amount":5,"order":7{more}}}"#));
    assert_eq!(json(r#","note":1,"refund":"","pay_x":1"#), "forwarded");
    for more in [r#","Refund":1"#, r#","refund\u0000x":1"#, r#","Pay.x":1"#] {
        assert_eq!(json(more), "field_repeated", "{more}");
    }
    let xml = |more: &str| {
        send(
            "xml",
            &format!("<x><amount>5</amount><order>7</order>{more}</x>"),
        )
    };
    assert_eq!(xml("<note>1</note>"), "forwarded");
    assert_eq!(xml("<Refund>9</Refund>"), "field_repeated");
}
