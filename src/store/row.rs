//! How a capture becomes rows, and comes back.

use std::borrow::Cow;
use std::error::Error;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{CachedStatement, Row, Transaction, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::lines::{pack, unpack};
use crate::capture::{
    Answer, Body, Capture, CaptureId, Ending, Finding, Headers, HttpVersion, Identity, Mark, ObjectKey, Play, Problem,
    Request, Retry, Summary, Timing, Tls, Verdict, parse_request,
};

/// What a capture is taken to need beyond its own bytes.
const OVERHEAD: usize = 256;

/// A capture on its way to the store, with all that can be made ready outside of the writer.
pub struct Entry {
    pub capture: Capture,
    meta: String,
    verdict: String,
    /// Bytes that it will take in the store.
    pub stored: usize,
}

/// What has no column of its own.
#[derive(Serialize, Deserialize)]
struct Meta<'a> {
    remote: Cow<'a, str>,
    local: Cow<'a, str>,
    timing: Timing,
    problem: Option<Cow<'a, Problem>>,
    version: Option<Cow<'a, str>>,
    evidence: Option<Cow<'a, str>>,
    event: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "is_empty")]
    lint: Cow<'a, [Finding]>,
    answer: Option<AnswerMeta<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tls: Option<Cow<'a, Tls>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry: Option<Retry>,
}

#[derive(Serialize, Deserialize)]
struct AnswerMeta<'a> {
    status: u16,
    rule: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    note: Cow<'a, str>,
    after_us: u64,
    #[serde(default, skip_serializing_if = "Play::is_plain")]
    play: Play,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ending: Option<Ending>,
}

impl Entry {
    /// Drops what of the time of arrival the store does not keep: less than a microsecond.
    pub fn new(mut capture: Capture) -> Self {
        capture.received_at = from_micros(capture.received_at.timestamp_micros());
        let (meta, verdict) = (meta(&capture), json(&capture.verdict));
        let (body, answer) = (&capture.request.body, capture.answer.as_ref().map_or(0, |answer| answer.body.len()));
        let framed = body.framed.as_ref().map_or(0, Bytes::len);
        let stored = OVERHEAD + capture.request.head.len() + body.bytes.len() + framed + answer + meta.len();
        Self { capture, meta, verdict, stored }
    }
}

fn is_empty(findings: &[Finding]) -> bool {
    findings.is_empty()
}

impl<'a> Meta<'a> {
    fn of(capture: &'a Capture) -> Self {
        let identity = &capture.identity;
        let text = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
        Self {
            remote: Cow::Borrowed(&capture.remote),
            local: Cow::Borrowed(&capture.local),
            timing: capture.timing,
            problem: capture.problem.as_ref().map(Cow::Borrowed),
            version: text(&identity.version),
            evidence: text(&identity.evidence),
            event: text(&identity.event),
            lint: Cow::Borrowed(&identity.lint),
            answer: capture.answer.as_ref().map(AnswerMeta::of),
            tls: capture.tls.as_ref().map(Cow::Borrowed),
            retry: capture.retry,
        }
    }
}

impl<'a> AnswerMeta<'a> {
    fn of(answer: &'a Answer) -> Self {
        Self {
            status: answer.status,
            rule: Cow::Borrowed(&answer.rule),
            note: Cow::Borrowed(&answer.note),
            after_us: answer.after_us,
            play: answer.play,
            ending: answer.ending,
        }
    }
}

/// The statements that keep a capture.
pub struct Insert<'t> {
    light: CachedStatement<'t>,
    details: CachedStatement<'t>,
}

impl<'t> Insert<'t> {
    pub fn new(transaction: &'t Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            light: transaction.prepare_cached(
                "INSERT INTO captures (id, session, received_at, method, target, size, stored, mark, status, title,
                   sender, object_model, object_id, incomplete, pinned, resent_from, rule, retry, lint, change, verdict)
                 VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            )?,
            details: transaction.prepare_cached(
                "INSERT INTO details (id, meta, answer_headers, answer_body, trailers, head, framed, body)
                 VALUES (?,?,?,?,?,?,?,?)",
            )?,
        })
    }

    pub fn run(&mut self, session: i64, entry: &Entry) -> rusqlite::Result<()> {
        self.light(session, entry)?;
        self.details(entry)
    }

    fn light(&mut self, session: i64, entry: &Entry) -> rusqlite::Result<()> {
        let capture = &entry.capture;
        let object = capture.identity.object.as_ref();
        self.light.execute(params![
            to_sql(capture.id.0),
            session,
            capture.received_at.timestamp_micros(),
            capture.request.method_text(),
            capture.request.target_text(),
            to_sql(capture.request.body.total),
            to_sql(entry.stored as u64),
            mark_number(capture.verdict.mark()),
            capture.answer.as_ref().map_or(0, Answer::sent_status),
            capture.identity.title,
            capture.identity.sender,
            object.map(|object| &object.model),
            object.map(|object| &object.id),
            capture.problem.is_some(),
            capture.pinned,
            capture.resent_from.map(|id| to_sql(id.0)),
            capture.answer.as_ref().map_or("", |answer| answer.rule.as_str()),
            capture.retry.as_ref().map(json),
            capture.identity.lint_codes(),
            capture.identity.change,
            entry.verdict,
        ])?;
        Ok(())
    }

    fn details(&mut self, entry: &Entry) -> rusqlite::Result<()> {
        let capture = &entry.capture;
        let (request, answer) = (&capture.request, capture.answer.as_ref());
        self.details.execute(params![
            to_sql(capture.id.0),
            entry.meta,
            answer.map(|answer| pack(&answer.headers)),
            answer.map(|answer| &answer.body[..]),
            pack(&request.body.trailers),
            &request.head[..],
            request.body.framed.as_deref(),
            &request.body.bytes[..],
        ])?;
        Ok(())
    }
}

/// The columns that [`summary`] reads, in the order in which it does: looking up names takes most of the time.
pub const SUMMARY: &str = "id, received_at, method, target, size, mark, status, title, sender, object_model, object_id,
    incomplete, pinned, resent_from, rule, retry, lint, change";

pub fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    let (model, id): (Option<String>, Option<String>) = (row.get(9)?, row.get(10)?);
    Ok(Summary {
        id: CaptureId(row.get(0).map(from_sql)?),
        received_at: row.get(1).map(from_micros)?,
        method: row.get(2)?,
        target: row.get(3)?,
        size: row.get(4).map(from_sql)?,
        mark: mark(row.get(5)?),
        status: row.get(6)?,
        title: row.get(7)?,
        sender: row.get(8)?,
        object: model.zip(id).map(|(model, id)| ObjectKey { model, id }),
        incomplete: row.get(11)?,
        pinned: row.get(12)?,
        resent_from: row.get::<_, Option<i64>>(13)?.map(|id| CaptureId(from_sql(id))),
        rule: row.get(14)?,
        retry: retry(row)?,
        lint: row.get(16)?,
        change: row.get(17)?,
    })
}

fn retry(row: &Row<'_>) -> rusqlite::Result<Option<Retry>> {
    let text = row.get_ref(15)?.as_str_or_null()?;
    text.map(serde_json::from_str).transpose().map_err(conversion)
}

/// The columns that [`capture`] reads, of `captures JOIN details USING (id)`.
pub const CAPTURE: &str = "id, received_at, size, title, sender, object_model, object_id, change, pinned, resent_from,
    verdict, meta, answer_headers, answer_body, trailers, head, framed, body";

pub fn capture(row: &Row<'_>) -> rusqlite::Result<Capture> {
    let text = row.get_ref("meta")?.as_str()?;
    let meta: Meta = serde_json::from_str(text).map_err(conversion)?;
    let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
    Ok(Capture {
        id: CaptureId(number(row, "id")?),
        received_at: time(row, "received_at")?,
        remote: meta.remote.into_owned(),
        local: meta.local.into_owned(),
        request: request(row)?,
        timing: meta.timing,
        problem: meta.problem.map(Cow::into_owned),
        verdict: from_json(row, "verdict")?,
        identity: Identity {
            sender: row.get("sender")?,
            version: owned(meta.version),
            evidence: owned(meta.evidence),
            title: row.get("title")?,
            event: owned(meta.event),
            object: object(row)?,
            change: row.get("change")?,
            lint: meta.lint.into_owned(),
        },
        answer: meta.answer.map(|meta| answer(row, meta)).transpose()?,
        resent_from: row.get::<_, Option<i64>>("resent_from")?.map(|id| CaptureId(from_sql(id))),
        tls: meta.tls.map(Cow::into_owned),
        retry: meta.retry,
        pinned: row.get("pinned")?,
        pending: false,
    })
}

/// Method, target and header lines are read from the head again; a head that cannot be read gives none.
fn request(row: &Row<'_>) -> rusqlite::Result<Request> {
    let head = bytes(row, "head")?.unwrap_or_default();
    let body = Body {
        bytes: bytes(row, "body")?.unwrap_or_default(),
        total: number(row, "size")?,
        framed: bytes(row, "framed")?,
        trailers: headers(row, "trailers")?,
    };
    Ok(match parse_request(&head) {
        Ok(read) => Request::from_head(head, read, body),
        Err(_) => Request { version: HttpVersion::Unknown, head, body, ..Request::default() },
    })
}

fn answer(row: &Row<'_>, meta: AnswerMeta<'_>) -> rusqlite::Result<Answer> {
    Ok(Answer {
        status: meta.status,
        headers: headers(row, "answer_headers")?,
        body: bytes(row, "answer_body")?.unwrap_or_default(),
        rule: meta.rule.into_owned(),
        note: meta.note.into_owned(),
        after_us: meta.after_us,
        play: meta.play,
        ending: meta.ending,
    })
}

fn object(row: &Row<'_>) -> rusqlite::Result<Option<ObjectKey>> {
    let (model, id): (Option<String>, Option<String>) = (row.get("object_model")?, row.get("object_id")?);
    Ok(model.zip(id).map(|(model, id)| ObjectKey { model, id }))
}

/// A blob, copied out; `None` for NULL.
pub fn bytes(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Bytes>> {
    Ok(row.get_ref(column)?.as_blob_or_null()?.map(Bytes::copy_from_slice))
}

/// Header lines; none for NULL.
pub fn headers(row: &Row<'_>, column: &str) -> rusqlite::Result<Headers> {
    unpack(bytes(row, column)?.unwrap_or_default()).ok_or_else(|| conversion("header lines are cut short"))
}

/// A count or an id.
pub fn number(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get(column).map(from_sql)
}

pub fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<DateTime<Utc>> {
    row.get(column).map(from_micros)
}

pub fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(conversion)
}

/// The column for what has none of its own.
pub fn meta(capture: &Capture) -> String {
    json(&Meta::of(capture))
}

/// Our own types have no map keys and no numbers that JSON cannot express, so that this never fails.
pub fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub fn verdict_columns(verdict: &Verdict) -> (i64, String) {
    (mark_number(verdict.mark()), json(verdict))
}

/// SQLite's integers are signed: what is over is cut to the greatest.
pub fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

pub fn from_micros(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

fn conversion(error: impl Into<Box<dyn Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Null, error.into())
}

fn mark_number(mark: Mark) -> i64 {
    match mark {
        Mark::Unsigned => 0,
        Mark::Verified => 1,
        Mark::Failed => 2,
        Mark::Unchecked => 3,
    }
}

fn mark(number: i64) -> Mark {
    match number {
        1 => Mark::Verified,
        2 => Mark::Failed,
        3 => Mark::Unchecked,
        _ => Mark::Unsigned,
    }
}
