//! The command `countersign explain`, and `-t --verify`: what they read, print and exit with.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::scene::Scene;
use crate::config_files::Files;

const SECRET: &str = "whsec_test_secret";

fn run(files: &Files, arguments: &[&str], input: &[u8]) -> Output {
    let mut process = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .current_dir(files.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that needs no input may have ended before.
    let _ = process.stdin.take().unwrap().write_all(input);
    process.wait_with_output().unwrap()
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// A recorded request, a secret, and a configuration for it.
fn files() -> Files {
    let files = Files::new();
    files.write_secret("key", format!("{SECRET}\n"));
    files.write_secret("spaced", format!(" {SECRET}"));
    files.write("request.http", Scene::of("stripe-two-v1").recorded());
    files.write(
        "c.toml",
        "[[listener]]\naddress = \"127.0.0.1:0\"\n[[key]]\nid = \"k\"\nsecret_file = \"key\"\n\
         [[route]]\nname = \"shop\"\npath = \"/callback\"\nscheme = \"stripe\"\nkeys = [\"k\"]\n\
         upstream = \"echo\"\n",
    );
    files
}

const AT: &str = "1700000001";

#[test]
fn exit_codes_tell_what_becomes_of_a_request() {
    let files = files();
    files.write("elsewhere.http", "POST /elsewhere HTTP/1.1\nHost: h\n\nx");
    files.write("broken.http", "POST /callback HTTP/1.1\nHost h\n\nx");
    for (arguments, code, out, err) in [
        (
            &["explain", "-c", "c.toml", "request.http", "--at", AT][..],
            0,
            "verified",
            "",
        ),
        (
            &["explain", "-c", "c.toml", "request.http"],
            3,
            "[too_old]",
            "",
        ),
        (
            &["explain", "-c", "c.toml", "elsewhere.http"],
            4,
            "[route_path]",
            "",
        ),
        (
            &["explain", "-c", "c.toml", "broken.http"],
            1,
            "",
            "broken.http: line 2: not a header line",
        ),
        (
            &["explain", "-c", "c.toml", "missing.http"],
            1,
            "",
            "cannot read missing.http",
        ),
        (
            &["explain", "-c", "missing.toml", "request.http"],
            1,
            "",
            "missing.toml",
        ),
        (
            &["explain", "request.http", "--nonsense"],
            2,
            "",
            "--nonsense",
        ),
        (
            &["explain", "--scheme", "stripe", "request.http"],
            2,
            "",
            "--key",
        ),
        (
            &[
                "explain",
                "--scheme",
                "stripe",
                "--key",
                "key",
                "request.http",
                "--at",
                AT,
            ],
            0,
            "Key        key (secret): fits",
            "",
        ),
        (
            &[
                "explain",
                "--scheme",
                "stripe",
                "--key",
                "spaced",
                "request.http",
                "--at",
                AT,
            ],
            3,
            "[secret_white_space]",
            "",
        ),
        (
            &[
                "explain",
                "--scheme",
                "strype",
                "--key",
                "key",
                "request.http",
            ],
            1,
            "",
            "did you mean `stripe`?",
        ),
        (
            &[
                "explain",
                "--scheme",
                "stripe",
                "--key",
                "key",
                "request.http",
                "--reveal",
            ],
            2,
            "",
            "on a terminal only",
        ),
        (
            &["explain", "-c", "c.toml", "request.http", "--reveal"],
            2,
            "",
            "a key file of your own",
        ),
        (
            &["-t", "-c", "c.toml", "--verify", "request.http"],
            3,
            "Route      shop",
            "test is successful",
        ),
        (
            &["-t", "-c", "c.toml", "--verify", "elsewhere.http"],
            4,
            "no_route",
            "test is successful",
        ),
        (
            &["-t", "-c", "c.toml", "--verify", "missing.http"],
            1,
            "",
            "cannot read missing.http",
        ),
        (
            &["-c", "c.toml", "--verify", "request.http"],
            2,
            "",
            "--test",
        ),
    ] {
        let (found, stdout, stderr) = told(&run(&files, arguments, b""));
        assert_eq!(found, Some(code), "{arguments:?}: {stdout}{stderr}");
        assert!(
            stdout.contains(out) && stderr.contains(err),
            "{arguments:?}: {stdout}{stderr}"
        );
        assert!(!stdout.contains('\u{1b}'), "{stdout}");
    }
}

#[test]
fn a_request_is_read_as_people_have_it() {
    let files = files();
    let scene = Scene::of("stripe-two-v1");
    let (body, headers) = (scene.body(), &scene.sent.headers);
    let recorded = String::from_utf8(scene.recorded()).unwrap();
    let (head, _) = recorded.split_once("\r\n\r\n").unwrap();
    files.write("head", head);
    files.write("body", &body);
    let flags: String = { headers.iter() }
        .map(|(name, value)| format!(" -H '{name}: {value}'"))
        .collect();
    let url = "https://shop.example/callback";
    files.write(
        "curl",
        format!("curl {url}{flags} \\\n --data-raw '{body}'"),
    );
    files.write(
        "curl-file",
        format!("curl {url}{flags} --data-binary @body"),
    );
    let listed: Vec<Value> = { headers.iter() }
        .map(|(name, value)| serde_json::json!({ "name": name, "value": value }))
        .collect();
    let entry = serde_json::json!({
        "startedDateTime": "2023-11-14T22:13:21.000Z",
        "request": {
            "method": "POST", "url": url, "headers": listed,
            "postData": { "mimeType": "application/json", "text": body },
        },
    });
    let har = serde_json::json!({ "log": { "entries": [entry, entry] } });
    files.write("network.har", har.to_string());
    let by = ["--scheme", "stripe", "--key", "key", "--json"];
    for arguments in [
        &["request.http", "--at", AT][..],
        &["-", "--at", "2023-11-14T22:13:21Z"],
        &["head", "--body", "body", "--at", AT],
        &["curl", "--at", AT],
        &["curl-file", "--files", "--at", AT],
        // It says itself when it was sent.
        &["network.har", "--entry", "2"],
    ] {
        let arguments = [&["explain"], arguments, &by[..]].concat();
        let (code, out, err) = told(&run(&files, &arguments, recorded.as_bytes()));
        assert_eq!((code, err.as_str()), (Some(0), ""), "{arguments:?} {out}");
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(told["verdict"], "verified");
        assert_eq!(told["diagnosis"], "genuine");
        let steps = told["steps"].as_array().unwrap().iter();
        let steps: Vec<_> = steps.map(|step| step["step"].as_str().unwrap()).collect();
        assert!(
            steps.contains(&"content") && steps.contains(&"key"),
            "{steps:?}"
        );
    }
    for (arguments, why) in [
        (&["curl-file"][..], "files are read only with `--files`"),
        (&["network.har"], "choose one with `--entry N`"),
    ] {
        let arguments = [&["explain"], arguments, &by[..]].concat();
        let (code, _, err) = told(&run(&files, &arguments, b""));
        assert_eq!(code, Some(1));
        assert!(err.contains(why), "{err}");
    }
}

#[test]
fn on_a_terminal_secrets_are_shown_to_whoever_brings_the_key_and_asks() {
    let files = files();
    let mut scene = Scene::of("stripe-two-v1");
    scene.sent.body.push(b'!');
    files.write("other.http", scene.recorded());
    let program = env!("CARGO_BIN_EXE_countersign");
    let line = |more: &str| {
        format!("{program} explain --scheme stripe --key key other.http --at {AT} {more}")
    };
    let on_terminal = |line: &str| {
        let ran = Command::new("script")
            .args(["-qec", line, "/dev/null"])
            .current_dir(files.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8(ran.stdout).unwrap()
    };
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, SECRET.as_bytes());
    let content = [b"1700000000.", &scene.sent.body[..]].concat();
    let mac = aws_lc_rs::hmac::sign(&key, &content);
    let mac: String = mac
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(on_terminal(&line("--reveal")).contains(&mac));
    assert!(!on_terminal(&line("")).contains(&mac));
    assert!(!on_terminal(&line("--reveal --json")).contains(&mac));
}

#[test]
fn help_names_exit_codes_and_examples() {
    let files = Files::new();
    let (code, out, _) = told(&run(&files, &["explain", "--help"], b""));
    assert_eq!(code, Some(0));
    for part in [
        "Exit codes:",
        "Examples:",
        "--search",
        "--reveal",
        "4  no route takes",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn a_failing_case_of_a_scheme_is_explained() {
    let files = Files::new();
    let scheme = |secret: &str| {
        format!(
            "[[scheme]]\nname = \"acme\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{{header:X-Sign|unhex}}\"\n\
             content = \"{{body}}\"\nnot_covered = [\"query\"]\n[[scheme.case]]\nname = \"paid\"\nmethod = \"POST\"\n\
             target = \"/\"\nheaders = {{ X-Sign = \"{}\" }}\nbody = \"amount=1\"\nsecret = \"{secret}\"\n\
             expect = \"verified\"\n",
            // Of `amount=1` with the secret `hunter2hunter2`.
            mac()
        )
    };
    files.write("right.toml", scheme("hunter2hunter2"));
    files.write("spaced.toml", scheme("hunter2hunter2 "));
    let (code, out, err) = told(&run(&files, &["scheme", "test", "right.toml"], b""));
    assert_eq!(code, Some(0), "{out}{err}");
    let (code, out, _) = told(&run(&files, &["scheme", "test", "spaced.toml"], b""));
    assert_eq!(code, Some(1));
    assert!(
        out.contains("why ") && out.contains("[secret_white_space]"),
        "{out}"
    );
    let (_, out, _) = told(&run(
        &files,
        &["scheme", "test", "--json", "spaced.toml"],
        b"",
    ));
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["diagnosis"], "secret_white_space");
}

fn mac() -> String {
    use aws_lc_rs::hmac;
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"hunter2hunter2");
    let mac = hmac::sign(&key, b"amount=1");
    mac.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
