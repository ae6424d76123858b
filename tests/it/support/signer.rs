//! A payment platform for the tests. It has its own key and signs with the `openssl` command.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use super::Callback;
use crate::openssl;

/// The API key of SGate callbacks.
pub(crate) const API_KEY: &str = "mk_test";

pub(crate) struct Signer {
    directory: TempDir,
}

impl Signer {
    /// The signer of this test run.
    pub(crate) fn get() -> &'static Self {
        static SIGNER: OnceLock<Signer> = OnceLock::new();
        SIGNER.get_or_init(Self::new)
    }

    /// A second signer with a different key.
    pub(crate) fn second() -> &'static Self {
        static SIGNER: OnceLock<Signer> = OnceLock::new();
        SIGNER.get_or_init(Self::new)
    }

    fn new() -> Self {
        let signer = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        let (private, public) = (signer.file("private.pem"), signer.file("public.pem"));
        signer.openssl(&["genpkey", "-algorithm", "RSA", "-out", &private], b"");
        signer.openssl(&["pkey", "-in", &private, "-pubout", "-out", &public], b"");
        signer
    }

    fn openssl(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        openssl::run(self.directory.path(), arguments, input)
    }

    fn file(&self, name: &str) -> String {
        let path: PathBuf = self.directory.path().join(name);
        path.into_os_string().into_string().unwrap()
    }

    pub(crate) fn public_key_file(&self) -> String {
        self.file("public.pem")
    }

    pub(crate) fn private_key_file(&self) -> String {
        self.file("private.pem")
    }

    /// An RSASSA-PKCS1-v1_5 signature in base64.
    pub(crate) fn sign(&self, digest: &str, content: &[u8]) -> String {
        let digest = format!("-{digest}");
        let private = self.private_key_file();
        STANDARD.encode(self.openssl(&["dgst", &digest, "-sign", &private], content))
    }

    /// A CheezeePay callback. `fields` are the members of a JSON object as `"name":value`, in the
    /// order of signing; values are plain strings or integers.
    pub(crate) fn cheezeepay(&self, target: &str, fields: &[(&str, &str)]) -> Callback {
        let content: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", value.trim_matches('"')))
            .collect();
        let sign = self.sign("sha256", content.join("&").as_bytes());
        let mut body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        body.push(format!("\"sign\":\"{sign}\""));
        Callback::post(target, format!("{{{}}}", body.join(",")))
            .header("Content-Type", "application/json")
    }

    /// An SGate callback with the current time. `body` must not need escapes that `serde_json` does
    /// not write.
    pub(crate) fn sgate(&self, target: &str, body: impl Into<Vec<u8>>) -> Callback {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        self.sgate_at(target, target, body, &now.as_secs().to_string(), "a-nonce")
    }

    /// An SGate callback sent to one target and signed for another.
    pub(crate) fn sgate_at(
        &self,
        sent: &str,
        signed: &str,
        body: impl Into<Vec<u8>>,
        timestamp: &str,
        nonce: &str,
    ) -> Callback {
        let body = body.into();
        let text = serde_json::to_string(std::str::from_utf8(&body).unwrap()).unwrap();
        let content = format!(
            "{{\"api_key\":\"{API_KEY}\",\"timestamp\":{timestamp},\"nonce_str\":\"{nonce}\",\
             \"url\":\"{signed}\",\"method\":\"POST\",\"body\":{text}}}"
        );
        let digest = self.openssl(&["dgst", "-md5", "-r"], content.as_bytes());
        let signature = self.sign("md5", &digest[..32]);
        Callback::post(sent, body)
            .header("Content-Type", "application/json")
            .header("V-Api-Key", API_KEY)
            .header("V-Api-Version", "1")
            .header("V-Timestamp", timestamp)
            .header("V-Nonce-Str", nonce)
            .header("V-Signature", signature)
    }
}
