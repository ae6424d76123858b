//! Decryption: rules, keys and the routes that refer to them.

use countersign::config::diagnostic::Severity;

use crate::config_files::{Files, relative};

fn files() -> Files {
    let files = Files::new();
    files.write_key("good.pem");
    files.write_secret("aes.key", "0123456789abcdef0123456789abcdef\n");
    let rsa = files.openssl(&["genpkey", "-algorithm", "RSA"]);
    files.write("seen.key", &rsa);
    files.write_secret("rsa.key", rsa);
    let locked = ["-topk8", "-passout", "pass:x"];
    let locked = files.openssl(&[&["pkcs8", "-in", "rsa.key"], &locked[..]].concat());
    files.write_secret("locked.key", locked);
    let public = files.openssl(&["pkey", "-in", "rsa.key", "-pubout"]);
    files.write_secret("public.key", public);
    files.write_secret("text.key", "hello\n");
    files
}

/// A valid configuration with these lines on its route and these extra tables.
fn text(route: &str, tables: &str) -> String {
    format!(
        "listener = [{{ address = \"127.0.0.1:0\" }}]\n[[key]]\nid = \"good\"\nfile = \"good.pem\"\n\
         [[upstream]]\nname = \"up\"\nservers = [\"127.0.0.1:9\"]\n\
         [[scheme]]\nname = \"unsigned\"\nalgorithm = \"rsa-sha256\"\n\
         signature = \"{{header:S|unbase64}}\"\nunsigned_body = true\ncontent = \"{{method}}\"\n\
         [[route]]\nname = \"u\"\npath = \"/u\"\nscheme = \"unsigned\"\nkeys = [\"good\"]\nupstream = \"up\"\n\
         uncovered_body = true\n\
         [[decryption_key]]\nid = \"rsa\"\nfile = \"rsa.key\"\n\
         [[decryption_key]]\nid = \"aes\"\nfile = \"aes.key\"\nencoding = \"text\"\n\
         [[route]]\nname = \"good\"\npath = \"/good\"\nkeys = [\"good\"]\n{}{}{route}\n{tables}\n",
        if route.contains("scheme =") {
            ""
        } else {
            "scheme = \"sgate\"\n"
        },
        if route.contains("upstream =") {
            ""
        } else {
            "upstream = \"up\"\n"
        },
    )
}

/// A route that decrypts these values, with a scheme that signs one field.
fn signed_in_part(paths: &str) -> (String, String) {
    (
        format!("scheme = \"part\"\ndecrypt = {paths}\ndecrypt_keys = [\"rsa\"]"),
        "[[scheme]]\nname = \"part\"\nalgorithm = \"rsa-sha256\"\nsignature = \"{header:S|unbase64}\"\n\
         content = \"{field:order}\"\nnot_covered = [\"query\", \"fields\"]\n"
            .to_owned(),
    )
}

/// The same with a scheme that signs each item of a list.
fn signed_items(content: &str, path: &str) -> (String, String) {
    let (route, tables) = signed_in_part(&format!("[\"{path}\"]"));
    let each = "each = \"/items/*\"\ncontent = ";
    let tables = tables.replace(
        "content = \"{field:order}\"",
        &format!("{each}\"{content}\""),
    );
    (route, tables)
}

#[test]
fn what_is_signed_by_itself_can_be_decrypted() {
    let files = files();
    for (route, tables) in [
        signed_in_part("[\"order\"]"),
        signed_items("{document|json:js}", "/items/*/card"),
    ] {
        if let Err(report) = files.load(&text(&route, &tables)) {
            panic!("{report}");
        }
    }
}

fn rule(lines: &str) -> String {
    format!("[[decryption]]\nname = \"mine\"\n{lines}")
}

#[test]
fn every_mistake_has_a_place_a_reason_and_a_hint() {
    let files = files();
    let keys = "decrypt_keys = [\"rsa\"]";
    let sgate = format!("decrypt = \"sgate-sensitive\"\n{keys}");
    let key = |lines: &str| {
        (
            String::new(),
            format!("[[decryption_key]]\nid = \"k\"\n{lines}"),
        )
    };
    let rule = |lines: &str| (String::new(), rule(lines));
    let route = |lines: &str| (lines.to_owned(), String::new());
    let sixty_five = format!(
        "cipher = \"rsa-oaep-sha1\"\npaths = [{}]",
        "\"a\",".repeat(65)
    );
    let aes = "cipher = \"aes-256-gcm\"\npaths = [\"a\"]\n";
    for ((route, tables), title, why) in [
        (
            route("decrypt = true\ndecrypt_keys = [\"rsa\"]"),
            "wrong type",
            "but an array is needed",
        ),
        (
            route("decrypt = []\ndecrypt_keys = [\"rsa\"]"),
            "empty list",
            "decrypts nothing",
        ),
        (
            route("decrypt = [\"$.a-b\"]\ndecrypt_keys = [\"rsa\"]"),
            "invalid path",
            "brackets",
        ),
        (
            route("decrypt = \"sgate-sensitiv\"\ndecrypt_keys = [\"rsa\"]"),
            "unknown reference",
            "sgate-sensitive",
        ),
        (
            route("decrypt = \"sgate-sensitive\""),
            "missing key",
            "decrypt_keys",
        ),
        (
            route(keys),
            "conflicting keys",
            "has no effect without `decrypt`",
        ),
        (
            route("decrypt = \"sgate-sensitive\"\ndecrypt_keys = []"),
            "empty list",
            "nothing could be decrypted",
        ),
        (
            route("decrypt = \"sgate-sensitive\"\ndecrypt_keys = \"rsa\""),
            "wrong type",
            "[\"rsa\"]",
        ),
        (
            route("decrypt = \"sgate-sensitive\"\ndecrypt_keys = [\"good\"]"),
            "unknown reference",
            "decryption_key",
        ),
        (
            route("decrypt = \"sgate-sensitive\"\ndecrypt_keys = [\"aes\"]"),
            "unsuitable key",
            "256-bit AES",
        ),
        (
            route("scheme = \"cheezeepay\"\ndecrypt = [\"a\"]\ndecrypt_keys = { \"x\" = \"rsa\" }"),
            "key table without header",
            "no header that could select",
        ),
        (
            route(&format!(
                "scheme = \"unsigned\"\nuncovered_body = true\n{sgate}"
            )),
            "decryption of what is not signed",
            "a stranger could have any value decrypted",
        ),
        (
            signed_in_part("[\"note\"]"),
            "decryption of what is not signed",
            "does not cover all that `note` leads to",
        ),
        (
            signed_in_part("[\"order\", \"$..card\"]"),
            "decryption of what is not signed",
            "does not cover all that `$..card` leads to",
        ),
        (
            signed_items("{document|json:js}", "/card"),
            "decryption of what is not signed",
            "does not cover all that",
        ),
        (
            signed_items("{field:order}", "/items/*/card"),
            "decryption of what is not signed",
            "does not cover all that",
        ),
        (
            key("file = \"seen.key\""),
            "unsafe file",
            "can read the secret key",
        ),
        (
            key("file = \"locked.key\""),
            "unreadable key",
            "pass phrase",
        ),
        (
            key("file = \"public.key\""),
            "unreadable key",
            "the private key is needed",
        ),
        (
            key("file = \"text.key\""),
            "unreadable key",
            "add `encoding`",
        ),
        (
            key("file = \"none.key\""),
            "cannot read the file",
            "No such file",
        ),
        (
            key("file = \"text.key\"\nencoding = \"text\""),
            "unreadable key",
            "this has 5",
        ),
        (
            key("file = \"text.key\"\nencoding = \"hex\""),
            "unreadable key",
            "that `encoding` says",
        ),
        (
            key("file = \"rsa.key\"\nenv = \"A\""),
            "conflicting keys",
            "cannot be combined with",
        ),
        (key(""), "missing key", "`file` or `env`"),
        (
            key("env = \"COUNTERSIGN_NO_SUCH\""),
            "missing variable",
            "there is no environment variable",
        ),
        (
            key("env = \"A=b\""),
            "invalid name",
            "no environment variable",
        ),
        (
            key(&format!("file = \"{}\"", "MIIE".repeat(20))),
            "secret in the configuration",
            "replace it",
        ),
        (
            rule("cipher = \"rsa\"\npaths = [\"a\"]"),
            "unknown value",
            "rsa-pkcs1-v1_5",
        ),
        (rule("paths = [\"a\"]"), "missing key", "`cipher`"),
        (
            rule("cipher = \"rsa-oaep-sha1\""),
            "missing key",
            "`paths` or `headers`",
        ),
        (
            rule("cipher = \"rsa-oaep-sha1\"\npaths = []"),
            "empty list",
            "decrypts nothing",
        ),
        (rule(&sixty_five), "too many paths", "at most 64"),
        (
            rule("cipher = \"rsa-pkcs1-v1_5\"\nmgf1 = \"sha1\"\npaths = [\"a\"]"),
            "conflicting keys",
            "mask",
        ),
        (
            rule("cipher = \"rsa-pkcs1-v1_5\"\nsuffix = \"_x\"\npaths = [\"a\"]"),
            "conflicting keys",
            "no name of its own",
        ),
        (
            rule(
                "cipher = \"rsa-pkcs1-v1_5\"\noutput = \"beside\"\nsuffix = \"\\\"\"\npaths = [\"a\"]",
            ),
            "invalid suffix",
            "1 to 32",
        ),
        (
            rule("cipher = \"rsa-pkcs1-v1_5\"\noutput = \"beside\"\npaths = [\"$.a[*]\"]"),
            "no siblings",
            "without a name",
        ),
        (
            rule("cipher = \"rsa-pkcs1-v1_5\"\niv = { prefix = true }\npaths = [\"a\"]"),
            "conflicting keys",
            "RSA uses no IV",
        ),
        (
            rule("cipher = \"rsa-pkcs1-v1_5\"\naad = { field = \"a\" }\npaths = [\"a\"]"),
            "conflicting keys",
            "only GCM",
        ),
        (
            rule("cipher = \"rsa-pkcs1-v1_5\"\nheaders = { \"X-Verified-A\" = \"a\" }"),
            "reserved header",
            "verified headers",
        ),
        (
            rule("cipher = \"rsa-pkcs1-v1_5\"\nheaders = { \"X-A\" = \"a\", \"x_a\" = \"b\" }"),
            "duplicate header",
            "same header",
        ),
        (
            (
                "fields = { \"x_a\" = \"b\" }\ndecrypt = \"mine\"\ndecrypt_keys = [\"rsa\"]"
                    .to_owned(),
                rule("cipher = \"rsa-pkcs1-v1_5\"\nheaders = { \"X-A\" = \"a\" }").1,
            ),
            "duplicate header",
            "so does the route's `fields`",
        ),
        (rule(aes), "missing key", "`iv`"),
        (
            rule(&format!("{aes}iv = {{ fixed = \"{}\" }}", "00".repeat(12))),
            "unsafe IV",
            "reusing a nonce",
        ),
        (
            rule(&format!("{aes}iv = {{}}")),
            "unclear IV",
            "must say where the IV is",
        ),
        (
            rule(&format!("{aes}iv = {{ field = \"n\", prefix = true }}")),
            "unclear IV",
            "one of",
        ),
        (
            rule(&format!(
                "{aes}iv = {{ prefix = true, encoding = \"hex\" }}"
            )),
            "conflicting keys",
            "is not in one",
        ),
        (
            rule(&format!("{aes}iv = {{ field = \"n\" }}\naad = {{}}")),
            "missing key",
            "`field`",
        ),
        (
            rule("cipher = \"aes-128-cbc\"\niv = { fixed = \"0011\" }\npaths = [\"a\"]"),
            "invalid IV",
            "this has 2",
        ),
        (
            rule("cipher = \"aes-128-cbc\"\niv = { fixed = \"xx\" }\npaths = [\"a\"]"),
            "invalid IV",
            "not hexadecimal",
        ),
        (
            rule("cipher = \"aes-256-gcm\"\niv = { field = \"n\" }\npaths = [\"$.a.*\"]"),
            "no siblings",
            "without a name",
        ),
        (
            (
                String::new(),
                super::decryption::rule("cipher = \"rsa-oaep-sha1\"\npaths = [\"a\"]")
                    .replace("mine", "sgate-sensitive"),
            ),
            "reserved name",
            "built in",
        ),
    ] {
        let text = text(&route, &tables);
        let report = match files.load(&text) {
            Err(report) => report,
            Ok(_) => panic!("{text}"),
        };
        assert_eq!(
            report.count(Severity::Error),
            1,
            "{route}{tables}: {report}"
        );
        let report = super::checked(relative(&report, &files));
        assert!(
            report.contains(title) && report.contains(why),
            "{route}{tables}: {report}"
        );
        for secret in ["MII", "0123456789abcdef", "hello"] {
            assert!(!report.contains(secret), "{report}");
        }
    }
}

#[test]
fn probable_mistakes_are_warned_of() {
    let files = files();
    let route = "upstream = \"echo\"\ndecrypt = [\"$..cardno\"]\ndecrypt_keys = [\"rsa\"]";
    let unused = rule("cipher = \"rsa-oaep-sha1\"\npaths = [\"a\"]");
    let loaded = files.load(&text(route, &unused)).unwrap();
    let report = super::checked(relative(&loaded.warnings, &files));
    for warning in [
        "the echo upstream answers with the clear text",
        "no route uses this decryption_key",
        "no route uses this decryption\n",
    ] {
        assert!(report.contains(warning), "{report}");
    }
    assert!(loaded.files.iter().any(|file| file.ends_with("rsa.key")));
}
