//! A command of curl is read as curl itself, run by bash, sends it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;

use countersign::written_request::{ReadRequest, read_curl, read_http};

/// `URL` stands for the address of a server that records what it gets.
const COMMANDS: &[&str] = &[
    "curl URL/a",
    "curl URL",
    "curl 'URL/a?b=c#d' -X DELETE",
    "curl -XPUT URL/a -d x",
    "curl -sSXPATCH URL/a -dx",
    "curl -X POST URL/a -H 'X-Sign: a  b ' -H 'X-Empty;' -H 'Accept:'",
    "curl URL/a -d 'a=b' -d 'c=d'",
    "curl URL/a --data a=b --data-raw '@c' --data-binary 'd\ne'",
    "curl URL/a --data-urlencode 'a=b c&d' --data-urlencode '=x=y' --data-urlencode 'plain ü' --data-urlencode 'n@body'",
    "curl URL/a -d @body",
    "curl URL/a --data-binary @body",
    "curl URL/a --json '{\"a\":1}'",
    "curl URL/a --json '{\"a\":' --json '1}' -H 'Content-Type: text/plain'",
    "curl -G URL/a -d 'a=b' --data-urlencode 'c=d e'",
    "curl -G 'URL/a?x=y' -d a=b",
    "curl -u user:pass URL/a",
    "curl http://u:p@ADDRESS/a",
    "curl -b 'a=b; c=d' -A agent -e http://r.example/ URL/a",
    "curl --user-agent 'a b' --referer 'http://r/;auto' --cookie 'x=y' --url URL/a --request POST",
    "curl URL/a \\\n  -H 'A: 1' \\\n  --data-raw $'{\"a\":\"it\\'s \\u00e9\\n\\x41\\101\\t\\\\\"}'",
    "curl URL/a -d \"a\\\"b\\\\c\\d \\$x\" -d a\\ b",
    "curl URL/a -d ''",
    "curl -I URL/a",
    "curl -d '{\"multi\n line\": 1}' -H \"Content-Type: application/json\" URL/a # comment",
];

#[test]
fn a_command_is_read_as_curl_sends_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("body"), "x=1\r\ny= 2\n").unwrap();
    let files = |name: &str| {
        let read = fs::read(folder.path().join(name));
        read.map_err(|error| error.to_string())
    };
    for command in COMMANDS {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap().to_string();
        let command = command
            .replace("URL", &format!("http://{address}"))
            .replace("ADDRESS", &address);
        let recorded = thread::spawn(move || record(&server));
        let ran = Command::new("bash")
            .args(["-c", &command])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(ran.unwrap().success(), "{command}");
        let sent = read_http(&recorded.join().unwrap()).unwrap();
        let read = read_curl(command.as_bytes(), Some(&files)).unwrap();
        assert_eq!(told(&read), told(&sent), "{command}");
    }
}

/// Without the headers by which curl names itself and frames its body.
fn told(read: &ReadRequest) -> (String, Vec<String>) {
    let request = &read.request;
    let own = ["content-length", "user-agent"];
    let headers = request.headers.iter().filter(|(name, value)| {
        !own.contains(&name.as_str())
            || !value.as_bytes().starts_with(b"curl/") && name.as_str() != "content-length"
    });
    let headers = headers.map(|(name, value)| format!("{name}: {value:?}"));
    let mut headers: Vec<_> = headers.collect();
    headers.sort();
    let target = String::from_utf8_lossy(&request.target);
    let body = request.body.escape_ascii();
    (format!("{} {target} {body}", request.method), headers)
}

/// The bytes of one request, which is answered.
fn record(server: &TcpListener) -> Vec<u8> {
    let (mut stream, _) = server.accept().unwrap();
    let mut bytes = Vec::new();
    while !is_whole(&bytes) {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&buffer[..count]);
    }
    answer(&mut stream);
    bytes
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    bytes.len() == head.len() + 4 + length
}

fn answer(stream: &mut TcpStream) {
    let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    stream.write_all(answer).unwrap();
}
