//! TLS for listeners: certificates, handshakes, and in words why one failed.
//!
//! Owns the certificate that hookview makes for itself, the reading of a certificate and its key from files, and what a
//! handshake tells of the client. Knows nothing of requests.

mod adhoc;
mod client;
mod handshake;
mod hello;
mod identity;
mod machine;
mod reason;
mod recorded;
mod verifier;

use std::sync::{Arc, PoisonError, RwLock};

use rustls_pki_types::CertificateDer;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::WantsServerCert;
use tokio_rustls::rustls::{ConfigBuilder, ServerConfig};

pub use adhoc::{AdHoc, AdHocError, Origin, certificate_in};
pub use identity::{CertificateError, Identity, read_certificates};
pub use machine::names as machine_names;

use verifier::Listed;

pub(super) use handshake::shake;
pub(super) use hello::HANDSHAKE;

/// The protocols that are spoken over TLS, the better one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// How a listener speaks TLS: its certificate, and whether it asks clients for theirs. Cheap to clone; clones change
/// together.
#[derive(Clone)]
pub struct ServerTls {
    config: Arc<RwLock<Arc<ServerConfig>>>,
    asks_client: bool,
}

impl ServerTls {
    /// TLS 1.2 and 1.3 with this certificate. With `client_cas`, clients must show a certificate that one of them issued,
    /// or that is itself among them.
    pub fn new(identity: Identity, client_cas: Option<&[CertificateDer<'static>]>) -> Result<Self, CertificateError> {
        let config = checking(client_cas)?.with_single_cert(identity.chain, identity.key)?;
        Ok(Self::of(config, client_cas.is_some()))
    }

    /// The same certificate, and other `client_cas`.
    pub fn checking(&self, client_cas: Option<&[CertificateDer<'static>]>) -> Result<Self, CertificateError> {
        let config = checking(client_cas)?.with_cert_resolver(self.config().cert_resolver.clone());
        Ok(Self::of(config, client_cas.is_some()))
    }

    fn of(mut config: ServerConfig, asks_client: bool) -> Self {
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Self { config: Arc::new(RwLock::new(config.into())), asks_client }
    }

    /// Speaks as `other` does from the next handshake on, also where clones of this listen. Whether clients are asked for
    /// certificates stays.
    pub fn become_like(&self, other: &Self) {
        let config = other.config();
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
    }

    fn config(&self) -> Arc<ServerConfig> {
        self.config.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether clients must show a certificate, so that plain HTTP is no way in.
    pub(super) fn asks_client(&self) -> bool {
        self.asks_client
    }
}

/// What lacks only a certificate.
fn checking(
    client_cas: Option<&[CertificateDer<'static>]>,
) -> Result<ConfigBuilder<ServerConfig, WantsServerCert>, CertificateError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(match client_cas {
        Some(cas) => builder.with_client_cert_verifier(Arc::new(Listed::new(cas)?)),
        None => builder.with_no_client_auth(),
    })
}
