//! Any bytes at the beginning of a connection: a header of the PROXY protocol ends where it says, nothing
//! behind it counts, and no part of one is taken for a whole one, or for none.

use countersign::proxy::ProxyHeader;

/// What may stand behind a header.
const BEHIND: &[&[u8]] = &[
    b"",
    b"\n",
    b"GET / HTTP/1.1\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c",
];

/// Reads them, cut anywhere and with other bytes behind.
pub fn check(bytes: &[u8]) {
    match ProxyHeader::parse(bytes) {
        Ok(Some(header)) => {
            let (own, rest) = bytes.split_at(header.length);
            for behind in BEHIND.iter().chain([&rest]) {
                let whole = [own, behind].concat();
                assert_eq!(ProxyHeader::parse(&whole), Ok(Some(header)));
            }
            for cut in 0..own.len() {
                assert_eq!(ProxyHeader::parse(&own[..cut]), Ok(None), "{cut}");
            }
        }
        // More may come.
        Ok(None) => assert!(bytes.len() < 4096),
        Err(error) => {
            for behind in BEHIND {
                let longer = [bytes, behind].concat();
                assert_eq!(ProxyHeader::parse(&longer), Err(error));
            }
        }
    }
}
