//! Rules as users write them, held against requests.

mod answers;
mod files;
mod hostile;
mod limits;
mod matching;

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Book, Explained, Finding, Occasion, Plan, Rules};
use crate::capture::{Body, Capture, Request, parse_request};

/// A capture of these bytes, from 127.0.0.1:40000.
pub(super) fn capture(wire: &str) -> Capture {
    let (head, body) = wire.split_once("\r\n\r\n").unwrap();
    let head = bytes::Bytes::from(format!("{head}\r\n\r\n"));
    let request = Request::from_head(head.clone(), parse_request(&head).unwrap(), Body::whole(body.to_owned()));
    Capture::new(request, DateTime::UNIX_EPOCH, "127.0.0.1:40000".into(), "127.0.0.1:9000".into())
}

/// The request line and header lines of a request, one a line, and its body behind an empty one.
fn request(text: &str) -> Capture {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let line = head.lines().next().unwrap();
    let lines = head.replacen(line, &format!("{line} HTTP/1.1"), 1).replace('\n', "\r\n");
    capture(&format!("{lines}\r\n\r\n{body}"))
}

#[track_caller]
fn parse(text: &str) -> Rules {
    Rules::parse(text, Path::new("/etc/hooks/rules.toml"), &files).unwrap()
}

/// `5: reason`
fn refused(text: &str) -> String {
    let error = Rules::parse(text, Path::new("rules.toml"), &files).unwrap_err();
    format!("{}: {}", error.line, error.reason)
}

fn files(path: &Path, _: Option<&Path>) -> std::io::Result<String> {
    match path.file_name().and_then(|name| name.to_str()) {
        Some("site.json") => Ok(
            r#"{"type":"object","required":["asn"],"properties":{"asn":{"type":"integer"},"name":{"pattern":"^a"}}}"#
                .into(),
        ),
        Some("broken.json") => Ok(r#"{"type":"potato"}"#.into()),
        Some("hello.j2") => Ok("hello {{ request.method }}\n".into()),
        _ => Err(std::io::ErrorKind::NotFound.into()),
    }
}

/// Rules at work, and the clock.
struct Bench {
    rules: Rules,
    book: Book,
    now: DateTime<Utc>,
}

impl Bench {
    #[track_caller]
    fn new(text: &str) -> Self {
        Self::of(parse(text))
    }

    fn of(rules: Rules) -> Self {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        Self { rules, book: Book::new(7, now), now }
    }

    fn plan(&mut self, capture: &Capture) -> Option<Plan> {
        self.book.plan(&self.rules, &Occasion { capture, now: self.now })
    }

    /// The name of the rule that answers, and its status.
    fn answer(&mut self, text: &str) -> String {
        self.plan(&request(text)).map_or("-".to_owned(), |plan| format!("{} {}", plan.answer.rule, plan.answer.status))
    }

    fn statuses(&mut self, text: &str, times: usize) -> Vec<u16> {
        (0..times).map(|_| self.plan(&request(text)).map_or(0, |plan| plan.answer.status)).collect()
    }

    fn findings(&self, text: &str) -> Vec<Finding> {
        let capture = request(text);
        let explained = self.book.explain(&self.rules, &Occasion { capture: &capture, now: self.now });
        explained.into_iter().map(|Explained { finding, .. }| finding).collect()
    }

    fn wait(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }
}
