//! A digest of which the secret comes first can be continued without it: the state behind the
//! message is the digest. What has the digest's own padding in it is no text, and refused.

use countersign_verify::http::{HeaderMap, HeaderValue};
use countersign_verify::keys::Secret;
use countersign_verify::{Callback, Key, KeySet, Reason, VerifyPolicy, verify};
use md5::Digest as _;

use crate::provider_cases::definitions;

const SECRET: &[u8] = b"a secret of 24 bytes....";
const MESSAGE: &[u8] = b"amount=1";
const ADDED: &[u8] = b"&amount=1000";

/// A digest that can be continued.
struct Extendable {
    name: &'static str,
    block: usize,
    digest: fn(&[u8]) -> Vec<u8>,
    /// From a digest, and whole blocks behind what it is of.
    resume: fn(&[u8], &[u8]) -> Vec<u8>,
}

const ALL: [Extendable; 4] = [
    Extendable {
        name: "md5",
        block: 64,
        digest: |bytes| md5::Md5::digest(bytes).to_vec(),
        resume: |digest, blocks| {
            let mut state = [0; 4];
            for (word, bytes) in state.iter_mut().zip(digest.chunks(4)) {
                *word = u32::from_le_bytes(bytes.try_into().unwrap());
            }
            md5::block_api::compress(&mut state, blocks.as_chunks().0);
            state.iter().flat_map(|word| word.to_le_bytes()).collect()
        },
    },
    Extendable {
        name: "sha1",
        block: 64,
        digest: |bytes| sha1::Sha1::digest(bytes).to_vec(),
        resume: |digest, blocks| {
            let mut state = [0; 5];
            read_words(digest, &mut state);
            sha1::block_api::compress(&mut state, blocks.as_chunks().0);
            state.iter().flat_map(|word| word.to_be_bytes()).collect()
        },
    },
    Extendable {
        name: "sha256",
        block: 64,
        digest: |bytes| sha2::Sha256::digest(bytes).to_vec(),
        resume: |digest, blocks| {
            let mut state = [0; 8];
            read_words(digest, &mut state);
            sha2::block_api::compress256(&mut state, blocks.as_chunks().0);
            state.iter().flat_map(|word| word.to_be_bytes()).collect()
        },
    },
    Extendable {
        name: "sha512",
        block: 128,
        digest: |bytes| sha2::Sha512::digest(bytes).to_vec(),
        resume: |digest, blocks| {
            let mut state = [0; 8];
            for (word, bytes) in state.iter_mut().zip(digest.chunks(8)) {
                *word = u64::from_be_bytes(bytes.try_into().unwrap());
            }
            sha2::block_api::compress512(&mut state, blocks.as_chunks().0);
            state.iter().flat_map(|word| word.to_be_bytes()).collect()
        },
    },
];

fn read_words(digest: &[u8], state: &mut [u32]) {
    for (word, bytes) in state.iter_mut().zip(digest.chunks(4)) {
        *word = u32::from_be_bytes(bytes.try_into().unwrap());
    }
}

impl Extendable {
    /// What the digest puts behind so many bytes.
    fn padding(&self, length: usize) -> Vec<u8> {
        let field = self.block / 8;
        let mut padding = vec![0x80];
        while !(length + padding.len() + field).is_multiple_of(self.block) {
            padding.push(0);
        }
        let bits = u64::try_from(length * 8).unwrap();
        if self.name == "md5" {
            padding.extend(bits.to_le_bytes());
        } else {
            padding.extend(vec![0; field - 8]);
            padding.extend(bits.to_be_bytes());
        }
        padding
    }

    /// Another message and its digest, from a digest of the secret and the message, and the length of
    /// both.
    fn extend(&self, digest: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let length = SECRET.len() + MESSAGE.len();
        let padding = self.padding(length);
        let mut blocks = ADDED.to_vec();
        blocks.extend(self.padding(length + padding.len() + ADDED.len()));
        let message = [MESSAGE, &padding, ADDED].concat();
        (message, (self.resume)(digest, &blocks))
    }
}

/// Why a request with this body and signature is refused.
fn refusal(scheme: &str, body: &[u8], digest: &[u8]) -> Option<Reason> {
    let text = format!("[[scheme]]\nname = \"s\"\n{scheme}");
    let scheme = definitions::schemes(&text).remove(0);
    let secret = Secret::new(SECRET.to_vec().into()).unwrap();
    let keys = KeySet::Any(vec![Key::of_secret("k", secret).into()]);
    let policy = VerifyPolicy::new(scheme, keys);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut headers = HeaderMap::new();
    headers.insert("x-sign", HeaderValue::try_from(hex).unwrap());
    let callback = Callback::new("POST", b"/cb", &headers, body);
    verify(&policy, callback, 0)
        .err()
        .map(|refused| refused.reason)
}

#[test]
fn a_digest_that_was_continued_is_refused() {
    for digest in ALL {
        let name = digest.name;
        let head = "signature = \"{header:X-Sign|unhex}\"\n";
        let first = (digest.digest)(&[SECRET, MESSAGE].concat());
        let (message, continued) = digest.extend(&first);
        // The attack is real.
        assert_eq!(
            continued,
            (digest.digest)(&[SECRET, &message].concat()),
            "{name}"
        );
        let plain = format!("algorithm = \"{name}\"\n{head}content = \"{{secret}}{{body}}\"\n");
        // The same, by the algorithm of a token: the digest is a filter of `signed`.
        let filtered = format!(
            "algorithm = \"hmac-sha256\"\n{head}content = \"{{secret}}{{body}}\"\nsigned = \"{{content|{name}}}\"\n"
        );
        for charset in ["", "charset = \"windows-1252\"\n", "charset = \"gbk\"\n"] {
            let scheme = format!("{plain}{charset}");
            assert_eq!(refusal(&scheme, MESSAGE, &first), None, "{name} {charset}");
            let refused = refusal(&scheme, &message, &continued);
            assert_eq!(refused, Some(Reason::ValueMalformed), "{name} {charset}");
        }
        // A MAC is not continued by its digest.
        let refused = refusal(&filtered, &message, &continued);
        assert!(refused.is_some(), "{name}");
        // Nor is what ends with the secret.
        let last = plain.replace("{secret}{body}", "{body}{secret}");
        let own = (digest.digest)(&[MESSAGE, SECRET].concat());
        assert_eq!(refusal(&last, MESSAGE, &own), None, "{name}");
        let (message, continued) = digest.extend(&own);
        let refused = refusal(&last, &message, &continued);
        assert_eq!(refused, Some(Reason::SignatureMismatch), "{name}");
    }
}
