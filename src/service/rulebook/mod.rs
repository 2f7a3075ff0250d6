//! The rules in force with their counters, and how they are read again: whole, or not at all.

mod disk;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::watch as latest;

use crate::capture::{Capture, Request};
use crate::config::RulesFile;
use crate::rules::{Book, Everyday, Explained, Occasion, Plan, Rules};

pub use disk::RulesFileError;
pub use watch::Watch;

use disk::Edition;

/// The rules in force, and their counters.
pub struct Rulebook {
    from: RulesFile,
    everyday: Everyday,
    force: Mutex<Force>,
    /// Whose turn it is to read the file.
    reading: Mutex<()>,
    standing: latest::Sender<Standing>,
}

/// What requests are decided by.
struct Force {
    rules: Arc<Rules>,
    book: Book,
    texts: Vec<(PathBuf, String)>,
}

/// How things stand with the rules file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The file that is in force, as it was named; `None` when there is none.
    pub file: Option<PathBuf>,
    /// When it was saved.
    pub saved: Option<DateTime<Utc>>,
    /// How many rules it has.
    pub rules: usize,
    /// Why what the file says now is not in force: where, what, and that the old rules stay. May quote the file.
    pub refused: Option<String>,
    /// Why changes of the file are not noticed.
    pub unwatched: Option<String>,
}

impl Standing {
    /// `hookview.toml: 3 rules in force`, or why they are not. May quote the file.
    pub fn words(&self) -> String {
        let words = match (&self.refused, &self.file) {
            (Some(refused), _) => refused.clone(),
            (None, None) => "no rules file is in force".to_owned(),
            (None, Some(file)) => format!("{}: {} in force", file.display(), counted(self.rules)),
        };
        let unwatched =
            self.unwatched.as_ref().map(|why| format!("; it is not watched, tell changes with SIGHUP: {why}"));
        words + &unwatched.unwrap_or_default()
    }
}

fn counted(rules: usize) -> String {
    if rules == 1 { "1 rule".to_owned() } else { format!("{rules} rules") }
}

impl Rulebook {
    /// Reads the file, when there is one. The one-line forms stand behind its rules.
    ///
    /// # Errors
    /// When the file is refused, or was named and is not there.
    pub fn open(from: RulesFile, everyday: Everyday) -> Result<Self, RulesFileError> {
        let now = Utc::now();
        let edition = Edition::read(&from)?;
        let standing = latest::Sender::new(standing(&edition));
        let rules = Arc::new(edition.rules.with(&everyday));
        let book = Book::new(rules.seed().unwrap_or_else(seed), now);
        let force = Mutex::new(Force { rules, book, texts: edition.texts });
        Ok(Self { from, everyday, force, reading: Mutex::default(), standing })
    }

    /// One without any rules.
    pub fn empty() -> Self {
        let force = Force { rules: Arc::default(), book: Book::new(seed(), Utc::now()), texts: Vec::new() };
        let (everyday, standing) = (Everyday::default(), latest::Sender::default());
        Self { from: RulesFile::None, everyday, force: Mutex::new(force), reading: Mutex::default(), standing }
    }

    /// Reads the file again. What is refused changes nothing but the [`Standing`]. Tells whether other rules are in force
    /// than before, and then everything is counted anew. Blocks.
    pub fn reload(&self) -> bool {
        let _turn = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let edition = match Edition::read(&self.from) {
            Ok(edition) => edition,
            Err(error) => {
                let refused = Some(format!("{error}; the old rules stay"));
                tracing::warn!("{error}");
                self.stands(|standing| standing.refused = refused);
                return false;
            }
        };
        let new = standing(&edition);
        let is_anew = edition.texts != self.force().texts;
        if is_anew {
            let rules = Arc::new(edition.rules.with(&self.everyday));
            let mut force = self.force();
            force.book.reloaded(&rules, Utc::now());
            (force.rules, force.texts) = (rules, edition.texts);
        }
        self.stands(|standing| *standing = Standing { unwatched: standing.unwatched.take(), ..new });
        is_anew
    }

    fn stands(&self, change: impl FnOnce(&mut Standing)) {
        self.standing.send_if_modified(|standing| {
            let before = standing.clone();
            change(standing);
            *standing != before
        });
    }

    fn force(&self) -> MutexGuard<'_, Force> {
        self.force.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whenever other rules are in force, or new ones are refused.
    pub fn standing(&self) -> latest::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// What is to be done about a request; counts it.
    pub fn plan(&self, capture: &Capture) -> Option<Plan> {
        self.with(|rules, book| book.plan(rules, &Occasion { capture, now: Utc::now() }))
    }

    /// What each rule would make of a capture now. Nothing is counted.
    pub fn explain(&self, capture: &Capture) -> Vec<Explained> {
        self.with(|rules, book| book.explain(rules, &Occasion { capture, now: Utc::now() }))
    }

    /// Whether a client that waits for `100 Continue` is left waiting.
    pub fn withholds_continue(&self, request: &Request, remote: &str) -> bool {
        self.with(|rules, book| book.withholds_continue(rules, request, remote, Utc::now()))
    }

    /// Looks at the rules and changes their counters, while no request is decided: to be brief.
    pub fn with<T>(&self, change: impl FnOnce(&Rules, &mut Book) -> T) -> T {
        let mut force = self.force();
        let rules = force.rules.clone();
        change(&rules, &mut force.book)
    }

    /// Where the rules file is, or would be made; `None` when none is wanted.
    pub fn place(&self) -> Option<PathBuf> {
        match &self.from {
            RulesFile::None => None,
            RulesFile::Named(path) => Some(path.clone()),
            RulesFile::Auto { here, .. } => Some(self.standing.borrow().file.clone().unwrap_or_else(|| here.clone())),
        }
    }

    /// Every file that a change of could be a change of the rules.
    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = self.force().texts.iter().map(|(path, _)| path.clone()).collect();
        match &self.from {
            RulesFile::None => {}
            RulesFile::Named(path) => files.push(path.clone()),
            RulesFile::Auto { here, beside } => files.extend([here.clone()].into_iter().chain(beside.clone())),
        }
        let targets: Vec<PathBuf> = files.iter().filter_map(|path| path.canonicalize().ok()).collect();
        files.extend(targets);
        files
    }
}

fn standing(edition: &Edition) -> Standing {
    let file: Option<&Path> = edition.path.as_deref();
    Standing {
        file: file.map(Path::to_owned),
        saved: edition.saved,
        rules: edition.rules.iter().count(),
        ..Standing::default()
    }
}

/// Another one for each run.
fn seed() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(())
}
