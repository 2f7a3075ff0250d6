//! TLS towards targets: the system's certificates and one's own, or none checked; and errors in words.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use crate::export::Url;

/// How the certificates of `https` targets are checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// A PEM file of certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Trust every certificate.
    pub insecure: bool,
}

/// Why a client cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file cannot be read, or what is in it is not PEM.
    #[error("cannot read certificates from {path}: {reason}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is no certificate in it.
    #[error("there is no certificate in {0}: it must hold PEM, beginning with -----BEGIN CERTIFICATE-----")]
    NoCertificate(PathBuf),
    /// The TLS library refuses its own settings.
    #[error("cannot set up TLS: {0}")]
    Setup(#[from] Error),
}

/// Does handshakes. The system's certificates are read when the first one needs them.
#[derive(Clone)]
pub(super) struct Connector {
    own: Arc<RootCertStore>,
    insecure: bool,
    config: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Connector {
    pub(super) fn new(options: &TlsOptions) -> Result<Self, TlsError> {
        let own = options.ca_file.as_ref().map_or_else(|| Ok(RootCertStore::empty()), |path| certificates(path))?;
        Ok(Self { own: Arc::new(own), insecure: options.insecure, config: Arc::default() })
    }

    /// Shakes hands, or says why not.
    pub(super) async fn handshake(&self, url: &Url, stream: TcpStream) -> Result<TlsStream<TcpStream>, String> {
        let name = ServerName::try_from(url.host()).map_err(|_| format!("TLS: `{}` is not a host name", url.host()))?;
        let config = self.config().map_err(|error| error.to_string())?;
        TlsConnector::from(config).connect(name, stream).await.map_err(|error| in_words(url, &error))
    }

    fn config(&self) -> Result<Arc<ClientConfig>, TlsError> {
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let config = Arc::new(self.build()?);
        Ok(self.config.get_or_init(|| config).clone())
    }

    fn build(&self) -> Result<ClientConfig, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
        if self.insecure {
            let verifier = Arc::new(TrustAll(provider));
            return Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth());
        }
        let mut roots = RootCertStore::empty();
        // A machine without certificates is no error: the handshake then says what to do.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.extend(self.own.roots.iter().cloned());
        Ok(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

fn certificates(path: &Path) -> Result<RootCertStore, TlsError> {
    let unreadable = |reason: String| TlsError::CaFile { path: path.to_owned(), reason };
    let text = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
    }
    if roots.is_empty() { Err(TlsError::NoCertificate(path.to_owned())) } else { Ok(roots) }
}

fn in_words(url: &Url, error: &io::Error) -> String {
    let host = url.host();
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
    match cause {
        Some(Error::InvalidCertificate(
            CertificateError::NotValidForNameContext { .. } | CertificateError::NotValidForName,
        )) => {
            format!("TLS: the certificate is not for {host}: use the name it was made for, or --insecure to accept any")
        }
        Some(Error::InvalidCertificate(CertificateError::ExpiredContext { .. } | CertificateError::Expired)) => {
            format!("TLS: the certificate of {host} has expired: renew it, or use --insecure to accept any")
        }
        Some(Error::InvalidCertificate(reason)) => format!(
            "TLS: the certificate of {host} is not trusted ({reason}): give its CA with --ca-file, or use --insecure to accept any"
        ),
        Some(Error::InvalidMessage(_)) => {
            format!("TLS: {} does not speak TLS: use http:// in the URL", url.authority())
        }
        Some(cause) => format!("TLS: {cause}"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            format!("TLS: {} closed the connection during the handshake", url.authority())
        }
        None => format!("TLS: {error}"),
    }
}

/// Trusts every certificate; that the other side holds its key is still checked.
#[derive(Debug)]
struct TrustAll(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustAll {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
