//! Where hookview's files are: found once, handed in everywhere, so that nothing else asks the environment.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use super::Env;
use super::document::Document;
use super::error::ConfigError;

const GREETING: &str = "# hookview's settings. What is not here is as in the README; `?` shows the keys.\n";

const SECRETS: &str = "
# What signatures are checked with: name = the secret, or the file, the environment variable or the command that has it.
# Saved secrets are used at once, and everything on the screen is checked again.
[secrets]
# netbox = \"the secret itself\"
# github = { file = \"github.secret\" }
# stripe = { env = \"STRIPE_WEBHOOK_SECRET\" }
# pm = { command = \"pass show peering-manager\" }
";

/// Where hookview's files are, by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// `$XDG_CONFIG_HOME/hookview/config.toml`.
    pub config: Option<PathBuf>,
    /// `$XDG_STATE_HOME/hookview/store.db`.
    pub store: Option<PathBuf>,
}

impl Paths {
    /// Those of the user who runs this, by the XDG base directory specification; none when there is no home.
    pub fn of_user() -> Self {
        let Ok(base) = etcetera::choose_base_strategy() else { return Self::default() };
        Self {
            config: Some(base.config_dir().join("hookview/config.toml")),
            store: base.state_dir().map(|directory| directory.join("hookview/store.db")),
        }
    }

    /// `$XDG_STATE_HOME/hookview`: what hookview keeps for itself.
    pub fn state(&self) -> Option<&Path> {
        self.store.as_ref()?.parent()
    }
}

/// `path` as seen from `directory`; `~/` is the home directory.
pub(super) fn from_directory(directory: &Path, path: &str, env: Env) -> PathBuf {
    let home = || env("HOME").filter(|home| !home.is_empty());
    match path.strip_prefix("~/").and_then(|rest| Some(Path::new(&home()?).join(rest))) {
        Some(path) => path,
        None => directory.join(path),
    }
}

/// Makes the configuration file, with a template to write secrets into, when there is none; only its owner may read it.
/// To one without a place for secrets that template is added, the rest stays as it is.
pub fn ensure_user_file(path: &Path) -> Result<(), ConfigError> {
    create(path).map_err(|why| ConfigError::Create { path: path.to_owned(), why })
}

fn create(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => file.write_all(format!("{GREETING}{SECRETS}").as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            add_secrets(path);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Adds the template for secrets to a file without them. One that cannot be read, is not TOML or must not be written to
/// is left for its owner to mend: the editor that opens it shows why.
fn add_secrets(path: &Path) {
    let Ok(text) = fs::read_to_string(path) else { return };
    let has_place = Document::parse(path, &text).map(|document| document.names("secrets"));
    if let (Ok(false), Ok(mut file)) = (has_place, OpenOptions::new().append(true).open(path)) {
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        if let Err(error) = file.write_all(format!("{end}{SECRETS}").as_bytes()) {
            tracing::warn!("cannot add a place for secrets to {}: {error}", path.display());
        }
    }
}
