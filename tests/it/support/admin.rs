//! Queries the admin listener the way a monitoring system does.

use std::net::SocketAddr;
use std::thread;
use std::time::Instant;

use super::{Client, PATIENCE, Response, Setup, address};

/// The admin listener of a proxy under test.
pub(crate) struct Admin {
    pub(crate) address: SocketAddr,
}

/// One reading of `/metrics`.
pub(crate) struct Metrics {
    pub(crate) text: String,
}

impl Admin {
    pub(crate) fn new() -> Self {
        let address = address::unused();
        Self { address }
    }

    /// The configuration table that enables the listener.
    pub(crate) fn table(&self) -> String {
        format!("[admin]\naddress = \"{}\"\n", self.address)
    }

    /// Sends one request and returns the response.
    pub(crate) fn ask(&self, method: &str, target: &str) -> Response {
        ask(Client::connect(self.address), method, target)
    }

    pub(crate) fn get(&self, target: &str) -> Response {
        self.ask("GET", target)
    }

    pub(crate) fn metrics(&self) -> Metrics {
        let answer = self.get("/metrics");
        assert_eq!(answer.status, 200);
        let text = String::from_utf8(answer.body).unwrap();
        Metrics { text }
    }

    /// Waits until a series reaches this value.
    pub(crate) fn until(&self, series: &str, value: f64) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let metrics = self.metrics();
            if metrics.value(series) == Some(value) {
                return;
            }
            assert!(Instant::now() < deadline, "{series}\n{}", metrics.text);
            thread::yield_now();
        }
    }

    /// Waits until the proxy holds no connection, request or buffered body.
    pub(crate) fn until_idle(&self) {
        for gauge in ["connections", "in_flight_requests", "buffered_body_bytes"] {
            self.until(&format!("countersign_{gauge}"), 0.0);
        }
    }
}

/// Sends one request to the admin listener over this connection and returns the response.
pub(crate) fn ask(mut client: Client, method: &str, target: &str) -> Response {
    client.send(format!("{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
    let answer = if method == "HEAD" {
        client.head()
    } else {
        client.response()
    };
    assert!(client.ends());
    answer
}

impl Metrics {
    /// The value of a series, named exactly as on the page; `None` if the page does not list it.
    pub(crate) fn value(&self, series: &str) -> Option<f64> {
        let lines = self.text.lines().filter(|line| !line.starts_with('#'));
        let mut values = lines.filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        let value = values.next().map(|value| value.parse().unwrap());
        assert!(values.next().is_none(), "{series} is there twice");
        value
    }

    /// The sum over all series of a metric.
    pub(crate) fn sum(&self, metric: &str) -> f64 {
        let series = self.series(metric);
        assert!(!series.is_empty(), "{metric}\n{}", self.text);
        series.into_iter().filter_map(|one| self.value(one)).sum()
    }

    /// The names of all series of a metric.
    pub(crate) fn series(&self, metric: &str) -> Vec<&str> {
        let lines = self.text.lines().filter(|line| {
            let name = line.split(['{', ' ']).next().unwrap();
            name == metric
        });
        lines.map(|line| line.rsplit_once(' ').unwrap().0).collect()
    }
}

impl Setup {
    /// Adds an admin listener.
    pub(crate) fn admin(self, admin: &Admin) -> Self {
        self.tables(&admin.table())
    }
}
