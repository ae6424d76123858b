//! The `redis` crate's clients, made from the settings.

use redis::cluster::ClusterClient;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    Client, ClientTlsConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _,
    ProtocolVersion, RedisConnectionInfo, RedisError, RedisResult, TlsCertificates, TlsMode,
};

use crate::once::redis_server::{RedisAddress, RedisServer};
use crate::once::redis_settings::{Mode, RedisSettings};

pub(super) enum RedisClient {
    Single(Box<Client>),
    // Each is much larger than a pointer.
    Sentinel(Box<SentinelClient>),
    Cluster(Box<ClusterClient>),
}

impl RedisClient {
    /// A client that connects when it is asked to.
    pub(super) fn new(settings: &RedisSettings) -> RedisResult<Self> {
        let certificates = TlsCertificates {
            root_cert: settings.tls.ca.clone(),
            client_tls: settings
                .tls
                .client
                .as_ref()
                .map(|(cert, key)| ClientTlsConfig {
                    client_cert: cert.clone(),
                    client_key: key.0.clone().into_bytes(),
                }),
        };
        let servers = &settings.servers;
        let tls = servers.iter().any(RedisServer::uses_tls);
        let infos = servers.iter().map(|server| info(server, settings));
        let infos: Vec<ConnectionInfo> = infos.collect::<RedisResult<_>>()?;
        match &settings.mode {
            Mode::Single => {
                let info = infos.into_iter().next().ok_or_else(no_server)?;
                Ok(Self::Single(Box::new(if tls {
                    Client::build_with_tls(info, certificates)?
                } else {
                    Client::open(info)?
                })))
            }
            Mode::Cluster => {
                let mut builder = ClusterClient::builder(infos)
                    .connection_timeout(settings.connect_timeout)
                    .response_timeout(settings.timeout);
                if tls {
                    builder = builder.certs(certificates);
                }
                Ok(Self::Cluster(Box::new(builder.build()?)))
            }
            Mode::Sentinel(name) => {
                let first = infos.first().ok_or_else(no_server)?;
                let db = first.redis_settings().db();
                let addresses = infos.iter().map(|info| info.addr().clone());
                let mut builder =
                    SentinelClientBuilder::new(addresses, name, SentinelServerType::Master)?
                        .set_client_to_redis_db(db);
                if let Some(username) = &settings.username {
                    builder = builder.set_client_to_redis_username(username);
                }
                if let Some(password) = &settings.password {
                    builder = builder.set_client_to_redis_password(&password.0);
                }
                if let Some(password) = &settings.sentinel_password {
                    builder = builder.set_client_to_sentinel_password(&password.0);
                }
                if tls {
                    builder = builder
                        .set_client_to_redis_tls_mode(TlsMode::Secure)
                        .set_client_to_sentinel_tls_mode(TlsMode::Secure)
                        .set_client_to_redis_certificates(certificates.clone())
                        .set_client_to_sentinel_certificates(certificates);
                }
                Ok(Self::Sentinel(Box::new(builder.build()?)))
            }
        }
    }
}

fn info(server: &RedisServer, settings: &RedisSettings) -> RedisResult<ConnectionInfo> {
    let address = match &server.address {
        RedisAddress::Unix(path) => ConnectionAddr::Unix(path.clone()),
        RedisAddress::Tcp { host, port, tls } => match tls {
            false => ConnectionAddr::Tcp(host.clone(), *port),
            true => ConnectionAddr::TcpTls {
                host: host.clone(),
                port: *port,
                insecure: false,
                tls_params: None,
            },
        },
    };
    let protocol = match server.resp3 {
        true => ProtocolVersion::RESP3,
        false => ProtocolVersion::RESP2,
    };
    let mut redis = RedisConnectionInfo::default()
        .set_db(server.database)
        .set_protocol(protocol);
    if let Some(username) = &settings.username {
        redis = redis.set_username(username);
    }
    if let Some(password) = &settings.password {
        redis = redis.set_password(&password.0);
    }
    Ok(address.into_connection_info()?.set_redis_settings(redis))
}

fn no_server() -> RedisError {
    RedisError::from((redis::ErrorKind::InvalidClientConfig, "no server"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::once::redis_settings::{DifferentServers, TlsFiles, check_together};

    fn settings(mode: Mode, servers: Vec<RedisServer>) -> RedisSettings {
        RedisSettings {
            mode,
            servers,
            username: None,
            password: None,
            sentinel_password: None,
            tls: TlsFiles::default(),
            prefix: String::new(),
            connect_timeout: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
        }
    }

    /// Where a connection leads, its database and its protocol; `None` with a secret, or without the
    /// protection of TLS.
    fn seen(info: &ConnectionInfo) -> Option<(ConnectionAddr, i64, String)> {
        let redis = info.redis_settings();
        let address = info.addr().clone();
        let is_weak = matches!(address, ConnectionAddr::TcpTls { insecure: true, .. });
        if redis.username().is_some() || redis.password().is_some() || is_weak {
            return None;
        }
        Some((address, redis.db(), format!("{:?}", redis.protocol())))
    }

    #[test]
    fn a_url_means_here_what_it_means_to_the_redis_crate() {
        const SCHEMES: &[&str] = &[
            "redis:",
            "rediss:",
            "valkey:",
            "valkeys:",
            "unix:",
            "redis+unix:",
            "valkey+unix:",
            "REDISS:",
            "redis+tls:",
            "http:",
            " redis:",
            "",
        ];
        const AUTHORITIES: &[&str] = &[
            "",
            "//",
            "//a",
            "//A.b.",
            "//a:1",
            "//a:0",
            "//a:",
            "//a:65536",
            "//a:x",
            "//a%20b",
            "//\u{e4}",
            "//127.0.0.1",
            "//0.0.0.0",
            "//0",
            "//[::1]:1",
            "//[::]",
            "//[::1",
            "//u@a",
            "//:p@a",
            "//u:p@a",
            "//%ff@a",
            "//@a",
            "//:@a",
            "//localhost",
        ];
        const PATHS: &[&str] = &[
            "",
            "/",
            "//",
            "/2",
            "/2/",
            "/-1",
            "/+1",
            "/x",
            "/1/2",
            "/%31",
            "/run/redis.sock",
            "/99999999999999999999",
        ];
        const QUERIES: &[&str] = &[
            "",
            "?",
            "?protocol=3",
            "?protocol=resp2",
            "?protocol=1",
            "?protocol=1&%70rotocol=3",
            "?db=2",
            "?db=x&user",
            "?db=x&db=1",
            "?user=u",
            "?pass=",
        ];
        const FRAGMENTS: &[&str] = &["", "#", "#insecure", "#x"];
        let mut taken = 0;
        for scheme in SCHEMES {
            for authority in AUTHORITIES {
                for path in PATHS {
                    for query in QUERIES {
                        for fragment in FRAGMENTS {
                            let url = format!("{scheme}{authority}{path}{query}{fragment}");
                            let theirs = url.as_str().into_connection_info();
                            let theirs = theirs.ok().as_ref().and_then(seen);
                            let ours = url.parse::<RedisServer>().ok().map(|server| {
                                let none = settings(Mode::Single, Vec::new());
                                seen(&info(&server, &none).unwrap()).unwrap()
                            });
                            assert_eq!(ours, theirs, "{url}");
                            taken += usize::from(ours.is_some());
                        }
                    }
                }
            }
        }
        assert!(taken > 1000, "{taken}");
    }

    #[test]
    fn servers_that_the_redis_crate_does_not_take_together_are_refused() {
        const URLS: &[&str] = &[
            "redis://a",
            "redis://b/0",
            "redis://b/1",
            "redis://b/2",
            "redis://b?protocol=3",
            "rediss://a",
            "rediss://b/1",
            "unix:///run/a.sock",
            "unix:///run/b.sock?db=1",
        ];
        let modes = [Mode::Cluster, Mode::Sentinel("m".to_owned())];
        for mode in modes {
            let mut refused = 0;
            for one in URLS {
                for other in URLS {
                    let servers = [one, other].map(|url| url.parse().unwrap());
                    let ours = check_together(&mode, &servers);
                    let client = RedisClient::new(&settings(mode.clone(), servers.to_vec()));
                    let theirs = client.err();
                    // The crate takes a cluster's nodes with and without TLS, and could send the
                    // password to the latter.
                    let stricter = mode == Mode::Cluster && ours == Err(DifferentServers::Tls);
                    let same = ours.is_err() == theirs.is_some();
                    assert!(same || stricter, "{one} {other} {ours:?} {theirs:?}");
                    refused += usize::from(ours.is_err());
                }
            }
            assert!((1..URLS.len().pow(2)).contains(&refused), "{refused}");
        }
    }
}
