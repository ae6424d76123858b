//! Manual pages, made of the command line's definition.

mod after_help;

use std::io;

use clap::Command;
use clap_mangen::Man;

/// A manual page.
pub(super) struct ManualPage {
    /// `countersign-sign.1`.
    pub(super) file: String,
    /// For `man`.
    pub(super) text: Vec<u8>,
}

/// The page of every command.
pub(super) fn pages(whole: Command) -> io::Result<Vec<ManualPage>> {
    let mut pages = Vec::new();
    add(&built(whole), &mut pages)?;
    Ok(pages)
}

/// The page of the command with these names below the program's; `None` if there is none.
pub(super) fn page(whole: Command, names: &[String]) -> io::Result<Option<ManualPage>> {
    let whole = built(whole);
    let mut command = Some(&whole);
    for name in names {
        command = command.and_then(|command| command.find_subcommand(name));
    }
    command.map(written).transpose()
}

/// With the whole name of each command.
fn built(whole: Command) -> Command {
    let mut whole = whole.disable_help_subcommand(true);
    whole.build();
    whole
}

fn add(command: &Command, pages: &mut Vec<ManualPage>) -> io::Result<()> {
    pages.push(written(command)?);
    for below in command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
    {
        add(below, pages)?;
    }
    Ok(())
}

fn written(command: &Command) -> io::Result<ManualPage> {
    let man = Man::new(command.clone())
        .source(concat!("countersign ", env!("CARGO_PKG_VERSION")))
        .manual("Countersign");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    if let Some(help) = command.get_after_help() {
        text.extend_from_slice(after_help::sections(&help.to_string()).as_bytes());
    }
    Ok(ManualPage {
        file: man.get_filename(),
        text,
    })
}
