//! How each backend is started.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const APPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/backends/apps");

/// The kinds of backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In front of another server; it logs what it passes on.
    Nginx,
    /// Running a CGI program.
    Apache,
    Node,
    /// PHP's built-in server.
    Php,
    /// Running a WSGI application.
    Gunicorn,
    /// Running a servlet.
    Tomcat,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Nginx,
        Self::Apache,
        Self::Node,
        Self::Php,
        Self::Gunicorn,
        Self::Tomcat,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
            Self::Node => "Node",
            Self::Php => "PHP",
            Self::Gunicorn => "gunicorn",
            Self::Tomcat => "Tomcat",
        }
    }

    /// How an application looks up a header, given the header's name in lower case.
    pub(crate) fn lookup(self, header: &str) -> String {
        let upper = header.to_uppercase().replace('-', "_");
        match self {
            Self::Nginx => format!("$http_{}", header.replace('-', "_")),
            Self::Apache => format!("$HTTP_{upper}"),
            Self::Node => format!("req.headers['{header}']"),
            Self::Php => format!("$_SERVER['HTTP_{upper}']"),
            Self::Gunicorn => format!("environ['HTTP_{upper}']"),
            Self::Tomcat => format!("getHeader(\"{header}\")"),
        }
    }
}

pub(super) fn command(kind: Kind, address: SocketAddr, directory: &Path) -> Command {
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let seen = directory.join("seen");
    match kind {
        Kind::Nginx => {
            let file = directory.join("nginx.conf");
            fs::write(&file, nginx_conf(address, directory)).unwrap();
            let mut command = Command::new("/usr/sbin/nginx");
            command.arg("-c").arg(file).args(["-e", "stderr"]);
            command
        }
        Kind::Apache => {
            let script = directory.join("app.cgi");
            fs::copy(format!("{APPS}/app.cgi"), &script).unwrap();
            fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
            let file = directory.join("apache.conf");
            fs::write(&file, apache_conf(address, directory)).unwrap();
            let mut command = Command::new("/usr/sbin/apache2");
            command.arg("-f").arg(file).arg("-DFOREGROUND");
            command
        }
        Kind::Node => {
            let mut command = Command::new("node");
            command.arg(format!("{APPS}/app.js"));
            command.args([&host, &port]).arg(seen);
            command
        }
        Kind::Php => {
            let mut command = Command::new("php");
            command.args(["-S", &address.to_string(), "-t"]);
            command.arg(directory).arg(format!("{APPS}/app.php"));
            command
        }
        Kind::Gunicorn => {
            let mut command = Command::new("gunicorn");
            command.args(["--bind", &address.to_string(), "--worker-class", "gthread"]);
            command.args(["--threads", "4", "--chdir", APPS, "--worker-tmp-dir"]);
            command.arg(directory).arg("app:application");
            command.env("PYTHONDONTWRITEBYTECODE", "1");
            command
        }
        Kind::Tomcat => {
            let mut command = Command::new("java");
            command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"]);
            command
                .arg(tomcat_jars())
                .arg(format!("{APPS}/TomcatApp.java"));
            command.args([&host, &port]).arg(seen);
            command
        }
    }
}

/// The version that the program reports.
pub(super) fn version(kind: Kind) -> String {
    let jars = tomcat_jars();
    let arguments: &[&str] = match kind {
        Kind::Nginx => &["/usr/sbin/nginx", "-v"],
        Kind::Apache => &["/usr/sbin/apache2", "-v"],
        Kind::Node => &["node", "--version"],
        Kind::Php => &["php", "--version"],
        Kind::Gunicorn => &["gunicorn", "--version"],
        Kind::Tomcat => &["java", "-cp", &jars, "org.apache.catalina.util.ServerInfo"],
    };
    let output = Command::new(arguments[0]).args(&arguments[1..]).output();
    let output = output.unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    let numbers = said.split(|character: char| !(character.is_ascii_digit() || character == '.'));
    let mut numbers = numbers.filter(|word| word.contains('.') && word.len() > 2);
    numbers.next().unwrap().to_owned()
}

/// The jars under the names of Debian's `libtomcat10-java`.
fn tomcat_jars() -> String {
    let names = [
        "annotations-api",
        "api",
        "catalina",
        "coyote",
        "el-api",
        "jaspic-api",
        "jni",
        "jsp-api",
        "juli",
        "servlet-api",
        "util",
        "util-scan",
    ];
    names
        .map(|name| format!("/usr/share/java/tomcat10-{name}.jar"))
        .join(":")
}

/// The headers in nginx's log, which cannot list all headers.
const READ: [&str; 6] = [
    "x_verified_key",
    "x_verified_event",
    "x_order_no",
    "x_forwarded_for",
    "proxy",
    "x_other",
];

/// nginx in front of an application: it logs what it would pass on. It accepts header names as
/// leniently as its configuration allows.
fn nginx_conf(address: SocketAddr, directory: &Path) -> String {
    let directory = directory.display();
    let read = READ.map(|name| {
        let variable = format!("$http_{name}");
        format!(
            "[\"{}\",\"{variable}\"]",
            variable.replace('$', "${dollar}")
        )
    });
    let read = read.join(",");
    format!(
        r#"
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr notice;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    client_body_buffer_size 1m;
    geo $dollar {{ default "$"; }}
    log_format seen escape=json '{{"method":"$request_method","target":"$request_uri","path":"$uri","body":"$request_body","read":[{read}]}}';
    server {{
        listen {address};
        underscores_in_headers on;
        ignore_invalid_headers off;
        location / {{
            access_log {directory}/seen seen;
            proxy_ignore_client_abort on;
            proxy_pass http://unix:{directory}/inner.sock;
        }}
    }}
    server {{
        listen unix:{directory}/inner.sock;
        location / {{ return 200 "ok\n"; }}
    }}
}}
"#
    )
}

fn apache_conf(address: SocketAddr, directory: &Path) -> String {
    let directory = directory.display();
    let modules = "/usr/lib/apache2/modules";
    format!(
        r#"
ServerRoot {directory}
ServerName localhost
Listen {address}
PidFile {directory}/apache.pid
DefaultRuntimeDir {directory}
ErrorLog /dev/stderr
LogLevel notice
User nobody
Group nogroup
StartServers 1
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule alias_module {modules}/mod_alias.so
LoadModule cgid_module {modules}/mod_cgid.so
ScriptSock {directory}/cgid.sock
ScriptAlias "/" "{directory}/app.cgi/"
"#
    )
}
