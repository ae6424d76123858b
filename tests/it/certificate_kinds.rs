//! Which kinds of certificates count: nginx, curl and the proxy meet the same ones, made by OpenSSL.

use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::openssl::OpenSsl;
use crate::support::signer::Signer;
use crate::support::{PATIENCE, Proxy, Setup, address};
use crate::tables::{Column, Table};

const PAGE: &str = "docs/upstreams.md";

/// A certificate for `shop.test`, unless its row says otherwise.
struct Kind {
    row: &'static str,
    /// How OpenSSL makes `X.pem` and `X.key`, beside `ca.pem`, its intermediate `mid.pem`, and the
    /// `ca` of this row, `Y.pem`.
    made: &'static [&'static str],
    /// The file of its `ca`.
    ca: &'static str,
    /// Why the proxy treats it in another way than nginx or curl do.
    why: &'static str,
}

const REQUEST: &str = "req -newkey rsa:2048 -nodes -keyout X.key -out X.csr -subj /CN=shop.test";

/// By the key of its `ca`, `Y.pem`.
const ISSUED_BY_Y: &[&str] = &[
    REQUEST,
    "x509 -req -in X.csr -CA Y.pem -CAkey Y.key -days 2 -extfile names -out X.pem",
];

/// By an intermediate, `Z.pem`, which that key issued and which is sent along.
const ISSUED_BELOW_Y: &[&str] = &[
    "req -newkey rsa:2048 -nodes -keyout Z.key -out Z.csr -subj /CN=below",
    "x509 -req -in Z.csr -CA Y.pem -CAkey Y.key -days 2 -extfile authority -out Z.pem",
    REQUEST,
    "x509 -req -in X.csr -CA Z.pem -CAkey Z.key -days 2 -extfile names -out X.pem",
];

const KINDS: &[Kind] = &[
    Kind {
        row: "issued by the `ca`",
        made: &[
            REQUEST,
            "x509 -req -in X.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out X.pem",
        ],
        ca: "ca.pem",
        why: "",
    },
    Kind {
        row: "self-signed, CA:TRUE, itself the `ca`",
        made: &[
            "req -x509 -newkey rsa:2048 -nodes -keyout X.key -out X.pem -days 2 -subj /CN=shop.test",
        ],
        ca: "X.pem",
        why: "",
    },
    Kind {
        row: "self-signed, CA:FALSE, itself the `ca`",
        made: &[
            "req -x509 -newkey rsa:2048 -nodes -keyout X.key -out X.pem -days 2 -subj /CN=shop.test \
             -addext basicConstraints=CA:FALSE -addext subjectAltName=DNS:shop.test",
        ],
        ca: "X.pem",
        why: "",
    },
    Kind {
        row: "self-signed, X.509 v1, itself the `ca`",
        made: &[
            REQUEST,
            "x509 -req -in X.csr -signkey X.key -days 2 -out X.pem",
        ],
        ca: "X.pem",
        why: "",
    },
    Kind {
        row: "X.509 v1, issued by the `ca`",
        made: &[
            REQUEST,
            "x509 -req -in X.csr -CA ca.pem -CAkey ca.key -days 2 -out X.pem",
        ],
        ca: "ca.pem",
        why: "version 1 cannot say what a certificate may be used for, and webpki accepts version 3 \
              only: issue another one, or name the certificate itself",
    },
    Kind {
        row: "issued by a certificate with CA:FALSE, which is the `ca`",
        made: ISSUED_BY_Y,
        ca: "false.pem",
        why: "",
    },
    Kind {
        row: "issued by a self-signed certificate without basicConstraints, which is the `ca`",
        made: ISSUED_BY_Y,
        ca: "bare.pem",
        why: "",
    },
    Kind {
        row: "issued by a certificate whose keyUsage has no keyCertSign, which is the `ca`",
        made: ISSUED_BY_Y,
        ca: "unable.pem",
        why: "",
    },
    Kind {
        row: "issued by a certificate with keyCertSign, but without basicConstraints, which is the `ca`",
        made: ISSUED_BY_Y,
        ca: "able.pem",
        why: "RFC 5280 (section 4.2.1.9) lets only a certificate with CA:TRUE issue others",
    },
    Kind {
        row: "issued by a self-signed X.509 v1 certificate, which is the `ca`",
        made: ISSUED_BY_Y,
        ca: "first.pem",
        why: "",
    },
    Kind {
        row: "issued by an X.509 v1 certificate of another authority, which is the `ca`",
        made: ISSUED_BY_Y,
        ca: "second.pem",
        why: "",
    },
    Kind {
        row: "issued by an authority that has expired, which is the `ca`",
        made: ISSUED_BY_Y,
        ca: "late.pem",
        why: "",
    },
    Kind {
        row: "issued by an authority of which the `ca` has an expired certificate and a renewed one",
        made: ISSUED_BY_Y,
        ca: "renewed.pem",
        why: "",
    },
    Kind {
        row: "issued by an authority with the extendedKeyUsage serverAuth, which is the `ca`",
        made: ISSUED_BY_Y,
        ca: "serves.pem",
        why: "",
    },
    Kind {
        row: "issued by an authority with the extendedKeyUsage clientAuth, which is the `ca`",
        made: ISSUED_BY_Y,
        ca: "visits.pem",
        why: "",
    },
    Kind {
        row: "sent with the intermediate that issued it, of an authority with pathLen 1, the `ca`",
        made: ISSUED_BELOW_Y,
        ca: "long.pem",
        why: "",
    },
    Kind {
        row: "sent with the intermediate that issued it, of an authority with pathLen 0, the `ca`",
        made: ISSUED_BELOW_Y,
        ca: "short.pem",
        why: "",
    },
    Kind {
        row: "issued by an authority with pathLen 0, which is the `ca`",
        made: ISSUED_BY_Y,
        ca: "short.pem",
        why: "",
    },
    Kind {
        row: "RSA of 1024 bits",
        made: &[
            "req -newkey rsa:1024 -nodes -keyout X.key -out X.csr -subj /CN=shop.test",
            "x509 -req -in X.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out X.pem",
        ],
        ca: "ca.pem",
        why: "",
    },
    Kind {
        row: "expired",
        made: &[
            REQUEST,
            "x509 -req -in X.csr -CA ca.pem -CAkey ca.key -days -1 -extfile names -out X.pem",
        ],
        ca: "ca.pem",
        why: "",
    },
    Kind {
        row: "for another name",
        made: &[
            REQUEST,
            "x509 -req -in X.csr -CA ca.pem -CAkey ca.key -days 2 -extfile others -out X.pem",
        ],
        ca: "ca.pem",
        why: "",
    },
    Kind {
        row: "sent without the intermediate that issued it",
        made: &[
            REQUEST,
            "x509 -req -in X.csr -CA mid.pem -CAkey mid.key -days 2 -extfile names -out X.pem",
        ],
        ca: "ca.pem",
        why: "",
    },
];

/// A kind's certificate, and the addresses at which the programs meet it.
struct Met {
    kind: &'static Kind,
    certificate: String,
    key: String,
    ca: String,
    /// A server that presents it.
    server: SocketAddr,
    /// nginx in front of that server, without and with verification.
    unverified: SocketAddr,
    verified: SocketAddr,
    /// nginx and the proxy, as servers that want it from clients.
    nginx: SocketAddr,
    ours: SocketAddr,
}

fn make(files: &OpenSsl) -> Vec<Met> {
    files.write("names", "subjectAltName=DNS:shop.test\n");
    files.write("others", "subjectAltName=DNS:other.test\n");
    files.write("authority", "basicConstraints=critical,CA:TRUE\n");
    files.write("signs", "keyUsage=keyCertSign\n");
    files.write("one", "basicConstraints=critical,CA:TRUE,pathlen:1\n");
    files.write("none", "basicConstraints=critical,CA:TRUE,pathlen:0\n");
    // OpenSSL's defaults refuse to use a small key.
    files.write(
        "weak.cnf",
        "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nCipherString = DEFAULT@SECLEVEL=0\n",
    );
    for command in [
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority",
        "req -newkey rsa:2048 -nodes -keyout mid.key -out mid.csr -subj /CN=intermediate",
        "x509 -req -in mid.csr -CA ca.pem -CAkey ca.key -days 2 -extfile authority -out mid.pem",
        // Certificates of other servers, except for the last two: version 1 cannot say it.
        "req -x509 -newkey rsa:2048 -nodes -keyout false.key -out false.pem -days 2 -subj /CN=false \
         -addext basicConstraints=CA:FALSE",
        "req -newkey rsa:2048 -nodes -keyout bare.key -out bare.csr -subj /CN=bare",
        "x509 -req -in bare.csr -signkey bare.key -days 2 -extfile names -out bare.pem",
        "req -x509 -newkey rsa:2048 -nodes -keyout unable.key -out unable.pem -days 2 -subj /CN=unable \
         -addext keyUsage=digitalSignature",
        "req -newkey rsa:2048 -nodes -keyout able.key -out able.csr -subj /CN=able",
        "x509 -req -in able.csr -signkey able.key -days 2 -extfile signs -out able.pem",
        "req -newkey rsa:2048 -nodes -keyout first.key -out first.csr -subj /CN=first",
        "x509 -req -in first.csr -signkey first.key -days 2 -out first.pem",
        "req -newkey rsa:2048 -nodes -keyout second.key -out second.csr -subj /CN=second",
        "x509 -req -in second.csr -CA ca.pem -CAkey ca.key -days 2 -out second.pem",
        // Authorities with limits.
        "req -newkey rsa:2048 -nodes -keyout late.key -out late.csr -subj /CN=late",
        "x509 -req -in late.csr -signkey late.key -days -1 -extfile authority -out late.pem",
        "req -newkey rsa:2048 -nodes -keyout renewed.key -out renewed.csr -subj /CN=renewed",
        "x509 -req -in renewed.csr -signkey renewed.key -days -1 -extfile authority -out old.pem",
        "x509 -req -in renewed.csr -signkey renewed.key -days 2 -extfile authority -out renewed.pem",
        "req -x509 -newkey rsa:2048 -nodes -keyout serves.key -out serves.pem -days 2 -subj /CN=serves \
         -addext extendedKeyUsage=serverAuth",
        "req -x509 -newkey rsa:2048 -nodes -keyout visits.key -out visits.pem -days 2 -subj /CN=visits \
         -addext extendedKeyUsage=clientAuth",
        "req -newkey rsa:2048 -nodes -keyout long.key -out long.csr -subj /CN=long",
        "x509 -req -in long.csr -signkey long.key -days 2 -extfile one -out long.pem",
        "req -newkey rsa:2048 -nodes -keyout short.key -out short.csr -subj /CN=short",
        "x509 -req -in short.csr -signkey short.key -days 2 -extfile none -out short.pem",
    ] {
        files.run(command, b"");
    }
    // `-CA` takes the first one.
    let [new, old] = ["renewed.pem", "old.pem"].map(|name| files.read(name));
    files.write(
        "renewed.pem",
        &String::from_utf8([new, old].concat()).unwrap(),
    );
    let met = |(nth, kind): (usize, &'static Kind)| {
        let [certificate, key] = ["pem", "key"].map(|end| format!("kind{nth}.{end}"));
        let ca = kind.ca.replace("X.", &format!("kind{nth}."));
        let authority = ca.trim_end_matches("pem");
        for command in kind.made {
            let command = command.replace("X.", &format!("kind{nth}."));
            let command = command.replace("Z.", &format!("below{nth}."));
            files.run(&command.replace("Y.", authority), b"");
        }
        if kind.made == ISSUED_BELOW_Y {
            let chain = [&*certificate, &format!("below{nth}.pem")].map(|name| files.read(name));
            files.write(&certificate, &String::from_utf8(chain.concat()).unwrap());
        }
        let text = files.run(&format!("x509 -in {certificate} -noout -text"), b"");
        let is_old = String::from_utf8_lossy(&text).contains("Version: 1 ");
        let is_first = kind.row.contains("v1") && kind.ca != "first.pem" && kind.ca != "second.pem";
        assert_eq!(is_old, is_first, "{}", kind.row);
        Met {
            kind,
            ca: files.path(&ca),
            certificate: files.path(&certificate),
            key: files.path(&key),
            server: address::unused(),
            unverified: address::unused(),
            verified: address::unused(),
            nginx: address::unused(),
            ours: address::unused(),
        }
    };
    KINDS.iter().enumerate().map(met).collect()
}

/// nginx, which ends with the test.
struct Nginx(Child);

impl Nginx {
    fn start(files: &OpenSsl, name: &str, servers: &str, last: SocketAddr, weak: bool) -> Self {
        let folder = files.path(name);
        fs::create_dir(&folder).unwrap();
        let conf = format!(
            "daemon off;\nmaster_process off;\npid {folder}/pid;\nevents {{}}\nhttp {{\n\
             access_log off;\nclient_body_temp_path {folder}/body;\nproxy_temp_path {folder}/proxy;\n\
             fastcgi_temp_path {folder}/fastcgi;\nuwsgi_temp_path {folder}/uwsgi;\n\
             scgi_temp_path {folder}/scgi;\n{servers}}}\n"
        );
        files.write(&format!("{name}/nginx.conf"), &conf);
        let log = fs::File::create(format!("{folder}/log")).unwrap();
        let mut command = Command::new("/usr/sbin/nginx");
        command.args(["-c", &format!("{folder}/nginx.conf"), "-e", "stderr"]);
        if weak {
            command.env("OPENSSL_CONF", files.path("weak.cnf"));
        }
        let child = command.stdin(Stdio::null()).stderr(log).spawn().unwrap();
        let mut nginx = Self(child);
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(last).is_err() {
            let log = || String::from_utf8_lossy(&files.read(&format!("{name}/log"))).into_owned();
            assert!(nginx.0.try_wait().unwrap().is_none(), "{}", log());
            assert!(Instant::now() < deadline, "{}", log());
            thread::sleep(Duration::from_millis(5));
        }
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn servers(met: &[Met]) -> String {
    let server = |met: &Met| {
        format!(
            "server {{ listen {} ssl; ssl_certificate {}; ssl_certificate_key {};\n\
             location / {{ return 200 ok; }} }}\n",
            met.server, met.certificate, met.key
        )
    };
    met.iter().map(server).collect()
}

/// nginx as a client of these servers, and as a server that wants these certificates.
fn fronts(met: &[Met]) -> String {
    let mut conf = String::new();
    for one in met {
        for (listen, verify) in [(one.unverified, "off"), (one.verified, "on")] {
            write!(
                conf,
                "server {{ listen {listen}; location / {{ proxy_pass https://{};\n\
                 proxy_ssl_verify {verify}; proxy_ssl_trusted_certificate {};\n\
                 proxy_ssl_name shop.test; proxy_ssl_server_name on; proxy_ssl_session_reuse off; }} }}\n",
                one.server, one.ca
            )
            .unwrap();
        }
        write!(
            conf,
            "server {{ listen {} ssl; ssl_certificate {}; ssl_certificate_key {};\n\
             ssl_client_certificate {}; ssl_verify_client on;\nlocation / {{ return 200 ok; }} }}\n",
            one.nginx, met[0].certificate, met[0].key, one.ca
        )
        .unwrap();
    }
    conf
}

/// The proxy as both.
fn proxy(met: &[Met]) -> Proxy {
    let mut setup = Setup::new();
    for (nth, one) in met.iter().enumerate() {
        for (way, tls) in [
            ("off", "verify = false".to_owned()),
            ("ca", format!("ca = \"{}\"", one.ca)),
        ] {
            setup = setup
                .sgate(&format!(
                    "name = \"{way}{nth}\"\npath = \"/{way}/{nth}\"\nupstream = \"{way}{nth}\""
                ))
                .tables(&format!(
                    "[[upstream]]\nname = \"{way}{nth}\"\nservers = [\"{}\"]\n\
                     tls = {{ {tls}, server_name = \"shop.test\" }}",
                    one.server
                ));
        }
        setup = setup.tables(&format!(
            "[[listener]]\naddress = \"{}\"\n[listener.tls]\ncertificates = [{{ cert = \"{}\", key = \
             \"{}\" }}]\nclient_ca = \"{}\"",
            one.ours, met[0].certificate, met[0].key, one.ca
        ));
    }
    setup.start()
}

/// The status that curl gets from `shop.test` at this address; 0 if none.
fn curl(address: SocketAddr, options: &[&str], environment: Option<&str>) -> u16 {
    let (ip, port) = (address.ip(), address.port());
    let mut command = Command::new("curl");
    command.args(["-s", "-o", "/dev/null", "-w", "%{http_code}"]);
    command.args(["--resolve", &format!("shop.test:{port}:{ip}")]);
    command
        .args(options)
        .arg(format!("https://shop.test:{port}/"));
    if let Some(file) = environment {
        command.env("OPENSSL_CONF", file);
    }
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap().parse().unwrap()
}

/// The status that nginx answers with, in front of a server.
fn through(address: SocketAddr) -> u16 {
    let mut client = crate::support::Client::connect(address);
    client.send(b"GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n");
    client.response().status
}

fn version(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let numbers = said.split(|character: char| !(character.is_ascii_digit() || character == '.'));
    let mut numbers = numbers.filter(|word| word.contains('.') && word.len() > 2);
    numbers.next().unwrap().to_owned()
}

fn column(
    title: &str,
    version: Option<&str>,
    met: &[Met],
    is_taken: impl Fn(usize) -> bool,
) -> Column {
    let cells = (0..met.len()).map(|nth| if is_taken(nth) { "yes" } else { "no" }.to_owned());
    let column = Column::new(title, cells.collect());
    match version {
        Some(version) => column.of(version),
        None => column,
    }
}

#[test]
fn certificates_count_as_they_do_elsewhere_or_there_is_a_reason() {
    let files = OpenSsl::new();
    let met = make(&files);
    let last = met.last().unwrap();
    let _servers = Nginx::start(&files, "servers", &servers(&met), last.server, true);
    let _fronts = Nginx::start(&files, "fronts", &fronts(&met), last.nginx, false);
    let proxy = proxy(&met);
    let [nginx, curl_version] = [
        version("/usr/sbin/nginx", "-v"),
        version("curl", "--version"),
    ];
    let sent = |path: String| Signer::get().sgate(&path, "{}").send(&proxy).status == 200;

    let ways: [Box<dyn Fn(usize) -> bool>; 6] = [
        Box::new(|nth| through(met[nth].unverified) == 200),
        Box::new(|nth| curl(met[nth].server, &["-k"], None) == 200),
        Box::new(|nth| sent(format!("/off/{nth}"))),
        Box::new(|nth| through(met[nth].verified) == 200),
        Box::new(|nth| curl(met[nth].server, &["--cacert", &met[nth].ca], None) == 200),
        Box::new(|nth| sent(format!("/ca/{nth}"))),
    ];
    let taken: Vec<[bool; 6]> = (0..met.len())
        .map(|nth| std::array::from_fn(|way| ways[way](nth)))
        .collect();
    let whys = |is_different: &dyn Fn(usize) -> bool| {
        let why = |(nth, one): (usize, &Met)| match is_different(nth) {
            true => {
                assert_ne!(one.kind.why, "", "{}: {:?}", one.kind.row, taken[nth]);
                one.kind.why.to_owned()
            }
            false => "–".to_owned(),
        };
        Column::new("why we differ", met.iter().enumerate().map(why).collect())
    };
    let rows: Vec<&str> = met.iter().map(|one| one.kind.row).collect();
    let mut columns = Vec::new();
    for (way, title, version) in [
        (0, "not verified: nginx", Some(&*nginx)),
        (1, "curl -k", Some(&*curl_version)),
        (2, "`verify = false`", None),
        (3, "verified: nginx", Some(&*nginx)),
        (4, "curl --cacert", Some(&*curl_version)),
        (5, "`ca`", None),
    ] {
        columns.push(column(title, version, &met, |nth| taken[nth][way]));
    }
    columns.push(whys(&|nth| {
        let [a, b, ours, c, d, our_own] = taken[nth];
        [a, b] != [ours; 2] || [c, d] != [our_own; 2]
    }));
    Table::new("server certificates", "the server's certificate", columns)
        .on(PAGE)
        .check(&rows);

    let weak = files.path("weak.cnf");
    let shows = |address: SocketAddr, one: &Met| {
        let ca = &files.path("ca.pem");
        let options = [
            "--cacert",
            ca,
            "--cert",
            &one.certificate,
            "--key",
            &one.key,
        ];
        curl(address, &options, Some(&weak))
    };
    let theirs: Vec<bool> = met.iter().map(|one| shows(one.nginx, one) == 200).collect();
    // Whoever gets any answer is past the handshake: nothing is at this path.
    let ours: Vec<bool> = met.iter().map(|one| shows(one.ours, one) == 404).collect();
    let columns = vec![
        column(
            "`ssl_client_certificate`: nginx",
            Some(&nginx),
            &met,
            |nth| theirs[nth],
        ),
        column("`client_ca`", None, &met, |nth| ours[nth]),
        whys(&|nth| theirs[nth] != ours[nth]),
    ];
    Table::new("client certificates", "the client's certificate", columns)
        .on(PAGE)
        .check(&rows);
}
