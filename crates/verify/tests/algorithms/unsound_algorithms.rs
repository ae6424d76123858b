//! What a scheme must say of its algorithm, and which prove nothing.

use countersign_verify::http::HeaderMap;
use countersign_verify::language::{Choice, DefinitionError, SchemeDefinition};
use countersign_verify::scheme::SignatureForm;
use countersign_verify::{
    Algorithm, Callback, Key, Means, Reason, Scheme, Secret, VerifyPolicy, verify,
};

use super::hex;
use super::openssl::OpenSsl;

fn compile(
    algorithm: Algorithm,
    form: Option<SignatureForm>,
) -> Result<Scheme, Vec<DefinitionError>> {
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed(algorithm.name().to_owned()),
        signature: vec!["{header:X-Signature|unhex}".to_owned()],
        content: vec!["{body}".to_owned()],
        signature_form: form.map(|form| match form {
            SignatureForm::Der => "der".to_owned(),
            _ => "raw".to_owned(),
        }),
        ..SchemeDefinition::default()
    };
    Scheme::compile("shop", definition)
}

fn scheme(algorithm: Algorithm, form: Option<SignatureForm>) -> Scheme {
    compile(algorithm, form).unwrap()
}

/// The key that is wrong.
fn wrong_key(algorithm: Algorithm, form: Option<SignatureForm>) -> Option<String> {
    let errors = compile(algorithm, form).err()?;
    Some(errors[0].key.clone())
}

#[test]
fn a_digest_without_a_secret_in_the_content_is_refused() {
    for algorithm in Algorithm::ALL {
        let form = algorithm.curve().map(|_| SignatureForm::Der);
        let proves_nothing = algorithm.means() == Means::Digest;
        let expected = proves_nothing.then(|| "content".to_owned());
        assert_eq!(wrong_key(*algorithm, form), expected, "{algorithm}");
    }
}

#[test]
fn the_form_is_said_for_ecdsa_and_for_nothing_else() {
    let wrong = Some("signature_form".to_owned());
    assert_eq!(wrong_key(Algorithm::EcdsaP384Sha384, None), wrong);
    let needless = wrong_key(Algorithm::RsaSha256, Some(SignatureForm::Raw));
    assert_eq!(needless, wrong);
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
