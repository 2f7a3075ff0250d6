//! What there is to know of a certificate that a client showed.

use chrono::{DateTime, SecondsFormat, Utc};
use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use x509_parser::parse_x509_certificate;

use crate::capture::ClientCertificate;

/// The facts of a certificate; what of it cannot be read stays empty.
pub(super) fn facts(certificate: &CertificateDer<'_>) -> ClientCertificate {
    let fingerprint = hex::encode(Sha256::digest(certificate));
    let Ok((_, parsed)) = parse_x509_certificate(certificate) else {
        return ClientCertificate { fingerprint, ..ClientCertificate::default() };
    };
    let not_after = DateTime::<Utc>::from_timestamp(parsed.validity().not_after.timestamp(), 0);
    ClientCertificate {
        subject: parsed.subject().to_string(),
        issuer: parsed.issuer().to_string(),
        not_after: not_after.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default(),
        fingerprint,
    }
}
