//! TLS on a listener.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use countersign::config::diagnostic::Severity;

use crate::config_files::{Files, relative};

fn files() -> Files {
    let files = Files::new();
    files.write_key("good.pem");
    files.write_certificate("a");
    files.write_certificate("b");
    files.write("text.pem", "hello\n");
    files.write(
        "cut.pem",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    );
    for (name, mode) in [("seen.key", 0o644), ("written.key", 0o602)] {
        fs::copy(files.path().join("a.key"), files.path().join(name)).unwrap();
        fs::set_permissions(files.path().join(name), Permissions::from_mode(mode)).unwrap();
    }
    files.openssl(&[
        "pkey",
        "-in",
        "a.key",
        "-aes256",
        "-passout",
        "pass:x",
        "-out",
        "locked.key",
    ]);
    // The extension makes this a version 3 certificate.
    let asked = "req -new -key b.key -subj /CN=b -addext keyUsage=digitalSignature -out b.csr";
    let old = "x509 -req -in b.csr -signkey b.key -days -1 -copy_extensions copy -out old.pem";
    for command in [asked, old] {
        files.openssl(&command.split(' ').collect::<Vec<_>>());
    }
    files
}

fn text(tls: &str) -> String {
    format!(
        "[[key]]\nid = \"good\"\nfile = \"good.pem\"\n[[route]]\nname = \"good\"\npath = \"/good\"\n\
         scheme = \"cheezeepay\"\nkeys = [\"good\"]\nupstream = \"echo\"\n\
         [[listener]]\naddress = \"127.0.0.1:0\"\n{tls}\n"
    )
}

#[test]
fn every_mistake_has_a_place_a_reason_and_a_hint() {
    let files = files();
    for (tls, title, why) in [
        ("tls = true", "wrong type", "but a table is needed"),
        ("tls = {}", "missing key", "`certificates`"),
        (
            "tls = { certificates = [] }",
            "missing certificate",
            "at least one",
        ),
        (
            "tls = { certificates = [{ cert = \"a.pem\" }] }",
            "missing key",
            "`key`",
        ),
        (
            "tls = { certificates = [{ key = \"a.key\" }] }",
            "missing key",
            "`cert`",
        ),
        (
            &one("a.pem", "none.key"),
            "cannot read the file",
            "none.key",
        ),
        (
            &one("none.pem", "a.key"),
            "cannot read the file",
            "none.pem",
        ),
        (
            &one(".", "a.key"),
            "cannot read the file",
            "not a regular file",
        ),
        (
            &one("text.pem", "a.key"),
            "no certificate",
            "contains no certificate",
        ),
        (&one("cut.pem", "a.key"), "invalid certificate", ""),
        (
            &one("a.pem", "text.pem"),
            "unsafe file",
            "can read the secret key",
        ),
        (
            &one("a.pem", "seen.key"),
            "unsafe file",
            "can read the secret key",
        ),
        (&one("a.pem", "written.key"), "unsafe file", "can write"),
        (&one("a.pem", "locked.key"), "no private key", "pass phrase"),
        (
            &one("a.pem", "b.key"),
            "wrong private key",
            "not the key of the certificate",
        ),
        (&more("min_version = \"1.1\""), "unknown value", "1.1"),
        (
            &more("client_auth = \"optional\""),
            "missing key",
            "`client_auth` requires",
        ),
        (
            &more("client_ca = \"text.pem\""),
            "no certificate",
            "contains no certificate",
        ),
        (
            &more("client_ca = \"a.pem\"\nclient_auth = \"perhaps\""),
            "unknown value",
            "perhaps",
        ),
    ] {
        let report = files.load(&text(tls)).unwrap_err();
        assert_eq!(report.count(Severity::Error), 1, "{tls}: {report}");
        let report = super::checked(relative(&report, &files));
        assert!(
            report.contains(title) && report.contains(why),
            "{tls}: {report}"
        );
        assert!(!report.contains("PRIVATE KEY-----\n"), "{report}");
    }
}

#[test]
fn certificates_that_clients_will_reject_are_warned_of() {
    let files = files();
    let loaded = files.load(&text(&one("old.pem", "b.key"))).unwrap();
    let report = super::checked(relative(&loaded.warnings, &files));
    assert!(report.contains("it expired at "), "{report}");
    assert!(loaded.files.iter().any(|file| file.ends_with("b.key")));

    let second = "tls = { certificates = [{ cert = \"a.pem\", key = \"a.key\" }, { cert = \"old.pem\", key = \"b.key\" }] }";
    let loaded = files.load(&text(second)).unwrap();
    let report = super::checked(relative(&loaded.warnings, &files));
    assert!(report.contains("no client will ever get it"), "{report}");
}

#[test]
fn swapped_certificate_and_key_are_reported_as_swapped() {
    let files = files();
    // With certbot's permissions: anybody can read the certificate, only the owner the key.
    let report = files.load(&text(&one("a.key", "a.pem"))).unwrap_err();
    assert_eq!(report.count(Severity::Error), 1, "{report}");
    let report = super::checked(relative(&report, &files));
    for part in [
        "error: certificate and key swapped",
        "this file contains the private key",
        "and this one the certificate",
        "help: swap the two names",
    ] {
        assert!(report.contains(part), "{report}");
    }
    assert!(!report.contains("replace the key"), "{report}");
    // One wrong name of the two.
    let report = files.load(&text(&one("a.pem", "b.pem"))).unwrap_err();
    let part = "`b.pem` contains a certificate, but no private key";
    assert!(relative(&report, &files).contains(part), "{report}");
}

/// Windows puts a byte order mark in front of text, and labels of keys are often wrong.
#[test]
fn files_that_say_clearly_what_they_contain_are_read() {
    let files = files();
    let read = |name: &str| fs::read_to_string(files.path().join(name)).unwrap();
    let labelled = |label: &str| read("a.key").replace("PRIVATE KEY", label);
    files.write("marked.pem", format!("\u{feff}{}", read("a.pem")));
    files.write_secret("marked.key", format!("\u{feff}{}", read("a.key")));
    files.write_secret("ec.key", labelled("EC PRIVATE KEY"));
    files.write_secret("rsa.key", labelled("RSA PRIVATE KEY"));
    for tls in [
        one("marked.pem", "marked.key"),
        one("a.pem", "ec.key"),
        one("a.pem", "rsa.key"),
        more("client_ca = \"marked.pem\""),
    ] {
        let loaded = files.load(&text(&tls));
        assert!(loaded.is_ok(), "{tls}: {}", loaded.unwrap_err());
    }
}

#[test]
fn an_authority_that_anyone_could_change_is_refused() {
    let files = files();
    let authority = files.path().join("a.pem");
    fs::set_permissions(authority, Permissions::from_mode(0o646)).unwrap();
    let upstream =
        "[[upstream]]\nname = \"u\"\nservers = [\"127.0.0.1:1\"]\ntls = { ca = \"a.pem\" }\n";
    let report = files.load(&format!("{upstream}{}", text(""))).unwrap_err();
    let report = super::checked(relative(&report, &files));
    assert!(
        report.contains("everybody on this machine can write to `a.pem`"),
        "{report}"
    );
}

/// Outside of its time it is refused in each handshake, or it soon will be.
#[test]
fn an_authority_that_is_out_of_date_or_soon_will_be_is_warned_of() {
    let files = files();
    files.write("authority", "basicConstraints=critical,CA:TRUE\n");
    for (name, days) in [("late", "-1"), ("soon", "29"), ("fine", "31")] {
        let asked = format!("req -new -key b.key -subj /CN={name} -out {name}.csr");
        let made = format!(
            "x509 -req -in {name}.csr -signkey b.key -days {days} -extfile authority -out {name}.pem"
        );
        for command in [asked, made] {
            files.openssl(&command.split(' ').collect::<Vec<_>>());
        }
    }
    let [late, soon, fine] =
        ["late", "soon", "fine"].map(|name| fs::read(files.path().join(format!("{name}.pem"))));
    let all = [fine.unwrap(), soon.unwrap(), late.unwrap()].concat();
    files.write("all.pem", all);
    let server = |ca: &str| {
        format!(
            "[[upstream]]\nname = \"u\"\nservers = [\"127.0.0.1:1\"]\ntls = {{ ca = \"{ca}\" }}\n{}",
            text("")
        )
    };
    let client = |ca: &str| text(&more(&format!("client_ca = \"{ca}\"")));
    let redis = |ca: &str| {
        format!(
            "[once]\nstore = \"redis\"\nredis = {{ servers = [\"rediss://127.0.0.1:1\"], ca = \"{ca}\" }}\n{}",
            text("")
        )
    };
    let root = |file: &str| {
        format!(
            "[[key]]\nid = \"root\"\nfile = \"{file}\"\n[[scheme]]\nname = \"x\"\n\
             algorithm = \"rsa-sha256\"\nsignature = \"{{header:X-Sign|unbase64}}\"\n\
             timestamp = \"{{header:X-Time}}\"\ncontent = \"{{timestamp}}.{{body}}\"\nmax_age = \"5m\"\n\
             not_covered = [\"query\"]\n\
             certificate = {{ value = \"{{header:X-Cert}}\", subject = {{ CN = \"a\" }} }}\n\
             [[route]]\nname = \"x\"\npath = \"/x\"\nscheme = \"x\"\nkeys = [\"root\"]\n\
             upstream = \"echo\"\n{}",
            text("")
        )
    };
    for (file, why) in [
        ("fine.pem", ""),
        ("soon.pem", "`CN=soon` expires at "),
        ("late.pem", "`CN=late` expired at "),
    ] {
        let report = files.load(&root(file)).unwrap().warnings;
        let report = relative(&report, &files);
        assert_eq!(
            report.contains("authority_out_of_date"),
            !why.is_empty(),
            "{file}: {report}"
        );
        assert!(report.contains(why), "{file}: {report}");
    }
    let ways: [&dyn Fn(&str) -> String; 3] = [&server, &client, &redis];
    for way in ways {
        for (ca, why) in [
            ("fine.pem", ""),
            ("soon.pem", "`CN=soon` expires at "),
            ("late.pem", "`CN=late` expired at "),
            ("all.pem", "`CN=late` expired at "),
        ] {
            let report = files.load(&way(ca)).unwrap().warnings;
            let report = relative(&report, &files);
            let name = "warning[authority_out_of_date]: authority out of date";
            assert_eq!(report.contains(name), !why.is_empty(), "{ca}: {report}");
            assert!(report.contains(why), "{ca}: {report}");
            let several = report.contains("one of 2 such certificates");
            assert_eq!(several, ca == "all.pem", "{report}");
        }
    }
    let accepted = format!(
        "accept_warnings = [\"authority_out_of_date\"]\n{}",
        client("late.pem")
    );
    assert!(files.load(&accepted).unwrap().warnings.is_empty());
}

fn one(cert: &str, key: &str) -> String {
    format!("tls = {{ certificates = [{{ cert = \"{cert}\", key = \"{key}\" }}] }}")
}

fn more(lines: &str) -> String {
    format!("[listener.tls]\ncertificates = [{{ cert = \"a.pem\", key = \"a.key\" }}]\n{lines}")
}
