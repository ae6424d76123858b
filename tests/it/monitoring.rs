//! The files for Prometheus and Grafana, checked with the real Prometheus.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use countersign::proxy::metrics::{Metric, MetricKind};
use serde_json::Value;

use crate::control::controlled;
use crate::support::signer::Signer;
use crate::support::{Admin, Callback, Client, Origin, PATIENCE, Proxy, Response, address};

const RULES: &str = "dist/prometheus/countersign.rules.yml";
const RULE_TESTS: [&str; 2] = [
    "tests/monitoring/rules.test.yml",
    "tests/monitoring/keys.test.yml",
];
const DASHBOARD: &str = "dist/grafana/countersign.json";

fn promtool(arguments: &[&str], input: &str) {
    let mut child = Command::new("promtool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool (scripts/setup --test)");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "promtool {arguments:?}: {said}");
}

/// A proxy that has verified and rejected callbacks, so that every metric has a series.
fn busy(admin: &Admin, origin: &Origin) -> Proxy {
    let callback = Signer::get().sgate("/cb", "{}");
    let proxy = controlled("")
        .tables("[capture]")
        .sgate("name = \"sgate\"\npath = \"/cb\"")
        .cheezeepay("name = \"joined\"\npath = \"/joined\"")
        .tables("[once]")
        .tables(&crate::decrypt::keys())
        .sgate(
            "name = \"sealed\"\npath = \"/sealed\"\ndecrypt = \"sgate-sensitive\"\n\
             decrypt_keys = [\"merchant\"]",
        )
        .sgate(&format!(
            "name = \"tried\"\npath = \"/tried\"\n{}",
            crate::report_mode::mode(60 * 60)
        ))
        .origin(origin)
        .admin(admin)
        .start();
    let tried = Callback::post("/tried", "");
    let forged = callback.clone().with("V-Nonce-Str", Some("another"));
    let mut strange = callback.clone();
    strange.target = "/none".to_owned();
    for (callback, status) in [
        (&callback, 200),
        (&forged, 400),
        (&strange, 404),
        (&tried, 200),
    ] {
        assert_eq!(callback.send(&proxy).status, status);
        proxy.access();
    }
    proxy
}

#[test]
fn alert_rules_are_valid_and_fire() {
    promtool(&["check", "rules", RULES], "");
    promtool(&[&["test", "rules"], &RULE_TESTS[..]].concat(), "");
    let rules = fs::read_to_string(RULES).unwrap();
    let tests = RULE_TESTS
        .map(|file| fs::read_to_string(file).unwrap())
        .concat();
    for line in rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
    {
        assert!(
            tests.contains(&format!("alertname: {line}\n")),
            "{line} is not tried"
        );
    }
}

#[test]
fn the_metrics_page_passes_promtool() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let _proxy = busy(&admin, &origin);
    let metrics = admin.metrics();
    promtool(&["check", "metrics"], &metrics.text);
    for metric in Metric::ALL {
        let name = match metric.kind {
            MetricKind::Histogram => format!("{}_count", metric.name),
            _ => metric.name.to_owned(),
        };
        assert!(
            !metrics.series(&name).is_empty(),
            "{name}\n{}",
            metrics.text
        );
        let kind = format!("# TYPE {} {}\n", metric.name, metric.kind.name());
        assert!(metrics.text.contains(&kind), "{kind}");
    }
    let declared = metrics.text.matches("# TYPE ").count();
    assert_eq!(declared, Metric::ALL.len());
}

/// The words in a text that look like names of our metrics.
fn names(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("countersign_") || word.starts_with("process_"))
        .collect()
}

#[test]
fn dashboard_and_rules_name_metrics_that_exist() {
    let mut known = Vec::new();
    for metric in Metric::ALL {
        known.push(metric.name.to_owned());
        if metric.kind == MetricKind::Histogram {
            known.extend(["bucket", "sum", "count"].map(|part| format!("{}_{part}", metric.name)));
        }
    }
    for file in [RULES, DASHBOARD, RULE_TESTS[0], RULE_TESTS[1]] {
        let text = fs::read_to_string(file).unwrap();
        let names = names(&text);
        assert!(names.len() > 5, "{file}");
        for name in names {
            assert!(known.iter().any(|known| known == name), "{file}: {name}");
        }
    }
    // The dashboard shows every metric except those that only alerts need.
    let dashboard = fs::read_to_string(DASHBOARD).unwrap();
    let shown = names(&dashboard);
    for metric in Metric::ALL {
        let is_shown = shown.iter().any(|name| name.starts_with(metric.name));
        let exempt = [
            "countersign_route_keys",
            "countersign_config_last_reload_success_timestamp_seconds",
            "process_threads",
            "process_virtual_memory_bytes",
        ];
        assert_eq!(!is_shown, exempt.contains(&metric.name), "{}", metric.name);
    }
}

/// A Prometheus server for one test.
struct Prometheus {
    child: Child,
    admin: Admin,
    directory: tempfile::TempDir,
}

impl Prometheus {
    fn start(target: &Admin) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let rules = fs::canonicalize(RULES).unwrap();
        let file = directory.path().join("prometheus.yml");
        let configuration = format!(
            "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\n\
             rule_files: [\"{}\"]\n\
             scrape_configs: [{{ job_name: c, static_configs: [{{ targets: [\"{}\"] }}] }}]\n",
            rules.display(),
            target.address
        );
        fs::write(&file, configuration).unwrap();
        let admin = Admin {
            address: address::unused(),
        };
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                directory.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={}", admin.address))
            .stdout(Stdio::null())
            .stderr(File::create(directory.path().join("log")).unwrap())
            .spawn()
            .expect("prometheus (scripts/setup --test)");
        Self {
            child,
            admin,
            directory,
        }
    }

    /// Queries until the response is as wanted.
    fn wait_for(&self, target: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(target);
            let answer = answer
                .filter(|answer| answer.status == 200)
                .map(|answer| answer.json());
            if let Some(answer) = answer.filter(|answer| wanted(answer)) {
                return answer;
            }
            if Instant::now() >= deadline {
                let log = fs::read_to_string(self.directory.path().join("log")).unwrap();
                panic!("{target}: no such answer\n{log}");
            }
            std::thread::yield_now();
        }
    }

    fn get(&self, target: &str) -> Option<Response> {
        std::net::TcpStream::connect(self.admin.address).ok()?;
        let mut client = Client::connect(self.admin.address);
        client.send(
            format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes(),
        );
        Some(client.response())
    }

    fn query(&self, expression: &str) -> Value {
        let encoded: String = expression
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        let answer = self.get(&format!("/api/v1/query?query={encoded}")).unwrap();
        let answer = answer.json();
        assert_eq!(answer["status"], "success", "{expression}: {answer}");
        answer["data"]["result"].clone()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // The process may already have exited.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn prometheus_scrapes_the_proxy_and_answers_the_dashboard() {
    let (admin, origin) = (Admin::new(), Origin::start());
    let _proxy = busy(&admin, &origin);
    let prometheus = Prometheus::start(&admin);
    prometheus.wait_for("/api/v1/targets", |answer| {
        answer["data"]["activeTargets"][0]["health"] == "up"
    });
    let rules = prometheus.wait_for("/api/v1/rules", |answer| {
        let rules = answer["data"]["groups"][0]["rules"].as_array();
        rules.is_some_and(|rules| rules.iter().all(|rule| rule["health"] == "ok"))
    });
    assert!(
        rules["data"]["groups"][0]["rules"]
            .as_array()
            .unwrap()
            .len()
            >= 10
    );
    // Rates need two samples.
    let readings = "count_over_time(countersign_build_info[1m])";
    while prometheus.query(readings)[0]["value"][1]
        .as_str()
        .unwrap_or("0")
        < "2"
    {}

    let dashboard: Value = serde_json::from_str(&fs::read_to_string(DASHBOARD).unwrap()).unwrap();
    let mut ids = Vec::new();
    let mut queries = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        ids.push(panel["id"].as_u64().unwrap());
        let targets = panel["targets"].as_array();
        for target in targets.into_iter().flatten() {
            let expression = target["expr"].as_str().unwrap();
            let filled = expression
                .replace("$__rate_interval", "1m")
                .replace("$instance", ".*")
                .replace("$route", ".*");
            assert!(!filled.contains('$'), "{filled}");
            let found = prometheus.query(&filled);
            let seldom = filled.contains("upstream_.*");
            assert!(seldom || found[0].is_object(), "{filled} finds nothing");
            queries += 1;
        }
    }
    assert!(queries > 20, "{queries}");
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "a panel's id is there twice");
}
