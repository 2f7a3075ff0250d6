//! The doctor: what would make a signature hold that does not. For display only; nothing is ever accepted by it.
//!
//! Secrets, bodies and ways of signing are changed as people, proxies and libraries change them, one at a time, then
//! two, the likeliest first. The first that holds is the cause. Nothing is said that was not seen to hold, apart from
//! what the request tells by itself: a body cut short, a redirect. A hint shows no secret and no digest.
//!
//! ```text
//!  Case: signs, time --- Search --- keys (secrets) x forms (hash, message, URL) x bodies (written anew) ---> Hit ---> Hint
//! ```

mod arrival;
mod bodies;
mod change;
mod forms;
mod search;
mod secrets;
mod strangers;
mod written;

use chrono::{DateTime, Utc};

use super::checker::Checker;
use super::key::{Material, Method, Secret, SecretForm};
use super::scheme::{Message, Scheme, Schemes};
use crate::capture::{Outcome, Request, Verdict};
use change::{Change, Choice};
use forms::Form;
use search::{Case, Hit, Search};
use secrets::Candidate;
use written::Sign;

/// What the doctor found out about a signature that does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Near misses that would make it hold, the likeliest first; empty when none does.
    pub hints: Vec<Hint>,
    /// What was tried and does not make it hold, in words; empty when something does.
    pub ruled_out: Vec<String>,
    /// How many variants were tried.
    pub tried: usize,
    /// How many of them hold: the first ends the search. Hints without one rest on what the request itself tells.
    pub matching: usize,
    /// Whether all were tried; false when the body is so big that the budget ended it.
    pub complete: bool,
    /// The request looks as if it had followed a redirect: one before it then carries the same signature.
    pub redirected: bool,
}

/// A near miss: shows neither a secret nor a digest. Names of headers and URLs in it are foreign text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What is wrong, in words, without a final stop: `the sender signs with secret staging`.
    pub cause: String,
    /// What was seen to hold: `HMAC-SHA512 matches with the last byte (0a) removed`.
    pub proof: String,
    /// What to do about it.
    pub fix: String,
}

impl From<Change> for Hint {
    fn from(change: Change) -> Self {
        Self { cause: change.cause, proof: change.proof, fix: change.fix }
    }
}

impl Report {
    fn known(change: Change) -> Self {
        Self { hints: vec![change.into()], complete: true, ..Self::default() }
    }
}

impl Checker {
    /// Looks for the near miss behind a verdict that is not valid. Blocks for up to 100 ms: not for the drawing thread.
    pub fn diagnose(&self, request: &Request, arrived: DateTime<Utc>, verdict: &Verdict) -> Report {
        let nothing = Report { complete: true, ..Report::default() };
        let scheme = verdict.scheme.as_deref().and_then(|id| self.schemes.get(id));
        if self.secrets.is_empty() || verdict.outcome == Outcome::Valid {
            return nothing;
        }
        if let Some(cut) = scheme.filter(|scheme| scheme.covers().body).and_then(|_| arrival::incomplete(request)) {
            return Report::known(cut);
        }
        match (verdict.outcome, scheme) {
            (Outcome::Stale, Some(scheme)) => {
                let time = written::time(scheme, self.facts(request)).unwrap_or_default();
                arrival::stale(scheme, &time, arrived).map_or(nothing, Report::known)
            }
            (Outcome::Invalid, Some(scheme)) => self.examine(scheme, request, arrived, verdict),
            (Outcome::Missing, _) => self.look_elsewhere(request, arrived, verdict),
            _ => nothing,
        }
    }

    /// Whether this scheme signs the URL that the sender knows, and nobody said what that is.
    pub fn lacks_url(&self, scheme: &Scheme) -> bool {
        self.public_url().is_none() && scheme.messages.iter().any(Message::has_url)
    }

    /// Why a signature of this scheme does not hold.
    fn examine(&self, scheme: &Scheme, request: &Request, arrived: DateTime<Utc>, verdict: &Verdict) -> Report {
        let facts = self.facts(request);
        let case = Case { facts, signs: written::signs(scheme, facts), time: written::time(scheme, facts) };
        let mut search = Search::new(&case);
        let expected = verdict.secret.as_deref();
        let hit = if matches!(scheme.method, Method::HttpMessage | Method::Jwt) {
            self.search_judging(scheme, expected, &mut search, arrived)
        } else {
            self.search(scheme, expected, &case, &mut search)
        };
        let (tried, complete) = (search.tried, search.complete);
        if let Some(hit) = hit {
            let hints = vec![self.hint(scheme, &hit)];
            return Report { hints, tried, matching: 1, complete, ..Report::default() };
        }
        let other = || strangers::other_scheme(self, facts, arrived, Some(&scheme.id));
        let stranger = complete.then(other).flatten();
        let redirect = if stranger.is_none() { arrival::redirected(request, scheme) } else { None };
        let redirected = redirect.is_some();
        let hints: Vec<Hint> = stranger.or(redirect).map(Hint::from).into_iter().collect();
        let mut ruled_out = if hints.is_empty() { ruled_out(self, scheme, request, &case) } else { Vec::new() };
        if !complete {
            ruled_out.truncate(1);
        }
        Report { hints, ruled_out, tried, matching: 0, complete, redirected }
    }

    /// Changes one thing at a time, then two.
    fn search(&self, scheme: &Scheme, expected: Option<&str>, case: &Case<'_>, search: &mut Search<'_>) -> Option<Hit> {
        let request = case.facts.request;
        let body = Choice::plain(request.clone());
        let usual = [Choice::plain(Form { scheme: scheme.clone(), url: None })];
        let keys = secrets::configured(&self.secrets, scheme.secret, expected);
        let mistaken = secrets::mistaken(&self.secrets, scheme.secret);
        let digests = forms::digests(scheme, &case.signs);
        let single = search
            .sweep(&body, &usual, &keys)
            .or_else(|| search.sweep(&body, &usual, &mistaken))
            .or_else(|| search.sweep(&body, &digests, &keys));
        if single.is_some() {
            return single;
        }
        let covered = scheme.covers().body;
        let (hit, bodies) = if covered { search.bodies(&usual, &keys) } else { (None, Vec::new()) };
        let others = [forms::urls(scheme, case.facts), forms::messages(scheme, &case.signs, request)].concat();
        if let Some(hit) = hit.or_else(|| search.sweep(&body, &others, &keys)) {
            return Some(hit);
        }
        // Two mistakes are seldom; two rare ones are not worth the time.
        let misplaced = secrets::misplaced(&self.secrets, scheme.secret);
        let hashes: Vec<_> = digests.iter().filter(|form| is_hmac(form)).cloned().collect();
        let two = bodies.iter().find_map(|body| search.sweep(body, &usual, &misplaced));
        two.or_else(|| bodies.iter().find_map(|body| search.sweep(body, &hashes, &keys)))
            .or_else(|| search.sweep(&body, &[digests, others].concat(), &misplaced))
    }

    /// The same for schemes whose requests say themselves what is signed: a checker of its own judges with each secret, and
    /// with what it may have been mistaken for.
    fn search_judging(
        &self,
        scheme: &Scheme,
        expected: Option<&str>,
        search: &mut Search<'_>,
        arrived: DateTime<Utc>,
    ) -> Option<Hit> {
        let as_it_is = Scheme { secret: SecretForm::Text, ..scheme.clone() };
        let holds = |key: &Choice<Candidate>| {
            let Material::Shared(bytes) = &key.value.material else { return false };
            let secret = Secret::new(key.value.secret.clone(), bytes.clone());
            let mut checker = Self::made(Schemes::only(as_it_is.clone()), vec![secret], Some(0));
            checker.public_url.clone_from(&self.public_url);
            let verdict = checker.judge(search.case.facts.request, arrived);
            matches!(verdict.outcome, Outcome::Valid | Outcome::Stale)
        };
        let configured = secrets::configured(&self.secrets, scheme.secret, expected);
        let keys = [configured, secrets::mistaken(&self.secrets, scheme.secret)].concat();
        let found = keys.iter().position(holds);
        search.tried += found.map_or(keys.len(), |found| found + 1);
        let form = Choice::plain(Form { scheme: scheme.clone(), url: None });
        let sign = Sign { bytes: Vec::new(), change: None };
        Some(Hit { key: keys.into_iter().nth(found?)?, form, body: None, sign })
    }

    /// Whether a signature is where none was looked for.
    fn look_elsewhere(&self, request: &Request, arrived: DateTime<Utc>, verdict: &Verdict) -> Report {
        let facts = self.facts(request);
        let case = Case { facts, signs: Vec::new(), time: None };
        if let Some(change) = strangers::other_scheme(self, facts, arrived, verdict.scheme.as_deref()) {
            return Report::known(change);
        }
        let body = Choice::plain(request.clone());
        let (mut tried, mut complete) = (0, true);
        for (signs, form) in strangers::unknown_headers(self, request) {
            let keys: Vec<Choice<Candidate>> = secrets::configured(&self.secrets, form.scheme.secret, None);
            let ways = [forms::digests(&form.scheme, &signs), forms::messages(&form.scheme, &signs, request)].concat();
            let forms = [vec![Choice::plain(form)], ways].concat();
            let case = case.with_signs(signs);
            let mut search = Search::new(&case);
            if let Some(hit) = search.sweep(&body, &forms, &keys) {
                let change = strangers::unknown_header(self, &hit.form.value);
                return Report { tried: search.tried, matching: 1, ..Report::known(change) };
            }
            tried += search.tried;
            complete &= search.complete;
        }
        Report { tried, complete, ..Report::default() }
    }

    /// What holds, in words.
    fn hint(&self, scheme: &Scheme, hit: &Hit) -> Hint {
        let form = &hit.form.value.scheme;
        let like = (!hit.form.is_plain()).then(|| forms::like(form, self.schemes.iter())).flatten();
        let form_change = like.map_or_else(|| hit.form.change.clone(), |known| Some(as_known(scheme, known)));
        let written = hit.sign.change.clone().filter(|_| form_change.is_none());
        let changes = [hit.key.change.clone(), form_change, hit.body.clone(), written];
        let mut changes: Vec<Change> = changes.into_iter().flatten().collect();
        if changes.is_empty() {
            changes.push(checked_before(&hit.key.value.secret));
        }
        let join = |part: fn(&Change) -> &String, between: &str| {
            let parts: Vec<&str> = changes.iter().map(|change| part(change).as_str()).collect();
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
        };
        let with = join(|change| &change.proof, " and ");
        let keyless = matches!(form.method, Method::Hash(_)) && !form.messages.iter().any(Message::has_secret);
        let secret = if keyless { String::new() } else { format!(" with secret `{}`", hit.key.value.secret) };
        let blank = if with.is_empty() { "" } else { ", " };
        Hint {
            cause: join(|change| &change.cause, "; and "),
            proof: format!("{} matches{secret}{blank}{with}", form.method.name()),
            fix: join(|change| &change.fix, "; and "),
        }
    }
}

fn is_hmac(form: &Choice<Form>) -> bool {
    matches!(form.value.scheme.method, Method::Hmac(_))
}

/// For a verdict of another time: it holds now as it is.
fn checked_before(secret: &str) -> Change {
    Change::new(
        format!("it holds now: secret `{secret}` was not configured when this was checked"),
        String::new(),
        "have every capture checked again: save the secrets once more",
    )
}

fn as_known(scheme: &Scheme, known: &Scheme) -> Change {
    Change::new(
        format!("the sender signs as {} does ({}); scheme {} was tried", known.id, known.sender, scheme.id),
        format!("as {} has it", known.id),
        format!("name the scheme: --scheme {}", known.id),
    )
}

/// What was tried in vain, for a reader.
fn ruled_out(checker: &Checker, scheme: &Scheme, request: &Request, case: &Case<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let names: Vec<&str> = checker.secrets.iter().map(|secret| secret.name.as_str()).collect();
    lines.push(format!("none of the configured secrets matches ({})", names.join(", ")));
    lines.push("not a secret with a newline, white space or quotes around it, nor decoded otherwise".to_owned());
    if scheme.method.hash().is_some() {
        lines.push("not another hash, nor one without a key".to_owned());
    }
    if scheme.covers().body {
        let json = crate::inspect::validate(&request.body.bytes).is_ok();
        let json = if json { " (compact, indented, sorted, escaped)" } else { "" };
        lines.push(format!("not the body re-encoded{json}, nor with other line ends or another charset"));
    }
    if case.time.is_some() {
        lines.push("not another order of time and body".to_owned());
    }
    lines
}
