//! The diff tab: what differs from another capture, as a list of changes, side by side, or one after the other.

mod fit;
mod page;

use super::{Content, Page, PageLine, Target, View};
use crate::app::comparison::{Comparing, Standing};
use crate::app::{Action, Line, Role};
use crate::inspect::{Clean, Comparison, HeaderChange, Matter, cells, cut};

pub use page::DiffPage;
use page::Form;

/// The value of a header line is shown this far.
const VALUE: usize = 24;

/// The tab in each way to show it.
pub(super) fn ways(page: Page, comparing: &Comparing) -> Vec<(&'static str, View)> {
    let comparison = match &comparing.standing {
        Standing::Found { comparison, .. } => comparison,
        standing => return vec![("list", waiting(page, comparing, standing))],
    };
    let tail = tail(page, comparison);
    let view = |form| {
        let page = DiffPage::new(comparison.clone(), form, comparing.unfolded.clone(), tail.clone());
        let mut view = View::new(Content::Diff(page));
        view.preface = preface(comparing, comparison);
        let first = matches!(comparison.body.matter, Matter::Json(..)) == (form == Form::List) && form != Form::Side;
        if first {
            view.preface.push(Line::default());
        }
        view
    };
    let rest = [("side", view(Form::Side)), ("unified", view(Form::Unified))];
    match comparison.body.matter {
        Matter::Json(..) => [vec![("list", view(Form::List))], rest.into()].concat(),
        _ => rest.into_iter().rev().collect(),
    }
}

fn waiting(page: Page, comparing: &Comparing, standing: &Standing) -> View {
    let texts = match standing {
        Standing::Running => vec![format!("  comparing; {} stops it", page.key(Action::Back))],
        Standing::Failed(error) => vec![format!("  not compared: {error}")],
        Standing::Nothing | Standing::Found { .. } => vec![
            "  nothing to compare with: no earlier capture on this path, no snapshots".to_owned(),
            format!("  {} marks a capture as A, to compare others with it", page.key(Action::Mark)),
        ],
    };
    let mut view = View::new(Content::lines(texts.into_iter().map(|text| Line::new(Role::Dim, text))));
    if comparing.order.is_some() {
        view.preface = vec![comparing.heading.clone(), Line::default()];
    }
    view.has_cursor = false;
    view
}

/// What is compared and how much differs.
fn preface(comparing: &Comparing, comparison: &Comparison) -> Vec<Line> {
    let body = &comparison.body;
    let hidden = match body.json.hidden.len() {
        0 => String::new(),
        count => format!(", {count} hidden"),
    };
    let changes = match body.count() {
        0 if body.is_whole() => "no change in the body".to_owned(),
        0 => "no change so far".to_owned(),
        1 => "1 change".to_owned(),
        count => format!("{count} changes"),
    };
    let count = match &comparing.standing {
        _ if body.is_whole() => format!("   {changes}{hidden}"),
        Standing::Found { going: true, .. } => format!("   {} %: {changes}", body.percent),
        _ => format!("   only {} %: {changes}", body.percent),
    };
    let mut lines = vec![comparing.heading.clone().and(Role::Strong, count)];
    lines.extend(comparison.notes.iter().map(|note| Line::new(Role::Unchecked, format!("  {note}"))));
    if let Some(at) = body.first_difference() {
        lines.push(Line::text(format!("  the first byte that differs is at {at:#x} = {at}")));
    }
    lines
}

fn tail(page: Page, comparison: &Comparison) -> Vec<PageLine> {
    let mut lines = Vec::new();
    let body = &comparison.body;
    for (at, change) in comparison.headers.iter().enumerate() {
        lines.push(header(page, if at == 0 { "headers" } else { "" }, change));
    }
    let key = page.key(Action::Reveal);
    let labelled = |label: &str, text: String| {
        PageLine::plain(Line::new(Role::Dim, format!(" {label:<8} ")).and(Role::Text, text))
    };
    if !body.json.repeated.is_empty() {
        lines.push(labelled("repeated", format!("{} in snapshots, as in data", body.json.repeated.len())));
    }
    if !body.json.hidden.is_empty() {
        lines.push(labelled("hidden", format!("{}    {key} shows them", body.hidden_paths().join(", "))));
    }
    if !lines.is_empty() && body.count() > 0 {
        lines.insert(0, PageLine::plain(Line::default()));
    }
    lines
}

fn header(page: Page, label: &str, change: &HeaderChange) -> PageLine {
    let name = Clean::bytes(&change.name);
    let masked = page.hides(&change.name);
    let value = |value: &[u8]| {
        if masked {
            return "masked".to_owned();
        }
        let text = Clean::bytes(value);
        if cells(text.as_str()) > VALUE { cut(text.as_str(), 9) } else { text.to_string() }
    };
    let values = match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{}  ->  {}", value(before), value(after)),
        (before, after) => before.as_ref().or(after.as_ref()).map(|one| value(one)).unwrap_or_default(),
    };
    let (role, sign) = sign(change.sign());
    let line = Line::new(Role::Dim, format!(" {label:<8} "))
        .and(role, sign)
        .and(Role::Text, " ")
        .and(Role::Key, name.as_str())
        .and(Role::Text, format!("  {values}"));
    let whole = change.after.as_ref().or(change.before.as_ref()).filter(|_| !masked);
    let target = whole.map(|whole| Target::Value(name.to_string(), String::from_utf8_lossy(whole).into_owned()));
    PageLine { line, target: target.unwrap_or(Target::None) }
}

fn sign(sign: char) -> (Role, &'static str) {
    match sign {
        '+' => (Role::Good, "+"),
        '-' => (Role::Bad, "-"),
        '~' => (Role::Unchecked, "~"),
        _ => (Role::Text, " "),
    }
}
