//! Filters that digest.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{Filter, Run};

const fn digest(
    name: &'static str,
    run: fn(&[u8]) -> Vec<u8>,
    meaning: &'static str,
    examples: &'static [(&'static str, &'static str, Option<&'static str>)],
) -> Filter {
    Filter {
        name,
        parameters: &[],
        run: Run::Digest(run),
        meaning,
        examples,
    }
}

fn of<D: Digest>(bytes: &[u8]) -> Vec<u8> {
    D::digest(bytes).to_vec()
}

pub(super) const FILTERS: &[Filter] = &[
    digest(
        "md5",
        of::<Md5>,
        "The MD5 digest.",
        &[("md5", "abc", Some("900150983cd24fb0d6963f7d28e17f72"))],
    ),
    digest(
        "sha1",
        of::<Sha1>,
        "The SHA-1 digest.",
        &[(
            "sha1",
            "abc",
            Some("a9993e364706816aba3e25717850c26c9cd0d89d"),
        )],
    ),
    digest(
        "sha256",
        of::<Sha256>,
        "The SHA-256 digest.",
        &[(
            "sha256",
            "abc",
            Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        )],
    ),
    digest(
        "sha384",
        of::<Sha384>,
        "The SHA-384 digest.",
        &[(
            "sha384",
            "abc",
            Some(concat!(
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed",
                "8086072ba1e7cc2358baeca134c825a7"
            )),
        )],
    ),
    digest(
        "sha512",
        of::<Sha512>,
        "The SHA-512 digest.",
        &[(
            "sha512",
            "abc",
            Some(concat!(
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a",
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
            )),
        )],
    ),
    Filter {
        name: "crc32",
        parameters: &[],
        run: Run::Encode(|bytes, _, out| {
            out.put_str(&crc32fast::hash(bytes).to_string());
        }),
        meaning: "The CRC-32, as a decimal number. It is a checksum: anybody can make another body with the same.",
        examples: &[("crc32", "abc", Some("891568578"))],
    },
];
