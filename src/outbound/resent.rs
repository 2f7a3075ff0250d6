//! Recognising our own resends when they arrive here, without a mark in the request: by the address they come from.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use crate::capture::CaptureId;

/// The connections that resends are being sent over, by our end's address. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Resent(Arc<Mutex<HashMap<SocketAddr, CaptureId>>>);

/// Keeps a connection noted until dropped.
#[derive(Debug)]
pub struct Noted {
    resent: Resent,
    address: Option<SocketAddr>,
}

impl Resent {
    /// Notes that what comes from `local` is a resend of `capture`; a zero id is not noted.
    pub fn note(&self, local: SocketAddr, capture: CaptureId) -> Noted {
        let address = Some(canonical(local)).filter(|_| capture != CaptureId::default());
        if let Some(address) = address {
            self.with(|noted| noted.insert(address, capture));
        }
        Noted { resent: self.clone(), address }
    }

    /// The capture that a request from `remote` (`address:port`) is a resend of, told once.
    pub fn take(&self, remote: &str) -> Option<CaptureId> {
        let remote: SocketAddr = remote.parse().ok()?;
        self.with(|noted| noted.remove(&canonical(remote)))
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<SocketAddr, CaptureId>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        if let Some(address) = self.address {
            self.resent.with(|noted| noted.remove(&address));
        }
    }
}

/// A listener on `::` sees `::ffff:127.0.0.1`; a link-local address has a scope on one side only.
fn canonical(address: SocketAddr) -> SocketAddr {
    let ip: IpAddr = address.ip().to_canonical();
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_once_whose_resend_it_is() {
        let resent = Resent::default();
        let noted = resent.note("127.0.0.1:5000".parse().unwrap(), CaptureId(17));
        assert_eq!(resent.take("127.0.0.2:5000"), None);
        assert_eq!(resent.take("[::ffff:127.0.0.1]:5000"), Some(CaptureId(17)));
        assert_eq!(resent.take("127.0.0.1:5000"), None);
        drop(noted);
    }

    #[test]
    fn forgets_when_the_attempt_ends() {
        let resent = Resent::default();
        drop(resent.note("127.0.0.1:5000".parse().unwrap(), CaptureId(17)));
        let _unnumbered = resent.note("127.0.0.1:5001".parse().unwrap(), CaptureId::default());
        assert_eq!((resent.take("127.0.0.1:5000"), resent.take("127.0.0.1:5001")), (None, None));
        assert_eq!(resent.take("not an address"), None);
    }
}
