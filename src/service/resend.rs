//! Sending captures again: what would be sent, signed for the scheme of the capture, and the attempts that come of it.

use bytes::Bytes;
use chrono::{SubsecRound, Utc};

use super::Service;
use crate::app::ResendPlan;
use crate::capture::{Attempt, AttemptOutcome, AttemptTiming, Capture, CaptureId, Headers, Signing};
use crate::export::{self, Difference, Outgoing, Plan, Url, UrlError};
use crate::signature::{Scheme, SignError, Unsigned};
use crate::store::StoreError;

/// Why something cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The capture is not there.
    #[error("{0} is not in this session")]
    NoCapture(CaptureId),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The URL is none.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// Its signature cannot be made.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// It is not known how to sign it.
    #[error("{0} has no signature whose scheme is known: send it as captured, or name a scheme with --scheme")]
    NoScheme(CaptureId),
    /// The request itself does not allow it.
    #[error(transparent)]
    Request(#[from] export::PrepareError),
    /// Only the first part of the body was kept.
    #[error("the body of {0} was over the limit, only its first part is kept: it cannot be sent again")]
    NotKept(CaptureId),
}

/// A request ready to be sent, and how it was made.
pub struct Job {
    /// What goes out.
    pub outgoing: Outgoing,
    /// How it differs from the capture.
    pub differences: Vec<Difference>,
    signing: Signing,
    edited: bool,
}

impl Service {
    /// Works out what a plan would send now; signatures are fresh.
    pub fn prepare(&self, plan: &ResendPlan) -> Result<Job, PrepareError> {
        let capture = self.store.get(plan.capture)?.ok_or(PrepareError::NoCapture(plan.capture))?;
        let request = &capture.request;
        if plan.body.is_none() && request.body.total > request.body.bytes.len() as u64 {
            return Err(PrepareError::NotKept(capture.id));
        }
        let edited = plan.headers.is_some() || plan.body.is_some();
        let headers = plan.headers.clone().unwrap_or_else(|| request.headers.clone());
        let body = plan.body.clone().unwrap_or_else(|| request.body.bytes.clone());
        let url: Url = plan.url.parse()?;
        let signed = match &plan.signing {
            Signing::With(secret) => Some(self.sign(&capture, secret, &url, (&headers, &body))?),
            Signing::Captured | Signing::None => None,
        };
        let plan = Plan { url, signing: plan.signing.clone(), edited: edited.then_some((headers, body)) };
        let names = self.signature_headers(&capture);
        let (outgoing, differences) = export::prepare(&capture, &plan, signed.as_deref(), &names)?;
        Ok(Job { outgoing, differences, signing: plan.signing, edited })
    }

    fn signature_headers(&self, capture: &Capture) -> Vec<String> {
        let checker = self.checker();
        let scheme = capture.verdict.scheme.as_deref().and_then(|id| checker.schemes().get(id));
        scheme.map(Scheme::signature_headers).unwrap_or_default()
    }

    fn sign(
        &self,
        capture: &Capture,
        secret: &str,
        url: &Url,
        (headers, body): (&Headers, &Bytes),
    ) -> Result<Vec<(String, String)>, PrepareError> {
        let scheme = capture.verdict.scheme.as_deref().ok_or(PrepareError::NoScheme(capture.id))?;
        let (method, url) = (capture.request.method_text(), url.to_string());
        let unsigned = Unsigned { method: &method, url: &url, headers, body, now: Utc::now() };
        Ok(self.checker().sign(scheme, secret, &unsigned)?)
    }

    /// Sends once and keeps the attempt, also a failed one.
    pub async fn attempt(&self, plan: &ResendPlan) -> Attempt {
        let at = Utc::now().trunc_subsecs(6);
        let (outcome, timing, signing, edited) = match self.prepare(plan) {
            Ok(job) => {
                let (outcome, timing) = self.client.send(&job.outgoing, plan.time_limit).await;
                (outcome, timing, job.signing, job.edited)
            }
            Err(error) => {
                (AttemptOutcome::Failed(error.to_string()), AttemptTiming::default(), plan.signing.clone(), false)
            }
        };
        let mut attempt =
            Attempt { id: 0, capture: plan.capture, at, url: plan.url.clone(), signing, edited, outcome, timing };
        match self.store.add_attempt(attempt.clone()).await {
            Ok(id) => attempt.id = id,
            Err(error) => tracing::error!(%error, "an attempt could not be stored"),
        }
        attempt
    }
}
