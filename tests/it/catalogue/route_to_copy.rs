//! A key and a route for a scheme, as its page shows them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use countersign::config::ShippedScheme;
use countersign::verify::{Curve, KeyKind};

use super::SCHEMES;
use super::catalogue_files::{requests_for, signed_requests};
use crate::config_files::Files;

/// What the configuration of a scheme needs.
pub(super) struct RouteToCopy<'s> {
    shipped: &'s ShippedScheme,
}

/// The tables, without a blank line in them.
pub(super) struct Written {
    pub(super) keys: String,
    pub(super) route: String,
}

impl<'s> RouteToCopy<'s> {
    pub(super) const fn of(shipped: &'s ShippedScheme) -> Self {
        Self { shipped }
    }

    fn name(&self) -> &'s str {
        &self.shipped.scheme.name
    }

    fn kind(&self) -> KeyKind {
        self.shipped.scheme.algorithms()[0].key_kind()
    }

    fn has_certificate(&self) -> bool {
        self.shipped.scheme.definition().certificate.is_some()
    }

    /// Whether callbacks come without a body.
    fn is_get(&self) -> bool {
        let transport = self.shipped.about.text("transport").unwrap();
        transport.starts_with("GET") || self.name().ends_with("-get")
    }

    pub(super) fn written(&self) -> Written {
        let (scheme, name) = (&self.shipped.scheme, self.name());
        let rules = scheme.rules();
        let mut keys = format!("[[key]]\nid = \"{name}\"\n");
        match self.kind() {
            KeyKind::Secret => writeln!(keys, "secret_file = \"keys/{name}.secret\"").unwrap(),
            _ => writeln!(keys, "file = \"keys/{name}.pem\"").unwrap(),
        }
        for (nth, secret) in rules.named_secrets().into_iter().enumerate() {
            if nth == 0 {
                keys += "[key.secrets]\n";
            }
            writeln!(keys, "{secret} = {{ file = \"keys/{name}.{secret}\" }}").unwrap();
        }
        let mut route = format!("[[route]]\nname = \"{name}\"\npath = \"/{name}\"\n");
        writeln!(route, "scheme = \"{name}\"").unwrap();
        match scheme.key_id_header() {
            Some(_) => writeln!(route, "keys = {{ \"KEY-ID\" = \"{name}\" }}").unwrap(),
            None => writeln!(route, "keys = [\"{name}\"]").unwrap(),
        }
        let constants = rules.constants().into_iter();
        let constants = constants.chain(rules.handshake_constants());
        // One can be both signed and compared.
        let constants: BTreeSet<_> = constants.collect();
        let constants: Vec<_> = { constants.into_iter() }
            .map(|constant| format!("{constant} = \"...\""))
            .collect();
        if !constants.is_empty() {
            writeln!(route, "values = {{ {} }}", constants.join(", ")).unwrap();
        }
        if rules.needs_public_url() || rules.handshakes_use_public_url() {
            writeln!(route, "public_url = \"https://shop.example/{name}\"").unwrap();
        }
        if self.is_get() {
            route += "methods = [\"GET\"]\n";
        } else if !scheme.signs_body() {
            route += match rules.coverage().tells_callbacks_apart() {
                true => "once = true\n",
                false => "uncovered_body = true\n",
            };
        }
        route += "upstream = \"shop\"\n";
        Written { keys, route }
    }
}

/// Writes the keys of all schemes, as the routes to copy name them: published test keys, or new ones.
pub(super) fn keys_of_all(files: &Files) {
    let new = |algorithm: &[&str]| {
        let private = files.openssl(&[&["genpkey"], algorithm].concat());
        files.write("new.key", private);
        files.openssl(&["pkey", "-in", "new.key", "-pubout"])
    };
    let curve = |name: &str| {
        let curve = format!("ec_paramgen_curve:{name}");
        new(&["-algorithm", "EC", "-pkeyopt", &curve])
    };
    let (p256, p384, p521) = (curve("P-256"), curve("P-384"), curve("P-521"));
    let ed25519 = new(&["-algorithm", "ED25519"]);
    let rsa = std::fs::read("conf/keys/cheezeepay.pem").unwrap();
    let requests = signed_requests();
    for (nth, shipped) in SCHEMES.iter().enumerate() {
        let route = RouteToCopy::of(shipped);
        let name = route.name();
        let published = requests_for(&requests, shipped.file.slug, name).into_iter();
        let mut published = published.flat_map(|request| request["keys"].as_array().unwrap());
        let published = published.next().and_then(|key| key["value"].as_str());
        for secret in shipped.scheme.rules().named_secrets() {
            let file = format!("keys/{name}.{secret}");
            files.write_secret(&file, "a further secret, for tests");
        }
        let pem = format!("keys/{name}.pem");
        match route.kind() {
            _ if route.has_certificate() => files.write(&pem, published.unwrap()),
            KeyKind::Secret => {
                let key = shipped.scheme.definition().key.as_deref();
                let prefix = match key.is_some_and(|key| key.contains("prefix:whsec_")) {
                    true => "whsec_",
                    false => "",
                };
                // Hexadecimal digits that are base64, too; each scheme has its own.
                let new = format!("{prefix}{}", format!("{:016x}", nth + 0xabcdef).repeat(4));
                let file = format!("keys/{name}.secret");
                files.write_secret(&file, published.unwrap_or(&new))
            }
            KeyKind::Rsa => files.write(&pem, &rsa),
            KeyKind::Ec(Curve::P256) => files.write(&pem, &p256),
            KeyKind::Ec(Curve::P384) => files.write(&pem, &p384),
            KeyKind::Ec(Curve::P521) => files.write(&pem, &p521),
            KeyKind::Ed25519 => files.write(&pem, &ed25519),
            other => panic!("{name}: write a key of the kind {other}"),
        };
    }
}
