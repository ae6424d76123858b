//! The commands `-t` and `-T`: test a configuration and report its problems.

use std::io::{self, Write};
use std::path::{self, Path};
use std::process::ExitCode;

use crate::config::diagnostic::WarningName;
use crate::config::{Config, Input, Loaded, Report, format_time};
use crate::proxy::check_store;

/// Tests a configuration the way a start would: reads included files and key files, and resolves
/// the names of servers.
///
/// Writes the warnings and nginx's two lines to `out`, or a report of all problems and one line.
/// The report is coloured if `colored`.
///
/// # Errors
/// If `out` cannot be written to.
pub fn test(input: &Input, colored: bool, out: &mut impl Write) -> io::Result<ExitCode> {
    tell(&input.file, colored, input.test().as_ref(), out)
}

/// Tests a configuration in the same way, writing to `err`. If it is valid, also writes it to `out`
/// as one file: with everything that it includes, all defaults, and absolute paths.
///
/// # Errors
/// If `out` or `err` cannot be written to.
pub fn dump(
    input: &Input,
    colored: bool,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<ExitCode> {
    let (loaded, dump) = match input.load_and_dump() {
        Ok((loaded, dump)) => (Ok(loaded), dump),
        Err(report) => (Err(report), String::new()),
    };
    let code = tell(&input.file, colored, loaded.as_ref(), err)?;
    if code == ExitCode::SUCCESS {
        out.write_all(dump.as_bytes())?;
    }
    Ok(code)
}

/// Reports the result of a test.
fn tell(
    file: &Path,
    colored: bool,
    loaded: Result<&Loaded, &Report>,
    out: &mut impl Write,
) -> io::Result<ExitCode> {
    let shown = path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let shown = shown.display();
    match loaded {
        Ok(loaded) => {
            write!(out, "{}", loaded.warnings.render(colored))?;
            if !loaded.warnings.is_empty() {
                writeln!(
                    out,
                    "countersign: note: `accept_warnings` silences warnings by the names in \
                     brackets; docs/warnings.md lists them"
                )?;
            }
            if let Err(error) = check_store(&loaded.config) {
                writeln!(out, "countersign: {error}")?;
                writeln!(out, "countersign: configuration file {shown} test failed")?;
                return Ok(ExitCode::FAILURE);
            }
            tell_of_line_ends(&loaded.config, out)?;
            tell_of_replaced_schemes(&loaded.config, out)?;
            tell_of_report_mode(loaded, out)?;
            advise(&loaded.config, out)?;
            tell_of_replays(&loaded.config, out)?;
            writeln!(
                out,
                "countersign: the configuration file {shown} syntax is ok"
            )?;
            writeln!(
                out,
                "countersign: configuration file {shown} test is successful"
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Err(report) => {
            write!(out, "{}", report.render(colored))?;
            writeln!(out, "countersign: configuration file {shown} test failed")?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Says which secrets are less than their files.
fn tell_of_line_ends(config: &Config, out: &mut impl Write) -> io::Result<()> {
    let keys = config.line_ends_cut();
    if !keys.is_empty() {
        let keys: Vec<String> = keys.iter().map(|id| format!("`{id}`")).collect();
        writeln!(
            out,
            "countersign: note: the line end at the end of the file is no part of the secret of {}",
            keys.join(", ")
        )?;
    }
    Ok(())
}

/// Says which schemes of the file take the place of those that come with the program.
fn tell_of_replaced_schemes(config: &Config, out: &mut impl Write) -> io::Result<()> {
    for name in config.replaced_schemes() {
        writeln!(
            out,
            "countersign: note: the `[[scheme]]` `{name}` takes the place of the one that comes with \
             Countersign (`countersign schemes {name}`)"
        )?;
    }
    Ok(())
}

/// Says what has no effect on routes in report mode. Where the warning is not accepted, it says so itself.
fn tell_of_report_mode(loaded: &Loaded, out: &mut impl Write) -> io::Result<()> {
    for (nth, route) in loaded.config.routes.iter().enumerate() {
        let waiting = route.waits_for_report_mode().into_iter();
        let waiting: Vec<String> = waiting.map(|key| format!("`{key}`")).collect();
        let mut warnings = loaded.warnings.diagnostics().iter();
        let is_warned = warnings.any(|warning| {
            warning.name == Some(WarningName::ReportMode) && warning.routes.contains(&nth)
        });
        if let Some(report) = &route.report
            && !is_warned
            && !waiting.is_empty()
        {
            writeln!(
                out,
                "countersign: note: the route `{}` is in report mode; without effect until {}: {}",
                route.name,
                format_time(report.until()),
                waiting.join(", ")
            )?;
        }
    }
    Ok(())
}

/// Recommends `forward_headers`, in one line for all routes.
fn advise(config: &Config, out: &mut impl Write) -> io::Result<()> {
    let routes = config.routes.len();
    let all = config
        .routes
        .iter()
        .filter(|route| route.forward_headers.is_none())
        .count();
    if all > 0 {
        writeln!(
            out,
            "countersign: note: {all} of {routes} routes forward every header that a client \
             sends; use `forward_headers` to list those that a backend needs"
        )?;
    }
    Ok(())
}

/// Names the routes on which nothing limits replays, in one line for all of them.
fn tell_of_replays(config: &Config, out: &mut impl Write) -> io::Result<()> {
    /// The most routes that are named.
    const MAX: usize = 5;
    let open = config
        .routes
        .iter()
        .filter(|route| route.is_open_to_replays());
    let names: Vec<String> = open.map(|route| format!("`{}`", route.name)).collect();
    let Some(shown) = names
        .get(..names.len().min(MAX))
        .filter(|all| !all.is_empty())
    else {
        return Ok(());
    };
    let more = match names.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let routes = if names.len() == 1 { "route" } else { "routes" };
    writeln!(
        out,
        "countersign: note: whoever captured a callback can replay it for ever on the {routes} {}{more}: \
         its signature has no time limit; use `once`, unless the backend recognises repeats",
        shown.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Exit code and output for a configuration file of that text.
    fn tested(text: &str) -> (ExitCode, String, String) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("c.toml");
        fs::write(&file, text).unwrap();
        let mut out = Vec::new();
        let code = test(&Input::from(file.as_path()), false, &mut out).unwrap();
        (
            code,
            String::from_utf8(out).unwrap(),
            file.display().to_string(),
        )
    }

    const GOOD: &str = r#"
        [[listener]]
        address = "127.0.0.1:0"
        [[key]]
        id = "k"
        file = "KEY"
        [[route]]
        name = "r"
        path = "/"
        scheme = "cheezeepay"
        keys = ["k"]
        upstream = "echo"
    "#;

    fn good() -> String {
        GOOD.replace(
            "KEY",
            concat!(env!("CARGO_MANIFEST_DIR"), "/conf/keys/cheezeepay.pem"),
        )
    }

    #[test]
    fn a_valid_file_prints_nginxs_two_lines() {
        let (code, out, file) = tested(&format!("{}forward_headers = []\n", good()));
        assert_eq!(
            out,
            format!(
                "countersign: the configuration file {file} syntax is ok\n\
                 countersign: configuration file {file} test is successful\n"
            )
        );
        assert_eq!(code, ExitCode::SUCCESS);
    }

    #[test]
    fn routes_that_forward_every_header_are_reported_in_one_line() {
        let more = |name: &str, lines: &str| {
            format!(
                "[[route]]\nname = '{name}'\npath = '/{name}'\nscheme = 'cheezeepay'\nkeys = ['k']\n\
                 upstream = 'echo'\n{lines}\n"
            )
        };
        let listed = more("b", "forward_headers = ['Accept']");
        let (code, out, _) = tested(&format!("{}{listed}{}", good(), more("c", "")));
        assert!(
            out.starts_with("countersign: note: 2 of 3 routes forward every header"),
            "{out}"
        );
        assert_eq!(out.lines().count(), 3, "{out}");
        assert_eq!(code, ExitCode::SUCCESS);
    }

    #[test]
    fn routes_on_which_nothing_limits_replays_are_named_in_one_line() {
        let route = |name: &str, lines: &str| {
            format!(
                "[[route]]\nname = '{name}'\npath = '/{name}'\nkeys = ['k']\nforward_headers = []\n\
                 upstream = 'u'\n{lines}\n"
            )
        };
        let upstream =
            "forward_headers = []\n[[upstream]]\nname = 'u'\nservers = ['127.0.0.1:9']\n";
        let routes = [
            route("plain", "scheme = 'cheezeepay'"),
            route("once", "scheme = 'cheezeepay'\nonce = true"),
            route(
                "timed",
                "scheme = 'sgate'\nmax_age = '5m'\naccept_warnings = ['legacy_algorithm']",
            ),
        ]
        .concat();
        let (code, out, _) = tested(
            &format!("{}{upstream}{routes}[once]\nstore = 'memory'\n", good())
                .replace("path = '/plain'", "path = '/plain'\nonce = false"),
        );
        assert!(
            out.contains("replay it for ever on the route `plain`: "),
            "{out}"
        );
        assert_eq!(code, ExitCode::SUCCESS);
    }

    #[test]
    fn warnings_are_printed_first_and_do_not_fail_the_test() {
        let (code, out, file) = tested(&format!(
            "{}\n[[upstream]]\nname = 'u'\nservers = ['127.0.0.1:1']\n",
            good()
        ));
        assert!(out.starts_with("warning[unused]: unused\n"), "{out}");
        assert!(
            out.ends_with(&format!("{file} test is successful\n")),
            "{out}"
        );
        assert_eq!(code, ExitCode::SUCCESS);
    }

    #[test]
    fn an_invalid_file_prints_the_report_and_one_line() {
        let (code, out, file) = tested("workers = 0\n");
        assert!(out.starts_with("error: missing key\n"), "{out}");
        assert!(out.contains(&format!("{file}:1:11\n")), "{out}");
        assert!(
            out.ends_with(&format!(
                "\n\ncountersign: configuration file {file} test failed\n"
            )),
            "{out}"
        );
        assert!(!out.contains("syntax is ok"), "{out}");
        assert_eq!(code, ExitCode::FAILURE);
    }
}
