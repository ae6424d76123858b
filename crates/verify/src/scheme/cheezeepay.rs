//! CheezeePay: RSA over the sorted fields of the JSON body, with the signature in the field `sign`.

use super::*;

/// The scheme. The platform signs its own Java objects, so a fraction is first taken as written;
/// the merchants' sample code uses doubles, so their printed form is the second candidate.
pub(super) fn scheme() -> Result<Scheme, Vec<DefinitionError>> {
    let fields = |value: &str, data: &str| SelectionDefinition {
        from: Some("json".into()),
        leave_out: vec!["sign".into()],
        empty: Some("leave-out".into()),
        null: Some("leave-out".into()),
        nested: Some("pair".into()),
        order: Some("utf16".into()),
        pair: format!("{{name}}={{value|{value}}}"),
        pair_of: vec![("data".into(), format!("{{name}}={{value|{data}}}"))],
        between: "&".into(),
        ..SelectionDefinition::default()
    };
    let double = fields("java:double", "json:jackson+double");
    let definition = SchemeDefinition {
        algorithm: Choice::Fixed("rsa-sha256".into()),
        signature: vec!["{field:sign|unbase64}".into()],
        content: vec!["{fields}".into(), "{fields:double}".into()],
        selections: vec![
            (None, fields("java", "json:jackson")),
            (Some("double".into()), double),
        ],
        // Empty fields are not signed, and nothing but the body is.
        not_covered: ["method", "target", "fields"].map(str::to_owned).to_vec(),
        ..SchemeDefinition::default()
    };
    let mut scheme = Scheme::compile("cheezeepay", definition)?;
    // The times in the body are the event's and do not change on a retry, so there is no
    // timestamp. The platform retries for five hours. A callback never becomes stale, so
    // remembering it is the only defence against whoever captured one.
    scheme.keep = Duration::from_secs(7 * 24 * 60 * 60);
    Ok(scheme)
}
