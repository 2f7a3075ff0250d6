//! The table of schemes: the built-in one, the user's own, looking a scheme up by name.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;
use toml::Spanned;

use super::row::{Fault, Row};
use super::{Role, Scheme};
use crate::signature::handshake::{self, Handshakes};

/// Schemes, and the handshakes of their senders, in the order of their file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schemes {
    schemes: Vec<Scheme>,
    handshakes: Handshakes,
}

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
    #[serde(default)]
    handshake: Vec<Spanned<handshake::Row>>,
}

static BUILTIN: LazyLock<Schemes> =
    LazyLock::new(|| match Schemes::parse(include_str!("../../../assets/schemes.toml")) {
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
            reason: brief(error.message()).replace('\n', " "),
        })?;
        let mut schemes = Self::default();
        let error = |what: &str, id: &str, span: Range<usize>, fault: Fault| SchemeError {
            line: line_of(text, span, fault.key),
            reason: format!("{what} `{id}`, {}: {}", fault.key, fault.reason),
        };
        for row in file.scheme {
            let span = row.span();
            let row = row.into_inner();
            let id = row.id.clone();
            let scheme = schemes.unused(row).and_then(Row::read).map_err(|fault| error("scheme", &id, span, fault))?;
            schemes.schemes.push(scheme);
        }
        for row in file.handshake {
            let span = row.span();
            let row = row.into_inner();
            let id = row.id.clone();
            schemes.handshakes.add(row).map_err(|fault| error("handshake", &id, span, fault))?;
        }
        Ok(schemes)
    }

    /// This scheme and no other.
    pub(in super::super) fn only(scheme: Scheme) -> Self {
        Self { schemes: vec![scheme], ..Self::default() }
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
    /// old ones of the same rank. The same with handshakes.
    #[must_use]
    pub fn merge(self, user: Self) -> Self {
        let kept = self.schemes.into_iter().filter(|old| user.schemes.iter().all(|new| new.id != old.id));
        let kept: Vec<_> = kept.collect();
        let schemes = user.schemes.into_iter().chain(kept).collect();
        Self { schemes, handshakes: self.handshakes.merge(user.handshakes) }
    }

    /// The handshakes of senders.
    pub fn handshakes(&self) -> &Handshakes {
        &self.handshakes
    }

    /// The scheme with this id, else the one with this alias.
    pub fn get(&self, name: &str) -> Option<&Scheme> {
        self.position(name).map(|at| &self.schemes[at])
    }

    pub(in crate::signature) fn position(&self, name: &str) -> Option<usize> {
        let by_alias = || self.schemes.iter().position(|scheme| scheme.aliases.iter().any(|alias| alias == name));
        self.schemes.iter().position(|scheme| scheme.id == name).or_else(by_alias)
    }

    /// Every scheme, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Scheme> {
        self.schemes.iter()
    }

    /// Whether a header of this name carries a secret in clear for some scheme: `Authorization`, `X-Gitlab-Token`.
    pub fn reveals_secret(&self, header: &[u8]) -> bool {
        let reveals =
            |scheme: &Scheme| scheme.method.reveals_secret() && scheme.role_of(header) == Some(Role::Signature);
        self.schemes.iter().any(reveals)
    }

    /// Up to three ids and aliases that `name` is nearest to, when it is near enough to any.
    pub fn nearest(&self, name: &str) -> Vec<&str> {
        let names = self.schemes.iter().flat_map(|scheme| std::iter::once(&scheme.id).chain(&scheme.aliases));
        let name = name.to_lowercase();
        let near =
            |(far, known): &(usize, &String)| *far <= 1 + name.len() / 4 || (name.len() > 2 && known.contains(&name));
        let near: Vec<_> = names.map(|known| (distance(&name, known), known)).filter(near).collect();
        let least = near.iter().map(|(far, _)| *far).min();
        near.into_iter().filter(|(far, _)| Some(*far) == least).map(|(_, known)| known.as_str()).take(3).collect()
    }
}

impl std::ops::Index<usize> for Schemes {
    type Output = Scheme;

    fn index(&self, at: usize) -> &Scheme {
        &self.schemes[at]
    }
}

impl<'a> IntoIterator for &'a Schemes {
    type Item = &'a Scheme;
    type IntoIter = std::slice::Iter<'a, Scheme>;

    fn into_iter(self) -> Self::IntoIter {
        self.schemes.iter()
    }
}

/// What the parser says, without its list of everything that would do when something near was meant.
fn brief(message: &str) -> Cow<'_, str> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(word) = quoted.next().filter(|_| message.starts_with("unknown field")) else { return message.into() };
    let near = quoted.map(|known| (distance(word, known), known)).min().filter(|(far, _)| *far <= 1 + word.len() / 4);
    near.map_or(message.into(), |(_, known)| format!("unknown field `{word}`, did you mean `{known}`?").into())
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

#[cfg(test)]
mod tests {
    use super::*;

    const MINE: &str = r#"
[[scheme]]
id = "mine"
sender = "us"
verify = "hmac-sha256"
signature = { header = "X-Mine", value = "{hex}" }
message = "{body}"
"#;

    fn refused(change: (&str, &str)) -> String {
        assert!(MINE.contains(change.0), "{}", change.0);
        Schemes::parse(&MINE.replace(change.0, change.1)).unwrap_err().to_string()
    }

    #[test]
    fn refuses_rows_that_do_not_make_sense_with_line_and_key() {
        const SIGNATURE: &str = r#"signature = { header = "X-Mine", value = "{hex}" }"#;
        let message = r#"message = "{body}""#;
        for (change, line, words) in [
            (("hmac-sha256", "md5"), 5, "`mine`, verify: `md5` is none of `hmac-sha1`, "),
            (("hmac-sha256", "jwt-hs256"), 7, "the request says what is signed"),
            (("hmac-sha256", "http-message-signature"), 6, "RFC 9421 says that it is in the header Signature"),
            ((SIGNATURE, ""), 2, "signature: names no place"),
            (("sender", "sendr"), 4, "unknown field `sendr`, did you mean `sender`?"),
            (("{hex}", "{hax}"), 6, "unknown placeholder {hax}"),
            (("{hex}", "{token}"), 6, "{token} is for tokens"),
            (("{hex}", "t={time},v1={hex},..."), 6, "say in `time` how it is written"),
            (("header =", "heder ="), 6, "unknown field `heder`, did you mean `header`?"),
            (("header = \"X-Mine\"", "json = \"/a\""), 6, "say what to `detect`"),
            (("{body}", "{bodi}"), 7, "unknown placeholder {bodi}"),
            (("{body}", "{time}.{body}"), 7, "say in `time` where it is"),
            (("{body}", "{secret}{body}"), 7, "for bare hashes"),
            (("hmac-sha256", "sha256"), 7, "proves nothing without {secret}"),
            (("hmac-sha256", "token"), 7, "a token signs nothing"),
            ((message, ""), 2, "message: is missing"),
            ((message, "message = 1"), 7, "a value or an array of them"),
            ((message, "message = \"{body}\"\nrefusal = 200"), 8, "refusal: is 401 or 403"),
            ((message, "message = \"{body}\"\nsecret = \"rot13\""), 8, "`rot13` is none of `text`, `base64`"),
            ((message, "message = \"{body}\"\nsecret = \"whpk\""), 8, "a public key for ed25519, ecdsa and rsa"),
            ((message, "message = \"{body}\"\nsecret = \"text or public-key\""), 8, "for http-message-signature"),
            ((message, "message = \"{body}\"\nkey_from = { json = \"/u\" }"), 8, "missing field `hosts`"),
            (("{body}", "[{body}"), 7, "a `[` without its `]`"),
            ((message, "message = \"{body}\"\ntime = { unit = \"s\" }"), 8, "time: is nowhere"),
            ((message, "message = \"{body}\"\ntime = { header = \"T\", unit = \"h\" }"), 8, "`h` is none of `s`, `ms`"),
            ((message, "message = \"{body}\"\ndetect = [\"X\"]\nnamed_only = true"), 8, "no use beside named_only"),
            ((message, "message = \"{body}\"\naliases = [\"mine\"]\n[[scheme]]\nid = \"mine\""), 9, "missing field"),
            ((message, "message = \"{body}\"\nunless = [\"X\"]\nnamed_only = true"), 8, "no use beside named_only"),
            ((message, "message = \"{body}\"\ndetect_form = [\"a\"]"), 8, "`detect` asks for no header"),
            ((message, "message = \"{body}\"\nbinds_body = true"), 8, "is for JSON web tokens"),
            ((message, "message = \"{body}\"\nhash = { json = \"/v\", sha1 = \"1\", sha256 = \"2\" }"), 8, "for rsa"),
            (("[[scheme]]", "[[shceme]]"), 2, "unknown field `shceme`, did you mean `scheme`?"),
            (("= \"us\"", "= us"), 4, ""),
        ] {
            let error = refused(change);
            assert!(error.starts_with(&format!("line {line}: ")) && error.contains(words), "{change:?}: {error}");
        }
        let twice = Schemes::parse(&format!("{MINE}{MINE}")).unwrap_err();
        assert_eq!((twice.line, twice.reason.contains("already the name")), (10, true), "{twice}");
    }

    #[test]
    fn the_users_rows_replace_and_come_first() {
        let mut schemes = Schemes::builtin();
        let before = schemes.iter().len();
        schemes = schemes.merge(Schemes::parse(MINE).unwrap());
        assert_eq!((schemes.iter().len(), schemes.iter().next().unwrap().id.as_str()), (before + 1, "mine"));
        schemes = schemes.merge(Schemes::parse(&MINE.replace("mine", "github")).unwrap());
        assert_eq!((schemes.iter().len(), schemes.get("github").unwrap().sender.as_str()), (before + 1, "us"));
    }

    #[test]
    fn finds_schemes_by_id_alias_and_nearly() {
        let schemes = Schemes::builtin();
        assert_eq!(schemes.get("peering-manager").unwrap().id, "netbox");
        assert_eq!(schemes.get("githb"), None);
        assert_eq!(schemes.nearest("githb"), ["github"]);
        assert_eq!(schemes.nearest("NetBoks"), ["netbox"]);
        assert_eq!(schemes.nearest("hubspot"), ["hubspot-v1", "hubspot-v2", "hubspot-v3"]);
        assert_eq!(schemes.nearest("quite-something-else"), [""; 0]);
    }

    #[test]
    fn knows_which_headers_tell_a_secret() {
        let schemes = Schemes::builtin();
        for name in ["authorization", "X-Gitlab-Token", "CF-Webhook-Auth"] {
            assert!(schemes.reveals_secret(name.as_bytes()), "{name}");
        }
        assert!(!schemes.reveals_secret(b"X-Hub-Signature-256"));
    }
}
