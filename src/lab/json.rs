//! Why a text is no JSON, and which expression of the template made it so.

use super::oddity::{Oddity, Spot};
use super::origin::{Made, origins};
use super::tags::Kind;
use crate::inspect::{self, JsonError};
use crate::template::{Failure, Rendered};

/// What is wrong with a text that should be JSON; `None` when nothing is.
pub(super) fn broken(text: &str, source: &str, render: &dyn Fn(&str) -> Result<Rendered, Failure>) -> Option<Oddity> {
    let error = inspect::validate(text.as_bytes()).err().filter(|error| !error.limit)?;
    let made = origins(source, text, render).unwrap_or_default();
    let cause = cause(text, source, &error, &made);
    let (line, hint) = cause.map_or((None, None), |(line, hint)| (Some(line), Some(hint)));
    let spot = spot(text, &error);
    Some(Oddity { text: format!("the output is not valid JSON: {error}"), line, hint, spot: Some(spot) })
}

/// The line of the text around the error, and where in it the caret goes.
fn spot(text: &str, error: &JsonError) -> Spot {
    const BEFORE: usize = 40;
    const AFTER: usize = 30;
    let line = text.lines().nth(error.line - 1).unwrap_or_default();
    let start = error.column.saturating_sub(BEFORE + 1);
    let excerpt: String = line.chars().skip(start).take(BEFORE + AFTER).collect();
    Spot { line: error.line, column: error.column, excerpt, caret: error.column - 1 - start }
}

/// The line of the template to look at, and what to do there.
fn cause(text: &str, source: &str, error: &JsonError, made: &[Made]) -> Option<(usize, String)> {
    trailing_comma(text, error, made).or_else(|| of_expression(text, source, error, made))
}

/// `[1, 2, ]`
fn trailing_comma(text: &str, error: &JsonError, made: &[Made]) -> Option<(usize, String)> {
    let closes = text[error.offset..].starts_with([']', '}']);
    let before = text[..error.offset].trim_end();
    if !closes || !before.ends_with(',') {
        return None;
    }
    let comma = before.len() - 1;
    let turn = made.iter().find(|made| made.tag.kind == Kind::For && made.range.contains(&comma))?;
    let line = turn.tag.line;
    Some((
        line,
        format!("the loop at line {line} writes a comma after its last item: {{{{ \",\" if not loop.last }}}}"),
    ))
}

/// The expression that made what the error is at, or what is right before it.
fn of_expression(text: &str, source: &str, error: &JsonError, made: &[Made]) -> Option<(usize, String)> {
    let blank = |from: usize| text[from..error.offset].trim().is_empty();
    let touches = |made: &&Made| {
        let range = &made.range;
        range.contains(&error.offset) || (range.end <= error.offset && blank(range.end))
    };
    let prints = made.iter().filter(|made| made.tag.kind == Kind::Print);
    let made = prints.filter(touches).min_by_key(|made| made.range.len())?;
    let expression = made.tag.inside(source).trim();
    Some((made.tag.line, reason(expression, made.tag.line, &text[made.range.clone()])))
}

fn reason(expression: &str, line: usize, text: &str) -> String {
    let shown = format!("{{{{ {expression} }}}} at line {line}");
    let compound = [" ", "~", "+", "*", "/"].iter().any(|sign| expression.contains(sign)) && !expression.contains('|');
    let whole = if compound { format!("({expression})") } else { expression.to_owned() };
    let tojson = format!("{{{{ {whole} | tojson }}}}");
    match text {
        "" => format!("{shown} printed nothing: write {{{{ {whole} | default(none) | tojson }}}}"),
        "None" | "True" | "False" | "nan" | "inf" | "-inf" => {
            format!("{shown} printed Python's {text}: write {tojson}")
        }
        _ if text.starts_with("{'") || text.starts_with("['") || text.starts_with("[{'") || text.starts_with('(') => {
            format!("{shown} printed a Python value: write {tojson}")
        }
        _ if text.contains('"') => format!("{shown} has a quote in its value: write {tojson} without quotes around it"),
        _ if text.chars().any(char::is_control) => {
            format!(
                "{shown} has a line break or another control character in its value: write {tojson} without quotes around it"
            )
        }
        _ if text.contains('\\') => {
            format!("{shown} has a backslash in its value: write {tojson} without quotes around it")
        }
        _ => format!("made by {shown}: {tojson} writes it as JSON"),
    }
}
