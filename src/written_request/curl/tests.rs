use super::read_curl;
use crate::written_request::ReadNote;

/// That options are understood as curl does is tested with curl itself, in `tests/it/curl_commands.rs`.
#[test]
fn what_is_no_command_of_curl_is_reported_with_its_line() {
    for (text, wanted) in [
        ("", "there is no request"),
        ("$ ", "there is no request"),
        ("wget http://h/", "line 1: not a curl command"),
        ("curl -X POST", "the command names no URL"),
        (
            "curl \\\n  http://h/ \\\n  -d",
            "line 3: the option `-d` needs a value",
        ),
        ("curl --data", "line 1: the option `--data` needs a value"),
        (
            "curl http://h/ \\\nhttp://i/",
            "line 2: the command names several URLs: `http://i/`",
        ),
        ("curl\\\n ftp://h/", "line 2: `ftp://h/` is no URL"),
        (
            "curl http://h/ -d 'abc",
            "line 1: a quote that nothing closes: '…'",
        ),
        (
            "curl http://h/ \\\n-d \"abc",
            "line 2: a quote that nothing closes: \"…\"",
        ),
        (
            "curl http://h/ -d $'a\\q'",
            "line 1: `\\q` is not understood",
        ),
        ("curl http://h/ -d \"$BODY\"", "line 1: `$` asks the shell"),
        (
            "curl http://h/ -d `cat x`",
            "line 1: `\u{60}` asks the shell",
        ),
        ("curl http://h/ | jq", "line 1: `|` asks the shell"),
        ("curl http://h/ -H nothing", "line 1: not a header line"),
        ("curl http://h/ -X 'A B'", "line 1: `A B` is no method"),
        ("curl http://h/ -d @body", "line 1: `-d @body` names a file"),
        (
            "curl http://h/ --json @b",
            "line 1: `--json @b` names a file",
        ),
        (
            "curl http://h/ --data-urlencode a@b",
            "line 1: `--data-urlencode @b` names a file",
        ),
    ] {
        let error = read_curl(text.as_bytes(), None).unwrap_err().to_string();
        assert!(error.starts_with(wanted), "{text:?}: {error}");
    }
    let missing = |_: &str| Err("no such file".to_owned());
    let error = read_curl(b"curl http://h/ -d @body", Some(&missing)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1: cannot read the file of `-d @body`: no such file"
    );
}

#[test]
fn options_that_are_not_understood_are_named_and_left_out() {
    let text =
        "curl -s --max-time 3 http://h/ \\\n --compressed --form a=b -T file --frobnicate -b jar";
    let read = read_curl(text.as_bytes(), None).unwrap();
    let left_out = |name: &str| ReadNote::LeftOut(2, name.to_owned());
    let wanted: Vec<_> = ["--compressed", "--form", "-T", "--frobnicate", "-b"]
        .map(left_out)
        .into();
    assert_eq!(read.notes, wanted);
    assert!(read.request.body.is_empty());
}
