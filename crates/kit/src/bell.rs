//! Waking other processes of one home: a datagram socket each, rung with one byte. A ring carries no word and no truth; it
//! says only "look again". One that is lost is made up for by the next look.
//!
//! # Invariants
//! - Nothing is decided by a ring, so that a forged, doubled or lost one changes nothing but the moment of a look.
//! - A bell leaves nothing behind: where the system knows nameless addresses it has no file, elsewhere its file stands in the
//!   process's own folder and is swept with it.

use std::{
    collections::BTreeSet,
    io,
    os::unix::net::{SocketAddr, UnixDatagram},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// This process's bell, and whom it rings.
#[derive(Debug)]
pub struct Bell {
    socket: UnixDatagram,
    root: PathBuf,
    own: String,
    others: Mutex<BTreeSet<String>>,
    /// Whether somebody waits, or will: hellos are heard there. Until then they are heard before a ring.
    listened: Mutex<bool>,
}

/// More processes than one home ever has.
const MOST: usize = 1_000;

/// A stranger has come: who it is follows.
const HELLO: u8 = b'h';
/// Look again.
const RING: u8 = b'r';

impl Bell {
    /// A bell in the process's own folder `own` under `root`; all who are there are told of it.
    ///
    /// # Errors
    /// The socket cannot be had.
    pub fn open(root: &Path, own: &str) -> io::Result<Self> {
        let root = std::fs::canonicalize(root)?;
        let socket = UnixDatagram::bind_addr(&address(&root, own)?)?;
        let others = std::fs::read_dir(&root)?
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name != own)
            .collect();
        let bell = Self { socket, root, own: own.to_owned(), others: Mutex::new(others), listened: Mutex::new(false) };
        let mut hello = vec![HELLO];
        hello.extend(own.as_bytes());
        bell.send(&hello);
        Ok(bell)
    }

    /// Wakes all others of the home that live, those too who came since this bell was opened.
    pub fn ring(&self) {
        self.hear();
        self.send(&[RING]);
    }

    /// Says that somebody will wait here: from now on nobody else takes what arrives.
    pub fn listen(&self) {
        *self.listened.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Where nobody waits, what has arrived is heard now: who never waits rings all the same whoever came later. A ring that is
    /// dropped here was for nobody, for whoever begins to wait looks first.
    fn hear(&self) {
        let listened = self.listened.lock().unwrap_or_else(PoisonError::into_inner);
        if *listened || self.socket.set_nonblocking(true).is_err() {
            return;
        }
        while self.take().is_ok() {}
        let _ = self.socket.set_nonblocking(false);
    }

    /// Waits for a ring. Whoever says hello is rung from then on, and that counts as a ring.
    ///
    /// # Errors
    /// The socket is gone.
    pub fn wait(&self) -> io::Result<()> {
        self.listen();
        self.take()
    }

    /// Takes what arrives next.
    fn take(&self) -> io::Result<()> {
        let mut heard = [0u8; 256];
        let length = self.socket.recv(&mut heard)?;
        if let Some((&HELLO, name)) = heard[..length].split_first()
            && let Ok(name) = std::str::from_utf8(name)
            && !name.is_empty()
            && name != self.own
            && !name.contains(['/', '\0'])
        {
            let mut others = self.others();
            // Whoever makes names up fills no memory: the next ring forgets them.
            if others.len() < MOST {
                others.insert(name.to_owned());
            }
        }
        Ok(())
    }

    /// Makes a thread that waits here come back, once.
    pub fn rouse(&self) {
        if let Ok(own) = address(&self.root, &self.own) {
            let _ = self.socket.send_to_addr(&[RING], &own);
        }
    }

    fn others(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To all who are known; whoever is gone is forgotten. A full bell rings already.
    fn send(&self, message: &[u8]) {
        let mut others = self.others();
        if others.is_empty() {
            return;
        }
        let Ok(sender) = UnixDatagram::unbound() else { return };
        let _ = sender.set_nonblocking(true);
        others.retain(|name| match address(&self.root, name).and_then(|to| sender.send_to_addr(message, &to)) {
            Ok(_) => true,
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        });
    }
}

/// Addresses are cut at about a hundred bytes, and homes may lie deep: a nameless address is made of two numbers instead.
#[cfg(target_os = "linux")]
fn address(root: &Path, name: &str) -> io::Result<SocketAddr> {
    use std::os::{linux::net::SocketAddrExt, unix::ffi::OsStrExt};
    // FNV-1a, 64 bits: equal in all builds, and no secret.
    let number = |bytes: &[u8]| bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    SocketAddr::from_abstract_name(format!("reelwright-{:016x}-{:016x}", number(root.as_os_str().as_bytes()), number(name.as_bytes())))
}

/// Elsewhere the socket is a file in the process's folder.
#[cfg(not(target_os = "linux"))]
fn address(root: &Path, name: &str) -> io::Result<SocketAddr> {
    SocketAddr::from_pathname(root.join(name).join("bell"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::Arc, time::Duration};

    /// Whether it rang within a time.
    fn rang(bell: &Bell) -> bool {
        bell.socket.set_read_timeout(Some(Duration::from_secs(5))).expect("sets");
        bell.wait().is_ok()
    }

    fn silent(bell: &Bell) -> bool {
        bell.socket.set_read_timeout(Some(Duration::from_millis(30))).expect("sets");
        bell.wait().is_err()
    }

    #[test]
    fn whoever_comes_is_rung_and_whoever_is_gone_is_forgotten() {
        let root = std::env::temp_dir().join(format!("bell-{}", std::process::id()));
        for name in ["one", "two", "three"] {
            std::fs::create_dir_all(root.join(name)).expect("makes");
        }
        let one = Bell::open(&root, "one").expect("opens");
        let two = Bell::open(&root, "two").expect("opens");
        assert!(rang(&one), "a hello is a ring");
        one.ring();
        assert!(rang(&two) && silent(&one));
        two.ring();
        assert!(rang(&one) && silent(&two));
        drop(two);
        one.ring();
        assert!(one.others().is_empty(), "{:?}", one.others());
        let waiting = Arc::new(one);
        let thread = std::thread::spawn({
            let waiting = Arc::clone(&waiting);
            move || rang(&waiting)
        });
        waiting.rouse();
        assert!(thread.join().expect("ends"));
        let _ = std::fs::remove_dir_all(&root);
    }

    #[test]
    fn who_never_waits_rings_whoever_came_later() {
        let root = std::env::temp_dir().join(format!("bell-late-{}", std::process::id()));
        for name in ["one", "two"] {
            std::fs::create_dir_all(root.join(name)).expect("makes");
        }
        let one = Bell::open(&root, "one").expect("opens");
        let two = Bell::open(&root, "two").expect("opens");
        one.ring();
        assert!(rang(&two));
        let _ = std::fs::remove_dir_all(&root);
    }

    #[test]
    fn a_full_bell_blocks_nobody() {
        let root = std::env::temp_dir().join(format!("bells-{}", std::process::id()));
        for name in ["one", "two"] {
            std::fs::create_dir_all(root.join(name)).expect("makes");
        }
        let one = Bell::open(&root, "one").expect("opens");
        let two = Bell::open(&root, "two").expect("opens");
        for _ in 0..10_000 {
            two.ring();
        }
        assert!(rang(&one));
        assert_eq!(two.others().len(), 1);
        let _ = std::fs::remove_dir_all(&root);
    }
}
