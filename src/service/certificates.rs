//! Certificates in files that are renewed while hookview runs: read again when they change or when that is asked for. New
//! connections get what is there then, or what was there before when that is of no use.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch as latest;
use tokio::task::{JoinHandle, spawn_blocking};

use super::saves::Saves;
use super::secured::secured_again;
use super::{SecuredError, trusting};
use crate::config::Settings;
use crate::outbound::{Client, TlsError};
use crate::receiver::tls::ServerTls;

/// The certificates that are shown to clients and to targets, and those that both are checked with.
pub struct Certificates {
    settings: Settings,
    shown: Option<ServerTls>,
    client: Client,
    /// What was in the files when they were last read; `None` for one that could not be.
    known: Mutex<Vec<Option<Vec<u8>>>>,
    told: latest::Sender<Renewed>,
}

/// What came of reading certificates again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// Whether they are of no use, so that those of before stay.
    pub refused: bool,
    /// A sentence about it. May quote names of files.
    pub words: String,
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Shown(#[from] SecuredError),
    #[error(transparent)]
    Sent(#[from] TlsError),
}

impl Certificates {
    /// Those of these settings, which are in force in `shown` and `client`.
    pub fn new(settings: Settings, shown: Option<ServerTls>, client: Client) -> Self {
        let known = Mutex::new(content(&files(&settings)));
        Self { settings, shown, client, known, told: latest::Sender::default() }
    }

    /// Reads the files again if they have changed, and tells whether they had. Blocks.
    pub fn reload(&self) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let now = content(&files(&self.settings));
        if *known == now {
            return false;
        }
        *known = now;
        let told = match self.read() {
            Ok(notes) => Renewed {
                refused: false,
                words: [vec!["certificates read again".to_owned()], notes].concat().join("; "),
            },
            Err(error) => Renewed { refused: true, words: format!("{error}; the certificates of before stay") },
        };
        tracing::info!("{}", told.words);
        self.told.send_replace(told);
        true
    }

    /// Puts all in force, or nothing.
    fn read(&self) -> Result<Vec<String>, Refused> {
        let again = |shown| secured_again(&self.settings, shown).map(|others| (shown, others));
        let others = self.shown.as_ref().map(again).transpose()?;
        self.client.trust(&trusting(&self.settings))?;
        let Some((shown, others)) = others else { return Ok(Vec::new()) };
        others.tls.iter().for_each(|other| shown.become_like(other));
        Ok(others.notes)
    }

    /// Tells whenever certificates were read again; also what was to be told before anybody listened.
    pub fn told(&self) -> latest::Receiver<Renewed> {
        let mut told = self.told.subscribe();
        if !told.borrow().words.is_empty() {
            told.mark_changed();
        }
        told
    }
}

/// The files that somebody else may renew.
fn files(settings: &Settings) -> Vec<PathBuf> {
    let (listening, trust) = (&settings.certificates, &settings.trust);
    let pairs = [&listening.own, &trust.identity].into_iter().flatten().flat_map(|(cert, key)| [cert, key]);
    pairs.chain(&listening.client_ca).chain(&trust.ca_file).cloned().collect()
}

fn content(files: &[PathBuf]) -> Vec<Option<Vec<u8>>> {
    files.iter().map(|file| std::fs::read(file).ok()).collect()
}

/// Reads certificates again whenever they change. Dropped, it stops.
pub struct Renewals(JoinHandle<()>);

impl Renewals {
    /// Begins to watch.
    pub fn watch(certificates: Arc<Certificates>) -> Self {
        Self(tokio::spawn(watch(certificates)))
    }
}

impl Drop for Renewals {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn watch(certificates: Arc<Certificates>) {
    let files = files(&certificates.settings);
    if files.is_empty() {
        return;
    }
    let unwatched = |why: String| {
        let words = format!("certificates are not watched, tell changes with SIGHUP: {why}");
        certificates.told.send_replace(Renewed { refused: false, words });
    };
    let mut saves = match Saves::new() {
        Ok(saves) => saves,
        Err(error) => return unwatched(error.to_string()),
    };
    loop {
        if let Some(why) = saves.follow(&files) {
            unwatched(why);
        }
        saves.next(|| files.clone()).await;
        let reader = certificates.clone();
        if let Err(error) = spawn_blocking(move || reader.reload()).await {
            tracing::error!("the certificates could not be read again: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Overrides, Paths, StoreChoice, Surroundings, load};
    use crate::outbound::Resent;

    #[test]
    fn what_was_said_before_anybody_listened_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), rcgen::generate_simple_self_signed(["a".to_owned()]).unwrap().cert.pem()).unwrap();
        let (ca_file, store) = (Some(file.path().to_owned()), Some(StoreChoice::Memory));
        let around = Surroundings { paths: &Paths::default(), env: &|_| None, terminal: false };
        let settings = load(&around, &Overrides { store, ca_file, ..Overrides::default() }).unwrap();
        let client = super::super::client(&settings, Resent::default()).unwrap();
        let certificates = Certificates::new(settings, None, client);
        assert!(!certificates.told().has_changed().unwrap());
        std::fs::write(file.path(), "junk").unwrap();
        assert!(certificates.reload());
        let mut told = certificates.told();
        assert!(told.has_changed().unwrap() && told.borrow_and_update().refused);
        assert!(!told.has_changed().unwrap());
    }
}
