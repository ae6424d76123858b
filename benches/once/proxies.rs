//! Three proxies on one Redis. A proxy and Redis are killed halfway.

use crate::storm::{Plan, Report, run as storm};

pub(crate) fn run() {
    let number = |name: &str, default| {
        let value = std::env::var(name).ok();
        value.map_or(default, |value| value.parse().unwrap())
    };
    let plan = Plan {
        callbacks: number("CALLBACKS", 50_000),
        copies: 4,
        proxies: 3,
        workers: 48,
        lease: "10s",
        fsync: "always",
        seed: number("SEED", 1) as u64,
    };
    println!(
        "{} callbacks, each sent {} times, then until it is answered with 200",
        plan.callbacks, plan.copies
    );
    let report = storm(plan);
    let Report {
        took,
        asked,
        failed,
        never,
        once,
        more,
        in_flight,
        ..
    } = &report;
    let mut answers: Vec<_> = report.answers.iter().collect();
    answers.sort();
    println!(
        "took {took:.1?}; Redis was away for {:.1?}",
        report.redis_away
    );
    println!("answers by status (0: broken off): {answers:?}");
    println!("the backend was asked {asked} times, and failed {failed} times");
    println!("taken never: {never}, once: {once}, more often: {more}");
    println!(
        "in flight in the proxy that was killed: {in_flight}; taken more often without that: {}",
        report.unexplained.len()
    );
    assert_eq!((*never, report.unexplained.len()), (0, 0));
    assert!(more <= in_flight);
}
