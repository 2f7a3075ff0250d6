//! A running hookview: the store, the checker, and what becomes of a request between socket and answer.
//!
//! Both faces of the program, the screen and the printers, and the commands share this. Knows nothing of terminals.

mod acting;
mod actions;
mod answering;
mod answers;
mod certificates;
mod checking;
mod diagnosis;
mod facts;
mod file;
mod forward;
mod handshake;
mod instead;
mod intake;
mod listener;
mod process;
mod recheck;
mod resend;
mod retries;
mod rulebook;
mod run;
mod sample;
mod saves;
mod search;
mod secured;
mod settling;
mod text;
mod turns;
mod upstream;
mod warden;

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::{Mutex, watch};

use crate::capture::Lint;
use crate::config::Settings;
use crate::outbound::{Client, Resent, TlsOptions};
use crate::signature::Checker;
use crate::store::{Durability, Location, Options, Store};

use actions::Actions;

pub use certificates::{Certificates, Renewals, Renewed};
pub use checking::{CheckingError, checker, checker_with, lenient_checker, receiving_checker, schemes};
pub use listener::{ListenError, Listener, reachable};
pub use recheck::{Rechecked, Reread};
pub use resend::{Job, PrepareError};
pub use rulebook::{Rulebook, RulesFileError, Standing, Watch};
pub use sample::SampleError;
pub use saves::Saves;
pub use search::holds_all;
pub use secured::{Own, Secured, SecuredError, secured};
pub use text::{TextError, text_of, utf8};

use retries::Retries;
use settling::Settling;

/// What the program consists of while it runs.
pub struct Service {
    /// Where captures are.
    pub store: Store,
    /// Sends requests.
    pub client: Client,
    /// The connections that resends go over.
    pub resent: Resent,
    /// What is answered.
    pub rulebook: Arc<Rulebook>,
    /// The certificates that are read again when they are renewed; `None` where nobody waits for that.
    pub certificates: Option<Arc<Certificates>>,
    retries: Retries,
    settling: Settling,
    checker: RwLock<Arc<Checker>>,
    /// Whether handshakes are answered.
    handshakes: bool,
    /// What is not to be found in what comes.
    lint_off: Arc<BTreeSet<Lint>>,
    /// Whose turn it is to read the settings again.
    rereading: Mutex<()>,
    /// Why the store does not take captures now; `None` while it does.
    fault: watch::Sender<Option<String>>,
    actions: Arc<Actions>,
}

impl Service {
    /// Puts the parts together.
    pub fn new(store: Store, checker: Checker, client: Client, resent: Resent) -> Self {
        Self {
            actions: Arc::new(Actions::new(store.clone(), client.clone())),
            client,
            resent,
            rulebook: Arc::new(Rulebook::empty()),
            certificates: None,
            retries: Retries::default(),
            settling: Settling::new(store.clone()),
            checker: RwLock::new(Arc::new(checker)),
            handshakes: true,
            lint_off: Arc::default(),
            rereading: Mutex::default(),
            fault: watch::Sender::new(None),
            store,
        }
    }

    /// The same, answering by these rules; by none unless told.
    #[must_use]
    pub fn with_rulebook(self, rulebook: Arc<Rulebook>) -> Self {
        Self { rulebook, ..self }
    }

    /// The same, reading these certificates again when that is asked for.
    #[must_use]
    pub fn with_certificates(self, certificates: Arc<Certificates>) -> Self {
        Self { certificates: Some(certificates), ..self }
    }

    /// Remembers what a retry could repeat, so that the first request does not wait for that.
    pub async fn remember(&self) {
        self.retries.fill(&self.store).await;
    }

    /// Waits, but not for long, until all is kept that is known of the answers that were sent.
    pub async fn finish(&self) {
        self.settling.finish().await;
    }

    /// The same, answering handshakes or not; it does unless told.
    #[must_use]
    pub fn with_handshakes(self, handshakes: bool) -> Self {
        Self { handshakes, ..self }
    }

    /// The same, finding nothing of these sorts in what comes.
    #[must_use]
    pub fn without_lint(self, off: BTreeSet<Lint>) -> Self {
        Self { lint_off: Arc::new(off), ..self }
    }

    /// The checker in force.
    pub fn checker(&self) -> Arc<Checker> {
        self.checker.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another checker in force, after the secrets were edited say. What senders have told stays known, unless the
    /// other one has a secret of that name.
    pub fn set_checker(&self, checker: Checker) {
        let mut current = self.checker.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(checker.remembering(&current));
        self.rulebook.knows_secrets(current.secret_names());
    }

    /// Tells whenever the store stops taking captures, with the reason, and whenever it takes them again.
    pub fn faults(&self) -> watch::Receiver<Option<String>> {
        self.fault.subscribe()
    }
}

/// The client that the settings ask for.
pub fn client(settings: &Settings, resent: Resent) -> anyhow::Result<Client> {
    Ok(Client::new(&trusting(settings), resent)?)
}

/// What the settings say about TLS towards targets.
fn trusting(settings: &Settings) -> TlsOptions {
    TlsOptions {
        ca_file: settings.trust.ca_file.clone(),
        ours: secured::shown_certificates(settings),
        identity: settings.trust.identity.clone(),
        insecure: settings.trust.insecure,
    }
}

/// Where the settings keep captures, and how.
pub fn storing(settings: &Settings) -> (Location, Options) {
    let keeping = &settings.keeping;
    let location = keeping.store.clone().map_or(Location::Memory, Location::File);
    let durability = match keeping.durability {
        crate::config::Durability::Full => Durability::Full,
        crate::config::Durability::Normal => Durability::Normal,
    };
    let session = keeping.session.clone();
    (location, Options { session, keep: keeping.captures, keep_bytes: keeping.bytes, durability, ..Options::default() })
}
