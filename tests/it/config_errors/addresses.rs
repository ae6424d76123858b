//! Listeners, servers and trusted proxies.

use insta::assert_snapshot;

use super::report;

#[test]
fn listeners() {
    assert_snapshot!(report(r#"
[[listener]]
address = "127.0.0.1:8080"
[[listener]]
address = "0.0.0.0:8080"
"#), @r##"
    error: duplicate listener
     --> c.toml:4:11
      |
    2 | address = "127.0.0.1:8080"
      |           ---------------- by this listener
    3 | [[listener]]
    4 | address = "0.0.0.0:8080"
      |           ^^^^^^^^^^^^^^ this address is already in use
      |
      = help: an address can be used once; 0.0.0.0 includes all IPv4 interfaces, and [::] all of IPv4 and IPv6
    "##);
    assert_snapshot!(report(r#"
[[listener]]
address = "[::]:8080"
[[listener]]
address = "127.0.0.1:8080"
"#), @r##"
    error: duplicate listener
     --> c.toml:4:11
      |
    2 | address = "[::]:8080"
      |           ----------- by this listener
    3 | [[listener]]
    4 | address = "127.0.0.1:8080"
      |           ^^^^^^^^^^^^^^^^ this address is already in use
      |
      = help: an address can be used once; 0.0.0.0 includes all IPv4 interfaces, and [::] all of IPv4 and IPv6
    "##);
    assert_snapshot!(report(r#"
[[listener]]
address = "localhost:8080"
[[listener]]
address = ":8080"
[[listener]]
address = "8080"
[[listener]]
address = "::1"
[[listener]]
address = "pay.example.com:80"
[[listener]]
address = "127.0.0.1:99999"
"#), @r##"
    error: invalid address
     --> c.toml:2:11
      |
    2 | address = "localhost:8080"
      |           ^^^^^^^^^^^^^^^^ a listener needs an IP address, not a name
      |
      = help: write "127.0.0.1:8080"

    error: invalid address
     --> c.toml:4:11
      |
    4 | address = ":8080"
      |           ^^^^^^^ the IP address is missing
      |
      = help: write "0.0.0.0:8080" for all interfaces, or "127.0.0.1:8080"

    error: invalid address
     --> c.toml:6:11
      |
    6 | address = "8080"
      |           ^^^^^^ the IP address is missing
      |
      = help: write "0.0.0.0:8080" for all interfaces, or "127.0.0.1:8080"

    error: invalid address
     --> c.toml:8:11
      |
    8 | address = "::1"
      |           ^^^^^ the port is missing
      |
      = help: write "[::1]:8080"

    error: invalid address
      --> c.toml:10:11
       |
    10 | address = "pay.example.com:80"
       |           ^^^^^^^^^^^^^^^^^^^^ `pay.example.com` is not an IP address
       |
       = help: write "127.0.0.1:80"

    error: invalid address
      --> c.toml:12:11
       |
    12 | address = "127.0.0.1:99999"
       |           ^^^^^^^^^^^^^^^^^ `127.0.0.1:99999` is not an IP address and a port
       |
       = help: write "127.0.0.1:8080"
    "##);
    assert_snapshot!(report(r#"
[[listener]]
address = 8080
http2 = "true"
"#), @r##"
    error: wrong type
     --> c.toml:2:11
      |
    2 | address = 8080
      |           ^^^^ this is a whole number, but a string is needed
      |
      = help: write `"8080"`

    error: wrong type
     --> c.toml:3:9
      |
    3 | http2 = "true"
      |         ^^^^^^ this is a string, but `true` or `false` is needed
      |
      = help: write `true`
    "##);
    assert_snapshot!(report(r#"
[[listener]]
address = "0.0.0.0:8080"
[[listener]]
address = "[::]:8080"
"#), @r##"
    error: duplicate listener
     --> c.toml:4:11
      |
    2 | address = "0.0.0.0:8080"
      |           -------------- by this listener
    3 | [[listener]]
    4 | address = "[::]:8080"
      |           ^^^^^^^^^^^ this address is already in use
      |
      = help: an address can be used once; 0.0.0.0 includes all IPv4 interfaces, and [::] all of IPv4 and IPv6
    "##);
}

#[test]
fn upstream_servers() {
    assert_snapshot!(report(r#"
[[upstream]]
name = "u"
servers = ["http://10.0.0.1:80/x", "https://10.0.0.1", "10.0.0.1", "::1", ":80", "10.0.0.1:0", "unix:./run/ap.sock", "10.0.0.1:80/path"]
"#), @r##"
    error: invalid server
     --> c.toml:3:12
      |
    3 | servers = ["http://10.0.0.1:80/x", "https://10.0.0.1", "10.0.0.1", "::1", ":80", "10.0.0.1:0", "unix:./run/ap.sock", "10.0.0.1:80/path"]
      |            ^^^^^^^^^^^^^^^^^^^^^^ a server is a host and a port, without scheme and path
      |
      = help: write "10.0.0.1:80"

    error: invalid server
     --> c.toml:3:36
      |
    3 | servers = ["http://10.0.0.1:80/x", "https://10.0.0.1", "10.0.0.1", "::1", ":80", "10.0.0.1:0", "unix:./run/ap.sock", "10.0.0.1:80/path"]
      |                                    ^^^^^^^^^^^^^^^^^^ the port is missing
      |
      = help: write "https://10.0.0.1:443", or another port

    error: invalid server
     --> c.toml:3:56
      |
    3 | servers = ["http://10.0.0.1:80/x", "https://10.0.0.1", "10.0.0.1", "::1", ":80", "10.0.0.1:0", "unix:./run/ap.sock", "10.0.0.1:80/path"]
      |                                                        ^^^^^^^^^^ the port is missing
      |
      = help: write "10.0.0.1:80", or another port

    error: invalid server
     --> c.toml:3:68
      |
    3 | servers = ["http://10.0.0.1:80/x", "https://10.0.0.1", "10.0.0.1", "::1", ":80", "10.0.0.1:0", "unix:./run/ap.sock", "10.0.0.1:80/path"]
      |                                                                    ^^^^^ an IPv6 address must be in brackets, and the port is missing
      |
      = help: write "[::1]:9000"

    error: invalid server
     --> c.toml:3:75
      |
    3 | servers = ["http://10.0.0.1:80/x", "https://10.0.0.1", "10.0.0.1", "::1", ":80", "10.0.0.1:0", "unix:./run/ap.sock", "10.0.0.1:80/path"]
      |                                                                           ^^^^^ the host is missing
      |
      = help: write "127.0.0.1:9000"

    error: invalid server
     --> c.toml:3:82
      |
    3 | servers = ["http://10.0.0.1:80/x", "https://10.0.0.1", "10.0.0.1", "::1", ":80", "10.0.0.1:0", "unix:./run/ap.sock", "10.0.0.1:80/path"]
      |                                                                                  ^^^^^^^^^^^^ the port is not a number from 1 to 65535
      |
      = help: write "10.0.0.1:80", or another port

    error: invalid server
     --> c.toml:3:96
      |
    3 | servers = ["http://10.0.0.1:80/x", "https://10.0.0.1", "10.0.0.1", "::1", ":80", "10.0.0.1:0", "unix:./run/ap.sock", "10.0.0.1:80/path"]
      |                                                                                                ^^^^^^^^^^^^^^^^^^^^ the path of a Unix socket must be absolute
      |
      = help: write "unix:/run/shop.sock"

    error: invalid server
     --> c.toml:3:118
      |
    3 | servers = ["http://10.0.0.1:80/x", "https://10.0.0.1", "10.0.0.1", "::1", ":80", "10.0.0.1:0", "unix:./run/ap.sock", "10.0.0.1:80/path"]
      |                                                                                                                      ^^^^^^^^^^^^^^^^^^ a server is a host and a port, without path
      |
      = help: write "10.0.0.1:80"
    "##);
}

#[test]
fn upstream_servers_in_tables() {
    assert_snapshot!(report(r#"
[[upstream]]
name = "u"
balance = "random"
keepalive = "2days"
servers = ["127.0.0.1:1", { address = "127.0.0.1:1", weight = 0 }, { weigth = 2 }, { address = "/run/x" }, 5]
[[upstream]]
name = "v"
servers = [{ address = "127.0.0.1:1", backup = true }]
"#), @r##"
    error: unknown value
     --> c.toml:3:11
      |
    3 | balance = "random"
      |           ^^^^^^^^ `random` is not one of the possible values
      |
      = help: the possible values are "round_robin", "least_conn", "ip_hash"

    error: value out of range
     --> c.toml:4:13
      |
    4 | keepalive = "2days"
      |             ^^^^^^^ it must be 0s to 1day
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"

    error: duplicate server
     --> c.toml:5:39
      |
    5 | servers = ["127.0.0.1:1", { address = "127.0.0.1:1", weight = 0 }, { weigth = 2 }, { address = "/run/x" }, 5]
      |            -------------              ^^^^^^^^^^^^^ `127.0.0.1:1` is already listed
      |            |
      |            first listed here
      |
      = help: list each server once

    error: value out of range
     --> c.toml:5:63
      |
    5 | servers = ["127.0.0.1:1", { address = "127.0.0.1:1", weight = 0 }, { weigth = 2 }, { address = "/run/x" }, 5]
      |                                                               ^ it must be 1 to 1000000
      |
      = help: use another number

    error: missing key
     --> c.toml:5:68
      |
    5 | servers = ["127.0.0.1:1", { address = "127.0.0.1:1", weight = 0 }, { weigth = 2 }, { address = "/run/x" }, 5]
      |                                                                    ^^^^^^^^^^^^^^ a server needs the key `address`
      |
      = help: add `address = "127.0.0.1:9000"`

    error: unknown key
     --> c.toml:5:70
      |
    5 | servers = ["127.0.0.1:1", { address = "127.0.0.1:1", weight = 0 }, { weigth = 2 }, { address = "/run/x" }, 5]
      |                                                                      ^^^^^^ a server has no key `weigth`
      |
      = help: did you mean `weight`?

    error: invalid server
     --> c.toml:5:96
      |
    5 | servers = ["127.0.0.1:1", { address = "127.0.0.1:1", weight = 0 }, { weigth = 2 }, { address = "/run/x" }, 5]
      |                                                                                                ^^^^^^^^ this is a path, not a host and a port
      |
      = help: write "unix:/run/x" for a Unix socket

    error: wrong type
     --> c.toml:5:108
      |
    5 | servers = ["127.0.0.1:1", { address = "127.0.0.1:1", weight = 0 }, { weigth = 2 }, { address = "/run/x" }, 5]
      |                                                                                                            ^ this is a whole number, but a string is needed
      |
      = help: write `"5"`

    error: only backups
     --> c.toml:8:11
      |
    8 | servers = [{ address = "127.0.0.1:1", backup = true }]
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a backup needs another server that it can replace
      |
      = help: remove `backup` from at least one of them
    "##);
}

#[test]
fn trusted_proxies() {
    assert_snapshot!(report(r#"
trusted_proxies = ["10.0.0.1/8", "localhost", "10.0.0.0/33", 5]
"#), @r##"
    error: invalid network
     --> c.toml:1:20
      |
    1 | trusted_proxies = ["10.0.0.1/8", "localhost", "10.0.0.0/33", 5]
      |                    ^^^^^^^^^^^^ the address has bits set after the first 8
      |
      = help: write "10.0.0.0/8" for the network, or "10.0.0.1" for the single host

    error: invalid network
     --> c.toml:1:34
      |
    1 | trusted_proxies = ["10.0.0.1/8", "localhost", "10.0.0.0/33", 5]
      |                                  ^^^^^^^^^^^ `localhost` is neither an address nor a network
      |
      = help: write an address or a network: "127.0.0.1", "10.0.0.0/8", "fd00::/8"

    error: invalid network
     --> c.toml:1:47
      |
    1 | trusted_proxies = ["10.0.0.1/8", "localhost", "10.0.0.0/33", 5]
      |                                               ^^^^^^^^^^^^^ `10.0.0.0/33` is neither an address nor a network
      |
      = help: write an address or a network: "127.0.0.1", "10.0.0.0/8", "fd00::/8"

    error: wrong type
     --> c.toml:1:62
      |
    1 | trusted_proxies = ["10.0.0.1/8", "localhost", "10.0.0.0/33", 5]
      |                                                              ^ this is a whole number, but a string is needed
      |
      = help: write `"5"`
    "##);
    assert_snapshot!(report(r#"
trusted_proxies = ["::ffff:10.0.0.0/104"]
"#), @r##"
    error: invalid network
     --> c.toml:1:20
      |
    1 | trusted_proxies = ["::ffff:10.0.0.0/104"]
      |                    ^^^^^^^^^^^^^^^^^^^^^ IPv4 addresses are compared as such, never as IPv4-mapped IPv6
      |
      = help: write "10.0.0.0/8"
    "##);
}

#[test]
fn upstream_health_checks_and_tls() {
    assert_snapshot!(report(r#"
[[upstream]]
name = "u"
servers = ["https://127.0.0.1", "https://127.0.0.1:1/x", "unix:/run/shop.sock"]
health_check = { path = "health", interval = "0s", rises = 0, type = "tcp" }
resolve = "never"
[[upstream]]
name = "v"
servers = ["127.0.0.1:1"]
health_check = { status = 200 }
tls = true
[[upstream]]
name = "w"
servers = ["127.0.0.1:1"]
health_check = { path = "/h", status = "399-200" }
tls = { ca = "none.pem", server_name = "a b" }
[[upstream]]
name = "x"
servers = ["127.0.0.1:1"]
tls = { ca = "good.pem", verify = false }
[[upstream]]
name = "y"
servers = ["127.0.0.1:1", "unix:/run/shop.sock"]
tls = { verify = false }
[[upstream]]
name = "z"
servers = ["127.0.0.1:1"]
tls = { ca = "good.pem" }
[[route]]
name = "r"
path = "/r"
scheme = "cheezeepay"
keys = ["good"]
upstream = "echo"
retry = ["conect"]
"#), @r##"
    error: invalid server
     --> c.toml:3:12
      |
    3 | servers = ["https://127.0.0.1", "https://127.0.0.1:1/x", "unix:/run/shop.sock"]
      |            ^^^^^^^^^^^^^^^^^^^ the port is missing
      |
      = help: write "https://127.0.0.1:443", or another port

    error: invalid server
     --> c.toml:3:33
      |
    3 | servers = ["https://127.0.0.1", "https://127.0.0.1:1/x", "unix:/run/shop.sock"]
      |                                 ^^^^^^^^^^^^^^^^^^^^^^^ a server is a host and a port, without path
      |
      = help: write "https://127.0.0.1:1"

    error: invalid path
     --> c.toml:4:25
      |
    4 | health_check = { path = "health", interval = "0s", rises = 0, type = "[...]" }
      |                         ^^^^^^^^ it must start with `/`
      |
      = help: write "/health"

    error: value out of range
     --> c.toml:4:46
      |
    4 | health_check = { path = "health", interval = "0s", rises = 0, type = "[...]" }
      |                                              ^^^^ it must be 1ms to 1day
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"

    error: value out of range
     --> c.toml:4:60
      |
    4 | health_check = { path = "health", interval = "0s", rises = 0, type = "[...]" }
      |                                                            ^ it must be 1 to 1000
      |
      = help: use another number

    error: unknown key
     --> c.toml:4:63
      |
    4 | health_check = { path = "health", interval = "0s", rises = 0, type = "[...]" }
      |                                                               ^^^^ `health_check` has no key `type`
      |
      = help: its keys are: path, status, host, headers, interval, timeout, rises, falls

    error: invalid duration
     --> c.toml:5:11
      |
    5 | resolve = "never"
      |           ^^^^^^^ it must start with a number
      |
      = help: write a number and a unit: "500ms", "10s", "5m", "1h", or several: "1m 30s"

    error: needless setting
     --> c.toml:9:27
      |
    9 | health_check = { status = 200 }
      |                           ^^^ without `path`, a check only connects and gets no answer
      |
      = help: add `path = "/health"`, or remove `status`

    error: wrong type
      --> c.toml:10:7
       |
    10 | tls = true
       |       ^^^^ this is `true` or `false`, but a table is needed
       |
       = help: write `{ ca = "..." }`

    error: invalid status
      --> c.toml:14:40
       |
    14 | health_check = { path = "/h", status = "399-200" }
       |                                        ^^^^^^^^^ it is neither a status from 100 to 599 nor a range of them
       |
       = help: write `200`, or the first and the last: `"200-399"`

    error: cannot read the file
      --> c.toml:15:14
       |
    15 | tls = { ca = "none.pem", server_name = "a b" }
       |              ^^^^^^^^^^ `none.pem`: No such file or directory (os error 2)
       |
       = help: a path is relative to the file that contains it

    error: invalid server name
      --> c.toml:15:40
       |
    15 | tls = { ca = "none.pem", server_name = "a b" }
       |                                        ^^^^^ `a b` is neither a host name nor an IP address
       |
       = help: write the name that the server's certificate is for

    error: cannot read the certificates
      --> c.toml:19:14
       |
    19 | tls = { ca = "good.pem", verify = false }
       |              ^^^^^^^^^^ it contains no certificate
       |
       = help: name a PEM file with the certificates of the authorities that may issue the server's, or with the server's own

    error: missing server name
      --> c.toml:22:27
       |
    22 | servers = ["127.0.0.1:1", "unix:/run/shop.sock"]
       |                           ^^^^^^^^^^^^^^^^^^^^^ a Unix socket has no name that a certificate could be for
       |
       = help: add `server_name = "..."` to the upstream's `tls`

    warning[unverified_server]: unverified server
      --> c.toml:23:9
       |
    23 | tls = { verify = false }
       |         ^^^^^^ whoever is between the proxy and the server can read and answer callbacks
       |
       = help: use `ca` to name the certificate of the server's issuer instead

    error: cannot read the certificates
      --> c.toml:27:14
       |
    27 | tls = { ca = "good.pem" }
       |              ^^^^^^^^^^ it contains no certificate
       |
       = help: name a PEM file with the certificates of the authorities that may issue the server's, or with the server's own

    error: unknown value
      --> c.toml:34:10
       |
    34 | retry = ["conect"]
       |          ^^^^^^^^ `conect` is not one of the possible values
       |
       = help: did you mean "connect"? The possible values are "connect", "error", "timeout"
    "##);
}

#[test]
fn an_unspecified_address_is_nobodys() {
    for address in ["0.0.0.0", "::", "0.0.0.0/32", "::/128", "::ffff:0.0.0.0"] {
        for list in ["trusted_proxies", "allow", "deny"] {
            let report = report(&format!("{list} = [\"{address}\"]\n"));
            assert!(
                report.contains("no peer has this address"),
                "{list} {address}: {report}"
            );
        }
    }
}

#[test]
fn networks_of_ipv4_mapped_addresses_are_written_as_ipv4() {
    for (network, help) in [
        ("::ffff:0:0/96", "this would be every IPv4 address"),
        ("::ffff:10.0.0.0/104", "write \"10.0.0.0/8\""),
        ("::ffff:10.1.2.3/104", "write \"10.0.0.0/8\""),
        ("::ffff:10.1.2.3/128", "write \"10.1.2.3/32\""),
    ] {
        for list in ["trusted_proxies", "allow"] {
            let report = report(&format!("{list} = [\"{network}\"]\n"));
            assert!(report.contains("never as IPv4-mapped IPv6"), "{report}");
            assert!(report.contains(help), "{report}");
            assert!(!report.contains("0.0.0.0/0"), "{report}");
        }
    }
}
