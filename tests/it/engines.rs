//! Both RSA engines agree on OpenSSL's signatures and on every forgery.

use countersign::verify::keys::Engine;
use countersign::verify::{Algorithm, Key};

use super::openssl::OpenSsl;

const MESSAGE: &[u8] = b"amount=800&currency=INR";

/// The algorithms, OpenSSL's names for their digests, and the DER prefix of a digest (RFC 8017,
/// section 9.2, note 1).
const DIGESTS: &[(Algorithm, &str, &[u8])] = &[
    (
        Algorithm::RsaMd5,
        "md5",
        b"\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10",
    ),
    (
        Algorithm::RsaSha1,
        "sha1",
        b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
    ),
    (
        Algorithm::RsaSha256,
        "sha256",
        b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
    ),
    (
        Algorithm::RsaSha384,
        "sha384",
        b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
    ),
    (
        Algorithm::RsaSha512,
        "sha512",
        b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
    ),
];

/// A private key in OpenSSL's hands and the matching public key in ours.
struct Pair {
    openssl: OpenSsl,
    key: Key,
    modulus: Vec<u8>,
}

impl Pair {
    fn new(bits: usize, exponent: u64) -> Self {
        let openssl = OpenSsl::new();
        let pem = openssl.rsa("key.pem", bits, exponent);
        let key = Key::decode("key", &pem).unwrap();
        assert_eq!(key.bits(), bits);
        let modulus = openssl.run("rsa -in key.pem -noout -modulus", b"");
        let modulus = String::from_utf8(modulus).unwrap();
        let digits = modulus.trim().strip_prefix("Modulus=").unwrap();
        let digits = format!("{digits:0>0$}", digits.len().next_multiple_of(2));
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        Self {
            openssl,
            key,
            modulus: (0..digits.len()).step_by(2).map(byte).collect(),
        }
    }

    fn sign(&self, digest: &str, message: &[u8]) -> Vec<u8> {
        self.openssl
            .run(&format!("dgst -{digest} -sign key.pem"), message)
    }

    /// Applies the private key to a block with hand-made padding.
    fn sign_raw(&self, block: &[u8]) -> Vec<u8> {
        assert_eq!(block.len(), self.modulus.len());
        // Raw RSA signing and decrypting are the same operation; `-sign` accepts at most a digest.
        let command = "pkeyutl -decrypt -inkey key.pem -pkeyopt rsa_padding_mode:none";
        self.openssl.run(command, block)
    }

    /// The result of every engine that supports the algorithm. The engines must agree, and the fast
    /// one must be preferred if both support it.
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let with = |engine| self.key.verify_with(engine, algorithm, message, signature);
        let reference = with(Engine::Reference).unwrap();
        let offered = algorithm != Algorithm::RsaMd5 && self.key.bits() >= 2048;
        let fast = with(Engine::Fast);
        assert_eq!(
            fast,
            offered.then_some(reference),
            "{algorithm} {signature:x?}"
        );
        let preferred = if offered {
            Engine::Fast
        } else {
            Engine::Reference
        };
        assert_eq!(self.key.engine(algorithm), preferred);
        assert_eq!(self.key.verify(algorithm, message, signature), reference);
        reference
    }
}

/// The key pairs to test: all sizes with both engines, small public exponents and legacy sizes.
fn pairs() -> Vec<Pair> {
    [
        (1024, 65537),
        (1536, 3),
        (2047, 65537),
        (2048, 65537),
        (2048, 3),
        (2048, 0x1_0000_0001),
        (2049, 17),
        (3072, 65537),
        (4096, 65537),
    ]
    .into_iter()
    .map(|(bits, exponent)| Pair::new(bits, exponent))
    .collect()
}

#[test]
fn genuine_signatures_pass_and_each_changed_byte_fails() {
    for pair in pairs() {
        for &(algorithm, digest, _) in DIGESTS {
            let mut signature = pair.sign(digest, MESSAGE);
            assert!(pair.key.candidate(algorithm, &signature));
            assert!(pair.verify(algorithm, MESSAGE, &signature), "{digest}");
            assert!(!pair.verify(algorithm, b"amount=900&currency=INR", &signature));
            assert!(!pair.verify(algorithm, b"", &signature));
            for other in Algorithm::ALL.iter().filter(|other| **other != algorithm) {
                assert!(!pair.key.verify(*other, MESSAGE, &signature), "{other}");
            }
            for at in 0..signature.len() {
                let bit = 1 << (at % 8);
                signature[at] ^= bit;
                assert!(
                    !pair.verify(algorithm, MESSAGE, &signature),
                    "{digest} {at}"
                );
                signature[at] ^= bit;
            }
        }
    }
}

#[test]
fn messages_of_any_length_pass() {
    let pair = Pair::new(2048, 65537);
    for &(algorithm, digest, _) in DIGESTS {
        for length in [0, 1, 55, 56, 63, 64, 65, 127, 128, 1 << 20] {
            let message = vec![b'x'; length];
            let signature = pair.sign(digest, &message);
            assert!(pair.verify(algorithm, &message, &signature), "{length}");
        }
    }
}

#[test]
fn another_keys_signature_fails() {
    let [one, other] = [(); 2].map(|()| Pair::new(2048, 65537));
    for &(algorithm, digest, _) in DIGESTS {
        assert!(!one.verify(algorithm, MESSAGE, &other.sign(digest, MESSAGE)));
    }
}

#[test]
fn random_numbers_fail_as_signatures() {
    for pair in pairs() {
        let length = pair.modulus.len();
        let mut one = vec![0; length];
        one[length - 1] = 1;
        let mut less_one = pair.modulus.clone();
        less_one[length - 1] -= 1;
        let more_one = sum(&pair.modulus, &one);
        for &(algorithm, digest, _) in DIGESTS {
            let genuine = pair.sign(digest, MESSAGE);
            let forgeries = [
                vec![],
                vec![0],
                vec![0; length],
                one.clone(),
                less_one.clone(),
                pair.modulus.clone(),
                more_one.clone(),
                vec![0xff; length],
                // The same number modulo n.
                sum(&pair.modulus, &genuine),
                // The same number in more or fewer bytes.
                [&[0], &genuine[..]].concat(),
                [&[0; 8], &genuine[..]].concat(),
                [&genuine[..], &[0]].concat(),
                genuine[..length - 1].to_vec(),
                genuine[1..].to_vec(),
                genuine[..length / 2].to_vec(),
                [&genuine[..], &genuine].concat(),
                genuine.iter().rev().copied().collect(),
                difference(&pair.modulus, &genuine),
            ];
            for forgery in forgeries {
                assert!(!pair.verify(algorithm, MESSAGE, &forgery), "{forgery:x?}");
            }
        }
    }
}

/// The sum of two numbers of the same length, with an extra byte if it carries.
fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut out: Vec<u8> = Vec::new();
    for (a, b) in a.iter().zip(b).rev() {
        let digit = u16::from(*a) + u16::from(*b) + carry;
        out.push(digit as u8);
        carry = digit >> 8;
    }
    if carry > 0 {
        out.push(1);
    }
    out.into_iter().rev().collect()
}

/// The difference of two numbers of the same length; the first must not be smaller.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut out: Vec<u8> = Vec::new();
    for (a, b) in a.iter().zip(b).rev() {
        let digit = i16::from(*a) - i16::from(*b) - borrow;
        out.push(digit as u8);
        borrow = i16::from(digit < 0);
    }
    out.into_iter().rev().collect()
}

/// `00 01 ff … ff 00` and `rest`, as long as the modulus.
fn padded(rest: &[u8], length: usize) -> Vec<u8> {
    let filler = vec![0xff; length - 3 - rest.len()];
    [&[0, 1], &filler[..], &[0], rest].concat()
}

/// These blocks are signed with the private key, so only the padding check can reject them.
/// Bleichenbacher's forgery (2006), its successors and BERserk exploit a lenient check.
#[test]
fn padding_that_deviates_from_the_standard_fails() {
    for pair in [
        Pair::new(1024, 65537),
        Pair::new(2048, 3),
        Pair::new(4096, 65537),
    ] {
        let length = pair.modulus.len();
        for &(algorithm, digest, prefix) in DIGESTS {
            let hash = pair
                .openssl
                .run(&format!("dgst -{digest} -binary"), MESSAGE);
            let info = [prefix, &hash].concat();
            let genuine = padded(&info, length);
            let raw = pair.sign_raw(&genuine);
            assert_eq!(raw, pair.sign(digest, MESSAGE));
            assert!(pair.verify(algorithm, MESSAGE, &raw), "{digest}");

            for (what, block) in malformed_blocks(&genuine, prefix, &hash) {
                let signature = pair.sign_raw(&block);
                let accepted = pair.verify(algorithm, MESSAGE, &signature);
                assert!(!accepted, "{} bits, {digest}: {what}", pair.key.bits());
            }
        }
    }
}

/// Blocks that differ from a genuine one, with a description of the difference.
fn malformed_blocks(genuine: &[u8], prefix: &[u8], hash: &[u8]) -> Vec<(String, Vec<u8>)> {
    let length = genuine.len();
    let with_info = |info: &[u8]| padded(info, length);
    // The second byte of the object identifier is its length: `30 L 30 l 06 n … 05 00 04 h`.
    let identifier = &prefix[4..prefix.len() - 4];
    let sequence = |contents: &[u8]| [&[0x30, contents.len() as u8], contents].concat();
    let octets = [&[4, hash.len() as u8], hash].concat();
    let info = [prefix, hash].concat();
    let garbage = vec![0xa5; length - 11 - info.len()];
    let zeros = vec![0; length - 11 - info.len()];

    let mut blocks = vec![
        (
            "no NULL parameter",
            with_info(&sequence(&[sequence(identifier), octets.clone()].concat())),
        ),
        (
            "another parameter",
            with_info(&sequence(
                &[sequence(&[identifier, &[5, 1, 0]].concat()), octets.clone()].concat(),
            )),
        ),
        (
            "a long-form length",
            with_info(&[&[0x30, 0x81, prefix[1]], &info[2..]].concat()),
        ),
        (
            "bytes after the digest, inside",
            with_info(&sequence(
                &[&prefix[2..prefix.len() - 2], &octets[..], &[0]].concat(),
            )),
        ),
        ("a digest alone", with_info(hash)),
        ("a digest cut off", with_info(&info[..info.len() - 1])),
        ("a digest too long", with_info(&[&info[..], &[0]].concat())),
        ("no digest", with_info(prefix)),
        (
            "eight bytes of padding, then garbage behind",
            [&[0, 1], &[0xff; 8][..], &[0], &info, &garbage].concat(),
        ),
        (
            "eight bytes of padding, then zeros behind",
            [&[0, 1], &[0xff; 8][..], &[0], &info, &zeros].concat(),
        ),
        (
            "eight bytes of padding, then garbage before",
            [&[0, 1], &[0xff; 8][..], &[0], &garbage, &info].concat(),
        ),
        (
            "no padding",
            [&[0, 1, 0], &info[..], &garbage, &[0xa5; 8]].concat(),
        ),
        (
            "all zeros before",
            [&vec![0; length - info.len()][..], &info].concat(),
        ),
    ];
    // Changes each byte before the digest alone: type, padding, separator, identifier.
    let places = (1..12).chain(length - info.len() - 2..length - hash.len());
    for at in places {
        let mut block = genuine.to_vec();
        block[at] ^= 1 << (at % 8);
        blocks.push(("a changed byte", block));
    }
    blocks
        .into_iter()
        .map(|(what, block)| (format!("{what}: {block:x?}"), block))
        .collect()
}

#[test]
fn signatures_with_another_padding_scheme_fail() {
    let pair = Pair::new(2048, 65537);
    for &(algorithm, digest, _) in DIGESTS {
        let command = format!("dgst -{digest} -sigopt rsa_padding_mode:pss -sign key.pem");
        let pss = pair.openssl.run(&command, MESSAGE);
        assert_eq!(pss.len(), 256);
        assert!(!pair.verify(algorithm, MESSAGE, &pss), "{digest}");
    }
}
