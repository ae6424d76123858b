//! The `countersign` command.

use std::process::ExitCode;

use countersign::cli;

fn main() -> ExitCode {
    cli::main()
}
