//! A real Redis server.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::tls::Authority;
use super::{PATIENCE, address};

/// A Redis server that can be killed and restarted with the data that it saved.
pub(crate) struct RedisServer {
    pub(crate) address: SocketAddr,
    child: Option<Child>,
    program: &'static str,
    lines: Vec<String>,
    directory: TempDir,
    password: Option<String>,
}

impl RedisServer {
    /// A server that syncs every change to disk before it answers. `appendfsync everysec` can lose
    /// confirmed writes even if only the process dies: Redis postpones a write during a sync.
    pub(crate) fn start() -> Self {
        Self::with(&["appendonly yes", "appendfsync always"])
    }

    /// A server with these configuration lines.
    pub(crate) fn with(lines: &[&str]) -> Self {
        Self::run("redis-server", address::unused(), lines, None)
    }

    /// A server that accepts only TLS. The authority issues its certificate, `<file>.pem`, for the
    /// server's address or for another name.
    pub(crate) fn with_tls(authority: &Authority, file: &str, name: Option<&str>) -> Self {
        let address = address::unused();
        let own = format!("IP:{}", address.ip());
        authority.issue(file, name.unwrap_or(&own));
        let path = |end: &str| authority.path(&format!("{file}.{end}"));
        let lines = [
            "port 0".to_owned(),
            "tls-port $PORT".to_owned(),
            format!("tls-cert-file {}", path("pem")),
            format!("tls-key-file {}", path("key")),
            format!("tls-ca-cert-file {}", authority.path("ca.pem")),
            "tls-auth-clients no".to_owned(),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        Self::run("redis-server", address, &lines, None)
    }

    /// A server that requires a password.
    pub(crate) fn with_password(password: &str) -> Self {
        let line = format!("requirepass {password}");
        Self::run("redis-server", address::unused(), &[&line], Some(password))
    }

    /// A Sentinel that monitors a server.
    pub(crate) fn sentinel(of: &Self) -> Self {
        let line = format!(
            "sentinel monitor mymaster {} {} 1",
            of.address.ip(),
            of.address.port()
        );
        let down = "sentinel down-after-milliseconds mymaster 500";
        let failover = "sentinel failover-timeout mymaster 2000";
        Self::run(
            "redis-sentinel",
            address::unused(),
            &[&line, down, failover],
            None,
        )
    }

    /// A replica of another server.
    pub(crate) fn replica(of: &Self) -> Self {
        let line = format!("replicaof {} {}", of.address.ip(), of.address.port());
        Self::with(&[&line, "replica-announce-ip $HOST"])
    }

    /// A node for a cluster that the test creates later.
    pub(crate) fn cluster_node() -> Self {
        Self::with(&[
            "cluster-enabled yes",
            "cluster-node-timeout 5000",
            "cluster-announce-ip $HOST",
        ])
    }

    fn run(
        program: &'static str,
        address: SocketAddr,
        lines: &[&str],
        password: Option<&str>,
    ) -> Self {
        let mut server = Self {
            address,
            child: None,
            program,
            lines: lines.iter().map(|&line| line.to_owned()).collect(),
            directory: tempfile::tempdir().unwrap(),
            password: password.map(str::to_owned),
        };
        server.start_again();
        server
    }

    /// Starts the server at the same address with the data that it saved.
    pub(crate) fn start_again(&mut self) {
        let file = self.file("redis.conf");
        if !file.exists() {
            let (port, host) = (self.address.port(), self.address.ip());
            let folder = self.directory.path().display();
            let mut text = format!("bind {host}\ndir {folder}\nsave \"\"\n");
            if !self.lines.iter().any(|line| line.starts_with("tls-port")) {
                text += &format!("port {port}\n");
            }
            for line in &self.lines {
                text += &line
                    .replace("$PORT", &port.to_string())
                    .replace("$HOST", &host.to_string());
                text.push('\n');
            }
            fs::write(&file, text).unwrap();
        }
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.file("log"))
            .unwrap();
        let child = Command::new(self.program)
            .arg(&file)
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("redis-server (scripts/setup --test)");
        self.child = Some(child);
        let deadline = Instant::now() + PATIENCE;
        while !self.is_ready() {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            if ended.is_some() || Instant::now() >= deadline {
                let log = fs::read_to_string(self.file("log")).unwrap();
                panic!("{} does not answer ({ended:?}):\n{log}", self.program);
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn is_ready(&self) -> bool {
        if self.lines.iter().any(|line| line.starts_with("tls-port")) {
            return TcpStream::connect(self.address).is_ok();
        }
        self.try_ask(&["PING"])
            .is_some_and(|answer| answer == "PONG")
    }

    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Sends a command and returns the reply: its first line, or the text of a bulk string.
    pub(crate) fn ask(&self, words: &[&str]) -> String {
        self.try_ask(words).unwrap()
    }

    fn try_ask(&self, words: &[&str]) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        if let Some(password) = &self.password {
            stream.write_all(&command(&["AUTH", password])).ok()?;
        }
        stream.write_all(&command(words)).ok()?;
        let mut reader = BufReader::new(stream);
        if self.password.is_some() {
            reply(&mut reader)?;
        }
        reply(&mut reader)
    }
}

fn command(words: &[&str]) -> Vec<u8> {
    let mut text = format!("*{}\r\n", words.len());
    for word in words {
        text += &format!("${}\r\n{word}\r\n", word.len());
    }
    text.into_bytes()
}

fn reply(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let line = line.trim_end();
    if let Some(length) = line
        .strip_prefix('$')
        .and_then(|length| length.parse().ok())
    {
        let mut text = vec![0; length];
        reader.read_exact(&mut text).ok()?;
        return Some(String::from_utf8_lossy(&text).into_owned());
    }
    Some(line.get(1..)?.to_owned())
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // The process may already have exited.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
