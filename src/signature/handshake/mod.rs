//! Handshakes: what senders ask before they send, to see that the receiver is meant; and the answers, from data.
//!
//! The rows are `[[handshake]]` in `assets/schemes.toml`. A row says which request it is, what the answer is, and what
//! has to be so before it is given. A handshake can be a trap: some answers are signatures of whatever text a stranger
//! sends. Those are given only to a request whose own signature holds, or when the user names the scheme; and only
//! with the secret of that scheme. What is given back is plain text or JSON, bounded, and never anything to render.
//!
//! Decides alone: it fetches nothing, keeps nothing, and knows nothing of sockets.

mod decide;
mod row;
mod template;

use super::reading::Facts;
use super::scheme::{Condition, Evidence, Fault, fault};

pub use decide::Reply;
pub(super) use row::Row;

use template::{Json, Template};

/// The bodies of handshakes are short: a longer one is not looked at.
const LONGEST_BODY: u64 = 64 * 1024;

/// One handshake, as a row of `assets/schemes.toml` or of the user's own file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// What it is called: `slack-url-verification`.
    pub id: String,
    /// Other senders with the same one.
    pub aliases: Vec<String>,
    /// What it is, for a list: `Slack url_verification`.
    pub title: String,
    /// The method of the request.
    pub method: String,
    /// What the request must have; names of query fields count in any case.
    conditions: Vec<Condition>,
    /// The fields of the JSON object that its body is, and no others.
    fields: Option<Vec<String>>,
    form: Form,
    /// The id of the scheme that the sender signs with.
    pub scheme: Option<String>,
    /// Answered only when the request's signature holds, once there is a secret.
    pub verified: bool,
    /// Answered only when the user named the scheme.
    pub named: bool,
    token: Option<Token>,
    /// The header whose value is the secret from then on.
    learn: Option<String>,
    /// The status for a request whose signature does not hold; without one it gets the answer of any other request.
    on_bad_signature: Option<u16>,
    /// What to tell the user besides.
    show: Option<Template>,
    /// How well the row is known.
    pub evidence: Option<Evidence>,
    /// The sender's own description: a URL.
    pub docs: Option<String>,
    /// What else a reader should know.
    pub note: Option<String>,
}

/// A query field that must be the secret of this name when there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    query: String,
    secret: String,
    /// It is this handshake only when it is.
    decides: bool,
}

/// The answer as a row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Form {
    status: u16,
    headers: Vec<(String, Template)>,
    body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Body {
    Empty,
    Text(Template),
    Json(Json),
}

impl Form {
    /// Whether a template in it is so.
    fn has(&self, is_so: fn(&Template) -> bool) -> bool {
        let in_body = match &self.body {
            Body::Empty => false,
            Body::Text(template) => is_so(template),
            Body::Json(json) => json.has(is_so),
        };
        in_body || self.headers.iter().any(|(_, template)| is_so(template))
    }
}

impl Handshake {
    /// When it is answered, in words: `when its signature holds (slack)`.
    pub fn describe(&self) -> String {
        let scheme = self.scheme.as_deref().unwrap_or_default();
        match &self.token {
            _ if self.named => format!("when the scheme {scheme} is named"),
            _ if self.verified => format!("when its signature holds ({scheme})"),
            Some(Token { query, secret, decides: true }) => format!("when its {query} is the secret {secret}"),
            Some(Token { query, secret, .. }) => format!("unless its {query} differs from the secret {secret}"),
            None => "always".to_owned(),
        }
    }

    /// Whether the secret of this name is the token that it asks for.
    pub(super) fn checks(&self, secret: &str) -> bool {
        self.token.as_ref().is_some_and(|token| token.secret == secret)
    }

    /// Whether a request is this handshake.
    fn is(&self, facts: Facts<'_>) -> bool {
        let fits = |condition: &Condition| match condition {
            Condition::Query(name) => facts.query_in_any_case(name).is_some(),
            Condition::Json(_) | Condition::JsonIs(..) if facts.request.body.total > LONGEST_BODY => false,
            other => other.holds(facts),
        };
        *facts.request.method == *self.method.as_bytes()
            && self.conditions.iter().all(fits)
            && self
                .fields
                .as_ref()
                .is_none_or(|fields| facts.request.body.total <= LONGEST_BODY && facts.has_only(fields))
    }
}

/// Handshakes in the order of their file: the first that a request is, is it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handshakes(Vec<Handshake>);

impl Handshakes {
    /// Reads a row and adds it; refuses a name that an earlier one has.
    pub(super) fn add(&mut self, row: Row) -> Result<(), Fault> {
        let taken = |name: &String| self.0.iter().any(|old| old.id == *name || old.aliases.contains(name));
        if taken(&row.id) {
            return fault("id", "is already the name of another handshake");
        }
        if let Some(name) = row.aliases.iter().find(|name| taken(name)) {
            return fault("aliases", format!("`{name}` is already the name of another handshake"));
        }
        self.0.push(row.read()?);
        Ok(())
    }

    /// Puts the user's handshakes over these: a row with the id of an old one replaces it, others come first.
    #[must_use]
    pub(super) fn merge(self, user: Self) -> Self {
        let kept = self.0.into_iter().filter(|old| user.0.iter().all(|new| new.id != old.id));
        let kept: Vec<_> = kept.collect();
        Self(user.0.into_iter().chain(kept).collect())
    }

    /// Every handshake, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Handshake> {
        self.0.iter()
    }

    /// The one with this id.
    pub fn get(&self, id: &str) -> Option<&Handshake> {
        self.0.iter().find(|handshake| handshake.id == id)
    }
}

impl<'a> IntoIterator for &'a Handshakes {
    type Item = &'a Handshake;
    type IntoIter = std::slice::Iter<'a, Handshake>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
