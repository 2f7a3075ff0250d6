//! Sending captures again: what would be sent, signed for the scheme of the capture, and the attempts that come of it.

use std::net::SocketAddr;

use chrono::{SubsecRound, Utc};

use super::Service;
use crate::app::ResendPlan;
use crate::capture::{Asker, Attempt, AttemptOutcome, AttemptTiming, Capture, CaptureId, Signed, Signing};
use crate::export::{self, Difference, Outgoing, Plan, Reach, Url, UrlError};
use crate::signature::{Checker, Scheme, SignError, UnknownScheme, Unsigned};
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
        let edited = (plan.headers.is_some() || plan.body.is_some()).then(|| {
            let headers = plan.headers.clone().unwrap_or_else(|| request.headers.clone());
            (headers, plan.body.clone().unwrap_or_else(|| request.body.bytes.clone()))
        });
        if plan.body.is_none() && !is_kept(&capture) {
            return Err(PrepareError::NotKept(capture.id));
        }
        let (url, signing, method) = (plan.url.parse()?, plan.signing.clone(), plan.method.clone());
        job(&self.checker(), &capture, Plan { url, signing, edited, method }, plan.scheme.as_deref())
    }

    /// Whether a capture could be signed again by who has its secret: not where only its sender can.
    pub fn can_sign(&self, capture: &Capture) -> bool {
        schemes(&self.checker(), capture).iter().all(|scheme| scheme.method.can_sign())
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
        let mut attempt = Attempt {
            id: 0,
            capture: plan.capture,
            by: Asker::Resend,
            at,
            url: plan.url.clone(),
            signing,
            edited,
            outcome,
            timing,
        };
        match self.store.add_attempt(attempt.clone()).await {
            Ok(id) => attempt.id = id,
            Err(error) => tracing::error!(%error, "an attempt could not be stored"),
        }
        attempt
    }
}

/// What `plan` makes of a capture now, signed afresh where it says so: by the named scheme, else by those of the capture.
pub(super) fn job(checker: &Checker, capture: &Capture, plan: Plan, scheme: Option<&str>) -> Result<Job, PrepareError> {
    let known = |id| checker.schemes().get(id).ok_or_else(|| UnknownScheme::new(checker.schemes(), id));
    let chosen = scheme.map(known).transpose().map_err(SignError::from)?;
    let signed = match &plan.signing {
        Signing::With(secret) => {
            let schemes = chosen.map_or_else(|| schemes(checker, capture), |chosen| vec![chosen]);
            Some(sign(checker, capture, (secret, &schemes), &plan)?)
        }
        Signing::Captured | Signing::None => None,
    };
    let names = signature_headers(checker, capture, signed.as_ref());
    let (outgoing, differences) = export::prepare(capture, &plan, signed.as_ref(), &names)?;
    Ok(Job { outgoing, differences, signing: plan.signing, edited: plan.edited.is_some() })
}

/// Whether all of its body is there.
pub(super) fn is_kept(capture: &Capture) -> bool {
    let body = &capture.request.body;
    body.total <= body.bytes.len() as u64
}

/// The names of all header lines that carry a signature or what belongs to it: those that came, and fresh ones.
fn signature_headers(checker: &Checker, capture: &Capture, signed: Option<&Signed>) -> Vec<String> {
    let schemes = schemes(checker, capture);
    let has_role = |name: &[u8]| schemes.iter().any(|scheme| scheme.role_of(name).is_some());
    let came = capture.request.headers.iter().filter(|header| has_role(&header.name));
    let fresh = signed.iter().flat_map(|signed| &signed.headers).map(|(name, _)| name.clone());
    came.map(|header| header.name_text().into_owned()).chain(fresh).collect()
}

/// Signs for every scheme by which the capture is signed: Gitea, say, signs in the headers of GitHub besides.
fn sign(
    checker: &Checker,
    capture: &Capture,
    (secret, schemes): (&str, &[&Scheme]),
    plan: &Plan,
) -> Result<Signed, PrepareError> {
    if schemes.is_empty() {
        return Err(PrepareError::NoScheme(capture.id));
    }
    let captured = || capture.request.method_text().into_owned();
    let method = plan.method.as_ref().map_or_else(captured, |method| String::from_utf8_lossy(method).into_owned());
    let now = Utc::now();
    let as_captured = || (capture.request.headers.clone(), capture.request.body.bytes.clone());
    let (mut headers, mut body) = plan.edited.clone().unwrap_or_else(as_captured);
    let mut url = plan.url.clone();
    let mut signed = Signed::default();
    for scheme in schemes {
        let known_as = known_as(checker, &url, &capture.local);
        let unsigned = Unsigned { method: &method, url: &known_as, headers: &headers, body: &body, now };
        let more = checker.sign(&scheme.id, secret, &unsigned)?;
        more.headers.iter().for_each(|(name, value)| headers.set(name, value.clone()));
        body = more.body.clone().unwrap_or(body);
        url = more.query.as_ref().map_or(url.clone(), |query| url.with_query(query));
        signed = signed.and(more);
    }
    Ok(signed)
}

/// The schemes to sign a capture for: the named one, else that of its verdict and all others that its secret fits.
fn schemes<'c>(checker: &'c Checker, capture: &Capture) -> Vec<&'c Scheme> {
    if let Some(named) = checker.forced() {
        return vec![named];
    }
    let mut schemes = checker.signed_for(&capture.request);
    let judged = capture.verdict.scheme.as_deref().and_then(|id| checker.schemes().get(id));
    if let Some(judged) = judged.filter(|judged| schemes.iter().all(|scheme| scheme.id != judged.id)) {
        schemes.push(judged);
    }
    schemes
}

/// The URL as the receiver knows it, for schemes that sign it: what goes to the listener that the capture came to is
/// checked against the public URL.
fn known_as(checker: &Checker, url: &Url, local: &str) -> String {
    let is_ours = local.parse().is_ok_and(|local: SocketAddr| {
        let same_host =
            url.host() == local.ip().to_string() || (url.reach() == Reach::Local && local.ip().is_loopback());
        url.port() == local.port() && same_host
    });
    match checker.public_url().filter(|_| is_ours) {
        Some(public) => format!("{}{}", public.trim_end_matches('/'), url.path_and_query()),
        None => url.to_string(),
    }
}
