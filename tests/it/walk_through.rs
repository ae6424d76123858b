//! Every step of docs/write-a-scheme.md: its files are written, its commands run in one shell, and
//! what they print is compared with what the page says. `UPDATE_DOCS=1` writes it there.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use crate::config_files::Files;
use crate::support::{PATIENCE, address};

const PAGE: &str = "docs/write-a-scheme.md";

/// The reader's directory, and what listens, on the page.
const DIRECTORY: &str = "/srv/shop";
const PROXY: &str = "127.0.0.1:8080";
const BACKEND: &str = "127.0.0.1:9000";

/// A block of the page.
enum Block {
    /// Lines of a file. The text in front of it names the file, or else it is the last one.
    Lines { file: String, text: String },
    /// A command, and what it prints.
    Command { line: String, prints: String },
}

/// The name of a file in the last words of a paragraph: "In `FILE`, ...:".
fn named_file(paragraph: &str) -> Option<String> {
    let start = paragraph.rfind("In `").or(paragraph.rfind("in `"))?;
    let name = paragraph[start + 4..].split('`').next()?;
    name.contains('.').then(|| name.to_owned())
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut file = String::new();
    let mut paragraph = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else {
            match line {
                "" => {}
                line => paragraph.push_str(&format!("{line} ")),
            }
            continue;
        };
        file = named_file(&std::mem::take(&mut paragraph)).unwrap_or(file);
        let text: String = lines
            .by_ref()
            .take_while(|line| *line != "```")
            .map(|line| format!("{line}\n"))
            .collect();
        if kind == "console" {
            blocks.extend(commands(&text));
        } else {
            let file = file.clone();
            blocks.push(Block::Lines { file, text });
        }
    }
    blocks
}

/// The commands in a block, each with the lines below it.
fn commands(text: &str) -> Vec<Block> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            found.push((command.to_owned(), String::new()));
        } else if let (Some(more), Some((command, _))) = (line.strip_prefix("> "), found.last_mut())
        {
            command.push_str(&format!("\n{more}"));
        } else {
            let (_, prints) = found.last_mut().expect("a block begins with a command");
            prints.push_str(&format!("{line}\n"));
        }
    }
    let command = |(line, prints)| Block::Command { line, prints };
    found.into_iter().map(command).collect()
}

/// A shell in which one command runs after the other.
struct Shell {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

const END: &str = "--- end of the command ---";

impl Shell {
    fn start(directory: &Path) -> Self {
        let binary = Path::new(env!("CARGO_BIN_EXE_countersign"));
        let path = std::env::var("PATH").unwrap();
        let mut child = Command::new("bash")
            .arg("--norc")
            .current_dir(directory)
            .env(
                "PATH",
                format!("{}:{path}", binary.parent().unwrap().display()),
            )
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"exec 2>&1\n").unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            input,
            output,
        }
    }

    /// What the command prints on both outputs.
    fn run(&mut self, command: &str) -> String {
        write!(self.input, "{command}\necho '{END}'\n").unwrap();
        let mut printed = String::new();
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "{command}");
            match line.strip_suffix(&format!("{END}\n")) {
                Some(rest) => return printed + rest,
                None => printed.push_str(&line),
            }
        }
    }
}

/// Ends what runs in the background, too.
impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.input.write_all(b"kill $(jobs -p)\nwait\nexit\n");
        let _ = self.child.wait();
    }
}

/// Waits until something listens there.
fn wait_for(address: SocketAddr) {
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < PATIENCE, "nothing listens on {address}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Lines of a page as they are with the addresses and the directory of this test, and back.
struct Names([(&'static str, String); 3]);

impl Names {
    fn here(&self, text: &str) -> String {
        let names = self.0.iter();
        names.fold(text.to_owned(), |text, (name, here)| {
            text.replace(name, here)
        })
    }

    fn on_page(&self, text: &str) -> String {
        let names = self.0.iter();
        names.fold(text.to_owned(), |text, (name, here)| {
            text.replace(here, name)
        })
    }
}

/// Writes a file, adds tables to it, or puts lines in place of the one with the key of the first.
fn write(files: &Files, file: &str, text: &str) {
    let Ok(old) = fs::read_to_string(files.path().join(file)) else {
        files.write(file, text);
        return;
    };
    let new = if text.starts_with("[[") {
        format!("{old}\n{text}")
    } else {
        let key = |line: &str| line.split(" = ").next().unwrap().to_owned();
        // The scheme stands in front of its cases.
        let changed = old.lines().find(|line| key(line) == key(text)).unwrap();
        old.replacen(&format!("{changed}\n"), text, 1)
    };
    assert_ne!(new, old, "{text}");
    files.write(file, new);
}

#[test]
fn every_step_from_the_documentation_to_a_verified_callback_works() {
    let page = fs::read_to_string(PAGE).unwrap();
    let files = Files::new();
    let (proxy, backend) = (address::unused(), address::unused());
    let names = Names([
        (DIRECTORY, files.path().display().to_string()),
        (PROXY, proxy.to_string()),
        (BACKEND, backend.to_string()),
    ]);
    let mut shell = Shell::start(files.path());
    let mut count = 0;
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let (mut updated, mut at) = (page.clone(), 0);
    for block in blocks(&page) {
        match block {
            Block::Lines { file, text } => write(&files, &file, &names.here(&text)),
            Block::Command { line, prints } => {
                let printed = names.on_page(&shell.run(&names.here(&line)));
                if line.ends_with('&') {
                    let is_php = line.starts_with("php ");
                    wait_for(if is_php { backend } else { proxy });
                }
                if update {
                    let command = format!("$ {}\n", line.replace('\n', "\n> "));
                    let shown = format!("{command}{prints}");
                    let new = format!("{command}{printed}");
                    let found = at + updated[at..].find(&shown).unwrap();
                    updated.replace_range(found..found + shown.len(), &new);
                    at = found + new.len();
                } else {
                    assert_eq!(printed, prints, "{line}");
                }
                count += 1;
            }
        }
    }
    if update {
        fs::write(PAGE, updated).unwrap();
    }
    assert!(count >= 12, "{count}");
}
