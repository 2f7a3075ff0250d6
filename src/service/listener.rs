//! Listening for the service, at every place it is to, on a port that can still be chosen while the program runs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Service;
use crate::capture::Endpoint;
use crate::config::Listen;
use crate::receiver::tls::ServerTls;
use crate::receiver::{self, BindError, Door, Limits, UnixError};

/// Why it cannot be listened somewhere.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// On a port.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// On a Unix socket.
    #[error(transparent)]
    Unix(#[from] UnixError),
}

/// Listens for a service until told to stop.
pub struct Listener {
    service: Arc<Service>,
    tls: Option<ServerTls>,
    limits: Limits,
    stop: CancellationToken,
    serving: TaskTracker,
    places: Mutex<Places>,
}

/// Where to listen, and where it is listened.
struct Places {
    wanted: Vec<Listen>,
    /// Which of them could not be had the last time.
    busy: usize,
    bound: Vec<Endpoint>,
}

impl Listener {
    /// A listener for these places that does not listen yet.
    pub fn new(service: Arc<Service>, wanted: Vec<Listen>, limits: Limits) -> Self {
        let places = Mutex::new(Places { wanted, busy: 0, bound: Vec::new() });
        Self { service, tls: None, limits, stop: CancellationToken::new(), serving: TaskTracker::new(), places }
    }

    /// The same, with what is spoken where TLS is.
    #[must_use]
    pub fn with_tls(self, tls: Option<ServerTls>) -> Self {
        Self { tls, ..self }
    }

    /// Listens everywhere, or nowhere; says where.
    pub fn listen(&self) -> Result<Vec<Endpoint>, ListenError> {
        let mut places = self.places();
        let mut doors = Vec::new();
        // What has no other port to offer goes first, so that a port is the last thing in the way.
        let mut order: Vec<usize> = (0..places.wanted.len()).collect();
        order.sort_by_key(|&at| matches!(places.wanted[at], Listen::Tcp { .. }));
        for at in order {
            let opened = self.open(&places.wanted[at]);
            if opened.is_err() {
                places.busy = at;
            }
            doors.push((at, opened?));
        }
        doors.sort_by_key(|(at, _)| *at);
        let doors: Vec<Door> = doors.into_iter().flat_map(|(_, doors)| doors).collect();
        let bound: Vec<Endpoint> = doors.iter().filter_map(Door::endpoint).collect();
        tracing::info!("listening on {bound:?}");
        self.serving.spawn(receiver::serve(doors, self.service.clone(), self.limits, self.stop.clone()));
        places.bound.clone_from(&bound);
        Ok(bound)
    }

    /// The same with another port, 0 for a free one, in the place of the one that could not be had.
    pub fn listen_on(&self, other: u16) -> Result<Vec<Endpoint>, ListenError> {
        {
            let mut places = self.places();
            let busy = places.busy;
            if let Some(Listen::Tcp { port, .. }) = places.wanted.get_mut(busy) {
                *port = other;
            }
        }
        self.listen()
    }

    fn open(&self, place: &Listen) -> Result<Vec<Door>, ListenError> {
        match place {
            Listen::Unix(path) => Ok(vec![receiver::bind_unix(path)?]),
            Listen::Tcp { tls, addresses, port } => {
                let tls = self.tls.as_ref().filter(|_| *tls);
                let listeners = receiver::bind(addresses, *port)?.into_iter();
                Ok(listeners.map(|listener| Door::from(listener).with_tls(tls.cloned())).collect())
            }
        }
    }

    /// Where it listens.
    pub fn bound(&self) -> Vec<Endpoint> {
        self.places().bound.clone()
    }

    /// The next port that is free where the one that is wanted could not be had.
    pub fn free_port(&self, from: u16) -> Option<u16> {
        let places = self.places();
        let addresses: &[IpAddr] = places.wanted.get(places.busy).map_or(&[], Listen::addresses);
        receiver::next_free_port(addresses, from)
    }

    /// Stops accepting and finishes what is in flight, within the receiver's time; what is run and sent for it is ended.
    pub async fn shut_down(&self) {
        tracing::info!("no longer listening");
        self.stop.cancel();
        self.service.stop_actions();
        self.serving.close();
        self.serving.wait().await;
        self.service.actions_ended().await;
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The URL by which this machine reaches the first of these that is no Unix socket.
pub fn reachable(endpoints: &[Endpoint]) -> Option<String> {
    let first = endpoints.iter().find(|endpoint| endpoint.address().is_some())?;
    let address = first.address()?;
    let address = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())),
        _ => address,
    };
    Some(format!("{}://{address}/", first.scheme()))
}
