//! What stands in the files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use countersign::config::Evidence;
use countersign::config::catalogue::{FILES, ShippedFile, shipped_names};
use serde_json::Value;

use super::SCHEMES;
use super::route_to_copy::{RouteToCopy, keys_of_all};
use crate::config_files::Files;

/// The files with signed requests that must be accepted.
pub(super) fn signed_requests() -> Vec<Value> {
    requests_in(["valid.jsonl", "vendors.jsonl"])
}

/// The files with those that must be refused.
pub(super) fn tampered_requests() -> Vec<Value> {
    requests_in(["tampered.jsonl", "vendors_tampered.jsonl"])
}

fn requests_in(files: [&str; 2]) -> Vec<Value> {
    let read = |file: &&str| fs::read_to_string(Path::new("tests/vectors/providers").join(file));
    let texts: String = { files.iter() }.map(|file| read(file).unwrap()).collect();
    texts.lines().map(|line| line.parse().unwrap()).collect()
}

/// Those that are for a scheme.
pub(super) fn requests_for<'r>(requests: &'r [Value], file: &str, scheme: &str) -> Vec<&'r Value> {
    let is_for = |request: &&Value| {
        request["slug"] == file && request["scheme"].as_str().is_none_or(|name| name == scheme)
    };
    requests.iter().filter(is_for).collect()
}

#[test]
fn every_file_of_the_folder_is_compiled_in() {
    let folder = fs::read_dir("conf/schemes").unwrap();
    let there: BTreeSet<String> = folder
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let listed = FILES.iter().map(|file| format!("{}.toml", file.slug));
    assert_eq!(listed.collect::<BTreeSet<_>>(), there);
    let is_sorted = FILES.is_sorted_by_key(|file| file.slug);
    assert!(is_sorted, "files are found by binary search");
    for file in FILES {
        let path = Path::new("conf/schemes").join(format!("{}.toml", file.slug));
        assert_eq!(fs::read_to_string(path).unwrap(), file.text);
    }
}

#[test]
fn a_scheme_is_found_by_its_name_as_the_file_defines_it() {
    let mut names = BTreeSet::new();
    for scheme in SCHEMES.iter() {
        let name = &scheme.scheme.name;
        assert!(names.insert(name), "{name} twice");
        let found = ShippedFile::with_scheme(name).unwrap();
        assert_eq!(found.slug, scheme.file.slug, "{name}");
        assert!(
            name.starts_with(found.slug),
            "{name} begins with the name of its file"
        );
    }
    for file in FILES {
        assert!(names.contains(&file.slug.to_owned()), "{}", file.slug);
    }
    let listed: BTreeSet<String> = shipped_names().map(str::to_owned).collect();
    assert_eq!(names.into_iter().cloned().collect::<BTreeSet<_>>(), listed);
    assert!(ShippedFile::with_scheme("").is_none());
    assert!(ShippedFile::with_scheme("stripe ").is_none());
}

#[test]
fn every_file_says_what_is_known_of_its_schemes() {
    const ALWAYS: [&str; 9] = [
        "provider",
        "title",
        "region",
        "transport",
        "source",
        "time",
        "acknowledgement",
        "retries",
        "handshake",
    ];
    for scheme in SCHEMES.iter() {
        let (name, about) = (&scheme.scheme.name, &scheme.about);
        for key in ALWAYS {
            let text = about.text(key);
            assert!(text.is_some_and(|text| !text.is_empty()), "{name}: {key}");
        }
        assert!(about.confidence.is_some(), "{name}");
        let time = about.text("time").unwrap();
        let has_limit = scheme.scheme.max_age.is_some();
        assert!(!has_limit || time != "no time is signed", "{name}: {time}");
    }
    assert!(FILES.len() >= 150, "{}", FILES.len());
    // Every program carries them.
    let bytes: usize = FILES.iter().map(|file| file.text.len()).sum();
    assert!(bytes < 256 << 10, "{bytes}");
}

#[test]
fn evidence_is_whoever_signed_the_best_request() {
    let requests = signed_requests();
    for scheme in SCHEMES.iter() {
        let name = &scheme.scheme.name;
        let kinds = requests_for(&requests, scheme.file.slug, name).into_iter();
        let kinds: Vec<_> = kinds
            .map(|request| {
                let mut all = Evidence::ALL.iter();
                *all.find(|evidence| request["kind"] == evidence.code())
                    .unwrap()
            })
            .collect();
        assert!(!kinds.is_empty(), "{name}: nobody signed a request");
        let best = kinds.into_iter().min().unwrap_or(Evidence::None);
        assert_eq!(scheme.about.evidence, Some(best), "{name}");
        let is_high = scheme.about.confidence.unwrap().code() == "high";
        assert!(is_high || best <= Evidence::ThirdParty, "{name}");
    }
}

/// Each with the route of its page, which is what an operator copies.
#[test]
fn all_schemes_are_fine_in_one_configuration() {
    let files = Files::new();
    let mut text = "[[listener]]\naddress = \"127.0.0.1:0\"\n\
                    [[upstream]]\nname = \"shop\"\nservers = [\"127.0.0.1:9000\"]\n"
        .to_owned();
    for scheme in SCHEMES.iter() {
        let written = RouteToCopy::of(scheme).written();
        assert!(written.route.lines().count() <= 8, "{}", written.route);
        text += &format!("{}\n{}\n", written.keys, written.route);
    }
    keys_of_all(&files);
    let loaded = files.load(&text);
    let loaded = loaded.unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(loaded.config.routes.len(), SCHEMES.len());
    let report = loaded.warnings.render(false);
    for place in loaded.warnings.diagnostics() {
        let at = loaded.warnings.locate(place.primary.place);
        assert!(at.path.ends_with("c.toml"), "{report}");
    }
}
