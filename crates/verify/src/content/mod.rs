//! The pieces of signed content: where it is written to, and values as Java prints them.

mod java;
mod sink;

use std::cmp::Ordering;

pub(super) use java::{
    text_as_signed, write_json_number as write_number, write_value as write_java,
};
pub(super) use sink::Sink;

/// How a number with a fraction or an exponent is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberStyle {
    /// As in the body.
    AsWritten,
    /// Converted to a double, as Java's `Double.toString` prints it.
    JavaDouble,
}

/// The order of two names by UTF-16 code units, as in Java and JavaScript.
pub(super) fn compare_utf16(a: &str, b: &str) -> Ordering {
    // Bytes and UTF-16 units sort ASCII alike, which covers nearly every name.
    if a.is_ascii() && b.is_ascii() {
        a.cmp(b)
    } else {
        a.encode_utf16().cmp(b.encode_utf16())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_order_differs_from_byte_order_above_the_basic_plane() {
        assert_eq!("ﬁ".cmp("😀"), Ordering::Less);
        assert_eq!(compare_utf16("ﬁ", "😀"), Ordering::Greater);
        assert_eq!(compare_utf16("a", "ab"), Ordering::Less);
        assert_eq!(compare_utf16("é", "éa"), Ordering::Less);
        assert_eq!(compare_utf16("Z", "a"), Ordering::Less);
    }
}
