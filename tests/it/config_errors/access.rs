//! Access, rate and concurrency limits.

use countersign::config::diagnostic::Severity;

use super::{REST, checked, files};
use crate::config_files::relative;

#[test]
fn every_mistake_has_a_place_a_reason_and_a_hint() {
    let files = files();
    let good = "name = \"good\"";
    for (top, route, title, why) in [
        (
            "allow = \"10.0.0.1\"",
            "",
            "wrong type",
            "but an array is needed",
        ),
        (
            "deny = [\"10.0.0.1/8\"]",
            "",
            "invalid network",
            "after the first 8",
        ),
        (
            "deny = [\"unix\"]",
            "",
            "invalid network",
            "neither an address",
        ),
        (
            "",
            "allow = [\"example.com\"]",
            "invalid network",
            "neither an address",
        ),
        (
            "trusted_proxies = [\"0.0.0.0/0\"]",
            "",
            "everybody is trusted",
            "list the addresses of your proxies",
        ),
        (
            "trusted_proxies = [\"10.0.0.1\", \"::/0\"]",
            "",
            "everybody is trusted",
            "",
        ),
        // In parts, together with others.
        (
            "trusted_proxies = [\"128.0.0.0/1\", \"fd00::/8\", \"64.0.0.0/2\", \"0.0.0.0/2\"]",
            "",
            "everybody is trusted",
            "",
        ),
        (
            "client_ip_header = \"X Real IP\"",
            "",
            "invalid header name",
            "",
        ),
        (
            "client_ip_header = \"Countersign-Report\"",
            "",
            "reserved header",
            "removed from every request",
        ),
        (
            "",
            "rate_limit = \"10/s\"",
            "wrong type",
            "but a table is needed",
        ),
        ("", "rate_limit = {}", "missing key", "`rate`"),
        (
            "",
            "rate_limit = { rate = 10 }",
            "wrong type",
            "but a string is needed",
        ),
        ("", "rate_limit = { rate = \"10\" }", "invalid rate", "10"),
        ("", "rate_limit = { rate = \"0/s\" }", "invalid rate", "0/s"),
        (
            "",
            "rate_limit = { rate = \"1.5/s\" }",
            "invalid rate",
            "1.5/s",
        ),
        (
            "",
            "rate_limit = { rate = \"10/day\" }",
            "invalid rate",
            "10/day",
        ),
        (
            "",
            "rate_limit = [{ rate = \"1/s\", burst = 0 }]",
            "value out of range",
            "1 to 1000000",
        ),
        (
            "",
            "rate_limit = [{ rate = \"1/s\", key = \"ip\" }]",
            "unknown value",
            "ip",
        ),
        ("", "in_flight = 0", "value out of range", "1 to 1000000"),
        ("", "in_flight = \"none\"", "unknown value", "not a number"),
        (
            "[limits]\nconnections = \"off\"",
            "",
            "wrong type",
            "but a whole number is needed",
        ),
        (
            "[limits]\nconnections_per_client = true",
            "",
            "wrong type",
            "but a whole number is needed",
        ),
        (
            "[timeouts]\nmin_rate = \"0B\"",
            "",
            "value out of range",
            "it must be 1 B to 1.0 MiB",
        ),
        (
            "[timeouts]\nmin_rate = \"2MiB\"",
            "",
            "value out of range",
            "= help: write a number and a unit: \"500B\", \"64KiB\", \"1MiB\"",
        ),
        (
            "[timeouts]\nmin_rate = \"slow\"",
            "",
            "invalid size",
            "it must start with a number",
        ),
    ] {
        let rest = REST.replacen(good, &format!("{good}\n{route}"), 1);
        let report = files.load(&format!("{top}\n{rest}")).unwrap_err();
        assert_eq!(report.count(Severity::Error), 1, "{top}{route}: {report}");
        let report = checked(relative(&report, &files));
        assert!(
            report.contains(title) && report.contains(why),
            "{top}{route}: {report}"
        );
    }
}

#[test]
fn a_unix_socket_needs_a_path_and_only_it_has_a_mode() {
    let files = files();
    let long = format!("address = \"unix:/{}\"", "a".repeat(120));
    for (listens, why) in [
        ("address = \"unix:\"", "the path of the socket is missing"),
        (&long, "must be shorter"),
        (
            "address = \"127.0.0.1:0\"\nmode = \"660\"",
            "only the file of a Unix socket",
        ),
        ("address = \"unix:a.sock\"\nmode = \"0660\"", "three digits"),
        ("address = \"unix:a.sock\"\nmode = \"678\"", "three digits"),
        (
            "address = \"unix:a.sock\"\nmode = 660",
            "but a string is needed",
        ),
        (
            "address = \"unix:a.sock\"\n[[listener]]\naddress = \"unix:a.sock\"",
            "already in use",
        ),
    ] {
        let text = REST.replacen("address = \"127.0.0.1:0\"", listens, 1);
        let report = files.load(&text).unwrap_err();
        assert_eq!(report.count(Severity::Error), 1, "{listens}: {report}");
        let report = checked(relative(&report, &files));
        assert!(report.contains(why), "{listens}: {report}");
    }
}

#[test]
fn the_proxy_protocol_needs_somebody_to_believe() {
    let files = files();
    let listens = "address = \"127.0.0.1:0\"";
    let rest = REST.replacen(listens, &format!("{listens}\nproxy_protocol = true"), 1);
    let report = files.load(&rest).unwrap_err();
    let report = checked(relative(&report, &files));
    assert!(
        report.contains("only trusted proxies may use the PROXY protocol"),
        "{report}"
    );
    assert!(
        files
            .load(&format!("trusted_proxies = [\"10.0.0.0/8\"]\n{rest}"))
            .is_ok()
    );
}
