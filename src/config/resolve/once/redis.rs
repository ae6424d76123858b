//! The Redis servers that store remembered callbacks.

use super::redis_tls;
use crate::config::diagnostic::Diagnostic;
use crate::config::keys::RedisMode;
use crate::config::reader::{Table, Text, Value};
use crate::config::resolve::files::{Contents, FilesRead};
use crate::config::resolve::shared_secrets::warn_of_strays;
use crate::once::{Mode, Password, RedisServer, RedisSettings, check_together};

pub(super) fn redis(value: Value<'_>, read: &mut FilesRead) -> Option<RedisSettings> {
    let table = value.table()?;
    let kind = table.read("mode", Value::word);
    let mode = mode(&table, kind);
    let servers = servers(&table, kind, mode.as_ref());
    let username = table.optional("username", |value| {
        value.text()?.not_empty().map(str::to_owned)
    });
    let [password, sentinel_password] = ["password_file", "sentinel_password_file"]
        .map(|key| table.optional(key, |value| password(value.text()?, read)));
    let tls = redis_tls::tls(&table, read);
    let prefix = table.read("prefix", |value| prefix(value.text()?));
    let connect_timeout = table.read("connect_timeout", Value::duration);
    let timeout = table.read("timeout", Value::duration);
    Some(RedisSettings {
        mode: mode?,
        servers: servers?,
        username: username?,
        password: password?,
        sentinel_password: sentinel_password?,
        tls: tls?,
        prefix: prefix?,
        connect_timeout: connect_timeout?,
        timeout: timeout?,
    })
}

fn servers(
    table: &Table<'_>,
    kind: Option<RedisMode>,
    mode: Option<&Mode>,
) -> Option<Vec<RedisServer>> {
    let value = table.require("servers", "add `servers = [\"redis://127.0.0.1:6379\"]`")?;
    let servers = value.list_of(|item| {
        let text = item.text()?;
        match text.text.parse::<RedisServer>() {
            Ok(server) => Some(server),
            Err(why) => text
                .error("invalid server", why.to_string())
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
    if let Err(why) = check_together(mode?, &servers) {
        return value
            .error("servers that do not go together", why.to_string())
            .help("write all URLs in one way, or remove those that differ")
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
    warn_of_strays(name, password);
    Some(Password(password.to_owned()))
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
