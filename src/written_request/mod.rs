//! A request outside a connection: in a scheme's case, in a file, on a command line.

mod chunked_body;
mod curl;
mod har_entry;
mod header_and_body;
mod percent_text;
mod raw_http;
mod read_request;
#[cfg(test)]
mod tests;
mod unread_request;
mod whole_request;
mod write_curl;
mod write_http;
mod write_json;
mod written_headers;
mod written_url;

pub use curl::{ReadFile, read_curl};
pub use har_entry::read_har;
pub use header_and_body::read_header_and_body;
pub use raw_http::read_http;
pub use read_request::{ReadNote, ReadRequest};
pub use unread_request::{RequestTextFault, UnreadRequest};
pub use whole_request::WrittenRequest;
pub use written_headers::append_header;
