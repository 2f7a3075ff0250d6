//! The body tab: the body in the form that suits it, what to know about it above.

use super::{Content, Loaded, Page, PageLine, Target, View};
use crate::app::{Action, Line, Role};
use crate::capture::{Capture, Finding, Lint};
use crate::inspect::{self, BodyView, Hex, LineIndex, Multipart, Syntax, TextBody, bytes_exact};

/// The tab in each way to show it: what suits the body, text, bytes.
pub(super) fn ways(page: Page) -> Vec<(&'static str, View)> {
    let preface = preface(page.loaded);
    let view =
        |(name, content): (&'static str, Content)| (name, View { preface: preface.clone(), ..View::new(content) });
    let body = &page.loaded.body;
    if matches!(body.view, inspect::View::Empty) {
        let content = empty(&page.loaded.capture);
        return vec![("empty", View { preface: preface.clone(), has_cursor: false, ..View::new(content) })];
    }
    contents(page, body).into_iter().map(view).collect()
}

fn contents(page: Page, body: &BodyView) -> Vec<(&'static str, Content)> {
    let text =
        || ("text", Content::Text(TextBody { lines: LineIndex::build(body.bytes.clone()), syntax: Syntax::Plain }));
    let hex = || ("hex", Content::Hex(Hex(body.bytes.clone())));
    match &body.view {
        inspect::View::Empty => Vec::new(),
        inspect::View::Json(tree) => vec![("tree", Content::Tree(tree.clone())), text(), hex()],
        inspect::View::Text(lines) if lines.syntax == Syntax::Plain => vec![text(), hex()],
        inspect::View::Text(lines) => vec![("XML", Content::Text(lines.clone())), text(), hex()],
        inspect::View::Form(fields) => vec![("form", form(fields)), text(), hex()],
        inspect::View::Multipart(parts) => vec![("parts", multipart(page, parts)), text(), hex()],
        inspect::View::Hex(bytes) => vec![("hex", Content::Hex(bytes.clone())), text()],
    }
}

fn empty(capture: &Capture) -> Content {
    let length = capture.request.headers.text("content-length");
    let text = match (capture.problem.as_ref(), length) {
        (Some(_), _) => "  no body arrived".to_owned(),
        (None, Some(length)) => format!("  no body (Content-Length: {length})"),
        (None, None) => "  no body".to_owned(),
    };
    Content::lines([Line::new(Role::Dim, text)])
}

fn form(fields: &[(String, String)]) -> Content {
    let width = fields.iter().map(|(name, _)| inspect::cells(name)).max().unwrap_or(0).min(24);
    Content::Lines(fields.iter().map(|(name, value)| field(name, value, width)).collect())
}

/// A name, padded, and its value, each on one line; the cursor gives the whole value.
pub fn field(name: &str, value: &str, width: usize) -> PageLine {
    let pad = " ".repeat(width.saturating_sub(inspect::cells(name)) + 2);
    let line = Line::text("  ").and(Role::Key, name).and(Role::Text, pad).and(Role::String, value);
    PageLine { line, target: Target::Value(name.to_owned(), value.to_owned()) }
}

fn multipart(page: Page, body: &Multipart) -> Content {
    let mut lines: Vec<PageLine> = Vec::new();
    for (number, part) in body.parts.iter().enumerate() {
        let name = part.name.as_deref().unwrap_or("(no name)");
        let file = part.filename.as_ref().map(|file| format!("  file {file}")).unwrap_or_default();
        let size = bytes_exact(part.bytes.len() as u64);
        let headline = Line::new(Role::Strong, format!(" part {}  {name}{file}  {size}", number + 1));
        let whole = String::from_utf8_lossy(&part.bytes).into_owned();
        lines.push(PageLine { line: headline, target: Target::Value(name.to_owned(), whole) });
        let headers =
            part.headers.iter().map(|header| (header.name_text(), header.value_text().unwrap_or("(not UTF-8)")));
        lines.extend(headers.map(|(name, value)| field(&name, value, 20)));
        lines.extend(part_rows(page, &part.bytes).into_iter().map(PageLine::plain));
        lines.push(PageLine::plain(Line::default()));
    }
    Content::Lines(lines)
}

/// The first rows of a part: text, or bytes.
fn part_rows(page: Page, bytes: &bytes::Bytes) -> Vec<Line> {
    const MOST: usize = 200;
    let content = match inspect::sniff(None, bytes) {
        inspect::Kind::Binary => Content::Hex(Hex(bytes.clone())),
        _ => Content::Text(TextBody { lines: LineIndex::build(bytes.clone()), syntax: Syntax::Plain }),
    };
    let rows = content.len(80);
    let mut lines: Vec<Line> = (0..rows.min(MOST)).map(|row| content.row(row, 80)).collect();
    if rows > MOST {
        lines.push(Line::new(
            Role::Dim,
            format!("  {} more rows; {} opens the whole part", rows - MOST, page.key(Action::Open)),
        ));
    }
    lines
}

fn preface(loaded: &Loaded) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(problem) = &loaded.capture.problem {
        lines.push(Line::new(Role::Bad, format!(" ! {}", problem.text)));
    }
    let lint = &loaded.capture.identity.lint;
    lines.extend(finding_lines(lint));
    lines.extend(loaded.body.notes.iter().map(|note| Line::new(Role::Dim, format!("   {note}"))));
    let odd = loaded.changes.as_ref().and_then(|changes| changes.odd.as_ref());
    lines.extend(odd.map(|odd| Line::new(Role::Strong, format!(" ! {odd}"))));
    // A finding says the same, with its cause.
    let is_told = lint.iter().any(|finding| finding.code <= Lint::PythonRepr);
    if let Some(error) = loaded.body.json_error.as_ref().filter(|_| !is_told) {
        lines.push(Line::new(Role::Strong, format!(" ! not valid JSON: {error}")));
    }
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

/// The worst finding whole, and the codes of all.
fn finding_lines(lint: &[Finding]) -> Vec<Line> {
    let Some(worst) = lint.first() else { return Vec::new() };
    let headline = Line::new(Role::Strong, format!(" ! {}", worst.text));
    let below = worst.lines.iter().map(|line| Line::text(format!("   {line}")));
    let codes: Vec<&str> = lint.iter().map(|finding| finding.code.code()).collect();
    let codes = Line::new(Role::Dim, format!("   lint: {}", codes.join(", ")));
    std::iter::once(headline).chain(below).chain([codes]).collect()
}
