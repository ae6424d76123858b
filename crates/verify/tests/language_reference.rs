//! The documentation of the scheme language is what the language has.

use countersign_verify::language::reference;

#[test]
fn the_documentation_has_every_source_and_filter() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/doc/language.md");
    let text = reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    let documented = std::fs::read_to_string(file).unwrap();
    assert!(
        documented == text,
        "run it with UPDATE_DOCS=1 to update {file}"
    );
}
