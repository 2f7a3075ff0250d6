//! Refusing requests whose signature does not hold: with which status, and in which words.
//!
//! The words are general on purpose. Whoever cannot sign learns nothing about schemes, secrets, digests or paths.

use crate::capture::{Outcome, Request, Verdict};
use crate::signature::checker::Checker;
use crate::signature::key::Method;
use crate::signature::scheme::{Place, Scheme};

/// The status for senders whose documentation asks for no other one.
const FORBIDDEN: u16 = 403;
/// RFC 9110, section 15.5.2: an answer with it must carry a challenge.
const UNAUTHORIZED: u16 = 401;

/// With which status a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The one that the sender's documentation asks for, else 403.
    AsDocumented,
    /// This one.
    With(u16),
}

/// What a refused request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The status.
    pub status: u16,
    /// The value of `WWW-Authenticate`, when the status demands that header.
    pub challenge: Option<&'static str>,
    /// Why, in general words, without a final stop.
    pub reason: &'static str,
}

impl Checker {
    /// Refuses what does not hold, where no expectation says otherwise.
    #[must_use]
    pub fn refusing(mut self, refusal: Refusal) -> Self {
        self.refusal = Some(refusal);
        self
    }

    /// What to answer to a request with this verdict when it is to be refused; `None` when it holds, or when nothing is
    /// refused on its path.
    pub fn refused(&self, request: &Request, verdict: &Verdict) -> Option<Refused> {
        let refusal = self.responsible_for(request).refusal?;
        let reason = reason(verdict)?;
        let scheme = verdict.scheme.as_deref().and_then(|id| self.schemes.get(id));
        let status = match refusal {
            Refusal::With(status) => status,
            Refusal::AsDocumented => scheme.and_then(|scheme| scheme.refusal).unwrap_or(FORBIDDEN),
        };
        Some(Refused { status, challenge: (status == UNAUTHORIZED).then(|| challenge(scheme)), reason })
    }
}

fn reason(verdict: &Verdict) -> Option<&'static str> {
    match verdict.outcome {
        Outcome::Valid => None,
        Outcome::Stale if verdict.age_s.is_some_and(i64::is_negative) => Some("the signature is from the future"),
        Outcome::Stale => Some("the signature is too old"),
        Outcome::Invalid => Some("the signature does not verify"),
        Outcome::Missing => Some("the signature is missing"),
        Outcome::NotChecked => Some("the signature cannot be checked"),
    }
}

/// How a sender would have to authenticate: the authentication scheme of HTTP that its way of signing uses.
fn challenge(scheme: Option<&Scheme>) -> &'static str {
    let in_authorization = |scheme: &Scheme| {
        let is = |place: &Place| matches!(place, Place::Header(name) if name.eq_ignore_ascii_case("Authorization"));
        scheme.signatures.iter().any(|signature| is(&signature.place))
    };
    match scheme {
        Some(scheme) if scheme.method == Method::Basic => "Basic realm=\"webhooks\"",
        Some(scheme) if scheme.method == Method::Token && in_authorization(scheme) => "Bearer",
        _ => "Signature",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::{Expectation, Pattern, Schemes, Secret};

    fn verdict(outcome: Outcome, scheme: &str) -> Verdict {
        Verdict { outcome, scheme: Some(scheme.to_owned()), reason: "secret `pm`".to_owned(), ..Verdict::default() }
    }

    fn checker() -> Checker {
        Checker::new(Schemes::builtin(), vec![Secret::new("pm", b"pm".to_vec())], None).unwrap()
    }

    fn to(path: &'static str) -> Request {
        Request { target: path.into(), ..Request::default() }
    }

    #[test]
    fn the_sender_is_told_what_its_documentation_asks_for() {
        let checker = checker().refusing(Refusal::AsDocumented);
        let refused = |outcome, scheme| checker.refused(&to("/"), &verdict(outcome, scheme)).unwrap();
        let invalid = |scheme| {
            let Refused { status, challenge, .. } = refused(Outcome::Invalid, scheme);
            (status, challenge)
        };
        assert_eq!(invalid("netbox"), (403, None));
        assert_eq!(invalid("xero"), (401, Some("Signature")));
        assert_eq!(invalid("gone"), (403, None));
        assert_eq!(checker.refused(&to("/"), &verdict(Outcome::Valid, "netbox")), None);
        let reasons = [Outcome::Invalid, Outcome::Missing, Outcome::NotChecked].map(|is| refused(is, "netbox").reason);
        let expected = ["the signature does not verify", "the signature is missing", "the signature cannot be checked"];
        assert_eq!(reasons, expected);
        let stale = |age_s| {
            let verdict = Verdict { age_s: Some(age_s), ..verdict(Outcome::Stale, "stripe") };
            checker.refused(&to("/"), &verdict).unwrap().reason
        };
        assert_eq!([stale(600), stale(-600)], ["the signature is too old", "the signature is from the future"]);
    }

    #[test]
    fn a_401_says_how_to_authenticate() {
        let checker = checker().refusing(Refusal::With(401));
        for (scheme, challenge) in [
            ("netbox", "Signature"),
            ("bearer", "Bearer"),
            ("basic", "Basic realm=\"webhooks\""),
            ("gitlab", "Signature"),
            ("gone", "Signature"),
        ] {
            let refused = checker.refused(&to("/"), &verdict(Outcome::Missing, scheme)).unwrap();
            assert_eq!((refused.status, refused.challenge), (401, Some(challenge)), "{scheme}");
        }
    }

    #[test]
    fn an_expectation_has_its_own_refusal_or_none() {
        let row = |paths, refusal| Expectation { paths: Pattern::new(paths), scheme: None, secrets: vec![], refusal };
        let rows = vec![row("/open", None), row("/closed", Some(Refusal::With(401)))];
        let status = |checker: &Checker, path| {
            checker.refused(&to(path), &verdict(Outcome::Missing, "netbox")).map(|refused| refused.status)
        };
        let paths = ["/open", "/closed", "/else"];
        let strict = checker().refusing(Refusal::With(403)).with_expectations(rows.clone()).unwrap();
        assert_eq!(paths.map(|path| status(&strict, path)), [None, Some(401), Some(403)]);
        let lax = checker().with_expectations(rows).unwrap();
        assert_eq!(paths.map(|path| status(&lax, path)), [None, Some(401), None]);
    }
}
