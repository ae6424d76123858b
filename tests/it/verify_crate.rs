//! `countersign-verify` is a crate of its own: it depends on no server, and its examples use the
//! published callback.

use std::process::Command;

use crate::cases;

/// The names of the crate's dependencies with all features, as `cargo tree` lists them.
fn tree(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--prefix", "none"])
        .args(["-p", "countersign-verify", "--all-features", "-e", "normal"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let names = lines.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn the_crate_depends_on_nothing_of_a_server() {
    let all = tree(&[]);
    assert!(all.len() > 20, "{all:?}");
    for server in [
        "pingora",
        "tokio",
        "hyper",
        "h2",
        "redis",
        "rusqlite",
        "libsqlite3",
        "toml",
        "clap",
    ] {
        let found = all.iter().find(|name| name.starts_with(server));
        assert_eq!(found, None);
    }
    // Certificates in callbacks are verified, connections are not made.
    assert!(!all.iter().any(|name| name == "rustls"), "{all:?}");
}

/// A new dependency needs a reason (CONTRIBUTING.md).
#[test]
fn the_crates_direct_dependencies_are_listed() {
    let mut direct = tree(&["--depth", "1"]);
    direct.remove(0);
    direct.sort();
    assert_eq!(
        direct,
        [
            "aws-lc-rs",
            "base64",
            "bytes",
            "chrono",
            "crc32fast",
            "des",
            "ed25519-dalek",
            "encoding_rs",
            "hmac",
            "http",
            "md-5",
            "once_cell",
            "p256",
            "p384",
            "p521",
            "pem",
            "regex",
            "regex-syntax",
            "rsa",
            "rustls-pki-types",
            "rustls-webpki",
            "serde",
            "sfv",
            "sha1",
            "sha2",
            "sha3",
            "strsim",
            "subtle",
            "thiserror",
            "typed-arena",
            "x509-cert",
            "zeroize"
        ]
    );
}

#[test]
fn the_crates_examples_use_the_published_callback() {
    let published = cases::published();
    let body = String::from_utf8(published.pay_in.body).unwrap();
    for file in ["README.md", "doc/published.rs"] {
        let text = std::fs::read_to_string(format!("crates/verify/{file}")).unwrap();
        assert!(text.contains(&published.cheezeepay_key), "{file}");
        assert!(text.contains(&body), "{file}");
    }
}
