//! The program itself, run with a configuration of the test's own.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _, stderr};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use super::signer::Signer;
use super::{Origin, PATIENCE, address};

/// Where the committed configuration listens.
pub(crate) const COMMITTED_ADDRESS: &str = "127.0.0.1:8080";

/// A configuration in the making: one listener, the keys of the vectors and of the signer, logs as
/// JSON.
pub(crate) struct Setup {
    top: String,
    tables: String,
    http2: bool,
    listener: String,
    environment: Vec<(String, String)>,
    command: Run,
}

/// Changes the command that runs the program.
type Run = Box<dyn FnOnce(&mut Command, &Path)>;

/// The running program.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    pub(crate) child: Child,
    /// The process that serves: the child, or the one that took over last.
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

    /// Changes the command that runs the program, given the directory of its configuration.
    pub(crate) fn command(mut self, change: impl FnOnce(&mut Command, &Path) + 'static) -> Self {
        self.command = Box::new(change);
        self
    }

    /// Adds lines at the top level.
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

    /// Adds a route with `name`, `scheme` and `keys` by these lines, and `upstream = "origin"`.
    pub(crate) fn route(self, lines: &str) -> Self {
        let upstream = if lines.contains("upstream =") {
            ""
        } else {
            "upstream = \"origin\""
        };
        self.tables(&format!("[[route]]\n{lines}\n{upstream}"))
    }

    /// A route for callbacks that the signer signs as SGate does.
    pub(crate) fn sgate(self, lines: &str) -> Self {
        self.route(&format!(
            "scheme = \"sgate\"\nkeys = [\"signer\"]\nexpose_reason = true\n{lines}"
        ))
    }

    /// A route for callbacks that the signer signs as CheezeePay does.
    pub(crate) fn cheezeepay(self, lines: &str) -> Self {
        self.route(&format!(
            "scheme = \"cheezeepay\"\nkeys = [\"signer\"]\nexpose_reason = true\n{lines}"
        ))
    }

    /// The upstream `origin`, with these servers.
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

    /// The upstream `origin`.
    pub(crate) fn origin(self, origin: &Origin) -> Self {
        self.servers(&[origin.address], "")
    }

    /// Runs with this variable.
    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Speaks HTTP/2, too.
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

    /// Runs the program and waits until it listens.
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

/// Runs the program with the committed configuration, listening elsewhere.
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

/// Runs the program with the Debian package's configuration, in a directory of its own: it forwards to
/// this origin what the signer signs.
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
    // Through a link of its own, which a test may turn to another program.
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

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// A file beside the configuration.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Changes the configuration file and asks for a reload; does not wait for it.
    pub(crate) fn reconfigure(&self, change: impl Fn(&str) -> String) {
        let file = self.directory.path().join("countersign.toml");
        let text = fs::read_to_string(&file).unwrap();
        let changed = change(&text);
        assert_ne!(text, changed);
        fs::write(&file, changed).unwrap();
        self.signal("HUP");
    }

    /// The next line of the access log.
    pub(crate) fn access_line(&self) -> String {
        self.access.recv_timeout(PATIENCE).unwrap()
    }

    /// The next line of the access log, as JSON.
    pub(crate) fn access(&self) -> Value {
        serde_json::from_str(&self.access_line()).unwrap()
    }

    /// Waits for a line of the error log that holds this text.
    pub(crate) fn error_line(&self, text: &str) -> String {
        loop {
            let line = self.errors.recv_timeout(PATIENCE).unwrap();
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Waits for lines of the error log that hold these texts, in whatever order: of two processes
    /// that write to it, either can be first.
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

    /// Where its configuration is, and a link `countersign` to the program.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The process that serves.
    pub(crate) fn pid(&self) -> u32 {
        self.serving.load(Ordering::Relaxed)
    }

    /// Has the program started anew, and waits until the new process takes over.
    pub(crate) fn upgrade(&self) {
        self.signal("USR2");
        self.taken_over();
    }

    /// Waits until a new process takes over.
    pub(crate) fn taken_over(&self) {
        self.taken_over_saying("takes over");
    }

    /// Waits until a new process takes over and one of the two says that.
    pub(crate) fn taken_over_saying(&self, text: &str) {
        self.taken_over_saying_all(["takes over", text]);
    }

    /// Waits until a new process takes over and the two have said all of that, in any order; the first
    /// is that it takes over.
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

    /// Waits for the end; gives the exit code and what is left of both logs.
    pub(crate) fn ended(mut self) -> (Option<i32>, Vec<String>, Vec<String>) {
        let status = self.child.wait().unwrap();
        let access = self.access.iter().collect();
        let errors = self.errors.iter().collect();
        (status.code(), access, errors)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if thread::panicking() {
            self.report_end();
        }
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // By now, the number may belong to another test's process.
        if self.pid() != self.child.id() && self.is_ours(self.pid()) {
            kill("KILL", self.pid());
        }
    }
}

/// Sends a signal; `false` if there is no such process.
pub(crate) fn kill(signal: &str, pid: u32) -> bool {
    let sent = Command::new("kill")
        .args([format!("-{signal}"), pid.to_string()])
        .stderr(Stdio::null())
        .status();
    sent.unwrap().success()
}

/// Whether connections are taken there, and not only kept waiting by the system: one that says
/// nothing and ends is ended by the proxy, too, without a line in any log.
fn is_served(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // It may have been refused for other reasons by then, which is an answer, too.
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read(&mut [0]);
    true
}

/// The lines of a stream as they come.
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
