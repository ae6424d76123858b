//! A configuration for requests.

use std::fs;

use countersign::proxy::DryRun;

/// Of routes whose key `k` is the given one.
pub(super) fn dry_run(routes: &str, key: &[u8]) -> DryRun {
    dry_run_with("", routes, key)
}

/// The same, with lines at the top level.
pub(super) fn dry_run_with(top: &str, routes: &str, key: &[u8]) -> DryRun {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("k.pem"), key).unwrap();
    let text = format!(
        "{top}[[listener]]\naddress = \"127.0.0.1:1\"\n[[key]]\nid = \"k\"\nfile = \"k.pem\"\n{routes}"
    );
    let file = directory.path().join("c.toml");
    fs::write(&file, text).unwrap();
    match countersign::config::load(&file) {
        Ok(loaded) => DryRun::new(loaded.config),
        Err(report) => panic!("{report}"),
    }
}
