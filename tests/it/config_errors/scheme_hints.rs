//! What whoever writes a scheme meant by what the language does not know.

use super::{files, report, warnings};

/// A scheme with these lines.
fn scheme(lines: &str) -> String {
    format!("[[scheme]]\nname = \"s\"\n{lines}\n")
}

/// The scheme in a route without other warnings.
fn routed(lines: &str, route: &str) -> String {
    format!(
        "[[key]]\nid = \"shop\"\nsecret = \"a secret of 21 bytes.\"\n{}\
         [[route]]\nname = \"r\"\npath = \"/r\"\nscheme = \"s\"\nkeys = [\"shop\"]\nupstream = \"echo\"\n{route}\n",
        scheme(lines)
    )
}

const REST: &str = "signature = \"{header:X-Sig|unhex}\"\ncontent = \"{body}\"";

#[test]
fn an_algorithm_in_another_spelling_is_recognised() {
    for (written, meant) in [
        ("HMAC-SHA256", "hmac-sha256"),
        ("RS256", "rsa-sha256"),
        ("SHA-256", "sha256"),
        ("SHA256withRSA", "rsa-sha256"),
    ] {
        let report = report(&scheme(&format!("algorithm = \"{written}\"\n{REST}")));
        let help = format!("did you mean `{meant}`?");
        assert!(report.contains(&help), "{written}: {report}");
    }
}

#[test]
fn usual_names_of_a_selections_keys_lead_to_its_own() {
    for (written, meant) in [
        ("sort = \"bytes\"", "`order`"),
        ("join = \"&\"", "`between`"),
        ("exclude = [\"sign\"]", "`leave_out`"),
    ] {
        let fields = format!(
            "fields = {{ from = \"form\", pair = \"{{name}}={{value}}\", between = \"&\", {written} }}"
        );
        let lines = format!(
            "algorithm = \"hmac-sha256\"\nsignature = \"{{form:sign|unhex}}\"\ncontent = \"{{fields}}\"\n{fields}"
        );
        let report = report(&scheme(&lines));
        let help = report.split("= help: ").last().unwrap();
        assert!(help.contains(meant), "{written}: {report}");
    }
}

#[test]
fn a_list_beyond_its_bound_is_marked() {
    let checks = (0..65).map(|nth| format!("\"{{form:a{nth}}}\" = \"x\""));
    let checks = checks.collect::<Vec<_>>().join("\n");
    let names: Vec<String> = (0..257).map(|nth| format!("\"n{nth}\"")).collect();
    let algorithm = "algorithm = \"hmac-sha256\"";
    for (lines, place, why) in [
        (
            format!("{algorithm}\n{REST}\n[scheme.check]\n{checks}"),
            "\"{form:a64}\" = \"x\"",
            "a scheme has at most 64 of these",
        ),
        (
            format!(
                "{algorithm}\n{REST}\n[scheme.fields]\nfrom = \"form\"\npair = \"{{value}}\"\nnames = [{}]",
                names.join(", ")
            ),
            "scheme.fields",
            "this has 257 entries, and at most 256 are read",
        ),
    ] {
        let report = report(&scheme(&lines));
        assert!(report.contains(place) && report.contains(why), "{report}");
    }
}

#[test]
fn an_object_to_select_from_is_written_as_a_pointer() {
    let lines = "algorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{fields}\"\n\
                 fields = { from = \"json:data.order\", pair = \"{name}={value}\", between = \"&\" }";
    let report = report(&scheme(lines));
    assert!(report.contains("write `json:/data/order`"), "{report}");
    assert!(report.contains("c.toml:6:19"), "{report}");
}

#[test]
fn what_reads_the_body_in_another_format_than_the_rest_is_shown_at_its_place() {
    for (lines, place, help) in [
        (
            "signature = \"{form:sign|unhex}\"\ncontent = \"{fields}{field:amount}\"\n\
             fields = { from = \"form\", leave_out = [\"sign\"], pair = \"{name}={value};\" }",
            "5:20",
            "write `{form:amount}`",
        ),
        (
            "signature = \"{form:sign|unhex}\"\ncontent = \"{form:order}.{xml:amount}\"",
            "5:25",
            "write `{form:amount}`",
        ),
        (
            "signature = \"{field:sign|unhex}\"\ncontent = \"{form:a}\"\nbody = \"form\"",
            "4:14",
            "write `{form:sign}`",
        ),
    ] {
        let report = report(&scheme(&format!("algorithm = \"hmac-sha256\"\n{lines}")));
        assert!(report.contains(&format!("c.toml:{place}")), "{report}");
        assert!(report.contains(help), "{report}");
    }
}

#[test]
fn dots_in_the_name_of_a_field_are_warned_of() {
    let lines = |event: &str| {
        format!(
            "algorithm = \"hmac-sha256\"\n{REST}\nevent = \"{event}\"\nnot_covered = [\"query\"]"
        )
    };
    let warned = warnings(&routed(&lines("{field:data.reference}"), ""));
    assert!(warned.contains("warning[dotted_field]"), "{warned}");
    assert!(
        warned.contains("write `{field:/data/reference}`"),
        "{warned}"
    );
    let warned = warnings(&routed(&lines("{field:reference}"), ""));
    assert!(!warned.contains("dotted_field"), "{warned}");
}

#[test]
fn values_that_a_callback_lists_are_warned_of_unless_ambiguous_ones_are_refused() {
    let lines = "algorithm = \"hmac-sha256\"\nsignature = \"{form:sign|unhex}\"\ncontent = \"{form:list}\\n{fields}\"\n\
                 fields = { from = \"form\", listed_by = \"{form:list|split:,}\", must_cover = [\"a\"], pair = \"{value}\", between = \"|\" }\n\
                 require = { \"{form:list}\" = \"[a-z,]+\" }\nnot_covered = [\"query\", \"fields\"]";
    let warned = warnings(&routed(lines, ""));
    assert!(warned.contains("warning[unnamed_values]"), "{warned}");
    let refused = routed(lines, "ambiguous = \"refuse\"");
    let loaded = files().load(&format!("{refused}{}", super::REST)).unwrap();
    let warned = loaded.warnings.to_string();
    assert!(!warned.contains("unnamed_values"), "{warned}");
}

#[test]
fn wrong_expressions_are_reported_beside_wrong_values() {
    let lines = "algorithm = \"hmac-sha256\"\nsignature = \"{haeder:X-Sig|unhex}\"\ntimestamp = 5\n\
                 content = \"{timestamp}.{boddy}\"\nmax_age = \"5m\"";
    let report = report(&scheme(lines));
    for wanted in [
        "there is no source `haeder`",
        "there is no source `boddy`",
        "c.toml:5:13",
    ] {
        assert!(report.contains(wanted), "{wanted}: {report}");
    }
    assert_eq!(report.matches("error: ").count(), 3, "{report}");
}
