//! The listening sockets and the life of the process.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use log::{info, warn};
use pingora::server::configuration::ServerConf;
use pingora::server::{RunArgs, Server, ShutdownSignal, ShutdownSignalWatch};
use pingora::services::listening::Service;
use tokio::net::TcpSocket;

use super::connection::Connections;
use super::exchange::Proxy;
use crate::config::Config;
use crate::ops::access_log::AccessLog;
use crate::ops::drain::Drain;
use crate::ops::signals::Signals;

/// Why the proxy could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// Runs the proxy until a signal asks for the end and the requests in flight are answered.
///
/// # Errors
/// If it cannot begin.
pub fn serve(config: Config, access_log: Option<AccessLog>) -> Result<(), ServeError> {
    for listener in &config.listeners {
        let address = listener.address;
        check_free(address).map_err(|source| ServeError::Listen { address, source })?;
    }
    let drain = Drain::new();
    let signals = StopSignals {
        drain: drain.clone(),
        limit: config.shutdown_timeout,
    };
    let mut server = Server::new_with_opt_and_conf(None, server_conf(&config));
    server.bootstrap();
    let listeners = config.listeners.clone();
    let proxy = Arc::new(Proxy::new(config, access_log, drain));
    for listener in listeners {
        let address = listener.address.to_string();
        let connections = Connections::new(Arc::clone(&proxy), listener.http2);
        let mut service = Service::new(format!("listener {address}"), connections);
        service.add_tcp(&address);
        server.add_service(service);
        info!("listening on {address}");
    }
    server.run(RunArgs {
        shutdown_signal: Box::new(signals),
    });
    Ok(())
}

/// Whether an address can be listened on; pingora would panic in a thread of its own where it
/// cannot. The socket never listens, so that no client connects to it.
fn check_free(address: SocketAddr) -> io::Result<()> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)
}

fn server_conf(config: &Config) -> ServerConf {
    ServerConf {
        threads: config.workers,
        ..ServerConf::default()
    }
}

/// Ends the server once a signal came and the requests in flight are answered. pingora's own
/// graceful end always sleeps its whole grace period.
struct StopSignals {
    drain: Drain,
    limit: std::time::Duration,
}

#[async_trait]
impl ShutdownSignalWatch for StopSignals {
    async fn recv(&self) -> ShutdownSignal {
        match Signals::listen() {
            Ok(mut signals) => {
                // Not inside `info!`, whose arguments nobody evaluates under a higher log level.
                let signal = signals.stop().await;
                info!("{signal}: ending");
            }
            Err(error) => warn!("cannot listen to signals, ending: {error}"),
        }
        if !self.drain.end(self.limit).await {
            warn!("some requests did not end within {:?}", self.limit);
        }
        ShutdownSignal::FastShutdown
    }
}
