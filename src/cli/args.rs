//! The command line's syntax.

use std::ffi::OsString;
use std::path::{self, Path, PathBuf};

use clap::error::ErrorKind;
use clap::{ArgAction, CommandFactory as _, Parser};

use super::commands::Command;
use super::config_file::{DEFAULT, INSTALLED};
use super::misunderstanding;
use super::signal::SignalCommand;
use crate::config::Input;

/// The version, how it was built, and the libraries that serve and verify. A test compares it with
/// `Cargo.lock`.
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nbuilt with ",
    env!("BUILT_WITH"),
    " for ",
    env!("BUILT_FOR"),
    " (",
    env!("BUILT_AS"),
    ")\nserves with pingora 0.9.1\nverifies with aws-lc-rs 1.19.0 and rsa 0.10.0"
);

const AFTER_HELP: &str = r#"Exit codes:
  0  stopped by a signal, the configuration is valid, or the signal took effect
  1  the configuration has an error, the proxy could not run, or the signal failed
  2  the command line has an error
  3  with `-t --verify`: the request would be rejected
  4  with `-t --verify`: no route takes the request

Examples:
  countersign -t -c /etc/countersign/countersign.toml
          tests a configuration and reports every problem with its location
  countersign -t -c /etc/countersign/countersign.toml --verify request.http
          also says which route takes a recorded request, and what comes of it
  countersign --set log.level=debug --set 'upstream.shop.servers=["127.0.0.1:9000"]'
          runs with another log level and another server than in the file
  countersign -s reload
          reloads the configuration in the running process, or says why it cannot"#;

/// A reverse proxy that verifies the signatures of payment callbacks before they reach a backend.
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(
    name = "countersign",
    version,
    after_help = AFTER_HELP,
    args_conflicts_with_subcommands = true,
    disable_version_flag = true
)]
pub struct Args {
    /// The configuration file [default: conf/countersign.toml if it exists, otherwise
    /// /etc/countersign/countersign.toml].
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Resolve a relative path of `-c` from this directory instead of the working directory. Paths
    /// inside the file are not affected.
    #[arg(short, long, value_name = "DIRECTORY")]
    pub prefix: Option<PathBuf>,

    /// Override a key of the configuration file, also on every reload and upgrade. May be repeated.
    ///
    /// KEY is the path to the key, joined by dots: `log.level`, `workers`. If a table can occur
    /// more than once, name the one you mean: `route.NAME.max_age`, `upstream.NAME.servers`,
    /// `key.ID.file`, `listener."ADDRESS".http2`. Quote a name that contains dots. VALUE is TOML,
    /// or else plain text: `debug`, `60s`, `["127.0.0.1:9000"]`. A relative path is relative to the
    /// configuration file.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,

    /// Test the configuration and exit.
    #[arg(short, long, conflicts_with = "signal")]
    pub test: bool,

    /// With `-t`: also say which route takes this request, and what comes of it. It is a file, or `-`, as for
    /// `countersign explain`.
    #[arg(long, value_name = "REQUEST", requires = "test")]
    pub verify: Option<PathBuf>,

    /// Test the configuration, print it as one file with all includes and defaults, and exit.
    #[arg(short = 'T', long, conflicts_with_all = ["signal", "test"])]
    pub dump: bool,

    /// Send a signal to the running process.
    #[arg(short, long, value_name = "SIGNAL")]
    pub signal: Option<SignalCommand>,

    /// With `-s quit` or `-s stop`: wait until the process has exited.
    #[arg(long, requires = "signal")]
    pub wait: bool,

    /// Print the version and exit.
    #[arg(short = 'v', action = ArgAction::Version)]
    version: Option<bool>,

    /// Print the version and build details, and exit.
    #[arg(short = 'V', long = "version")]
    pub build: bool,

    /// What to do in place of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What `-V` prints.
#[must_use]
pub fn build() -> String {
    format!("countersign {LONG_VERSION}\n")
}

impl Args {
    /// Parses a command line, which starts with the program's name.
    ///
    /// # Errors
    /// If the command line is invalid, or asks for the help or the version. The error holds the
    /// text to print.
    pub fn read<A: Into<OsString> + Clone>(
        line: impl IntoIterator<Item = A>,
    ) -> Result<Self, clap::Error> {
        let args = Self::try_parse_from(line)
            .map_err(|error| misunderstanding::explain(error, &mut Self::command()))?;
        if args.wait && !args.signal.is_some_and(SignalCommand::ends) {
            let why = "the argument '--wait' can only be used with '-s quit' and '-s stop'; \
                       '-s reload' and '-s upgrade' always wait";
            return Err(Self::command().error(ErrorKind::ArgumentConflict, why));
        }
        Ok(args)
    }

    /// The configuration file and the overrides.
    #[must_use]
    pub fn input(&self) -> Input {
        Input {
            file: self.file(),
            overrides: self.set.clone(),
        }
    }

    /// The configuration file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        let mut searched = self.searched().into_iter();
        let first = searched.next().unwrap_or_default();
        if first.exists() {
            return first;
        }
        searched.find(|file| file.exists()).unwrap_or(first)
    }

    /// Where the configuration file is looked for.
    fn searched(&self) -> Vec<PathBuf> {
        let prefix = self.prefix.as_deref().unwrap_or(Path::new(""));
        match (&self.config, &self.prefix) {
            (Some(file), _) => vec![prefix.join(file)],
            (None, Some(_)) => vec![prefix.join(DEFAULT)],
            (None, None) => vec![DEFAULT.into(), INSTALLED.into()],
        }
    }

    /// What to say if the command line names no configuration file and none is found.
    #[must_use]
    pub fn no_file(&self) -> Option<String> {
        let searched = self.searched();
        // One that only cannot be looked at is reported when it is read.
        let is_missing = |file: &PathBuf| file.try_exists().is_ok_and(|exists| !exists);
        if self.config.is_some() || !searched.iter().all(is_missing) {
            return None;
        }
        let whole = |file: &PathBuf| path::absolute(file).unwrap_or_else(|_| file.clone());
        let searched = searched
            .iter()
            .map(|file| whole(file).display().to_string());
        let searched: Vec<_> = searched.collect();
        Some(format!(
            "countersign: there is no configuration file: `-c` names none, and these do not exist: \
             {}\n",
            searched.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn parse(arguments: &[&str]) -> Result<Args, clap::Error> {
        Args::read(["countersign"].iter().chain(arguments))
    }

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn arguments() {
        let default = parse(&[]).unwrap();
        assert_eq!((default.config, default.test), (None, false));
        let given = parse(&["-t", "-c", "a.toml"]).unwrap();
        assert_eq!(
            (given.config.clone(), given.test),
            (Some("a.toml".into()), true)
        );
        assert_eq!(parse(&["--test", "--config=a.toml"]).unwrap(), given);
        assert_eq!(parse(&["-tc", "a.toml"]).unwrap(), given);
    }

    #[test]
    fn usage_errors_exit_with_2() {
        for arguments in [
            &["-x"][..],
            &["-c"],
            &["a.toml"],
            &["-t", "-t"],
            &["-s", "dance"],
            &["-t", "-s", "reload"],
            &["--wait"],
            &["-s", "reload", "--wait"],
            &["-s", "upgrade", "--wait"],
            &["-s", "reopen", "--wait"],
        ] {
            assert_eq!(
                parse(arguments).unwrap_err().exit_code(),
                2,
                "{arguments:?}"
            );
        }
    }

    #[test]
    fn wait_is_accepted_only_with_quit_and_stop() {
        for signal in ["quit", "stop"] {
            assert!(parse(&["-s", signal, "--wait"]).unwrap().wait);
        }
        let error = parse(&["-s", "reload", "--wait"]).unwrap_err().to_string();
        assert!(
            error.contains("only be used with '-s quit' and '-s stop'"),
            "{error}"
        );
    }

    #[test]
    fn a_file_without_its_option_and_nginxs_options_are_explained() {
        for (arguments, tip) in [
            (&["a.toml"][..], "'-c a.toml'"),
            (&["-t", "a.toml"], "'-c a.toml'"),
            (&["-t", "/etc/a"], "'-c /etc/a'"),
            (&["-T", "./a"], "'-c ./a'"),
            (&["-s", "reload", "a.toml"], "'-c a.toml'"),
            (&["-t", "-c", "a.toml", "b.toml"], "'-c b.toml'"),
            (&["-g", "daemon off;"], "'--set KEY=VALUE'"),
            (&["-t", "-q"], "stderr"),
            (&["-e", "stderr"], "'--set log.error=FILE'"),
            (&["scheme", "a.toml"], "'countersign scheme test a.toml'"),
        ] {
            let error = parse(arguments).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("tip: ") && text.contains(tip), "{text}");
            assert!(text.contains("Usage: "), "{text}");
            assert_eq!(error.exit_code(), 2);
        }
        let error = parse(&["shcema"]).unwrap_err().to_string();
        assert!(
            error.contains("'schema'") && !error.contains("-c"),
            "{error}"
        );
    }

    #[test]
    fn version_in_one_line_and_in_full() {
        let short = parse(&["-v"]).unwrap_err();
        assert_eq!(short.kind(), ErrorKind::DisplayVersion);
        assert_eq!(
            short.to_string(),
            concat!("countersign ", env!("CARGO_PKG_VERSION"), "\n")
        );
        assert_eq!(short.exit_code(), 0);
        for long in ["-V", "--version"] {
            assert!(parse(&[long]).unwrap().build);
        }
    }

    #[test]
    fn files_are_relative_to_the_prefix() {
        let file = |arguments: &[&str]| parse(arguments).unwrap().file();
        assert_eq!(file(&[]), Path::new(DEFAULT));
        assert_eq!(file(&["-c", "a.toml"]), Path::new("a.toml"));
        assert_eq!(file(&["-p", "/p", "-c", "a.toml"]), Path::new("/p/a.toml"));
        assert_eq!(file(&["-p", "/p", "-c", "/a.toml"]), Path::new("/a.toml"));
        assert_eq!(file(&["-p", "/p"]), Path::new("/p/conf/countersign.toml"));
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
            "Examples:",
            "-c, --config <FILE>",
            "-t, --test",
            "-T, --dump",
            "-V, --version",
        ] {
            assert!(help.contains(part), "{part}");
        }
    }
}
