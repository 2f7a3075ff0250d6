//! A `[[handshake]]` row of a scheme file, as it is written, and its reading into a [`Handshake`].
//!
//! What would make anybody's tool for signing of this program is refused here, whoever wrote the row: an answer that
//! takes a key has to ask for a signature or for a scheme that the user names, and so has learning a secret.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::row::{Fault, condition, fault};
use super::super::scheme::{Condition, Evidence};
use super::template::{Json, Template, is_header_value};
use super::{Body, Form, Handshake, Token};

/// A `[[handshake]]` table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::signature) struct Row {
    pub id: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    title: String,
    method: String,
    #[serde(default)]
    detect: Vec<String>,
    fields: Option<Vec<String>>,
    answer: AnswerTable,
    scheme: Option<String>,
    #[serde(default)]
    verified: bool,
    #[serde(default)]
    named: bool,
    token: Option<TokenTable>,
    learn: Option<String>,
    on_bad_signature: Option<u16>,
    show: Option<String>,
    evidence: Option<Evidence>,
    docs: Option<String>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerTable {
    #[serde(default = "ok")]
    status: u16,
    text: Option<String>,
    json: Option<Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

fn ok() -> u16 {
    200
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenTable {
    query: String,
    secret: String,
    #[serde(default)]
    decides: bool,
}

/// Header lines that are not for a row to say: what a body is, and what the transport says.
const NOT_TO_SET: [&str; 7] = [
    "content-type",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "set-cookie",
    "x-content-type-options",
];

impl Row {
    pub fn read(self) -> Result<Handshake, Fault> {
        consistent(&self)?;
        let handshake = Handshake {
            conditions: self.detect.iter().map(|text| condition(text)).collect(),
            fields: self.fields,
            form: self.answer.read()?,
            token: self.token.map(|TokenTable { query, secret, decides }| Token { query, secret, decides }),
            show: self.show.map(|text| template("show", &text)).transpose()?,
            id: self.id,
            aliases: self.aliases,
            title: self.title,
            method: self.method,
            scheme: self.scheme,
            verified: self.verified,
            named: self.named,
            learn: self.learn,
            on_bad_signature: self.on_bad_signature,
            evidence: self.evidence,
            docs: self.docs,
            note: self.note,
        };
        guarded(&handshake)?;
        Ok(handshake)
    }
}

fn template(key: &'static str, text: &str) -> Result<Template, Fault> {
    Template::parse(text).or_else(|reason| fault(key, reason))
}

/// The keys of a row must make sense together.
fn consistent(row: &Row) -> Result<(), Fault> {
    let needs_scheme = row.verified || row.named;
    let every_head = row.method == "HEAD";
    let faults = [
        (row.id.is_empty(), "id", "is empty"),
        (!is_token(&row.method), "method", "is not the name of a method, like POST"),
        (
            row.detect.is_empty() && row.fields.is_none() && !every_head,
            "detect",
            "is missing: what tells it from others?",
        ),
        (needs_scheme && row.scheme.is_none(), "scheme", "is missing: whose signature, or which one is to be named?"),
        (row.on_bad_signature.is_some() && !row.verified, "on_bad_signature", "is for rows with `verified`"),
        (
            row.on_bad_signature.is_some_and(|status| !(400..500).contains(&status)),
            "on_bad_signature",
            "is a status from 400 to 499",
        ),
        (row.learn.is_some() && !row.named, "learn", "is for rows with `named`: anybody could tell us a secret"),
        (row.learn.as_ref().is_some_and(|name| !is_token(name)), "learn", "is the name of a header"),
    ];
    match faults.into_iter().find(|(wrong, ..)| *wrong) {
        Some((_, key, reason)) => fault(key, reason),
        None => Ok(()),
    }
}

/// A row whose answer takes a key signs what others chose; nobody gets that who is not known or meant to.
fn guarded(handshake: &Handshake) -> Result<(), Fault> {
    let keyed = handshake.form.has(Template::is_keyed);
    if keyed && !handshake.verified && !handshake.named {
        return fault("answer", "signs what a stranger sends: ask for `verified` or `named`");
    }
    let bare = |condition: &Condition| matches!(condition, Condition::Header(name) if name.is_empty());
    if handshake.conditions.iter().any(bare) {
        return fault("detect", "has an empty item");
    }
    Ok(())
}

impl AnswerTable {
    fn read(self) -> Result<Form, Fault> {
        if !(200..300).contains(&self.status) {
            return fault("answer", format!("has status {}: one from 200 to 299 agrees to a handshake", self.status));
        }
        let body = match (self.text, self.json) {
            (None, None) => Body::Empty,
            (Some(text), None) => Body::Text(template("answer", &text)?),
            (None, Some(value)) => Body::Json(Json::parse(value).or_else(|reason| fault("answer", reason))?),
            (Some(_), Some(_)) => return fault("answer", "is text or json, not both"),
        };
        let headers = self.headers.into_iter().map(|(name, value)| header(name, &value)).collect::<Result<_, _>>()?;
        Ok(Form { status: self.status, headers, body })
    }
}

fn header(name: String, value: &str) -> Result<(String, Template), Fault> {
    if !is_token(&name) || !is_header_value(value) {
        return fault("answer", format!("cannot have a header `{}`", name.escape_debug()));
    }
    if NOT_TO_SET.iter().any(|other| name.eq_ignore_ascii_case(other)) {
        return fault("answer", format!("has the header {name}, which is not for a row to say"));
    }
    Ok((name, template("answer", value)?))
}

/// RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
