//! The requests that providers signed, as cases behind the schemes of these providers: `countersign
//! scheme test` takes all of them, and none that was tampered with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign::config::catalogue::FILES;
use serde_json::Value;

use crate::config_files::Files;

/// The folder of the requests and scheme files.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/providers")
}

/// The files of schemes, by name: those that ship, without cases of their own, and those that are only
/// tested.
fn schemes() -> BTreeMap<String, String> {
    let files = fs::read_dir(folder().join("schemes")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let read = |path: PathBuf| {
        let slug = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (slug, fs::read_to_string(path).unwrap())
    };
    let shipped = FILES.iter().map(|file| {
        let schemes = file.text.split("\n[[scheme.case]]\n").next().unwrap();
        (file.slug.to_owned(), schemes.to_owned())
    });
    shipped.chain(files.map(read)).collect()
}

/// The files of requests that must be accepted.
const GENUINE: [&str; 2] = ["valid.jsonl", "vendors.jsonl"];

/// The files of those that must be refused.
const TAMPERED: [&str; 2] = ["tampered.jsonl", "vendors_tampered.jsonl"];

/// The requests in the files.
fn requests(files: [&str; 2]) -> Vec<Value> {
    let read = |file: &&str| fs::read_to_string(folder().join(file)).unwrap();
    let texts: String = files.iter().map(read).collect();
    texts.lines().map(|line| line.parse().unwrap()).collect()
}

/// Text as a TOML string.
fn quoted(text: &Value) -> String {
    text.as_str()
        .map(|text| Value::from(text).to_string())
        .unwrap()
}

/// A table in one line.
fn table(pairs: &[(String, String)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("\"{name}\" = {value}"));
    format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
}

/// The keys of a request.
fn keys(request: &Value, scheme: &str) -> String {
    let form = |key: &Value| match key["form"].as_str().unwrap() {
        "text" | "hex" | "base64" | "whsec" => "secret",
        _ => "public_key",
    };
    let is_further =
        |key: &&Value| scheme.contains(&format!("{{secret:{}", key["name"].as_str().unwrap()));
    let all = request["keys"].as_array().unwrap().iter();
    let (further, keys): (Vec<_>, Vec<_>) = all.partition(is_further);
    let named = |key: &&Value| {
        (
            key["name"].as_str().unwrap().to_owned(),
            quoted(&key["value"]),
        )
    };
    let further: Vec<_> = further.iter().map(named).collect();
    let mut lines = match keys.as_slice() {
        [] => "secret = \"only named secrets\"\n".to_owned(),
        // A header can name a certificate's serial number, which stands in the key itself.
        [key]
            if key["name"] == "key" || key["form"].as_str().unwrap().starts_with("certificate") =>
        {
            format!("{} = {}\n", form(key), quoted(&key["value"]))
        }
        keys => {
            let keys = keys.iter();
            let keys = keys.map(|key| {
                let (name, value) = named(key);
                (name, format!("{{ {} = {value} }}", form(key)))
            });
            format!("keys = {}\n", table(&keys.collect::<Vec<_>>()))
        }
    };
    if !further.is_empty() {
        lines.push_str(&format!("secrets = {}\n", table(&further)));
    }
    lines
}

/// A request as a case.
fn case(request: &Value, scheme: &str) -> String {
    let sent = &request["request"];
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in sent["headers"].as_array().unwrap() {
        let name = pair[0].as_str().unwrap().to_owned();
        headers.entry(name).or_default().push(quoted(&pair[1]));
    }
    let headers: Vec<_> = headers
        .into_iter()
        .map(|(name, values)| (name, format!("[{}]", values.join(", "))))
        .collect();
    let mut lines = format!(
        "\n[[scheme.case]]\nname = {}\nmethod = {}\ntarget = {}\nheaders = {}\nbody_base64 = {}\n{}",
        request["id"],
        sent["method"],
        sent["target"],
        table(&headers),
        sent["body_b64"],
        keys(request, scheme)
    );
    let values = request["values"].as_object().into_iter().flatten();
    let values = values.filter(|(name, _)| scheme.contains(&format!("{{value:{name}")));
    let values: Vec<_> = values
        .map(|(name, value)| (name.clone(), quoted(value)))
        .collect();
    if !values.is_empty() {
        lines.push_str(&format!("values = {}\n", table(&values)));
    }
    // Another scheme in the file may be the one that signs it.
    let has_url = request["public_url"].is_string();
    if has_url && (scheme.contains("{url") || scheme.contains("{configured_url")) {
        lines.push_str(&format!(
            "public_url = {}\n",
            quoted(&request["public_url"])
        ));
    }
    if let Some(at) = request["verify_at"].as_i64() {
        lines.push_str(&format!("at = {at}\n"));
    }
    if let Some(content) = request["signed_content_b64"].as_str() {
        lines.push_str(&format!("content_base64 = \"{content}\"\n"));
    }
    lines
}

/// The scheme that requests are for, by their ids, if its file has several.
fn named_schemes() -> BTreeMap<String, String> {
    let named = requests(GENUINE).into_iter().filter_map(|request| {
        let name = request["scheme"].as_str()?.to_owned();
        Some((request["id"].as_str()?.to_owned(), name))
    });
    named.collect()
}

/// Adds a case behind its scheme, of which a file may have several.
fn add(text: &mut String, name: Option<&String>, case: &str) {
    let name = match name {
        Some(name) => name.to_owned(),
        None => {
            let mut names = text
                .lines()
                .filter_map(|line| line.strip_prefix("name = \""));
            names.next().unwrap().trim_end_matches('"').to_owned()
        }
    };
    let start = text.find(&format!("\nname = \"{name}\"\n")).unwrap();
    let next = text[start..].find("\n[[scheme]]\n");
    let end = next.map_or(text.len(), |next| start + next);
    text.insert_str(end, case);
}

/// Runs the requests of the files as cases, and returns what came out of each.
fn run(of: [&str; 2]) -> Vec<Value> {
    let mut files = schemes();
    let named = named_schemes();
    let mut count = 0;
    for request in requests(of) {
        let slug = request["slug"].as_str().unwrap();
        if let Some(text) = files.get_mut(slug) {
            let case = case(&request, text);
            let id = request["twin_of"].as_str().or(request["id"].as_str());
            add(text, named.get(id.unwrap()), &case);
            count += 1;
        }
    }
    let directory = Files::new();
    let names = files
        .iter()
        .filter(|(_, text)| text.contains("[[scheme.case]]"));
    let names: Vec<PathBuf> = names
        .map(|(slug, text)| directory.write(&format!("{slug}.toml"), text))
        .collect();
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["scheme", "test", "--json"])
        .args(&names)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    let out = String::from_utf8(output.stdout).unwrap();
    let told: Vec<Value> = out.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(told.len(), count);
    told
}

#[test]
fn what_providers_signed_passes_as_cases_of_their_schemes() {
    let told = run(GENUINE);
    let failed: Vec<String> = { told.iter() }
        .filter(|case| case["ok"] != true)
        .map(ToString::to_string)
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let changed = told
        .iter()
        .map(|case| case["changed_bytes"].as_u64().unwrap());
    assert!(
        told.len() >= 131 && changed.sum::<u64>() > 50_000,
        "{}",
        told.len()
    );
}

#[test]
fn what_was_tampered_with_fails_as_a_case() {
    let told = run(TAMPERED);
    for case in &told {
        assert!(
            case["ok"] == false && case["result"] != "verified",
            "{case}"
        );
    }
    assert!(told.len() >= 260, "{}", told.len());
}
