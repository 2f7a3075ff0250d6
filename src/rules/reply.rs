//! The answer that a rule gives, as it is written; and made for a request.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::delay::Delay;
use super::subject::Subject;
use super::template::{Seen, Text};
use super::{Plan, Source};
use crate::capture::{Answer, Fault, Headers, Play};
use crate::config::format_duration;
use crate::sender::judge;

/// What the body of an answer is when nothing says its type.
pub(super) const PLAIN: &str = "text/plain; charset=utf-8";

/// An answer, as it is written.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub headers: Vec<(String, Text)>,
    pub body: Body,
    pub delay: Option<Delay>,
    pub fault: Option<Fault>,
}

/// Where the body of an answer comes from.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// There is none.
    Empty,
    /// What is answered without any rule.
    Ok,
    /// These bytes, of this type.
    Bytes(Bytes, String),
    /// Made for each request.
    Made(Text),
    /// A file below this directory.
    File { path: PathBuf, within: PathBuf },
    /// That of the request, with its type.
    Echo,
}

impl Default for Reply {
    /// As without any rule.
    fn default() -> Self {
        Self { status: 200, headers: Vec::new(), body: Body::Ok, delay: None, fault: None }
    }
}

impl Reply {
    /// The answer for a request, and where its body comes from; `part` is of the range of the delay, from 0 to 1. What
    /// goes wrong in a template is answered 500, and said in the note.
    pub fn plan(&self, request: &Seen, part: f64) -> Plan {
        let mut plan = self.made(request).unwrap_or_else(|why| {
            let answer = Answer::text(500, "the template of the rule failed\n", "");
            Plan::ready(Answer { note: format!("the template failed: {why}"), ..answer })
        });
        plan.answer.play = Play { delay_ms: self.delay.map_or(0, |delay| delay.at(part)), fault: self.fault };
        plan
    }

    fn made(&self, request: &Seen) -> Result<Plan, String> {
        let mut answer = Answer { status: self.status, ..Answer::default() };
        for (name, value) in &self.headers {
            answer.headers.push(name.clone(), value.render_line(request)?);
        }
        let (body, kind) = self.body.made(request)?;
        answer.body = body;
        if let Some(kind) = kind.filter(|_| !answer.headers.has("content-type")) {
            answer.headers = with_type(kind, &answer.headers);
        }
        if let (Body::Echo, Some(coding)) = (&self.body, line(request.subject, "content-encoding")) {
            answer.headers.push("Content-Encoding", coding);
        }
        answer.note = self.note(request.subject);
        let source = match &self.body {
            Body::File { path, within } => Source::File { path: path.clone(), within: within.clone() },
            _ => Source::Ready,
        };
        Ok(Plan { source, ..Plan::ready(answer) })
    }

    /// Whether it only says how it is played, so that what answers may be another's.
    pub fn is_bare(&self) -> bool {
        self.status == 200 && self.headers.is_empty() && matches!(self.body, Body::Empty | Body::Ok)
    }

    /// What the sender does with a redirect.
    fn note(&self, subject: &Subject) -> String {
        let sender = subject.capture.identity.sender.as_deref().filter(|_| (300..400).contains(&self.status));
        sender.and_then(|sender| judge(sender, self.status)).map_or_else(String::new, |judgement| judgement.text)
    }

    /// In short: `500 after 2s`, `200 {"ok":true}`.
    pub fn words(&self) -> String {
        let delay = self.delay.map(|delay| format!("after {delay}"));
        let fault = self.fault.map(fault_words);
        let answers = !matches!(self.fault, Some(Fault::Close | Fault::Reset | Fault::Hang | Fault::Garbage));
        let location = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
        let location =
            location.map(
                |(_, value)| {
                    if let Text::Plain(url) = value { format!("to {url}") } else { "to a template".to_owned() }
                },
            );
        let answer = answers.then(|| {
            [Some(self.status.to_string()), location, self.body.words()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ")
        });
        [answer, fault, delay].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// A header of the request that can be one of an answer.
fn line(subject: &Subject, name: &str) -> Option<String> {
    let value = subject.header(name).into_iter().next()?.into_owned();
    Some(value).filter(|value| !value.chars().any(char::is_control))
}

fn with_type(kind: String, headers: &Headers) -> Headers {
    let mut typed = Headers::default();
    typed.push("Content-Type", kind);
    headers.iter().for_each(|header| typed.push(header.name.clone(), header.value.clone()));
    typed
}

impl Body {
    /// The bytes that are known, and their type.
    fn made(&self, request: &Seen) -> Result<(Bytes, Option<String>), String> {
        Ok(match self {
            Self::Empty => (Bytes::new(), None),
            Self::Ok => (Bytes::from_static(b"OK\n"), Some(PLAIN.to_owned())),
            Self::Bytes(bytes, kind) => (bytes.clone(), Some(kind.clone())),
            Self::File { path, .. } => (Bytes::new(), Some(kind_of(path).to_owned())),
            Self::Made(text) => {
                let text = text.render(request)?;
                let json = text.trim_start().starts_with(['{', '[']);
                (text.into(), Some(if json { "application/json" } else { PLAIN }.to_owned()))
            }
            Self::Echo => (request.subject.request().body.bytes.clone(), line(request.subject, "content-type")),
        })
    }

    fn words(&self) -> Option<String> {
        match self {
            Self::Empty => None,
            Self::Ok => Some("OK".to_owned()),
            Self::Bytes(bytes, _) => {
                String::from_utf8_lossy(bytes).lines().next().map(|line| crate::inspect::cut(line, 30))
            }
            Self::Made(_) => Some("a template".to_owned()),
            Self::File { path, .. } => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            Self::Echo => Some("the body".to_owned()),
        }
    }
}

/// A fault in words.
fn fault_words(fault: Fault) -> String {
    match fault {
        Fault::Close => "closes the connection".to_owned(),
        Fault::Reset => "resets the connection".to_owned(),
        Fault::Hang => "never answers".to_owned(),
        Fault::Drip { pause_ms } => {
            format!("a byte every {}", format_duration(std::time::Duration::from_millis(pause_ms)))
        }
        Fault::Cut { after } => format!("cut after {after} bytes"),
        Fault::Garbage => "sends garbage".to_owned(),
        Fault::NoContinue => "without 100 Continue".to_owned(),
    }
}

/// What a file's name says that it is.
fn kind_of(path: &Path) -> &'static str {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref().unwrap_or_default() {
        "json" => "application/json",
        "xml" => "application/xml",
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css",
        "js" => "text/javascript",
        "csv" => "text/csv",
        "yaml" | "yml" => "application/yaml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "pdf" => "application/pdf",
        "txt" | "md" | "log" => PLAIN,
        _ => "application/octet-stream",
    }
}
