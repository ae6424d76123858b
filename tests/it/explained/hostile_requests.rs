//! What a stranger can write into a request that somebody explains.

use std::process::Command;

use countersign::config;
use countersign::explain::{Question, TextStyle};
use countersign::judge::Site;
use countersign::written_request::read_http;

use crate::config_files::Files;

/// Each of these is looked at field by field, and a copy of all for each would be gigabytes.
#[test]
fn requests_of_many_small_parts_take_little_memory() {
    let files = Files::new();
    files.write_secret("key", "a secret that signs nothing of this");
    let scheme = "[[scheme]]\nname = \"t\"\nalgorithm = \"hmac-sha256\"\n\
                  signature = \"{header:X-Sign|unhex}\"\ncontent = \"{target}\\n{body}\"\n";
    files.write("s.toml", scheme);
    let many = |part: &str| part.repeat(32 << 10);
    for (target, body) in [
        ("/h".to_owned(), many("+&")),
        ("/h".to_owned(), many("%20&")),
        (format!("/h?{}", many("a&")), String::new()),
        (format!("/h?{}", many("+&")), String::new()),
        (many("/a"), String::new()),
    ] {
        let sign = "00".repeat(32);
        let request = format!("POST {target} HTTP/1.1\r\nHost: a\r\nX-Sign: {sign}\r\n\r\n{body}");
        files.write("request.http", request);
        let command = format!(
            "ulimit -v 1000000 && exec {} explain --scheme s.toml --key key request.http",
            env!("CARGO_BIN_EXE_countersign")
        );
        let done = Command::new("sh")
            .args(["-c", &command])
            .current_dir(files.path())
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&done.stderr);
        let begin = target.get(..8).unwrap_or(&target);
        assert_eq!(done.status.code(), Some(3), "{begin}: {error}");
    }
}

#[test]
fn errors_and_names_show_no_control_characters() {
    let files = Files::new();
    files.write_secret("key", "a secret that signs nothing of this");
    let har = "{\"log\":{\"entries\":[{\"request\":{\"method\":\"G\\u001b]0;x\\u0007\",\"url\":\"http://a/\",\
               \"headers\":[]}}]}}";
    let named = "{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\",\"url\":\"http://a/\",\
                 \"headers\":[{\"name\":\"X\\nVerdict    verified\",\"value\":\"a\"}]}}]}}";
    for (name, text) in [
        ("header", "POST / HTTP/1.1\r\nX\u{1b}]0;pwn\u{7}: a\r\n\r\n"),
        ("method", "P\u{1b}[2J / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("target", "POST /\u{1b}[2J HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("curl", "curl 'http://a\u{1b}[2J/' -d '@n\u{1b}[2J'"),
        ("option", "curl http://a/ -d '@n\u{1b}[2J'"),
        ("har", har),
        ("har header", named),
    ] {
        files.write("request", text);
        let done = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(["explain", "--scheme", "github", "--key", "key", "request"])
            .current_dir(files.path())
            .output()
            .unwrap();
        for bytes in [&done.stdout, &done.stderr] {
            let text = String::from_utf8_lossy(bytes);
            let is_control = |c: char| c.is_control() && c != '\n';
            assert!(!text.contains(is_control), "{name}: {text:?}");
            assert!(!text.contains("\nVerdict    verified"), "{name}: {text}");
        }
        assert_ne!(done.status.code(), Some(101), "{name}");
    }
}

/// Whoever finds out how the configured token differs from the one that came knows it.
#[test]
fn a_token_in_a_target_is_not_shown() {
    let files = Files::new();
    files.write_secret("key", "\"quoted-tok-123456\"");
    let file = files.write(
        "c.toml",
        "[[listener]]\naddress = \"127.0.0.1:0\"\n[[key]]\nid = \"k\"\nsecret_file = \"key\"\n\
         [[scheme]]\nname = \"tok\"\nalgorithm = \"token\"\nsignature = \"{query:token}\"\n\
         unsigned_body = true\n\
         [[route]]\nname = \"shop\"\npath = \"/t\"\nscheme = \"tok\"\nkeys = [\"k\"]\n\
         signed_target_prefix = \"/api\"\nuncovered_body = true\nupstream = \"echo\"\n",
    );
    let loaded = config::load(&file).unwrap_or_else(|report| panic!("{report}"));
    let request = b"POST /t?token=quoted-tok-123456 HTTP/1.1\r\nHost: a\r\n\r\n";
    let question = Question::new(read_http(request).unwrap(), 1_700_000_000);
    let explanation = question.by_site(&Site::new(loaded.config));
    let text = explanation.as_text(TextStyle::default());
    assert!(text.contains("Called     /api/t\n"), "{text}");
    for shown in [text, explanation.as_json(true)] {
        assert!(!shown.contains("quoted-tok"), "{shown}");
    }
}
