//! The certificate that hookview makes for itself: kept, so that it is trusted once, and made anew only when it must be.
//!
//! It is its own issuer and no CA: whoever trusts it trusts this program on this machine, and nothing else.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls_pki_types::PrivateKeyDer;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use super::identity::Identity;

const CERTIFICATE: &str = "tls.pem";
const KEY: &str = "tls.key";
/// Apple's systems take no certificate of more than 825 days.
const VALID_FOR: TimeDelta = TimeDelta::days(730);
/// One that ends sooner is made anew: it should outlive the run.
const LEFT_AT_LEAST: TimeDelta = TimeDelta::days(14);
/// So many names of earlier certificates are taken over.
const MOST_NAMES: usize = 60;

/// Why hookview has no certificate of its own.
#[derive(Debug, thiserror::Error)]
pub enum AdHocError {
    /// It cannot be kept.
    #[error("cannot keep a certificate in {}: {why}; give one with --cert and --key", path.display())]
    Keep {
        /// Where.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// It cannot be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
}

/// The certificate that hookview made for itself.
#[derive(Debug)]
pub struct AdHoc {
    /// The certificate with its key.
    pub identity: Identity,
    /// Where the certificate is, without its key.
    pub path: PathBuf,
    /// Names and addresses that it is for.
    pub names: Vec<String>,
    /// SHA-256 of it, as browsers and `openssl x509 -fingerprint` write it: `AB:CD:..`.
    pub fingerprint: String,
    /// Until when it is valid.
    pub not_after: DateTime<Utc>,
    /// Whether it was there already.
    pub origin: Origin,
}

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was there: who trusted it still does.
    Kept,
    /// There was none.
    New,
    /// There was one that is of no use any more; why.
    Renewed(String),
}

/// The file that the certificate of this directory is in, whether or not it is there.
pub fn certificate_in(directory: &Path) -> PathBuf {
    directory.join(CERTIFICATE)
}

impl AdHoc {
    /// The certificate that is kept in `directory`, made (anew) where there is none that is good now and for `names`. Of
    /// IPv6 addresses a new one alone is no reason for another certificate: they change daily (RFC 8981).
    pub fn obtain(directory: &Path, names: &[String], now: DateTime<Utc>) -> Result<Self, AdHocError> {
        let keep = |why| AdHocError::Keep { path: directory.to_owned(), why };
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(keep)?;
        // Two that start at once would leave the key of one and the certificate of the other.
        let turn = File::open(directory).map_err(keep)?;
        turn.lock().map_err(keep)?;
        let (kept, origin) = match Kept::read(directory) {
            None => (make(directory, names.to_vec(), now)?, Origin::New),
            Some(old) => match old.flaw(names, now) {
                None => (old, Origin::Kept),
                Some(flaw) => (make(directory, joined(names, &old.names), now)?, Origin::Renewed(flaw)),
            },
        };
        let fingerprint = spelled(&Sha256::digest(kept.identity.certificate()));
        let Kept { identity, names, not_after, .. } = kept;
        Ok(Self { identity, path: certificate_in(directory), names, fingerprint, not_after, origin })
    }
}

/// What is in the directory.
struct Kept {
    identity: Identity,
    names: Vec<String>,
    not_after: DateTime<Utc>,
    /// Whether others may read its key.
    is_open: bool,
}

impl Kept {
    /// None when there is none that can be read.
    fn read(directory: &Path) -> Option<Self> {
        let key = directory.join(KEY);
        let mode = fs::metadata(&key).ok()?.permissions().mode();
        let identity = Identity::read(&certificate_in(directory), &key).ok()?;
        let (names, not_after) = facts(identity.certificate())?;
        Some(Self { identity, names, not_after, is_open: mode & 0o077 != 0 })
    }

    /// Why it is of no use any more.
    fn flaw(&self, names: &[String], now: DateTime<Utc>) -> Option<String> {
        let is_ipv6 = |name: &str| name.parse().is_ok_and(|address: IpAddr| address.is_ipv6());
        let is_missing = |name: &&String| !self.names.contains(name) && !is_ipv6(name);
        if self.is_open {
            return Some("others could read its key".to_owned());
        }
        if self.not_after - now < LEFT_AT_LEAST {
            return Some(format!("it ends on {}", self.not_after.format("%Y-%m-%d")));
        }
        names.iter().find(is_missing).map(|name| format!("it was not for {name}"))
    }
}

/// Names and end of a certificate.
fn facts(certificate: &[u8]) -> Option<(Vec<String>, DateTime<Utc>)> {
    let (_, parsed) = parse_x509_certificate(certificate).ok()?;
    let alternatives = parsed.subject_alternative_name().ok()??;
    let name = |name: &GeneralName| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
        },
        _ => None,
    };
    let names = alternatives.value.general_names.iter().filter_map(name).collect();
    Some((names, DateTime::from_timestamp(parsed.validity().not_after.timestamp(), 0)?))
}

/// The names of now, and those of before that are still to be found: who goes between two networks keeps its trust.
fn joined(names: &[String], old: &[String]) -> Vec<String> {
    let before = old.iter().filter(|name| !names.contains(name));
    names.iter().chain(before).take(MOST_NAMES.max(names.len())).cloned().collect()
}

fn make(directory: &Path, names: Vec<String>, now: DateTime<Utc>) -> Result<Kept, AdHocError> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.clone())?;
    params.distinguished_name.push(DnType::CommonName, "hookview on this machine");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Clocks differ by as much as a day.
    let (from, to) = (ymd(now - TimeDelta::days(1)), ymd(now + VALID_FOR));
    (params.not_before, params.not_after) = (date_time_ymd(from.0, from.1, from.2), date_time_ymd(to.0, to.1, to.2));
    let not_after = DateTime::from_timestamp(params.not_after.unix_timestamp(), 0).unwrap_or(now);
    let certificate = params.self_signed(&key)?;
    let keep = |why| AdHocError::Keep { path: directory.to_owned(), why };
    replace(directory, KEY, &key.serialize_pem()).map_err(keep)?;
    replace(directory, CERTIFICATE, &certificate.pem()).map_err(keep)?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let identity = Identity { chain: vec![certificate.der().clone()], key };
    Ok(Kept { identity, names, not_after, is_open: false })
}

/// Year, month and day.
fn ymd(at: DateTime<Utc>) -> (i32, u8, u8) {
    let part = |number: u32| u8::try_from(number).unwrap_or(1);
    (at.year(), part(at.month()), part(at.day()))
}

/// Puts a file in the place of another at once; only its owner may read it.
fn replace(directory: &Path, name: &str, text: &str) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.persist(directory.join(name))?;
    Ok(())
}

/// `AB:CD:..`
fn spelled(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::days(days)
    }

    fn obtain(directory: &Path, names: &[&str], days: i64) -> AdHoc {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        AdHoc::obtain(directory, &names, at(days)).unwrap()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn it_is_made_once_and_its_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("state/hookview");
        let first = obtain(&directory, &["localhost", "127.0.0.1", "::1"], 0);
        assert_eq!(
            (first.origin, first.names),
            (Origin::New, ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into())
        );
        assert_eq!((mode(&directory), mode(&directory.join(KEY)), mode(&first.path)), (0o700, 0o600, 0o600));
        assert!(first.fingerprint.len() == 95 && first.not_after > at(720));

        let again = obtain(&directory, &["localhost", "2001:db8::7"], 700);
        assert_eq!((again.origin, again.fingerprint), (Origin::Kept, first.fingerprint));
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 2);
    }

    #[test]
    fn it_is_made_anew_when_it_would_not_do() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let mut before = obtain(path, &["localhost"], 0);
        let mut renewed = |names: &[&str], days, reason: &str| {
            let made = obtain(path, names, days);
            assert_eq!(made.origin, Origin::Renewed(reason.to_owned()));
            assert_ne!(made.fingerprint, before.fingerprint);
            before = made;
            before.names.clone()
        };
        // Who goes from one network to the other and back needs no third certificate.
        assert_eq!(renewed(&["localhost", "10.0.0.1"], 1, "it was not for 10.0.0.1"), ["localhost", "10.0.0.1"]);
        assert_eq!(renewed(&["localhost", "box"], 1, "it was not for box"), ["localhost", "box", "10.0.0.1"]);
        let end = at(1) + VALID_FOR;
        renewed(&["localhost"], 720, &format!("it ends on {}", end.format("%Y-%m-%d")));
        fs::set_permissions(path.join(KEY), fs::Permissions::from_mode(0o644)).unwrap();
        renewed(&["localhost"], 720, "others could read its key");
        assert_eq!(mode(&path.join(KEY)), 0o600);

        fs::write(path.join(KEY), "junk").unwrap();
        assert_eq!(obtain(path, &["localhost"], 720).origin, Origin::New);
    }
}
