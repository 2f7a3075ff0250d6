//! What signing makes of a request.

use bytes::Bytes;

/// What to send in place of what was there, so that a request is signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    /// Header lines to set, in the order in which a sender writes them: a new delivery id and time where the scheme has
    /// them, then the signature.
    pub headers: Vec<(String, String)>,
    /// The body, for schemes that have their signature or its time in it; `None` when it stays as it is.
    pub body: Option<Bytes>,
    /// The query without its `?`, for schemes that have something in it; `None` when it stays as it is.
    pub query: Option<String>,
}

impl Signed {
    /// Adds what a second signature changes, which was made over what the first had changed.
    #[must_use]
    pub fn and(mut self, second: Self) -> Self {
        let again = |name: &str| second.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        self.headers.retain(|(name, _)| !again(name));
        self.headers.extend(second.headers);
        Self { headers: self.headers, body: second.body.or(self.body), query: second.query.or(self.query) }
    }
}
