//! Where requests come to.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where requests come to, as who sends them writes it: `https://127.0.0.1:9443`, `unix:/run/hookview.sock`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A TCP port; one with TLS usually takes plain HTTP as well.
    Tcp {
        /// Whether it speaks TLS.
        tls: bool,
        /// Its address; an unspecified one stands for every address of the machine.
        address: SocketAddr,
    },
    /// A Unix socket.
    Unix(PathBuf),
}

impl Endpoint {
    /// Its address, when it has one.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp { address, .. } => Some(*address),
            Self::Unix(_) => None,
        }
    }

    /// Whether it speaks TLS.
    pub fn is_tls(&self) -> bool {
        matches!(self, Self::Tcp { tls: true, .. })
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.is_tls() { "https" } else { "http" }
    }

    /// As this machine reaches it: `localhost` where it listens on every address.
    pub fn local_url(&self) -> String {
        match self.address().filter(|address| address.ip().is_unspecified()) {
            Some(address) => format!("{}://localhost:{}", self.scheme(), address.port()),
            None => self.to_string(),
        }
    }

    /// Whether only this machine reaches it.
    pub fn is_local(&self) -> bool {
        self.address().is_none_or(|address| address.ip().is_loopback())
    }
}

/// Plain HTTP.
impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp { tls: false, address }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { address, .. } => write!(f, "{}://{address}", self.scheme()),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
