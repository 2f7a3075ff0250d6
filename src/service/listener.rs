//! Listening for the service, on a port that can still be chosen while the program runs.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Service;
use crate::receiver::{self, BindError, Limits};

/// Listens for a service until told to stop.
pub struct Listener {
    service: Arc<Service>,
    addresses: Vec<IpAddr>,
    limits: Limits,
    stop: CancellationToken,
    serving: TaskTracker,
    bound: Mutex<Vec<SocketAddr>>,
}

impl Listener {
    /// A listener for these addresses that does not listen yet.
    pub fn new(service: Arc<Service>, addresses: Vec<IpAddr>, limits: Limits) -> Self {
        let (stop, serving) = (CancellationToken::new(), TaskTracker::new());
        Self { service, addresses, limits, stop, serving, bound: Mutex::default() }
    }

    /// Listens on `port`, 0 for a free one; says where.
    pub fn listen(&self, port: u16) -> Result<Vec<SocketAddr>, BindError> {
        let listeners = receiver::bind(&self.addresses, port)?;
        let bound: Vec<SocketAddr> = listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
        tracing::info!("listening on {bound:?}");
        self.serving.spawn(receiver::serve(listeners, self.service.clone(), self.limits, self.stop.clone()));
        self.bound.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&bound);
        Ok(bound)
    }

    /// Where it listens.
    pub fn bound(&self) -> Vec<SocketAddr> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next port that is free on all its addresses.
    pub fn free_port(&self, from: u16) -> Option<u16> {
        receiver::next_free_port(&self.addresses, from)
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
}
