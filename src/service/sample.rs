//! Sending a sample of what a known sender sends, signed with a secret of ours.

use std::time::Duration;

use chrono::Utc;

use super::Service;
use crate::capture::{AttemptOutcome, AttemptTiming, CaptureId, Request, Signed};
use crate::export::{Outgoing, Url};
use crate::sender::{Sample, UnknownSample, sample};
use crate::signature::{SignError, Unsigned};

/// Why a sample cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// There is none of this name.
    #[error(transparent)]
    Unknown(#[from] UnknownSample),
    /// It cannot be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Service {
    /// A sample addressed to `url`, whose path replaces its own unless it is `/`; signed with the first secret that can.
    pub fn sample(&self, name: &str, url: &Url) -> Result<Outgoing, SampleError> {
        let Sample { mut request, scheme, .. } = sample(name)?;
        let url = if url.path_and_query() == "/" {
            format!("{}{}", url.origin(), request.path_and_query()).parse().unwrap_or_else(|_| url.clone())
        } else {
            url.clone()
        };
        request.headers.set("Host", url.authority());
        let mut url = url;
        if let Some(signed) = scheme.map_or(Ok(None), |scheme| self.sign_sample(&request, scheme, &url))? {
            url = signed.query.as_ref().map_or(url.clone(), |query| url.with_query(query));
            signed.write_to(&mut request);
        }
        request.target = url.path_and_query().to_owned().into();
        let line = format!("{} {} {}\r\n", request.method_text(), request.target_text(), request.version);
        request.head = [line.as_bytes(), &request.headers.to_lines(), b"\r\n"].concat().into();
        Ok(Outgoing { capture: CaptureId::default(), url, request })
    }

    /// What the first secret that can sign it makes of it; nothing when there is no secret.
    fn sign_sample(&self, request: &Request, scheme: &str, url: &Url) -> Result<Option<Signed>, SignError> {
        let (method, url) = (request.method_text(), url.to_string());
        let (headers, body) = (&request.headers, &request.body.bytes);
        let unsigned = Unsigned { method: &method, url: &url, headers, body, now: Utc::now() };
        self.checker().sign_with_any(scheme, &unsigned).transpose()
    }

    /// Sends what [`Self::sample`] made.
    pub async fn send(&self, outgoing: &Outgoing) -> (AttemptOutcome, AttemptTiming) {
        self.client.send(outgoing, Duration::from_secs(10)).await
    }
}
