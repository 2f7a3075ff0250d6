//! What the request itself tells, before anything is tried: a body that is not whole, a time that is off, a request
//! that followed a redirect.

use chrono::{DateTime, TimeDelta, Utc};

use super::change::Change;
use crate::capture::Request;
use crate::signature::scheme::{Scheme, Unit, span};

/// A body of which a part is missing.
pub(super) fn incomplete(request: &Request) -> Option<Change> {
    let came = request.body.bytes.len() as u64;
    if request.body.total > came {
        return Some(Change::new(
            format!("the body is incomplete: only the first {came} of {} bytes were kept", request.body.total),
            "the limit of the body's size was reached".to_owned(),
            "raise max_body, and have the request sent again",
        ));
    }
    let promised: u64 = request.headers.text("Content-Length")?.trim().parse().ok()?;
    (came < promised).then(|| {
        Change::new(
            format!("the body is incomplete: {came} of {promised} bytes came"),
            format!("Content-Length is {promised}, {came} bytes were received"),
            "have the request sent again; when it happens again, look for a proxy that cuts it or a time limit at the sender",
        )
    })
}

/// A request without a body that carries the signature of one.
pub(super) fn redirected(request: &Request, scheme: &Scheme) -> Option<Change> {
    let bodiless = matches!(&*request.method, b"GET" | b"HEAD") && request.body.total == 0;
    let place = scheme.signatures[0].place.words();
    (bodiless && scheme.covers().body).then(|| {
        Change::new(
            "this is a GET that followed a redirect and carries the signature of the POST before it".to_owned(),
            format!("a {} without a body, with {place}", request.method_text()),
            "give the sender the URL that the redirect leads to: http or https, and a slash at the end, count",
        )
    })
}

/// A genuine signature whose time is out of tolerance.
pub(super) fn stale(scheme: &Scheme, text: &[u8], arrived: DateTime<Utc>) -> Option<Change> {
    let time = scheme.time.as_ref()?;
    let tolerance = time.tolerance?;
    let age = arrived.signed_duration_since(time.unit.parse(text)?);
    let limit = i64::from(tolerance.seconds);
    if let Some(change) = other_unit(time.unit, text, arrived, limit) {
        return Some(change);
    }
    let (seconds, limit) = (age.num_seconds().abs(), span(limit));
    let how_much = span(seconds);
    let proof = "the signature itself matches";
    Some(if age > TimeDelta::zero() {
        Change::new(
            format!("signed {how_much} before it arrived; the limit is {limit}"),
            proof,
            "a resend of an old request is re-signed with a fresh time; for a fresh one, set the sender's clock: it is \
             behind, or the request waited in a queue",
        )
    } else {
        Change::new(
            format!("signed {how_much} ahead of its arrival; the limit is {limit}"),
            proof,
            "set the clocks: the sender's is ahead, or that of this machine is behind (timedatectl shows it)",
        )
    })
}

/// Seconds where milliseconds are the rule, or the other way round.
fn other_unit(unit: Unit, text: &[u8], arrived: DateTime<Utc>, limit: i64) -> Option<Change> {
    let (other, is, rule) = match unit {
        Unit::Seconds => (Unit::Milliseconds, "milliseconds", "seconds"),
        Unit::Milliseconds => (Unit::Seconds, "seconds", "milliseconds"),
        _ => return None,
    };
    let age = arrived.signed_duration_since(other.parse(text)?);
    (age.abs() <= TimeDelta::seconds(limit.max(300))).then(|| {
        Change::new(
            format!("its time is in {is}; the rule is {rule}"),
            format!("read as {is} it is {} from the arrival", span(age.num_seconds().abs())),
            format!("have the sender write the time in {rule}"),
        )
    })
}
