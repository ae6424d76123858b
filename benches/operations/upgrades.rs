//! Upgrades to a new process under constant load.

use std::sync::atomic::Ordering;

use crate::load::Load;
use crate::shots;
use crate::support::{Origin, Setup};

const UPGRADES: usize = 5;
const CLIENTS: usize = 16;

pub(crate) fn run() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .top("workers = 2\n[log]\naccess = \"off\"")
        .sgate("name = \"shop\"\npath = \"/cb\"\nmax_age = \"1h\"")
        .origin(&origin)
        .start();
    let load = Load::start(proxy.address, CLIENTS, shots("/cb", 40));
    let mut processes = vec![proxy.pid()];
    for _ in 0..UPGRADES {
        load.wait_for(500);
        proxy.upgrade();
        processes.push(proxy.pid());
    }
    load.wait_for(500);
    let counts = load.stop();
    let right = counts.right.load(Ordering::Relaxed);
    let wrong = counts.wrong.load(Ordering::Relaxed);
    let failed = counts.failed.load(Ordering::Relaxed);
    println!(
        "{UPGRADES} upgrades: {right} answers right, {wrong} wrong, {failed} failed; \
         {} connections, slowest {} ms",
        counts.connections.load(Ordering::Relaxed),
        counts.slowest.load(Ordering::Relaxed) / 1000,
    );
    processes.sort_unstable();
    processes.dedup();
    assert_eq!(processes.len(), UPGRADES + 1);
    assert_eq!((wrong, failed), (0, 0));
    proxy.signal("TERM");
    proxy.ended();
}
