//! What curl would send for its options.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::curl_data::CurlData;
use super::curl_options::CurlOption;
use super::read_file::ReadFile;
use super::shell_words::ShellWord;
use crate::written_request::read_request::{ReadNote, ReadRequest};
use crate::written_request::unread_request::{RequestTextFault, UnreadRequest};
use crate::written_request::whole_request::WrittenRequest;
use crate::written_request::written_headers::{append_header, header, set_default};
use crate::written_request::written_url::WrittenUrl;

/// The options of a command, taken together.
#[derive(Default)]
pub(super) struct CommandLine {
    method: Option<Method>,
    url: Option<(usize, String)>,
    headers: HeaderMap,
    /// Headers that curl would add, and `-H 'Name:'` keeps away.
    unwanted: Vec<HeaderName>,
    user: Option<Vec<u8>>,
    data: CurlData,
    data_in_query: bool,
    head_only: bool,
    notes: Vec<ReadNote>,
}

impl CommandLine {
    pub(super) fn read(
        words: &[ShellWord],
        files: Option<ReadFile<'_>>,
    ) -> Result<Self, UnreadRequest> {
        let mut words = words.iter();
        // Documentation shows a prompt.
        let first = words.find(|word| word.bytes != b"$");
        let first = first.ok_or(RequestTextFault::Empty)?;
        let program = first.bytes.rsplit(|byte| b"/\\".contains(byte)).next();
        if !matches!(program, Some(b"curl" | b"curl.exe")) {
            return Err(UnreadRequest::at(first.line, RequestTextFault::NotCurl));
        }
        let mut line = Self::default();
        let mut only_urls = false;
        while let Some(word) = words.next() {
            let text = String::from_utf8_lossy(&word.bytes);
            let at = |fault| UnreadRequest::at(word.line, fault);
            if only_urls || !text.starts_with('-') || text == "-" {
                line.add_url(word.line, &text)?;
            } else if text == "--" {
                only_urls = true;
            } else if let Some(name) = text.strip_prefix("--") {
                let option = CurlOption::long(name);
                let value = if option.has_value() {
                    let next = words.next();
                    Some(next.ok_or_else(|| at(RequestTextFault::OptionValue(text.to_string())))?)
                } else {
                    None
                };
                let value = value.map_or(&[][..], |value| &value.bytes);
                line.add(option, &text, value, word.line, files)?;
            } else {
                line.add_letters(&word.bytes, word.line, &mut words, files)?;
            }
        }
        Ok(line)
    }

    /// Letters behind one dash, such as `-sXPOST`: the first that has a value takes what is behind it, or the next word.
    fn add_letters<'w>(
        &mut self,
        word: &'w [u8],
        line: usize,
        words: &mut impl Iterator<Item = &'w ShellWord>,
        files: Option<ReadFile<'_>>,
    ) -> Result<(), UnreadRequest> {
        let mut rest = word.get(1..).unwrap_or_default();
        while let Some((letter, behind)) = rest.split_first() {
            rest = behind;
            let letter = char::from(*letter);
            let (option, name) = (CurlOption::short(letter), format!("-{letter}"));
            if !option.has_value() {
                self.add(option, &name, &[], line, files)?;
                continue;
            }
            let value = if rest.is_empty() {
                let next = words.next().map(|word| word.bytes.as_slice());
                let missing = RequestTextFault::OptionValue(name.clone());
                next.ok_or_else(|| UnreadRequest::at(line, missing))?
            } else {
                std::mem::take(&mut rest)
            };
            self.add(option, &name, value, line, files)?;
        }
        Ok(())
    }

    fn add_url(&mut self, line: usize, text: &str) -> Result<(), UnreadRequest> {
        if self.url.is_some() {
            let fault = RequestTextFault::SeveralUrls(text.to_owned());
            return Err(UnreadRequest::at(line, fault));
        }
        self.url = Some((line, text.to_owned()));
        Ok(())
    }

    fn add(
        &mut self,
        option: CurlOption,
        name: &str,
        value: &[u8],
        line: usize,
        files: Option<ReadFile<'_>>,
    ) -> Result<(), UnreadRequest> {
        let at = |fault| UnreadRequest::at(line, fault);
        let text = || String::from_utf8_lossy(value).into_owned();
        match option {
            CurlOption::Method => {
                let method = Method::from_bytes(value);
                self.method = Some(method.map_err(|_| at(RequestTextFault::Method(text())))?);
            }
            CurlOption::Header => self.add_header(value).map_err(at)?,
            CurlOption::Data
            | CurlOption::DataRaw
            | CurlOption::DataBinary
            | CurlOption::DataUrlencode
            | CurlOption::Json => self.data.add(option, name, value, files).map_err(at)?,
            CurlOption::User => self.user = Some(value.to_vec()),
            // Without an equals sign it names a file with cookies.
            CurlOption::Cookie if value.contains(&b'=') => {
                self.set(header::COOKIE, value).map_err(at)?;
            }
            CurlOption::Agent => self.set(header::USER_AGENT, value).map_err(at)?,
            CurlOption::Referer => {
                let value = value.split(|byte| *byte == b';').next().unwrap_or(value);
                self.set(header::REFERER, value).map_err(at)?;
            }
            CurlOption::Url => self.add_url(line, &text())?,
            CurlOption::DataInQuery => self.data_in_query = true,
            CurlOption::HeadOnly => self.head_only = true,
            CurlOption::Harmless(_) => {}
            CurlOption::Cookie | CurlOption::Other(_) => {
                self.notes.push(ReadNote::LeftOut(line, name.to_owned()));
            }
        }
        Ok(())
    }

    fn set(&mut self, name: HeaderName, value: &[u8]) -> Result<(), RequestTextFault> {
        let (name, value) = header(name.as_str().as_bytes(), value)?;
        self.headers.insert(name, value);
        Ok(())
    }

    /// `Name: value`; `Name;` for an empty one; `Name:` for none.
    fn add_header(&mut self, line: &[u8]) -> Result<(), RequestTextFault> {
        let colon = line.iter().position(|byte| *byte == b':');
        let Some((name, value)) = colon.and_then(|at| line.split_at_checked(at)) else {
            let name = line.trim_ascii().strip_suffix(b";");
            let (name, value) = header(name.ok_or(RequestTextFault::HeaderLine)?, b"")?;
            return append_header(&mut self.headers, name, value);
        };
        let (name, value) = header(name, value.strip_prefix(b":").unwrap_or(value))?;
        if value.is_empty() {
            self.unwanted.push(name);
            Ok(())
        } else {
            append_header(&mut self.headers, name, value)
        }
    }

    /// What curl would send.
    pub(super) fn request(self) -> Result<ReadRequest, UnreadRequest> {
        let (line, written) = self.url.ok_or(RequestTextFault::NoUrl)?;
        let url = WrittenUrl::read(&written, true);
        let url = url.ok_or_else(|| UnreadRequest::at(line, RequestTextFault::Url(written)))?;
        let mut headers = self.headers;
        let mut target = url.target.into_bytes();
        let mut body = self.data.bytes;
        if self.data_in_query
            && let Some(data) = body.take()
        {
            target.push(if target.contains(&b'?') { b'&' } else { b'?' });
            target.extend(data);
        }
        let mut default = |name: HeaderName, value: &str| {
            if !self.unwanted.contains(&name) {
                set_default(&mut headers, name, value);
            }
        };
        default(header::HOST, &url.host);
        if body.is_some() {
            default(
                header::CONTENT_TYPE,
                if self.data.is_json {
                    "application/json"
                } else {
                    "application/x-www-form-urlencoded"
                },
            );
        }
        let accept = if self.data.is_json {
            "application/json"
        } else {
            "*/*"
        };
        default(header::ACCEPT, accept);
        let user = self.user.or(url.user.map(String::into_bytes));
        if let Some(user) = user {
            let value = format!("Basic {}", STANDARD.encode(user));
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.entry(header::AUTHORIZATION).or_insert(value);
            }
        }
        let method = match (self.method, self.head_only, &body) {
            (Some(method), ..) => method,
            (None, true, _) => Method::HEAD,
            (None, false, Some(_)) => Method::POST,
            (None, false, None) => Method::GET,
        };
        Ok(ReadRequest {
            request: WrittenRequest {
                method,
                target,
                headers,
                body: body.unwrap_or_default().into(),
            },
            https: Some(url.https),
            at: None,
            notes: self.notes,
        })
    }
}
