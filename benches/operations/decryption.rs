//! How decryption on one route affects callbacks on another.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::load::{Load, Shot, read_answer};
use crate::support::encrypter::{self, Plain};
use crate::support::signer::Signer;
use crate::support::{Origin, Proxy, Setup};

/// How long each case is measured.
const LASTING: Duration = Duration::from_secs(12);

/// The time from one measured callback to the next.
const PACE: Duration = Duration::from_millis(4);

/// The number of concurrent callbacks that need decryption.
const SEALED: usize = 4;

pub(crate) fn run() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (private, public) = (file("merchant.key"), file("merchant.pub"));
    let openssl = |arguments: &[&str]| {
        assert!(
            Command::new("openssl")
                .args(arguments)
                .status()
                .unwrap()
                .success()
        );
    };
    openssl(&["genrsa", "-out", &private, "2048"]);
    openssl(&["pkey", "-in", &private, "-pubout", "-out", &public]);
    let plain = Plain {
        cipher: "OPENSSL_PKCS1_PADDING",
        text: b"6222 0000 1111 2222".to_vec(),
        ..Plain::default()
    };
    let value = encrypter::php(&public, &[plain]).remove(0);
    let origin = Origin::start();
    for values in [0, 1, 4, 64] {
        let proxy = Setup::new()
            .top("workers = 2\n[log]\naccess = \"off\"")
            .tables(&format!(
                "[[decryption_key]]\nid = \"m\"\nfile = \"{private}\"\n"
            ))
            .sgate("name = \"plain\"\npath = \"/plain\"\nmax_age = \"1h\"")
            .sgate(
                "name = \"sealed\"\npath = \"/sealed\"\nmax_age = \"1h\"\n\
                 decrypt = \"sgate-sensitive\"\ndecrypt_keys = [\"m\"]",
            )
            .origin(&origin)
            .start();
        let sealed = (values > 0).then(|| {
            let value = format!("{{\"cardno\":\"{value}\"}}");
            let values = vec![value; values].join(",");
            let body = format!("{{\"event\":\"E\",\"data\":[{values}],\"time\":7}}")
                .replace("\"data\":[", "\"data\":{\"x\":[")
                .replace("],\"time\"", "]},\"time\"");
            let shot = || Shot {
                bytes: Signer::get().sgate("/sealed", body.clone()).with_length(),
                expected: 200,
            };
            Load::start(proxy.address, SEALED, vec![shot(), shot()])
        });
        let times = measure(&proxy);
        let answered = sealed.map(|load| {
            let counts = load.stop();
            let count = |count: &std::sync::atomic::AtomicU64| {
                count.load(std::sync::atomic::Ordering::Relaxed)
            };
            assert_eq!((count(&counts.wrong), count(&counts.failed)), (0, 0));
            count(&counts.right)
        });
        let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_micros();
        println!(
            "{} clients with {values} encrypted values: {:.0} callbacks a second; meanwhile {} plain ones \
             in µs: half {}, 99 of 100 {}, 999 of 1000 {}, all {}",
            if values > 0 { SEALED } else { 0 },
            answered.unwrap_or(0) as f64 / LASTING.as_secs_f64(),
            times.len(),
            at(0.5),
            at(0.99),
            at(0.999),
            at(1.0),
        );
    }
}

/// Sends a plain callback at intervals; returns how long each took, sorted. If a callback has to
/// wait for the previous one, its time includes the wait.
fn measure(proxy: &Proxy) -> Vec<Duration> {
    let callback = Signer::get()
        .sgate("/plain", "{\"event\":\"E\"}")
        .with_length();
    let mut stream = TcpStream::connect(proxy.address).unwrap();
    stream.set_nodelay(true).unwrap();
    let started = Instant::now();
    let mut times = Vec::new();
    let mut next = started;
    while started.elapsed() < LASTING {
        stream.write_all(&callback).unwrap();
        assert_eq!(read_answer(&mut stream), Some((200, true)));
        times.push(next.elapsed());
        next += PACE;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    times.sort_unstable();
    times
}
