//! What is expected on some paths: one scheme, some of the secrets, and perhaps a refusal of everything else.
//!
//! A path with an expectation has a checker of its own, which knows that scheme and those secrets alone. So nothing that
//! verifies has to know of expectations.

mod pattern;
mod refusal;

use chrono::{DateTime, Utc};

use super::checker::{Checker, UnknownScheme};
use super::key::Secret;
use super::reading::{Facts, Reading};
use super::scheme::Scheme;
use crate::capture::{Outcome, Request, Verdict};

pub use pattern::Pattern;
pub use refusal::{Refusal, Refused};

/// What requests to some paths must be signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The paths.
    pub paths: Pattern,
    /// The scheme, by id or alias; `None` leaves it as it is elsewhere.
    pub scheme: Option<String>,
    /// Names of the secrets; none for all there are.
    pub secrets: Vec<String>,
    /// How what does not hold is refused; `None` when it is not.
    pub refusal: Option<Refusal>,
}

/// An expectation, and what checks the requests that it is about.
pub(super) struct Expected {
    expectation: Expectation,
    checker: Checker,
}

impl Checker {
    /// Ties paths to schemes and secrets; the first whose paths fit a request counts. A scheme that this checker forces,
    /// it forces where no expectation names one.
    pub fn with_expectations(mut self, expectations: Vec<Expectation>) -> Result<Self, UnknownScheme> {
        let expected = expectations.into_iter().map(|expectation| {
            let position =
                |name: &str| self.schemes.position(name).ok_or_else(|| UnknownScheme::new(&self.schemes, name));
            let named = expectation.scheme.as_deref().map(position).transpose()?;
            Ok(self.narrowed(expectation, named.or(self.forced)))
        });
        self.expected = expected.collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// The tokens of handshakes stay: no signature is checked with them.
    fn narrowed(&self, expectation: Expectation, forced: Option<usize>) -> Expected {
        let names = &expectation.secrets;
        let counts = |secret: &&Secret| names.is_empty() || secret.is_token() || names.contains(&secret.name);
        let secrets = self.secrets.iter().filter(counts).cloned().collect();
        let mut checker = Self::made(self.schemes.clone(), secrets, forced);
        checker.public_url.clone_from(&self.public_url);
        checker.refusal = expectation.refusal;
        Expected { expectation, checker }
    }

    pub(super) fn expected_at(&self, request: &Request) -> Option<&Expected> {
        if self.expected.is_empty() {
            return None;
        }
        let path = request.path();
        self.expected.iter().find(|expected| expected.expectation.paths.fits(&path))
    }

    /// The checker whose schemes, secrets and refusal count for this request: that of the first expectation that its
    /// path fits, else this one.
    pub fn responsible_for(&self, request: &Request) -> &Self {
        self.expected_at(request).map_or(self, |expected| &expected.checker)
    }

    /// The first scheme that a request carries a signature of.
    fn signed_like(&self, facts: Facts<'_>) -> Option<&Scheme> {
        let mut candidates = self.index.candidates(&self.schemes, facts).into_iter().map(|at| &self.schemes[at]);
        candidates.find(|scheme| matches!(Reading::of(scheme, facts), Reading::Signed(_)))
    }
}

impl Expected {
    /// What is expected.
    pub fn expectation(&self) -> &Expectation {
        &self.expectation
    }

    /// The same where the secrets are those of `checker`.
    pub fn for_secrets_of(&self, checker: &Checker) -> Self {
        checker.narrowed(self.expectation.clone(), self.checker.forced)
    }

    /// Tells the public URL here, too.
    pub fn know_as(&mut self, url: &str) {
        self.checker.public_url = Some(url.to_owned());
    }

    /// Judges as the checker of these paths does, and says what is expected here when that did not come at all.
    pub fn check(&self, request: &Request, arrived: DateTime<Utc>) -> Verdict {
        let verdict = self.checker.judge(request, arrived);
        let Some(scheme) = self.checker.forced().filter(|_| self.expectation.scheme.is_some()) else { return verdict };
        if verdict.outcome != Outcome::Missing {
            return verdict;
        }
        let (paths, id) = (&self.expectation.paths, &scheme.id);
        match self.checker.signed_like(self.checker.facts(request)) {
            Some(other) => {
                let place = other.signatures[0].place.words();
                let reason = format!("{paths} expects {id}, and this is signed like {}, in {place}", other.id);
                Verdict { outcome: Outcome::Invalid, reason, ..verdict }
            }
            None => Verdict { reason: format!("{}; {paths} expects {id}", verdict.reason), ..verdict },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Body, Headers};
    use crate::signature::{Schemes, Secret, Unsigned};

    const BODY: &[u8] = b"{}";

    fn checker(forced: Option<&str>) -> Checker {
        let secrets = ["pm", "gh"].map(|name| Secret::new(name, name.as_bytes().to_vec())).into();
        Checker::new(Schemes::builtin(), secrets, forced).unwrap()
    }

    fn expecting(rows: &[(&str, Option<&str>, &[&str])]) -> Vec<Expectation> {
        let row = |(paths, scheme, secrets): &(&str, Option<&str>, &[&str])| Expectation {
            paths: Pattern::new(*paths),
            scheme: scheme.map(str::to_owned),
            secrets: secrets.iter().map(|name| (*name).to_owned()).collect(),
            refusal: None,
        };
        rows.iter().map(row).collect()
    }

    /// A request to a path, signed by a scheme with a secret.
    fn request(path: &'static str, signed: Option<(&str, &str)>) -> Request {
        let mut headers = Headers::default();
        if let Some((scheme, secret)) = signed {
            let (url, body) = ("http://h.example/", BODY.into());
            let unsigned = Unsigned { method: "POST", url, headers: &headers, body: &body, now: Utc::now() };
            let lines = checker(None).sign(scheme, secret, &unsigned).unwrap();
            for (name, value) in lines.headers {
                headers.set(&name, value);
            }
        }
        Request { method: "POST".into(), target: path.into(), headers, body: Body::whole(BODY), ..Request::default() }
    }

    /// Outcome, scheme, secret and reason in a line.
    fn verdict(checker: &Checker, request: &Request) -> String {
        let Verdict { outcome, scheme, secret, reason, .. } = checker.check(request, Utc::now());
        let name = |name: Option<String>| name.unwrap_or_else(|| "-".to_owned());
        format!("{} {} {} {reason}", outcome.as_str(), name(scheme), name(secret)).trim_end().to_owned()
    }

    #[test]
    fn a_path_takes_only_what_it_expects() {
        let rows = [("/pm/**", Some("peering-manager"), &["pm"][..]), ("/gh", None, &["gh"][..])];
        let checker = checker(None).with_expectations(expecting(&rows)).unwrap();
        for (path, signed, expected) in [
            ("/pm/1", Some(("netbox", "pm")), "valid netbox pm"),
            ("/pm/1?q=/x", Some(("netbox", "pm")), "valid netbox pm"),
            ("/pm", Some(("netbox", "gh")), "invalid netbox pm does not match secret `pm`"),
            (
                "/pm",
                Some(("github", "pm")),
                "invalid netbox - /pm/** expects netbox, and this is signed like github, in X-Hub-Signature-256",
            ),
            ("/pm", None, "missing netbox - no signature: there is none in X-Hook-Signature; /pm/** expects netbox"),
            ("/gh", Some(("github", "gh")), "valid github gh"),
            ("/gh", Some(("netbox", "gh")), "valid netbox gh"),
            ("/gh", Some(("github", "pm")), "invalid github gh does not match secret `gh`"),
            ("/gh", None, "missing - - no signature header"),
            ("/other", Some(("github", "pm")), "valid github pm"),
        ] {
            assert_eq!(verdict(&checker, &request(path, signed)), expected, "{path} {signed:?}");
        }
    }

    #[test]
    fn the_first_that_fits_counts_and_what_is_forced_holds_elsewhere() {
        let rows = [("/a/b", Some("github"), &["gh"][..]), ("/a/**", None, &["pm"][..])];
        let checker = checker(Some("netbox")).with_expectations(expecting(&rows)).unwrap();
        for (path, signed, expected) in [
            ("/a/b", ("github", "gh"), "valid github gh"),
            ("/a/b", ("github", "pm"), "invalid github gh does not match secret `gh`"),
            ("/a/c", ("netbox", "pm"), "valid netbox pm"),
            ("/a/c", ("github", "pm"), "missing netbox - no signature: there is none in X-Hook-Signature"),
            ("/", ("netbox", "gh"), "valid netbox gh"),
        ] {
            assert_eq!(verdict(&checker, &request(path, Some(signed))), expected, "{path} {signed:?}");
        }
    }

    #[test]
    fn a_public_url_counts_on_every_path_whenever_it_is_told() {
        let rows = [("/sq", Some("square"), &["pm"][..])];
        let url = "https://public.example";
        let unsigned = request("/sq", None);
        let target = format!("{url}/sq");
        let (headers, body) = (&unsigned.headers, &unsigned.body.bytes);
        let unsigned = Unsigned { method: "POST", url: &target, headers, body, now: Utc::now() };
        let mut signed = request("/sq", None);
        checker(None).sign("square", "pm", &unsigned).unwrap().write_to(&mut signed);
        let before = checker(None).with_public_url(url).with_expectations(expecting(&rows)).unwrap();
        let after = checker(None).with_expectations(expecting(&rows)).unwrap().with_public_url(url);
        for checker in [before, after] {
            assert_eq!(verdict(&checker, &signed), "valid square pm");
        }
    }

    #[test]
    fn a_scheme_that_is_not_known_is_refused() {
        let error = checker(None).with_expectations(expecting(&[("/", Some("netbx"), &[])])).unwrap_err();
        assert_eq!(error.to_string(), "unknown scheme `netbx`: did you mean netbox?");
    }
}
