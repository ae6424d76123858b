//! The bytes that curl's options for data add.

use super::curl_options::CurlOption;
use super::read_file::ReadFile;
use crate::written_request::percent_text::push_encoded;
use crate::written_request::unread_request::RequestTextFault;

/// What the options give together, in their order.
#[derive(Default)]
pub(super) struct CurlData {
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) is_json: bool,
}

impl CurlData {
    pub(super) fn add(
        &mut self,
        option: CurlOption,
        name: &str,
        value: &[u8],
        files: Option<ReadFile<'_>>,
    ) -> Result<(), RequestTextFault> {
        let read = |file: &[u8]| read(name, file, files);
        let added = match (option, value.strip_prefix(b"@")) {
            (CurlOption::DataUrlencode, _) => urlencoded(value, read)?,
            (CurlOption::DataRaw, _) | (_, None) => value.to_vec(),
            (CurlOption::Data, Some(file)) => {
                let mut text = read(file)?;
                text.retain(|byte| !b"\r\n\0".contains(byte));
                text
            }
            (_, Some(file)) => read(file)?,
        };
        self.is_json |= option == CurlOption::Json;
        match &mut self.bytes {
            None => self.bytes = Some(added),
            Some(bytes) => {
                if option != CurlOption::Json {
                    bytes.push(b'&');
                }
                bytes.extend(added);
            }
        }
        Ok(())
    }
}

/// `content`, `=content`, `name=content`, `@file` or `name@file`, with the content in percent codes.
fn urlencoded(
    value: &[u8],
    read: impl Fn(&[u8]) -> Result<Vec<u8>, RequestTextFault>,
) -> Result<Vec<u8>, RequestTextFault> {
    let at = value.iter().position(|byte| b"=@".contains(byte));
    let Some(at) = at else {
        let mut out = Vec::new();
        push_encoded(value, &mut out);
        return Ok(out);
    };
    let (name, content) = value.split_at_checked(at).unwrap_or((value, &[]));
    let mut out = name.to_vec();
    if !name.is_empty() {
        out.push(b'=');
    }
    match content.split_first() {
        Some((b'@', file)) => push_encoded(&read(file)?, &mut out),
        Some((_, content)) => push_encoded(content, &mut out),
        None => {}
    }
    Ok(out)
}

/// The contents of a file that an option names.
fn read(
    option: &str,
    file: &[u8],
    files: Option<ReadFile<'_>>,
) -> Result<Vec<u8>, RequestTextFault> {
    let name = String::from_utf8_lossy(file);
    let shown = format!("{option} @{name}");
    let files = files.ok_or_else(|| RequestTextFault::FileNotAllowed(shown.clone()))?;
    files(&name).map_err(|why| RequestTextFault::File(shown, why))
}
