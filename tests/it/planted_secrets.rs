//! One secret, planted wherever an operator may put one by mistake. Nothing that the program prints or
//! logs shows it: the reports of `-t`, `-T` and a start, the dump, the error log and the status page.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::Command;

use crate::config_files::Files;
use crate::support::{Admin, Setup, address};

/// Short and without a sign that tells it from a name.
const MARKER: &str = "Hunter2xQ9zW7kL";

/// A configuration with a mistake of this kind, and what the command line sets beside it.
struct Plant {
    text: String,
    sets: Vec<String>,
}

/// The rest of a valid configuration. A line in it that begins with `#@` can be replaced.
fn rest(address: SocketAddr) -> String {
    format!(
        r#"
[[listener]]
address = "{address}"
#@ listener

[[key]]
id = "k"
file = "k.pem"

[[upstream]]
name = "u"
servers = ["127.0.0.1:9"]
#@ upstream

[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["k"]
upstream = "u"
#@ route
"#
    )
}

/// Tables that go in front of a valid configuration.
const TABLES: &[&str] = &[
    // Under each key of a table for keys, right and wrong.
    "[[key]]\nid = \"s\"\nfile = \"MARKER\"",
    "[[key]]\nid = \"s\"\nfile = \"MARKER\"\nlegacy = 5",
    "[[key]]\nid = \"s\"\nsecret = \"MARKER\"\nlegacy = 5",
    "[[key]]\nid = \"s\"\nsecret = \"MARKER\"",
    "[[key]]\nid = \"s\"\nsecret_file = \"MARKER\"",
    "[[key]]\nid = \"s\"\nsecret_env = \"MARKER\"",
    "[[key]]\nid = \"s\"\nsecret_env = \"$MARKER\"",
    "[[key]]\nid = \"s\"\nsecret_env = \"A=MARKER\"",
    "[[key]]\nid = \"s\"\ncredential = \"MARKER\"",
    "[[key]]\nid = \"s\"\ncredential = \"MARKER/x\"",
    "[[key]]\nid = \"s\"\nlegacy = \"MARKER\"\nfile = \"k.pem\"",
    "[[key]]\nid = \"s\"\npublic_key = \"MARKER\"",
    "[[key]]\nid = \"s\"\npublic_key = \"whpk_MARKER\"",
    "[[key]]\nid = \"s\"\npassword = \"MARKER\"",
    "[[key]]\nid = \"s\"\ntoken = 'MARKER'",
    "[[key]]\nid = \"s\"\nhmac = \"MARKER\"",
    "[[key]]\nid = \"s\"\nkey = \"MARKER\"",
    "[[key]]\nid = \"s\"\nvalue = \"MARKER\"",
    "[[key]]\nid = \"s\"\nkid = \"MARKER\"",
    "[[key]]\nid = \"s\"\nfiel = \"MARKER\"",
    "[[key]]\nid = \"s\"\nfile = \"k.pem\"\npassphrase = \"MARKER\"",
    "[[key]]\nid = \"s\"\nname = \"MARKER\"\nlegacy = 5",
    "[[key]]\nid = \"s\"\nsecret = { value = \"MARKER\" }",
    "[[key]]\nid = \"s\"\nsecret = [\"x\", \"MARKER\"]",
    "[[key]]\nid = \"s\"\nsecret = \"\"\"\nMARKER\nMARKER\"\"\"\nlegacy = 5",
    "[[key]]\nid = \"s\"\ntoken = \"\"\"\nMARKER\nMARKER\"\"\"",
    "[[key]]\nid = \"s\"\n\"MARKER\" = 1",
    "[[key]]\nid = \"s\"\nMARKER = 1",
    "[[key]]\nid = \"s\"\nkey.MARKER = 1",
    "[[key]]\nid = \"s\"\nfile = \"k.pem\"\n[key.extra]\nsecret = \"MARKER\"",
    "[[key]]\nid = \"s\"\nsecret = \"x\"\nsecret = \"MARKER\"",
    "key = [{ id = \"s\", secret = \"MARKER\", legacy = 5 }]",
    "key = { id = \"s\", token = \"MARKER\" }",
    "key = \"MARKER\"",
    "keys = \"MARKER\"\nsecret = \"MARKER\"",
    "[key]\nid = \"s\"\ntoken = \"MARKER\"",
    "[[keys]]\nid = \"s\"\nhmac = \"MARKER\"",
    "[[kye]]\nid = \"s\"\nhmac = \"MARKER\"",
    "[[decryption_key]]\nid = \"s\"\nfile = \"MARKER\"",
    "[[decryption_key]]\nid = \"s\"\nenv = \"MARKER\"",
    "[[decryption_key]]\nid = \"s\"\nencoding = \"MARKER\"\nfile = \"k.pem\"",
    "[[decryption_key]]\nid = \"s\"\nsecret = \"MARKER\"",
    "[[decryption_key]]\nid = \"s\"\nkey = \"MARKER\"",
    // JWKs with private parts, and texts around a key.
    "[[key]]\nid = \"s\"\npublic_key = '{\"kty\":\"RSA\",\"n\":\"0vx7\",\"e\":\"AQAB\",\"d\":\"MARKER\"}'",
    "[[key]]\nid = \"s\"\npublic_key = '{\"n\":\"0vx7\",\"e\":\"AQAB\",\"p\":\"MARKER\"}'",
    "[[key]]\nid = \"s\"\npublic_key = '{\"kty\":\"oct\",\"k\":\"MARKER\"}'",
    "[[key]]\nid = \"s\"\npublic_key = '{\"kty\":\"oct\",\"alg\":\"A256GCM\",\"k\":\"MARKER\"}'",
    "[[key]]\nid = \"s\"\npublic_key = '{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"MARKER\"'",
    "[[key]]\nid = \"s\"\npublic_key = '{\"kty\":\"OKP\",\"MARKER\":1,\"MARKER\":2}'",
    "[[key]]\nid = \"s\"\npublic_key = '{\"keys\":[OKP,{\"kty\":\"oct\",\"alg\":\"A256GCM\",\"k\":\"MARKER\"}]}'",
    "[[key]]\nid = \"s\"\npublic_key = '{\"keys\":[OKP,{\"kty\":\"oct\",\"use\":\"enc\",\"k\":\"MARKER\"}]}'",
    "[[key]]\nid = \"s\"\npublic_key = '{\"keys\":[OKP,{\"kty\":\"X\",\"d\":\"MARKER\"}]}'",
    "[[key]]\nid = \"s\"\npublic_key = '{\"keys\":[OKP],\"d\":\"MARKER\"}'",
    "[[key]]\nid = \"s\"\npublic_key = '{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"k\":\"MARKER\"}'",
    "[[key]]\nid = \"s\"\npublic_key = '{\"keys\":[OKP],\"secret\":\"MARKER\"}'",
    "[[key]]\nid = \"s\"\npublic_key = '''\nMARKER\nPEM\nMARKER\n'''",
    "[[key]]\nid = \"s\"\npublic_key = '''-----BEGIN PUBLIC KEY-----\nX: MARKER\n-----END PUBLIC KEY-----\n'''",
    "[[key]]\nid = \"s\"\npublic_key = '''-----BEGIN PUBLIC KEY-----\nMARKER\n-----END PUBLIC KEY-----\n'''",
    "[[key]]\nid = \"s\"\npublic_key = '''-----BEGIN PUBLIC KEY-----\nMARKER\n-----END MARKER-----\n'''",
    // In the expressions of a scheme.
    "[[scheme]]\nname = \"s\"\nalgorithm = \"sha256\"\nsignature = \"{form:sign|unhex}\"\ncontent = \"{fields}&key=MARKER\"\nfields = { from = \"form\", pair = \"{name}={value}\", between = \"&\" }",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{body}&key=MARKER\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\nambiguous_join = true\ncontent = \"{header:X-A}{body}&app_secret=MARKER\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{header:X-A}&key=MARKER&{body}\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"md5\"\nsignature = \"{form:sign|unhex}\"\ncontent = \"{fields}\"\n[scheme.fields]\nfrom = \"form\"\nadd = { key = \"MARKER\" }\npair = \"{name}={value}\"\nbetween = \"&\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"md5\"\nsignature = \"{form:sign|unhex}\"\nlet = { a = [\"{body}&key=MARKER\"] }\ncontent = \"{a}\" x",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\nlet = { a = [\"{body}&key=MARKER\"] }\ncontent = \"{a}\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{header:X-A|default:MARKER}{body}\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{header:X-A|default:MARKER}\\n{body}\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\nambiguous_join = true\ncontent = \"{header:X-A|prefix:MARKER}{body}\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|defualt:MARKER}\"\ncontent = \"{body}\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|prefix:'Bearer MARKER'}\"\ncontent = \"{boddy}\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{body}\"\nevent = \"key=MARKER\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{body}\"\nevent = \"{field:a|default:MARKER}\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{body}\"\nmax_age = \"none\"\ntimestamp = { value = \"{header:T|default:MARKER}\" }",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{a}{body}\"\nlet.a = { by = \"{header:A|default:MARKER}\", of = { x = \"{header:B|default:MARKER}\" }, default = \"key=MARKER\" }",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{body}\"\ncheck = { \"{header:A|prefix:MARKER|md5|hex}\" = \"{header:B|default:MARKER}\" }",
    // Where a scheme has words.
    "[[scheme]]\nname = \"s\"\nalgorithm = \"MARKERMARKER\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{body}\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = { by = \"{header:A}\", of = { x = \"MARKERMARKER\" } }\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{body}\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature_form = \"MARKERMARKER\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{body}\"",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{body}\"\nnot_covered = [\"MARKERMARKER\"]",
    "[[scheme]]\nname = \"s\"\nalgorithm = \"hmac-sha256\"\nsignature = \"{header:X-Sig|unhex}\"\ncontent = \"{fields}\"\nfields = { from = \"MARKERMARKER\", order = \"MARKERMARKER\", pair = \"{value}\" }",
    // With an error in the syntax.
    "[[key]]\nid = \"s\"\nsecret = MARKER",
    "[[key]]\nid = \"s\"\ntoken = MARKER",
    "[[key]]\nid = \"s\"\nlegacy = MARKER",
    "[[key]]\nid = MARKER\ntoken = \"MARKER\" x",
    "[[key]]\nid = \"s\"\nfile = \"MARKER",
    "[[key]]\nid = \"s\"\ncredential = 'MARKER",
    "[[key]]\nid = \"s\"\ntoken = \"MARKER",
    "[[key]]\nid = \"s\"\ntoken = \"\"\"\nMARKER",
    "[[key]]\nid = \"s\"\ntoken = \"x\" MARKER",
    "[[key]]\nid = \"s\"\ntoken = \"x\\qMARKER\"",
    "[[key]]\nid = \"s\"\ntoken = [\"x\",\n\"MARKER\"",
    "[[key]]\nid = \"s\"\ntoken = { a = \"MARKER\"",
    "[[key]]\nid = \"s\"\nMARKER",
    "[[key]]\nid = \"s\"\nMARKER==",
    "[[key]]\nid = \"s\"\nsecret MARKER",
    "[[key]]\nid = \"s\"\nsecret: \"MARKER\"",
    "[[key]]\nid = \"s\"\nfile = \"k.pem\" MARKER",
    "[[key]]\nid = \"s\", secret = \"MARKER\"",
    "[[key]] secret = \"MARKER\"",
    "[[key]]\nid = \"s\"\nMARKER\nMARKER = 1\nMARKER = 2",
    "[[key]\nid = \"s\"\nsecret = \"MARKER\"\ntoken = \"MARKER\"",
    "[[kez]\nid = \"s\"\nsecret = \"x\" \"MARKER\"",
    "[MARKER\nid = \"s\"",
    "[[key]]\nid = \"s\"\nsecret = \"\u{1}MARKER\"",
    "key = [{ id = \"s\", secret = \"MARKER\", legacy = no }]",
    "key = [\n{ id = \"s\", token = \"MARKER\", legacy = no },\n]",
    "MARKER",
    "token = MARKER",
    "token = \"x\" MARKER",
    "key = \"x\" \"MARKER\"",
    "auth = { token = \"x\" MARKER, y = 1 }",
    "auth = { token = \"MARKER\", x = y }",
    // At the top level, in unknown tables and in those with passwords of their own.
    "token = \"MARKER\"",
    "password = \"MARKER\"",
    "hmac_key = [\"MARKER\"]",
    "secret_key = { a = \"MARKER\" }",
    "pin = 7723492771",
    "auth = { token = \"MARKER\" }",
    "[auth]\ntoken = \"MARKER\"\n[auth.more]\npassword = \"MARKER\"",
    "[once]\nstore = \"redis\"\npassword = \"MARKER\"",
    "[once]\nstore = \"redis\"\n[once.redis]\nservers = [\"redis://a\"]\npassword = \"MARKER\"",
    "[once]\nredis = { servers = [\"redis://a\"], password = \"MARKER\" }",
    "[once]\nredis = { servers = [\"redis://:MARKER@a\"] }",
    "[once]\nredis = { servers = [\"redis://a\"], auth = MARKER }",
    "[once]\nredis = { servers = [\"redis://a\"], user = \"x\", pass = \"MARKER\", prefx = 1 }",
    "[once]\nredis = { servers = [\"redis://a\"], password_file = \"MARKER\" }",
    "[once]\nredis = {\n  servers = [\"redis://a\"],\n  password = \"MARKER\"\n",
    "[admin]\naddress = \"127.0.0.1:0\"\ntoken = \"MARKER\"",
    "[log]\nlevel = \"info\"\nsyslog_token = \"MARKER\"",
    // In comments.
    "workers = 0 # MARKER",
    "[[key]]\nid = \"s\"\nfile = \"k.pem\" # MARKER",
    "[[key]]\nid = \"s\"\nfile = \"none.pem\" # the old secret: MARKER",
    "[[key]]\nid = \"s\"\nfile = \"k.pem\"\nlegacy = [ # MARKER\n 5, # MARKER\n]",
    "[[key]]\nid = \"s\"\nfile = \"none.pem # MARKER",
    "workers = # MARKER",
    "level = \"x # MARKER",
    "daemon = \"\"\"\nx # MARKER",
];

/// Lines in place of those of the valid configuration that begin with `#@`.
const LINES: &[(&str, &str)] = &[
    ("listener", "token = \"MARKER\""),
    (
        "listener",
        "tls = { certificates = [{ cert = \"none.pem\", key = \"MARKER\" }] }",
    ),
    (
        "listener",
        "tls = { certificates = [{ cert = \"none.pem\", key = \"none.key\", password = \"MARKER\" }] }",
    ),
    (
        "listener",
        "tls = { certificates = [{ cert = \"none.pem\", key = \"none.key\", passphrase = \"MARKER\" }], x = 1 }",
    ),
    ("upstream", "password = \"MARKER\""),
    ("upstream", "tls = { key_password = \"MARKER\" }"),
    (
        "upstream",
        "health_check = { path = \"/\", headers = { Authorization = \"MARKER\" }, x = 1 }",
    ),
    (
        "upstream",
        "health_check = { path = \"/\", headers = { Authorization = \" MARKER\" } }",
    ),
    (
        "upstream",
        "health_check = { path = \"/\", headers = { Authorization = \"MARKER } }",
    ),
    (
        "upstream",
        "proxy_set_header = \"Authorization Bearer-MARKER\"",
    ),
    ("route", "secret = \"MARKER\""),
    ("route", "hmac = \"MARKER\""),
    ("route", "api_key = \"MARKER\""),
    ("route", "auth_basic = \"MARKER\""),
    ("route", "token MARKER"),
    ("route", "decrypt = { secret = \"MARKER\" }"),
    ("route", "values = { webhook = \"MARKERMARKER\" }"),
];

/// What the command line sets.
const SETS: &[&str] = &[
    "key.k.secret=MARKER",
    "key.k.token=MARKER",
    "key.k.credential=MARKER",
    "key.k.legacy=MARKER",
    "key.k.file=MARKER",
    "key.k.MARKER=1",
    "key.k.secret MARKER",
    "key.k=MARKER",
    "key.k={ secret = \"MARKER\" }",
    "key=[{ id = \"k\", secret = \"MARKER\" }]",
    "key.none.token=MARKER",
    "key.none.secret=\"MARKER",
    "key.k.token=[\"MARKER\"",
    "token=MARKER",
    "once.redis.password=MARKER",
    "once.redis.password_file=MARKER",
    "once.redis={ password = \"MARKER\" }",
    "upstream.u.health_check.headers.Authorization=\"MARKER",
    "upstream.u.health_check.headers.Authorization=\" MARKER\"",
    "upstream.u.token=MARKER",
    "MARKER",
    "key.k.public_key=MARKER",
];

fn planted(text: &str) -> String {
    const OKP: &str = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
    let pem = fs::read_to_string("conf/keys/cheezeepay.pem").unwrap();
    text.replace("[OKP", &format!("[{OKP}"))
        .replace("PEM\n", &pem)
        .replace("MARKER", MARKER)
}

/// All mistakes, beside a listener at this address.
fn plants(address: SocketAddr) -> Vec<Plant> {
    let rest = rest(address);
    let tables = TABLES.iter().map(|table| Plant {
        text: format!("{}\n{rest}", planted(table)),
        sets: Vec::new(),
    });
    let lines = LINES.iter().map(|(place, line)| Plant {
        text: rest.replace(&format!("#@ {place}\n"), &format!("{}\n", planted(line))),
        sets: Vec::new(),
    });
    let sets = SETS.iter().map(|set| Plant {
        text: rest.clone(),
        sets: vec![planted(set)],
    });
    tables.chain(lines).chain(sets).collect()
}

fn files() -> Files {
    let files = Files::new();
    files.write_key("k.pem");
    files
}

/// What shows the secret, of what was said.
#[derive(Default)]
struct Shown(Vec<String>);

impl Shown {
    fn look(&mut self, said: &str, plant: &Plant) {
        let Plant { text, sets } = plant;
        let (mistake, _) = text.split_once("\n[[listener]]").unwrap();
        let is_shown = |part: &&str| said.contains(*part);
        if [MARKER, "7723492771", "unter2xQ9zW7"].iter().any(is_shown) {
            self.0.push(format!("{mistake}\n{sets:?}\n\n{said}"));
        }
    }

    fn nothing(self) {
        let all = self.0.join("\n=======\n");
        assert!(self.0.is_empty(), "{}\n{all}", self.0.len());
    }
}

#[test]
fn no_report_and_no_dump_shows_a_secret_wherever_it_is_written() {
    let files = files();
    // It is taken, so that the program ends in any case.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut shown = Shown::default();
    for plant in plants(taken.local_addr().unwrap()) {
        let file = files.write("c.toml", &plant.text);
        files.write("parts/part.toml", "");
        for command in [&["-t"][..], &["-T"], &[]] {
            let said = run(&files, command, &plant, "c.toml");
            shown.look(&said, &plant);
            assert!(!said.is_empty(), "{}", plant.text);
        }
        // The same in a file that the main one includes.
        if plant.sets.is_empty() {
            fs::rename(&file, files.path().join("parts/part.toml")).unwrap();
            fs::copy(files.path().join("k.pem"), files.path().join("parts/k.pem")).unwrap();
            files.write("main.toml", "include = \"parts\"\n");
            let said = run(&files, &["-t"], &plant, "main.toml");
            shown.look(&said, &plant);
        }
    }
    shown.nothing();
}

/// Both streams of the program with this configuration.
fn run(files: &Files, command: &[&str], plant: &Plant, file: &str) -> String {
    let sets = plant.sets.iter().flat_map(|set| ["--set", set]);
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(command)
        .arg("-c")
        .arg(files.path().join(file))
        .args(sets)
        .env("CREDENTIALS_DIRECTORY", files.path())
        .output()
        .unwrap();
    let [out, error] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    out + &error
}

/// Its value is an argument of its own.
#[test]
fn a_misunderstood_command_line_shows_no_secret() {
    for line in [
        &["--set", "key.k.secret", MARKER][..],
        &["-t", "--set", "key.k.token", "=", MARKER],
        &["--set", "key.k.secret=", MARKER],
        &[MARKER],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(line)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{line:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains(MARKER), "{said}");
    }
}

/// A file that is not UTF-8 cannot be parsed at all.
#[test]
fn the_report_on_a_file_that_is_no_text_shows_no_secret() {
    let files = files();
    let rest = rest(address::unused());
    let lines = [
        "[[key]]\ntoken = \"MARKER\" # \u{fffd}",
        "[[key]]\nid = \"\u{fffd}\" # MARKER",
        "token = \"MARKER\u{fffd}\"",
    ];
    let mut shown = Shown::default();
    for line in lines {
        let text = format!("{}\n{rest}", planted(line));
        let mut bytes = Vec::new();
        for part in text.split_inclusive('\u{fffd}') {
            bytes.extend(part.trim_end_matches('\u{fffd}').bytes());
            bytes.extend(part.ends_with('\u{fffd}').then_some(0xff));
        }
        for name in ["c.toml", "parts/part.toml"] {
            files.write("c.toml", "include = \"parts\"\n");
            files.write("parts/part.toml", "");
            files.write(name, &bytes);
            let plant = Plant {
                text: text.clone(),
                sets: Vec::new(),
            };
            let said = run(&files, &["-t"], &plant, "c.toml");
            assert!(said.contains("not UTF-8"), "{said}");
            shown.look(&said, &plant);
        }
    }
    shown.nothing();
}

#[test]
fn a_reload_logs_no_secret_wherever_it_is_written() {
    let mut shown = Shown::default();
    for format in ["text", "json"] {
        let admin = Admin::new();
        let log = format!("[log]\nformat = \"json\"\nerror_format = \"{format}\"\n");
        let proxy = Setup::new()
            .top(&log)
            .admin(&admin)
            .sgate("name = \"r\"\npath = \"/r\"\nupstream = \"echo\"")
            .start();
        let files = files();
        fs::copy(files.path().join("k.pem"), proxy.file("k.pem")).unwrap();
        for plant in plants(proxy.address)
            .into_iter()
            .filter(|plant| plant.sets.is_empty())
        {
            let table = format!("{log}{}", admin.table());
            let text = match plant.text.contains("[log]") || plant.text.contains("[admin]") {
                true => plant.text.clone(),
                false => format!("{}\n{table}", plant.text),
            };
            fs::write(proxy.file("countersign.toml"), text).unwrap();
            proxy.signal("HUP");
            let mut said = proxy.error_lines_up_to("reload");
            said.push(String::from_utf8(admin.get("/status").body).unwrap());
            shown.look(&said.join("\n"), &plant);
        }
    }
    shown.nothing();
}
