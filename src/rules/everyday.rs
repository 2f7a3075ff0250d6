//! The one-line forms for the everyday, as flags say them; they become rules behind those of the file.

use bytes::Bytes;

use super::delay::Delay;
use super::limit::{Cors, Limits, Login};
use super::read::check_name;
use super::reply::{Body, PLAIN, Reply};
use super::task::Onward;
use super::template::Text;
use super::when::{Turns, When};
use super::{Passing, Rule};
use crate::export::Url;

/// The name of the rule that `--fail-first` makes.
pub const FAIL_FIRST: &str = "--fail-first";
/// The name of the rule that the other one-line forms make together.
pub const COMMAND_LINE: &str = "command line";
/// The name of the rule that `--auth` makes.
pub const AUTH: &str = "--auth";

/// The one-line forms. None is set by default, and then there is no rule of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Everyday {
    /// `--status`
    pub status: Option<u16>,
    /// `--header`, each as [`parse_header`] reads it.
    pub headers: Vec<(String, String)>,
    /// `--body`
    pub body: Option<Bytes>,
    /// `--delay`
    pub delay: Option<Delay>,
    /// `--fail-first`: so many requests are answered 503.
    pub fail_first: Option<u64>,
    /// `--forward`
    pub forward: Option<Url>,
    /// `--auth`
    pub auth: Option<Login>,
    /// `--cors`
    pub cors: bool,
}

impl Everyday {
    /// `--auth` is asked first, then `--fail-first` counts, and the rest answers.
    pub(super) fn rules(&self) -> Vec<Rule> {
        [self.gate(), self.failing(), self.answering()].into_iter().flatten().collect()
    }

    fn gate(&self) -> Option<Rule> {
        let limits = Limits { logins: vec![self.auth.clone()?], ..Limits::default() };
        Some(Rule { name: AUTH.to_owned(), limits, ..Rule::default() })
    }

    fn failing(&self) -> Option<Rule> {
        let turns = Turns { first: Some(self.fail_first.filter(|first| *first > 0)?), ..Turns::default() };
        let body = Body::Bytes(Bytes::from_static(b"busy, as --fail-first says\n"), PLAIN.to_owned());
        let headers = vec![("Retry-After".to_owned(), Text::Plain("1".to_owned()))];
        let reply = Reply { status: 503, headers, body, delay: self.delay, fault: None };
        let when = When { turns, ..When::default() };
        Some(Rule { name: FAIL_FIRST.to_owned(), when, cors: self.leave(), replies: vec![reply], ..Rule::default() })
    }

    /// The rule of all the others; none when there are none.
    fn answering(&self) -> Option<Rule> {
        let answers = self.status.is_some() || !self.headers.is_empty() || self.body.is_some() || self.delay.is_some();
        if !answers && self.forward.is_none() && !self.cors {
            return None;
        }
        // With an answer of our own, that of the target is only shown.
        let ours = self.status.is_some() || !self.headers.is_empty() || self.body.is_some();
        let passing = if ours { Passing::Shown } else { Passing::Through };
        let onward = self.forward.clone().map(|url| Onward::to(url, passing));
        let replies = if answers { vec![self.reply()] } else { Vec::new() };
        Some(Rule { name: COMMAND_LINE.to_owned(), cors: self.leave(), replies, onward, ..Rule::default() })
    }

    fn leave(&self) -> Option<Cors> {
        self.cors.then_some(Cors::Any)
    }

    fn reply(&self) -> Reply {
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), Text::Plain(value.clone()))).collect();
        let status = self.status.unwrap_or(200);
        let body = match &self.body {
            Some(body) => {
                let json = body.trim_ascii_start().starts_with(b"{") || body.trim_ascii_start().starts_with(b"[");
                Body::Bytes(body.clone(), if json { "application/json" } else { PLAIN }.to_owned())
            }
            None if status == 200 => Reply::default().body,
            None => Body::Empty,
        };
        Reply { status, headers, body, delay: self.delay, fault: None }
    }
}

/// Reads a status: 200 to 599.
pub fn parse_status(text: &str) -> Result<u16, &'static str> {
    text.parse().ok().filter(|status| (200..600).contains(status)).ok_or("a status is a number from 200 to 599")
}

/// Reads `Name: value`.
pub fn parse_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as \"Name: value\"")?;
    let (name, value) = (name.trim(), value.trim());
    check_name(name).map_err(|problem| format!("`{name}` {problem}"))?;
    if value.chars().any(char::is_control) {
        Err("a header is one line".to_owned())
    } else {
        Ok((name.to_owned(), value.to_owned()))
    }
}
