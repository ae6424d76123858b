//! What readers make of texts, and what they say of those that are no requests.

use http::Method;

use super::{
    ReadNote, ReadRequest, RequestTextFault, read_curl, read_har, read_header_and_body, read_http,
};

fn told(read: &ReadRequest) -> String {
    let request = &read.request;
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| format!("{name}={}", value.to_str().unwrap()));
    format!(
        "{} {} {:?} {}",
        request.method,
        String::from_utf8_lossy(&request.target),
        headers.collect::<Vec<_>>(),
        String::from_utf8_lossy(&request.body).escape_debug()
    )
}

#[test]
fn a_raw_request_is_read_with_either_line_end() {
    for (text, wanted) in [
        (
            "POST /a?b HTTP/1.1\r\nHost: h\r\nX-A:  1 \r\n\r\n{\r\n}\n",
            r#"POST /a?b ["host=h", "x-a=1"] {\r\n}\n"#,
        ),
        ("GET /a HTTP/1.1\nHost: h\n\nx", r#"GET /a ["host=h"] x"#),
        ("\r\n\nGET /a HTTP/1.0\nHost: h", r#"GET /a ["host=h"] "#),
        ("GET /a\nA: 1\nA: 2\n\n", r#"GET /a ["a=1", "a=2"] "#),
        // As proxies write it, and HTTP/2 in tools.
        (
            "POST https://h.example/a HTTP/2\r\nHost: other\r\n\r\n",
            r#"POST /a ["host=h.example"] "#,
        ),
    ] {
        assert_eq!(told(&read_http(text.as_bytes()).unwrap()), wanted);
    }
}

#[test]
fn a_body_that_is_not_as_its_header_says_is_told() {
    let of = |headers: &str, body: &str| {
        let text = format!("POST / HTTP/1.1\r\n{headers}\r\n\r\n{body}");
        let read = read_http(text.as_bytes()).unwrap();
        (
            String::from_utf8(read.request.body.to_vec()).unwrap(),
            read.notes,
        )
    };
    let length = "Content-Length: 4";
    let chunked = "Transfer-Encoding: chunked";
    for (headers, body, wanted, notes) in [
        (length, "abcd", "abcd", vec![]),
        (length, "abcd\n", "abcd", vec![ReadNote::Longer(4, 5)]),
        (length, "abc", "abc", vec![ReadNote::Shorter(4, 3)]),
        (
            chunked,
            "2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n",
            "abc",
            vec![ReadNote::Chunked],
        ),
        (chunked, "2\nab\n0\nT: 1\n\n", "ab", vec![ReadNote::Chunked]),
        (
            chunked,
            "0\r\n\r\nrest",
            "",
            vec![ReadNote::Chunked, ReadNote::BehindChunks(4)],
        ),
        (
            chunked,
            "{\"a\":1}",
            "{\"a\":1}",
            vec![ReadNote::AlreadyDecoded],
        ),
    ] {
        assert_eq!(
            of(headers, body),
            (wanted.to_owned(), notes),
            "{headers} {body}"
        );
    }
}

#[test]
fn what_is_no_raw_request_is_reported_with_its_line() {
    for (text, wanted) in [
        ("", "there is no request: the text is empty"),
        ("\r\n\n", "there is no request: the text is empty"),
        ("\n{\"a\": 1}\n", "line 2: not a request line"),
        ("HTTP/1.1 200 OK\r\n", "line 1: this is an answer"),
        ("POST\n", "line 1: not a request line"),
        ("post / HTTP/1.1\n", "line 1: `post` is no method"),
        ("POST a HTTP/1.1\n", "line 1: `a` is no target"),
        ("POST /a b HTTP/1.1\n", "line 1: not a request line"),
        ("POST / HTTP/1.1\nA: 1\nfoo\n", "line 3: not a header line"),
        (
            "POST / HTTP/1.1\nA: 1\n goes on\n",
            "line 3: a header line that goes on",
        ),
        ("POST / HTTP/1.1\nA B: 1\n", "line 2: the header name `A B`"),
        ("POST / HTTP/1.1\nA: \x01\n", "line 2: the value of `A`"),
        (
            "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n2\nab\n9\nabc\n0\n\n",
            "chunk 2 of the body is malformed",
        ),
        (
            "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n2\nabc\n0\n\n",
            "chunk 1 of the body is malformed",
        ),
    ] {
        let error = read_http(text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(wanted), "{text:?}: {error}");
    }
}

#[test]
fn header_and_body_come_from_two_files() {
    for (head, body, wanted, is_assumed) in [
        (
            "POST /a HTTP/1.1\nA: 1\n",
            "x\n",
            r#"POST /a ["a=1"] x\n"#,
            false,
        ),
        ("A: 1\n", "x", r#"POST / ["a=1"] x"#, true),
        ("A: 1\n", "", r#"GET / ["a=1"] "#, true),
        (
            ":authority: h\n:method: PUT\n:path: /a\n:scheme: https\na: 1\n\n",
            "x",
            r#"PUT /a ["host=h", "a=1"] x"#,
            false,
        ),
    ] {
        let read = read_header_and_body(head.as_bytes(), body.as_bytes()).unwrap();
        assert_eq!(told(&read), wanted);
        assert_eq!(read.notes.contains(&ReadNote::NoRequestLine), is_assumed);
    }
    for (head, wanted) in [
        ("", "there is no request"),
        (
            "A: 1\nPOST / HTTP/1.1\n",
            "line 2: the header line `POST / HTTP/1.1` stands",
        ),
        (":status: 200\n", "line 1: the header name `:status`"),
        (":path: a\n", "line 1: `a` is no target"),
    ] {
        let error = read_header_and_body(head.as_bytes(), b"")
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(wanted), "{head:?}: {error}");
    }
}

fn har(requests: &[&str]) -> String {
    let entries = requests
        .iter()
        .map(|request| format!("{{\"request\": {request}}}"));
    let entries: Vec<String> = entries.collect();
    format!("{{\"log\": {{\n\"entries\": [{}]}}}}", entries.join(","))
}

#[test]
fn an_entry_of_a_har_file_is_read() {
    let head = r#""method":"POST","url":"https://h.example/a?b=c","headers":[{"name":":path","value":"/a"},{"name":"A","value":"1"}]"#;
    for (data, wanted, notes) in [
        (
            r#""postData":{"mimeType":"text/plain","text":"x\né"}"#,
            r#"POST /a?b=c ["a=1", "host=h.example", "content-type=text/plain"] x\né"#,
            vec![],
        ),
        (
            r#""postData":{"mimeType":"","text":"YWI=","encoding":"base64"}"#,
            r#"POST /a?b=c ["a=1", "host=h.example"] ab"#,
            vec![],
        ),
        (
            r#""postData":{"mimeType":"","text":"","params":[{"name":"a b","value":"ü&"},{"name":"c"}]}"#,
            r#"POST /a?b=c ["a=1", "host=h.example"] a+b=%C3%BC%26&c="#,
            vec![ReadNote::RebuiltForm],
        ),
        (
            r#""bodySize":9,"postData":{"mimeType":"","text":"abc"}"#,
            r#"POST /a?b=c ["a=1", "host=h.example"] abc"#,
            vec![ReadNote::HarLength(9, 3)],
        ),
        (
            r#""bodySize":-1"#,
            r#"POST /a?b=c ["a=1", "host=h.example"] "#,
            vec![],
        ),
    ] {
        let text = har(&[&format!("{{{head},{data}}}")]);
        let read = read_har(text.as_bytes(), None).unwrap();
        assert_eq!((told(&read).as_str(), &read.notes), (wanted, &notes));
        assert_eq!(read.https, Some(true));
    }
    let get = |path: &str| format!(r#"{{"method":"GET","url":"http://h/{path}","headers":[]}}"#);
    let two = har(&[&get("1?secret=x"), &get("2")]);
    let second = read_har(two.as_bytes(), Some(2)).unwrap().request;
    assert_eq!((second.method, &*second.target), (Method::GET, &b"/2"[..]));
    for (text, entry, wanted) in [
        (
            two.as_str(),
            None,
            "the HAR file has 2 entries: choose one with `--entry N`:\n  1  GET http://h/1\n  2  GET",
        ),
        (
            &two,
            Some(3),
            "the HAR file has 2 entries: there is no entry 3",
        ),
        (
            &two,
            Some(0),
            "the HAR file has 2 entries: there is no entry 0",
        ),
        ("{\n\n\"log\"", None, "line 3: not a HAR file: EOF"),
        ("{}", None, "not a HAR file: it has no list `log.entries`"),
        (&har(&[]), None, "the HAR file has no entry"),
        (
            &har(&["{}"]),
            None,
            "entry 1: its `request.method` is missing",
        ),
        (
            &har(&[&format!(
                r#"{{{head},"postData":{{"text":"?","encoding":"base64"}}}}"#
            )]),
            None,
            "entry 1: the text of its body is not valid base64",
        ),
    ] {
        let error = read_har(text.as_bytes(), entry).unwrap_err().to_string();
        assert!(error.starts_with(wanted), "{text}: {error}");
    }
}

#[test]
fn a_header_with_more_lines_than_any_server_takes_is_refused_by_every_reader() {
    let lines = |of: fn(usize) -> String| (0..40_000).map(of).collect::<Vec<_>>();
    let text = lines(|n| format!("X-{n}: a\r\n")).concat();
    let options = lines(|n| format!(" -H 'X-{n}: a'")).concat();
    let entries = lines(|n| format!(r#"{{"name":"X-{n}","value":"a"}}"#)).join(",");
    let har = format!(
        r#"{{"log":{{"entries":[{{"request":{{"method":"GET","url":"http://h/","headers":[{entries}]}}}}]}}}}"#
    );
    for read in [
        read_http(format!("GET / HTTP/1.1\r\n{text}\r\n").as_bytes()),
        read_header_and_body(text.as_bytes(), b""),
        read_har(har.as_bytes(), None),
        read_curl(format!("curl http://h/{options}").as_bytes(), None),
        read_curl(
            format!("curl http://h/{}", options.replace(": a", ";")).as_bytes(),
            None,
        ),
    ] {
        let fault = read.unwrap_err().fault;
        assert!(matches!(fault, RequestTextFault::ManyHeaders(_)), "{fault}");
    }
}
