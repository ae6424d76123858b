//! Configurations in a temporary directory, with the key files that they refer to.

use std::fs;
use std::path::{Path, PathBuf};

use countersign::config::{self, Loaded, Report};
use tempfile::TempDir;

use crate::openssl;

/// The smallest complete configuration: it listens on this address and answers `/r` itself. Further
/// tables go in front of it. [`Files::write_smallest`] writes its key.
pub(crate) fn smallest(address: &str) -> String {
    format!(
        r#"
[[listener]]
address = "{address}"
[[key]]
id = "k"
file = "k.pem"
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["k"]
upstream = "echo"
"#
    )
}

/// A directory with key files and configurations.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and creates its parent directories.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, contents).unwrap();
        path
    }

    /// Writes a file that only its owner can read.
    pub(crate) fn write_secret(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.write(name, contents);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Writes the public key from CheezeePay's documentation.
    pub(crate) fn write_key(&self, name: &str) -> PathBuf {
        self.write(name, fs::read("conf/keys/cheezeepay.pem").unwrap())
    }

    /// Writes the smallest configuration after these lines, as `c.toml`, and its key.
    pub(crate) fn write_smallest(&self, before: &str, address: &str) -> PathBuf {
        self.write_key("k.pem");
        self.write("c.toml", format!("{before}{}", smallest(address)))
    }

    /// Creates the certificate `<name>.pem` and its key `<name>.key`.
    pub(crate) fn write_certificate(&self, name: &str) {
        fs::create_dir_all(self.path().join(name).parent().unwrap()).unwrap();
        let (key, cert) = (format!("{name}.key"), format!("{name}.pem"));
        let curve = "ec_paramgen_curve:P-256";
        self.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            curve,
            "-nodes",
            "-subj",
            "/CN=a",
            "-addext",
            "subjectAltName=DNS:a.example",
            "-keyout",
            &key,
            "-out",
            &cert,
        ]);
    }

    /// Runs `openssl` in the directory and returns its output.
    pub(crate) fn openssl(&self, arguments: &[&str]) -> Vec<u8> {
        openssl::run(self.path(), arguments, b"")
    }

    /// Loads the text as `c.toml`.
    pub(crate) fn load(&self, text: &str) -> Result<Loaded, Report> {
        config::load(&self.write("c.toml", text))
    }
}

/// The report as text, with file names relative to the directory.
pub(crate) fn relative(report: &Report, files: &Files) -> String {
    let directory = format!("{}/", files.path().display());
    report.to_string().replace(&directory, "")
}
