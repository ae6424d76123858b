//! Upstreams: where verified callbacks go.

mod address;
mod health;
mod sent_host;
mod servers;
mod tls;
mod unverified;

use std::sync::Arc;
use std::time::Duration;

use self::address::Resolver;
use self::tls::Machine;
use super::files::FilesRead;
use super::headers::Prefix;
use super::names::Names;
use crate::config::model::{Balance, SentHost, Upstream, UpstreamTarget};
use crate::config::reader::{Table, Value};

pub(super) type Upstreams<'a> = Names<'a, Arc<Upstream>>;

const ECHO: &str = "echo";

/// State that upstreams share while they are read.
struct UpstreamContext<'a> {
    /// The prefix of the verified headers, if it is valid.
    prefix: Option<&'a Prefix>,
    /// Looks up each name once, however many upstreams use it.
    resolver: Resolver<'a>,
    machine: Machine,
}

/// Reads the upstreams. Adds the files of certificates to `read`.
pub(super) fn resolve<'a>(
    tables: &[Table<'a>],
    incomplete: bool,
    prefix: Option<&'a Prefix>,
    read: &mut FilesRead,
) -> Upstreams<'a> {
    let mut upstreams = Names::new("upstream");
    upstreams.built_in(ECHO, Arc::new(echo()));
    let mut context = UpstreamContext {
        prefix,
        resolver: Resolver::default(),
        machine: Machine::default(),
    };
    upstreams.define_all(tables, incomplete, ("name", "upstream"), |table, name| {
        let name = name.map_or("", |name| name.text);
        upstream(table, name, &mut context).map(Arc::new)
    });
    read.append(context.machine.files);
    upstreams
}

/// Answers without a server, so no timeout applies.
fn echo() -> Upstream {
    Upstream {
        name: ECHO.to_owned(),
        target: UpstreamTarget::Echo,
        host: SentHost::Client,
        balance: Balance::RoundRobin,
        tries: None,
        retry_timeout: Duration::ZERO,
        connect_timeout: Duration::ZERO,
        read_timeout: Duration::ZERO,
        write_timeout: Duration::ZERO,
        keepalive: Duration::ZERO,
        health_check: None,
        resolve: Duration::ZERO,
    }
}

fn upstream<'a>(
    table: &Table<'a>,
    name: &str,
    context: &mut UpstreamContext<'a>,
) -> Option<Upstream> {
    let [connect_timeout, read_timeout, write_timeout] =
        ["connect_timeout", "read_timeout", "write_timeout"]
            .map(|key| table.read(key, Value::duration));
    // Zero disables it, like `"off"`.
    let [keepalive, resolve, retry_timeout] =
        ["keepalive", "resolve", "retry_timeout"].map(|key| {
            let duration = table.read(key, |value| value.unless_off(Value::duration))?;
            Some(duration.unwrap_or(Duration::ZERO))
        });
    let tries = table.read("tries", |value| value.unless_off(Value::integer));
    let balance = table.read("balance", Value::word);
    let host = table.read("host", sent_host::sent_host);
    let prefix = context.prefix;
    let health_check = table.optional("health_check", |value| health::health_check(value, prefix));
    let is_looked_up_again = resolve.is_none_or(|resolve| !resolve.is_zero());
    let servers = servers::servers(table, is_looked_up_again, context)?;
    Some(Upstream {
        name: name.to_owned(),
        target: UpstreamTarget::Servers(servers),
        host: host?,
        balance: balance?,
        tries: tries?,
        retry_timeout: retry_timeout?,
        connect_timeout: connect_timeout?,
        read_timeout: read_timeout?,
        write_timeout: write_timeout?,
        keepalive: keepalive?,
        health_check: health_check?,
        resolve: resolve?,
    })
}
