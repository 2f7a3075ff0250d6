//! Whether the certificate that a target shows is accepted. Knows nothing of URLs, files and sentences.

use std::sync::Arc;

use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Trusts what the roots vouch for, and certificates that are themselves listed: `openssl req -x509` makes those of
/// servers into CAs, which may vouch for others but not for themselves.
#[derive(Debug)]
pub(super) struct Listed {
    certificates: Arc<[CertificateDer<'static>]>,
    by_roots: Arc<WebPkiServerVerifier>,
}

impl Listed {
    /// `roots` must not be empty.
    pub(super) fn new(
        certificates: Arc<[CertificateDer<'static>]>,
        roots: RootCertStore,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let by_roots = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        Ok(Self { certificates, by_roots: by_roots.map_err(|error| Error::General(error.to_string()))? })
    }
}

/// Whether listing a certificate can make up for this. Its dates hold all the same.
fn is_open_to_listing(error: &Error) -> bool {
    use CertificateError::{NotValidForNameContext, Other, UnknownIssuer};
    matches!(error, Error::InvalidCertificate(UnknownIssuer | Other(_) | NotValidForNameContext { .. }))
}

/// Whether a certificate names this server. One that names none at all (old ones have only a common name, which
/// nothing reads any more) is taken for the one that it was listed for.
fn names(certificate: &CertificateDer<'_>, server: &ServerName<'_>) -> Result<(), Error> {
    match verify_server_name(&ParsedCertificate::try_from(certificate)?, server) {
        Err(Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }))
            if presented.is_empty() =>
        {
            Ok(())
        }
        result => result,
    }
}

impl ServerCertVerifier for Listed {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.by_roots.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(error) if is_open_to_listing(&error) && self.certificates.iter().any(|own| own == end_entity) => {
                names(end_entity, server_name).map(|()| ServerCertVerified::assertion())
            }
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_roots.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_roots.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_roots.supported_verify_schemes()
    }
}

/// Trusts every certificate; that the other side holds its key is still checked.
#[derive(Debug)]
pub(super) struct TrustAll(pub(super) Arc<CryptoProvider>);

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
