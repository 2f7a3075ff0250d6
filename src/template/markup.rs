//! `markupsafe`: what is escaped, and what is safe already.

use super::failure::Failure;
use super::print;
use super::run::Run;
use super::value::Value;

/// The five characters that mean something in HTML, replaced as markupsafe replaces them.
pub fn escape_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(char),
        }
    }
    out
}

/// The text of `markupsafe.escape(value)`: a Markup, or what says its HTML itself, as it is, anything else printed and
/// escaped.
pub fn escape(run: &Run, value: &Value) -> Result<String, Failure> {
    match value {
        Value::Markup(text) => Ok(text.to_string()),
        Value::Object(object) => match object.html(run)? {
            Some(html) => Ok(html),
            None => Ok(escape_text(&print::str(run, value)?)),
        },
        _ => Ok(escape_text(&print::str(run, value)?)),
    }
}

/// `markupsafe.soft_str(value)`: a string stays what it is, Markup too; anything else is printed.
pub fn soft_str(run: &Run, value: &Value) -> Result<Value, Failure> {
    match value {
        Value::Str(_) | Value::Markup(_) => Ok(value.clone()),
        _ => Ok(Value::str(print::str(run, value)?)),
    }
}
