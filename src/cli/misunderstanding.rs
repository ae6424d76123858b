//! Command lines as another program would take them, and what to write instead.

use std::path::Path;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// nginx's options that the program does not have.
const OPTIONS: &[(&str, &str)] = &[
    ("-g", "set keys with '--set KEY=VALUE'"),
    (
        "-q",
        "'-t' writes only to stderr, and its exit code is 0 for a valid configuration",
    ),
    (
        "-e",
        "name the error log in the configuration, or with '--set log.error=FILE'",
    ),
];

/// Adds what was probably meant to an error, if that can be told.
pub(super) fn explain(error: clap::Error, command: &mut Command) -> clap::Error {
    let given = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg]
        .into_iter()
        .find_map(|kind| match error.get(kind) {
            Some(ContextValue::String(given)) => Some(given.clone()),
            _ => None,
        });
    let is_unknown = matches!(
        error.kind(),
        ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument | ErrorKind::ArgumentConflict
    );
    let is_unknown = |given: &String| is_unknown && command.find_subcommand(given).is_none();
    let Some(given) = given.filter(is_unknown) else {
        return error;
    };
    let is_of_scheme = error.to_string().contains("Usage: countersign scheme");
    let option = OPTIONS.iter().find(|(option, _)| *option == given);
    let tip = match option {
        Some((_, tip)) => (*tip).to_owned(),
        None if is_file(&given) && is_of_scheme => {
            format!("run the cases in a file with 'countersign scheme test {given}'")
        }
        None if is_file(&given) => format!("name the configuration file with '-c {given}'"),
        None if is_option_or_word(&given) => return error,
        None => {
            let text = "unexpected argument found, which is not shown because it may be a secret\n\n  \
                        tip: an override is one argument: '--set KEY=VALUE'";
            return command.error(ErrorKind::UnknownArgument, text);
        }
    };
    let text = format!("unexpected argument '{given}' found\n\n  tip: {tip}");
    command.error(ErrorKind::UnknownArgument, text)
}

fn is_file(text: &str) -> bool {
    !text.starts_with('-') && (text.contains(['.', '/']) || Path::new(text).exists())
}

/// Whether it can be meant as an option or a subcommand, and not as the value of an override.
fn is_option_or_word(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    text.starts_with('-') || text.bytes().all(is_letter)
}
