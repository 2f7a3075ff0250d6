//! Secrets: where each comes from, and reading them, at the start and again whenever that may have changed.
//!
//! A secret's value is never shown: errors and debug output name the secret, not what it is.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Env;
use super::command::{self, CommandError};
use super::document::{Entry, Layers};
use super::error::ConfigError;
use super::paths::from_directory;

/// The environment variable that holds a secret, named `env`.
pub const SECRET_VARIABLE: &str = "HOOKVIEW_SECRET";

/// No sender uses one nearly as long; a wrong file name is not read to its end.
const MAX_LENGTH: u64 = 64 * 1024;

/// Password managers answer at once, or after somebody has touched a key.
const COMMAND_LIMIT: Duration = Duration::from_secs(10);

/// Words that `--sign` takes besides names.
const TAKEN_NAMES: [&str; 2] = ["captured", "none"];

/// A secret and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretSource {
    /// What it is called, on the screen too.
    pub name: String,
    /// Where it comes from.
    pub origin: SecretOrigin,
}

/// Where a secret comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretOrigin {
    /// It was written down.
    Value(String),
    /// A file, less one line end at its end.
    File(PathBuf),
    /// An environment variable.
    Env(String),
    /// What this shell command writes, less one line end at its end.
    Command(String),
}

impl fmt::Debug for SecretOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("Value(..)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            // A command line may hold a secret of its own.
            Self::Command(_) => f.write_str("Command(..)"),
            Self::Env(variable) => f.debug_tuple("Env").field(variable).finish(),
        }
    }
}

/// A secret on the command line; the name is optional there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretArgument {
    /// What to call it.
    pub name: Option<String>,
    /// Where it comes from.
    pub origin: SecretOrigin,
}

impl SecretArgument {
    /// Reads `[NAME=]SECRET`. `a=b` is a secret named `a`; for the secret `a=b` itself write `x=a=b`. What stands
    /// before the sign must look like a name, and behind it must be more than signs, so that base64 stays whole.
    pub fn value(text: &str) -> Result<Self, EmptySecret> {
        let (name, value) = split_name(text)?;
        Ok(Self { name, origin: SecretOrigin::Value(value.to_owned()) })
    }

    /// Reads `[NAME=]PATH`, by the same rule.
    pub fn file(text: &str) -> Result<Self, EmptySecret> {
        let (name, path) = split_name(text)?;
        Ok(Self { name, origin: SecretOrigin::File(path.into()) })
    }

    /// Reads `[NAME=]COMMAND`, by the same rule.
    pub fn command(text: &str) -> Result<Self, EmptySecret> {
        let (name, command) = split_name(text)?;
        Ok(Self { name, origin: SecretOrigin::Command(command.to_owned()) })
    }
}

/// Nothing was given for a secret. Other faults are told by [`super::load`], whose errors do not repeat the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is empty: is a variable not set?")]
pub struct EmptySecret;

fn split_name(text: &str) -> Result<(Option<String>, &str), EmptySecret> {
    match text.split_once('=') {
        Some((name, rest)) if is_name(name) && rest.contains(|char| char != '=') => Ok((Some(name.to_owned()), rest)),
        _ if text.is_empty() => Err(EmptySecret),
        _ => Ok((None, text)),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|char| char.is_ascii_alphanumeric() || "._-".contains(char))
}

/// The sources of all layers, the command line's first. A name in an upper layer hides the same one below.
pub(super) fn sources(
    layers: &Layers,
    arguments: &[SecretArgument],
    directory: &Path,
    env: Env,
) -> Result<Vec<SecretSource>, ConfigError> {
    let (_, file) = layers.tables("secrets")?;
    let file = file.iter().map(|entry| source(entry, directory, env)).collect::<Result<Vec<_>, _>>()?;
    let mut sources = argued(arguments, &file)?;
    if env(SECRET_VARIABLE).is_some_and(|value| !value.is_empty()) {
        let name = free_name("env", |name| has(&sources, name) || has(&file, name));
        sources.push(SecretSource { name, origin: SecretOrigin::Env(SECRET_VARIABLE.to_owned()) });
    }
    let shown: Vec<_> = file.into_iter().filter(|source| !has(&sources, &source.name)).collect();
    sources.extend(shown);
    Ok(sources)
}

/// The secrets of the command line, all with names; none that was given hides one of the `file` by accident.
fn argued(arguments: &[SecretArgument], file: &[SecretSource]) -> Result<Vec<SecretSource>, ConfigError> {
    let is_named = |name: &str| arguments.iter().any(|argument| argument.name.as_deref() == Some(name));
    let mut sources = Vec::new();
    for SecretArgument { name, origin } in arguments {
        let name = match name.clone() {
            Some(name) if TAKEN_NAMES.contains(&&*name) => return Err(ConfigError::TakenName(name)),
            Some(name) if has(&sources, &name) => return Err(ConfigError::SameSecret(name)),
            Some(name) => name,
            None => free_name("secret", |name| is_named(name) || has(&sources, name) || has(file, name)),
        };
        sources.push(SecretSource { name, origin: origin.clone() });
    }
    Ok(sources)
}

fn has(sources: &[SecretSource], name: &str) -> bool {
    sources.iter().any(|source| source.name == name)
}

/// `base`, else `base-2`, `base-3` and so on.
fn free_name(base: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut name = base.to_owned();
    let mut number = 2_usize;
    while is_taken(&name) {
        name = format!("{base}-{number}");
        number += 1;
    }
    name
}

/// An entry of `[secrets]`.
fn source(entry: &Entry, directory: &Path, env: Env) -> Result<SecretSource, ConfigError> {
    if !is_name(entry.name) {
        return Err(entry.wrong("is no name for a secret: letters, digits, `.`, `_` and `-` are"));
    }
    if TAKEN_NAMES.contains(&entry.name) {
        return Err(entry.wrong("says something else in --sign: give the secret another name"));
    }
    let origin = if entry.is_table() {
        let fields = entry.table()?;
        let [field] = fields.as_slice() else {
            return Err(entry.wrong("must say one of { file = \"..\" }, { env = \"..\" } and { command = \"..\" }"));
        };
        match field.name {
            "file" => SecretOrigin::File(from_directory(directory, not_empty(field)?, env)),
            "env" => SecretOrigin::Env(not_empty(field)?.to_owned()),
            "command" => SecretOrigin::Command(not_empty(field)?.to_owned()),
            _ => return Err(field.unknown("source of a secret", ["file", "env", "command"])),
        }
    } else {
        SecretOrigin::Value(not_empty(entry)?.to_owned())
    };
    Ok(SecretSource { name: entry.name.to_owned(), origin })
}

fn not_empty<'d>(entry: &Entry<'d>) -> Result<&'d str, ConfigError> {
    // The value of a secret must not get into the message.
    if !entry.is_text() {
        return Err(entry.wrong("must be a text in quotes"));
    }
    Some(entry.text()?).filter(|text| !text.is_empty()).ok_or_else(|| entry.wrong("is empty"))
}

/// Why a secret cannot be read, as a whole sentence.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Its file cannot be read.
    #[error("cannot read the secret `{name}` from {}: {why}", path.display())]
    Read {
        /// The secret.
        name: String,
        /// Its file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// The file cannot be one with a secret.
    #[error("the file of the secret `{name}`, {}, is too long for a secret: is it the right one?", path.display())]
    TooLong {
        /// The secret.
        name: String,
        /// Its file.
        path: PathBuf,
    },
    /// The file holds nothing.
    #[error("the file of the secret `{name}`, {}, is empty: write the secret into it", path.display())]
    EmptyFile {
        /// The secret.
        name: String,
        /// Its file.
        path: PathBuf,
    },
    /// The environment variable is not there.
    #[error(
        "the secret `{name}` comes from the environment variable {variable}, which is not set: set it and start again"
    )]
    NotSet {
        /// The secret.
        name: String,
        /// Its variable.
        variable: String,
    },
    /// The command gave nothing.
    #[error("the command of the secret `{name}` {why}")]
    Command {
        /// The secret.
        name: String,
        /// Why.
        why: CommandError,
    },
    /// The command wrote nothing.
    #[error("the command of the secret `{name}` wrote nothing to its standard output: it must write the secret")]
    EmptyOutput {
        /// The secret.
        name: String,
    },
    /// The command wrote what cannot be a secret.
    #[error("the command of the secret `{name}` wrote too much for a secret: is it the right one?")]
    LongOutput {
        /// The secret.
        name: String,
    },
}

/// Reads every secret, giving its name and its bytes. The first that cannot be read is the error.
pub fn read_secrets(sources: &[SecretSource], env: Env) -> Result<Vec<(String, Vec<u8>)>, SecretError> {
    sources.iter().map(|source| Ok((source.name.clone(), read(source, env)?))).collect()
}

/// Reads every secret that can be read, and says of the others why not: for commands that can do with fewer.
pub fn readable_secrets(sources: &[SecretSource], env: Env) -> (Vec<(String, Vec<u8>)>, Vec<SecretError>) {
    let (mut secrets, mut errors) = (Vec::new(), Vec::new());
    for source in sources {
        match read(source, env) {
            Ok(value) => secrets.push((source.name.clone(), value)),
            Err(error) => errors.push(error),
        }
    }
    (secrets, errors)
}

fn read(SecretSource { name, origin }: &SecretSource, env: Env) -> Result<Vec<u8>, SecretError> {
    match origin {
        SecretOrigin::Value(value) => Ok(value.clone().into_bytes()),
        SecretOrigin::Env(variable) => match env(variable).filter(|value| !value.is_empty()) {
            Some(value) => Ok(value.into_bytes()),
            None => Err(SecretError::NotSet { name: name.clone(), variable: variable.clone() }),
        },
        SecretOrigin::File(path) => read_file(name, path),
        SecretOrigin::Command(command) => ask(name, command),
    }
}

fn read_file(name: &str, path: &Path) -> Result<Vec<u8>, SecretError> {
    let (name, path) = (name.to_owned(), path.to_owned());
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(MAX_LENGTH + 1).read_to_end(&mut bytes));
    if let Err(why) = read {
        return Err(SecretError::Read { name, path, why });
    }
    if bytes.len() as u64 > MAX_LENGTH {
        return Err(SecretError::TooLong { name, path });
    }
    drop_line_end(&mut bytes);
    if bytes.is_empty() { Err(SecretError::EmptyFile { name, path }) } else { Ok(bytes) }
}

fn ask(name: &str, command: &str) -> Result<Vec<u8>, SecretError> {
    let name = name.to_owned();
    let mut bytes = match command::output(command, MAX_LENGTH, COMMAND_LIMIT) {
        Ok(bytes) => bytes,
        Err(why) => return Err(SecretError::Command { name, why }),
    };
    if bytes.len() as u64 > MAX_LENGTH {
        return Err(SecretError::LongOutput { name });
    }
    drop_line_end(&mut bytes);
    if bytes.is_empty() { Err(SecretError::EmptyOutput { name }) } else { Ok(bytes) }
}

fn drop_line_end(bytes: &mut Vec<u8>) {
    if bytes.ends_with(b"\n") {
        bytes.pop();
        bytes.pop_if(|byte| *byte == b'\r');
    }
}
