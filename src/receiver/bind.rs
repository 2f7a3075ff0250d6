//! Opening the listening sockets, and saying well why that did not work.

use std::io;
use std::net::{IpAddr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use super::holder::Holder;

/// Connections that may wait to be accepted; a sender's burst should not see resets.
pub(super) const BACKLOG: i32 = 1024;
/// How often another free port is tried when the one that an address got is taken on the next address.
const TRIES: usize = 16;

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Something else listens there.
    #[error("{address} is already in use{}: stop that program, or choose another port with --port", held_by(.holder.as_ref()))]
    InUse {
        /// Where.
        address: SocketAddr,
        /// Who it is, when that can be known.
        holder: Option<Holder>,
    },
    /// The system keeps this port to itself.
    #[error(
        "not allowed to listen on {address}: choose a port above 1023 with --port, or run with the right to use low ports"
    )]
    NotPermitted {
        /// Where.
        address: SocketAddr,
    },
    /// No interface has this address.
    #[error("{} is not an address of this machine: choose one that is with --bind", .address.ip())]
    NotAvailable {
        /// Where.
        address: SocketAddr,
    },
    /// Anything else.
    #[error("cannot listen on {address}: {source}")]
    Other {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

fn held_by(holder: Option<&Holder>) -> String {
    holder.map(|holder| format!(" by {} (pid {})", holder.command, holder.pid)).unwrap_or_default()
}

impl BindError {
    /// Where listening failed.
    pub fn address(&self) -> SocketAddr {
        match self {
            Self::InUse { address, .. }
            | Self::NotPermitted { address }
            | Self::NotAvailable { address }
            | Self::Other { address, .. } => *address,
        }
    }

    fn new(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::InUse { address, holder: Holder::of(address) },
            io::ErrorKind::PermissionDenied => Self::NotPermitted { address },
            io::ErrorKind::AddrNotAvailable => Self::NotAvailable { address },
            _ => Self::Other { address, source },
        }
    }
}

/// Listens on `port` of every address, or on none. Port 0 picks one port that is free on all of them. An IPv6 loopback
/// address that the machine does not have is passed over when another address works. Needs a tokio runtime around it.
pub fn bind(addresses: &[IpAddr], port: u16) -> Result<Vec<TcpListener>, BindError> {
    let mut tries = 1;
    loop {
        match bind_all(addresses, port) {
            Ok(sockets) => return sockets.into_iter().map(into_listener).collect(),
            Err((_, error)) if port == 0 && error.kind() == io::ErrorKind::AddrInUse && tries < TRIES => tries += 1,
            Err((address, error)) => return Err(BindError::new(address, error)),
        }
    }
}

/// The first port from `from` on that is free on every address. Somebody may take it before it is listened on.
pub fn next_free_port(addresses: &[IpAddr], from: u16) -> Option<u16> {
    (from.max(1)..=u16::MAX).take(1000).find(|&port| bind_all(addresses, port).is_ok())
}

type Bound = (SocketAddr, Socket);

fn bind_all(addresses: &[IpAddr], mut port: u16) -> Result<Vec<Bound>, (SocketAddr, io::Error)> {
    let mut sockets = Vec::new();
    let mut passed_over = None;
    // An IPv6 socket for all addresses takes IPv4 too, unless there is one for that already.
    let only_v6 = addresses.iter().any(|address| address.is_ipv4() && address.is_unspecified());
    let once = addresses.iter().enumerate().filter(|(index, ip)| !addresses[..*index].contains(ip));
    for (_, &ip) in once {
        let address = SocketAddr::new(ip, port);
        match listen(address, only_v6) {
            Ok(bound) => {
                port = bound.0.port();
                sockets.push(bound);
            }
            Err(error) if ip.is_ipv6() && ip.is_loopback() && is_missing(&error) => {
                passed_over = Some((address, error));
            }
            Err(error) => return Err((address, error)),
        }
    }
    match passed_over {
        Some(failure) if sockets.is_empty() => Err(failure),
        _ => Ok(sockets),
    }
}

/// Whether the machine has no such address, or no such kind of address.
fn is_missing(error: &io::Error) -> bool {
    let no_such_family = rustix::io::Errno::AFNOSUPPORT.raw_os_error();
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(no_such_family)
}

fn listen(address: SocketAddr, only_v6: bool) -> io::Result<Bound> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(only_v6)?;
    }
    // Else the port stays taken for a minute after a restart. On Windows it would let two programs share it.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let address = socket.local_addr()?.as_socket().unwrap_or(address);
    Ok((address, socket))
}

fn into_listener((address, socket): Bound) -> Result<TcpListener, BindError> {
    TcpListener::from_std(socket.into()).map_err(|source| BindError::Other { address, source })
}
