//! A request that can be read in two ways: the reason is the cause, and no suspect that drops one of them.

use countersign::explain::TextStyle;

use super::scene::Scene;

#[test]
fn a_header_that_is_repeated_is_the_cause_itself() {
    type Repeated = (&'static str, fn(&mut Scene), &'static str);
    let cases: [Repeated; 5] = [
        (
            "shopify",
            |scene| again(scene, "X-Shopify-Hmac-Sha256", str::to_owned),
            "signature_repeated",
        ),
        (
            "shopify",
            |scene| again(scene, "X-Shopify-Hmac-Sha256", |_| "AAAA".to_owned()),
            "signature_repeated",
        ),
        (
            "github-documented",
            |scene| again(scene, "X-Hub-Signature-256", str::to_ascii_uppercase),
            "signature_repeated",
        ),
        (
            "alipay-notify-trade",
            |scene| {
                scene.header("Content-Type", |_| "application/json".to_owned());
                again(scene, "Content-Type", |_| {
                    "application/x-www-form-urlencoded".to_owned()
                });
            },
            "content_type_ambiguous",
        ),
        (
            "alipay-notify-trade",
            |scene| {
                scene.header("Content-Type", |_| {
                    "application/x-www-form-urlencoded; charset=utf-16".to_owned()
                });
            },
            "content_type_ambiguous",
        ),
    ];
    for (id, break_it, code) in cases {
        let mut scene = Scene::of(id);
        break_it(&mut scene);
        let explanation = scene.explain();
        let text = explanation.as_text(TextStyle::default());
        assert_eq!(explanation.outcome().code(), Some(code), "{text}");
        assert_eq!(explanation.diagnosis(), code, "{text}");
    }
}

/// Adds a header once more, with another value or the same.
fn again(scene: &mut Scene, name: &str, change: impl Fn(&str) -> String) {
    let mut headers = scene.sent.headers.iter();
    let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
    let (_, value) = found.unwrap_or_else(|| panic!("no header {name}"));
    let value = change(value);
    scene.sent.headers.push((name.to_owned(), value));
}
