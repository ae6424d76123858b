//! A backend that can be killed, restarted and made to hang.

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

use std::io::Write as _;

use super::origin::{Shared, read};

/// A backend that can be killed, restarted and made to hang.
pub(crate) struct Mortal {
    pub(crate) address: SocketAddr,
    life: Arc<(Mutex<Life>, Condvar)>,
    acceptor: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Life {
    dead: bool,
    hangs: bool,
    streams: Vec<TcpStream>,
    received: Vec<usize>,
}

impl Mortal {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mortal = Self {
            address: listener.local_addr().unwrap(),
            life: Arc::default(),
            acceptor: Mutex::default(),
        };
        mortal.accept(listener);
        mortal
    }

    fn accept(&self, listener: TcpListener) {
        let life = Arc::clone(&self.life);
        *self.acceptor.lock().unwrap() = Some(thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut now = life.0.lock().unwrap();
                if now.dead {
                    return;
                }
                now.streams.push(stream.try_clone().unwrap());
                let life = Arc::clone(&life);
                thread::spawn(move || serve(stream, &life));
            }
        }));
    }

    /// Closes the listening socket and every connection, as the kernel does for a killed process.
    pub(crate) fn kill(&self) {
        let mut life = self.life.0.lock().unwrap();
        life.dead = true;
        for stream in life.streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(life);
        // Wakes the accepting thread.
        let _ = TcpStream::connect(self.address);
        self.acceptor
            .lock()
            .unwrap()
            .take()
            .unwrap()
            .join()
            .unwrap();
    }

    /// Listens again.
    pub(crate) fn revive(&self) {
        self.life.0.lock().unwrap().dead = false;
        self.accept(TcpListener::bind(self.address).unwrap());
    }

    /// Makes the backend read callbacks without answering, or answer again.
    pub(crate) fn hang(&self, hangs: bool) {
        self.life.0.lock().unwrap().hangs = hangs;
        self.life.1.notify_all();
    }

    /// The numbers of the callbacks that were read completely.
    pub(crate) fn received(&self) -> Vec<usize> {
        self.life.0.lock().unwrap().received.clone()
    }
}

fn serve(mut stream: TcpStream, life: &(Mutex<Life>, Condvar)) {
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer, 0, &Shared::default()) {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let id = body["mchOrderNo"].as_u64().unwrap();
        let mut now = life.0.lock().unwrap();
        if now.dead {
            return;
        }
        now.received.push(usize::try_from(id).unwrap());
        drop(life.1.wait_while(now, |now| now.hangs).unwrap());
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}
