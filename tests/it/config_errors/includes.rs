//! Include directories and their contents.

use insta::assert_snapshot;

use super::report;

#[test]
fn includes() {
    assert_snapshot!(report(r#"
include = "none"
"#), @r##"
    error: cannot read the include directory
     --> c.toml:1:11
      |
    1 | include = "none"
      |           ^^^^^^ there is no directory `none`
      |
      = help: create it, or correct the path; it is relative to the file that contains it
    "##);
    assert_snapshot!(report(r#"
include = "good.pem"
"#), @r##"
    error: cannot read the include directory
     --> c.toml:1:11
      |
    1 | include = "good.pem"
      |           ^^^^^^^^^^ `good.pem` is not a directory
      |
      = help: `include` must name a directory; every `*.toml` in it is read
    "##);
    assert_snapshot!(report(r#"
include = ["parts/good.toml", ""]
"#), @r##"
    error: cannot read the include directory
     --> c.toml:1:12
      |
    1 | include = ["parts/good.toml", ""]
      |            ^^^^^^^^^^^^^^^^^ `parts/good.toml` is not a directory
      |
      = help: `include` must name a directory; every `*.toml` in it is read: `parts`

    error: empty value
     --> c.toml:1:31
      |
    1 | include = ["parts/good.toml", ""]
      |                               ^^ it must not be empty
      |
      = help: write a value between the quotes
    "##);
    assert_snapshot!(report(r#"
include = "."
"#), @r##"
    error: file included twice
     --> c.toml:1:11
      |
    1 | include = "."
      |           ^^^ `./c.toml` has already been read
      |
      = help: include each directory once, and none that contains the main file
    "##);
    assert_snapshot!(report(r#"
include = ["parts", "parts"]
"#), @r##"
    error: file included twice
     --> c.toml:1:21
      |
    1 | include = ["parts", "parts"]
      |                     ^^^^^^^ `parts/good.toml` has already been read
      |
      = help: include each directory once, and none that contains the main file
    "##);
    assert_snapshot!(report(r#"
include = "bad"
"#), @r##"
    error: syntax error
     --> bad/a.toml:2:8
      |
    2 | id = "a
      |        ^ the closing `"` is missing
      |
      = help: close the quotes on the line where they start; text of several lines must be in `"""` or `'''`

    error: cannot read the key file
     --> bad/b.toml:3:8
      |
    3 | file = "none.pem"
      |        ^^^^^^^^^^ there is no file `bad/none.pem`
      |
      = help: a path is relative to the file that contains it
    "##);
    assert_snapshot!(report(r#"
include = "misplaced"
"#), @r##"
    error: misplaced key
     --> misplaced/a.toml:1:1
      |
    1 | workers = 2
      | ^^^^^^^ an included file cannot set `workers`
      |
      = help: move it to the main file; an included file may contain `[[key]]`, `[[decryption_key]]`, `[[decryption]]`, `[[scheme]]`, `[[upstream]]` and `[[route]]`

    error: misplaced key
     --> misplaced/a.toml:3:3
      |
    3 | [[listener]]
      |   ^^^^^^^^ an included file cannot set `listener`
      |
      = help: move it to the main file; an included file may contain `[[key]]`, `[[decryption_key]]`, `[[decryption]]`, `[[scheme]]`, `[[upstream]]` and `[[route]]`

    error: misplaced key
     --> misplaced/a.toml:6:2
      |
    6 | [log]
      |  ^^^ an included file cannot set `log`
      |
      = help: move it to the main file; an included file may contain `[[key]]`, `[[decryption_key]]`, `[[decryption]]`, `[[scheme]]`, `[[upstream]]` and `[[route]]`
    "##);
    assert_snapshot!(report(r#"
include = "parts"
[[key]]
id = "part"
file = "other.pem"
"#), @r##"
    error: duplicate name
     --> parts/good.toml:2:6
      |
    2 | id = "part"
      |      ^^^^^^ a second key `part`
      |
     ::: c.toml:3:6
      |
    3 | id = "part"
      |      ------ the first one is here
      |
      = help: rename or remove one of the two
    "##);
}
