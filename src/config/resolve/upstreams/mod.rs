//! Where verified callbacks go.

mod address;
mod health;
mod servers;
mod tls;
mod unverified;

use std::sync::Arc;
use std::time::Duration;

use self::address::Resolver;
use self::tls::Machine;
use super::files::FilesRead;
use super::names::Names;
use super::settings::{timeout, timeout_or_off};
use crate::config::model::{Balance, Upstream, UpstreamTarget};
use crate::config::reader::Table;

pub(super) type Upstreams<'a> = Names<'a, Arc<Upstream>>;

const ECHO: &str = "echo";
const CONNECT: u64 = 5;
const READ: u64 = 60;
const WRITE: u64 = 60;
/// Short: a backend that closes an idle connection first may lose a callback.
const KEEPALIVE: u64 = 1;
const RESOLVE: u64 = 30;

/// What upstreams share while they are read.
#[derive(Default)]
struct UpstreamContext<'a> {
    /// A name is looked up once, however many upstreams have it.
    resolver: Resolver<'a>,
    machine: Machine,
}

/// Adds the files of certificates to `read`.
pub(super) fn resolve<'a>(
    tables: &[Table<'a>],
    incomplete: bool,
    read: &mut FilesRead,
) -> Upstreams<'a> {
    let mut upstreams = Names::new("upstream");
    upstreams.built_in(ECHO, Arc::new(echo()));
    if incomplete {
        upstreams.may_be_incomplete();
    }
    let mut context = UpstreamContext::default();
    for table in tables {
        let name = table
            .require(
                "name",
                "add `name = \"...\"`: routes name the upstream by it",
            )
            .and_then(|value| value.text())
            .filter(|name| name.name().is_some());
        let upstream = upstream(table, name.map_or("", |name| name.text), &mut context);
        match name {
            Some(name) => upstreams.define(name, upstream.map(Arc::new)),
            None => upstreams.may_be_incomplete(),
        }
    }
    read.append(context.machine.files);
    upstreams
}

fn echo() -> Upstream {
    Upstream {
        name: ECHO.to_owned(),
        target: UpstreamTarget::Echo,
        balance: Balance::RoundRobin,
        connect_timeout: Duration::from_secs(CONNECT),
        read_timeout: Duration::from_secs(READ),
        write_timeout: Duration::from_secs(WRITE),
        keepalive: Duration::from_secs(KEEPALIVE),
        health_check: None,
        resolve: Duration::from_secs(RESOLVE),
    }
}

fn upstream<'a>(
    table: &Table<'a>,
    name: &str,
    context: &mut UpstreamContext<'a>,
) -> Option<Upstream> {
    let connect_timeout = timeout(table, "connect_timeout", CONNECT);
    let read_timeout = timeout(table, "read_timeout", READ);
    let write_timeout = timeout(table, "write_timeout", WRITE);
    let keepalive = timeout_or_off(table, "keepalive", Duration::from_secs(KEEPALIVE));
    let balance = table.or("balance", Balance::RoundRobin, |value| {
        value.one_of(&[
            ("round_robin", Balance::RoundRobin),
            ("least_conn", Balance::LeastConn),
            ("ip_hash", Balance::IpHash),
        ])
    });
    let health_check = table.optional("health_check", health::health_check);
    let resolve = timeout_or_off(table, "resolve", Duration::from_secs(RESOLVE));
    let servers = servers::servers(table, context)?;
    Some(Upstream {
        name: name.to_owned(),
        target: UpstreamTarget::Servers(servers),
        balance: balance?,
        connect_timeout: connect_timeout?,
        read_timeout: read_timeout?,
        write_timeout: write_timeout?,
        keepalive: keepalive?,
        health_check: health_check?,
        resolve: resolve?,
    })
}
