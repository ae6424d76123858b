//! The test of several proxies on one Redis, at a small scale.

use super::storm::{Plan, run};

#[test]
fn each_callback_succeeds_exactly_once_whatever_process_dies() {
    let report = run(Plan {
        callbacks: 300,
        copies: 4,
        proxies: 3,
        workers: 16,
        lease: "2s",
        fsync: "always",
        seed: 5,
    });
    assert_eq!(report.never, 0, "{report:?}");
    assert_eq!(report.unexplained, [0; 0], "{report:?}");
    assert!(report.more <= report.in_flight, "{report:?}");
    assert!(
        report.failed > 0 && report.once >= 300 - report.in_flight,
        "{report:?}"
    );
}
