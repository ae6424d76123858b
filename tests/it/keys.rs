//! Public keys in every form that platforms hand out, made by OpenSSL; and the rejected forms.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::verify::{Algorithm, Key, KeyError};

use super::openssl::OpenSsl;

const MESSAGE: &[u8] = b"amount=1";

fn decode(bytes: impl AsRef<[u8]>) -> Result<Key, KeyError> {
    Key::decode("key", bytes.as_ref())
}

fn refusal(bytes: impl AsRef<[u8]>) -> KeyError {
    decode(bytes).map(|key| key.bits()).unwrap_err()
}

/// A certificate for a private key in the folder, as PEM or DER.
fn certificate(openssl: &OpenSsl, file: &str, form: &str) -> Vec<u8> {
    openssl.run(
        &format!("req -x509 -new -key {file} -subj /CN=platform -days 1 -outform {form}"),
        b"",
    )
}

/// Base64 in lines of this length, each with this ending.
fn in_lines(der: &[u8], length: usize, ending: &str) -> String {
    let text = STANDARD.encode(der);
    let lines = text.as_bytes().chunks(length);
    lines
        .map(|line| format!("{}{ending}", std::str::from_utf8(line).unwrap()))
        .collect()
}

#[test]
fn a_key_is_decoded_from_every_format_that_platforms_publish() {
    let openssl = OpenSsl::new();
    let spki_pem = openssl.rsa("key.pem", 2048, 65537);
    let signature = openssl.run("dgst -sha256 -sign key.pem", MESSAGE);
    let spki = openssl.run("pkey -in key.pem -pubout -outform DER", b"");
    let pkcs1_pem = openssl.run("rsa -in key.pem -RSAPublicKey_out", b"");
    let pkcs1 = openssl.run("rsa -in key.pem -RSAPublicKey_out -outform DER", b"");
    let certificate_pem = certificate(&openssl, "key.pem", "PEM");
    let certificate = certificate(&openssl, "key.pem", "DER");
    assert!(pkcs1_pem.starts_with(b"-----BEGIN RSA PUBLIC KEY-----"));
    let text = |pem: &[u8]| String::from_utf8(pem.to_vec()).unwrap();
    let crlf = |pem: &[u8]| text(pem).replace('\n', "\r\n").into_bytes();
    let unfolded = |label: &str, der: &[u8]| {
        let text = STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----").into_bytes()
    };

    let mut forms: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, pem, der, label) in [
        ("spki", &spki_pem, &spki, "PUBLIC KEY"),
        ("pkcs1", &pkcs1_pem, &pkcs1, "RSA PUBLIC KEY"),
        ("certificate", &certificate_pem, &certificate, "CERTIFICATE"),
    ] {
        for (form, bytes) in [
            ("pem", pem.clone()),
            ("pem, crlf", crlf(pem)),
            ("pem, no end of line", text(pem).trim_end().into()),
            ("pem, one line", unfolded(label, der)),
            (
                "pem, text around",
                [b"Bag\n", &pem[..], b"\nBye\n"].concat(),
            ),
            ("der", der.clone()),
            ("base64", STANDARD.encode(der).into()),
            (
                "base64, newline",
                format!("{}\n", STANDARD.encode(der)).into(),
            ),
            ("base64, lines", in_lines(der, 64, "\n").into()),
            ("base64, crlf", in_lines(der, 76, "\r\n").into()),
            (
                "base64, spaces",
                format!("  {}\t", in_lines(der, 50, " ")).into(),
            ),
        ] {
            forms.push((format!("{name} {form}"), bytes));
        }
    }
    assert_eq!(forms.len(), 33);
    for (form, bytes) in forms {
        let key = decode(bytes).unwrap_or_else(|error| panic!("{form}: {error}"));
        assert_eq!(key.bits(), 2048, "{form}");
        let candidate = |length| key.candidate(Algorithm::RsaSha256, &vec![0; length]);
        assert_eq!(
            [255, 256, 257].map(candidate),
            [false, true, false],
            "{form}"
        );
        assert!(
            key.verify(Algorithm::RsaSha256, MESSAGE, &signature),
            "{form}"
        );
        assert!(
            !key.verify(Algorithm::RsaSha256, b"amount=2", &signature),
            "{form}"
        );
    }
}

#[test]
fn private_keys_are_refused_as_such() {
    let openssl = OpenSsl::new();
    openssl.rsa("key.pem", 2048, 65537);
    openssl.run(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem",
        b"",
    );
    let private = |label: &str| KeyError::Private(label.to_owned());
    for (command, expected) in [
        ("pkey -in key.pem", private("PRIVATE KEY")),
        ("rsa -in key.pem -traditional", private("RSA PRIVATE KEY")),
        (
            "pkey -in key.pem -aes128 -passout pass:secret",
            private("ENCRYPTED PRIVATE KEY"),
        ),
        (
            "rsa -in key.pem -traditional -aes128 -passout pass:secret",
            private("RSA PRIVATE KEY"),
        ),
        ("pkey -in ec.pem", private("PRIVATE KEY")),
        ("ec -in ec.pem", private("EC PRIVATE KEY")),
        // PKCS#8 as DER.
        (
            "pkcs8 -topk8 -nocrypt -in key.pem -outform DER",
            private("DER"),
        ),
        ("rsa -in key.pem -traditional -outform DER", private("DER")),
    ] {
        let bytes = openssl.run(command, b"");
        assert_eq!(refusal(&bytes), expected, "{command}");
        if expected == private("DER") {
            assert_eq!(refusal(STANDARD.encode(&bytes)), expected, "{command}");
            assert_eq!(refusal(in_lines(&bytes, 64, "\n")), expected, "{command}");
        }
    }
}

#[test]
fn keys_of_other_algorithms_are_refused() {
    let openssl = OpenSsl::new();
    for algorithm in ["EC -pkeyopt ec_paramgen_curve:secp256k1", "ED448", "X25519"] {
        openssl.run(&format!("genpkey -algorithm {algorithm} -out key.pem"), b"");
        let pem = openssl.run("pkey -in key.pem -pubout", b"");
        let der = openssl.run("pkey -in key.pem -pubout -outform DER", b"");
        for bytes in [pem, STANDARD.encode(&der).into(), der] {
            let refusal = refusal(&bytes);
            assert!(
                matches!(refusal, KeyError::Unknown(_)),
                "{algorithm} {refusal}"
            );
        }
    }
    openssl.run(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out key.pem",
        b"",
    );
    let refusal = refusal(certificate(&openssl, "key.pem", "PEM"));
    assert!(matches!(refusal, KeyError::Unknown(_)), "{refusal}");
}

#[test]
fn files_without_a_key_or_with_several_are_refused() {
    let openssl = OpenSsl::new();
    let pem = openssl.rsa("key.pem", 2048, 65537);
    let pem = String::from_utf8(pem).unwrap();
    for empty in ["", " ", "\r\n\t\n"] {
        assert_eq!(refusal(empty), KeyError::Empty);
    }
    assert_eq!(refusal(format!("{pem}{pem}")), KeyError::Several(2));
    assert_eq!(refusal(format!("{pem}{pem}\n{pem}")), KeyError::Several(3));
    let request = openssl.run("req -new -key key.pem -subj /CN=x", b"");
    assert_eq!(
        refusal(request),
        KeyError::WrongLabel("CERTIFICATE REQUEST".to_owned())
    );
    for garbage in [
        &b"hello"[..],
        b"\0",
        b"\x30",
        b"0",
        b"\xff\xfe-\0-\0",
        b"ssh-rsa AAAAB3NzaC1yc2E= user@host",
        b"----- BEGIN PUBLIC KEY -----",
        b"MIIB*",
        b"MIIBI",
    ] {
        assert_eq!(refusal(garbage), KeyError::NotAKey, "{garbage:?}");
    }
    for damaged in [
        pem.replace("-----END PUBLIC KEY-----", ""),
        pem.replace("END PUBLIC", "END RSA PUBLIC"),
        pem.replace("MII", "M*I"),
        "-----BEGIN PUBLIC KEY-----".to_owned(),
    ] {
        let refusal = refusal(&damaged);
        assert!(
            matches!(refusal, KeyError::BadPem(_)),
            "{damaged} {refusal}"
        );
    }
}

#[test]
fn damaged_der_is_refused() {
    let openssl = OpenSsl::new();
    openssl.rsa("key.pem", 2048, 65537);
    let forms = [
        openssl.run("pkey -in key.pem -pubout -outform DER", b""),
        openssl.run("rsa -in key.pem -RSAPublicKey_out -outform DER", b""),
        certificate(&openssl, "key.pem", "DER"),
    ];
    for der in &forms {
        assert!(decode(der).is_ok());
        for end in 0..der.len() {
            assert!(decode(&der[..end]).is_err(), "cut at {end}");
            if end > 0 {
                assert!(
                    decode(STANDARD.encode(&der[..end])).is_err(),
                    "cut at {end}"
                );
            }
        }
        for tail in [&b"\0"[..], b"\n", b" ", b"\x30\x00", der] {
            let long = [der, tail].concat();
            assert!(matches!(refusal(&long), KeyError::Unknown(_)), "{tail:?}");
            assert!(matches!(
                refusal(STANDARD.encode(&long)),
                KeyError::Unknown(_)
            ));
        }
    }
}

fn labelled(label: &str, der: &[u8]) -> String {
    let text = in_lines(der, 64, "\n");
    format!("-----BEGIN {label}-----\n{text}-----END {label}-----\n")
}

/// Also the input of tests/cases/12-key-files.
#[test]
fn what_a_pem_block_contains_counts_and_not_its_label() {
    let openssl = OpenSsl::new();
    openssl.rsa("key.pem", 2048, 65537);
    let forms = [
        openssl.run("pkey -in key.pem -pubout -outform DER", b""),
        openssl.run("rsa -in key.pem -RSAPublicKey_out -outform DER", b""),
        certificate(&openssl, "key.pem", "DER"),
    ];
    let labels = [
        "PUBLIC KEY",
        "RSA PUBLIC KEY",
        "CERTIFICATE",
        "X509 CERTIFICATE",
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
    ];
    let expected = decode(&forms[0]).unwrap().fingerprint();
    for label in labels {
        for der in &forms {
            let key = decode(labelled(label, der)).unwrap();
            assert_eq!(key.fingerprint(), expected, "{label}");
            let cut = refusal(labelled(label, &der[..der.len() - 1]));
            match label.contains("PRIVATE") {
                true => assert_eq!(cut, KeyError::Private(label.to_owned())),
                false => assert!(matches!(cut, KeyError::Unknown(_)), "{label} {cut}"),
            }
        }
        // A private key is found out under every label.
        for command in [
            "pkcs8 -topk8 -nocrypt -in key.pem -outform DER",
            "rsa -in key.pem -traditional -outform DER",
        ] {
            let refusal = refusal(labelled(label, &openssl.run(command, b"")));
            assert!(matches!(refusal, KeyError::Private(_)), "{label} {refusal}");
        }
    }
    let request = refusal(labelled("CERTIFICATE REQUEST", &forms[0]));
    assert!(matches!(request, KeyError::WrongLabel(_)), "{request}");
}

/// Windows puts a mark in front of text, and PowerShell writes UTF-16. Also the input of
/// tests/cases/12-key-files.
#[test]
fn the_byte_order_mark_of_windows_is_no_part_of_a_key() {
    let openssl = OpenSsl::new();
    let pem = String::from_utf8(openssl.rsa("key.pem", 2048, 65537)).unwrap();
    let der = openssl.run("pkey -in key.pem -pubout -outform DER", b"");
    for text in [
        pem.clone(),
        pem.replace('\n', "\r\n"),
        STANDARD.encode(&der),
        in_lines(&der, 76, "\r\n"),
    ] {
        let marked = format!("\u{feff}{text}");
        assert_eq!(decode(&marked).unwrap().bits(), 2048, "{text}");
        let wide = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            marked.encode_utf16().flat_map(bytes).collect()
        };
        assert_eq!(
            decode(wide(u16::to_le_bytes)).unwrap().bits(),
            2048,
            "{text}"
        );
        assert_eq!(
            decode(wide(u16::to_be_bytes)).unwrap().bits(),
            2048,
            "{text}"
        );
    }
    assert_eq!(refusal("\u{feff}\r\n"), KeyError::Empty);
    assert_eq!(refusal("\u{feff}hello"), KeyError::NotAKey);
    assert_eq!(refusal(b"\xff\xfeM\0I\0I"), KeyError::NotAKey);
}

#[test]
fn the_modulus_has_1024_to_8192_bits() {
    let openssl = OpenSsl::new();
    for (bits, legacy) in [(1024, true), (2047, true), (2048, false), (3072, false)] {
        let key = decode(openssl.rsa("key.pem", bits, 65537)).unwrap();
        assert_eq!((key.bits(), key.is_legacy()), (bits, legacy));
    }
    let unusable = KeyError::Unusable("its modulus does not have 1024 to 8192 bits");
    for bits in [512, 768, 1016, 1023] {
        let pem = openssl.rsa("key.pem", bits, 65537);
        assert_eq!(refusal(pem), unusable, "{bits}");
        let pkcs1 = openssl.run("rsa -in key.pem -RSAPublicKey_out", b"");
        assert_eq!(refusal(pkcs1), unusable, "{bits}");
        let certificate = certificate(&openssl, "key.pem", "DER");
        assert_eq!(refusal(certificate), unusable, "{bits}");
    }
    // Generating larger keys takes minutes. Any odd number can serve as a modulus here.
    let of_bits = |bits: usize| {
        let mut modulus = vec![0xff; bits.div_ceil(8)];
        modulus[0] >>= modulus.len() * 8 - bits;
        spki(&modulus, &[1, 0, 1])
    };
    assert_eq!(decode(of_bits(1024)).unwrap().bits(), 1024);
    assert_eq!(decode(of_bits(8192)).unwrap().bits(), 8192);
    for bits in [1023, 8193, 16384] {
        assert_eq!(refusal(of_bits(bits)), unusable, "{bits}");
    }
}

#[test]
fn the_exponent_is_odd_and_neither_too_small_nor_too_large() {
    let modulus = [0xff; 256];
    for good in [&[3][..], &[17], &[1, 0, 1], &[0xff; 4], &[1, 0, 0, 0, 1]] {
        assert!(decode(spki(&modulus, good)).is_ok(), "{good:?}");
    }
    for (bad, expected) in [
        (&[0][..], "its exponent is even"),
        (&[1], "its exponent is 1"),
        (&[2], "its exponent is even"),
        (&[1, 0, 0], "its exponent is even"),
        (&[2, 0, 0, 0, 1], "its exponent has more than 33 bits"),
        (&[0x7f; 32], "its exponent has more than 33 bits"),
    ] {
        let refusal = refusal(spki(&modulus, bad));
        assert_eq!(refusal, KeyError::Unusable(expected), "{bad:?}");
    }
    let mut even = modulus;
    even[255] = 0xfe;
    let refusal = refusal(spki(&even, &[1, 0, 1]));
    assert_eq!(refusal, KeyError::Unusable("its modulus is even"));
}

/// A SubjectPublicKeyInfo with these numbers, valid or not.
fn spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let sign = number.first().is_some_and(|byte| byte & 0x80 != 0);
        let zero: &[u8] = if sign { &[0] } else { &[] };
        tagged(0x02, &[zero, number].concat())
    };
    let key = tagged(0x30, &[integer(modulus), integer(exponent)].concat());
    // rsaEncryption, NULL.
    let algorithm = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    let bits = tagged(0x03, &[&[0], &key[..]].concat());
    tagged(0x30, &[&algorithm[..], &bits].concat())
}

/// A DER value: tag, length, contents.
fn tagged(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut out = vec![tag];
    if contents.len() >= 0x80 {
        out.push(0x80 | length.len() as u8);
    }
    out.extend(length);
    out.extend(contents);
    out
}
