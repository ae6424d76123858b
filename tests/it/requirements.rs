//! What a route requires of a body beyond a valid signature.

use countersign::verify::{Ambiguous, verify};
use serde_json::Value;

use crate::cases;
use crate::support::admin::Admin;
use crate::support::signer::Signer;
use crate::support::{Callback, Origin, Proxy, Setup};

/// The fields that the provider signed.
const FIELDS: &[(&str, &str)] = &[("amount", "800"), ("no", "\"C1\""), ("status", "\"paid\"")];

const REQUIRE: &str = "name = 'r'\npath = '/cb'\n\
    require = { amount = ['boolean', 'integer'], no = 'string', status = ['string'] }";

fn start(origin: &Origin, route: &str) -> Proxy {
    Setup::new().cheezeepay(route).origin(origin).start()
}

/// The genuine callback with another body under the same signature.
fn reshaped(genuine: &Callback, members: &str) -> Callback {
    let body: Value = serde_json::from_slice(&genuine.body).unwrap();
    let sign = body["sign"].as_str().unwrap();
    Callback::post("/cb", format!("{{{members},\"sign\":\"{sign}\"}}"))
        .header("Content-Type", "application/json")
}

/// The reason for the rejection and its place in the log; `None` if the callback passes.
fn refusal(proxy: &Proxy, callback: &Callback) -> Option<(String, Option<String>)> {
    let answer = callback.send(proxy);
    let line = proxy.access();
    if answer.status == 200 {
        return None;
    }
    assert_eq!(answer.status, 400);
    let reason = line["reason"].as_str().unwrap().to_owned();
    assert_eq!(answer.json()["reason"], reason);
    Some((reason, line["at"].as_str().map(str::to_owned)))
}

#[test]
fn required_fields_must_be_present_with_their_types() {
    let origin = Origin::start();
    let lenient = start(&origin, "name = 'r'\npath = '/cb'");
    let strict = start(&origin, REQUIRE);
    let genuine = Signer::get().cheezeepay("/cb", FIELDS);
    assert_eq!(refusal(&strict, &genuine), None);
    assert_eq!(origin.count(), 1);
    for (members, reason, at) in [
        // `status` is merged into the field before it.
        (
            r#""amount":800,"no":"C1&status=paid""#,
            "field_missing",
            "status",
        ),
        (
            r#""amount":"800&no=C1&status=paid""#,
            "field_type_wrong",
            "amount",
        ),
        // Merged, and replaced by an unsigned field.
        (
            r#""amount":800,"no":"C1&status=paid","status":"""#,
            "field_missing",
            "status",
        ),
        (
            r#""amount":800,"no":"C1&status=paid","status":null"#,
            "field_missing",
            "status",
        ),
        // Another type with the same signed text.
        (
            r#""amount":"800","no":"C1","status":"paid""#,
            "field_type_wrong",
            "amount",
        ),
    ] {
        let forged = reshaped(&genuine, members);
        assert_eq!(refusal(&lenient, &forged), None, "{members}");
        let expected = Some((reason.to_owned(), Some(format!("field:{at}"))));
        assert_eq!(refusal(&strict, &forged), expected, "{members}");
    }
    // Only the genuine callback passed the strict proxy.
    assert_eq!(origin.count(), 6);
    // Fields that are not required may be present.
    assert_eq!(
        refusal(
            &strict,
            &reshaped(&genuine, r#""amount":800,"no":"C1","status":"paid","x":"""#)
        ),
        None
    );
}

#[test]
fn each_required_type_accepts_its_own_values_only() {
    let origin = Origin::start();
    let values = [
        (r#""s""#, "string"),
        ("1", "integer number"),
        ("-0", "integer number"),
        ("1.5", "number"),
        ("1e2", "number"),
        ("true", "boolean"),
        ("[0]", "array"),
        (r#"{"k":""}"#, "object"),
        ("null", "null"),
        // Nested values are signed even if they are empty.
        (r#""""#, "string"),
        ("[]", "array"),
        ("{}", "object"),
    ];
    let types = [
        "string", "number", "integer", "boolean", "array", "object", "null",
    ];
    let routes = types.iter().fold(Setup::new(), |setup, kind| {
        setup.sgate(&format!(
            "name = '{kind}'\npath = '/{kind}'\nrequire = {{ '/d/0' = '{kind}' }}"
        ))
    });
    let proxy = routes.origin(&origin).start();
    for kind in types {
        for (value, fits) in values {
            let fits = fits.split(' ').any(|word| word == kind);
            let callback =
                Signer::get().sgate(&format!("/{kind}"), format!(r#"{{"d":[{value}]}}"#));
            let expected =
                (!fits).then(|| ("field_type_wrong".to_owned(), Some("field:/d/0".to_owned())));
            assert_eq!(refusal(&proxy, &callback), expected, "{kind} {value}");
        }
    }
    for body in [r#"{"d":[]}"#, r#"{"d":1}"#, "[1]", "1", "no JSON"] {
        let callback = Signer::get().sgate("/string", body);
        let expected = ("field_missing".to_owned(), Some("field:/d/0".to_owned()));
        assert_eq!(refusal(&proxy, &callback), Some(expected), "{body}");
    }
}

#[test]
fn unsigned_fields_are_refused() {
    let origin = Origin::start();
    let lenient = start(&origin, "name = 'r'\npath = '/cb'");
    let strict = start(
        &origin,
        "name = 'r'\npath = '/cb'\nunsigned_fields = 'refuse'",
    );
    let genuine = Signer::get().cheezeepay("/cb", FIELDS);
    assert_eq!(refusal(&strict, &genuine), None);
    assert_eq!(origin.count(), 1);
    for empty in ["null", "\"\"", "[]", "{}", "[ ]"] {
        let members = format!(r#""x y":{empty},"amount":800,"no":"C1","status":"paid""#);
        let forged = reshaped(&genuine, &members);
        assert_eq!(refusal(&lenient, &forged), None, "{members}");
        let expected = ("field_unsigned".to_owned(), Some("field:x y".to_owned()));
        assert_eq!(refusal(&strict, &forged), Some(expected), "{members}");
    }
    assert_eq!(origin.count(), 6);
    // Nested values and other types are signed even if they look empty.
    let nested = [("a", "0"), ("b", "false"), ("c", "\" \"")];
    assert_eq!(
        refusal(&strict, &Signer::get().cheezeepay("/cb", &nested)),
        None
    );
}

#[test]
fn a_forged_callback_is_refused_for_its_signature_first() {
    let origin = Origin::start();
    let proxy = start(&origin, &format!("{REQUIRE}\nunsigned_fields = 'refuse'"));
    let genuine = Signer::get().cheezeepay("/cb", FIELDS);
    let forged = reshaped(&genuine, r#""amount":801,"x":"""#);
    let expected = ("signature_mismatch".to_owned(), None);
    assert_eq!(refusal(&proxy, &forged), Some(expected));
    assert_eq!(origin.count(), 0);
}

#[test]
fn ambiguous_callbacks_are_marked_or_refused() {
    let (origin, admin) = (Origin::start(), Admin::new());
    let proxy = Setup::new()
        .cheezeepay("name = 'flag'\npath = '/cb'")
        .cheezeepay("name = 'refuse'\npath = '/refuse'\nambiguous = 'refuse'")
        .admin(&admin)
        .origin(&origin)
        .start();
    let genuine = Signer::get().cheezeepay("/cb", FIELDS);
    // The client's own header is removed in every spelling.
    let marked = genuine
        .clone()
        .header("X-Verified-Ambiguous", "true")
        .header("x_verified.ambiguous", "true");
    assert_eq!(marked.send(&proxy).status, 200);
    assert_eq!(proxy.access()["ambiguous"], Value::Null);
    let received = origin.request();
    assert!(
        !format!("{:?}", received.headers)
            .to_lowercase()
            .contains("ambiguous")
    );

    let merged = r#""amount":800,"no":"C1&status=paid""#;
    let count = "countersign_ambiguous_callbacks_total{route=\"flag\"}";
    assert_eq!(admin.metrics().value(count), Some(0.0));
    let forged = reshaped(&genuine, merged).header("X-Verified-Ambiguous", "false");
    assert_eq!(forged.send(&proxy).status, 200);
    assert_eq!(proxy.access()["ambiguous"], "field:no");
    let received = origin.last();
    let headers = received.headers.iter();
    let found: Vec<_> = headers
        .filter(|(name, _)| name.to_lowercase().contains("ambiguous"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(found, [("X-Verified-Ambiguous", "true")]);
    assert_eq!(admin.metrics().value(count), Some(1.0));

    let refused = |callback: &Callback| {
        let mut callback = callback.clone();
        callback.target = "/refuse".to_owned();
        refusal(&proxy, &callback)
    };
    assert_eq!(refused(&genuine), None);
    let expected = ("content_ambiguous".to_owned(), Some("field:no".to_owned()));
    assert_eq!(refused(&forged), Some(expected));
    // The log names the field, but not a value that has become part of a name.
    let renamed = reshaped(&genuine, r#""amount=800&no":"C1","status":"paid""#);
    let expected = (
        "content_ambiguous".to_owned(),
        Some("field:amount".to_owned()),
    );
    assert_eq!(refused(&renamed), Some(expected));
    assert_eq!(origin.count(), 3);
    let metrics = admin.metrics();
    let refuse = "countersign_ambiguous_callbacks_total{route=\"refuse\"}";
    assert_eq!(metrics.value(refuse), Some(0.0));
}

#[test]
fn the_providers_callbacks_are_not_marked_as_ambiguous() {
    let mut marked = Vec::new();
    for case in cases::all() {
        let policy = cases::policy(case.scheme);
        let verified = verify(&policy, case.callback(), cases::NOW).unwrap();
        marked.extend(verified.ambiguous().cloned());
    }
    // Except those with `a=b&c=d` in a field that sorts before `c`. Three others are not marked.
    let field = |name: &str| Ambiguous::Field(name.to_owned());
    assert_eq!(marked, ["a", "accountNumber", "aa"].map(field));
}
