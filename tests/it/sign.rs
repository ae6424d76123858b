//! `countersign sign`: what it prints, and what it says where it cannot.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::config_files::Files;
use crate::openssl::OpenSsl;
use crate::support::{Client, Origin, Proxy, Setup};

const SECRET: &str = "a secret of the shop and github";

fn countersign(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// What is printed.
fn signed(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = countersign(folder, &[&["sign"], arguments].concat());
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {err}");
    output.stdout
}

/// What is said of a callback that cannot be signed.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = countersign(folder, &[&["sign"], arguments].concat());
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {err}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert!(!err.contains(SECRET), "{err}");
    err
}

/// A proxy with two routes, and the folder with their secret.
fn proxy(origin: &Origin) -> (Proxy, Files) {
    let files = Files::new();
    let secret = files.write_secret("secret", SECRET);
    let key = format!(
        "[[key]]\nid = \"shop\"\nsecret_file = \"{}\"\n",
        secret.display()
    );
    let proxy = Setup::new()
        .tables(&key)
        .route("name = \"github\"\npath = \"/github\"\nscheme = \"github\"\nkeys = [\"shop\"]")
        .route(
            "name = \"slack\"\npath = \"/slack\"\nmethods = [\"PUT\"]\nscheme = \"slack\"\nkeys = [\"shop\"]",
        )
        .origin(origin)
        .start();
    (proxy, files)
}

#[test]
fn curl_sends_what_is_printed_for_it_byte_for_byte() {
    let origin = Origin::start();
    let (proxy, files) = proxy(&origin);
    let url = format!("http://{}/github?a[]={{b}}&q='", proxy.address);
    for body in [
        &b"{\"a\": \"it's\"}\n"[..],
        b"@not a file",
        b"",
        b"%b \\n $HOME `x` \"",
        "\u{fc}\t\u{1f600}!".as_bytes(),
        b"\x00\xff\r\n\\0",
    ] {
        files.write("body", body);
        let line = signed(
            files.path(),
            &[
                "--scheme",
                "github",
                "--secret",
                "secret",
                "--body",
                "body",
                "--url",
                &url,
                "--header",
                "X-Empty:",
                "--header",
                "X-Quote: it's",
                "--output",
                "curl",
            ],
        );
        let line = String::from_utf8(line).unwrap();
        let script = format!("{} -sS -o answer -w '%{{http_code}}'", line.trim_end());
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(files.path())
            .output()
            .unwrap();
        let status = String::from_utf8(output.stdout).unwrap();
        assert_eq!(status, "200", "{line}: {}", proxy.access_line());
        let received = origin.last();
        assert_eq!(received.body, body, "{line}");
        assert_eq!(received.target, "/github?a[]={b}&q='");
        assert_eq!(received.header("X-Quote"), Some("it's"));
        assert_eq!(received.header("X-Empty"), Some(""));
        assert_eq!(received.header("Content-Type"), None);
        proxy.access_line();
    }
}

#[test]
fn http_and_json_are_the_same_request() {
    let files = Files::new();
    files.write("secret", SECRET);
    let arguments = [
        "--scheme",
        "slack",
        "--secret",
        "secret",
        "--field",
        "a=b c",
        "--at",
        "2024-01-13T06:43:00Z",
        "--url",
        "https://pay.example/slack?x=1",
    ];
    let http = String::from_utf8(signed(files.path(), &arguments)).unwrap();
    let (head, body) = http.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /slack?x=1 HTTP/1.1\r\nHost: pay.example\r\n"),
        "{head}"
    );
    assert!(
        head.contains("\r\nX-Slack-Request-Timestamp: 1705128180\r\n"),
        "{head}"
    );
    let json = signed(
        files.path(),
        &[&arguments[..], &["--output", "json"]].concat(),
    );
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["method"], "POST");
    assert_eq!(json["url"], "https://pay.example/slack?x=1");
    assert_eq!(json["body"], body);
    for header in json["headers"].as_array().unwrap() {
        let value = header[1].as_str().unwrap();
        assert!(head.contains(&format!(": {value}")), "{header}");
    }
}

#[test]
fn a_route_of_a_configuration_gives_scheme_host_path_and_secret() {
    let origin = Origin::start();
    let (proxy, folder) = proxy(&origin);
    let config = proxy.file("countersign.toml");
    let config = config.to_str().unwrap();
    for (route, path, method) in [
        ("github", "/github", "POST"),
        ("/github", "/github", "POST"),
        ("http://any.example/slack", "/slack", "PUT"),
    ] {
        let arguments = ["-c", config, "--route", route, "--method", method];
        let request = signed(folder.path(), &arguments);
        let mut client = Client::connect(proxy.address);
        client.send(&request);
        assert_eq!(client.response().status, 200, "{}", proxy.access_line());
        assert_eq!(origin.last().target, path);
        proxy.access_line();
    }
    for (arguments, why) in [
        (&["-c", config][..], "`github`, `slack`"),
        (
            &["-c", config, "--route", "gihub"],
            "no route `gihub`: it has `github`, `slack`",
        ),
        (&["-c", config, "--route", "/none"], "route_not_found"),
        (
            &["-c", config, "--url", "http://a/slack"],
            "method_not_allowed",
        ),
        (
            &["-c", "none.toml", "--route", "x"],
            "there is no such file",
        ),
    ] {
        let err = refused(folder.path(), arguments);
        assert!(err.contains(why), "{err}");
    }
}

#[test]
fn a_callback_names_the_key_as_its_route_does() {
    let origin = Origin::start();
    let files = OpenSsl::new();
    for name in ["first", "second"] {
        let made = ["keygen", "rsa", "--out", name];
        assert!(countersign(files.folder(), &made).status.success());
    }
    let key = |name: &str| {
        let file = files.path(&format!("{name}.public.pem"));
        format!("[[key]]\nid = \"{name}\"\nfile = \"{file}\"\n")
    };
    let proxy = Setup::new()
        .tables(&(key("first") + &key("second")))
        .route(
            "name = \"sgate\"\npath = \"/sgate\"\nscheme = \"sgate\"\n\
             keys = { mk_1 = \"first\", mk_2 = \"second\" }",
        )
        .origin(&origin)
        .start();
    let config = proxy.file("countersign.toml");
    for (name, id) in [("first", "mk_1"), ("second", "mk_2")] {
        let key = files.path(&format!("{name}.private.pem"));
        let arguments = [
            "-c",
            config.to_str().unwrap(),
            "--private-key",
            &key,
            "--field",
            "a=1",
        ];
        let mut client = Client::connect(proxy.address);
        client.send(&signed(files.folder(), &arguments));
        assert_eq!(client.response().status, 200, "{}", proxy.access_line());
        assert_eq!(origin.last().header("V-Api-Key"), Some(id));
        proxy.access_line();
    }
}

#[test]
fn a_private_key_that_a_route_does_not_have_is_noted() {
    let openssl = OpenSsl::new();
    for name in ["a", "b"] {
        openssl.run(&format!("genpkey -algorithm RSA -out {name}.pem"), b"");
    }
    openssl.run("pkey -in a.pem -pubout -out public.pem", b"");
    openssl.write(
        "c.toml",
        "[[listener]]\naddress = \"127.0.0.1:0\"\n[[key]]\nid = \"k\"\nfile = \"public.pem\"\n\
         [[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"cheezeepay\"\nkeys = [\"k\"]\nupstream = \"echo\"\n",
    );
    let sign = |key: &str| {
        let arguments = [
            "sign",
            "-c",
            "c.toml",
            "--field",
            "a=1",
            "--private-key",
            key,
        ];
        let output = countersign(openssl.folder(), &arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(sign("a.pem"), "");
    let note = sign("b.pem");
    assert!(
        note.contains("note: the route `r` does not have the public key"),
        "{note}"
    );
}

#[test]
fn private_keys_are_read_in_every_form_that_is_handed_out() {
    let openssl = OpenSsl::new();
    let scheme = |algorithm: &str, form: &str| {
        format!(
            "[[scheme]]\nname = \"s\"\nalgorithm = \"{algorithm}\"\n{form}\
             signature = \"{{header:X-Sign|unbase64}}\"\ncontent = \"{{body}}\"\n"
        )
    };
    let der = "signature_form = \"der\"\n";
    for (kind, algorithm, form) in [
        ("rsa", "rsa-md5", ""),
        ("rsa", "rsa-pss-sha512", ""),
        ("p256", "ecdsa-p256-sha256", der),
        ("p256", "ecdsa-p256-sha1", "signature_form = \"raw\"\n"),
        ("p384", "ecdsa-p384-sha384", der),
        ("p521", "ecdsa-p521-sha512", der),
        ("ed25519", "ed25519", ""),
    ] {
        openssl.write("s.toml", &scheme(algorithm, form));
        let forms = match kind {
            "rsa" => "pem pkcs1 der base64 jwk",
            "ed25519" => "pem der base64 jwk hex raw whsec",
            _ => "pem der base64 jwk",
        };
        for form in forms.split(' ') {
            let name = format!("{kind}-{algorithm}-{form}");
            let made = countersign(
                openssl.folder(),
                &["keygen", kind, "--format", form, "--out", &name],
            );
            assert!(made.status.success(), "{made:?}");
            let ending = ["pem", "der", "jwk", "txt"];
            let files = ending.map(|ending| format!("{name}.private.{ending}"));
            let file = files
                .iter()
                .find(|file| openssl.folder().join(file).exists())
                .unwrap();
            let arguments = [
                "--scheme",
                "s.toml",
                "--private-key",
                file,
                "--field",
                "a=1",
            ];
            signed(openssl.folder(), &arguments);
        }
    }
    // As OpenSSL writes them by itself.
    openssl.write("s.toml", &scheme("ecdsa-p256-sha256", der));
    openssl.run("ecparam -name prime256v1 -genkey -out sec1.pem", b"");
    let key = ["--scheme", "s.toml", "--body", "s.toml", "--private-key"];
    signed(openssl.folder(), &[&key[..], &["sec1.pem"]].concat());
    openssl.run(
        "pkcs8 -topk8 -in sec1.pem -passout pass:x -out encrypted.pem",
        b"",
    );
    openssl.run("pkey -in sec1.pem -pubout -out public.pem", b"");
    openssl.run("genpkey -algorithm X25519 -out x.pem", b"");
    openssl.write("none.pem", "no key");
    openssl.write("empty.pem", "\n");
    for (file, why) in [
        ("encrypted.pem", "pass phrase"),
        ("public.pem", "signing takes the private key"),
        ("x.pem", "sign nothing here"),
        ("none.pem", "no private key as PEM, DER or base64"),
        ("empty.pem", "empty"),
        ("missing.pem", "cannot read missing.pem"),
    ] {
        let err = refused(openssl.folder(), &[&key[..], &[file]].concat());
        assert!(err.contains(why) && err.contains(file), "{err}");
    }
}

#[test]
fn what_is_missing_is_named_with_its_option() {
    let files = Files::new();
    files.write("secret", SECRET);
    files.write("two.toml", "[[scheme]]\nname = \"a\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:S|unhex}\"\ncontent = \"{body}\"\n\n[[scheme]]\nname = \"b\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:S|unhex}\"\ncontent = \"{body}\"\n");
    files.write(
        "bad.toml",
        "[[scheme]]\nname = \"a\"\nalgorithm = \"hmac\"\n",
    );
    signed(
        files.path(),
        &["--scheme", "two.toml#b", "--secret", "secret"],
    );
    let secret = ["--secret", "secret"];
    for (arguments, why) in [
        (&["--scheme", "gihub"][..], "did you mean `github`?"),
        (&["--scheme", "./none.toml"], "cannot read ./none.toml"),
        (&["--scheme", "two.toml"], "write two.toml#NAME"),
        (&["--scheme", "bad.toml"], "bad.toml:3"),
        (&["--scheme", "github"], "`--secret FILE`"),
        (&["--scheme", "cheezeepay"], "`--private-key FILE`"),
        (
            &["--scheme", "paypal"],
            "`webhook_id`: `--value webhook_id=VALUE`",
        ),
        (&["--scheme", "twilio", secret[0], secret[1]], "`--url URL`"),
        (
            &["--scheme", "github", "--secret", "nowhere"],
            "cannot read nowhere",
        ),
        (
            &["--scheme", "github", secret[0], secret[1], "--header", "x"],
            "'NAME: VALUE'",
        ),
        (
            &["--scheme", "github", secret[0], secret[1], "--url", "x"],
            "needs a URL",
        ),
        (
            &["--scheme", "github", secret[0], secret[1], "--field", "x"],
            "NAME=VALUE",
        ),
        (
            &[
                "--scheme", "mailgun", secret[0], secret[1], "--body", "two.toml",
            ],
            "cannot be",
        ),
    ] {
        let err = refused(files.path(), arguments);
        assert!(err.contains(why), "{arguments:?}: {err}");
    }
    for arguments in [
        &["sign"][..],
        &["sign", "--scheme", "github", "--at", "soon"],
    ] {
        let output = countersign(files.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
    assert!(fs::read_dir(files.path()).unwrap().count() == 3);
}
