use std::io::BufReader;
use std::thread;

use super::*;

fn entry<'e>(object: &'e str) -> AuditEntry<'e> {
    AuditEntry {
        user: Some("somebody"),
        uid: 1000,
        command: "capture show",
        object,
        result: "shown",
    }
}

fn check(files: &[&Path]) -> Result<ChainSummary, BrokenChain> {
    let opened = files.iter().map(|file| {
        (
            file.to_path_buf(),
            BufReader::new(File::open(file).unwrap()),
        )
    });
    check_chain(opened, &[])
}

/// A log that no other test has, so that each opens it anew.
fn anew(path: &Path) -> Arc<AuditLog> {
    AuditLog::open(path).unwrap()
}

/// Root opens it in a folder into which the service's user may write.
#[test]
fn a_symbolic_link_is_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.log");
    let other = directory.path().join("other");
    std::os::unix::fs::symlink(&other, &path).unwrap();
    let error = AuditLog::open(&path).unwrap_err().to_string();
    assert!(error.ends_with("it is a symbolic link"), "{error}");
    assert!(!other.exists());
}

#[test]
fn each_line_continues_the_one_before_over_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.log");
    for object in ["a", "b\n\"\u{202e}", "c"] {
        anew(&path).write(&entry(object)).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0]
            .ends_with(r#""command":"capture show","object":"a","result":"shown","before":null}"#),
        "{text}"
    );
    assert!(lines[1].contains(r#""object":"b\n\"\u202e""#), "{text}");
    let hash = LineHash::of(lines[1].as_bytes());
    assert!(
        lines[2].ends_with(&format!(r#""before":"{hash}"}}"#)),
        "{text}"
    );
    let chain = check(&[&path]).unwrap();
    assert_eq!(
        (chain.lines, chain.continues, chain.torn.len()),
        (3, None, 0)
    );
    assert_eq!(chain.last, Some(LineHash::of(lines[2].as_bytes())));
}

#[test]
fn the_first_broken_line_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.log");
    let log = anew(&path);
    for number in 0..5 {
        log.write(&entry(&number.to_string())).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let changed = |lines: Vec<String>| {
        fs::write(&path, lines.concat()).unwrap();
        check(&[&path]).unwrap_err().to_string()
    };
    let owned = || {
        lines
            .iter()
            .map(|line| (*line).to_owned())
            .collect::<Vec<_>>()
    };
    let at = |number: u32| format!("{}:{number}: ", path.display());

    let mut edited = owned();
    edited[1] = edited[1].replace("somebody", "nobody");
    assert!(changed(edited).starts_with(&at(3)));
    let mut removed = owned();
    removed.remove(2);
    assert!(changed(removed).starts_with(&at(3)));
    let mut inserted = owned();
    inserted.insert(2, lines[1].to_owned());
    assert!(changed(inserted).starts_with(&at(3)));
    let mut garbage = owned();
    garbage[3] = "garbage\n".to_owned();
    let why = changed(garbage);
    assert!(
        why.starts_with(&at(4)) && why.contains("not a line of an audit log"),
        "{why}"
    );
    let mut last = owned();
    last[4] = "{}\n".to_owned();
    assert!(changed(last).starts_with(&at(5)));
}

#[test]
fn a_line_that_a_crash_tore_is_continued_and_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.log");
    anew(&path).write(&entry("a")).unwrap();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], br#"{"time":"20"#].concat()).unwrap();
    assert_eq!(check(&[&path]).unwrap().torn, [(path.clone(), 2)]);
    anew(&path).write(&entry("b")).unwrap();
    let chain = check(&[&path]).unwrap();
    assert_eq!((chain.lines, chain.torn), (3, vec![(path.clone(), 2)]));
    // Everything is torn.
    fs::write(&path, "x").unwrap();
    anew(&path).write(&entry("c")).unwrap();
    assert_eq!(check(&[&path]).unwrap().torn, [(path.clone(), 1)]);
}

#[test]
fn a_rotated_file_is_continued_by_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let (path, old) = (
        directory.path().join("audit.log"),
        directory.path().join("audit.log.1"),
    );
    let log = anew(&path);
    log.write(&entry("a")).unwrap();
    fs::rename(&path, &old).unwrap();
    log.write(&entry("b")).unwrap();
    log.reopen().unwrap();
    // Twice: the empty file does not forget what it continues.
    log.reopen().unwrap();
    log.write(&entry("c")).unwrap();
    let chain = check(&[&old, &path]).unwrap();
    assert_eq!((chain.lines, chain.continues), (3, None));
    assert_eq!(
        check(&[&path]).unwrap().continues,
        check(&[&old]).unwrap().last
    );
    assert!(check(&[&path, &old]).is_err());
}

#[test]
fn several_processes_write_one_chain() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.log");
    let one = || AuditLog {
        path: path.clone(),
        state: Mutex::new(OpenFile {
            file: open(&path).unwrap(),
            before: None,
        }),
    };
    let logs = [one(), one(), one()];
    thread::scope(|scope| {
        for log in &logs {
            scope.spawn(|| {
                for _ in 0..20 {
                    while log.write(&entry("a")).is_err() {}
                }
            });
        }
    });
    assert_eq!(check(&[&path]).unwrap().lines, 60);
}

#[test]
fn a_line_that_cannot_be_written_is_an_error_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.log");
    assert!(AuditLog::open(directory.path()).is_err());
    let log = anew(&path);
    log.write(&entry("a")).unwrap();
    let whole = fs::read(&path).unwrap();
    // What a full disk or a lost mount does to it.
    *lock(&log.state) = OpenFile {
        file: File::open(&path).unwrap(),
        before: None,
    };
    let why = log.write(&entry("b")).unwrap_err().to_string();
    assert!(why.contains("cannot write the audit log"), "{why}");
    assert_eq!(fs::read(&path).unwrap(), whole);
}

#[test]
fn long_objects_are_cut() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.log");
    anew(&path).write(&entry(&"é".repeat(100_000))).unwrap();
    assert!(fs::metadata(&path).unwrap().len() < 1000);
    check(&[&path]).unwrap();
}
