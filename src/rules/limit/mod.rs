//! What a rule asks of a request that matches before it does anything for it.

mod cors;
mod login;
mod rate;
mod schema;

use std::sync::Arc;

use crate::capture::{Answer, Outcome};

use super::subject::Subject;

pub(super) use cors::{Cors, is_preflight};
pub use login::{Login, parse_login};
pub(super) use rate::{Buckets, Rate};
pub(super) use schema::Schema;

/// What is asked of a request, in this order.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    /// It has one of these methods; none for any.
    pub methods: Vec<String>,
    /// It is not one too many.
    pub rate: Option<Rate>,
    /// It shows one of these; none for nothing.
    pub logins: Vec<Login>,
    /// Its signature holds.
    pub signed: bool,
    /// Its body fits.
    pub schema: Option<Arc<Schema>>,
}

impl Limits {
    pub fn is_empty(&self) -> bool {
        self.methods.is_empty()
            && self.rate.is_none()
            && self.logins.is_empty()
            && !self.signed
            && self.schema.is_none()
    }

    /// The answer to a request that is not let through. It counts for the rate when it has a method that is allowed.
    pub fn refuse(&self, subject: &Subject, buckets: &mut Buckets) -> Option<Answer> {
        self.refuse_method(subject)
            .or_else(|| {
                self.rate.as_ref().and_then(|rate| buckets.take(rate, subject).err().map(|wait| too_many(rate, wait)))
            })
            .or_else(|| self.refuse_others(subject))
    }

    /// The same without counting it.
    pub fn would_refuse(&self, subject: &Subject, buckets: &Buckets) -> Option<Answer> {
        self.refuse_method(subject)
            .or_else(|| {
                self.rate.as_ref().and_then(|rate| buckets.peek(rate, subject).err().map(|wait| too_many(rate, wait)))
            })
            .or_else(|| self.refuse_others(subject))
    }

    fn refuse_method(&self, subject: &Subject) -> Option<Answer> {
        let method = subject.request().method_text();
        let allowed = self.methods.is_empty() || self.methods.iter().any(|allowed| *allowed == method);
        let list = self.methods.join(", ");
        (!allowed).then(|| refusal(405, format!("{list} only"), &[("Allow", &list)]))
    }

    fn refuse_others(&self, subject: &Subject) -> Option<Answer> {
        self.refuse_stranger(subject).or_else(|| self.refuse_unsigned(subject)).or_else(|| self.refuse_misfit(subject))
    }

    fn refuse_stranger(&self, subject: &Subject) -> Option<Answer> {
        let shown = subject.header("authorization");
        let first = self.logins.first()?;
        // Every login is tried, so that the time does not tell which one it was.
        let opens = self.logins.iter().filter(|login| shown.iter().any(|shown| login.opens(shown))).count() > 0;
        let why = if shown.is_empty() { "no Authorization header" } else { "the Authorization header does not fit" };
        (!opens).then(|| refusal(401, why.to_owned(), &[("WWW-Authenticate", first.challenge())]))
    }

    fn refuse_unsigned(&self, subject: &Subject) -> Option<Answer> {
        let verdict = &subject.capture.verdict;
        let why = match verdict.outcome {
            Outcome::Valid => return None,
            Outcome::NotChecked if verdict.reason.is_empty() => {
                "no valid signature: there is no secret to check it with"
            }
            _ => "no valid signature",
        };
        let note = || {
            if verdict.reason.is_empty() { why.to_owned() } else { format!("no valid signature: {}", verdict.reason) }
        };
        // Why it does not hold is for our user, not for whom it came from.
        self.signed.then(|| Answer { note: note(), ..refusal(403, "no valid signature".to_owned(), &[]) })
    }

    fn refuse_misfit(&self, subject: &Subject) -> Option<Answer> {
        let schema = self.schema.as_ref()?;
        let violations = schema.violations(subject.json())?;
        let more = if violations.count > 1 { format!(" ({} violations)", violations.count) } else { String::new() };
        let mut answer = refusal(422, String::new(), &[]);
        answer.headers.set("Content-Type", "application/json");
        answer.body = violations.body().into();
        answer.note = format!("{}: {}{more}", schema.name, violations.first);
        Some(answer)
    }

    /// What is asked, in short.
    pub fn words(&self) -> Vec<String> {
        let schema = self.schema.as_ref().map(|schema| format!("schema {}", schema.name));
        let methods = (!self.methods.is_empty()).then(|| format!("{} only", self.methods.join(", ")));
        let login = (!self.logins.is_empty()).then(|| "auth".to_owned());
        let signed = self.signed.then(|| "signed".to_owned());
        [methods, self.rate.as_ref().map(ToString::to_string), login, signed, schema].into_iter().flatten().collect()
    }
}

fn too_many(rate: &Rate, wait: u64) -> Answer {
    refusal(429, format!("more than {rate}"), &[("Retry-After", &wait.to_string())])
}

fn refusal(status: u16, note: String, headers: &[(&'static str, &str)]) -> Answer {
    let mut answer = Answer::text(status, format!("{note}\n"), "");
    for (name, value) in headers {
        answer.headers.push(*name, (*value).to_owned());
    }
    Answer { note, ..answer }
}
