//! Unusable keys. No report shows key material.

use insta::assert_snapshot;

use super::report;

#[test]
fn key_files() {
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "sapre.pem"
"#), @r##"
    error: cannot read the key file
     --> c.toml:3:8
      |
    3 | file = "sapre.pem"
      |        ^^^^^^^^^^^ there is no file `sapre.pem`
      |
      = help: did you mean `spare.pem`?
    "##);
    // The similar `good.pem` is not suggested, because it belongs to another key.
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "godo.pem"
"#), @r##"
    error: cannot read the key file
     --> c.toml:3:8
      |
    3 | file = "godo.pem"
      |        ^^^^^^^^^^ there is no file `godo.pem`
      |
      = help: a path is relative to the file that contains it
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "keys/none"
"#), @r##"
    error: cannot read the key file
     --> c.toml:3:8
      |
    3 | file = "keys/none"
      |        ^^^^^^^^^^^ there is no file `keys/none`
      |
      = help: a path is relative to the file that contains it
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "writable.pem"
"#), @r##"
    error: unsafe key file
     --> c.toml:3:8
      |
    3 | file = "writable.pem"
      |        ^^^^^^^^^^^^^^ everybody on this machine can write to `writable.pem`
      |
      = help: check that the key is still the right one, then run `chmod o-w writable.pem`
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "text.pem"
"#), @r##"
    error: invalid key
     --> c.toml:3:8
      |
    3 | file = "text.pem"
      |        ^^^^^^^^^^ neither PEM, DER, base64 of DER, a JWK, nor an Ed25519 key in hex or base64
      |
      = note: the file is `text.pem`
      = help: use the platform's public key as PEM, DER, its one line of base64, or a JWK; for a secret that both sides know, write `secret_file` in place of `file`
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "private.pem"
"#), @r##"
    error: invalid key
     --> c.toml:3:8
      |
    3 | file = "private.pem"
      |        ^^^^^^^^^^^^^ this is a private key (`PRIVATE KEY`), but a public key is needed
      |
      = note: the file is `private.pem`
      = help: use the platform's public key; if this is your own key, `openssl pkey -in private.pem -pubout` prints its public key
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "two.pem"
"#), @r##"
    error: invalid key
     --> c.toml:3:8
      |
    3 | file = "two.pem"
      |        ^^^^^^^^^ the file contains 2 PEM blocks, but one key is needed
      |
      = note: the file is `two.pem`
      = help: give each key its own file and `[[key]]`
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "ec.pem"
"#), @r##"
    error: invalid key
     --> c.toml:3:8
      |
    3 | file = "ec.pem"
      |        ^^^^^^^^ not an RSA, P-256, P-384, P-521 or Ed25519 public key (SubjectPublicKeyInfo, PKCS#1 or X.509 certificate): the curve 1.3.132.0.10 is not supported
      |
      = note: the file is `ec.pem`
      = help: check that the key is complete; it must be an RSA, P-256, P-384, P-521 or Ed25519 key
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "empty.pem"
"#), @r##"
    error: invalid key
     --> c.toml:3:8
      |
    3 | file = "empty.pem"
      |        ^^^^^^^^^^^ the key is empty
      |
      = note: the file is `empty.pem`
      = help: use the platform's public key as PEM, DER, its one line of base64, or a JWK
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "large.pem"
"#), @r##"
    error: cannot read the key file
     --> c.toml:3:8
      |
    3 | file = "large.pem"
      |        ^^^^^^^^^^^ `large.pem` is larger than 64 KiB, so it is not a key
      |
      = help: name the file that contains only the platform's public key
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = ""
[[key]]
id = "l"
file = "."
"#), @r##"
    error: empty value
     --> c.toml:3:8
      |
    3 | file = ""
      |        ^^ it must not be empty
      |
      = help: write a value between the quotes

    error: cannot read the key file
     --> c.toml:6:8
      |
    6 | file = "."
      |        ^^^ `.` is not a regular file
      |
      = help: name the file itself
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "cut.pem"
"#), @r##"
    error: invalid key
     --> c.toml:3:8
      |
    3 | file = "cut.pem"
      |        ^^^^^^^^^ the PEM block is damaged: no complete block
      |
      = note: the file is `cut.pem`
      = help: use the platform's public key as PEM, DER, its one line of base64, or a JWK
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "good.pem"
public_key = "short"
"#), @r##"
    error: conflicting keys
     --> c.toml:4:1
      |
    3 | file = "good.pem"
      | ---- `file` is here
    4 | public_key = "[...]"
      | ^^^^^^^^^^ `public_key` cannot be combined with `file`
      |
      = help: keep one of the two
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "legacy.pem"
"#), @r##"
    error: legacy key
     --> c.toml:3:8
      |
    3 | file = "legacy.pem"
      |        ^^^^^^^^^^^^ 1024-bit RSA can be broken; the minimum is 2048 bits
      |
      = help: ask the platform for a longer key, or allow this one with `legacy = true`
    "##);
}

#[test]
fn inline_keys_are_masked() {
    assert_snapshot!(report(r#"
[[key]]
id = "k"
public_key = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAn1eAGB6XPKwaoXUVzAT9aZRiq8z+gMxwK/SzR4OUBGkYc4hKPB8IomEyQqVIWsvGRRbMJxEmH3lU8vlLM5P1"
"#), @r##"
    error: invalid key
     --> c.toml:3:1
      |
    3 | public_key = "[...]"
      | ^^^^^^^^^^ not an RSA, P-256, P-384, P-521 or Ed25519 public key (SubjectPublicKeyInfo, PKCS#1 or X.509 certificate): ASN.1 DER message is incomplete: expected 97, actual 96 at DER byte 96
      |
      = help: check that the key is complete; it must be an RSA, P-256, P-384, P-521 or Ed25519 key
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAn1eAGB6XPKwaoXUVzAT9aZRiq8z+gMxwK/SzR4OUBGkYc4hKPB8IomEyQqVIWsvGRRbMJxEmH3lU8vlLM5P1"
"#), @r##"
    error: cannot read the key file
     --> c.toml:3:8
      |
    3 | file = "[...]"
      |        ^^^^^^^ this looks like a key, not like a file name
      |
      = help: write `public_key = "..."` for a key in the configuration itself
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
file = """
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A
MIIBCgKCAQEAn1eAGB6XPKwaoXUVzAT9
-----END PUBLIC KEY-----
"""
"#), @r##"
    error: cannot read the key file
     --> c.toml:3:8
      |
    3 |   file = """
      |  ________^
    4 | | [...]
    5 | | [...]
    6 | | [...]
    7 | | [...]
    8 | | """
      | |___^ this looks like a key, not like a file name
      |
      = help: write `public_key = "..."` for a key in the configuration itself
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
publickey = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\nMzEfYyjiWA4R4ypbHqGC0H0+tG==\n-----END PRIVATE KEY-----\n"
"#), @r##"
    error: unknown key
     --> c.toml:3:1
      |
    3 | publickey = "[...]"
      | ^^^^^^^^^ `[[key]]` has no key `publickey`
      |
      = help: did you mean `public_key`?
    "##);
    assert_snapshot!(report(r#"
[[key]]
id = "k"
public_key = "not a key"
"#), @r##"
    error: invalid key
     --> c.toml:3:1
      |
    3 | public_key = "[...]"
      | ^^^^^^^^^^ neither PEM, DER, base64 of DER, a JWK, nor an Ed25519 key in hex or base64
      |
      = help: use the platform's public key as PEM, DER, its one line of base64, or a JWK
    "##);
    assert_snapshot!(report(r#"
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAn1eAGB6XPKwaoXUVzAT9aZRiq8z"]
upstream = "echo"
"#), @r##"
    error: unknown reference
     --> c.toml:5:9
      |
    5 | keys = ["[...]"]
      |         ^^^^^^^ there is no key `[...]`
      |
      = help: the known ones are: good
    "##);
}

#[test]
fn a_suggestion_is_never_the_file_of_another_key() {
    for spare in ["spare.pem", "./spare.pem", "parts/../spare.pem"] {
        let report = report(&format!(
            "[[key]]\nid = \"k\"\nfile = \"sapre.pem\"\n[[key]]\nid = \"l\"\nfile = \"{spare}\"\n"
        ));
        assert!(!report.contains("did you mean"), "{report}");
        assert!(report.contains("there is no file `sapre.pem`"), "{report}");
    }
    // An ending in common makes no name similar, and another ending is another kind of file.
    for name in ["larke.pex", "aec.pem", "zzz.pem"] {
        let report = report(&format!("[[key]]\nid = \"k\"\nfile = \"{name}\"\n"));
        assert!(!report.contains("did you mean `large"), "{report}");
    }
}
