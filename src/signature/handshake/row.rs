//! A `[[handshake]]` row of a scheme file, as it is written, and its reading into a [`Handshake`].
//!
//! What would make anybody's tool for signing of this program is refused here, whoever wrote the row: an answer that
//! takes a key has to ask for a signature or for a scheme that the user names, and so has learning a secret.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::template::{Json, Template, is_header_value};
use super::{Body, Form, Handshake, Token};
use crate::signature::scheme::{Condition, Evidence, Fault, condition, fault};

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

#[cfg(test)]
mod tests {
    use crate::signature::Schemes;

    const MINE: &str = r#"
[[handshake]]
id = "mine"
title = "Mine"
method = "GET"
detect = ["?echo"]
answer = { text = "{query:echo}" }
scheme = "github"
"#;

    fn refused(change: (&str, &str)) -> String {
        assert!(MINE.contains(change.0), "{}", change.0);
        Schemes::parse(&MINE.replace(change.0, change.1)).unwrap_err().to_string()
    }

    #[test]
    fn refuses_rows_that_do_not_make_sense_with_line_and_key() {
        let (text, scheme) = (r#"{ text = "{query:echo}" }"#, r#"scheme = "github""#);
        for (change, line, words) in [
            (("mine", ""), 3, "handshake ``, id: is empty"),
            (("GET", "G T"), 5, "`mine`, method: is not the name of a method"),
            ((r#"["?echo"]"#, "[]"), 6, "detect: is missing"),
            (("?echo", ""), 6, "detect: has an empty item"),
            ((text, r#"{ text = "{body}" }"#), 7, "answer: `{body}`: unknown placeholder {body}"),
            ((text, r#"{ text = "{secret}" }"#), 7, "unknown placeholder {secret}"),
            ((text, r#"{ text = "{query:echo" }"#), 7, "a `{` without its `}`"),
            ((text, r#"{ json = { a = ["{json:a}"] } }"#), 7, "unknown placeholder {json:a}"),
            ((text, r#"{ text = "a", json = 1 }"#), 7, "is text or json, not both"),
            ((text, r#"{ html = "a" }"#), 7, "unknown field `html`"),
            ((text, "{ status = 302 }"), 7, "has status 302"),
            (
                (text, r#"{ headers = { Content-Type = "text/html" } }"#),
                7,
                "header Content-Type, which is not for a row",
            ),
            ((text, r#"{ headers = { "A b" = "c" } }"#), 7, "cannot have a header `A b`"),
            ((text, r#"{ headers = { A = "b\r\nc: d" } }"#), 7, "cannot have a header `A`"),
            ((scheme, "verified = true"), 2, "scheme: is missing"),
            ((scheme, "on_bad_signature = 401"), 8, "is for rows with `verified`"),
            ((scheme, "scheme = \"a\"\nverified = true\non_bad_signature = 200"), 10, "a status from 400 to 499"),
            ((scheme, "show = \"{body}\""), 8, "show: `{body}`"),
            ((scheme, "token = { query = \"a\" }"), 8, "missing field `secret`"),
            ((scheme, "shceme = \"a\""), 8, "unknown field `shceme`"),
        ] {
            let error = refused(change);
            assert!(error.starts_with(&format!("line {line}: ")) && error.contains(words), "{change:?}: {error}");
        }
        let twice = Schemes::parse(&format!("{MINE}{MINE}")).unwrap_err().to_string();
        assert_eq!(twice, "line 11: handshake `mine`, id: is already the name of another handshake");
    }

    #[test]
    fn nobody_can_write_a_row_that_signs_for_strangers_or_learns_from_them() {
        let keyed = r#"{ text = "{hmac-sha256.hex query:echo}" }"#;
        let oracle = refused((r#"{ text = "{query:echo}" }"#, keyed));
        assert_eq!(
            oracle,
            "line 7: handshake `mine`, answer: signs what a stranger sends: ask for `verified` or `named`"
        );
        let in_json = r#"{ json = [{ a = "{hmac-sha256.base64 query:echo}" }] }"#;
        assert!(refused((r#"{ text = "{query:echo}" }"#, in_json)).contains("signs what a stranger sends"));
        let in_header = r#"{ headers = { A = "{hmac-sha256.hex query:echo}" } }"#;
        assert!(refused((r#"{ text = "{query:echo}" }"#, in_header)).contains("signs what a stranger sends"));
        let learns = refused((r#"scheme = "github""#, "scheme = \"github\"\nlearn = \"X-A\""));
        assert_eq!(learns, "line 9: handshake `mine`, learn: is for rows with `named`: anybody could tell us a secret");
        for grounds in ["verified = true", "named = true"] {
            let row = MINE.replace(r#"{ text = "{query:echo}" }"#, keyed) + grounds;
            assert_eq!(Schemes::parse(&row).unwrap().handshakes().iter().count(), 1, "{grounds}");
        }
    }

    #[test]
    fn the_users_rows_replace_and_come_first() {
        let user = MINE.replace("?echo", "?challenge");
        let merged = Schemes::builtin().merge(Schemes::parse(&user).unwrap());
        assert_eq!(merged.handshakes().iter().next().unwrap().id, "mine");
        let count = merged.handshakes().iter().count();
        let replacing = Schemes::parse(&user.replace("\"mine\"", "\"dropbox-challenge\"")).unwrap();
        let merged = merged.merge(replacing);
        assert_eq!(merged.handshakes().iter().count(), count);
        assert_eq!(merged.handshakes().get("dropbox-challenge").unwrap().title, "Mine");
    }
}
