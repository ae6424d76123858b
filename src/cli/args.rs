//! The command line, as typed.

use std::path::PathBuf;

use clap::Parser;

/// The version and what verifies and serves; a test holds it to `Cargo.lock`.
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nserves with pingora 0.9.1\nverifies with aws-lc-rs 1.19.0 and rsa 0.10.0"
);

const AFTER_HELP: &str = "\
Exit codes:
  0  stopped by a signal, or the configuration is good
  1  the configuration has an error, or the proxy could not run
  2  the command line has an error

Example:
  countersign -t -c /etc/countersign/countersign.toml
          tests a configuration and tells every problem with its place";

/// A reverse proxy that verifies the signatures of payment callbacks before they reach a backend.
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(name = "countersign", version, long_version = LONG_VERSION, after_help = AFTER_HELP)]
pub struct Args {
    /// The configuration file.
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "conf/countersign.toml"
    )]
    pub config: PathBuf,

    /// Test the configuration and exit.
    #[arg(short, long)]
    pub test: bool,
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    use super::*;

    fn parse(arguments: &[&str]) -> Result<Args, clap::Error> {
        Args::try_parse_from(["countersign"].iter().chain(arguments))
    }

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn arguments() {
        let default = Args {
            config: "conf/countersign.toml".into(),
            test: false,
        };
        assert_eq!(parse(&[]).unwrap(), default);
        let given = Args {
            config: "a.toml".into(),
            test: true,
        };
        assert_eq!(parse(&["-t", "-c", "a.toml"]).unwrap(), given);
        assert_eq!(parse(&["--test", "--config=a.toml"]).unwrap(), given);
        assert_eq!(parse(&["-tc", "a.toml"]).unwrap(), given);
    }

    #[test]
    fn usage_errors_exit_with_2() {
        for arguments in [&["-x"][..], &["-c"], &["a.toml"], &["-t", "-t"]] {
            assert_eq!(
                parse(arguments).unwrap_err().exit_code(),
                2,
                "{arguments:?}"
            );
        }
    }

    #[test]
    fn version_in_one_line_and_in_full() {
        let short = parse(&["-V"]).unwrap_err();
        assert_eq!(short.kind(), ErrorKind::DisplayVersion);
        assert_eq!(
            short.to_string(),
            concat!("countersign ", env!("CARGO_PKG_VERSION"), "\n")
        );
        assert_eq!(short.exit_code(), 0);
        let long = parse(&["--version"]).unwrap_err().to_string();
        assert_eq!(long, format!("countersign {LONG_VERSION}\n"));
    }

    #[test]
    fn version_names_what_is_locked() {
        let lock = fs::read_to_string("Cargo.lock").unwrap();
        for package in ["pingora", "aws-lc-rs", "rsa"] {
            let entry = format!("name = \"{package}\"\nversion = \"");
            let version = lock
                .split_once(&entry)
                .unwrap()
                .1
                .split('"')
                .next()
                .unwrap();
            assert!(
                LONG_VERSION.contains(&format!("{package} {version}")),
                "{package} {version}"
            );
        }
    }

    #[test]
    fn help_names_exit_codes_and_an_example() {
        let help = Args::command().render_help().to_string();
        for part in [
            "Exit codes:",
            "Example:",
            "-c, --config <FILE>",
            "-t, --test",
            "-V, --version",
        ] {
            assert!(help.contains(part), "{part}");
        }
    }
}
