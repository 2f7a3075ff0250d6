//! Why a body is not valid JSON, and where: the usual mistakes of templates, named.

use serde_json::Error;

use crate::capture::Lint;

/// The place and the likely cause of a syntax error.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    /// From one.
    pub line: usize,
    /// In characters, from one.
    pub column: usize,
    /// Without a final stop: `a comma before the closing bracket`.
    pub cause: String,
    /// Whether it is JSON at all that was meant, or a value as Python prints it.
    pub code: Lint,
}

/// Whether `error` says that a document breaks the grammar of JSON. A number that is too big to be read does not.
pub(super) fn is_flaw(error: &Error) -> bool {
    !error.to_string().starts_with("number out of range")
}

/// What `error`, got from reading `json`, comes from.
pub(super) fn find(json: &[u8], error: &Error) -> Flaw {
    let at = (nth_line(json, error.line()) + error.column()).saturating_sub(1).min(json.len());
    let before = String::from_utf8_lossy(&json[..at]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let (code, cause) = cause(json, at, error);
    Flaw { line, column, cause, code }
}

/// Offset of the first byte of a line, counted from one.
fn nth_line(json: &[u8], line: usize) -> usize {
    let ends = json.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).nth(line.saturating_sub(1)).unwrap_or(json.len())
}

fn cause(json: &[u8], at: usize, error: &Error) -> (Lint, String) {
    let complaint = error.to_string();
    match usual(json, at, error, &complaint) {
        Some(cause) => (Lint::InvalidJson, cause.to_owned()),
        None if json.get(at) == Some(&b'\'') => {
            (Lint::PythonRepr, "single quotes, as Python prints a value; tojson prints it as JSON".to_owned())
        }
        None => word(json, at).unwrap_or_else(|| (Lint::InvalidJson, plain(&complaint))),
    }
}

/// What breaks documents of any origin.
fn usual(json: &[u8], at: usize, error: &Error, complaint: &str) -> Option<&'static str> {
    if error.is_eof() {
        return Some("the body ends too early: a bracket, a brace or a quote is not closed");
    }
    let says = |start: &str| complaint.starts_with(start);
    match (json[..at].trim_ascii_end().last(), json.get(at)) {
        (None, _) if says("expected value") => Some("it does not begin like JSON"),
        _ if says("control character") => Some("a line break or control character inside a string; tojson escapes it"),
        _ if says("trailing characters") => Some("something follows behind the end of the document"),
        _ if says("invalid escape") => Some("a backslash that begins no escape sequence of JSON"),
        _ if says("invalid unicode code point") => Some("a string has bytes that are not UTF-8"),
        (_, Some(b'\'')) => None,
        (Some(b','), Some(b'}' | b']')) => {
            Some("a comma before the closing bracket, as a loop leaves it behind its last item")
        }
        (_, Some(b',' | b'}' | b']')) if says("expected value") => {
            Some("a value is missing, as when a template's variable is empty")
        }
        (Some(b'"'), Some(_)) if says("expected `,`") => {
            Some("a quote inside a string, not escaped; tojson escapes it")
        }
        _ => None,
    }
}

/// `None`, `True` and the like, at or around `at`.
fn word(json: &[u8], at: usize) -> Option<(Lint, String)> {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric();
    let start = json[..at].iter().rposition(|byte| !is_letter(byte)).map_or(0, |before| before + 1);
    let length = json[start..].iter().position(|byte| !is_letter(byte)).unwrap_or(json.len() - start);
    let word = std::str::from_utf8(&json[start..start + length]).ok()?;
    let python =
        |meant: &str| (Lint::PythonRepr, format!("{word} is Python's word for {meant}; tojson prints it as JSON"));
    match word {
        "None" => Some(python("null")),
        "True" => Some(python("true")),
        "False" => Some(python("false")),
        "NaN" | "nan" | "Infinity" | "inf" => Some((Lint::InvalidJson, format!("{word} is no number of JSON"))),
        "undefined" => Some((Lint::InvalidJson, "undefined is no value of JSON: null is".to_owned())),
        _ => None,
    }
}

/// The reader's own words without the place, which is told apart.
fn plain(complaint: &str) -> String {
    complaint.split(" at line ").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::super::outline;
    use super::*;

    #[track_caller]
    fn check(json: &str, place: (usize, usize), cause: &str) {
        let error = outline::read(json.as_bytes()).1.unwrap_or_else(|| panic!("{json} is valid"));
        let flaw = find(json.as_bytes(), &error);
        assert_eq!((flaw.line, flaw.column), place, "{json}: {error}");
        assert!(flaw.cause.starts_with(cause), "{json}: {} ({error})", flaw.cause);
    }

    /// Each in a value that is read, and in one that is skipped.
    #[test]
    fn names_what_templates_do_wrong() {
        for key in ["text", "x"] {
            let check = |value: &str, column: usize, cause: &str| {
                check(&format!("{{\"{key}\":{value}}}"), (1, 4 + key.len() + column), cause);
            };
            check(" None", 2, "None is Python's word for null");
            check("True", 1, "True is Python's word for true");
            check("['a']", 2, "single quotes");
            check("[1,2,]", 6, "a comma before the closing bracket");
            check("1,", 3, "a comma before the closing bracket");
            check("{\"b\":1,}", 8, "a comma before the closing bracket");
            check(" ", 2, "a value is missing");
            check("\"said \"hi\"\"", 8, "a quote inside a string");
            check("\"ü said \"hi\"\"", 10, "a quote inside a string");
            check("\"C:\\dir\"", 5, "a backslash that begins no escape");
            check("NaN", 1, "NaN is no number");
            check("[1 2]", 4, "expected `,` or `]`");
        }
    }

    #[test]
    fn names_the_place_over_several_lines() {
        check("{\n  \"text\": \"two\n lines\"}", (2, 15), "a line break");
        check("{\n  'text': 1}", (2, 3), "single quotes");
        check("{\"a\": 1} {", (1, 10), "something follows");
        check("{\"a\": [1", (1, 8), "the body ends too early");
    }

    #[test]
    fn a_huge_number_is_no_flaw() {
        let error = outline::read(b"{\"id\": 1e999}").1.unwrap();
        assert!(!is_flaw(&error));
        assert_eq!(outline::read(b"{\"other\": 1e999}").1.map(|error| error.to_string()), None);
    }
}
