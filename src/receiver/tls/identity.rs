//! A certificate with its key, as PEM files hold them, and what is wrong with such files.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{Error, InconsistentKeys, RootCertStore};
use x509_parser::parse_x509_certificate;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("cannot read {}: {why}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// A file holds no certificate.
    #[error(
        "there is no certificate in {}{}: it must hold PEM, beginning with -----BEGIN CERTIFICATE-----",
        path.display(), if *.has_key { ", only a private key" } else { "" }
    )]
    NoCertificate {
        /// The file.
        path: PathBuf,
        /// Whether there is a key in it.
        has_key: bool,
    },
    /// A certificate is damaged.
    #[error("certificate {number} in {} is damaged: copy the file anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which one, from 1.
        number: usize,
    },
    /// A file holds no key.
    #[error("there is no private key in {}: name the file that has it with --key", .0.display())]
    NoKey(PathBuf),
    /// The key is protected by a password.
    #[error(
        "the private key in {path} is encrypted: decrypt it with `openssl pkey -in {path} -out plain.key`, use that"
    )]
    EncryptedKey {
        /// The file.
        path: String,
    },
    /// The key is of a kind that TLS does not know here.
    #[error("the private key in {} cannot be used: it must be RSA of 2048 bits or more, ECDSA (P-256, P-384) or Ed25519", .0.display())]
    UnusableKey(PathBuf),
    /// The key is that of another certificate.
    #[error("the private key in {} does not belong to the certificate in {}{}", key.display(), cert.display(), misplaced(*.fits))]
    Mismatch {
        /// The file of the certificate.
        cert: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// The certificate of the file that it does belong to, from 2.
        fits: Option<usize>,
    },
    /// The certificates for clients cannot be used.
    #[error("the certificates in --client-ca cannot be used: {0}")]
    ClientCa(String),
    /// The TLS library refuses them.
    #[error("this certificate cannot be used: {0}")]
    Unusable(#[from] Error),
}

fn misplaced(fits: Option<usize>) -> String {
    fits.map_or(": give the key that it was made with".to_owned(), |number| {
        format!(", but to certificate {number} there: put that first, and behind it those that issued it")
    })
}

/// A certificate, those that lead from it to a root, and its key.
pub struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// Never the key.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

impl Identity {
    /// Reads a certificate and its key, which may be in one file.
    pub fn read(cert: &Path, key: &Path) -> Result<Self, CertificateError> {
        let identity = Self { chain: read_certificates(cert)?, key: read_key(key)? };
        match identity.key_fits(0) {
            Ok(true) => Ok(identity),
            Ok(false) => Err(CertificateError::Mismatch {
                cert: cert.to_owned(),
                key: key.to_owned(),
                fits: (1..identity.chain.len()).find(|&at| identity.key_fits(at) == Ok(true)).map(|at| at + 1),
            }),
            Err(_) => Err(CertificateError::UnusableKey(key.to_owned())),
        }
    }

    /// Whether the key is that of the certificate at this place of the chain.
    fn key_fits(&self, at: usize) -> Result<bool, Error> {
        let key = ring::sign::any_supported_type(&self.key)?;
        let certified = tokio_rustls::rustls::sign::CertifiedKey::new(vec![self.chain[at].clone()], key);
        match certified.keys_match() {
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(true),
            Err(_) => Ok(false),
        }
    }

    /// The certificate itself, in DER.
    pub fn certificate(&self) -> &[u8] {
        self.chain.first().map_or(&[], |certificate| certificate)
    }

    /// What a client may stumble over, in sentences: dates, and issuers that are missing.
    pub fn notes(&self, path: &Path, now: i64) -> Vec<String> {
        let parsed: Vec<_> = self.chain.iter().filter_map(|one| parse_x509_certificate(one).ok()).collect();
        let Some((_, own)) = parsed.first() else { return Vec::new() };
        let (path, mut notes) = (path.display(), Vec::new());
        if own.validity().not_after.timestamp() < now {
            notes.push(format!("the certificate in {path} has expired on {}", own.validity().not_after));
        }
        if own.validity().not_before.timestamp() > now {
            notes.push(format!("the certificate in {path} is not valid before {}", own.validity().not_before));
        }
        for pair in parsed.windows(2).filter(|pair| pair[0].1.issuer() != pair[1].1.subject()) {
            let (issuer, subject) = (pair[0].1.issuer(), pair[1].1.subject());
            notes.push(format!("in {path}, {subject} stands where {issuer} should: put each behind the one it issued"));
        }
        if parsed.len() == 1 && own.issuer() != own.subject() {
            notes.push(format!(
                "{path} holds no chain: clients that do not know {} themselves will not trust it; put that certificate \
                 behind the other",
                own.issuer()
            ));
        }
        notes
    }
}

/// Reads the certificates of a PEM file, at least one.
pub fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let text = read(path)?;
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let sound = certificate.ok().filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok());
        let number = certificates.len() + 1;
        certificates.push(sound.ok_or_else(|| CertificateError::Damaged { path: path.to_owned(), number })?);
    }
    if certificates.is_empty() {
        let has_key = contains(&text, b"PRIVATE KEY-----");
        return Err(CertificateError::NoCertificate { path: path.to_owned(), has_key });
    }
    Ok(certificates)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    let text = read(path)?;
    if contains(&text, b"-----BEGIN ENCRYPTED PRIVATE KEY-----") || contains(&text, b"Proc-Type: 4,ENCRYPTED") {
        return Err(CertificateError::EncryptedKey { path: path.display().to_string() });
    }
    PrivateKeyDer::from_pem_slice(&text).map_err(|_| CertificateError::NoKey(path.to_owned()))
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(path).map_err(|why| CertificateError::Read { path: path.to_owned(), why })
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

    use super::*;

    /// What is wrong with these two files, without their directory.
    fn complaint(directory: &Path, cert: &str, key: &str) -> String {
        let error = Identity::read(&directory.join(cert), &directory.join(key)).unwrap_err().to_string();
        error.replace(&format!("{}/", directory.display()), "")
    }

    #[test]
    fn what_is_wrong_with_a_pair_is_said() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "the root");
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &ca).unwrap();
        let write = |name: &str, text: String| std::fs::write(path.join(name), text).unwrap();
        write("own.pem", own.pem());
        write("own.key", key.serialize_pem());
        write("other.key", KeyPair::generate().unwrap().serialize_pem());
        write("chain.pem", own.pem() + &ca.pem());
        write("turned.pem", ca.pem() + &own.pem());
        write("locked.key", key.serialize_pem().replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
        write("both.pem", own.pem() + &key.serialize_pem());
        write("damaged.pem", own.pem().replacen("MII", "AAA", 1));

        for (cert, key, words) in [
            ("gone.pem", "own.key", "cannot read gone.pem: "),
            ("own.key", "own.pem", "there is no certificate in own.key, only a private key: "),
            ("own.pem", "own.pem", "there is no private key in own.pem: name the file that has it with --key"),
            ("own.pem", "locked.key", "the private key in locked.key is encrypted: "),
            ("own.pem", "other.key", "the private key in other.key does not belong to the certificate in own.pem: "),
            (
                "turned.pem",
                "own.key",
                "the private key in own.key does not belong to the certificate in turned.pem, but to certificate 2 there: ",
            ),
            ("damaged.pem", "own.key", "certificate 1 in damaged.pem is damaged: "),
        ] {
            let complaint = complaint(path, cert, key);
            assert!(complaint.starts_with(words), "{complaint}");
        }
        let notes = |cert: &str, key: &str| {
            let identity = Identity::read(&path.join(cert), &path.join(key)).unwrap();
            identity.notes(Path::new(cert), 1_800_000_000)
        };
        assert_eq!(notes("chain.pem", "own.key"), [""; 0]);
        let alone = notes("both.pem", "both.pem");
        assert!(alone.len() == 1 && alone[0].starts_with("both.pem holds no chain: "), "{alone:?}");
    }
}
