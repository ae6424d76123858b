//! A command line of curl: what browsers and documentation hand out as an example.

mod command_line;
mod curl_data;
mod curl_options;
mod read_file;
mod shell_words;
#[cfg(test)]
mod tests;

use super::read_request::ReadRequest;
use super::unread_request::UnreadRequest;
pub use read_file::ReadFile;

use command_line::CommandLine;
use shell_words::shell_words;

/// Reads a command line of curl. Options that change nothing about the request are passed over; others that are not
/// understood are named. `files` reads what `@file` names; without it such an option is refused.
///
/// # Errors
/// What is wrong, and on which line.
pub fn read_curl(text: &[u8], files: Option<ReadFile<'_>>) -> Result<ReadRequest, UnreadRequest> {
    let words = shell_words(text)?;
    CommandLine::read(&words, files)?.request()
}
