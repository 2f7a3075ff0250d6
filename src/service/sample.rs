//! Sending a sample of what a known sender sends, signed with a secret of ours.

use std::time::Duration;

use chrono::Utc;

use super::Service;
use crate::capture::{AttemptOutcome, AttemptTiming, CaptureId};
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
        request.target = url.path_and_query().to_owned().into();
        request.headers.set("Host", url.authority());
        if let Some(scheme) = scheme {
            self.sign_sample(&mut request, scheme, &url)?;
        }
        let line = format!("{} {} {}\r\n", request.method_text(), request.target_text(), request.version);
        request.head = [line.as_bytes(), &request.headers.to_lines(), b"\r\n"].concat().into();
        Ok(Outgoing { capture: CaptureId::default(), url, request })
    }

    fn sign_sample(&self, request: &mut crate::capture::Request, scheme: &str, url: &Url) -> Result<(), SignError> {
        let checker = self.checker();
        let (method, url) = (request.method_text().into_owned(), url.to_string());
        let mut refused = None;
        for secret in checker.secrets() {
            let unsigned = Unsigned {
                method: &method,
                url: &url,
                headers: &request.headers,
                body: &request.body.bytes,
                now: Utc::now(),
            };
            match checker.sign(scheme, &secret.name, &unsigned) {
                Ok(lines) => {
                    for (name, value) in lines {
                        request.headers.set(&name, value);
                    }
                    return Ok(());
                }
                Err(error) => refused = Some(error),
            }
        }
        refused.map_or(Ok(()), Err)
    }

    /// Sends what [`Self::sample`] made.
    pub async fn send(&self, outgoing: &Outgoing) -> (AttemptOutcome, AttemptTiming) {
        self.client.send(outgoing, Duration::from_secs(10)).await
    }
}
