//! Forms and XML, whose fields are text.

use super::{files, report};
use crate::config_files::relative;

/// A scheme of forms, and a route with these lines.
fn of_forms(format: &str, scheme: &str, route: &str) -> String {
    format!(
        r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = "{{{format}:sign|unbase64}}"
content = "{{fields}}"
fields = {{ from = "{format}", leave_out = ["sign"], order = "bytes", pair = "{{name}}={{value}}", between = "&" }}
{scheme}
[[route]]
name = "r"
path = "/r"
scheme = "s"
keys = ["good"]
upstream = "echo"
{route}
"#
    )
}

#[test]
fn what_forms_and_xml_do_not_have_is_refused() {
    let form = "form";
    for (format, scheme, route, title, why) in [
        (
            form,
            "",
            "require = { amount = [\"string\", \"number\"] }",
            "type never accepted",
            "every field of a form or of XML is a string",
        ),
        (
            "xml",
            "",
            "require = { \"/data/amount\" = \"string\" }",
            "field never found",
            "no field is inside another",
        ),
        (
            form,
            "",
            "fields = { \"X-No\" = \"/data/no\" }",
            "field never found",
            "`data[order_id]`",
        ),
        (
            form,
            "",
            "decrypt = \"sgate-sensitive\"\ndecrypt_keys = [\"d\"]",
            "decryption of a body that is not JSON",
            "nothing is decrypted",
        ),
        (
            form,
            "identity = [\"/data/no\"]",
            "",
            "identity not certain",
            "no field of a form or of flat XML is inside another",
        ),
        (
            "xml",
            "charset = \"gbk\"",
            "",
            "charset without form",
            "only forms",
        ),
        (
            form,
            "charset = \"gb2313\"",
            "",
            "invalid scheme",
            "gb18030",
        ),
    ] {
        let report = report(&of_forms(format, scheme, route));
        assert!(report.contains(title), "{report}");
        assert!(
            report.replace('"', "`").contains(&why.replace('"', "`")),
            "{report}"
        );
    }
    let files = files();
    let fine =
        "fields = { \"X-No\" = \"data[no]\", \"X-Id\" = \"/id\" }\nrequire = { id = \"string\" }";
    let text = of_forms(form, "charset = \"gbk\"\nidentity = [\"/id\"]", fine);
    let loaded = files.load(&format!("{text}{}", super::REST));
    loaded.unwrap_or_else(|report| panic!("{}", relative(&report, &files)));
}

#[test]
fn a_charset_is_that_of_forms_queries_and_bodies_in_which_nothing_is_read() {
    let raw = r#"
[[scheme]]
name = "s"
algorithm = "rsa-sha256"
signature = "{header:X-Sign|unbase64}"
content = "{body}"
charset = "gbk"
[[route]]
name = "r"
path = "/r"
scheme = "s"
keys = ["good"]
upstream = "echo"
"#;
    let charset = "charset = \"gbk\"";
    for text in [
        of_forms("form", charset, ""),
        of_forms(
            "query",
            &format!("{charset}\nunsigned_body = true"),
            "uncovered_body = true",
        ),
        raw.to_owned(),
    ] {
        let files = files();
        let loaded = files.load(&format!("{text}{}", super::REST));
        loaded.unwrap_or_else(|report| panic!("{}", relative(&report, &files)));
    }
    for text in [
        of_forms("xml", charset, ""),
        raw.replace("charset", "body = \"json\"\ncharset"),
        raw.replace("charset", "event = \"{field:event}\"\ncharset"),
    ] {
        let report = report(&text);
        assert!(report.contains("charset without form"), "{report}");
    }
}
