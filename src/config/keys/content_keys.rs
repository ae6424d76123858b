//! The keys of `[scheme.content]`.

use super::section::Section;
use super::setting::setting;
use super::value_kind::{ValueKind, words};
use super::words::FormName;
use crate::config::classic_scheme::ContentDigest;
use crate::config::classic_scheme::JsonEscape;
use crate::config::classic_scheme::NameOrder;
use crate::config::classic_scheme::NumberSpelling;
use ValueKind::{Boolean, List, OneOrList, Table, Text, Word};

/// The table `[scheme.content]`.
pub(in crate::config) static CONTENT: Section = Section {
    path: "scheme.content",
    header: "[scheme.content]",
    settings: &[
        setting(
            "form",
            Word(words::<FormName>),
            r#"How the signed text is built. It determines which of the keys below are allowed"#,
        )
        .required(),
        setting(
            "digest",
            Word(words::<ContentDigest>),
            r#"The digest whose lower-case hexadecimal digits are signed instead of the text"#,
        ),
        setting(
            "parts",
            Text,
            r#"`concat`: the text, such as `"{timestamp}\n{body}"`"#,
        )
        .written(r#"text with placeholders"#)
        .otherwise("required")
        .only_with("form", "concat"),
        setting(
            "members",
            List(&Table(&MEMBER)),
            r#"`json-object`: the members of the one-line object, in order"#,
        )
        .otherwise("required")
        .only_with("form", "json-object"),
        setting(
            "escapes",
            OneOrList(&Word(words::<JsonEscape>)),
            r#"`json-object`: how strings are escaped. `php`: `json_encode` with
            `JSON_UNESCAPED_UNICODE` and `JSON_UNESCAPED_SLASHES`. `php-raw-line-separators`:
            the same, but U+2028 and U+2029 are not escaped. `jackson`: Java's Jackson with its
            default features"#,
        )
        .written(r#"list of one or two of `"php"`, `"php-raw-line-separators"`, `"jackson"`"#)
        .default(r#"["php"]"#)
        .only_with("form", "json-object"),
        setting(
            "order",
            Word(words::<NameOrder>),
            r#"`sorted-fields`: the order of names. `utf16` is the order in Java and JavaScript;
            the two differ only beyond U+FFFF"#,
        )
        .default(r#""bytes""#)
        .only_with("form", "sorted-fields"),
        setting(
            "omit_empty",
            Boolean,
            r#"`sorted-fields`: whether fields that are null, `""`, `[]` or `{}` are left out. `0`
            and `false` never are"#,
        )
        .default("false")
        .only_with("form", "sorted-fields"),
        setting(
            "assign",
            Text,
            r#"`sorted-fields`: the text between a name and its value"#,
        )
        .default(r#""=""#)
        .only_with("form", "sorted-fields"),
        setting(
            "separator",
            Text,
            r#"`sorted-fields`: the text between two fields"#,
        )
        .default(r#""&""#)
        .only_with("form", "sorted-fields"),
        setting(
            "json_fields",
            List(&Text),
            r#"`sorted-fields`: fields whose value is written as compact JSON in body order. All
            others are printed like Java's `String.valueOf`: strings without quotes, objects as
            `{k=v, k2=v2}`, lists as `[a, b]`"#,
        )
        .written(r#"list of field names"#)
        .default("[]")
        .only_with("form", "sorted-fields"),
        setting(
            "numbers",
            OneOrList(&Word(words::<NumberSpelling>)),
            r#"`sorted-fields`: how numbers with a fraction or an exponent are printed: as in the
            body, or like Java's `Double.toString`"#,
        )
        .written(r#"list of one or two of `"as-written"`, `"java-double"`"#)
        .default(r#"["as-written"]"#)
        .only_with("form", "sorted-fields"),
    ],
    one_of: &[],
};

/// The table `scheme.content.members`.
pub(in crate::config) static MEMBER: Section = Section {
    path: "scheme.content.members",
    header: "a member",
    settings: &[
        setting(
            "name",
            Text,
            r#"The member's name: ASCII that needs no escape in JSON"#,
        )
        .required(),
        setting("value", Text, r#"Its value"#)
            .written(r#"one placeholder, or text without placeholders"#)
            .required(),
        setting(
            "number",
            Boolean,
            r#"Whether it is written without quotes; for `{timestamp}` only"#,
        )
        .default("false"),
    ],
    one_of: &[],
};
