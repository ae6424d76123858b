//! What a scheme must say of its algorithm, and which prove nothing.

use countersign_verify::http::HeaderMap;
use countersign_verify::scheme::{
    Content, Form, Part, SignatureEncoding, SignatureForm, SignatureRule, Source, Unsound,
};
use countersign_verify::{
    Algorithm, Callback, Key, Means, Reason, Scheme, Secret, VerifyPolicy, verify,
};

use super::hex;
use super::openssl::OpenSsl;

fn scheme(algorithm: Algorithm, form: Option<SignatureForm>) -> Scheme {
    let mut scheme = Scheme::new(
        "shop",
        algorithm,
        SignatureRule::new(Source::static_header("x-signature"), SignatureEncoding::Hex),
        Content::new(Form::Concat(vec![Part::Body])),
    );
    scheme.signature_form = form;
    scheme
}

#[test]
fn a_digest_or_token_without_a_secret_in_the_content_is_refused() {
    for algorithm in Algorithm::ALL {
        let form = algorithm.curve().map(|_| SignatureForm::Der);
        let proves_nothing = matches!(algorithm.means(), Means::Digest | Means::Token);
        let expected = match proves_nothing {
            true => Err(Unsound::NoSecret(*algorithm)),
            false => Ok(()),
        };
        assert_eq!(scheme(*algorithm, form).check(), expected, "{algorithm}");
    }
}

#[test]
fn the_form_is_said_for_ecdsa_and_for_nothing_else() {
    let ecdsa = Algorithm::EcdsaP384Sha384;
    assert_eq!(
        scheme(ecdsa, None).check(),
        Err(Unsound::NoSignatureForm(ecdsa))
    );
    let rsa = Algorithm::RsaSha256;
    let needless = scheme(rsa, Some(SignatureForm::Raw)).check();
    assert_eq!(needless, Err(Unsound::NeedlessSignatureForm(rsa)));
}

fn judge(scheme: Scheme, key: Key, body: &[u8], signature: &[u8]) -> Result<(), Reason> {
    let digits: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut headers = HeaderMap::new();
    headers.insert("x-signature", digits.parse().unwrap());
    let policy = VerifyPolicy::new(scheme, key);
    let verdict = verify(&policy, Callback::new("POST", b"/", &headers, body), 0);
    verdict.map(|_| ()).map_err(|rejection| rejection.reason)
}

#[test]
fn an_hmac_over_the_body_is_verified() {
    let key = || Key::of_secret("key", Secret::new(b"Jefe".to_vec().into()).unwrap());
    let mac = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    let judge =
        |body: &[u8], mac: &[u8]| judge(scheme(Algorithm::HmacSha256, None), key(), body, mac);
    let body = b"what do ya want for nothing?";
    assert_eq!(judge(body, &mac), Ok(()));
    assert_eq!(
        judge(b"what do ya want for something?", &mac),
        Err(Reason::SignatureMismatch)
    );
    assert_eq!(judge(body, &mac[1..]), Err(Reason::SignatureWrongLength));
    assert_eq!(judge(body, &[0; 32]), Err(Reason::SignatureMismatch));
}

#[test]
fn an_ecdsa_signature_in_the_other_form_is_refused() {
    let openssl = OpenSsl::new();
    openssl.run(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
        b"",
    );
    let pem = openssl.run("pkey -in key.pem -pubout", b"");
    let der = openssl.run("dgst -sha256 -sign key.pem", b"{}");
    let algorithm = Algorithm::EcdsaP256Sha256;
    let raw = SignatureForm::read(Some(SignatureForm::Der), algorithm, &der).unwrap();
    let judge = |form, signature: &[u8]| {
        let key = Key::decode("key", &pem).unwrap();
        judge(scheme(algorithm, Some(form)), key, b"{}", signature)
    };
    assert_eq!(judge(SignatureForm::Der, &der), Ok(()));
    assert_eq!(judge(SignatureForm::Raw, &raw), Ok(()));
    assert_eq!(
        judge(SignatureForm::Der, &raw),
        Err(Reason::SignatureMalformed)
    );
    assert_eq!(
        judge(SignatureForm::Raw, &der),
        Err(Reason::SignatureWrongLength)
    );
}

/// As a scheme that nobody checked would use them.
#[test]
fn a_digest_of_what_was_sent_never_verifies() {
    let key = Key::of_secret("key", Secret::new(b"secret".to_vec().into()).unwrap());
    let of_abc = hex("900150983cd24fb0d6963f7d28e17f72");
    let verdict = judge(scheme(Algorithm::Md5, None), key, b"abc", &of_abc);
    assert_eq!(verdict, Err(Reason::SignatureMismatch));
}
