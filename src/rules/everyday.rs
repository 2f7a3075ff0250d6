//! The one-line forms for the everyday, as flags say them; they become rules behind those of the file.

use std::time::Duration;

use bytes::Bytes;

use crate::export::Url;

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

/// A wait, or a range that one is drawn from each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// The shortest.
    pub least: Duration,
    /// The longest.
    pub most: Duration,
}

/// What a client must know. Its debug form does not tell it.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// User name and password, as HTTP Basic sends them.
    Basic(String),
    /// A bearer token.
    Bearer(String),
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Basic(_) => "Basic(..)",
            Self::Bearer(_) => "Bearer(..)",
        })
    }
}

/// Reads a status: 200 to 599.
pub fn parse_status(text: &str) -> Result<u16, &'static str> {
    text.parse().ok().filter(|status| (200..600).contains(status)).ok_or("a status is a number from 200 to 599")
}

/// Reads `Name: value`.
pub fn parse_header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once(':').ok_or("write it as \"Name: value\"")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Reads `2s`, or a range like `100ms-2s`.
pub fn parse_delay(text: &str) -> Result<Delay, &'static str> {
    let read = |text: &str| {
        crate::config::parse_duration(text).map_err(|_| "write a time like 500ms or 2s, or a range like 1s-3s")
    };
    let (least, most) = text.split_once('-').unwrap_or((text, text));
    let (least, most) = (read(least)?, read(most)?);
    if least > most { Err("the longer time of the range stands second") } else { Ok(Delay { least, most }) }
}

/// Reads `user:password`, or `bearer TOKEN`.
pub fn parse_login(text: &str) -> Result<Login, &'static str> {
    match text.split_once(' ') {
        Some((word, token)) if word.eq_ignore_ascii_case("bearer") => Ok(Login::Bearer(token.trim().to_owned())),
        _ if text.contains(':') => Ok(Login::Basic(text.to_owned())),
        _ => Err("write user:password, or \"bearer TOKEN\""),
    }
}
