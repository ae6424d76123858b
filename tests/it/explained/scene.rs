//! A provider's request and a configuration for it, either of which can be broken.

use countersign::config;
use countersign::explain::{Explanation, Question};
use countersign::judge::Site;
use countersign::written_request::{ReadRequest, read_http};

use crate::config_files::Files;
use crate::provider_wire::provider_routes::{folder, host, tables};
use crate::provider_wire::signed_request::SignedRequest;

/// A request that was sent, and the requests for which the configuration was written: the first is meant to be the same.
pub(super) struct Scene {
    pub(super) sent: SignedRequest,
    pub(super) configured: Vec<SignedRequest>,
    /// When it comes, in seconds after it was signed.
    pub(super) late: i64,
    /// Changes to the text of the configuration: from, to.
    pub(super) edits: Vec<(String, String)>,
}

/// The genuine request with this id.
pub(super) fn request(id: &str) -> SignedRequest {
    let files = ["valid.jsonl", "vendors.jsonl"];
    let all = files
        .iter()
        .flat_map(|file| SignedRequest::read_all(&folder().join(file)));
    let mut found = all.filter(|request| request.id == id);
    found.next().unwrap_or_else(|| panic!("no request {id}"))
}

impl Scene {
    pub(super) fn of(id: &str) -> Self {
        let request = request(id);
        Self {
            sent: request.clone(),
            configured: vec![request],
            late: 1,
            edits: Vec::new(),
        }
    }

    pub(super) fn body(&self) -> String {
        String::from_utf8(self.sent.body.clone()).unwrap()
    }

    pub(super) fn edit(&mut self, from: &str, to: &str) {
        self.edits.push((from.to_owned(), to.to_owned()));
    }

    /// Changes the key's text in the configuration.
    pub(super) fn configured_key(&mut self, change: impl Fn(&str) -> String) {
        let key = &mut self.configured[0].keys[0];
        key.value = change(&key.value);
    }

    /// Changes the value of a header of the request.
    pub(super) fn header(&mut self, name: &str, change: impl Fn(&str) -> String) {
        let mut headers = self.sent.headers.iter_mut();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        let (_, value) = found.unwrap_or_else(|| panic!("no header {name}"));
        *value = change(value);
    }

    /// The request as it is recorded.
    pub(super) fn recorded(&self) -> Vec<u8> {
        let request = &self.sent;
        let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
        let headers = &request.headers;
        if !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            head.push_str(&format!("Host: {}\r\n", host(request)));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        [head.as_bytes(), b"\r\n", &request.body].concat()
    }

    pub(super) fn site(&self) -> Site {
        let files = Files::new();
        let routes: Vec<_> = { self.configured.iter() }
            .map(|request| tables(request, &files))
            .collect();
        let mut text = format!(
            "[[listener]]\naddress = \"127.0.0.1:1\"\n[[upstream]]\nname = \"origin\"\n\
             servers = [\"127.0.0.1:2\"]\n{}",
            routes.join("\n")
        );
        for (from, to) in &self.edits {
            assert!(text.contains(from), "{from}: {text}");
            text = text.replace(from, to);
        }
        let file = files.write("c.toml", &text);
        let loaded = config::load(&file).unwrap_or_else(|report| panic!("{report}\n{text}"));
        Site::new(loaded.config)
    }

    pub(super) fn question<'q>(&self) -> Question<'q> {
        let read: ReadRequest = read_http(&self.recorded()).unwrap();
        let signed = self.sent.verify_at.unwrap_or(1_700_000_000);
        Question::new(read, signed + self.late)
    }

    pub(super) fn explain(&self) -> Explanation {
        self.question().by_site(&self.site())
    }
}
