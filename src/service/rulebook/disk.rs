//! The rules file on the disk: which one it is, whether its text can be trusted, and what of it is in force.
//!
//! Rules can run commands. So their file must be one that nobody else can write, and one that was only found in the
//! current directory, which may have come with a clone of somebody's work, may do no more than answer.

use std::cell::RefCell;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::config::RulesFile;
use crate::rules::{Rules, RulesError};

/// A rules file has at most so many bytes.
const MOST: u64 = 4 << 20;

/// Why a rules file is refused. Each sentence is whole and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RulesFileError {
    /// It cannot be read.
    #[error("cannot read the rules {}: {why}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// It is a directory, a pipe or a device.
    #[error("the rules {} are not in a plain file: name one that can be read again when it changes", .0.display())]
    NotAFile(PathBuf),
    /// It is too long to be one.
    #[error("the rules {} have more than 4 MiB: that is not a rules file", .0.display())]
    TooLong(PathBuf),
    /// Somebody else owns it.
    #[error(
        "the rules {} belong to user {owner}, not to you, and rules can run commands: \
         look at them, then make them yours with `chown {me} {}`", path.display(), path.display()
    )]
    Owner {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who we are.
        me: u32,
    },
    /// Others may write it.
    #[error(
        "others may write the rules {} (mode {mode:03o}), and rules can run commands: `chmod go-w {}` mends it",
        path.display(), path.display()
    )]
    Writable {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Others may put another file in its place.
    #[error(
        "everybody may replace the rules {}, because everybody may write to the directory {}: \
         `chmod o-w {}` mends it", path.display(), directory.display(), directory.display()
    )]
    Replaceable {
        /// The file.
        path: PathBuf,
        /// The directory above it.
        directory: PathBuf,
    },
    /// A rule in a file of the current directory does more than answer.
    #[error(
        "{}:{line}: rule `{rule}` {does}, and this file was only found in the current directory: \
         look at it, then say --rules {}, or --rules none to do without", path.display(), path.display()
    )]
    Stranger {
        /// The file.
        path: PathBuf,
        /// The rule's line.
        line: usize,
        /// Its name.
        rule: String,
        /// What it does: `runs a command`.
        does: &'static str,
    },
    /// A rule signs with a secret that is not there.
    #[error(
        "{}:{line}: rule `{rule}` signs with the secret `{secret}`, and {}: give it with --secret-file {secret}=FILE, or \
         under [secrets] in the configuration", path.display(), known_words(known)
    )]
    Secret {
        /// The file.
        path: PathBuf,
        /// The rule's line.
        line: usize,
        /// Its name.
        rule: String,
        /// What it names.
        secret: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// Its text is not what it must be.
    #[error(transparent)]
    Rules(#[from] RulesError),
}

impl RulesFileError {
    /// Whether the command line or the file is wrong, rather than the disk.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Read { why, .. } if why.kind() != io::ErrorKind::NotFound)
    }
}

/// A rules file as it was read, and what was read with it.
#[derive(Debug, Default)]
pub struct Edition {
    /// The file as it was named; `None` when there is none.
    pub path: Option<PathBuf>,
    /// When it was saved.
    pub saved: Option<DateTime<Utc>>,
    /// Its rules.
    pub rules: Rules,
    /// Its text and that of the files that it names: what is the same here is the same edition.
    pub texts: Vec<(PathBuf, String)>,
}

impl Edition {
    /// Reads the file that is in force now. Blocks.
    pub fn read(from: &RulesFile, secrets: &[String]) -> Result<Self, RulesFileError> {
        let edition = Self::found(from)?;
        edition.signs_with(secrets)?;
        Ok(edition)
    }

    fn found(from: &RulesFile) -> Result<Self, RulesFileError> {
        match from {
            RulesFile::None => Ok(Self::default()),
            RulesFile::Named(path) => Self::of(path),
            RulesFile::Auto { here, beside } => {
                if is_there(here) {
                    let edition = Self::of(here)?;
                    edition.only_answers(here)?;
                    return Ok(edition);
                }
                beside.as_deref().filter(|path| is_there(path)).map_or_else(|| Ok(Self::default()), Self::of)
            }
        }
    }

    fn of(path: &Path) -> Result<Self, RulesFileError> {
        let (text, saved) = trusted(path)?;
        let texts = RefCell::new(vec![(path.to_owned(), text.clone())]);
        let load = |other: &Path, within: Option<&Path>| {
            let text = fs::read_to_string(inside(other, within)?)?;
            texts.borrow_mut().push((other.to_owned(), text.clone()));
            Ok(text)
        };
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        // The file goes by the name that the user gave it.
        let named = |error: RulesError| RulesError { path: path.to_owned(), ..error };
        let rules = Rules::parse(&text, &whole, &load).map_err(named)?;
        Ok(Self { path: Some(path.to_owned()), saved, rules, texts: texts.into_inner() })
    }

    /// Refuses rules that sign with other secrets than these.
    fn signs_with(&self, secrets: &[String]) -> Result<(), RulesFileError> {
        let unknown = self.rules.signing_secrets().find(|(_, name)| !secrets.iter().any(|secret| secret == name));
        let (Some((rule, secret)), Some(path)) = (unknown, &self.path) else { return Ok(()) };
        let (line, known) = (rule.line().unwrap_or(1), secrets.to_vec());
        let (rule, secret) = (rule.name().to_owned(), secret.to_owned());
        Err(RulesFileError::Secret { path: path.clone(), line, rule, secret, known })
    }

    /// Refuses rules that reach further than the answer, for a file that nobody named.
    fn only_answers(&self, path: &Path) -> Result<(), RulesFileError> {
        let reaching = self.rules.iter().find_map(|rule| rule.reaches_out().map(|does| (rule, does)));
        let Some((rule, does)) = reaching else { return Ok(()) };
        let (line, rule) = (rule.line().unwrap_or(1), rule.name().to_owned());
        Err(RulesFileError::Stranger { path: path.to_owned(), line, rule, does })
    }
}

fn known_words(known: &[String]) -> String {
    if known.is_empty() { "there is no secret".to_owned() } else { format!("there is only {}", known.join(", ")) }
}

/// Also a link that leads nowhere is there: the error that comes of it is better than silence.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Where a path leads to, which must be inside of this directory when there is one.
fn inside(path: &Path, within: Option<&Path>) -> io::Result<PathBuf> {
    let (real, within) = (fs::canonicalize(path)?, within.map(fs::canonicalize).transpose()?);
    match within.filter(|within| !real.starts_with(within)) {
        Some(_) => Err(io::Error::other("it is a link that leads out of the directory of the rules")),
        None => Ok(real),
    }
}

/// The text of a file that nobody else can write, and when it was saved. Permissions are those of the opened file, so
/// that nobody can put another in its place between the look and the reading.
fn trusted(path: &Path) -> Result<(String, Option<DateTime<Utc>>), RulesFileError> {
    let failed = |why| RulesFileError::Read { path: path.to_owned(), why };
    // Opening a pipe would wait for its writer.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(RulesFileError::NotAFile(path.to_owned()));
    }
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    check(path, &metadata)?;
    let mut text = String::new();
    file.take(MOST + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MOST {
        return Err(RulesFileError::TooLong(path.to_owned()));
    }
    Ok((text, metadata.modified().ok().map(DateTime::from)))
}

fn check(path: &Path, metadata: &Metadata) -> Result<(), RulesFileError> {
    let (owner, me, mode) = (metadata.uid(), rustix::process::geteuid().as_raw(), metadata.mode() & 0o7777);
    if owner != me && owner != 0 {
        return Err(RulesFileError::Owner { path: path.to_owned(), owner, me });
    }
    if mode & 0o022 != 0 {
        return Err(RulesFileError::Writable { path: path.to_owned(), mode });
    }
    match replaceable(path) {
        Some(directory) => Err(RulesFileError::Replaceable { path: path.to_owned(), directory }),
        None => Ok(()),
    }
}

/// A directory above the file, or above what it is a link to, in which everybody can rename what is not theirs.
fn replaceable(path: &Path) -> Option<PathBuf> {
    let whole = std::path::absolute(path).ok()?;
    let target = fs::canonicalize(path).ok()?;
    let anybody = |directory: &&Path| {
        let mode = fs::metadata(directory).map_or(0, |metadata| metadata.mode());
        mode & 0o002 != 0 && mode & 0o1000 == 0
    };
    whole
        .ancestors()
        .chain(target.ancestors())
        .filter(|above| *above != whole && *above != target)
        .find(anybody)
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_schema_refers_to_nothing_outside_wherever_links_lead() {
        let place = tempfile::tempdir().unwrap();
        let rules = place.path().join("rules");
        fs::create_dir(&rules).unwrap();
        fs::write(place.path().join("out.json"), "{}").unwrap();
        fs::write(rules.join("in.json"), "{}").unwrap();
        symlink("../out.json", rules.join("leads-out.json")).unwrap();
        symlink("in.json", rules.join("leads-in.json")).unwrap();
        symlink(&rules, place.path().join("way")).unwrap();
        let file = place.path().join("way/hookview.toml");
        let read = |name: &str, schema: &str| {
            fs::write(rules.join("schema.json"), schema).unwrap();
            fs::write(&file, format!("[[rule]]\nlimits.schema = {name:?}\n")).unwrap();
            Edition::of(&file).map(|edition| edition.texts.len()).map_err(|error| error.to_string())
        };
        assert_eq!(read("schema.json", r#"{"$ref": "leads-in.json"}"#), Ok(3));
        let refused = read("schema.json", r#"{"$ref": "leads-out.json"}"#).unwrap_err();
        assert!(
            refused.contains("refers to leads-out.json, which cannot be read: it is a link that leads out"),
            "{refused}"
        );
        assert_eq!(read("leads-out.json", ""), Ok(2), "what the rules name themselves may be anywhere");
    }
}
