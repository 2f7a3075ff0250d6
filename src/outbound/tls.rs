//! TLS towards targets: the system's certificates and one's own, or none checked; and errors in words.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{AlertDescription, CertificateError, ClientConfig, Error, RootCertStore};

use super::verifier::{Listed, TrustAll};
use crate::export::Url;

/// How the certificates of `https` targets are checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// A PEM file of certificates to trust besides the system's: those of CAs, or targets' own.
    pub ca_file: Option<PathBuf>,
    /// PEM files of certificates that listeners of ours show, trusted too; passed over when they cannot be read.
    pub ours: Vec<PathBuf>,
    /// PEM files of a certificate, with those that issued it behind it, and of its key: shown to targets that ask for one.
    pub identity: Option<(PathBuf, PathBuf)>,
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
    /// The key of our own certificate cannot be used.
    #[error("cannot use the private key in {path}: {reason}")]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The TLS library refuses its own settings.
    #[error("cannot set up TLS: {0}")]
    Setup(#[from] Error),
}

/// Does handshakes. The system's certificates are read when the first one needs them.
#[derive(Clone)]
pub(super) struct Connector {
    own: Arc<[CertificateDer<'static>]>,
    identity: Option<Arc<CertifiedKey>>,
    ours: Arc<[PathBuf]>,
    insecure: bool,
    config: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Connector {
    pub(super) fn new(options: &TlsOptions) -> Result<Self, TlsError> {
        let own = options.ca_file.as_ref().map_or_else(|| Ok(Vec::new()), |path| certificates(path))?;
        Ok(Self {
            own: own.into(),
            identity: options.identity.as_ref().map(|(cert, key)| identity(cert, key)).transpose()?.map(Arc::new),
            ours: options.ours.clone().into(),
            insecure: options.insecure,
            config: Arc::default(),
        })
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
        let listed = self.listed();
        let roots = if self.insecure { RootCertStore::empty() } else { roots(&listed)? };
        let builder = match (self.insecure, listed.is_empty()) {
            (true, _) => builder.dangerous().with_custom_certificate_verifier(Arc::new(TrustAll(provider))),
            (false, true) => builder.with_root_certificates(roots),
            (false, false) => {
                let verifier = Arc::new(Listed::new(listed.into(), roots, provider)?);
                builder.dangerous().with_custom_certificate_verifier(verifier)
            }
        };
        Ok(match &self.identity {
            Some(own) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own.clone()))),
            None => builder.with_no_client_auth(),
        })
    }

    /// What is trusted besides what the system trusts. Ours may have been made since this was set up.
    fn listed(&self) -> Vec<CertificateDer<'static>> {
        let ours = self.ours.iter().filter_map(|path| certificates(path).ok()).flatten();
        self.own.iter().cloned().chain(ours).collect()
    }
}

fn roots(listed: &[CertificateDer<'static>]) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    // A machine without certificates is no error: the handshake then says what to do.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    listed.iter().try_for_each(|certificate| roots.add(certificate.clone()))?;
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |reason: String| TlsError::CaFile { path: path.to_owned(), reason };
    let text = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        if RootCertStore::empty().add(certificate.clone()).is_err() {
            return Err(unreadable(format!("its certificate {} is damaged", certificates.len() + 1)));
        }
        certificates.push(certificate);
    }
    if certificates.is_empty() { Err(TlsError::NoCertificate(path.to_owned())) } else { Ok(certificates) }
}

/// A certificate of ours with its key.
fn identity(cert: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let unusable = |reason: String| TlsError::Key { path: key.to_owned(), reason };
    let chain = certificates(cert)?;
    let text = std::fs::read(key).map_err(|error| unusable(error.to_string()))?;
    let is_locked = text.windows(9).any(|window| window == b"ENCRYPTED");
    let key = PrivateKeyDer::from_pem_slice(&text).map_err(|_| {
        let decrypt = "it is encrypted: decrypt it with `openssl pkey -in FILE -out plain.key`, and use that";
        let missing = "there is none: it must hold PEM, beginning with -----BEGIN PRIVATE KEY-----";
        unusable(if is_locked { decrypt } else { missing }.to_owned())
    })?;
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| match error {
        Error::InconsistentKeys(_) => unusable(format!("it does not belong to the certificate in {}", cert.display())),
        error => unusable(error.to_string()),
    })
}

/// That the target does not accept our certificate, or that we show none, in words: TLS 1.3 tells it after the handshake.
pub(super) fn refused(error: &io::Error) -> Option<String> {
    use AlertDescription as A;
    let Error::AlertReceived(alert) = error.get_ref()?.downcast_ref::<Error>()? else { return None };
    match alert {
        A::CertificateRequired => Some(
            "TLS: the target asks for a client's certificate: give one with --client-cert and --client-key".to_owned(),
        ),
        A::UnknownCA | A::BadCertificate | A::CertificateUnknown | A::AccessDenied | A::DecryptError => {
            Some("TLS: the target does not accept our certificate, or misses it: see --client-cert".to_owned())
        }
        A::CertificateExpired => Some("TLS: our certificate has expired: renew that of --client-cert".to_owned()),
        _ => None,
    }
}

fn in_words(url: &Url, error: &io::Error) -> String {
    if let Some(refused) = refused(error) {
        return refused;
    }
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
            "TLS: the certificate of {host} is not trusted ({}): give its CA with --ca-file, or use --insecure to accept any",
            distrust(reason)
        ),
        Some(Error::InvalidMessage(_)) => {
            format!("TLS: {} does not speak TLS: use http:// in the URL", url.authority())
        }
        Some(Error::AlertReceived(_) | Error::PeerIncompatible(_)) => format!(
            "TLS: {} refuses the handshake: it must speak TLS 1.2 or 1.3; if it asks for a client's certificate, give one with --client-cert",
            url.authority()
        ),
        Some(Error::PeerMisbehaved(_)) => format!("TLS: {} breaks the rules of TLS", url.authority()),
        Some(cause) => format!("TLS: {cause}"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            format!("TLS: {} closed the connection during the handshake", url.authority())
        }
        None => format!("TLS: {error}"),
    }
}

/// Why a certificate is not trusted, in the words of people.
fn distrust(reason: &CertificateError) -> &'static str {
    use CertificateError as E;
    match reason {
        E::UnknownIssuer => "nobody who is trusted issued it",
        E::NotValidYet | E::NotValidYetContext { .. } => "it is not valid yet",
        E::Revoked => "it was revoked",
        E::BadSignature => "its signature is wrong",
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => "it is not meant for servers",
        E::BadEncoding => "it is damaged",
        // Also a CA's certificate that a server uses as its own.
        _ => "it is not fit for a server",
    }
}
