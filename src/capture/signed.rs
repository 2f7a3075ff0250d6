//! What signing makes of a request.

use bytes::Bytes;

use super::{Body, Request};

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
    /// Writes it into a request: its views, not its head. The length of another body follows where it is told.
    pub fn write_to(self, request: &mut Request) {
        for (name, value) in self.headers {
            request.headers.set(&name, value);
        }
        if let Some(body) = self.body {
            if request.headers.has("Content-Length") {
                request.headers.set("Content-Length", body.len().to_string());
            }
            request.body = Body::whole(body);
        }
        if let Some(query) = self.query {
            let target = request.target_text();
            let path = target.split('?').next().unwrap_or_default();
            request.target = format!("{path}?{query}").into();
        }
    }

    /// Adds what a second signature changes, which was made over what the first had changed.
    #[must_use]
    pub fn and(mut self, second: Self) -> Self {
        let again = |name: &str| second.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        self.headers.retain(|(name, _)| !again(name));
        self.headers.extend(second.headers);
        Self { headers: self.headers, body: second.body.or(self.body), query: second.query.or(self.query) }
    }
}
