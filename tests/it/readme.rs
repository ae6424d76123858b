//! The commands in README.md do what it says.

use std::process::{Command, Output};

use crate::support::Proxy;
use crate::support::proxy::{COMMITTED_ADDRESS, start_committed};

/// The README's `curl` commands, verbatim.
fn curl_commands() -> Vec<String> {
    let page = std::fs::read_to_string("README.md").unwrap();
    page.lines()
        .filter(|line| line.starts_with("curl "))
        .map(str::to_owned)
        .collect()
}

/// Runs a command from the README against a proxy on another address.
fn run(line: &str, proxy: &Proxy) -> String {
    assert!(line.contains(COMMITTED_ADDRESS), "{line}");
    let line = line.replace(COMMITTED_ADDRESS, &proxy.address.to_string());
    let Output { stdout, status, .. } = Command::new("sh").args(["-c", &line]).output().unwrap();
    assert!(
        status.success(),
        "curl is there: scripts/setup --test brings it"
    );
    String::from_utf8(stdout).unwrap()
}

#[test]
fn the_readmes_callbacks_have_the_documented_results() {
    let proxy = start_committed();
    let [genuine, misprinted] = curl_commands().try_into().unwrap();

    let answer = run(&genuine, &proxy);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    for line in [
        r#"["X-Verified-Scheme", "cheezeepay"],"#,
        r#"["X-Verified-Key", "cheezeepay-platform"],"#,
        r#"["X-Verified-Route", "cheezeepay"],"#,
        r#"["X-Verified-Covers", "fields"],"#,
        r#"["X-Verified-Means", "signature"],"#,
        r#"["X-Order-No", "C202401090023"],"#,
    ] {
        assert!(answer.contains(line), "{line}\n{answer}");
    }

    let answer = run(&misprinted, &proxy);
    assert!(
        answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
        "{answer}"
    );
    assert!(answer.contains(r#""error":"invalid_callback""#), "{answer}");
    assert!(
        answer.contains(r#""reason":"signature_mismatch""#),
        "{answer}"
    );
}

/// A newcomer's first experiment: change the fields, reload, and run the same command again.
#[test]
fn the_same_callback_shows_a_changed_configuration() {
    let proxy = start_committed();
    let [genuine, _] = curl_commands().try_into().unwrap();
    assert!(run(&genuine, &proxy).contains(r#"["X-Order-No", "C202401090023"],"#));
    proxy.reconfigure(|text| text.replace("\"X-Order-No\"", "\"X-My-Order\""));
    proxy.error_line("reloaded");
    let answer = run(&genuine, &proxy);
    assert!(
        answer.contains(r#"["X-My-Order", "C202401090023"],"#),
        "{answer}"
    );
    assert!(!answer.contains("X-Order-No"), "{answer}");
}
