//! Independent programs that encrypt: PHP and Java share no code with this project.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const SUPPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support");

/// A plaintext to encrypt.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plain {
    /// The program's name for the cipher.
    pub(crate) cipher: &'static str,
    /// For AES: key, IV and associated data.
    pub(crate) key: Vec<u8>,
    pub(crate) iv: Vec<u8>,
    pub(crate) aad: Vec<u8>,
    pub(crate) text: Vec<u8>,
}

/// Encrypts with PHP's OpenSSL functions; returns base64.
pub(crate) fn php(public_key_file: &str, plain: &[Plain]) -> Vec<String> {
    let script = format!("{SUPPORT}/encrypt.php");
    run(&["php", &script, public_key_file], plain)
}

/// Encrypts with `javax.crypto`; returns base64.
pub(crate) fn java(public_key_file: &str, plain: &[Plain]) -> Vec<String> {
    let source = format!("{SUPPORT}/Encrypt.java");
    run(&["java", &source, public_key_file], plain)
}

fn run(command: &[&str], plain: &[Plain]) -> Vec<String> {
    let mut input = String::new();
    for Plain {
        cipher,
        key,
        iv,
        aad,
        text,
    } in plain
    {
        let [key, iv, aad] = [key, iv, aad].map(|bytes| hex(bytes));
        let text = STANDARD.encode(text);
        writeln!(input, "{cipher}\t{key}\t{iv}\t{aad}\t{text}").unwrap();
    }
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("scripts/setup --test brings PHP and Java");
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{command:?}");
    let lines: Vec<_> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(lines.len(), plain.len(), "{command:?}");
    lines
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
