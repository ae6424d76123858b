//! A process that holds keys: keys from the environment, another user, no core dumps.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::Keys;
use super::proxy::{encrypted, event};
use crate::core_dumps;
use crate::support::signer::Signer;
use crate::support::{Admin, Origin, Proxy, Setup};

const VARIABLE: &str = "COUNTERSIGN_TEST_MERCHANT_KEY";

const KEY: &str =
    "[[decryption_key]]\nid = \"merchant\"\nenv = \"COUNTERSIGN_TEST_MERCHANT_KEY\"\n";
const ROUTE: &str = "name = \"sgate\"\npath = \"/cb\"\ndecrypt = \"sgate-sensitive\"\ndecrypt_keys = [\"merchant\"]";

fn key() -> String {
    String::from_utf8(Keys::get().openssl.read("merchant.pem")).unwrap()
}

fn body() -> String {
    event([
        "\"\"",
        "\"\"",
        &format!("\"{}\"", encrypted()[2]),
        "\"\"",
        "\"\"",
    ])
}

fn core_limit(proxy: &Proxy) -> Vec<String> {
    core_dumps::core_limit(&proxy.pid().to_string())
}

/// Whether root owns the process's files in /proc, which is so if the process is not dumpable.
fn belongs_to_root(proxy: &Proxy) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let environment = format!("/proc/{}/environ", proxy.pid());
    fs::metadata(environment).unwrap().uid() == 0
}

#[test]
fn a_key_from_the_environment_survives_an_upgrade() {
    let origin = Origin::start();
    let proxy = Setup::new()
        .environment(VARIABLE, &key())
        .tables(KEY)
        .sgate(ROUTE)
        .origin(&origin)
        .start();
    let send = || {
        assert_eq!(Signer::get().sgate("/cb", body()).send(&proxy).status, 200);
        let received = origin.last();
        assert_eq!(
            received.header("X-Verified-Decrypted"),
            Some("/data/cardno")
        );
    };
    send();
    assert_eq!(core_limit(&proxy), ["0", "0"]);
    proxy.upgrade();
    send();
    assert_eq!(core_limit(&proxy), ["0", "0"]);
}

/// A process that is not dumpable cannot read some of its own files in /proc. Metrics, and upgrades
/// to the same program, must work nevertheless.
#[test]
fn another_user_makes_no_core_dumps_and_still_counts_its_descriptors() {
    let origin = Origin::start();
    let mut setup = Setup::new()
        .environment(VARIABLE, &key())
        .tables(KEY)
        .sgate(ROUTE);
    let is_root = nix::unistd::geteuid().is_root();
    if is_root {
        setup = setup.top("user = \"nobody\"").command(|_, directory| {
            fs::set_permissions(directory, Permissions::from_mode(0o755)).unwrap();
        });
    }
    let admin = Admin::new();
    let proxy = setup.admin(&admin).origin(&origin).start();
    assert_eq!(core_limit(&proxy), ["0", "0"]);
    assert!(belongs_to_root(&proxy));
    let metrics = admin.metrics();
    assert!(metrics.value("process_open_fds").unwrap() > 3.0);
    assert!(metrics.value("process_max_fds").unwrap() > 3.0);
    assert!(metrics.value("process_cpu_seconds_total").unwrap() >= 0.0);
    proxy.upgrade();
    assert!(belongs_to_root(&proxy));
    assert_eq!(Signer::get().sgate("/cb", body()).send(&proxy).status, 200);
}

#[test]
fn a_reload_with_the_first_decryption_key_disables_core_dumps() {
    let proxy = Setup::new()
        .environment(VARIABLE, &key())
        .sgate("name = \"sgate\"\npath = \"/cb\"\nupstream = \"echo\"\n#decrypt")
        .start();
    assert_eq!(core_limit(&proxy)[1], core_dumps::core_limit("self")[1]);
    proxy.reconfigure(|text| {
        let decrypt = "decrypt = \"sgate-sensitive\"\ndecrypt_keys = [\"merchant\"]";
        text.replace("#decrypt", decrypt) + KEY
    });
    proxy.error_line("reloaded");
    assert_eq!(core_limit(&proxy), ["0", "0"]);
}

#[test]
fn a_dump_names_the_variable_and_not_the_key() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("c.toml");
    let public = Signer::get().public_key_file();
    let text = format!(
        "[[listener]]\naddress = \"127.0.0.1:0\"\n[[key]]\nid = \"k\"\nfile = \"{public}\"\n{KEY}\
         [[route]]\nscheme = \"sgate\"\nkeys = [\"k\"]\nupstream = \"echo\"\n{ROUTE}\n"
    );
    fs::write(&file, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["-T", "-c"])
        .arg(&file)
        .env(VARIABLE, key())
        .output()
        .unwrap();
    assert!(output.status.success());
    let dump = String::from_utf8(output.stdout).unwrap();
    assert!(dump.contains(&format!("env = \"{VARIABLE}\"")), "{dump}");
    assert!(dump.contains("decrypt = \"sgate-sensitive\""), "{dump}");
    assert!(!dump.contains("PRIVATE"), "{dump}");
}
