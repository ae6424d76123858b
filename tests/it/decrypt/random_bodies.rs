//! Bodies of any shape: encrypted values are decrypted, and all other bytes stay unchanged.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::cipher::{AES_128, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::decrypt::{Cipher, DecryptionKey, Iv, Output};
use zeroize::Zeroizing;

use super::{decrypt, policy, rule};
use crate::random::Random;

const KEY: [u8; 16] = *b"0123456789abcdef";

/// A body, and its encrypted strings with their clear text.
struct Body {
    text: String,
    secrets: Vec<(String, String)>,
}

impl Body {
    fn random(random: &mut Random) -> Self {
        let mut body = Self {
            text: String::new(),
            secrets: Vec::new(),
        };
        body.object(random, 0);
        body
    }

    fn space(&mut self, random: &mut Random) {
        for _ in 0..random.below(3) {
            self.text.push([' ', '\t', '\n', '\r'][random.below(4)]);
        }
    }

    fn object(&mut self, random: &mut Random, depth: usize) {
        self.text.push('{');
        // Names within one object must be distinct.
        let names = ["s", "\\u0073x", "a", "é/~", "", "S"];
        let mut first = true;
        for name in names {
            if random.below(2) == 0 {
                continue;
            }
            if !std::mem::take(&mut first) {
                self.text.push(',');
            }
            self.space(random);
            write!(self.text, "\"{name}\"").unwrap();
            self.space(random);
            self.text.push(':');
            self.space(random);
            if name == "s" && random.below(4) > 0 {
                self.secret(random);
            } else {
                self.value(random, depth + 1);
            }
            self.space(random);
        }
        self.text.push('}');
    }

    fn value(&mut self, random: &mut Random, depth: usize) {
        match random.below(if depth < 6 { 8 } else { 6 }) {
            0 => self.text.push_str("null"),
            1 => self.text.push_str("-1.50e+3"),
            2 => self.text.push_str("true"),
            3 => self.text.push_str("\"\""),
            4 => self.text.push_str("\"\\u00e9 \\\"\\/ 客\""),
            5 => self.text.push_str("[]"),
            6 => {
                self.text.push('[');
                for nth in 0..random.below(4) {
                    if nth > 0 {
                        self.text.push(',');
                    }
                    self.space(random);
                    self.value(random, depth + 1);
                }
                self.text.push(']');
            }
            _ => self.object(random, depth),
        }
    }

    fn secret(&mut self, random: &mut Random) {
        let pieces = ["\"", "\\", "客", "\n", "}", ",\"s\":1", "\u{2028}", "x"];
        let mut clear = format!("{} ", self.secrets.len());
        for _ in 0..random.below(12) {
            clear.push_str(pieces[random.below(pieces.len())]);
        }
        let key = UnboundCipherKey::new(&AES_128, &KEY).unwrap();
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).unwrap();
        let mut bytes = clear.clone().into_bytes();
        let context = EncryptionContext::Iv128(aws_lc_rs::iv::FixedLength::from([0; 16]));
        key.less_safe_encrypt(&mut bytes, context).unwrap();
        let sealed = format!("\"{}\"", STANDARD.encode(bytes));
        self.text.push_str(&sealed);
        self.secrets.push((sealed, clear));
    }
}

#[test]
fn only_what_is_encrypted_changes() {
    let mut random = Random::new(7);
    let (mut decrypted, mut bodies) = (0, 0);
    for round in 0..1500 {
        let body = Body::random(&mut random);
        let mut rule = rule("$..s", Cipher::AesCbc { bits: 128 });
        rule.iv = Some(Iv::Fixed(vec![0; 16]));
        let beside = round % 2 == 1;
        if beside {
            rule.output = Output::Beside("_".into());
        }
        let key = DecryptionKey::aes("k", Zeroizing::new(KEY.to_vec())).unwrap();
        let clear = decrypt(body.text.clone(), &policy(rule, vec![Arc::new(key)])).unwrap();
        let mut expected = body.text.clone();
        for (sealed, clear) in &body.secrets {
            let clear = serde_json::to_string(clear).unwrap();
            assert_eq!(expected.matches(sealed).count(), 1);
            let written = if beside {
                format!("{sealed},\"s_\":{clear}")
            } else {
                clear
            };
            expected = expected.replace(sealed, &written);
        }
        assert_eq!(clear.decrypted().count(), body.secrets.len());
        match clear.body() {
            Some(seen) => {
                assert_eq!(std::str::from_utf8(seen).unwrap(), expected);
                countersign::verify::json::parse(seen).unwrap();
                bodies += 1;
            }
            None => assert_eq!(expected, body.text),
        }
        decrypted += body.secrets.len();
    }
    assert!(decrypted > 500 && bodies > 200, "{decrypted} in {bodies}");
}
