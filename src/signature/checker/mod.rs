//! Checking requests: every secret against every scheme that may have been used.

mod verify;

use std::fmt;

use chrono::{DateTime, Utc};

use super::expectation::{Expected, Refusal};
use super::key::{Key, Method, Secret, SecretForm};
use super::reading::{Facts, Index, Reading, Url};
use super::scheme::{Scheme, Schemes};
use crate::capture::{Outcome, Request, Verdict};

pub(super) use verify::{truncated, verdict};

/// Schemes and secrets, made ready: checks and signs. Immutable, so it can be shared between threads.
pub struct Checker {
    pub(super) schemes: Schemes,
    pub(super) secrets: Vec<Secret>,
    pub(super) forced: Option<usize>,
    pub(super) public_url: Option<String>,
    /// How requests are refused whose signature does not hold; `None` when they are not.
    pub(super) refusal: Option<Refusal>,
    /// Paths that are judged by a checker of their own; the first that fits counts.
    pub(super) expected: Vec<Expected>,
    pub(super) index: Index,
    rings: Vec<Ring>,
    /// At the position of a scheme: its ring.
    ring_of: Vec<usize>,
}

/// The secrets as the keys of one method: `None` where a secret does not have the form that it needs.
struct Ring {
    method: Method,
    form: SecretForm,
    /// The scheme that it is for, when a secret was learned for that one alone.
    own: Option<String>,
    keys: Vec<Option<Key>>,
}

/// A scheme that was asked for and is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown scheme `{name}`: {}", suggestion(.nearest, .some))]
pub struct UnknownScheme {
    /// What was asked for.
    pub name: String,
    /// Names that it may have been meant to be.
    pub nearest: Vec<String>,
    /// Names of a few schemes, for an example.
    pub some: Vec<String>,
}

/// Schemes that [`UnknownScheme`] names when none is near.
const EXAMPLES: usize = 5;

fn suggestion(nearest: &[String], some: &[String]) -> String {
    match nearest {
        [] => format!("there are {} and others; hookview schemes lists all", some.join(", ")),
        [one] => format!("did you mean {one}?"),
        [most @ .., last] => format!("did you mean {} or {last}?", most.join(", ")),
    }
}

impl UnknownScheme {
    /// The error that `name` is none of `schemes`.
    pub fn new(schemes: &Schemes, name: &str) -> Self {
        let nearest = schemes.nearest(name).into_iter().map(str::to_owned).collect();
        let some = schemes.iter().take(EXAMPLES).map(|scheme| scheme.id.clone()).collect();
        Self { name: name.to_owned(), nearest, some }
    }
}

impl Checker {
    /// Makes every secret ready for every scheme. With `forced`, only that scheme is tried.
    pub fn new(schemes: Schemes, secrets: Vec<Secret>, forced: Option<&str>) -> Result<Self, UnknownScheme> {
        let position = |name| schemes.position(name).ok_or_else(|| UnknownScheme::new(&schemes, name));
        let forced = forced.map(position).transpose()?;
        Ok(Self::made(schemes, secrets, forced))
    }

    pub(super) fn made(schemes: Schemes, secrets: Vec<Secret>, forced: Option<usize>) -> Self {
        let is_token = |secret: &Secret| schemes.handshakes().iter().any(|handshake| handshake.checks(&secret.name));
        let secrets = secrets.into_iter().map(|secret| if is_token(&secret) { secret.into_token() } else { secret });
        let secrets = secrets.collect::<Vec<_>>();
        let (rings, ring_of) = rings(&schemes, &secrets);
        let index = Index::of(&schemes);
        let (public_url, refusal, expected) = (None, None, Vec::new());
        Self { schemes, secrets, forced, public_url, refusal, expected, index, rings, ring_of }
    }

    /// Whether the other one was made from the same: schemes, secrets less those that came in handshakes, expectations.
    pub fn is_like(&self, other: &Self) -> bool {
        let expectations = self.expected.iter().map(Expected::expectation);
        self.own_secrets().count() == other.own_secrets().count()
            && self.own_secrets().zip(other.own_secrets()).all(|(left, right)| left.is_like(right))
            && self.schemes == other.schemes
            && (self.forced, &self.public_url, self.refusal) == (other.forced, &other.public_url, other.refusal)
            && expectations.eq(other.expected.iter().map(Expected::expectation))
    }

    fn own_secrets(&self) -> impl Iterator<Item = &Secret> {
        self.secrets.iter().filter(|secret| !secret.is_learned())
    }

    /// The same with a secret that came in a handshake; `None` when a secret has its name already, which stays.
    pub fn learning(&self, secret: Secret) -> Option<Self> {
        if self.secrets.iter().any(|known| known.name == secret.name) {
            return None;
        }
        Some(self.with_secrets(self.secrets.iter().cloned().chain([secret]).collect()))
    }

    /// The same without a secret that came in a handshake.
    #[must_use]
    pub fn forgetting(&self, name: &str) -> Self {
        let kept = self.secrets.iter().filter(|secret| !secret.is_learned() || secret.name != name);
        self.with_secrets(kept.cloned().collect())
    }

    /// The same with what the other one learned in handshakes, less what has a name that is taken here.
    #[must_use]
    pub fn remembering(self, other: &Self) -> Self {
        let learned = other.secrets.iter().filter(|secret| secret.is_learned());
        learned.fold(self, |checker, secret| checker.learning(secret.clone()).unwrap_or(checker))
    }

    fn with_secrets(&self, secrets: Vec<Secret>) -> Self {
        let mut checker = Self::made(self.schemes.clone(), secrets, self.forced);
        checker.public_url.clone_from(&self.public_url);
        checker.refusal = self.refusal;
        checker.expected = self.expected.iter().map(|expected| expected.for_secrets_of(&checker)).collect();
        checker
    }

    /// Tells the URL under which senders reach this receiver, for schemes that sign it: its origin, with the path in
    /// front of the request's own when there is one, or the whole URL that a sender was given.
    #[must_use]
    pub fn with_public_url(mut self, url: impl Into<String>) -> Self {
        let url = url.into();
        for expected in &mut self.expected {
            expected.know_as(&url);
        }
        self.public_url = Some(url);
        self
    }

    /// The URL that [`Self::with_public_url`] told.
    pub fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// The scheme that alone is tried, when there is one.
    pub fn forced(&self) -> Option<&Scheme> {
        self.forced.map(|at| &self.schemes[at])
    }

    /// The schemes.
    pub fn schemes(&self) -> &Schemes {
        &self.schemes
    }

    /// The secrets.
    pub fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// Their names.
    pub fn secret_names(&self) -> Vec<String> {
        self.secrets.iter().map(|secret| secret.name.clone()).collect()
    }

    /// Judges the signature of a request that arrived at `arrived`, by what is expected on its path.
    pub fn check(&self, request: &Request, arrived: DateTime<Utc>) -> Verdict {
        match self.expected_at(request) {
            Some(expected) => expected.check(request, arrived),
            None => self.judge(request, arrived),
        }
    }

    /// Judges with these schemes and secrets, whatever is expected on the path.
    pub(super) fn judge(&self, request: &Request, arrived: DateTime<Utc>) -> Verdict {
        let facts = self.facts(request);
        let candidates = self.forced.map_or_else(|| self.index.candidates(&self.schemes, facts), |forced| vec![forced]);
        let mut failed = None;
        let mut unfit = None;
        let mut empty = None;
        for at in candidates {
            let scheme = &self.schemes[at];
            match Reading::of(scheme, facts) {
                Reading::Unsigned { empty: is_empty } => empty = empty.or(is_empty.then_some(scheme)),
                Reading::Unfit(reason) => {
                    unfit = Some(self.likelier(unfit, (at, verdict(scheme, Outcome::Invalid, reason))));
                }
                Reading::Signed(received) => {
                    let verdict = self.verify(at, facts, &received, arrived);
                    match verdict.outcome {
                        Outcome::Invalid => failed = Some(self.likelier(failed, (at, verdict))),
                        _ => return verdict,
                    }
                }
            }
        }
        let blamed = match (failed, unfit) {
            (failed, Some(unfit)) => Some(self.likelier(failed, unfit)),
            (failed, None) => failed,
        };
        match blamed.map(|(_, verdict)| verdict) {
            Some(verdict) if !self.can_check() => Verdict { outcome: Outcome::NotChecked, ..verdict },
            Some(verdict) => verdict,
            None => self.unsigned(empty, facts),
        }
    }

    /// Of two schemes that failed, the one to blame: the first, but for one that no secret can be meant for where the
    /// next has a secret in just its form.
    fn likelier(&self, first: Option<(usize, Verdict)>, next: (usize, Verdict)) -> (usize, Verdict) {
        let meant = |at: usize| self.usable(at).next().is_some();
        match first {
            Some((at, _)) if !meant(at) && meant(next.0) && self.schemes[next.0].secret.is_telling() => next,
            Some(first) => first,
            None => next,
        }
    }

    pub(super) fn facts<'a>(&'a self, request: &'a Request) -> Facts<'a> {
        Facts { request, url: self.public_url.as_deref().map_or(Url::Unknown, Url::Public) }
    }

    /// The key of each secret for the scheme at this position.
    pub(super) fn keys(&self, at: usize) -> &[Option<Key>] {
        &self.rings[self.ring_of[at]].keys
    }

    /// Whether there is a secret to check signatures with.
    pub(super) fn can_check(&self) -> bool {
        self.secrets.iter().any(|secret| !secret.is_token())
    }

    /// The verdict on a request without a signature; `empty` is the scheme that had an empty place for one.
    fn unsigned(&self, empty: Option<&Scheme>, facts: Facts<'_>) -> Verdict {
        let forced = self.forced();
        let reason = match (empty, forced) {
            (Some(scheme), _) => {
                let place = scheme.signatures[0].place.words();
                format!("no signature: {place} is empty, as from a sender without a secret")
            }
            (None, Some(scheme)) => format!("no signature: there is none in {}", scheme.signatures[0].place.words()),
            (None, None) => nothing_detected(facts),
        };
        if !self.can_check() {
            return Verdict { reason, ..Verdict::default() };
        }
        let scheme = empty.or(forced).map(|scheme| scheme.id.clone());
        Verdict { outcome: Outcome::Missing, scheme, reason, ..Verdict::default() }
    }
}

impl fmt::Debug for Checker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checker({} schemes, {:?})", self.schemes.iter().len(), self.secrets)
    }
}

impl Ring {
    fn of(scheme: &Scheme, secrets: &[Secret]) -> Self {
        let (method, form) = (scheme.method, scheme.secret);
        let key = |secret: &Secret| secret.is_for(&scheme.id).then(|| Key::new(method, form, secret)).flatten();
        let keys = secrets.iter().map(key).collect();
        Self { method, form, own: own(scheme, secrets), keys }
    }
}

/// The scheme's id when a secret was learned for it alone.
fn own(scheme: &Scheme, secrets: &[Secret]) -> Option<String> {
    let learned = |secret: &Secret| secret.is_learned() && secret.is_for(&scheme.id);
    secrets.iter().any(learned).then(|| scheme.id.clone())
}

/// The rings of all schemes, and at the position of a scheme the position of its ring.
fn rings(schemes: &Schemes, secrets: &[Secret]) -> (Vec<Ring>, Vec<usize>) {
    let mut rings: Vec<Ring> = Vec::new();
    let mut ring_of = Vec::with_capacity(schemes.iter().len());
    for scheme in schemes {
        let own = own(scheme, secrets);
        let fits = |ring: &Ring| ring.method == scheme.method && ring.form == scheme.secret && ring.own == own;
        let known = rings.iter().position(fits);
        ring_of.push(known.unwrap_or(rings.len()));
        if known.is_none() {
            rings.push(Ring::of(scheme, secrets));
        }
    }
    (rings, ring_of)
}

/// Says that there is no signature, and how to have the header checked that may be one.
fn nothing_detected(facts: Facts<'_>) -> String {
    let authorization = facts.header("Authorization").unwrap_or_default().to_ascii_lowercase();
    let scheme = [("basic ", "basic"), ("bearer ", "bearer")]
        .into_iter()
        .find(|(start, _)| authorization.starts_with(start.as_bytes()));
    match scheme {
        Some((_, id)) => format!("no signature header; name the scheme {id} to have Authorization checked"),
        None => "no signature header".to_owned(),
    }
}
