//! Noticing that the rules file changed, however an editor saves it: in place, by renaming another over it, by deleting
//! it first; also through a link, and when it was not there before.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::Rulebook;

/// A file is read when it stays the same for this long: one that is written piece by piece is not read in between.
const REST: Duration = Duration::from_millis(60);

/// Reads the rules again whenever they change. Dropped, it stops.
pub struct Watch {
    task: JoinHandle<()>,
}

/// What a file was when it was looked at; `None` when it was not there.
type Stamp = Option<(u64, u64, u64, i64, i64)>;

impl Watch {
    /// Begins to watch. When the system watches no more, the [`Standing`](super::Standing) says so.
    pub fn start(book: Arc<Rulebook>) -> Self {
        Self { task: tokio::spawn(watch(book)) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Does not end while there is something to watch. Looking costs little, so that it does not matter what it was that happened in a directory.
async fn watch(book: Arc<Rulebook>) {
    let stirred = Arc::new(Notify::new());
    let mut directories = match Directories::new(stirred.clone()) {
        Ok(directories) => directories,
        Err(error) => return book.stands(|standing| standing.unwatched = Some(error.to_string())),
    };
    directories.follow(&book);
    // The file may have changed between its first reading and the first watching.
    let mut known = Vec::new();
    stirred.notify_one();
    loop {
        stirred.notified().await;
        let now = stamps(&book.files());
        if now == known {
            continue;
        }
        known = at_rest(&book, now).await;
        let reader = book.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || reader.reload()).await {
            tracing::error!("the rules could not be read again: {error}");
        }
        directories.follow(&book);
    }
}

/// What the files are once nobody writes them any more.
async fn at_rest(book: &Rulebook, mut now: Vec<Stamp>) -> Vec<Stamp> {
    loop {
        tokio::time::sleep(REST).await;
        let then = std::mem::replace(&mut now, stamps(&book.files()));
        if then == now {
            return now;
        }
    }
}

/// Change time and inode tell what size and modification time do not: other permissions, another file of the same age.
fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |path: &PathBuf| {
        let metadata = path.metadata().ok()?;
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        Some((metadata.dev(), metadata.ino(), metadata.len(), changed.0, changed.1))
    };
    files.iter().map(stamp).collect()
}

/// The directories that are watched: a file that is replaced is another file, its directory stays.
struct Directories {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
}

impl Directories {
    fn new(stirred: Arc<Notify>) -> notify::Result<Self> {
        let tell = move |event: notify::Result<notify::Event>| {
            // That somebody reads a file changes nothing, and we read it ourselves.
            if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                stirred.notify_one();
            }
        };
        Ok(Self { watcher: notify::recommended_watcher(tell)?, watched: BTreeSet::new() })
    }

    /// Watches where the files of these rules are or could be, too.
    fn follow(&mut self, book: &Rulebook) {
        let mut unwatched = None;
        for directory in book.files().iter().filter_map(|file| directory(file)) {
            if self.watched.contains(&directory) {
                continue;
            }
            match self.watcher.watch(&directory, RecursiveMode::NonRecursive) {
                Ok(()) => drop(self.watched.insert(directory)),
                Err(error) => unwatched = Some(error.to_string()),
            }
        }
        book.stands(|standing| standing.unwatched = unwatched);
    }
}

/// Where a file is; `None` when there is no such place.
fn directory(file: &Path) -> Option<PathBuf> {
    let parent = file.parent()?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    parent.is_dir().then(|| parent.to_owned())
}
