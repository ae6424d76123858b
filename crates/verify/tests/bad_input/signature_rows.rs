//! Signatures that say what they sign: JWS, and HTTP Message Signatures of RFC 9421.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::attempt::{Attempt, Row};

/// A token with this header and payload, and a MAC that no key made.
pub(crate) fn token(header: &str, payload: &str) -> String {
    let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let mac = URL_SAFE_NO_PAD.encode([0; 32]);
    format!("{}.{}.{mac}", encode(header), encode(payload))
}

/// A request with a signature over these components.
pub(crate) fn message(input: &str) -> Attempt {
    let mac = STANDARD.encode([0; 32]);
    Attempt::unsigned()
        .header("Signature-Input", format!("sig={input}"))
        .header("Signature", format!("sig=:{mac}:"))
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let scheme = "algorithm = \"jws-hs256\"\nsignature = \"{header:X-Token}\"\n";
    let mut jws = |input: &str, token: &str| {
        let attempt = Attempt::unsigned().header("X-Token", token);
        rows.push(Row::new("jws-hs256", input, scheme, &attempt));
    };
    let good = "{\"alg\":\"HS256\"}";
    jws("no token", "x");
    jws("two parts", "e30.e30");
    jws("`alg` is missing", &token("{}", "{}"));
    jws("`alg` is `none`", &token("{\"alg\":\"none\"}", "{}"));
    jws(
        "`none`, without a signature",
        &token("{\"alg\":\"none\"}", "{}")
            .rsplit_once('.')
            .map_or_else(String::new, |(input, _)| format!("{input}.")),
    );
    jws("another `alg`", &token("{\"alg\":\"HS512\"}", "{}"));
    jws("`alg` in lower case", &token("{\"alg\":\"hs256\"}", "{}"));
    jws(
        "`crit`",
        &token("{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}", "{}"),
    );
    jws("`b64`", &token("{\"alg\":\"HS256\",\"b64\":false}", "{}"));
    jws(
        "two signatures (JSON)",
        "{\"payload\":\"e30\",\"signatures\":[{},{}]}",
    );
    jws(
        "two tokens",
        &format!("{},{}", token(good, "{}"), token(good, "{}")),
    );
    jws("padding", &format!("{}=", token(good, "{}")));
    jws(
        "a header of 20,000 bytes",
        &token(
            &format!("{{\"alg\":\"HS256\",\"x\":\"{}\"}}", "x".repeat(20_000)),
            "{}",
        ),
    );
    jws("another signature", &token(good, "{}"));
    let scheme =
        "algorithm = \"rfc9421-hmac-sha256\"\ncomponents = [\"@method\", \"content-digest\"]\n";
    let digest = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    let mut rfc = |input: &str, attempt: Attempt| {
        rows.push(Row::new("rfc9421-hmac-sha256", input, scheme, &attempt));
    };
    rfc("no signature", Attempt::unsigned());
    rfc("an empty list", message("()"));
    rfc(
        "a component of the scheme's is not covered",
        message("(\"@method\")"),
    );
    let both = "\"@method\" \"content-digest\"";
    let covering = |input: &str| message(input).header("Content-Digest", digest);
    rfc(
        "an unknown component",
        covering(&format!("({both} \"@other\")")),
    );
    rfc(
        "a component twice",
        covering(&format!("({both} \"@method\")")),
    );
    rfc(
        "a header that is not there",
        covering(&format!("({both} \"x-a\")")),
    );
    rfc(
        "an unknown parameter",
        covering(&format!("({both} \"x-a\";sf)")),
    );
    rfc(
        "65 components",
        covering(&format!("({both}{})", " \"x-a\"".repeat(63))),
    );
    rfc(
        "another `alg`",
        covering(&format!("({both});alg=\"ed25519\"")),
    );
    let other = digest.replace("47DE", "57DE");
    rfc(
        "another digest",
        message(&format!("({both})")).header("Content-Digest", other),
    );
    rfc("33 signatures", {
        let inputs: Vec<_> = (0..33).map(|nth| format!("s{nth}=({both})")).collect();
        let macs: Vec<_> = { 0..33 }.map(|nth| format!("s{nth}=:AAAA:")).collect();
        let attempt = Attempt::unsigned().header("Signature-Input", inputs.join(", "));
        attempt
            .header("Signature", macs.join(", "))
            .header("Content-Digest", digest)
    });
    rfc("another signature", covering(&format!("({both})")));
    rows
}
