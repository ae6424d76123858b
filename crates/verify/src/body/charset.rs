//! The character sets of forms: a closed list, each of which is read strictly.

use std::borrow::Cow;

use encoding_rs::{BIG5, Encoding, GB18030, GBK, WINDOWS_1251, WINDOWS_1252};

/// A character set. All of them contain ASCII.
///
/// Bytes that decoders read differently have no text here: those that have none at all, C1 controls
/// in the sets with one byte a character, and bytes that the text would not be written as again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Charset {
    /// UTF-8.
    #[default]
    #[cfg_attr(feature = "serde", serde(rename = "utf-8"))]
    Utf8,
    /// GBK. `gb2312` is a label for it, as in browsers: who says GB2312 writes names in GBK.
    #[cfg_attr(feature = "serde", serde(rename = "gbk"))]
    Gbk,
    /// GB 18030.
    #[cfg_attr(feature = "serde", serde(rename = "gb18030"))]
    Gb18030,
    /// Big5, without the extensions of Hong Kong.
    #[cfg_attr(feature = "serde", serde(rename = "big5"))]
    Big5,
    /// ISO 8859-1, without C1 controls.
    #[cfg_attr(feature = "serde", serde(rename = "iso-8859-1"))]
    Iso8859_1,
    /// Windows-1251 (Cyrillic).
    #[cfg_attr(feature = "serde", serde(rename = "windows-1251"))]
    Windows1251,
    /// Windows-1252 (Western European).
    #[cfg_attr(feature = "serde", serde(rename = "windows-1252"))]
    Windows1252,
}

impl Charset {
    /// Every character set with its name in configurations.
    pub const NAMED: &[(&str, Self)] = &[
        ("utf-8", Self::Utf8),
        ("gbk", Self::Gbk),
        ("gb18030", Self::Gb18030),
        ("big5", Self::Big5),
        ("iso-8859-1", Self::Iso8859_1),
        ("windows-1251", Self::Windows1251),
        ("windows-1252", Self::Windows1252),
    ];

    /// Other labels that providers and HTTP clients write.
    const ALIASES: &[(&str, Self)] = &[
        ("utf8", Self::Utf8),
        ("gb2312", Self::Gbk),
        ("cp936", Self::Gbk),
        ("latin1", Self::Iso8859_1),
        ("cp1251", Self::Windows1251),
        ("cp1252", Self::Windows1252),
    ];

    /// The character set with this label, in any case.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        let mut all = Self::NAMED.iter().chain(Self::ALIASES);
        all.find(|(name, _)| name.eq_ignore_ascii_case(label))
            .map(|(_, charset)| *charset)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut all = Self::NAMED.iter();
        all.find(|(_, charset)| *charset == self)
            .map_or("", |(name, _)| name)
    }

    /// The text of these bytes, if all decoders agree on it. There are never replacement characters
    /// for what cannot be read. Borrowed if the bytes are UTF-8 as well.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        if self == Self::Utf8 || bytes.is_ascii() {
            return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
        }
        let text = match self.table() {
            Some(table) => table.decode_without_bom_handling_and_without_replacement(bytes)?,
            None => bytes.iter().copied().map(char::from).collect(),
        };
        let is_same = self.encode(&text).is_some_and(|again| *again == *bytes);
        is_same.then_some(text)
    }

    /// The bytes of this text, if it can be written in this character set.
    #[must_use]
    pub fn encode(self, text: &str) -> Option<Cow<'_, [u8]>> {
        if self == Self::Utf8 || text.is_ascii() {
            return Some(text.as_bytes().into());
        }
        if !text.chars().all(|char| self.has(char)) {
            return None;
        }
        match self.table() {
            Some(table) => {
                let (bytes, _, has_unmappable) = table.encode(text);
                (!has_unmappable).then_some(bytes)
            }
            None => {
                let bytes = text.chars().map(u8::try_from);
                bytes.collect::<Result<Vec<_>, _>>().ok().map(Cow::Owned)
            }
        }
    }

    /// The table of the Encoding Standard, where that is what the name says: there, `iso-8859-1`
    /// means Windows-1252.
    fn table(self) -> Option<&'static Encoding> {
        match self {
            Self::Utf8 | Self::Iso8859_1 => None,
            Self::Gbk => Some(GBK),
            Self::Gb18030 => Some(GB18030),
            Self::Big5 => Some(BIG5),
            Self::Windows1251 => Some(WINDOWS_1251),
            Self::Windows1252 => Some(WINDOWS_1252),
        }
    }

    /// Whether decoders agree on the character's bytes, if it has any.
    fn has(self, char: char) -> bool {
        // Browsers fill the gaps in tables with C1 controls; others read nothing there.
        let is_filler = ('\u{80}'..='\u{9f}').contains(&char);
        // One byte in Microsoft's GBK, two in that of the standard, none in others.
        !(is_filler || self == Self::Gbk && char == '€')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_and_written_in_each_character_set() {
        for (charset, bytes, text) in [
            (Charset::Utf8, &b"\xe5\xbc\xa0"[..], "张"),
            (Charset::Gbk, b"\xd5\xc5\xe9F", "张镕"),
            (Charset::Gb18030, b"\xd5\xc5\x95\x32\x82\x36", "张𠀀"),
            (Charset::Big5, b"\xb1i", "張"),
            (Charset::Iso8859_1, b"caf\xe9 \xa0\xff", "café \u{a0}ÿ"),
            (Charset::Windows1251, b"\xcf\xeb\xe0\xf2\xe5\xe6", "Платеж"),
            (Charset::Windows1252, b"\x80 \x99", "€ ™"),
        ] {
            assert_eq!(charset.decode(bytes).as_deref(), Some(text), "{charset:?}");
            assert_eq!(charset.encode(text).as_deref(), Some(bytes), "{charset:?}");
            assert_eq!(Charset::from_label(charset.name()), Some(charset));
            assert_eq!(charset.decode(b"A&=%\0~").as_deref(), Some("A&=%\0~"));
        }
    }

    #[test]
    fn bytes_that_decoders_read_differently_are_no_text() {
        for (charset, bytes) in [
            (Charset::Utf8, &b"\xff"[..]),
            (Charset::Utf8, b"\xed\xa0\x80"),
            (Charset::Utf8, b"\xc0\xaf"),
            (Charset::Gbk, b"\xd5"),
            (Charset::Gbk, b"\xd5&"),
            (Charset::Gbk, b"\x80"),
            (Charset::Gbk, b"\xa2\xe3"),
            (Charset::Gbk, b"\x95\x32\x82\x36"),
            (Charset::Gb18030, b"\xff"),
            (Charset::Gb18030, b"\x81\x30"),
            (Charset::Big5, b"\x87\x40"),
            (Charset::Big5, b"\xb1"),
            (Charset::Iso8859_1, b"\x80"),
            (Charset::Windows1251, b"\x98"),
            (Charset::Windows1252, b"\x81"),
        ] {
            assert_eq!(charset.decode(bytes), None, "{charset:?} {bytes:x?}");
        }
    }

    #[test]
    fn text_that_a_character_set_lacks_is_not_written() {
        for (charset, text) in [
            (Charset::Gbk, "😀"),
            (Charset::Big5, "张"),
            (Charset::Iso8859_1, "€"),
            (Charset::Windows1252, "Я"),
        ] {
            assert_eq!(charset.encode(text), None, "{charset:?} {text}");
        }
    }

    #[test]
    fn no_two_byte_strings_have_one_text() {
        for (_, charset) in Charset::NAMED {
            for first in 0..=u8::MAX {
                for second in 0..=u8::MAX {
                    let bytes = [first, second];
                    if let Some(text) = charset.decode(&bytes) {
                        assert_eq!(charset.encode(&text).as_deref(), Some(&bytes[..]));
                        // No character swallows what separates fields.
                        assert_eq!(text.contains('&'), bytes.contains(&b'&'));
                    }
                }
            }
        }
    }

    #[test]
    fn labels_are_found_in_any_case() {
        assert_eq!(Charset::from_label("GB2312"), Some(Charset::Gbk));
        assert_eq!(Charset::from_label("UTF8"), Some(Charset::Utf8));
        assert_eq!(Charset::from_label("utf-16"), None);
        assert_eq!(Charset::from_label(""), None);
    }
}
