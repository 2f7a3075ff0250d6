//! From the settings to a checker: the schemes, the secrets, what is expected on some paths and what is refused.

use std::io;
use std::path::PathBuf;

use crate::config::{Checking, Enforce, Env, Expect, Place, SecretError, Settings, read_secrets, readable_secrets};
use crate::signature::{Checker, Expectation, Pattern, Refusal, SchemeError, Schemes, Secret, UnknownScheme};

/// Why there is no checker such as the settings ask for. Each sentence is whole.
#[derive(Debug, thiserror::Error)]
pub enum CheckingError {
    /// The user's scheme file cannot be read.
    #[error("cannot read the schemes {}: {why}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// A row of it is refused.
    #[error("{}:{}: {}", path.display(), fault.line, fault.reason)]
    Schemes {
        /// The file.
        path: PathBuf,
        /// Where and why.
        fault: SchemeError,
    },
    /// A secret cannot be read.
    #[error("{0}")]
    Secret(SecretError),
    /// The scheme for everything is not known.
    #[error("{0}")]
    Scheme(UnknownScheme),
    /// The scheme that a path expects is not known.
    #[error("{place}: {unknown}")]
    Expected {
        /// Where it is named.
        place: Place,
        /// What is not known.
        unknown: UnknownScheme,
    },
    /// Everything would be refused.
    #[error(
        "{}without a secret nothing verifies, so enforcing would refuse every request: \
         give one with --secret-file or in [secrets]",
        .0.as_ref().map(|place| format!("{place}: ")).unwrap_or_default()
    )]
    NothingVerifies(Option<Place>),
}

impl CheckingError {
    /// Whether the command line or a file of the user's is wrong, rather than what they lead to.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Secret(_))
    }
}

/// The schemes of the program with the user's own over them.
pub fn schemes(settings: &Settings) -> Result<Schemes, CheckingError> {
    let Some(file) = &settings.checking.schemes else { return Ok(Schemes::builtin()) };
    let path = file.path.clone();
    match std::fs::read_to_string(&path) {
        Ok(text) => match Schemes::parse(&text) {
            Ok(own) => Ok(Schemes::builtin().merge(own)),
            Err(fault) => Err(CheckingError::Schemes { path, fault }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound && !file.named => Ok(Schemes::builtin()),
        Err(why) => Err(CheckingError::Read { path, why }),
    }
}

/// The checker that the settings ask for; reads the scheme file and the secrets. Blocks while commands give secrets.
pub fn checker(settings: &Settings, env: Env) -> Result<Checker, CheckingError> {
    let schemes = schemes(settings)?;
    let secrets = read_secrets(&settings.secrets, env).map_err(CheckingError::Secret)?;
    assemble(&settings.checking, schemes, named(secrets))
}

/// The same with these secrets in place of the configured ones.
pub fn checker_with(settings: &Settings, secrets: Vec<Secret>) -> Result<Checker, CheckingError> {
    assemble(&settings.checking, schemes(settings)?, secrets)
}

/// The same for receiving: refuses to refuse everything.
pub fn receiving_checker(settings: &Settings, env: Env) -> Result<Checker, CheckingError> {
    let Checking { enforce, expect, .. } = &settings.checking;
    if settings.secrets.is_empty() {
        let is_on = |enforce: Enforce| enforce != Enforce::No;
        if let Some(row) = expect.iter().find(|row| row.enforce.is_some_and(is_on)) {
            return Err(CheckingError::NothingVerifies(Some(row.place.clone())));
        }
        if is_on(*enforce) {
            return Err(CheckingError::NothingVerifies(None));
        }
    }
    checker(settings, env)
}

/// The same for looking at captures only: with the secrets that can be read, and what is wrong with the others.
pub fn lenient_checker(settings: &Settings, env: Env) -> Result<(Checker, Vec<SecretError>), CheckingError> {
    let schemes = schemes(settings)?;
    let (secrets, errors) = readable_secrets(&settings.secrets, env);
    Ok((assemble(&settings.checking, schemes, named(secrets))?, errors))
}

fn named(secrets: Vec<(String, Vec<u8>)>) -> Vec<Secret> {
    secrets.into_iter().map(|(name, value)| Secret::new(name, value)).collect()
}

fn assemble(checking: &Checking, schemes: Schemes, secrets: Vec<Secret>) -> Result<Checker, CheckingError> {
    let checker = Checker::new(schemes, secrets, checking.scheme.as_deref());
    let mut checker = checker.map_err(CheckingError::Scheme)?;
    if let Some(url) = &checking.public_url {
        checker = checker.with_public_url(url);
    }
    if let Some(refusal) = refusal(checking.enforce, checking.enforce) {
        checker = checker.refusing(refusal);
    }
    let expectations = checking.expect.iter().map(|row| expectation(row, checking.enforce)).collect();
    checker.with_expectations(expectations).map_err(|unknown| placed(&checking.expect, unknown))
}

fn expectation(row: &Expect, everywhere: Enforce) -> Expectation {
    Expectation {
        paths: Pattern::new(&row.path),
        scheme: row.scheme.as_ref().map(|(name, _)| name.clone()),
        secrets: row.secrets.clone(),
        refusal: refusal(row.enforce.unwrap_or(everywhere), everywhere),
    }
}

/// A plain yes takes the number that holds everywhere.
fn refusal(enforce: Enforce, everywhere: Enforce) -> Option<Refusal> {
    match (enforce, everywhere) {
        (Enforce::No, _) => None,
        (Enforce::With(status), _) | (Enforce::Yes, Enforce::With(status)) => Some(Refusal::With(status)),
        (Enforce::Yes, _) => Some(Refusal::AsDocumented),
    }
}

fn placed(rows: &[Expect], unknown: UnknownScheme) -> CheckingError {
    let mut named = rows.iter().filter_map(|row| row.scheme.as_ref());
    match named.find(|(name, _)| *name == unknown.name) {
        Some((_, place)) => CheckingError::Expected { place: place.clone(), unknown },
        None => CheckingError::Scheme(unknown),
    }
}
