//! Secrets of which filters leave a piece, and texts with one.

use super::*;

#[test]
fn a_secret_of_which_filters_leave_nothing_signs_nothing() {
    let rules = SchemeRules::compile(&digest("{secret|before:-}{body}", |_| {})).unwrap();
    let secret = |text: &str| Secret::new(text.as_bytes().to_vec().into()).unwrap();
    let route = RouteValues::default();
    for (text, digest, expected) in [
        // MD5 of `abc` alone, and with a secret in front of it.
        (
            "-0123456789abcdef",
            "900150983cd24fb0d6963f7d28e17f72",
            Some(Reason::ValueMissing),
        ),
        (
            "ab-0123456789abcd",
            "187ef4436122d1cc2f40dc2b92f0eba0",
            None,
        ),
    ] {
        let keys = [Arc::new(Key::of_secret("k", secret(text)))];
        let mut headers = HeaderMap::new();
        headers.insert("x-signature", HeaderValue::from_static(digest));
        let body: &[u8] = if expected.is_some() { b"abc" } else { b"" };
        let callback = Callback::new("POST", b"/", &headers, body);
        let verdict = verify(&rules, &route, &keys, callback, &mut Plenty, &mut ());
        let reason = verdict.err().map(|error| error.of_plenty().reason);
        assert_eq!(reason, expected, "{text}");
    }
}

#[test]
fn a_text_that_filters_cut_holds_no_secret() {
    let is_sound = |content: &str, step: &str| {
        let with_step = |definition: &mut SchemeDefinition| {
            let step = LetDefinition::Candidates(vec![step.to_owned()]);
            definition.lets = vec![("s".to_owned(), step)];
        };
        SchemeRules::compile(&digest(content, with_step)).is_ok()
    };
    assert!(is_sound("{s}{body}", "{header:X-K}&{secret}"));
    assert!(is_sound("{s|sha256|hex}{body}", "{header:X-K}&{secret}"));
    // Whoever sends the header chooses what is in front of the sign.
    assert!(!is_sound("{s|before:'&'}{body}", "{header:X-K}&{secret}"));
    assert!(!is_sound(
        "{s|split:'&'|nth:1}{body}",
        "{header:X-K}&{secret}"
    ));
    // There are 32 bits of it.
    assert!(!is_sound("{secret|crc32}{body}", "{body}"));
    assert!(!is_sound("{s|crc32}{body}", "{secret}"));
}
