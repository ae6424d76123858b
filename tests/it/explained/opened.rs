//! What RSA signatures tell that OpenSSL made in other ways than the scheme says.

use countersign::explain::{Question, TextStyle};
use countersign::verify::language::{Choice, SchemeDefinition};
use countersign::verify::{Key, Scheme, VerifyPolicy};
use countersign::written_request::read_http;

use crate::openssl::OpenSsl;

const BODY: &str = "amount=1";

#[test]
fn the_signature_itself_says_what_is_wrong_with_it() {
    let files = OpenSsl::new();
    let run = |command: &str| {
        files.run(command, b"");
    };
    run("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem");
    run("pkey -in key.pem -pubout -out pub.pem");
    run("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out other.pem");
    files.write("content", BODY);
    files.write("different", "amount=2");
    run("dgst -sha256 -binary -out digest content");
    let pss = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest";
    let longest = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max";
    for (algorithm, command, code, first) in [
        (
            "rsa-sha256",
            "dgst -sha256 -sign key.pem -out s content".to_owned(),
            "genuine",
            "",
        ),
        (
            "rsa-sha256",
            "dgst -sha1 -sign key.pem -out s content".to_owned(),
            "other_algorithm",
            "The key `pub` signed this content, but with SHA-1 instead of SHA-256.",
        ),
        (
            "rsa-sha256",
            "dgst -sha256 -sign key.pem -out s different".to_owned(),
            "other_content",
            "This key signed it, with SHA-256, over other content: `pub`.",
        ),
        (
            "rsa-sha256",
            "dgst -sha256 -sign other.pem -out s content".to_owned(),
            "another_key",
            "The key `pub` does not seem to have made this signature: decrypting it with this key gives random data.",
        ),
        (
            "rsa-sha256",
            "pkeyutl -sign -inkey key.pem -in digest -out s".to_owned(),
            "not_pkcs1",
            "The key `pub` signed the SHA-256 digest of this content without DigestInfo: it is not a PKCS#1 signature.",
        ),
        (
            "rsa-sha256",
            "pkeyutl -sign -inkey key.pem -in different -out s".to_owned(),
            "not_pkcs1",
            "The key `pub` made it, but it is not a PKCS#1 signature at all.",
        ),
        (
            "rsa-sha256",
            format!("dgst -sha256 {pss} -sign key.pem -out s different"),
            "other_algorithm",
            "The key `pub` made it, but as RSASSA-PSS with SHA-256 and a salt of 32 bytes instead of RSASSA-PKCS1-v1_5.",
        ),
        (
            "rsa-sha256",
            format!("dgst -sha256 {pss} -sign key.pem -out s content"),
            "other_algorithm",
            "The key and the content are right, but the signature is made with another algorithm.",
        ),
        (
            "rsa-pss-sha256",
            format!("dgst -sha256 {longest} -sign key.pem -out s content"),
            "other_algorithm",
            "The key `pub` signed this content, as RSASSA-PSS with SHA-256 and a salt of 222 bytes.",
        ),
        (
            "rsa-sha256",
            format!("dgst -sha256 {longest} -sign key.pem -out s different"),
            "no_cause_found",
            "No cause found: the signature may be RSASSA-PSS with the longest salt, made with the key `pub`",
        ),
        (
            "rsa-sha256",
            "dgst -sha224 -sign key.pem -out s content".to_owned(),
            "other_algorithm",
            "The key `pub` made it, but as RSASSA-PKCS1-v1_5 with SHA-224, which no scheme takes.",
        ),
        (
            "rsa-pss-sha256",
            "dgst -sha256 -sign key.pem -out s content".to_owned(),
            "other_algorithm",
            "The key `pub` signed this content, with SHA-256, but as RSASSA-PKCS1-v1_5 instead of RSASSA-PSS.",
        ),
    ] {
        run(&command);
        let signature = files.read("s");
        let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = files.read("pub.pem");
        let definition = SchemeDefinition {
            algorithm: Choice::Fixed(algorithm.to_owned()),
            signature: vec!["{header:X-Sign|unhex}".to_owned()],
            content: vec!["{body}".to_owned()],
            not_covered: vec!["query".to_owned()],
            ..SchemeDefinition::default()
        };
        let scheme = Scheme::compile("acme", definition).unwrap();
        let policy = VerifyPolicy::new(scheme, Key::decode("pub", &key).unwrap());
        let request = format!("POST / HTTP/1.1\r\nX-Sign: {signature}\r\n\r\n{BODY}");
        let question = Question::new(read_http(request.as_bytes()).unwrap(), 0);
        let explanation = question.by_policy(&policy);
        let text = explanation.as_text(TextStyle::default());
        assert_eq!(explanation.diagnosis(), code, "{command}: {text}");
        assert!(text.contains(first), "{command}: {text}");
    }
}
