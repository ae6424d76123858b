//! Who asks over the control socket.

use nix::unistd::{Uid, User, geteuid};
use tokio::net::UnixStream;

/// Who asks over the control socket: the user that connected, whatever it has become since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asker {
    uid: Uid,
}

impl Asker {
    /// The one at the other end; `None` if the system does not say.
    pub(super) fn of(stream: &UnixStream) -> Option<Self> {
        let credentials = stream.peer_cred().ok()?;
        Some(Self {
            uid: Uid::from_raw(credentials.uid()),
        })
    }

    /// Whether it is answered: the socket's mode says so, too, unless somebody changed that.
    pub(super) fn is_permitted(self) -> bool {
        self.uid.is_root() || self.uid == geteuid()
    }

    pub(super) fn uid(self) -> u32 {
        self.uid.as_raw()
    }

    /// Its name. This may wait for a name service.
    pub(super) fn name(self) -> Option<String> {
        let user = User::from_uid(self.uid).ok().flatten();
        user.map(|user| user.name)
    }
}
