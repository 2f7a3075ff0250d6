//! Defaults, file, environment and flags, made into validated settings; and how keys are written.
//!
//! `assets/config.toml` names every setting with its default; the user's file, the environment and the flags are laid
//! over it. Secrets are read from where the settings say that they are: files, variables, what a command writes. What
//! the environment, the terminal and the directories are is handed in. Knows nothing of what settings do.

mod bindings;
mod choices;
mod command;
mod document;
mod error;
mod expect;
mod flags;
mod key;
mod linting;
mod listen;
mod listening;
mod paths;
mod quantity;
mod reader;
mod secrets;
mod settings;
mod suggest;
mod terminal;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use document::Layers;

pub use bindings::{Bindings, KeyTable};
pub(crate) use document::{Document, Entry};

pub use choices::{Choice, Cursor, Durability, Layout, Output, TimeFormat, When};
pub use command::CommandError;
pub use error::{ConfigError, Place};
pub use expect::{Enforce, Expect, parse_enforce};
pub use flags::{
    Overrides, RulesChoice, StoreChoice, parse_max_body, parse_public_url, parse_rules, parse_session, parse_store,
};
pub use key::{Key, KeyCode, KeyError};
pub use listen::{Certificates, Listen, parse_address, parse_listen};
pub use paths::{Paths, ensure_user_file};
pub use quantity::{QuantityError, format_duration, format_size, parse_duration, parse_size};
pub use secrets::{
    EmptySecret, SECRET_VARIABLE, SecretArgument, SecretError, SecretOrigin, SecretSource, read_secrets,
    readable_secrets,
};
pub use settings::{Checking, Keeping, Limits, RulesFile, SchemeFile, Screen, Settings, Trust};
pub use suggest::nearest;

/// Every setting with its default and what it means: the reference for users.
pub const DEFAULTS: &str = include_str!("../../assets/config.toml");

/// Looks an environment variable up.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What the program finds around it.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Where files are by default.
    pub paths: &'a Paths,
    /// The environment.
    pub env: Env<'a>,
    /// Whether keys come from a terminal and output goes to one.
    pub terminal: bool,
}

/// The settings: the flags over the environment over the file over the defaults. A file that `--config` names must be
/// there, the default one need not. Call it again to take changes of the file in.
pub fn load(around: &Surroundings, flags: &Overrides) -> Result<Settings, ConfigError> {
    let file = flags.config.clone().or_else(|| around.paths.config.clone());
    let text = file.as_deref().map_or(Ok(None), |path| read(path, flags.config.is_some()))?;
    let user = match (&file, &text) {
        (Some(path), Some(text)) => Some(Document::parse(path, text)?),
        _ => None,
    };
    let layers = Layers { defaults: Document::parse(Path::new("assets/config.toml"), DEFAULTS)?, user };
    layers.check_names()?;
    reader::Reader { layers: &layers, around, flags, file: file.clone() }.settings()
}

/// The text of the file; none when it is not there and need not be.
fn read(path: &Path, must_exist: bool) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => Ok(None),
        Err(why) => Err(ConfigError::Read { path: PathBuf::from(path), why }),
    }
}
