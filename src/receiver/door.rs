//! What clients come in by: a socket that is listened on, and whether TLS is spoken there.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;

use crate::capture::Endpoint;

use super::tls::ServerTls;
use super::unix::UnixDoor;
use super::wire::Wire;
use super::{Ends, Intake, Receiver, connection, opening};

/// A socket that is listened on.
pub struct Door {
    socket: Socket,
    tls: Option<ServerTls>,
}

enum Socket {
    Tcp(TcpListener),
    Unix(UnixDoor),
}

/// A client that came in.
pub(super) enum Caller {
    Tcp(TcpStream, Ends),
    Unix(UnixStream, Ends),
}

/// Plain HTTP.
impl From<TcpListener> for Door {
    fn from(listener: TcpListener) -> Self {
        Self { socket: Socket::Tcp(listener), tls: None }
    }
}

impl From<UnixDoor> for Door {
    fn from(door: UnixDoor) -> Self {
        Self { socket: Socket::Unix(door), tls: None }
    }
}

impl Door {
    /// The same with TLS, which a Unix socket has no use for.
    #[must_use]
    pub fn with_tls(self, tls: Option<ServerTls>) -> Self {
        Self { tls, ..self }
    }

    /// Where it is; none when the system does not tell.
    pub fn endpoint(&self) -> Option<Endpoint> {
        match &self.socket {
            Socket::Tcp(listener) => {
                let address = listener.local_addr().ok()?;
                Some(Endpoint::Tcp { tls: self.tls.is_some(), address })
            }
            Socket::Unix(door) => Some(Endpoint::Unix(door.path.clone())),
        }
    }

    /// Waits for a client.
    pub(super) async fn accept(&self) -> io::Result<Caller> {
        match &self.socket {
            Socket::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                let ends = tcp_ends(&stream)?;
                Ok(Caller::Tcp(stream, ends))
            }
            Socket::Unix(door) => {
                let (stream, _) = door.listener.accept().await?;
                Ok(Caller::Unix(stream, unix_ends(&door.path)))
            }
        }
    }

    /// Serves a client until it goes.
    pub(super) fn serve<I: Intake>(&self, caller: Caller, receiver: Arc<Receiver<I>>, connections: &mut JoinSet<()>) {
        match (caller, self.tls.clone()) {
            (Caller::Tcp(stream, ends), Some(tls)) => connections.spawn(opening::serve(stream, ends, tls, receiver)),
            (Caller::Tcp(stream, ends), None) => {
                connections.spawn(connection::serve(Wire::new(stream), ends, receiver))
            }
            (Caller::Unix(stream, ends), _) => connections.spawn(connection::serve(Wire::new(stream), ends, receiver)),
        };
    }
}

/// Both ends of a fresh connection. Answers are small and wanted now, so they wait for no others to travel with.
fn tcp_ends(stream: &TcpStream) -> io::Result<Ends> {
    stream.set_nodelay(true)?;
    Ok(Ends { remote: readable(stream.peer_addr()?), local: readable(stream.local_addr()?), tls: None })
}

/// An IPv4 client of an IPv6 socket has an address that nobody would recognise (`[::ffff:10.0.0.1]:4711`).
fn readable(address: SocketAddr) -> String {
    SocketAddr::new(address.ip().to_canonical(), address.port()).to_string()
}

/// Who connects to a Unix socket has no address.
fn unix_ends(path: &Path) -> Ends {
    Ends { remote: "unix".to_owned(), local: format!("unix:{}", path.display()), tls: None }
}
