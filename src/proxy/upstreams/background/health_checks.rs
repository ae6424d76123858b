//! Active health checks: periodically checks whether a server is fit.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use log::{debug, info, warn};
use pingora::http::RequestHeader;
use pingora::protocols::Stream;
use pingora::protocols::http::v1::client::HttpSession as Http1;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::config::{HealthCheck, Probe};
use crate::proxy::upstreams::group::Group;
use crate::proxy::upstreams::round_trip::ConnectError;
use crate::proxy::upstreams::server::Server;

/// Why a check failed.
#[derive(Debug, thiserror::Error)]
enum CheckError {
    #[error("no answer within {0:?}")]
    TimedOut(std::time::Duration),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("it answered {0}")]
    Status(u16),
    #[error("no valid answer: {0}")]
    Answer(#[from] Box<pingora::Error>),
}

/// Checks all servers of an upstream, for ever.
pub(in crate::proxy) async fn watch(group: Arc<Group>, check: HealthCheck) {
    let mut ticks = interval(check.interval);
    // A slow check delays the next one, which is not made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // Concurrently, so that one that hangs does not delay the others.
        let mut checks = JoinSet::new();
        for (server, _) in group.servers().all() {
            if !server.down {
                checks.spawn(examine(
                    Arc::clone(&group),
                    Arc::clone(server),
                    check.clone(),
                ));
            }
        }
        while checks.join_next().await.is_some() {}
    }
}

async fn examine(group: Arc<Group>, server: Arc<Server>, check: HealthCheck) {
    let result = timeout(check.timeout, probe(&server, &check.probe))
        .await
        .unwrap_or(Err(CheckError::TimedOut(check.timeout)));
    let upstream = &group.name;
    match (server.state.checked(result.is_ok(), &check), result) {
        (Some(true), _) => info!("upstream {upstream}: {server} passes its health checks"),
        (Some(false), Err(failure)) => {
            warn!("upstream {upstream}: {server} fails its health checks: {failure}");
        }
        (_, Err(failure)) => debug!("upstream {upstream}: {server}: health check: {failure}"),
        (_, Ok(())) => {}
    }
}

async fn probe(server: &Server, probe: &Probe) -> Result<(), CheckError> {
    let stream = server.new_connection().await?;
    match probe {
        Probe::Connect => Ok(()),
        Probe::Http {
            path,
            status,
            host,
            headers,
        } => {
            let host = host.as_deref().unwrap_or(&server.host);
            let answered = ask(stream, host, path, headers).await?;
            if status.contains(&answered) {
                Ok(())
            } else {
                Err(CheckError::Status(answered))
            }
        }
    }
}

async fn ask(
    stream: Stream,
    host: &str,
    path: &str,
    headers: &[(HeaderName, HeaderValue)],
) -> Result<u16, Box<pingora::Error>> {
    let mut session = Http1::new(stream);
    let mut header = RequestHeader::build("GET", path.as_bytes(), Some(3))?;
    header.insert_header("Host", host)?;
    header.insert_header("User-Agent", "countersign-health-check")?;
    for (name, value) in headers {
        header.insert_header(name.clone(), value.clone())?;
    }
    header.insert_header("Connection", "close")?;
    session.write_request_header(Box::new(header)).await?;
    loop {
        session.read_response().await?;
        match session.get_status() {
            Some(status) if !status.is_informational() => return Ok(status.as_u16()),
            _ => {}
        }
    }
}
