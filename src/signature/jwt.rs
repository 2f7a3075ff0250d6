//! JSON web tokens (RFC 7519) under HMAC-SHA256: what they say, until when, and whether they bind the body.
//!
//! The token names its algorithm itself, and nothing that it names is obeyed: what is not HS256 is refused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::checker::{Checker, truncated, verdict};
use super::key::{Key, Piece, sha256_hex};
use super::reading::{Facts, Received};
use super::scheme::{SKEW, span};
use super::sign::delivery_id;
use crate::capture::{Covers, Outcome, Verdict};

/// Claims that hold the SHA-256 of the body in hex: Netlify's and Plaid's.
const BODY_HASHES: [&str; 2] = ["sha256", "request_body_sha256"];
/// So many characters of the claims are shown.
const SHOWN: usize = 400;
/// Seconds that a token counts for when there is none to go by.
const LIFE: i64 = 300;

/// A token, taken apart.
#[derive(Debug)]
struct Token<'t> {
    /// Header and claims as they are written: what is signed.
    signed: &'t [u8],
    signature: Vec<u8>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Checker {
    /// The verdict on tokens that were received for the scheme at this position.
    pub(super) fn verify_jwt(
        &self,
        at: usize,
        facts: Facts<'_>,
        received: &Received,
        arrived: DateTime<Utc>,
    ) -> Verdict {
        let invalid = |reason| verdict(&self.schemes[at], Outcome::Invalid, reason);
        let token = match Token::read(&received.text).and_then(Token::allowed) {
            Ok(token) => token,
            Err(reason) => return invalid(reason),
        };
        let message = [Piece::Borrowed(token.signed)];
        let holds = |key: &Key| key.verify(&message, [&token.signature[..]].into_iter()) == [true];
        let Some((secret, _)) = self.usable(at).find(|(_, key)| holds(key)) else {
            return self.mismatch(at, facts, None);
        };
        let binding = token.body_hash();
        if binding.is_none() && self.schemes[at].binds_body {
            return invalid("matches, but no claim of it is the SHA-256 of the body".to_owned());
        }
        if let Some(reason) = truncated(facts).filter(|_| binding.is_some()) {
            return verdict(&self.schemes[at], Outcome::NotChecked, reason);
        }
        if let Some((claim, _)) = binding.filter(|(_, hash)| !hash.eq_ignore_ascii_case(&sha256_hex(facts.body()))) {
            return invalid(format!("matches, but the claim {claim} is not the SHA-256 of the body"));
        }
        let objection = token.objection(arrived);
        let outcome = if objection.is_some() { Outcome::Stale } else { Outcome::Valid };
        Verdict {
            secret: Some(secret.name.clone()),
            covers: Covers { body: binding.is_some(), time: token.has_time() },
            age_s: token.time("iat").map(|issued| (arrived - issued).num_seconds()),
            note: token.shown_claims(),
            ..verdict(&self.schemes[at], outcome, objection.unwrap_or_default())
        }
    }
}

/// A token for a request with this body, issued now: the one that it has, renewed, else one that binds the body.
pub(super) fn renewed(old: Option<&[u8]>, body: &[u8], key: &Key, now: DateTime<Utc>) -> String {
    let usual = || Token {
        signed: &[],
        signature: Vec::new(),
        header: Map::from_iter([("typ".to_owned(), "JWT".into())]),
        claims: Map::from_iter([("iat", 0.into()), ("exp", LIFE.into()), ("sha256", Value::from(""))].map(owned)),
    };
    let mut token = old.and_then(|old| Token::read(old).ok()).unwrap_or_else(usual);
    token.renew(body, now);
    let part = |part: &Map<String, Value>| URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).unwrap_or_default());
    let signed = format!("{}.{}", part(&token.header), part(&token.claims));
    let code = key.expected(&[Piece::Borrowed(signed.as_bytes())]);
    let code = URL_SAFE_NO_PAD.encode(code.as_deref().unwrap_or_default());
    format!("{signed}.{code}")
}

fn owned((name, value): (&str, Value)) -> (String, Value) {
    (name.to_owned(), value)
}

impl<'t> Token<'t> {
    fn read(text: &'t [u8]) -> Result<Self, String> {
        let no_token = || "the token is not three base64url parts with points between".to_owned();
        let parts: Vec<_> = text.split(|&byte| byte == b'.').collect();
        let [header, claims, signature] = parts[..] else { return Err(no_token()) };
        let decode = |part: &[u8]| URL_SAFE_NO_PAD.decode(part).map_err(|_| no_token());
        let object = |part: &[u8], name: &str| {
            serde_json::from_slice(&decode(part)?).map_err(|_| format!("the token's {name} is not a JSON object"))
        };
        let signed = &text[..header.len() + 1 + claims.len()];
        let (header, claims) = (object(header, "header")?, object(claims, "payload")?);
        Ok(Self { signed, signature: decode(signature)?, header, claims })
    }

    /// Refuses what is not to be verified with a shared secret.
    fn allowed(self) -> Result<Self, String> {
        match self.header.get("alg").and_then(Value::as_str) {
            Some("HS256") if self.header.contains_key("crit") => {
                Err("the token has `crit` extensions, which are not known here".to_owned())
            }
            Some("HS256") => Ok(self),
            Some(none) if none.eq_ignore_ascii_case("none") => {
                Err(format!("the token says alg `{none}`: it is not signed, anybody can make it"))
            }
            Some(other) => Err(format!("the token says alg `{other}`, and only HS256 is checked")),
            None => Err("the token does not say its alg".to_owned()),
        }
    }

    /// A claim that is a time: seconds since 1970, a fraction is cut off.
    fn time(&self, claim: &str) -> Option<DateTime<Utc>> {
        let value = self.claims.get(claim)?;
        #[expect(clippy::cast_possible_truncation, reason = "far beyond what a date can be")]
        let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))?;
        DateTime::from_timestamp(seconds, 0)
    }

    fn has_time(&self) -> bool {
        self.time("exp").is_some() || self.time("iat").is_some()
    }

    /// Why the token does not count at `arrived`.
    fn objection(&self, arrived: DateTime<Utc>) -> Option<String> {
        let seconds = |from: DateTime<Utc>, to: DateTime<Utc>| span((to - from).num_seconds());
        if let Some(end) = self.time("exp").filter(|end| *end <= arrived) {
            return Some(format!("matches but expired {} before it arrived", seconds(end, arrived)));
        }
        let ahead = |claim| self.time(claim).filter(|time| *time > arrived + TimeDelta::seconds(SKEW));
        if let Some(start) = ahead("nbf") {
            return Some(format!("matches but does not count until {} after it arrived", seconds(arrived, start)));
        }
        let issued = ahead("iat")?;
        Some(format!("matches but its time is {} ahead of the arrival", seconds(arrived, issued)))
    }

    /// The claim that binds the body, and the hash in it.
    fn body_hash(&self) -> Option<(&'static str, &str)> {
        BODY_HASHES.into_iter().find_map(|claim| Some((claim, self.claims.get(claim)?.as_str()?)))
    }

    /// Moves the times that there are, so that the token is issued now and counts as long as before; and binds `body` where
    /// the old one was bound.
    fn renew(&mut self, body: &[u8], now: DateTime<Utc>) {
        let (issued, end) = (self.time("iat"), self.time("exp"));
        let shift = issued.map(|issued| now - issued).or(end.map(|end| now + TimeDelta::seconds(LIFE) - end));
        for claim in ["iat", "nbf", "exp"] {
            if let Some(time) = self.time(claim).and_then(|time| time.checked_add_signed(shift.unwrap_or_default())) {
                self.claims.insert(claim.to_owned(), time.timestamp().into());
            }
        }
        if let Some((claim, _)) = self.body_hash() {
            self.claims.insert(claim.to_owned(), sha256_hex(body).into());
        }
        if self.claims.contains_key("jti") {
            self.claims.insert("jti".to_owned(), delivery_id().into());
        }
        self.header.insert("alg".to_owned(), "HS256".into());
    }

    fn shown_claims(&self) -> String {
        let claims = serde_json::to_string(&self.claims).unwrap_or_default();
        let shown: String = claims.chars().take(SHOWN).collect();
        let more = if shown.len() < claims.len() { ".." } else { "" };
        format!("claims {shown}{more}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, claims: &str) -> Vec<u8> {
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{claims}.AA").into_bytes()
    }

    fn refused(header: &str, claims: &str) -> String {
        Token::read(&token(header, claims)).and_then(Token::allowed).unwrap_err()
    }

    #[test]
    fn refuses_what_is_not_hs256() {
        assert!(refused(r#"{"alg":"nOnE"}"#, "{}").contains("it is not signed"));
        assert!(refused(r#"{"alg":"RS256"}"#, "{}").contains("`RS256`, and only HS256"));
        assert!(refused(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#, "{}").contains("crit"));
        assert!(refused("{}", "{}").contains("does not say its alg"));
        assert!(refused("[]", "{}").contains("header is not a JSON object"));
        assert!(refused("{}", "1").contains("payload is not a JSON object"));
        for text in ["", "a.b", "a.b.c.d", "e30.e30.=", "e30.!.AA"] {
            assert!(Token::read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn judges_its_dates_at_the_arrival() {
        let arrived = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        let objection = |claims: &str| Token::read(&token(r#"{"alg":"HS256"}"#, claims)).unwrap().objection(arrived);
        assert_eq!(objection(r#"{"exp":1767225601,"nbf":1767225660,"iat":1767225660.5}"#), None);
        assert_eq!(objection(r#"{"exp":1767225600}"#).unwrap(), "matches but expired 0 seconds before it arrived");
        let early = "matches but does not count until 10 minutes after it arrived";
        assert_eq!(objection(r#"{"nbf":1767226200}"#).unwrap(), early);
        assert_eq!(
            objection(r#"{"iat":1767226200}"#).unwrap(),
            "matches but its time is 10 minutes ahead of the arrival"
        );
        assert_eq!(objection(r#"{"exp":9e300,"iat":"x"}"#), None);
    }
}
