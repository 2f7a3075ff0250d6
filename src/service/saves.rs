//! Noticing that files change, however an editor saves them: in place, by renaming another over them, by deleting them
//! first; also through a link, and when they were not there before.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

/// A file is read when it stays the same for this long: one that is written piece by piece is not read in between.
const REST: Duration = Duration::from_millis(60);

/// What a file was when it was looked at; `None` when it was not there.
type Stamp = Option<(u64, u64, u64, i64, i64)>;

/// Watches the directories of files: a file that is replaced is another file, its directory stays.
pub struct Saves {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    stirred: Arc<Notify>,
    known: Vec<Stamp>,
}

impl Saves {
    /// Watches nothing yet.
    pub fn new() -> notify::Result<Self> {
        let stirred = Arc::new(Notify::new());
        // The files may have changed between their first reading and the first watching.
        stirred.notify_one();
        let tells = stirred.clone();
        let tell = move |event: notify::Result<notify::Event>| {
            // That somebody reads a file changes nothing, and we read it ourselves.
            if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                tells.notify_one();
            }
        };
        let watcher = notify::recommended_watcher(tell)?;
        Ok(Self { watcher, watched: BTreeSet::new(), stirred, known: Vec::new() })
    }

    /// Watches where these files are or could be, too; says why it cannot.
    pub fn follow(&mut self, files: &[PathBuf]) -> Option<String> {
        let mut unwatched = None;
        // A link is changed where it is, and where it leads to.
        let behind = files.iter().filter_map(|file| directory(&file.canonicalize().ok()?));
        for directory in files.iter().filter_map(|file| directory(file)).chain(behind) {
            if self.watched.contains(&directory) {
                continue;
            }
            match self.watcher.watch(&directory, RecursiveMode::NonRecursive) {
                Ok(()) => drop(self.watched.insert(directory)),
                Err(error) => unwatched = Some(error.to_string()),
            }
        }
        unwatched
    }

    /// Waits until the files are others than when this was last called, and nobody writes them any more: at once when it
    /// was never called. Looking costs little, so that it does not matter what it was that happened in a directory.
    pub async fn next(&mut self, files: impl Fn() -> Vec<PathBuf>) {
        loop {
            self.stirred.notified().await;
            let now = stamps(&files());
            if now != self.known {
                // Who stops waiting here is told anew.
                self.stirred.notify_one();
                self.known = at_rest(&files, now).await;
                return;
            }
        }
    }
}

/// What the files are once nobody writes them any more.
async fn at_rest(files: &impl Fn() -> Vec<PathBuf>, mut now: Vec<Stamp>) -> Vec<Stamp> {
    loop {
        tokio::time::sleep(REST).await;
        let then = std::mem::replace(&mut now, stamps(&files()));
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

/// Where a file is; `None` when there is no such place.
fn directory(file: &Path) -> Option<PathBuf> {
    let parent = file.parent()?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    parent.is_dir().then(|| parent.to_owned())
}
