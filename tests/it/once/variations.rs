//! Whoever has captured a callback can send it in every form that its signature covers. A form that
//! could pass as a second callback is rejected when the configuration is loaded or when it arrives.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::config::diagnostic::Severity;

use crate::config_files::Files;
use crate::support::signer::Signer;
use crate::support::{Callback, Client, Origin, Proxy, Setup};

const NOW: &str = "1800000000";

/// A configuration and the requests sent to it.
struct Attack {
    name: &'static str,
    /// The scheme's lines besides its name and algorithm.
    scheme: &'static str,
    /// The route's keys.
    keys: &'static str,
    genuine: Callback,
    replays: Vec<Callback>,
}

impl Attack {
    fn tables(&self) -> String {
        let Self { scheme, keys, .. } = self;
        format!(
            "[once]\n[[scheme]]\nname = 's'\nalgorithm = 'rsa-sha256'\n{scheme}\n\
             [[route]]\nname = 'r'\npath = '/cb'\nscheme = 's'\nkeys = {keys}\n\
             expose_reason = true\nupstream = 'origin'\n"
        )
    }

    /// The error that rejects the configuration, if any.
    fn refused(&self) -> Option<&'static str> {
        let key = Signer::get().public_key_file();
        let text = format!(
            "[[listener]]\naddress = '127.0.0.1:0'\n[[key]]\nid = 'signer'\nfile = '{key}'\n\
             [[upstream]]\nname = 'origin'\nservers = ['127.0.0.1:1']\n{}",
            self.tables()
        );
        let report = Files::new().load(&text).err()?;
        let mut problems = report.diagnostics().iter();
        let error = problems.find(|problem| problem.severity == Severity::Error);
        error.map(|error| error.title)
    }

    /// The outcome: how many replays reach the backend.
    fn outcome(&self) -> String {
        if let Some(title) = self.refused() {
            return format!("{}: refused at load, {title}", self.name);
        }
        let origin = Origin::start();
        let proxy = Setup::new()
            .tables(&self.tables())
            .sgate("name = 'other'\npath = '/other'")
            .origin(&origin)
            .start();
        // Callbacks of others must stay remembered.
        let other = Signer::get().sgate("/other", "{}");
        assert_eq!(other.send(&proxy).status, 200);
        assert_eq!(self.genuine.send(&proxy).status, 200, "{}", self.name);
        assert_eq!(origin.count(), 2);
        self.replay(&proxy);
        let reached = origin.count() - 2;
        assert_eq!(other.send(&proxy).status, 200);
        let forgotten = origin.count() - 2 - reached;
        let mut outcome = format!("{}: {reached} of {}", self.name, self.replays.len());
        if forgotten > 0 {
            outcome.push_str(", and another route's callback again");
        }
        outcome
    }

    fn replay(&self, proxy: &Proxy) {
        let mut client = Client::connect(proxy.address);
        for replay in &self.replays {
            client.send(&replay.with_length());
            client.response();
        }
    }
}

/// A callback with its signature, nonce and time in headers.
fn in_headers(nonce: &str, body: &str, content: &str) -> Callback {
    Callback::post("/cb", body)
        .header("X-Sig", Signer::get().sign("sha256", content.as_bytes()))
        .header("X-Time", NOW)
        .header("X-Nonce", nonce)
}

/// Callbacks with the same signature, whose bytes are moved from the body to the nonce up to each
/// place where the separating text occurs.
fn moved(genuine: &Callback, between: &str) -> Vec<Callback> {
    let nonce = genuine.value("X-Nonce").to_owned();
    let body = String::from_utf8(genuine.body.clone()).unwrap();
    let ends = (1..body.len()).filter(|at| body[*at..].starts_with(between));
    ends.map(|at| {
        let moved = format!("{nonce}{between}{}", &body[..at]);
        let mut callback = genuine.clone().with("X-Nonce", Some(&moved));
        callback.body = body.as_bytes()[at + between.len()..].to_vec();
        callback
    })
    .collect()
}

/// A JSON callback with its signature in a header, and others with the same signature.
fn of_fields(name: &'static str, scheme: &'static str, content: &str, bodies: &[&str]) -> Attack {
    let sign = Signer::get().sign("sha256", content.as_bytes());
    let mut callbacks = bodies.iter().map(|body| {
        Callback::post("/cb", *body)
            .header("Content-Type", "application/json")
            .header("X-Sig", &sign)
            .header("X-Time", NOW)
    });
    Attack {
        name,
        scheme,
        keys: "['signer']",
        genuine: callbacks.next().unwrap(),
        replays: callbacks.collect(),
    }
}

fn attacks() -> Vec<Attack> {
    let body = r#"{"no":"C1","amount":9}"#;
    let content = format!("{NOW}\nn-1\n{body}");
    let keyed = in_headers("n-1", body, &content).header("X-Key", "a");
    let under = |keys: usize| {
        let others = (0..keys).map(|nth| keyed.clone().with("X-Key", Some(&format!("b{nth}"))));
        others.collect::<Vec<_>>()
    };
    let of_key = |name, identity: &'static str, keys, replays| Attack {
        name,
        scheme: identity,
        keys,
        genuine: keyed.clone(),
        replays,
    };
    let form = "remark=x.status=paid&amount=9.5&more=a.b.c";
    let touching = in_headers("n1", form, &format!("{NOW}n1{form}"));
    let dotted = in_headers("n1", form, &format!("{NOW}.n1.{form}"));
    let of_parts = |name, scheme, genuine: &Callback, between| Attack {
        name,
        scheme,
        keys: "['signer']",
        genuine: genuine.clone(),
        replays: moved(genuine, between),
    };
    let item = |id: &str| {
        let sign = Signer::get().sign("sha256", id.as_bytes());
        format!(r#"{{"id":"{id}","sign":"{sign}"}}"#)
    };
    let of_items = |ids: &[&str]| {
        let items: Vec<String> = ids.iter().map(|id| item(id)).collect();
        Callback::post("/cb", format!(r#"{{"items":[{}]}}"#, items.join(",")))
            .header("Content-Type", "application/json")
    };
    let signature = Signer::get().sign("sha256", b"order=C1");
    let signature = STANDARD.decode(signature).unwrap();
    let digits: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![
        of_key("b2", KEYED_BY_HEADER, "['signer']", under(4100)),
        of_key(
            "b2 without the key id",
            KEYED_BY_NONCE,
            "['signer']",
            under(4100),
        ),
        of_key(
            "b",
            KEYED_BY_NONCE,
            "{ a = 'signer', b0 = 'signer' }",
            under(1),
        ),
        of_fields(
            "a",
            "signature = '{header:X-Sig|unbase64}'\nidentity = ['/payer/id']\n\
             content = '{fields}'\nfields = { from = 'json', nested = 'pair', order = 'bytes', \
             pair = '{name}={value|java}', between = '&' }",
            "payer={id=P-1, name=x}",
            &[
                r#"{"payer":{"id":"P-1","name":"x"}}"#,
                r#"{"payer":{"id":"P-1, name=x"}}"#,
            ],
        ),
        of_fields(
            "a2",
            "signature = '{header:X-Sig|unbase64}'\nidentity = ['/items/0']\n\
             content = '{fields}'\nfields = { from = 'json', nested = 'pair', order = 'bytes', \
             pair = '{name}={value|java}', between = '&' }",
            "items=[a, b, c]",
            &[
                r#"{"items":["a","b","c"]}"#,
                r#"{"items":["a, b","c"]}"#,
                r#"{"items":["a, b, c"]}"#,
            ],
        ),
        of_parts("c", TOUCHING, &touching, ""),
        of_parts("c, said to be so", TOUCHING_SAID, &touching, ""),
        of_parts("c2", DOTTED, &dotted, "."),
        of_parts("c2, said to be so", DOTTED_SAID, &dotted, "."),
        of_fields("d", NO_SEPARATOR, "a=1b=2", &NO_SEPARATOR_BODIES),
        of_fields(
            "d, said to be so",
            NO_SEPARATOR_SAID,
            "a=1b=2",
            &NO_SEPARATOR_BODIES,
        ),
        of_fields("e", NO_ASSIGN, "no1&z3&zz4", &NO_ASSIGN_BODIES),
        of_fields(
            "e, said to be so",
            NO_ASSIGN_SAID,
            "no1&z3&zz4",
            &NO_ASSIGN_BODIES,
        ),
        of_fields(
            "nonce field",
            "signature = '{header:X-Sig|unbase64}'\nnonce = '{field:nonce|max:128}'\n\
             identity = ['{nonce}']\ncontent = '{fields}'\nfields = { from = 'json', nested = 'pair', order = 'bytes', \
             pair = '{name}={value|java}', between = '&' }",
            "nonce=n1&order=C1&remark=r",
            &[
                r#"{"nonce":"n1","order":"C1","remark":"r"}"#,
                r#"{"nonce":"n1&order=C1","remark":"r"}"#,
                r#"{"nonce":"n1&order=C1&remark=r"}"#,
            ],
        ),
        Attack {
            name: "items",
            scheme: "signature = '{field:sign|unbase64}'\neach = '/items/*'\ncontent = '{field:id}'",
            keys: "['signer']",
            genuine: of_items(&["A"]),
            replays: [&["A", "B"][..], &["B", "A"], &["A", "A"], &["A"]]
                .map(of_items)
                .to_vec(),
        },
        Attack {
            name: "signature's field",
            scheme: "signature = '{field:sign|unhex}'\nidentity = ['sign']\n\
                     content = '{fields}'\nfields = { from = 'json', leave_out = ['sign'], order = 'bytes', \
                     pair = '{name}={value}', between = '&' }",
            keys: "['signer']",
            genuine: in_hexadecimal(&digits),
            replays: vec![in_hexadecimal(&digits.to_uppercase())],
        },
    ]
}

fn in_hexadecimal(digits: &str) -> Callback {
    Callback::post("/cb", format!(r#"{{"order":"C1","sign":"{digits}"}}"#))
        .header("Content-Type", "application/json")
}

const KEYED_BY_HEADER: &str = "signature = '{header:X-Sig|unbase64}'\n\
    timestamp = '{header:X-Time}'\nmax_age = 'none'\nnonce = '{header:X-Nonce|max:128}'\n\
    key_id = '{header:X-Key}'\nidentity = ['{key_id}', '{nonce}']\n\
    content = \"{timestamp}\\n{nonce}\\n{body}\"";

const KEYED_BY_NONCE: &str = "signature = '{header:X-Sig|unbase64}'\n\
    timestamp = '{header:X-Time}'\nmax_age = 'none'\nnonce = '{header:X-Nonce|max:128}'\n\
    key_id = '{header:X-Key}'\nidentity = ['{nonce}']\n\
    content = \"{timestamp}\\n{nonce}\\n{body}\"";

const TOUCHING: &str = "signature = '{header:X-Sig|unbase64}'\n\
    timestamp = '{header:X-Time}'\nmax_age = 'none'\nnonce = '{header:X-Nonce|max:128}'\nidentity = ['{nonce}']\n\
    content = '{timestamp}{nonce}{body}'";

const TOUCHING_SAID: &str = "signature = '{header:X-Sig|unbase64}'\nambiguous_join = true\n\
    timestamp = '{header:X-Time}'\nmax_age = 'none'\nnonce = '{header:X-Nonce|max:128}'\n\
    content = '{timestamp}{nonce}{body}'";

const DOTTED: &str = "signature = '{header:X-Sig|unbase64}'\n\
    timestamp = '{header:X-Time}'\nmax_age = 'none'\nnonce = '{header:X-Nonce|max:128}'\nidentity = ['{nonce}']\n\
    content = '{timestamp}.{nonce}.{body}'";

const DOTTED_SAID: &str = "signature = '{header:X-Sig|unbase64}'\nambiguous_join = true\n\
    timestamp = '{header:X-Time}'\nmax_age = 'none'\nnonce = '{header:X-Nonce|max:128}'\n\
    content = '{timestamp}.{nonce}.{body}'";

const NO_SEPARATOR: &str = "signature = '{header:X-Sig|unbase64}'\nidentity = ['a']\n\
    content = '{fields}'\nfields = { from = 'json', order = 'bytes', pair = '{name}={value}' }";

const NO_SEPARATOR_SAID: &str = "signature = '{header:X-Sig|unbase64}'\nambiguous_join = true\n\
    content = '{fields}'\nfields = { from = 'json', order = 'bytes', pair = '{name}={value}' }";

const NO_SEPARATOR_BODIES: [&str; 2] = [r#"{"a":"1","b":"2"}"#, r#"{"a":"1b=2"}"#];

const NO_ASSIGN: &str = "signature = '{header:X-Sig|unbase64}'\nidentity = ['z']\n\
    content = '{fields}'\nfields = { from = 'json', order = 'bytes', pair = '{name}{value}', between = '&' }";

const NO_ASSIGN_SAID: &str = "signature = '{header:X-Sig|unbase64}'\nambiguous_join = true\n\
    content = '{fields}'\nfields = { from = 'json', order = 'bytes', pair = '{name}{value}', between = '&' }";

const NO_ASSIGN_BODIES: [&str; 2] = [
    r#"{"no":"1","z":"3","zz":"4"}"#,
    r#"{"no":"1&z3","z":"z4"}"#,
];

#[test]
fn a_captured_callback_cannot_be_turned_into_another() {
    let outcomes: Vec<String> = attacks().iter().map(Attack::outcome).collect();
    insta::assert_snapshot!(outcomes.join("\n"), @r##"
    b2: refused at load, identity not certain
    b2 without the key id: 0 of 4100
    b: 0 of 1
    a: 0 of 1
    a2: 0 of 2
    c: refused at load, ambiguous content
    c, said to be so: 0 of 41
    c2: refused at load, ambiguous content
    c2, said to be so: 0 of 4
    d: refused at load, ambiguous content
    d, said to be so: 0 of 1
    e: refused at load, ambiguous content
    e, said to be so: 0 of 1
    nonce field: 0 of 2
    items: 0 of 4
    signature's field: refused at load, identity not certain
    "##);
}

#[test]
fn every_callback_of_an_ambiguous_join_is_marked() {
    let body = "remark=x.status=paid";
    let genuine = in_headers("n1", body, &format!("{NOW}.n1.{body}"));
    let origin = Origin::start();
    let proxy = Setup::new()
        .tables(&format!(
            "[[scheme]]\nname = 's'\nalgorithm = 'rsa-sha256'\n{DOTTED_SAID}"
        ))
        .route("name = 'r'\npath = '/cb'\nscheme = 's'\nkeys = ['signer']")
        .origin(&origin)
        .start();
    for callback in [&genuine, &moved(&genuine, ".")[0]] {
        assert_eq!(callback.send(&proxy).status, 200);
        assert_eq!(origin.last().header("x-verified-ambiguous"), Some("true"));
        assert_eq!(proxy.access()["ambiguous"], "content");
    }
    assert_eq!(origin.last().body, b"status=paid");
}

/// Two merchants with a key each; the header that names them is not signed.
#[test]
fn merchants_are_told_apart_by_the_key_that_signed() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .route(
            "name = 'r'\npath = '/cb'\nscheme = 'cheezeepay'\nkey_header = 'X-Merchant'\n\
             keys = { m1 = 'signer', m2 = ['cheezeepay-vectors', 'signer'], m3 = 'sgate-vectors' }\n\
             once = { identity = ['no'] }",
        )
        .origin(&origin)
        .start();
    let callback = Signer::get().cheezeepay("/cb", &[("no", "\"C1\"")]);
    // The same key counts as one merchant under any name.
    for merchant in ["m1", "m2", "m1"] {
        let sent = callback.clone().header("X-Merchant", merchant);
        assert_eq!(sent.send(&proxy).status, 200);
        assert_eq!(origin.count(), 1, "{merchant}");
    }
    let sent = callback.header("X-Merchant", "m3");
    assert_eq!(sent.send(&proxy).status, 400);
}

#[test]
fn two_merchants_with_the_same_signed_text_both_get_it() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .tables(
            "[once]\n[[scheme]]\nname = 's'\nalgorithm = 'rsa-sha256'\nsignature = '{header:X-Sig|unbase64}'\n\
             key_id = '{header:X-Key}'\ncontent = '{body}'\n\
             [[key]]\nid = 'second'\nfile = 'SECOND'\n\
             [[route]]\nname = 'r'\npath = '/cb'\nscheme = 's'\nupstream = 'origin'\n\
             keys = { m1 = 'signer', m2 = 'second' }\n"
                .replace("SECOND", &Signer::second().public_key_file())
                .as_str(),
        )
        .origin(&origin)
        .start();
    let body = r#"{"order":"1001","status":"paid"}"#;
    let sent = |signer: &Signer, merchant: &str| {
        let callback = Callback::post("/cb", body)
            .header("X-Sig", signer.sign("sha256", body.as_bytes()))
            .header("X-Key", merchant);
        assert_eq!(callback.send(&proxy).status, 200, "{merchant}");
    };
    sent(Signer::get(), "m1");
    sent(Signer::second(), "m2");
    assert_eq!(origin.count(), 2);
    // A second copy of each is a repeat.
    sent(Signer::get(), "m1");
    sent(Signer::second(), "m2");
    assert_eq!(origin.count(), 2);
}
