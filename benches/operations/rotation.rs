//! Log rotation under constant load: every request has its line in exactly one file.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::atomic::Ordering;

use crate::load::Load;
use crate::shots;
use crate::support::{Origin, Setup};

const ROTATIONS: usize = 20;
const CLIENTS: usize = 16;

pub(crate) fn run() {
    let origin = Origin::start();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("access.log");
    let proxy = Setup::new()
        .top(&format!(
            "workers = 2\n[log]\naccess = \"{}\"\nformat = \"json\"",
            log.display()
        ))
        .sgate("name = \"shop\"\npath = \"/cb\"\nmax_age = \"1h\"")
        .origin(&origin)
        .start();
    let load = Load::start(proxy.address, CLIENTS, shots("/cb", 40));
    for nth in 0..ROTATIONS {
        load.wait_for(300);
        // Like logrotate: renames the file, then makes the proxy reopen it.
        fs::rename(&log, folder.path().join(format!("access.log.{nth}"))).unwrap();
        proxy.signal("USR1");
        proxy.error_line("log files reopened");
    }
    let counts = load.stop();
    let right = counts.right.load(Ordering::Relaxed);
    let wrong = counts.wrong.load(Ordering::Relaxed);
    let failed = counts.failed.load(Ordering::Relaxed);
    proxy.signal("TERM");
    let (code, _, _) = proxy.ended();
    assert_eq!(code, Some(0));
    let files = fs::read_dir(folder.path()).unwrap();
    let lines: u64 = files.map(|file| lines(&file.unwrap().path())).sum();
    println!(
        "{ROTATIONS} rotations: {right} answers right, {wrong} wrong, {failed} failed; \
         {lines} lines in {} files",
        ROTATIONS + 1
    );
    assert_eq!((wrong, failed, lines), (0, 0, right));
}

fn lines(file: &Path) -> u64 {
    let file = fs::File::open(file).unwrap();
    BufReader::new(file)
        .lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            u64::from(line["status"].is_u64())
        })
        .sum()
}
