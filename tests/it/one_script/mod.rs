//! Routes whose paths lead to one script of a server that completes names (Apache's MultiViews), also
//! with a path below the script.

mod apache;

use self::apache::Apache;
use crate::config_files::Files;
use crate::support::Setup;
use crate::support::signer::Signer;

/// The scripts on Apache's disk.
const SCRIPTS: [&str; 5] = [
    "/cb/pay.php",
    "/cb/lang.en.php",
    "/cb/last.php.en",
    "/cb/other.php",
    "/cb/payments.php",
];

/// Whoever can sign for one route must not reach another's script by a name that Apache completes.
#[test]
fn a_prefix_route_refuses_what_apache_completes_to_another_routes_script() {
    let apache = Apache::start(&SCRIPTS);
    let mut missed = Vec::new();
    for (other, targets) in [
        // Another route, and other names of its script.
        (
            "path = \"/cb/pay.php\"",
            &[
                "/cb/pay/1",
                "/cb/pay",
                "/cb/pay/",
                "/cb/pay.php/x",
                "/cb/p%61y/1",
                "/cb/pay/a/b.c",
            ][..],
        ),
        (
            "path = \"/cb/pay\"",
            &[
                "/cb/pay.php/x",
                "/cb/pay.php",
                "/cb/pay/x",
                "/cb/pay%2ephp/x",
                "/cb/pay.php/a/b",
            ],
        ),
        ("path = \"/cb/pay/\"", &["/cb/pay.php/x", "/cb/pay.php"]),
        (
            "path_prefix = \"/cb/pay.php/\"",
            &["/cb/pay", "/cb/pay/x", "/cb/pay.php"],
        ),
        ("path_prefix = \"/cb/pay.php\"", &["/cb/pay", "/cb/pay/x"]),
        ("path_prefix = \"/cb/pay.p\"", &["/cb/pay", "/cb/pay/x"]),
        (
            "path_prefix = \"/cb/pay/\"",
            &["/cb/pay.php", "/cb/pay.php/x", "/cb/pay"],
        ),
        ("path_prefix = \"/cb/pay/v\"", &["/cb/pay.php/v1"]),
        ("path_prefix = \"/cb/pay.php/v\"", &["/cb/pay/v1"]),
        ("path = \"/cb/pay.php/v1\"", &["/cb/pay/v1", "/cb/pay/v1/x"]),
        (
            "path = \"/cb/pay/v1\"",
            &["/cb/pay.php/v1", "/cb/pay.php/v1/x"],
        ),
        (
            "path = \"/cb/lang.en.php\"",
            &["/cb/lang", "/cb/lang/1", "/cb/lang.en", "/cb/lang.en/1"],
        ),
        (
            "path = \"/cb/lang\"",
            &["/cb/lang.en.php/x", "/cb/lang.en.php"],
        ),
        (
            "path = \"/cb/last.php.en\"",
            &["/cb/last", "/cb/last/1", "/cb/last.php", "/cb/last.php/1"],
        ),
    ] {
        let proxy = Setup::new()
            .sgate(&format!("name = \"other\"\n{other}"))
            .sgate("name = \"any\"\npath_prefix = \"/cb/\"")
            .servers(&[apache.address], "")
            .start();
        let own = other.split('"').nth(1).unwrap();
        let rest = match () {
            () if own.ends_with(".p") => "hp",
            () if own.ends_with('/') => "x",
            () => "",
        };
        let script = apache.runs(&format!("{own}{rest}")).unwrap();
        for target in targets {
            assert_eq!(
                apache.runs(target),
                Some(script.clone()),
                "{other} {target}"
            );
            let answer = Signer::get().sgate(target, "{}").send(&proxy);
            let reason = proxy.access()["reason"].clone();
            if (answer.status, &reason) != (400, &"target_ambiguous".into()) {
                missed.push(format!("{other} {target}"));
            }
        }
        for target in [
            "/cb/other/1",
            "/cb/other",
            "/cb/other.php/x",
            "/cb/payments/1",
        ] {
            let answer = Signer::get().sgate(target, "{}").send(&proxy);
            assert_eq!(answer.status, 200, "{other} {target}");
            proxy.access();
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Two routes of which a server that completes names makes one, and a callback of the second that
/// gets where those of the first do.
const MEETING: &[(&str, &str, &str)] = &[
    ("path = '/cb/pay.php'", "path = '/cb/pay'", "/cb/pay"),
    ("path = '/cb/pay'", "path = '/cb/pay.php'", "/cb/pay.php"),
    ("path = '/cb/lang.en.php'", "path = '/cb/lang'", "/cb/lang"),
    ("path = '/cb/last.php.en'", "path = '/cb/last'", "/cb/last"),
    (
        "path = '/cb/pay.php/v1'",
        "path = '/cb/pay/v1'",
        "/cb/pay/v1",
    ),
    (
        "path = '/cb/pay.php'",
        "path_prefix = '/cb/pay/'",
        "/cb/pay/1",
    ),
    (
        "path = '/cb/pay.php'",
        "path_prefix = '/cb/pay'",
        "/cb/pay/1",
    ),
    (
        "path = '/cb/pay'",
        "path_prefix = '/cb/pay.php/'",
        "/cb/pay.php/x",
    ),
    (
        "path = '/cb/pay'",
        "path_prefix = '/cb/pay.php'",
        "/cb/pay.php/x",
    ),
    (
        "path = '/cb/p%61y'",
        "path_prefix = '/cb/pay.php/'",
        "/cb/pay.php/x",
    ),
    (
        "path = '/cb/pay.php'",
        "path_prefix = '/cb/pay.php/'",
        "/cb/pay.php/x",
    ),
    (
        "path = '/cb/pay.php'",
        "path_prefix = '/cb/pay.php'",
        "/cb/pay.php/x",
    ),
    ("path = '/cb/pay'", "path_prefix = '/cb/pay'", "/cb/pay.php"),
    (
        "path_prefix = '/cb/pay/'",
        "path = '/cb/pay.php'",
        "/cb/pay.php",
    ),
    (
        "path_prefix = '/cb/pay.php/'",
        "path = '/cb/pay'",
        "/cb/pay",
    ),
    (
        "path_prefix = '/cb/pay.php/'",
        "path = '/cb/pay.php'",
        "/cb/pay.php",
    ),
    ("path_prefix = '/cb/pay.php'", "path = '/cb/pay'", "/cb/pay"),
    (
        "path_prefix = '/cb/pay.php/'",
        "path_prefix = '/cb/pay/'",
        "/cb/pay/1",
    ),
    (
        "path_prefix = '/cb/pay/'",
        "path_prefix = '/cb/pay.php/'",
        "/cb/pay.php/1",
    ),
    (
        "path_prefix = '/cb/pay.php'",
        "path_prefix = '/cb/pay/'",
        "/cb/pay/1",
    ),
    (
        "path_prefix = '/cb/pay.php'",
        "path_prefix = '/cb/pay'",
        "/cb/pay/1",
    ),
    (
        "path_prefix = '/cb/pay/'",
        "path_prefix = '/cb/pay'",
        "/cb/pay.php/x",
    ),
    (
        "path_prefix = '/cb/pay.php/v/'",
        "path_prefix = '/cb/pay/v/'",
        "/cb/pay/v/x",
    ),
    (
        "path = '/cb/pay.php'",
        "path_prefix = '/cb/pay/'\nhost = 'pay.example'",
        "/cb/pay/1",
    ),
];

/// What ordinary configurations have.
const APART: &[(&str, &str)] = &[
    ("path = '/cb/a'", "path = '/cb/b'"),
    ("path = '/cb/pay.php'", "path = '/cb/refund.php'"),
    ("path = '/cb/pay.php'", "path = '/cb/pay.aspx'"),
    ("path = '/cb/pay.php'", "path = '/cb/payments'"),
    ("path = '/cb/v1'", "path = '/cb/v1.0'"),
    ("path = '/cb/pay'", "path = '/cb/pay/refund'"),
    // What is below a script tells its callers apart.
    ("path = '/index.php/a'", "path = '/index.php/b'"),
    ("path = '/index.php'", "path = '/index.php/b'"),
    ("path = '/index.php/a'", "path_prefix = '/index.php/b/'"),
    ("path = '/'", "path_prefix = '/'"),
    ("path = '/cb/pay'", "path_prefix = '/cb/pay/'"),
    (
        "path_prefix = '/cb/pay.php/'",
        "path_prefix = '/cb/refund.php/'",
    ),
    ("path_prefix = '/cb/pay'", "path_prefix = '/cb/payout'"),
    ("host = 'a.example'\npath = '/x'", "path = '/x'"),
    (
        "host = 'a.example'\npath = '/x.php'",
        "host = 'b.example'\npath = '/x'",
    ),
    // A prefix refuses what is another route's.
    ("path = '/cb/pay.php'", "path_prefix = '/cb/'"),
    ("path = '/cb/pay'", "path_prefix = '/cb/'"),
    ("path_prefix = '/cb/pay.php/'", "path_prefix = '/cb/'"),
    ("path_prefix = '/cb/pay/'", "path_prefix = '/'"),
    ("host = 'a.example'\npath = '/x.php'", "path_prefix = '/x/'"),
];

/// Whether the two routes are warned of, in either order.
fn is_warned(first: &str, second: &str) -> bool {
    let files = Files::new();
    files.write_key("one.pem");
    let demo = std::fs::read("conf/keys/sgate-demo.pem").unwrap();
    files.write("two.pem", demo);
    let warned = [[first, second], [second, first]].map(|routes| {
        let keys = ["one", "two"].map(|id| format!("[[key]]\nid = '{id}'\nfile = '{id}.pem'\n"));
        let route = |(lines, key): (&str, &str)| {
            format!(
                "[[route]]\nname = '{key}'\nscheme = 'cheezeepay'\nonce = true\nupstream = 'u'
                 keys = ['{key}']\n{lines}\n"
            )
        };
        let routes = routes.into_iter().zip(["one", "two"]).map(route);
        let loaded = files.load(&format!(
            "[[listener]]\naddress = '127.0.0.1:0'\n[once]\nmemory = {{}}\n{}{}
             [[upstream]]\nname = 'u'\nservers = ['127.0.0.1:1']\n",
            keys.concat(),
            routes.collect::<String>()
        ));
        let warnings = loaded.unwrap_or_else(|report| panic!("{report}")).warnings;
        warnings
            .to_string()
            .contains("warning[one_path_for_two_routes]")
    });
    assert_eq!(warned[0], warned[1], "{first} {second}");
    warned[0]
}

#[test]
fn routes_of_one_script_with_different_keys_are_warned_of() {
    let wrong = MEETING
        .iter()
        .filter(|(first, second, _)| !is_warned(first, second));
    let silent: Vec<_> = wrong.collect();
    let wrong = APART
        .iter()
        .filter(|(first, second)| is_warned(first, second));
    let loud: Vec<_> = wrong.collect();
    assert!(
        silent.is_empty() && loud.is_empty(),
        "silent: {silent:#?}\nloud: {loud:#?}"
    );
}

/// What is written out is taken: a warning is all that there is.
#[test]
fn callbacks_of_routes_that_are_warned_of_reach_one_script() {
    let apache = Apache::start(&SCRIPTS);
    for (first, second, target) in MEETING {
        let proxy = Setup::new()
            .route(&format!(
                "name = 'first'\nscheme = 'sgate'\nkeys = ['sgate-vectors']\n{first}"
            ))
            .sgate(&format!("name = 'second'\n{second}"))
            .servers(&[apache.address], "")
            .start();
        let answer = Signer::get().sgate(target, "{}").send(&proxy);
        assert_eq!(answer.status, 200, "{first} {second} {target}");
        let own = first.split('\'').nth(1).unwrap();
        let below = if own.ends_with('/') { "x" } else { "" };
        let script = apache.runs(&format!("{own}{below}"));
        assert_eq!(
            script.as_ref().map(String::as_bytes),
            Some(&answer.body[..])
        );
    }
}
