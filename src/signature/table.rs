//! The table of schemes: the built-in one, the user's own, looking a scheme up by name.

use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;
use toml::Spanned;

use super::row::{Fault, Row};
use super::scheme::{Role, Scheme};

/// Schemes in the order of their file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schemes(Vec<Scheme>);

/// Why a scheme file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct SchemeError {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong there, without a final stop.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    scheme: Vec<Spanned<Row>>,
}

static BUILTIN: LazyLock<Schemes> = LazyLock::new(|| match Schemes::parse(include_str!("../../assets/schemes.toml")) {
    Ok(schemes) => schemes,
    Err(error) => unreachable!("assets/schemes.toml, {error}"),
});

impl Schemes {
    /// The schemes of `assets/schemes.toml`.
    pub fn builtin() -> Self {
        BUILTIN.clone()
    }

    /// Reads a scheme file; the head of `assets/schemes.toml` explains the format.
    pub fn parse(text: &str) -> Result<Self, SchemeError> {
        let file: File = toml::from_str(text).map_err(|error| SchemeError {
            line: line_at(text, error.span().map_or(0, |span| span.start)),
            reason: error.message().replace('\n', " "),
        })?;
        let mut schemes = Self::default();
        for row in file.scheme {
            let span = row.span();
            let row = row.into_inner();
            let error = |fault: Fault, id: &str| SchemeError {
                line: line_of(text, span.clone(), fault.key),
                reason: format!("scheme `{id}`, {}: {}", fault.key, fault.reason),
            };
            let id = row.id.clone();
            let scheme = schemes.unused(row).and_then(Row::read).map_err(|fault| error(fault, &id))?;
            schemes.0.push(scheme);
        }
        Ok(schemes)
    }

    /// Refuses a row with a name that an earlier row of the same file has.
    fn unused(&self, row: Row) -> Result<Row, Fault> {
        let taken = |name: &&String| self.get(name).is_some();
        if taken(&&row.id) {
            return Err(Fault { key: "id", reason: "is already the name of another scheme".to_owned() });
        }
        match row.aliases.iter().find(taken) {
            None => Ok(row),
            Some(name) => {
                Err(Fault { key: "aliases", reason: format!("`{name}` is already the name of another scheme") })
            }
        }
    }

    /// Puts the user's schemes over these: a row with the id of an old one replaces it, others are tried before all
    /// old ones of the same rank.
    #[must_use]
    pub fn merge(self, user: Self) -> Self {
        let kept = self.0.into_iter().filter(|old| user.0.iter().all(|new| new.id != old.id));
        let kept: Vec<_> = kept.collect();
        Self(user.0.into_iter().chain(kept).collect())
    }

    /// The scheme with this id, else the one with this alias.
    pub fn get(&self, name: &str) -> Option<&Scheme> {
        self.position(name).map(|at| &self.0[at])
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        let by_alias = || self.0.iter().position(|scheme| scheme.aliases.iter().any(|alias| alias == name));
        self.0.iter().position(|scheme| scheme.id == name).or_else(by_alias)
    }

    /// Every scheme, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Scheme> {
        self.0.iter()
    }

    /// Whether a header of this name carries a secret in clear for some scheme: `Authorization`, `X-Gitlab-Token`.
    pub fn reveals_secret(&self, header: &[u8]) -> bool {
        let reveals =
            |scheme: &Scheme| scheme.method.reveals_secret() && scheme.role_of(header) == Some(Role::Signature);
        self.0.iter().any(reveals)
    }

    /// Up to three ids and aliases that `name` may have been meant to be, the nearest first.
    pub fn nearest(&self, name: &str) -> Vec<&str> {
        let names = self.0.iter().flat_map(|scheme| std::iter::once(&scheme.id).chain(&scheme.aliases));
        let name = name.to_lowercase();
        let mut near: Vec<_> = names
            .map(|known| (distance(&name, known), known.as_str()))
            .filter(|(far, known)| *far <= 1 + name.len() / 4 || (name.len() > 2 && known.contains(&name)))
            .collect();
        near.sort_unstable();
        near.into_iter().take(3).map(|(_, known)| known).collect()
    }
}

impl std::ops::Index<usize> for Schemes {
    type Output = Scheme;

    fn index(&self, at: usize) -> &Scheme {
        &self.0[at]
    }
}

impl<'a> IntoIterator for &'a Schemes {
    type Item = &'a Scheme;
    type IntoIter = std::slice::Iter<'a, Scheme>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count() + 1
}

/// The line of `key` in the row at `span`, else the line that the row begins with.
fn line_of(text: &str, span: Range<usize>, key: &str) -> usize {
    let first = line_at(text, span.start);
    let rows = text.lines().skip(first).take_while(|line| !line.starts_with("[["));
    let offset = rows.into_iter().position(|line| line.split('=').next().is_some_and(|name| name.trim() == key));
    offset.map_or(first, |offset| first + 1 + offset)
}

/// Levenshtein's distance: how many letters to change, add or drop.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for at in 0..right.len() {
            let substituted = diagonal + usize::from(right[at] != letter);
            diagonal = row[at + 1];
            row[at + 1] = substituted.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[right.len()]
}
