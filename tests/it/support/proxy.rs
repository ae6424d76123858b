//! Runs the program itself with a configuration that the test builds.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _, stderr};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::signer::Signer;
use super::{Origin, PATIENCE, address};

/// The address in the committed configuration.
pub(crate) const COMMITTED_ADDRESS: &str = "127.0.0.1:8080";

/// Builds a configuration with one listener, the vectors' keys, the signer's key and JSON logs.
pub(crate) struct Setup {
    top: String,
    tables: String,
    http2: bool,
    listener: String,
    environment: Vec<(String, String)>,
    command: Run,
}

/// A change to the command that runs the program.
type Run = Box<dyn FnOnce(&mut Command, &Path)>;

/// The running program.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    pub(crate) child: Child,
    /// The process that serves: the child, or the process that took over last.
    serving: AtomicU32,
    access: Receiver<String>,
    errors: Receiver<String>,
    directory: TempDir,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self {
            top: String::new(),
            tables: String::new(),
            http2: false,
            listener: String::new(),
            environment: Vec::new(),
            command: Box::new(|_, _| {}),
        }
    }

    /// Changes the command that runs the program; `change` also gets the configuration's directory.
    pub(crate) fn command(mut self, change: impl FnOnce(&mut Command, &Path) + 'static) -> Self {
        self.command = Box::new(change);
        self
    }

    /// Adds top-level lines.
    pub(crate) fn top(mut self, lines: &str) -> Self {
        self.top.push_str(lines);
        self.top.push('\n');
        self
    }

    /// Adds tables.
    pub(crate) fn tables(mut self, tables: &str) -> Self {
        self.tables.push_str(tables);
        self.tables.push('\n');
        self
    }

    /// Adds a route with these lines, and `upstream = "origin"` unless they name an upstream.
    pub(crate) fn route(self, lines: &str) -> Self {
        let upstream = if lines.contains("upstream =") {
            ""
        } else {
            "upstream = \"origin\""
        };
        self.tables(&format!("[[route]]\n{lines}\n{upstream}"))
    }

    /// Adds a route for callbacks that the signer signs with the SGate scheme.
    pub(crate) fn sgate(self, lines: &str) -> Self {
        self.route(&format!(
            "scheme = \"sgate\"\nkeys = [\"signer\"]\nexpose_reason = true\n{lines}"
        ))
    }

    /// Adds a route for callbacks that the signer signs with the CheezeePay scheme.
    pub(crate) fn cheezeepay(self, lines: &str) -> Self {
        self.route(&format!(
            "scheme = \"cheezeepay\"\nkeys = [\"signer\"]\nexpose_reason = true\n{lines}"
        ))
    }

    /// Adds the upstream `origin` with these servers.
    pub(crate) fn servers(self, servers: &[SocketAddr], lines: &str) -> Self {
        let servers: Vec<String> = servers
            .iter()
            .map(|server| format!("\"{server}\""))
            .collect();
        self.tables(&format!(
            "[[upstream]]\nname = \"origin\"\nservers = [{}]\n{lines}",
            servers.join(", ")
        ))
    }

    /// Adds the upstream `origin` with this backend.
    pub(crate) fn origin(self, origin: &Origin) -> Self {
        self.servers(&[origin.address], "")
    }

    /// Sets an environment variable.
    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Has the program read the wall clock from a file, as an offset such as `+3600`: it changes with the
    /// file. Time that passes is left alone.
    pub(crate) fn clock(self, file: &Path) -> Self {
        self.environment("LD_PRELOAD", "/usr/$LIB/faketime/libfaketimeMT.so.1")
            .environment("FAKETIME_TIMESTAMP_FILE", file.to_str().unwrap())
            .environment("FAKETIME_NO_CACHE", "1")
            .environment("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }

    /// Enables HTTP/2.
    pub(crate) fn http2(mut self) -> Self {
        self.http2 = true;
        self
    }

    /// Adds lines to the listener.
    pub(crate) fn listener(mut self, lines: &str) -> Self {
        self.listener.push_str(lines);
        self.listener.push('\n');
        self
    }

    /// Starts the program and waits until it listens.
    pub(crate) fn start(self) -> Proxy {
        let directory = tempfile::tempdir().unwrap();
        let address = address::unused();
        let root = env!("CARGO_MANIFEST_DIR");
        let mut text = format!("{}\n", self.top);
        if !self.top.contains("workers =") {
            text.insert_str(0, "workers = 1\n");
        }
        if !self.top.contains("[log]") {
            text.push_str("[log]\nformat = \"json\"\n");
        }
        write!(
            text,
            "[[listener]]\naddress = \"{address}\"\nhttp2 = {}\n{}",
            self.http2, self.listener
        )
        .unwrap();
        for (id, file) in [
            (
                "cheezeepay-platform",
                format!("{root}/conf/keys/cheezeepay.pem"),
            ),
            (
                "cheezeepay-vectors",
                format!("{root}/tests/vectors/cheezee_pub.pem"),
            ),
            (
                "sgate-vectors",
                format!("{root}/tests/vectors/sgate_pub.pem"),
            ),
            ("signer", Signer::get().public_key_file()),
        ] {
            write!(text, "[[key]]\nid = \"{id}\"\nfile = \"{file}\"\n").unwrap();
        }
        text.push_str(&self.tables);
        let (environment, change) = (self.environment, self.command);
        let change: Run = Box::new(move |command, directory| {
            command.envs(environment);
            change(command, directory);
        });
        start(directory, address, &text, change)
    }
}

/// Starts the program with the committed configuration, on another address.
pub(crate) fn start_committed() -> Proxy {
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("keys");
    fs::create_dir(&keys).unwrap();
    for file in fs::read_dir("conf/keys").unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), keys.join(file.file_name())).unwrap();
    }
    let text = fs::read_to_string("conf/countersign.toml").unwrap();
    let address = address::unused();
    let listens_on = format!("\naddress = \"{COMMITTED_ADDRESS}\"");
    assert!(text.contains(&listens_on));
    let text = text.replace(&listens_on, &format!("\naddress = \"{address}\""));
    start(directory, address, &text, Box::new(|_, _| {}))
}

/// Starts the program with the Debian package's configuration, in its own directory. It forwards
/// the signer's callbacks to this origin.
pub(crate) fn start_packaged(origin: &Origin) -> Proxy {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path().to_str().unwrap();
    for name in ["keys", "routes"] {
        fs::create_dir(directory.path().join(name)).unwrap();
    }
    let key = directory.path().join("keys/cheezeepay.pem");
    fs::copy(Signer::get().public_key_file(), key).unwrap();
    let address = address::unused();
    let mut text = fs::read_to_string("dist/debian/countersign.toml").unwrap();
    for (there, here) in [
        (COMMITTED_ADDRESS, address.to_string().as_str()),
        ("/run/countersign", here),
        ("/var/log/countersign/access.log", "stdout"),
        ("/var/log/countersign/error.log", "stderr"),
        ("/var/lib/countersign", here),
        ("upstream = \"echo\"", "upstream = \"origin\""),
    ] {
        assert!(text.contains(there), "{there}");
        text = text.replace(there, here);
    }
    let upstream = format!(
        "[[upstream]]\nname = \"origin\"\nservers = [\"{}\"]\n",
        origin.address
    );
    start(directory, address, &(text + &upstream), Box::new(|_, _| {}))
}

fn start(directory: TempDir, address: SocketAddr, text: &str, change: Run) -> Proxy {
    let file = directory.path().join("countersign.toml");
    fs::write(&file, text).unwrap();
    // Through a symlink, so that a test can point it to another program.
    let program = directory.path().join("countersign");
    symlink(env!("CARGO_BIN_EXE_countersign"), &program).unwrap();
    let mut command = Command::new(program);
    command.arg("-c").arg(&file);
    change(&mut command, directory.path());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let access = lines(child.stdout.take().unwrap());
    let errors = lines(child.stderr.take().unwrap());
    let mut proxy = Proxy {
        address,
        serving: AtomicU32::new(child.id()),
        child,
        access,
        errors,
        directory,
    };
    proxy.wait_until_listening();
    proxy
}

impl Proxy {
    fn wait_until_listening(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while !is_served(self.address) {
            if let Some(status) = self.child.try_wait().unwrap() {
                let report: Vec<String> = self.errors.iter().collect();
                panic!("{status}\n{}", report.join("\n"));
            }
            assert!(Instant::now() < deadline, "it does not listen");
            thread::yield_now();
        }
    }

    /// The process ID of the child.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The path of a file next to the configuration.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Changes the configuration file and requests a reload without waiting for it.
    pub(crate) fn reconfigure(&self, change: impl Fn(&str) -> String) {
        let file = self.directory.path().join("countersign.toml");
        let text = fs::read_to_string(&file).unwrap();
        let changed = change(&text);
        assert_ne!(text, changed);
        fs::write(&file, changed).unwrap();
        self.signal("HUP");
    }

    /// Waits for the next line of the access log.
    pub(crate) fn access_line(&self) -> String {
        self.access.recv_timeout(PATIENCE).unwrap()
    }

    /// Waits for the next line of the access log and parses it as JSON.
    pub(crate) fn access(&self) -> Value {
        serde_json::from_str(&self.access_line()).unwrap()
    }

    /// Waits for a line of the error log that contains this text.
    pub(crate) fn error_line(&self, text: &str) -> String {
        loop {
            let line = self.errors.recv_timeout(PATIENCE).unwrap();
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Waits for a line of the error log that contains this text, and returns those before it.
    pub(crate) fn error_lines_before(&self, text: &str) -> Vec<String> {
        let mut before = Vec::new();
        loop {
            let line = self.errors.recv_timeout(PATIENCE).unwrap();
            if line.contains(text) {
                return before;
            }
            before.push(line);
        }
    }

    /// Waits for a line of the error log that contains this text, and returns it behind those before it.
    pub(crate) fn error_lines_up_to(&self, text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while lines
            .last()
            .is_none_or(|line: &String| !line.contains(text))
        {
            lines.push(self.errors.recv_timeout(PATIENCE).unwrap());
        }
        lines
    }

    /// The lines of the error log that come within this time.
    pub(crate) fn error_lines_for(&self, time: Duration) -> Vec<String> {
        let end = Instant::now() + time;
        let left = || end.saturating_duration_since(Instant::now());
        std::iter::from_fn(|| self.errors.recv_timeout(left()).ok()).collect()
    }

    /// Waits for lines of the error log that contain these texts, in any order: if two processes
    /// write to the log, either may be first.
    pub(crate) fn error_lines<const N: usize>(&self, texts: [&str; N]) -> [String; N] {
        let mut found = [const { String::new() }; N];
        while found.iter().any(String::is_empty) {
            let line = self.errors.recv_timeout(PATIENCE).unwrap();
            let missing = texts
                .iter()
                .zip(&mut found)
                .filter(|(_, found)| found.is_empty());
            for (_, found) in missing.filter(|(text, _)| line.contains(**text)) {
                found.clone_from(&line);
            }
        }
        found
    }

    /// The directory of the configuration and of `countersign`, a symlink to the program.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The ID of the process that serves.
    pub(crate) fn pid(&self) -> u32 {
        self.serving.load(Ordering::Relaxed)
    }

    /// Starts an upgrade and waits until the new process takes over.
    pub(crate) fn upgrade(&self) {
        self.signal("USR2");
        self.taken_over();
    }

    /// Waits until a new process takes over.
    pub(crate) fn taken_over(&self) {
        self.taken_over_saying("takes over");
    }

    /// Waits until a new process takes over and either process logs this text.
    pub(crate) fn taken_over_saying(&self, text: &str) {
        self.taken_over_saying_all(["takes over", text]);
    }

    /// Waits until a new process takes over and both processes have logged all of these texts, in
    /// any order. The first text must be the takeover itself.
    pub(crate) fn taken_over_saying_all<const N: usize>(&self, texts: [&str; N]) {
        let lines = self.error_lines(texts);
        let line = &lines[0];
        let pid = line.split("process ").nth(1).unwrap();
        let pid = pid.split(' ').next().unwrap().parse().unwrap();
        self.serving.store(pid, Ordering::Relaxed);
    }

    /// Tells, for a test that fails, whether the process that was started had ended by itself.
    fn report_end(&mut self) {
        if let Ok(Some(status)) = self.child.try_wait() {
            let said: Vec<String> = self.errors.try_iter().collect();
            let said = said.join("\n");
            let _ = writeln!(stderr(), "the proxy had ended: {status}\n{said}");
        }
    }

    /// Whether a process runs the program from this test's directory.
    fn is_ours(&self, pid: u32) -> bool {
        let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let directory = self.directory.path().as_os_str().as_bytes();
        command
            .windows(directory.len())
            .any(|part| part == directory)
    }

    /// Sends a signal to the process that serves.
    pub(crate) fn signal(&self, name: &str) {
        assert!(kill(name, self.pid()));
    }

    /// Waits until the program exits; returns the exit code and the remaining lines of both logs.
    pub(crate) fn ended(mut self) -> (Option<i32>, Vec<String>, Vec<String>) {
        let deadline = Instant::now() + 2 * PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            let still = "the program runs on: did the test make it end?";
            assert!(Instant::now() < deadline, "{still}");
            thread::sleep(Duration::from_millis(5));
        };
        let rest = |lines: &Receiver<String>| -> Vec<String> {
            let next = || lines.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            let rest = std::iter::from_fn(|| match next() {
                Ok(line) => Some(line),
                Err(RecvTimeoutError::Disconnected) => None,
                Err(RecvTimeoutError::Timeout) => panic!("another process has the logs open"),
            });
            rest.collect()
        };
        let (access, errors) = (rest(&self.access), rest(&self.errors));
        (status.code(), access, errors)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if thread::panicking() {
            self.report_end();
        }
        // The process may already have exited.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // By now, the number may belong to another test's process.
        if self.pid() != self.child.id() && self.is_ours(self.pid()) {
            kill("KILL", self.pid());
        }
    }
}

/// Sends a signal; returns `false` if there is no such process.
pub(crate) fn kill(signal: &str, pid: u32) -> bool {
    let sent = Command::new("kill")
        .args([format!("-{signal}"), pid.to_string()])
        .stderr(Stdio::null())
        .status();
    sent.unwrap().success()
}

/// Whether the proxy accepts connections, rather than the kernel only queueing them. The proxy
/// closes a connection that ends without sending anything, and logs nothing about it.
fn is_served(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // The proxy may already have closed the connection for another reason. That counts, too.
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read(&mut [0]);
    true
}

/// Sends each line of a stream as it arrives.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive): (Sender<String>, _) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}
