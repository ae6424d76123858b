//! The OpenSSL command line as an independent source of keys and signatures.

use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// A folder for keys in which OpenSSL runs.
pub(crate) struct OpenSsl {
    folder: tempfile::TempDir,
}

impl OpenSsl {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command, its words separated by spaces, and returns its output.
    pub(crate) fn run(&self, command: &str, input: &[u8]) -> Vec<u8> {
        let arguments: Vec<&str> = command.split(' ').collect();
        run(self.folder.path(), &arguments, input)
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, file: &str) -> String {
        let path = self.folder.path().join(file);
        path.into_os_string().into_string().unwrap()
    }

    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.path(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path(file), text).unwrap();
    }

    /// Generates a private key as a PKCS#8 PEM file. Returns the public key as PEM
    /// (SubjectPublicKeyInfo).
    pub(crate) fn rsa(&self, file: &str, bits: usize, exponent: u64) -> Vec<u8> {
        self.run(
            &format!(
                "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} \
                 -pkeyopt rsa_keygen_pubexp:{exponent} -out {file}"
            ),
            b"",
        );
        self.run(&format!("pkey -in {file} -pubout"), b"")
    }
}

/// Runs OpenSSL in a folder and returns its output.
pub(crate) fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl is there: scripts/setup --test brings it");
    // Some commands end without reading it.
    if let Err(error) = child.stdin.take().unwrap().write_all(input) {
        assert_eq!(error.kind(), ErrorKind::BrokenPipe, "openssl {arguments:?}");
    }
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "openssl {arguments:?}: {complaint}"
    );
    output.stdout
}
