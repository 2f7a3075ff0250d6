//! The headers tab: every header line in wire order and case, secrets masked, the signature with its verdict.

use super::{Content, Loaded, PageLine, Target, View};
use crate::app::{Line, Role};
use crate::capture::{Header, Mark};
use crate::inspect;

/// The tab.
pub fn view(loaded: &Loaded, reveal: bool) -> View {
    let request = &loaded.capture.request;
    let names = request.headers.iter().map(|header| inspect::cells(&header.name_text()));
    let width = names.max().unwrap_or(0).min(30);
    let mut lines: Vec<PageLine> = Vec::new();
    for (index, header) in request.headers.iter().enumerate() {
        lines.push(PageLine { line: line(loaded, header, width, reveal), target: Target::Header(index) });
    }
    if !request.body.trailers.is_empty() {
        lines.push(PageLine::plain(Line::new(Role::Dim, "  trailers, behind the body")));
    }
    for header in &request.body.trailers {
        let value = text(header);
        let target = Target::Value(header.name_text().into_owned(), value.clone());
        let line = named(header, width).and(Role::String, value);
        lines.push(PageLine { line, target });
    }
    let mut view = View::new(Content::Lines(lines));
    view.preface = vec![Line::new(Role::Dim, format!("   {}", request_line(loaded)))];
    view
}

fn request_line(loaded: &Loaded) -> String {
    let request = &loaded.capture.request;
    if request.method.is_empty() {
        return "the head could not be read: press 5 for its bytes".to_owned();
    }
    format!("{} {} {}", request.method_text(), request.target_text(), request.version)
}

fn line(loaded: &Loaded, header: &Header, width: usize, reveal: bool) -> Line {
    let line = named(header, width);
    let signature = loaded.facts.headers.first().is_some_and(|name| header.is(name));
    let (role, mark) = match loaded.capture.verdict.mark() {
        Mark::Verified => (Role::Good, "✓ "),
        Mark::Failed => (Role::Bad, "✗ "),
        Mark::Unchecked => (Role::Unchecked, "? "),
        Mark::Unsigned => (Role::Text, ""),
    };
    let line = if signature { line.and(role, mark) } else { line };
    if loaded.is_masked(header) && !reveal {
        line.and(Role::Dim, masked(header))
    } else {
        line.and(Role::Text, text(header))
    }
}

fn named(header: &Header, width: usize) -> Line {
    let name = inspect::Clean::bytes(&header.name);
    let pad = " ".repeat(width.saturating_sub(name.width()) + 3);
    Line::text("  ").and(Role::Key, name.as_str()).and(Role::Text, pad)
}

/// The value as text; bytes that are not UTF-8 are shown as such.
pub fn text(header: &Header) -> String {
    inspect::Clean::bytes(&header.value).as_str().to_owned()
}

/// The first characters, and how many there are.
fn masked(header: &Header) -> String {
    let text = text(header);
    let (scheme, rest) = text.split_once(' ').map_or(("", text.as_str()), |(scheme, rest)| (scheme, rest));
    let shown: String = rest.chars().take(if rest.chars().count() > 20 { 4 } else { 0 }).collect();
    let blank = if scheme.is_empty() { "" } else { " " };
    format!("{scheme}{blank}{shown}… {} characters, masked (x shows)", text.chars().count())
}
