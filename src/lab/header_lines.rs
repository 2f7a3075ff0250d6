//! The header lines that a template comes to, read as its system reads them, and refused where its system fails on them.
//!
//! Peering Manager, NetBox and Nautobot read them alike: `str.splitlines`, the first colon, `str.strip`. What they send,
//! Python's `http.client` checks and encodes: names in ASCII, values in Latin-1, no CR and no LF in either.

use super::oddity::Oddity;
use super::system::name_of;
use crate::capture::Headers;
use crate::template::{Dialect, letters};

/// Why header lines stop everything: nothing is sent, by the system or by hookview.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{who} would send nothing: {why}")]
pub struct Refusal {
    who: &'static str,
    why: String,
}

impl Refusal {
    /// What no system can send either, or no target takes.
    fn of(dialect: Dialect, why: String) -> Self {
        Self { who: if dialect == Dialect::Plain { "hookview" } else { name_of(dialect) }, why }
    }
}

/// Adds the lines of a text.
pub(super) fn add_lines(
    headers: &mut Headers,
    text: &str,
    dialect: Dialect,
    oddities: &mut Vec<Oddity>,
) -> Result<(), Refusal> {
    let text = text.replace("\r\n", "\n");
    let breaks = |char: &char| *char != '\n' && letters::ends_line(*char);
    if let Some(char) = text.chars().find(breaks) {
        let text = format!("the header lines have a {}: a new header line begins there", char.escape_default());
        oddities.push(Oddity::of(text));
    }
    for line in text.split_terminator(letters::ends_line) {
        let Some((name, value)) = line.split_once(':') else {
            oddities.extend(without_colon(line, dialect)?);
            continue;
        };
        let (name, value) = (name.trim_matches(letters::is_space), value.trim_matches(letters::is_space));
        check_name(name, dialect)?;
        check_value(name, value, dialect)?;
        if !is_token(name) {
            oddities.push(Oddity::of(format!("`{name}` is no name of a header")));
        }
        headers.set(name, value.to_owned());
    }
    Ok(())
}

/// Peering Manager stops at it; the others leave it out.
fn without_colon(line: &str, dialect: Dialect) -> Result<Option<Oddity>, Refusal> {
    let is_blank = line.trim_matches(letters::is_space).is_empty();
    match dialect {
        Dialect::PeeringManager if is_blank => {
            Err(Refusal::of(dialect, "a header line is empty, so it has no colon".to_owned()))
        }
        Dialect::PeeringManager => Err(Refusal::of(dialect, format!("the header line `{line}` has no colon"))),
        _ if is_blank => Ok(None),
        _ => Ok(Some(Oddity::of(format!("the header line `{line}` has no colon and is left out")))),
    }
}

/// Blanks within a name are sent as they are: so it was recorded from Peering Manager.
fn check_name(name: &str, dialect: Dialect) -> Result<(), Refusal> {
    let why = if name.is_empty() {
        "a header line has no name before its colon: Python raises InvalidHeader".to_owned()
    } else if !name.is_ascii() {
        format!("the header name `{name}` is not ASCII: Python raises UnicodeEncodeError")
    } else if name.contains(char::is_control) {
        format!("the header name `{name}` has a control character, which no target takes")
    } else {
        return Ok(());
    };
    Err(Refusal::of(dialect, why))
}

/// Refuses a value that would end its line, or that cannot be written.
pub(super) fn check_value(name: &str, value: &str, dialect: Dialect) -> Result<(), Refusal> {
    let beyond = |char: &char| dialect != Dialect::Plain && u32::from(*char) > 0xFF;
    let why = if value.contains(['\r', '\n']) {
        format!("the value of the header {name} has a line break: Python raises InvalidHeader")
    } else if value.contains('\0') {
        format!("the value of the header {name} has a NUL, which no target takes")
    } else if let Some(char) = value.chars().find(beyond) {
        format!(
            "the value of the header {name} has {char:?}, which is not in Latin-1: Python raises UnicodeEncodeError"
        )
    } else {
        return Ok(());
    };
    Err(Refusal::of(dialect, why))
}

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, dialect: Dialect) -> Result<(String, Vec<String>), String> {
        let (mut headers, mut oddities) = (Headers::default(), Vec::new());
        add_lines(&mut headers, text, dialect, &mut oddities).map_err(|refusal| refusal.to_string())?;
        let lines = String::from_utf8(headers.to_lines()).unwrap();
        Ok((lines, oddities.into_iter().map(|oddity| oddity.text).collect()))
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        let (lines, odd) = read("A: 1\r\nB: 2\n", Dialect::PeeringManager).unwrap();
        assert_eq!((lines.as_str(), odd), ("A: 1\r\nB: 2\r\n", vec![]));
        let (lines, odd) = read("A: 1\rB: 2", Dialect::NetBox).unwrap();
        assert_eq!(lines, "A: 1\r\nB: 2\r\n");
        assert_eq!(odd, ["the header lines have a \\r: a new header line begins there"]);
        let error = read("A: 1\rtwo", Dialect::PeeringManager).unwrap_err();
        assert_eq!(error, "Peering Manager would send nothing: the header line `two` has no colon");
        assert!(read("A: 1\u{2028}two", Dialect::PeeringManager).is_err());
    }

    #[test]
    fn an_empty_line_stops_peering_manager_alone() {
        let error = read("A: 1\n\nB: 2", Dialect::PeeringManager).unwrap_err();
        assert_eq!(error, "Peering Manager would send nothing: a header line is empty, so it has no colon");
        assert_eq!(read("A: 1\n\nB: 2", Dialect::NetBox).unwrap(), ("A: 1\r\nB: 2\r\n".to_owned(), vec![]));
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        let refused = |text: &str, dialect| read(text, dialect).unwrap_err();
        for text in ["A: b\0c", ": b", "é: b", "a\0: b", "a\u{1b}b: c"] {
            assert!(refused(text, Dialect::Plain).starts_with("hookview would send nothing: "), "{text:?}");
            assert!(refused(text, Dialect::NetBox).starts_with("NetBox would send nothing: "), "{text:?}");
        }
        assert!(refused("A: →", Dialect::NetBox).contains("UnicodeEncodeError"));
        assert!(read("A: →", Dialect::Plain).is_ok());
        assert!(check_value("Content-Type", "a\r\nB: c", Dialect::Plain).is_err());
        assert_eq!(read("a b: c", Dialect::NetBox).unwrap().1, ["`a b` is no name of a header"]);
    }
}
