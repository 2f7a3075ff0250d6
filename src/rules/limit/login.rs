//! Who may come in: HTTP Basic (RFC 7617) and bearer tokens (RFC 6750).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What a client must know. Its debug form does not tell it.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// `user:password`, as HTTP Basic sends it.
    Basic(String),
    /// A bearer token.
    Bearer(String),
}

impl Login {
    /// Whether an `Authorization` header shows it. How long that takes tells nothing about what was wrong.
    pub(in crate::rules) fn opens(&self, authorization: &str) -> bool {
        let Some((scheme, shown)) = authorization.trim().split_once(' ') else { return false };
        match self {
            Self::Basic(known) => {
                let shown = STANDARD.decode(shown.trim()).unwrap_or_default();
                scheme.eq_ignore_ascii_case("basic") && same(known.as_bytes(), &shown)
            }
            Self::Bearer(known) => {
                scheme.eq_ignore_ascii_case("bearer") && same(known.as_bytes(), shown.trim().as_bytes())
            }
        }
    }

    /// What to ask a client for, as the value of `WWW-Authenticate`.
    pub(in crate::rules) fn challenge(&self) -> &'static str {
        match self {
            Self::Basic(_) => "Basic realm=\"hookview\", charset=\"UTF-8\"",
            Self::Bearer(_) => "Bearer realm=\"hookview\"",
        }
    }
}

/// Compares digests, so that not even the lengths show in the time it takes.
fn same(known: &[u8], shown: &[u8]) -> bool {
    Sha256::digest(known).ct_eq(&Sha256::digest(shown)).into()
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic(_) => "Basic(..)",
            Self::Bearer(_) => "Bearer(..)",
        })
    }
}

/// Reads `user:password`, or `bearer TOKEN`. The error does not repeat it.
pub fn parse_login(text: &str) -> Result<Login, &'static str> {
    let bad = "write user:password, or \"bearer TOKEN\"";
    match text.split_once(' ') {
        Some((word, token)) if word.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
            Ok(Login::Bearer(token.trim().to_owned()))
        }
        _ if text.contains(':') => Ok(Login::Basic(text.to_owned())),
        _ => Err(bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_open_to_who_knows_them() {
        let basic = parse_login("me:secret:with colon").unwrap();
        let shown = format!("Basic {}", STANDARD.encode("me:secret:with colon"));
        assert!(basic.opens(&shown) && basic.opens(&shown.replace("Basic", "bASIC")));
        for shown in ["", "Basic", "Basic !!!", "Basic bWU6", "Bearer me:secret:with colon", &shown[6..]] {
            assert!(!basic.opens(shown), "{shown}");
        }
        let bearer = parse_login("Bearer t0k").unwrap();
        assert!(bearer.opens("bearer t0k") && !bearer.opens("Bearer t0k2") && !bearer.opens("Basic t0k"));
        assert!(parse_login("alone").is_err() && parse_login("bearer ").is_err());
        assert!(!format!("{basic:?}{bearer:?}").contains("secret"));
    }
}
