//! The Redis servers that store remembered callbacks.

use crate::config::diagnostic::Diagnostic;
use crate::config::keys::RedisMode;
use crate::config::reader::{Table, Text, Value};
use crate::config::resolve::files::{Contents, FilesRead, are_swapped};
use crate::once::{Mode, Password, RedisSettings, RedisStore, TlsFiles, check_server};

pub(super) fn redis(value: Value<'_>, read: &mut FilesRead) -> Option<RedisSettings> {
    let table = value.table()?;
    let kind = table.read("mode", Value::word);
    let servers = servers(&table, kind);
    let mode = mode(&table, kind);
    let username = table.optional("username", |value| {
        value.text()?.not_empty().map(str::to_owned)
    });
    let [password, sentinel_password] = ["password_file", "sentinel_password_file"]
        .map(|key| table.optional(key, |value| password(value.text()?, read)));
    let tls = tls(&table, read);
    let prefix = table.read("prefix", |value| prefix(value.text()?));
    let connect_timeout = table.read("connect_timeout", Value::duration);
    let timeout = table.read("timeout", Value::duration);
    let settings = RedisSettings {
        mode: mode?,
        servers: servers?,
        username: username?,
        password: password?,
        sentinel_password: sentinel_password?,
        tls: tls?,
        prefix: prefix?,
        connect_timeout: connect_timeout?,
        timeout: timeout?,
    };
    // This does not connect yet.
    if let Err(error) = RedisStore::new(&settings) {
        return value
            .error("unusable settings", error.to_string())
            .help("check `servers` and the certificates")
            .report();
    }
    Some(settings)
}

fn servers(table: &Table<'_>, kind: Option<RedisMode>) -> Option<Vec<String>> {
    let value = table.require("servers", "add `servers = [\"redis://127.0.0.1:6379\"]`")?;
    let servers = value.list_of(|item| {
        let text = item.text()?;
        match check_server(text.text) {
            Ok(()) => Some(text.text.to_owned()),
            Err(why) => text
                .error("invalid server", why)
                .help("write \"redis://host:6379\", or \"rediss://\" for TLS; the password goes into a file: `password_file`")
                .report(),
        }
    })?;
    let fits = match kind? {
        RedisMode::Single => servers.len() == 1,
        RedisMode::Sentinel | RedisMode::Cluster => !servers.is_empty(),
    };
    if !fits {
        return value
            .error(
                "wrong number of servers",
                "a single server is one; several are sentinels or a cluster",
            )
            .help("name one server, or add `mode = \"sentinel\"` or `mode = \"cluster\"`")
            .report();
    }
    Some(servers)
}

fn mode(table: &Table<'_>, kind: Option<RedisMode>) -> Option<Mode> {
    match kind? {
        RedisMode::Sentinel => {
            let name = table.require(
                "master",
                "add `master = \"mymaster\"`: the name of the server among the sentinels",
            )?;
            Some(Mode::Sentinel(name.text()?.not_empty()?.to_owned()))
        }
        kind => {
            for key in ["master", "sentinel_password_file"] {
                if table.has(key) {
                    table.problems().report(
                        Diagnostic::error(
                            "needless setting",
                            table.key_place(key),
                            "only sentinels have a master's name",
                        )
                        .help(format!("add `mode = \"sentinel\"`, or remove `{key}`")),
                    );
                    return None;
                }
            }
            Some(if kind == RedisMode::Cluster {
                Mode::Cluster
            } else {
                Mode::Single
            })
        }
    }
}

/// The password on the first line of a file, which must not be world-readable.
fn password(name: Text<'_>, read: &mut FilesRead) -> Option<Password> {
    let bytes = read.file(name, Contents::Password)?;
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let password = text.lines().next().unwrap_or_default();
    if password.is_empty() {
        return name
            .error("no password", "the file's first line is empty, or not text")
            .help("write the password into the file, and nothing else")
            .report();
    }
    Some(Password(password.to_owned()))
}

fn tls(table: &Table<'_>, read: &mut FilesRead) -> Option<TlsFiles> {
    let [named_cert, named_key] =
        ["cert", "key"].map(|key| table.get(key).filter(Value::is_text)?.text());
    if let (Some(cert), Some(key)) = (named_cert, named_key)
        && are_swapped(cert, key)
    {
        return None;
    }
    let [ca, cert] = ["ca", "cert"].map(|key| {
        table.optional(key, |value| {
            let bytes = read.file(value.text()?, Contents::Certificates)?;
            Some(bytes.to_vec())
        })
    });
    let key = table.optional("key", |value| {
        let bytes = read.file(value.text()?, Contents::SecretKey)?;
        Some(Password(String::from_utf8_lossy(&bytes).into_owned()))
    });
    let client = match (cert?, key?) {
        (Some(cert), Some(key)) => Some((cert, key)),
        (None, None) => None,
        (cert, _) => {
            let (there, missing) = match cert {
                Some(_) => ("cert", "key"),
                None => ("key", "cert"),
            };
            table.problems().report(
                Diagnostic::error(
                    "missing key",
                    table.key_place(there),
                    format!("`{there}` has no effect without `{missing}`"),
                )
                .help(format!("add `{missing} = \"...\"`")),
            );
            return None;
        }
    };
    Some(TlsFiles { ca: ca?, client })
}

/// Braces would determine the hash slot, and put all callbacks into the same one.
fn prefix(text: Text<'_>) -> Option<String> {
    let fits = text.text.len() <= 64 && text.text.bytes().all(|c| c.is_ascii_graphic());
    if !fits || text.text.contains(['{', '}']) {
        return text
            .error(
                "invalid prefix",
                "it must be at most 64 visible ASCII characters without braces",
            )
            .help("write for example \"countersign:once:\"")
            .report();
    }
    Some(text.text.to_owned())
}
