//! Which hookviews receive into a store just now, and what becomes of captures that one was still answering when it was
//! killed.
//!
//! Each holds a lock on a file of its own beside the store, which the system takes back however the process ends. Who
//! finds such a file without its lock knows that its owner is gone. A process id would say less: ids are used again, and
//! containers that share a store do not see each other's.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension as _, Transaction};

use super::change::set_answer;
use super::row::{CAPTURE, capture, to_sql};
use crate::capture::{Answer, Capture, Ending, EndingKind};

/// Between the name of the store and the number of an owner.
const INFIX: &str = "-run-";

/// The sign that a hookview receives into a store. Dropping it takes the sign away.
#[derive(Debug)]
pub struct Owner {
    /// What captures that are under way are marked with.
    pub number: i64,
    path: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
}

impl Owner {
    /// Puts up a sign at the store of this path, and takes away those of the dead; gives the living, itself included.
    /// To be called within a transaction that writes, so that nobody takes a new sign for one of the dead.
    pub fn claim(store: &Path) -> io::Result<(Self, HashSet<i64>)> {
        // Whoever comes here by another way must see the same signs.
        let store = &fs::canonicalize(store)?;
        let mut living = HashSet::new();
        for (path, number) in signs(store)? {
            if is_held(&path)? {
                living.insert(number);
            } else {
                // Its owner may have just done so itself.
                let _ = fs::remove_file(path);
            }
        }
        let number = i64::from_ne_bytes(RandomState::new().hash_one(store).to_ne_bytes()) & i64::MAX | 1;
        let mut name = store.as_os_str().to_owned();
        name.push(format!("{INFIX}{number:016x}"));
        let path = PathBuf::from(name);
        let lock = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        lock.try_lock()?;
        living.insert(number);
        Ok((Self { number, path, _lock: lock }, living))
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // One that stays is taken away by the next.
        let _ = fs::remove_file(&self.path);
    }
}

/// The signs beside a store, with the numbers of their owners.
fn signs(store: &Path) -> io::Result<Vec<(PathBuf, i64)>> {
    let directory = store.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut front = store.file_name().map(OsStr::to_owned).unwrap_or_default();
    front.push(INFIX);
    let number = |name: OsString| {
        let digits = name.as_bytes().strip_prefix(front.as_bytes())?;
        i64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
    };
    let entries = fs::read_dir(directory)?.flatten();
    Ok(entries.filter_map(|entry| Some((entry.path(), number(entry.file_name())?))).collect())
}

fn is_held(sign: &Path) -> io::Result<bool> {
    match File::open(sign) {
        // Its owner has just gone.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        opened => match opened?.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        },
    }
}

/// Marks a capture as one that `owner` is still answering.
pub fn begin(transaction: &Transaction<'_>, capture: &Capture, owner: i64) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO under_way (capture, owner) VALUES (?, ?)";
    transaction.prepare_cached(sql)?.execute([to_sql(capture.id.0), owner])?;
    Ok(())
}

/// Takes the mark away.
pub fn end(transaction: &Transaction<'_>, capture: i64) -> rusqlite::Result<()> {
    transaction.prepare_cached("DELETE FROM under_way WHERE capture = ?")?.execute([capture])?;
    Ok(())
}

/// Ends what nobody answers any more, in all sessions.
pub fn settle_left_behind(transaction: &Transaction<'_>, living: &HashSet<i64>) -> rusqlite::Result<()> {
    let mut whole =
        transaction.prepare(&format!("SELECT {CAPTURE} FROM captures JOIN details USING (id) WHERE id = ?"))?;
    for id in left_behind(transaction, living)? {
        let Some(capture) = whole.query_row([id], capture).optional()? else {
            end(transaction, id)?;
            continue;
        };
        let ending = Ending { kind: EndingKind::Lost, after_us: 0 };
        let answer = match &capture.answer {
            Some(answer) => Answer { ending: Some(ending), ..answer.clone() },
            None => Answer::never_made(ending),
        };
        set_answer(transaction, &Capture { answer: Some(answer), ..capture })?;
    }
    Ok(())
}

fn left_behind(transaction: &Transaction<'_>, living: &HashSet<i64>) -> rusqlite::Result<Vec<i64>> {
    let mut select = transaction.prepare("SELECT capture, owner FROM under_way ORDER BY capture")?;
    let marked = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let marked: Vec<(i64, i64)> = marked.collect::<Result<_, _>>()?;
    Ok(marked.into_iter().filter(|(_, owner)| !living.contains(owner)).map(|(capture, _)| capture).collect())
}
