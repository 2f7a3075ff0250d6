//! `[[expect]]`: which scheme and which secrets requests to some paths must be signed with, and how strictly.
//!
//! Knows which secrets the file has; which schemes there are, it does not know.

use super::document::{Entry, Layers};
use super::error::{ConfigError, Place};
use super::suggest::hint;

const KEYS: [&str; 4] = ["path", "scheme", "secret", "enforce"];

/// A row of `[[expect]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect {
    /// Where the row begins.
    pub place: Place,
    /// The pattern that a path must fit; begins with a slash.
    pub path: String,
    /// The scheme and where it is named; not known to exist.
    pub scheme: Option<(String, Place)>,
    /// Names out of `[secrets]`; none for all secrets.
    pub secrets: Vec<String>,
    /// Whether what does not hold is refused; `None` when it is as elsewhere.
    pub enforce: Option<Enforce>,
}

/// Whether requests are refused whose signature does not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforce {
    /// They are not.
    #[default]
    No,
    /// They are, with the status that the sender's documentation asks for, else 403.
    Yes,
    /// They are, with this status.
    With(u16),
}

/// Reads the status of `--enforce`.
pub fn parse_enforce(text: &str) -> Result<Enforce, &'static str> {
    match text {
        "" => Ok(Enforce::Yes),
        "401" => Ok(Enforce::With(401)),
        "403" => Ok(Enforce::With(403)),
        _ => Err("it is 401 or 403, or left out: then it is what the sender's documentation asks for"),
    }
}

/// Reads true, false, 401 or 403.
pub(super) fn enforce(entry: &Entry) -> Result<Enforce, ConfigError> {
    if entry.is_flag() {
        return Ok(if entry.flag()? { Enforce::Yes } else { Enforce::No });
    }
    match entry.number(0..=999) {
        Ok(401) => Ok(Enforce::With(401)),
        Ok(403) => Ok(Enforce::With(403)),
        _ => Err(entry.wrong("must be true, false, 401 or 403")),
    }
}

/// The rows of the file, in its order.
pub(super) fn expectations(layers: &Layers) -> Result<Vec<Expect>, ConfigError> {
    let (_, secrets) = layers.tables("secrets")?;
    let secrets: Vec<&str> = secrets.iter().map(|secret| secret.name).collect();
    layers.entry("expect")?.items().iter().map(|row| expectation(row, &secrets)).collect()
}

fn expectation(row: &Entry, known: &[&str]) -> Result<Expect, ConfigError> {
    if !row.is_table() {
        return Err(row.wrong("must be tables: write [[expect]] above each"));
    }
    let (mut path, mut scheme, mut secrets, mut enforced) = (None, None, Vec::new(), None);
    let fields = row.table()?;
    for field in &fields {
        match field.name {
            "path" => path = Some(self::path(field)?),
            "scheme" => scheme = Some((field.text()?.to_owned(), field.place())),
            "secret" => secrets = field.items().iter().map(|item| secret(item, known)).collect::<Result<_, _>>()?,
            "enforce" => enforced = Some(enforce(field)?),
            _ => return Err(field.unknown("key of [[expect]]", KEYS)),
        }
    }
    let path = path.ok_or_else(|| row.wrong("needs a `path`, like \"/hooks/pm/**\""))?;
    if scheme.is_none() && secrets.is_empty() && enforced.is_none() {
        return Err(row.wrong("expects nothing: name a `scheme`, a `secret` or `enforce`"));
    }
    Ok(Expect { place: row.place(), path, scheme, secrets, enforce: enforced })
}

fn path(field: &Entry) -> Result<String, ConfigError> {
    let path = field.text()?;
    if !path.starts_with('/') {
        return Err(field.wrong("must begin with a slash, as paths do"));
    }
    if path.contains(['?', '#']) {
        return Err(field.wrong("is a path alone, without a query"));
    }
    Ok(path.to_owned())
}

/// The name of a secret. It is not repeated when it is not known: it may be the secret itself in the wrong place.
fn secret(item: &Entry, known: &[&str]) -> Result<String, ConfigError> {
    let name = if item.is_text() { item.text()? } else { return Err(item.wrong("must be a name from [secrets]")) };
    if known.contains(&name) {
        return Ok(name.to_owned());
    }
    let hint = if known.is_empty() { "; [secrets] is empty".to_owned() } else { hint(name, known.iter().copied()) };
    Err(item.wrong(format_args!("is not a name from [secrets]{hint}")))
}
