//! The commands of docs/signing.md do what the page says.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::config_files::Files;
use crate::support::{Origin, Proxy, Setup};

/// A command of the page, and the output that follows it.
struct Step {
    command: String,
    output: Option<String>,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in page.split("```").skip(1).step_by(2) {
        let (kind, text) = block.split_once('\n').unwrap();
        match kind {
            "sh" => steps.push(Step {
                command: text.to_owned(),
                output: None,
            }),
            "text" => steps.last_mut().unwrap().output = Some(text.to_owned()),
            other => panic!("{other}"),
        }
    }
    steps
}

/// Whether a line is the one of the page, in which `…` stands for anything.
fn is_like(line: &str, shown: &str) -> bool {
    let line = line.trim_end();
    match shown.split_once('…') {
        None => line == shown,
        Some((start, end)) => line.starts_with(start) && line.ends_with(end),
    }
}

/// A proxy with the route of the page, whose secret is made by one of its commands.
fn proxy(folder: &Files, origin: &Origin) -> Proxy {
    let secret = folder.path().join("github.secret.txt");
    let key = format!(
        "[[key]]\nid = \"github\"\nsecret_file = \"{}\"\n",
        secret.display()
    );
    Setup::new()
        .tables(&key)
        .route("name = \"github\"\npath = \"/github\"\nscheme = \"github\"\nkeys = [\"github\"]")
        .origin(origin)
        .start()
}

#[test]
fn every_command_of_the_page_prints_what_the_page_shows() {
    let page = fs::read_to_string("docs/signing.md").unwrap();
    let folder = Files::new();
    let origin = Origin::start();
    let mut running: Option<Proxy> = None;
    let program = Path::new(env!("CARGO_BIN_EXE_countersign"));
    let path = format!("{}:{}", program.parent().unwrap().display(), env!("PATH"));
    let steps = steps(&page);
    assert!(steps.len() >= 5, "{}", steps.len());
    for step in steps {
        let sends = step.command.contains("countersign send");
        if sends && running.is_none() {
            running = Some(proxy(&folder, &origin));
        }
        let mut command = step.command.clone();
        if let Some(proxy) = &running {
            command = command.replace("127.0.0.1:8080", &proxy.address.to_string());
        }
        let output = Command::new("bash")
            .args(["-e", "-c", &command])
            .current_dir(folder.path())
            .env("PATH", &path)
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{command}: {err}");
        let Some(shown) = &step.output else { continue };
        let printed = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<_> = printed.lines().collect();
        let shown: Vec<_> = shown.lines().collect();
        assert_eq!(lines.len(), shown.len(), "{command}: {printed}");
        for (line, shown) in lines.iter().zip(shown) {
            assert!(is_like(line, shown), "{command}: {line:?} {shown:?}");
        }
    }
}
