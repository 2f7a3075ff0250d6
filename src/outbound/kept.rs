//! Connections to targets, and those that are kept for the next request: few, and not for long.
//!
//! A target closes a connection that it has heard nothing over for some seconds, and a request that comes just then is
//! lost. So one is kept for less than any server is known to wait (gunicorn: 2 s, Node: 5 s), which is all that a target
//! needs when much is sent to it.

use std::collections::HashMap;
use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

/// How long a connection is kept that nothing is sent over, unless told.
const IDLE: Duration = Duration::from_secs(1);
/// Connections that are kept to one target at most: as many as forwards of a rule are under way at once.
const EACH: usize = 64;
/// Connections that are kept at most.
const ALL: usize = 256;

/// TCP, or TLS over it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {
    /// The socket below.
    fn socket(&self) -> &TcpStream;
}

impl Stream for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Stream for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// A connection to a target.
pub(super) struct Connection {
    pub(super) stream: Box<dyn Stream>,
    /// Our end of it.
    pub(super) local: SocketAddr,
    /// Whether it was kept: then the target may have closed it.
    pub(super) is_kept: bool,
    /// What was trusted and shown when it was made.
    pub(super) age: Age,
}

/// Counts how often those that are kept were cleared: a connection of an older age is kept no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Age(u64);

impl Connection {
    /// Whether nothing has come over it since the last answer, not even its end. The system is asked: the runtime learns
    /// of it a moment later.
    fn is_quiet(&self) -> bool {
        let seen = SockRef::from(self.stream.socket()).peek(&mut [MaybeUninit::uninit()]);
        seen.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}

/// Connections that nothing is sent over just now. Clones share them.
#[derive(Clone)]
pub(super) struct Kept {
    idle: Duration,
    shelves: Arc<Mutex<Shelves>>,
}

impl Default for Kept {
    fn default() -> Self {
        Self::for_idle(IDLE)
    }
}

#[derive(Default)]
struct Shelves {
    /// By scheme and authority; the one that was used last comes last.
    by_origin: HashMap<String, Vec<(Instant, Connection)>>,
    /// Whether somebody closes those that were kept for too long.
    is_swept: bool,
    age: Age,
}

impl Kept {
    /// None yet, and each for so long when nothing is sent over it.
    pub(super) fn for_idle(idle: Duration) -> Self {
        Self { idle, shelves: Arc::default() }
    }

    /// That of a connection that is begun now.
    pub(super) fn age(&self) -> Age {
        self.shelves().age
    }

    /// A connection to this origin that seems to be open.
    pub(super) fn take(&self, origin: &str) -> Option<Connection> {
        loop {
            let (since, connection) = self.shelves().by_origin.get_mut(origin)?.pop()?;
            if since.elapsed() < self.idle && connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for a while, unless all were cleared since it was made.
    pub(super) fn put(&self, origin: String, connection: Connection) {
        let mut shelves = self.shelves();
        if connection.age != shelves.age {
            return;
        }
        let is_full = shelves.by_origin.values().map(Vec::len).sum::<usize>() >= ALL;
        let same = shelves.by_origin.entry(origin).or_default();
        if is_full || same.len() >= EACH {
            return;
        }
        same.push((Instant::now(), Connection { is_kept: true, ..connection }));
        if !std::mem::replace(&mut shelves.is_swept, true) {
            tokio::spawn(self.clone().sweep());
        }
    }

    /// Keeps none of those that there are, nor of those that are in use.
    pub(super) fn clear(&self) {
        let mut shelves = self.shelves();
        shelves.by_origin.clear();
        shelves.age.0 += 1;
    }

    /// Closes what was kept for too long, until there is nothing more.
    async fn sweep(self) {
        loop {
            tokio::time::sleep(self.idle).await;
            let mut shelves = self.shelves();
            for shelf in shelves.by_origin.values_mut() {
                shelf.retain(|(since, _)| since.elapsed() < self.idle);
            }
            shelves.by_origin.retain(|_, shelf| !shelf.is_empty());
            if shelves.by_origin.is_empty() {
                shelves.is_swept = false;
                return;
            }
        }
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
