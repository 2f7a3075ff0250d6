//! The commands that a rule runs and the place that it forwards to, as they are written; and made for a request.

use std::path::PathBuf;
use std::time::Duration;

use super::subject::Subject;
use super::template::{Seen, Text};
use super::{Command, Forward, Passing};
use crate::export::Url;

/// A command to run.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// The program and its arguments. The program is a plain text.
    pub argv: Vec<Text>,
    /// The rest, as it is for each request.
    pub command: Command,
    /// Whether what it writes is the answer.
    pub answers: bool,
}

impl Task {
    /// The command for a request; why it must not be run.
    pub fn made(&self, request: &Seen) -> Result<Command, String> {
        let argv = self.argv.iter().map(|text| argument(text, request)).collect::<Result<_, _>>()?;
        Ok(Command { argv, ..self.command.clone() })
    }
}

/// What comes out of a request must not become an option of the program, nor end early.
fn argument(text: &Text, request: &Seen) -> Result<String, String> {
    let argument = text.render(request)?;
    let made = matches!(text, Text::Template(_));
    match () {
        () if made && argument.starts_with('-') => {
            Err("an argument made from the request begins with a dash".to_owned())
        }
        () if argument.contains('\0') => Err("an argument made from the request has a NUL byte in it".to_owned()),
        () => Ok(argument),
    }
}

/// Where a request is sent on.
#[derive(Clone, Debug)]
pub(super) struct Onward {
    pub url: Url,
    /// Whether path and query of the request are added to the URL.
    pub joins: bool,
    /// The rest, as it is for each request.
    pub forward: Forward,
}

impl Onward {
    /// A forward with everything by default.
    pub fn to(url: Url, passing: Passing) -> Self {
        let forward = Forward {
            url: String::new(),
            passing,
            forwarded_headers: false,
            sign_with: None,
            // Who waits for the target's answer tries again itself.
            retries: if passing == Passing::Shown { 3 } else { 0 },
            backoff: Duration::from_millis(500),
            retry_on: vec![502, 503, 504],
            time_limit: Duration::from_secs(30),
        };
        Self { url, joins: true, forward }
    }

    /// The forward for a request.
    pub fn made(&self, subject: &Subject) -> Forward {
        let whole = self.url.to_string();
        let url = if self.joins { join(&whole, &subject.request().path_and_query()) } else { whole };
        Forward { url, ..self.forward.clone() }
    }
}

/// `http://host/base?key=1` and `/a?b` are `http://host/base/a?key=1&b`. What is added cannot change the host.
fn join(url: &str, target: &str) -> String {
    let (base, ours) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let (path, theirs) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let slash = if path.starts_with('/') { "" } else { "/" };
    let query: Vec<&str> = [ours, theirs].into_iter().flatten().collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{slash}{path}{mark}{}", base.trim_end_matches('/'), query.join("&"))
}

/// The place of commands: seen from the rules file.
pub(super) fn command(directory: PathBuf) -> Command {
    Command {
        argv: Vec::new(),
        directory,
        environment: Vec::new(),
        time_limit: Duration::from_secs(30),
        at_once: 4,
        queue: 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_behind_the_host() {
        for (url, target, whole) in [
            ("http://h/", "/a?b=1", "http://h/a?b=1"),
            ("http://h/base/", "/a/", "http://h/base/a/"),
            ("http://h/base?k=1", "/a?b", "http://h/base/a?k=1&b"),
            ("http://h/base?k=1", "/", "http://h/base/?k=1"),
            ("http://h/", "@evil/", "http://h/@evil/"),
            ("http://h/", "//evil/x", "http://h//evil/x"),
            ("http://h/", "*", "http://h/*"),
        ] {
            assert_eq!(join(url, target), whole);
        }
    }

    #[test]
    fn the_request_makes_no_option() {
        let capture = crate::rules::tests::capture("GET /?a=-rf HTTP/1.1\r\n\r\n");
        let subject = Subject::new(&capture, chrono::DateTime::UNIX_EPOCH);
        let request = Seen::new(&subject, Vec::new());
        let text = |text: &str| Text::new(text).unwrap();
        assert!(argument(&text("{{ request.query.a }}"), &request).is_err());
        assert_eq!(argument(&text("x{{ request.query.a }}"), &request).unwrap(), "x-rf");
        assert_eq!(argument(&text("-v"), &request).unwrap(), "-v");
    }
}
