//! Apache with MultiViews: it completes the names of scripts.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{Callback, Client, PATIENCE, address};

pub(super) struct Apache {
    pub(super) address: SocketAddr,
    child: Child,
    _directory: TempDir,
}

/// Answers with its own name.
const SCRIPT: &str = "#!/bin/sh\ncat > /dev/null
printf 'Content-Type: text/plain\\r\\n\\r\\n%s' \"$SCRIPT_NAME\"\n";

impl Apache {
    /// Starts it with these scripts.
    pub(super) fn start(scripts: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address = address::unused();
        // If the tests run as root, Apache runs its scripts as another user.
        fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
        for script in scripts {
            let file = directory.path().join(format!("www{script}"));
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, SCRIPT).unwrap();
            fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
        }
        let file = directory.path().join("apache.conf");
        fs::write(&file, conf(address, directory.path())).unwrap();
        let mut command = Command::new("/usr/sbin/apache2");
        command.arg("-f").arg(file).arg("-DFOREGROUND");
        let child = command.stdin(Stdio::null()).spawn();
        let mut apache = Self {
            address,
            child: child.expect("scripts/setup --test brings Apache"),
            _directory: directory,
        };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            assert!(apache.child.try_wait().unwrap().is_none(), "Apache ended");
            assert!(Instant::now() < deadline);
            thread::sleep(Duration::from_millis(5));
        }
        apache
    }

    /// The script that runs for a path, if any does.
    pub(super) fn runs(&self, path: &str) -> Option<String> {
        let mut client = Client::connect(self.address);
        client.send(&Callback::post(path, "{}").with_length());
        let answer = client.response();
        (answer.status == 200).then(|| String::from_utf8(answer.body).unwrap())
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        // On SIGTERM it stops its children.
        crate::support::proxy::kill("TERM", self.child.id());
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.child.try_wait().unwrap().is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn conf(address: SocketAddr, directory: &Path) -> String {
    let directory = directory.display();
    let modules = "/usr/lib/apache2/modules";
    format!(
        r#"
ServerRoot {directory}
ServerName localhost
Listen {address}
PidFile {directory}/apache.pid
DefaultRuntimeDir {directory}
ErrorLog /dev/null
User nobody
Group nogroup
StartServers 1
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule mime_module {modules}/mod_mime.so
LoadModule negotiation_module {modules}/mod_negotiation.so
LoadModule cgid_module {modules}/mod_cgid.so
ScriptSock {directory}/cgid.sock
TypesConfig /dev/null
AddLanguage en .en
AddHandler cgi-script .php
DocumentRoot {directory}/www
<Directory {directory}/www>
    Options +ExecCGI +MultiViews
    MultiviewsMatch Handlers
</Directory>
"#
    )
}
