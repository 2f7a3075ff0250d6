//! The headers tab: every header line in wire order and case, secrets masked, the signature with its verdict.

use super::{Content, Page, PageLine, Target, View};
use crate::app::{Action, Line, Role};
use crate::capture::{Header, Mark};
use crate::inspect;

/// The tab.
pub(super) fn view(page: Page) -> View {
    let request = &page.loaded.capture.request;
    let names = request.headers.iter().map(|header| inspect::cells(&header.name_text()));
    let width = names.max().unwrap_or(0).min(30);
    let headers = request.headers.iter().enumerate();
    let mut lines: Vec<PageLine> = headers
        .map(|(index, header)| PageLine { line: line(page, header, width), target: Target::Header(index) })
        .collect();
    if !request.body.trailers.is_empty() {
        lines.push(PageLine::plain(Line::new(Role::Dim, "  trailers, behind the body")));
    }
    for header in &request.body.trailers {
        let target = if page.hides(&header.name) {
            Target::None
        } else {
            Target::Value(header.name_text().into_owned(), text(header))
        };
        lines.push(PageLine { line: line(page, header, width), target });
    }
    let mut view = View::new(Content::Lines(lines));
    view.preface = vec![Line::new(Role::Dim, format!("   {}", request_line(page)))];
    if let Some(tls) = page.loaded.capture.tls.as_ref().filter(|tls| !tls.version.is_empty()) {
        view.preface.push(Line::new(Role::Dim, format!("   {}", inspect::Clean::text(&tls.to_string()))));
    }
    view
}

fn request_line(page: Page) -> String {
    let request = &page.loaded.capture.request;
    if request.method.is_empty() {
        return format!("the head could not be read: press {} for its bytes", page.key(Action::Raw));
    }
    format!("{} {} {}", request.method_text(), request.target_text(), request.version)
}

fn line(page: Page, header: &Header, width: usize) -> Line {
    let line = named(header, width);
    let signature = page.loaded.facts.headers.first().is_some_and(|name| header.is(name));
    let (role, mark) = match page.loaded.capture.verdict.mark() {
        Mark::Verified => (Role::Good, "✓ "),
        Mark::Failed => (Role::Bad, "✗ "),
        Mark::Unchecked => (Role::Unchecked, "? "),
        Mark::Unsigned => (Role::Text, ""),
    };
    let line = if signature { line.and(role, mark) } else { line };
    if page.hides(&header.name) {
        line.and(Role::Dim, format!("{}, masked ({} shows)", masked(header), page.key(Action::Reveal)))
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
    format!("{scheme}{blank}{shown}… {} characters", text.chars().count())
}
