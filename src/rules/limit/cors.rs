//! Leave for pages of other origins, as the Fetch standard (section 3.2) has it.

use crate::capture::{Answer, Headers};
use crate::rules::subject::Subject;

/// Whose pages may send requests and read the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Cors {
    /// Everybody's.
    Any,
    /// Those of these origins.
    Of(Vec<String>),
}

impl Cors {
    /// The answer to a browser that asks for leave; the methods are those that the rule allows, none for all.
    pub fn preflight(&self, subject: &Subject, methods: &[String]) -> Answer {
        let mut answer = Answer { status: 204, ..Answer::default() };
        self.add_to(&mut answer.headers, subject);
        if !answer.headers.has("Access-Control-Allow-Origin") {
            "the origin is not among those of the rule".clone_into(&mut answer.note);
            return answer;
        }
        let wanted = asked(subject, "access-control-request-method");
        let methods = if methods.is_empty() { wanted } else { methods.join(", ") };
        let headers = asked(subject, "access-control-request-headers");
        for (name, value) in [("Access-Control-Allow-Methods", methods), ("Access-Control-Allow-Headers", headers)] {
            if !value.is_empty() {
                answer.headers.push(name, value);
            }
        }
        answer.headers.push("Access-Control-Max-Age", "600");
        answer
    }

    /// Says in an answer that the page which sent the request may read it.
    pub fn add_to(&self, headers: &mut Headers, subject: &Subject) {
        let origin = subject.header("origin").into_iter().next();
        match (self, origin) {
            (Self::Any, _) => headers.set("Access-Control-Allow-Origin", "*"),
            (Self::Of(origins), Some(origin)) if origins.iter().any(|known| *known == origin) => {
                headers.set("Access-Control-Allow-Origin", origin.into_owned());
                headers.push("Vary", "Origin");
            }
            (Self::Of(_), _) => headers.push("Vary", "Origin"),
        }
    }
}

/// Whether a browser asks for leave to send a request.
pub(in crate::rules) fn is_preflight(subject: &Subject) -> bool {
    let request = subject.request();
    &request.method[..] == b"OPTIONS"
        && request.headers.has("origin")
        && request.headers.has("access-control-request-method")
}

/// A list of names out of the request; empty when it has anything else in it, because it goes into an answer.
fn asked(subject: &Subject, name: &str) -> String {
    let asked = subject.header(name).join(", ");
    let is_name = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~, ".contains(char);
    if asked.chars().all(is_name) { asked } else { String::new() }
}
