//! The integration tests, in one binary.

#![cfg(test)]
// A panic is how a test fails; clippy.toml has no switch for these lints.
#![allow(clippy::arithmetic_side_effects, clippy::string_slice)]

mod cases;
mod json_tokens;
mod openssl;
mod random;
mod support;

mod access_control;
mod admin;
mod architecture;
mod bad_input;
mod balancing;
mod bodies;
mod command;
mod config_damage;
mod config_errors;
mod config_files;
mod connection_limits;
mod daemon;
mod decrypt;
mod docs;
mod dump;
mod ending;
mod engines;
mod every_key;
mod failover;
mod framing;
mod health;
mod java_doubles;
mod json_agreement;
mod keys;
mod log_files;
mod log_formats;
mod logs;
mod making_room;
mod metrics;
mod monitoring;
mod php;
mod pid_file;
mod proxy_protocol;
mod rate_limits;
mod readme;
mod real_ip;
mod rejections;
mod reload;
mod routing;
mod schemes;
mod set;
mod signals;
mod slow_clients;
mod syslog;
mod systemd_notify;
mod tamper;
mod tamper_wire;
mod tls;
mod unix_socket;
mod upgrade;
mod upstream_tls;
mod upstreams;
mod user;
mod vectors;
mod verified_headers;
mod wycheproof;
