//! Addresses that no other test or program uses.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::net::TcpSocket;

/// Returns a free port on a loopback address that only this caller uses. Every address in 127/8 is
/// local, so nobody else can take the port before it is used.
pub(crate) fn unused() -> SocketAddr {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [high, low] = (std::process::id() as u16).to_be_bytes();
    let own = Ipv4Addr::new(127, NEXT.fetch_add(1, Ordering::Relaxed).max(1), high, low);
    // It does not listen: a process that another thread forks meanwhile holds a copy of the socket
    // until it runs its program, and connections to it would look like those to the server.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind((own, 0).into()).unwrap();
    socket.local_addr().unwrap()
}
