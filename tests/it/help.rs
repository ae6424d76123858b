//! What the program says of itself: `--help`, the completions of shells, and manual pages.

use std::fs;
use std::process::{Command, Output, Stdio};

use clap::CommandFactory as _;
use countersign::cli::args::Args;

use crate::config_files::Files;

const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign");

fn countersign(arguments: &[&str]) -> String {
    let output = Command::new(PROGRAM).args(arguments).output().unwrap();
    text(output)
}

/// What a program that succeeds prints.
fn text(output: Output) -> String {
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{err}");
    String::from_utf8(output.stdout).unwrap()
}

/// The names of every command, from the program on.
fn commands() -> Vec<Vec<String>> {
    fn add(command: &clap::Command, names: &[String], found: &mut Vec<Vec<String>>) {
        found.push(names.to_vec());
        for below in command
            .get_subcommands()
            .filter(|below| below.get_name() != "help")
        {
            add(
                below,
                &[names, &[below.get_name().to_owned()]].concat(),
                found,
            );
        }
    }
    let mut found = Vec::new();
    add(&Args::command(), &[], &mut found);
    found
}

#[test]
fn every_command_says_its_exit_codes_and_gives_examples() {
    let commands = commands();
    assert!(commands.len() > 12, "{}", commands.len());
    let mut lacking = Vec::new();
    for names in &commands {
        let mut arguments: Vec<_> = names.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = countersign(&arguments);
        let has_own = commands
            .iter()
            .any(|other| other.len() > names.len() && other.starts_with(names));
        // One that only has others below it is told by these.
        let is_told =
            help.contains("Exit codes:\n  0  ") && help.contains("Examples:\n  countersign");
        if !is_told && (names.is_empty() || !has_own) {
            lacking.push(names.join(" "));
        }
        let codes = help
            .lines()
            .skip_while(|line| *line != "Exit codes:")
            .skip(1);
        let codes: Vec<_> = codes.take_while(|line| line.starts_with("  ")).collect();
        let is_code =
            |line: &&str| line.as_bytes()[2].is_ascii_digit() || line.starts_with("     ");
        assert!(codes.iter().all(is_code), "{names:?}: {codes:?}");
        assert!(
            !help.contains('\u{1b}'),
            "no colours where it is no terminal"
        );
    }
    assert!(lacking.is_empty(), "{lacking:?}");
}

#[test]
fn help_has_colours_on_a_terminal_unless_they_are_unwanted() {
    let shown = |no_color: Option<&str>| {
        let mut command = Command::new("script");
        command.args(["-qec", &format!("{PROGRAM} sign --help"), "/dev/null"]);
        command.env("TERM", "xterm").env_remove("NO_COLOR");
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        text(command.stdin(Stdio::null()).output().unwrap())
    };
    assert!(shown(None).contains('\u{1b}'));
    assert!(!shown(Some("1")).contains('\u{1b}'));
}

#[test]
fn bash_completes_commands_options_and_values() {
    let files = Files::new();
    files.write("countersign.bash", countersign(&["completions", "bash"]));
    let complete = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
        let script = format!(
            "source ./countersign.bash; COMP_WORDS=({}); COMP_CWORD={}; \
             _countersign countersign \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            quoted.join(" "),
            words.len() - 1
        );
        let output = Command::new("bash")
            .args(["--norc", "-c", &script])
            .current_dir(files.path())
            .output();
        text(output.unwrap())
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(complete("countersign keyg"), ["keygen"]);
    assert_eq!(complete("countersign send --tam"), ["--tamper"]);
    assert_eq!(
        complete("countersign send --tamper body-"),
        ["body-longer", "body-shorter"]
    );
    assert_eq!(complete("countersign keygen ed"), ["ed25519"]);
    assert_eq!(complete("countersign scheme t"), ["test"]);
    assert_eq!(complete("countersign --dum"), ["--dump"]);
}

#[test]
fn fish_completes_commands_options_and_values() {
    let files = Files::new();
    files.write("countersign.fish", countersign(&["completions", "fish"]));
    let complete = |line: &str| {
        let script = format!("source countersign.fish; complete -C '{line}'");
        let output = Command::new("fish")
            .args(["--no-config", "-c", &script])
            .current_dir(files.path())
            .env("HOME", files.path())
            .output();
        let shown = text(output.unwrap());
        let words = shown.lines().filter_map(|line| line.split('\t').next());
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete("countersign keyg"), ["keygen"]);
    assert_eq!(complete("countersign send --tam"), ["--tamper"]);
    assert_eq!(
        complete("countersign send --tamper body-"),
        ["body-longer", "body-shorter"]
    );
    assert_eq!(complete("countersign scheme te"), ["test"]);
}

#[test]
fn zsh_completes_commands_options_and_values() {
    let files = Files::new();
    files.write("_countersign", countersign(&["completions", "zsh"]));
    // Completion works in zsh's line editor alone, which needs a terminal: zpty is one.
    files.write(
        "complete.zsh",
        r#"
zmodload zsh/zpty
zpty shell zsh -f -i
send() { zpty -w shell "$1" }
until_word() { local out; while zpty -r shell out; do print -r -- "$out"; [[ $out == *"$1"* ]] && return; done }
send "PS1=; fpath=($PWD \$fpath); autoload -U compinit; compinit -u -D; setopt no_list_beep; print rea''dy"
until_word ready
zpty -w -n shell "countersign $1"$'\t'$'\C-a'"print -r -- 'DO''NE: "$'\C-e'"'"$'\n'
until_word DONE:
"#,
    );
    let complete = |line: &str| {
        let output = Command::new("timeout")
            .args(["30", "zsh", "-f", "complete.zsh", line])
            .current_dir(files.path())
            .env("HOME", files.path())
            .env("TERM", "dumb")
            .stdin(Stdio::null())
            .output();
        let shown = text(output.unwrap());
        let done = shown.rsplit("DONE: ").next().unwrap();
        done.lines().next().unwrap().trim().to_owned()
    };
    assert_eq!(complete("keyg"), "countersign keygen");
    assert_eq!(complete("send --tam"), "countersign send --tamper");
    assert_eq!(
        complete("send --tamper old"),
        "countersign send --tamper old"
    );
    assert_eq!(complete("keygen ed"), "countersign keygen ed25519");
}

#[test]
fn every_command_has_a_manual_page_that_man_shows() {
    let files = Files::new();
    let folder = files.path().display().to_string();
    countersign(&["man", "--out", &folder]);
    let commands = commands();
    assert_eq!(fs::read_dir(files.path()).unwrap().count(), commands.len());
    for names in &commands {
        let name = [&["countersign".to_owned()], names.as_slice()]
            .concat()
            .join("-");
        let page = format!("{name}.1");
        let output = Command::new("man")
            .args(["--warnings", "-E", "UTF-8", "-l", &page])
            .current_dir(files.path())
            .env("MANWIDTH", "100")
            .env("MAN_KEEP_FORMATTING", "")
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap();
        let warnings = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(warnings, "", "{page}");
        let shown = text(output);
        let title = format!("{}(1)", name.to_lowercase());
        assert!(shown.to_lowercase().starts_with(&title), "{page}: {shown}");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION"] {
            assert!(
                shown.contains(&format!("\n{section}\n")),
                "{page}: {section}"
            );
        }
        // What the help says behind the options can be copied from the page.
        let mut arguments: Vec<_> = names.iter().map(String::as_str).collect();
        let printed = countersign(&[&["man"], arguments.as_slice()].concat());
        assert_eq!(
            printed,
            fs::read_to_string(files.path().join(&page)).unwrap()
        );
        arguments.push("--help");
        let help = countersign(&arguments);
        let examples = help.lines().skip_while(|line| *line != "Examples:").skip(1);
        for example in examples {
            assert!(shown.contains(example.trim()), "{page}: {example}\n{shown}");
        }
    }
    let output = Command::new(PROGRAM)
        .args(["man", "none"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_package_has_every_page_and_the_completions() {
    let files = Files::new();
    let folder = files.path().join("help");
    let folder = folder.to_str().unwrap();
    let script = Command::new("scripts/print-help")
        .args([PROGRAM, folder])
        .output();
    text(script.unwrap());
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let assets = manifest.split("[\"target/help/").skip(1);
    let mut packed = 0;
    for asset in assets {
        let name = asset.split('"').next().unwrap();
        let is_packed = |file: &str| match name.strip_prefix('*') {
            Some(ending) => file.ends_with(ending),
            None => file == name,
        };
        let names = fs::read_dir(folder).unwrap();
        let names = names.map(|file| file.unwrap().file_name().into_string().unwrap());
        let count = names.filter(|file| is_packed(file)).count();
        assert!(count > 0, "{name}");
        packed += count;
    }
    assert_eq!(packed, fs::read_dir(folder).unwrap().count());
    assert_eq!(packed, commands().len() + 3);
}
