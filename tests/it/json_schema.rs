//! `countersign schema`: the JSON schema of the configuration for editors.

use std::fs;
use std::process::Command;

use countersign::config::json_schema::{SchemaOf, json_schema};
use jsonschema::Validator;
use serde_json::{Value, json};
use toml::de::{DeTable, DeValue};

use crate::config_files::Files;
use crate::docs;

fn validator(of: SchemaOf) -> Validator {
    let schema = json_schema(of);
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::draft7::new(&schema).unwrap()
}

fn as_json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::Boolean(value) => json!(value),
        DeValue::Integer(number) => json!(number.as_str().parse::<i64>().unwrap()),
        DeValue::Float(number) => json!(number.as_str().parse::<f64>().unwrap()),
        DeValue::String(text) => json!(text),
        DeValue::Datetime(time) => json!(time.to_string()),
        DeValue::Array(items) => items.iter().map(|item| as_json(item.get_ref())).collect(),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), as_json(value.get_ref())))
            .collect(),
    }
}

fn parse(text: &str) -> Value {
    let table = DeTable::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    as_json(&DeValue::Table(table.into_inner()))
}

fn problems(validator: &Validator, text: &str) -> Vec<String> {
    let value = parse(text);
    let problems = validator.iter_errors(&value);
    problems
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect()
}

#[test]
fn the_schema_accepts_every_shipped_configuration() {
    let mut files = vec![
        "conf/countersign.toml".into(),
        "dist/debian/countersign.toml".into(),
    ];
    let main = files.len();
    for folder in ["conf/schemes", "conf/templates"] {
        let schemes = fs::read_dir(folder).unwrap();
        files.extend(schemes.map(|file| file.unwrap().path()));
    }
    assert!(files.len() > main);
    for (at, file) in files.iter().enumerate() {
        let of = if at < main {
            SchemaOf::Main
        } else {
            SchemaOf::Included
        };
        let text = fs::read_to_string(file).unwrap();
        assert_eq!(
            problems(&validator(of), &text),
            [""; 0],
            "{}",
            file.display()
        );
    }
}

#[test]
fn the_schema_accepts_every_key() {
    let validator = validator(SchemaOf::Main);
    for text in [include_str!("every_key.toml"), docs::ALL_TABLES] {
        assert_eq!(problems(&validator, text), [""; 0]);
    }
}

/// A dump that spells out all defaults is a valid configuration, too.
#[test]
fn the_schema_accepts_a_dump() {
    let files = Files::new();
    docs::write_files(&files);
    let dump = crate::dump::round_trip(&files.write("c.toml", docs::ALL_TABLES));
    assert_eq!(
        problems(&validator(SchemaOf::Main), &dump),
        [""; 0],
        "{dump}"
    );
}

/// Lines of [`docs::ALL_TABLES`] with erroneous replacements.
const MISTAKES: &[(&str, &str)] = &[
    // Unknown keys and keys of other tables.
    ("#@\n", "worker = 4\n"),
    ("#@ log\n", "file = \"a.log\"\n"),
    ("#@ limits\n", "body_limit = \"1MiB\"\n"),
    ("#@ timeouts\n", "connect_timeout = \"1s\"\n"),
    ("#@ listener\n", "port = 80\n"),
    ("#@ upstream\n", "server = \"127.0.0.1:9\"\n"),
    ("#@ route\n", "backend = \"u\"\n"),
    ("#@ route.success\n", "code = 200\n"),
    ("#@ scheme\n", "secret = \"x\"\n"),
    ("#@ once.redis\n", "password = \"x\"\n"),
    // Wrong types.
    ("#@\n", "workers = 1.5\n"),
    ("#@\n", "watch = \"yes\"\n"),
    ("#@\n", "trusted_proxies = \"10.0.0.0/8\"\n"),
    ("#@ log\n", "level = 3\n"),
    ("#@ timeouts\n", "header = 10\n"),
    ("#@ upstream\n", "balance = true\n"),
    ("#@ route\n", "methods = \"POST\"\n"),
    ("#@ route\n", "expose_reason = \"true\"\n"),
    ("#@ route\n", "fields = [\"a\"]\n"),
    ("keys = [\"k\"]\n", "keys = \"k\"\n"),
    // Out of range.
    ("#@\n", "workers = 0\n"),
    ("#@\n", "workers = 1025\n"),
    ("#@ limits\n", "connections = 0\n"),
    ("#@ limits\n", "body = 0\n"),
    ("#@ log\n", "sample_success = 1.5\n"),
    ("#@ upstream.servers\n", "weight = 0\n"),
    ("#@ upstream.health_check\n", "status = 99\n"),
    ("#@ upstream.health_check\n", "rises = 0\n"),
    ("#@ route.rate_limit\n", "burst = 0\n"),
    // Unknown words.
    ("#@ log\n", "level = \"warning\"\n"),
    ("#@ once\n", "store = \"file\"\n"),
    ("#@ listener.tls\n", "min_version = \"1.1\"\n"),
    ("#@ upstream\n", "balance = \"random\"\n"),
    ("algorithm = \"rsa-sha256\"\n", "algorithm = \"rsa\"\n"),
    (
        "#@ route.once repeat in_flight lease answer_limit\n",
        "repeat = \"ignore\"\n",
    ),
    // Malformed text.
    ("#@ timeouts\n", "body = \"30\"\n"),
    ("#@ timeouts\n", "body = \"1 month\"\n"),
    ("#@ limits\n", "buffer = \"lots\"\n"),
    ("path = \"/json\"\n", "path = \"json\"\n"),
    ("rate = \"1/s\"\n", "rate = \"1 per second\"\n"),
    ("name = \"u\"\n", "name = \"two words\"\n"),
    ("max_age = \"5m\"\n", "max_age = \"off\"\n"),
    ("#@ scheme.fields\n", "order = \"byte\"\n"),
    ("#@ scheme.fields\n", "separator = \"&\"\n"),
    // Missing keys, and keys that exclude each other.
    ("path = \"/json\"\n", ""),
    (
        "path = \"/json\"\n",
        "path = \"/json\"\npath_prefix = \"/j/\"\n",
    ),
    ("scheme = \"json\"\n", ""),
    ("rate = \"1/s\"\n", ""),
    ("value = \"{header:X-Time}\"\n", ""),
    (
        "client_ca = \"t.pem\"\n#@ listener.tls\n",
        "client_auth = \"optional\"\n",
    ),
    (
        "#@ decryption encoding value output on_failure\n",
        "suffix = \"_x\"\n",
    ),
];

#[test]
fn the_schema_refuses_the_mistakes_that_a_test_of_the_configuration_refuses() {
    let files = Files::new();
    docs::write_files(&files);
    let validator = validator(SchemaOf::Main);
    assert!(MISTAKES.len() >= 40);
    for (line, mistake) in MISTAKES {
        assert!(docs::ALL_TABLES.contains(line), "{line}");
        let text = docs::ALL_TABLES.replacen(line, mistake, 1);
        assert!(files.load(&text).is_err(), "no mistake: {mistake}");
        assert_ne!(
            problems(&validator, &text),
            [""; 0],
            "not seen: {line} -> {mistake}"
        );
    }
}

#[test]
fn an_included_file_holds_tables_only() {
    let validator = validator(SchemaOf::Included);
    assert_eq!(
        problems(&validator, "[[key]]\nid = 'k'\nfile = 'k.pem'\n"),
        [""; 0]
    );
    assert_ne!(problems(&validator, "workers = 2\n"), [""; 0]);
}

#[test]
fn the_command_prints_the_schema() {
    for (arguments, of) in [
        (&["schema"][..], SchemaOf::Main),
        (&["schema", "--included"], SchemaOf::Included),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success());
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(printed, json_schema(of));
    }
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["-t", "schema"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
