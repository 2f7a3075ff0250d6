//! The TLS of the listeners as the settings want it, and what there is to say of it at the start.

use std::path::{Path, PathBuf};

use chrono::Utc;
use rustls_pki_types::CertificateDer;

use crate::app::OwnCertificate;
use crate::config::{Listen, Settings};
use crate::receiver::tls::{
    AdHoc, AdHocError, CertificateError, Identity, Origin, ServerTls, certificate_in, machine_names, read_certificates,
};

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum SecuredError {
    /// A certificate or key that was named cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// There is none that was named, and none can be made.
    #[error(transparent)]
    AdHoc(#[from] AdHocError),
    /// There is no place to keep one.
    #[error("cannot tell where to keep a certificate: set HOME, or give one with --cert and --key")]
    NoHome,
}

/// The TLS of the listeners.
#[derive(Default)]
pub struct Secured {
    /// How it is spoken; `None` when no listener does.
    pub tls: Option<ServerTls>,
    /// The certificate that hookview made for itself, when that is used.
    pub own: Option<Own>,
    /// What the user should know about the certificate that was named.
    pub notes: Vec<String>,
}

/// The certificate that hookview made for itself, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// The certificate.
    pub certificate: OwnCertificate,
    names: Vec<String>,
}

/// The TLS that the settings want. Makes a certificate when there is none.
pub fn secured(settings: &Settings) -> Result<Secured, SecuredError> {
    if !settings.listen.iter().any(Listen::is_tls) {
        return Ok(Secured::default());
    }
    let files = &settings.certificates;
    let client_cas = client_cas(settings)?;
    let now = Utc::now();
    let (identity, own, notes) = match (&files.own, &files.directory) {
        (Some((cert, key)), _) => {
            let identity = Identity::read(cert, key)?;
            let notes = identity.notes(cert, now.timestamp());
            (identity, None, notes)
        }
        (None, None) => return Err(SecuredError::NoHome),
        (None, Some(directory)) => {
            let made = AdHoc::obtain(directory, &wanted_names(settings), now)?;
            let own = Own::of(&made);
            (made.identity, Some(own), Vec::new())
        }
    };
    Ok(Secured { tls: Some(ServerTls::new(identity, client_cas.as_deref())?), own, notes })
}

/// The same while `shown` is spoken. A certificate that hookview made for itself stays: who trusts it need not do so again.
pub(super) fn secured_again(settings: &Settings, shown: &ServerTls) -> Result<Secured, SecuredError> {
    if settings.certificates.own.is_some() {
        return secured(settings);
    }
    Ok(Secured { tls: Some(shown.checking(client_cas(settings)?.as_deref())?), ..Secured::default() })
}

/// What the certificates of clients are checked with.
fn client_cas(settings: &Settings) -> Result<Option<Vec<CertificateDer<'static>>>, CertificateError> {
    settings.certificates.client_ca.as_deref().map(read_certificates).transpose()
}

/// What clients call this machine, and the addresses that are listened on.
fn wanted_names(settings: &Settings) -> Vec<String> {
    let mut names = machine_names();
    let bound = settings.listen.iter().filter(|listen| listen.is_tls()).flat_map(Listen::addresses);
    for address in bound.filter(|address| !address.is_unspecified()).map(ToString::to_string) {
        if !names.contains(&address) {
            names.push(address);
        }
    }
    names
}

impl Own {
    fn of(made: &AdHoc) -> Self {
        let until = made.not_after.format("%Y-%m-%d");
        let state = match &made.origin {
            Origin::Kept => format!("the same as before, until {until}"),
            Origin::New => format!("new, until {until}"),
            Origin::Renewed(why) => format!("new because {why}, until {until}: trust it again"),
        };
        let certificate = OwnCertificate { path: made.path.clone(), fingerprint: made.fingerprint.clone(), state };
        Self { certificate, names: made.names.clone() }
    }

    /// How clients come to trust it, a line each; `url` is where it is shown.
    pub fn how_to_trust(&self, url: &str) -> Vec<String> {
        let OwnCertificate { path, fingerprint, state } = &self.certificate;
        let text = path.to_string_lossy();
        let word = shlex::try_quote(&text).unwrap_or_default();
        vec![
            format!("certificate   {text} ({state})"),
            format!("  for         {}", self.names.join(" ")),
            format!("  SHA-256     {fingerprint}"),
            "to trust it, once:".to_owned(),
            format!("  curl        curl --cacert {word} {url}/"),
            format!("  Python      REQUESTS_CA_BUNDLE={word}, or requests.post(.., verify={text:?})"),
            format!(
                "  Debian      sudo cp {word} /usr/local/share/ca-certificates/hookview.crt && sudo update-ca-certificates"
            ),
            format!("  Fedora      sudo trust anchor {word}"),
        ]
    }
}

/// The files of certificates that listeners of ours show: what is sent there trusts them.
pub fn shown_certificates(settings: &Settings) -> Vec<PathBuf> {
    let files = &settings.certificates;
    let made = files.directory.as_deref().map(|directory: &Path| certificate_in(directory));
    files.own.iter().map(|(cert, _)| cert.clone()).chain(made).collect()
}
