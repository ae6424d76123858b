//! Whether another program listens where the proxy should.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use nix::errno::Errno;

use crate::config::diagnostic::WarningName;
use crate::config::listen_address::ListenAddress;
use crate::config::reader::{Table, Text};
use crate::config::resolve::listeners;

/// The state of a listening socket in `/proc/net/tcp`.
const LISTENS: &str = "0A";

/// Warns if another program has the address of this table. The proxy itself may have it already.
pub(super) fn check(table: &Table<'_>, pid_file: Option<&Path>) {
    let text = table.get("address").and_then(|value| value.text());
    let Some((text, address)) =
        text.and_then(|text| Some((text, listeners::listen_address(text)?)))
    else {
        return;
    };
    warn(text, &address, pid_file);
}

/// The same for the control socket.
pub(super) fn check_control(top: &Table<'_>, pid_file: Option<&Path>) {
    let text = top.get("control").and_then(|value| value.text());
    if let Some(text) = text {
        warn(text, &ListenAddress::Unix(text.path()), pid_file);
    }
}

fn warn(text: Text<'_>, address: &ListenAddress, pid_file: Option<&Path>) {
    let in_use = match address {
        ListenAddress::Tcp(address) => tcp_in_use(*address),
        ListenAddress::Unix(path) => unix_in_use(path),
    };
    let why = match in_use {
        None => return,
        Some(InUse::File) => "a file that is not a socket has this name".to_owned(),
        Some(InUse::Sockets(inodes)) => match holder(&inodes) {
            Some(holder) if holder.is_the_proxy(pid_file) => return,
            Some(Holder { pid, name }) => {
                format!("`{}` (process {pid}) listens here", name.escape_debug())
            }
            // Only root can see the sockets of others. It may be the proxy's.
            None if others_like_this() => return,
            None => "another program listens here".to_owned(),
        },
    };
    text.warning(
        WarningName::AddressInUse,
        format!("{why}: the proxy will not start"),
    )
    .help("stop the other program, or use another address")
    .report::<()>();
}

/// Why a socket cannot be bound.
enum InUse {
    /// These sockets, by their inodes as far as they are known, have the address.
    Sockets(Vec<String>),
    /// It is the name of a file that a start does not remove.
    File,
}

fn tcp_in_use(address: SocketAddr) -> Option<InUse> {
    let taken = listening_at(address);
    // What one socket for IPv6 has may still be free for IPv4.
    let is_free = taken.is_empty() || TcpListener::bind(address).is_ok();
    (!is_free).then_some(InUse::Sockets(taken))
}

fn unix_in_use(path: &Path) -> Option<InUse> {
    let file = fs::symlink_metadata(path).ok()?;
    if !file.file_type().is_socket() {
        return Some(InUse::File);
    }
    // Connecting a datagram socket to a stream socket that a process has fails with an error of its
    // own, and disturbs nobody. A socket without a process is removed at the start.
    match UnixDatagram::unbound().ok()?.connect(path) {
        Err(error) if error.raw_os_error() != Some(Errno::EPROTOTYPE as i32) => None,
        _ => Some(InUse::Sockets(bound_at(path))),
    }
}

/// The inodes of the Unix sockets with this path.
fn bound_at(path: &Path) -> Vec<String> {
    let table = fs::read_to_string("/proc/net/unix").unwrap_or_default();
    let socket = |line: &str| {
        // The inode is the seventh column. The rest is the path, which may contain spaces.
        let behind = (0..6).try_fold(line, |rest, _| {
            rest.trim_start().split_once(' ').map(|(_, rest)| rest)
        });
        let (inode, bound) = behind?.trim_start().split_once(' ')?;
        (Path::new(bound) == path).then(|| inode.to_owned())
    };
    table.lines().filter_map(socket).collect()
}

/// A process that runs, and may hold a socket.
struct Holder {
    pid: u32,
    name: String,
}

impl Holder {
    /// Whether it runs with this configuration, as far as that can be told.
    fn is_the_proxy(&self, pid_file: Option<&Path>) -> bool {
        match pid_file {
            Some(file) => {
                let pid = fs::read_to_string(file).unwrap_or_default();
                pid.trim().parse() == Ok(self.pid)
            }
            None => name_of("self").is_ok_and(|name| name == self.name),
        }
    }
}

/// The process that has one of these sockets, if this user may know it.
fn holder(inodes: &[String]) -> Option<Holder> {
    let sockets: Vec<String> = (inodes.iter())
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    processes().find(|process| {
        let Ok(open) = fs::read_dir(format!("/proc/{}/fd", process.pid)) else {
            return false;
        };
        let mut targets = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        targets.any(|target| sockets.iter().any(|socket| target == Path::new(socket)))
    })
}

/// The inodes of the sockets that listen where a socket for this address would.
fn listening_at(address: SocketAddr) -> Vec<String> {
    let wanted = ListenAddress::Tcp(address);
    let tables = ["tcp", "tcp6"].map(|table| fs::read_to_string(format!("/proc/net/{table}")));
    let lines = tables.iter().flatten().flat_map(|table| table.lines());
    let sockets = lines.filter_map(listening);
    sockets
        .filter(|(other, _)| listeners::overlap(&ListenAddress::Tcp(*other), &wanted))
        .map(|(_, inode)| inode)
        .collect()
}

/// The address and inode in a line of `/proc/net/tcp`, if it is of a listening socket.
fn listening(line: &str) -> Option<(SocketAddr, String)> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let (address, port) = columns.get(1)?.split_once(':')?;
    let address = SocketAddr::new(address_of(address)?, u16::from_str_radix(port, 16).ok()?);
    let inode = columns.get(9)?;
    (*columns.get(3)? == LISTENS).then(|| (address, (*inode).to_owned()))
}

/// The address in the kernel's form: each 32 bits as one number in the machine's byte order.
fn address_of(hexadecimal: &str) -> Option<IpAddr> {
    let mut bytes = Vec::new();
    for word in hexadecimal.as_bytes().chunks(8) {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    if let Ok(v4) = <[u8; 4]>::try_from(bytes.as_slice()) {
        return Some(Ipv4Addr::from(v4).into());
    }
    let v6 = <[u8; 16]>::try_from(bytes.as_slice()).ok()?;
    Some(Ipv6Addr::from(v6).into())
}

/// Whether other processes of this program run.
fn others_like_this() -> bool {
    let own = name_of("self").unwrap_or_default();
    processes().any(|process| process.name == own && process.pid != std::process::id())
}

fn processes() -> impl Iterator<Item = Holder> {
    let entries = fs::read_dir("/proc").into_iter().flatten();
    entries.filter_map(|entry| {
        let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let name = name_of(&format!("{pid}")).ok()?;
        Some(Holder { pid, name })
    })
}

fn name_of(process: &str) -> io::Result<String> {
    let name = fs::read_to_string(format!("/proc/{process}/comm"))?;
    Ok(name.trim_end().to_owned())
}
