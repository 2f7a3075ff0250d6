//! The words of the title, the tabs, the status line and the hints. A number is never cut: whole fields drop out
//! instead.

use std::ops::Range;

use super::detail::{Content, Tab};
use super::layout::Pane;
use super::sheet::{LabSheet, Overlay, PromptKind, node_at_cursor, temporary_words};
use super::{Action, Level, Line, Listening, Model, Role, mark};
use crate::capture::{Mark, Outcome};
use crate::inspect::{self, bytes_exact, cells};
use crate::rules::Until;

/// Left and right part of a line.
pub type Sides = (Line, Line);

/// What the list does with arrivals, in a word and a number.
pub fn state(model: &Model) -> String {
    let held = model.overlay.as_ref().is_some_and(Overlay::is_passing);
    let word = match (&model.listening, model.list.is_following()) {
        (Listening::Busy { .. }, _) => return "NOT LISTENING".to_owned(),
        _ if model.list.total() == 0 => return "LISTENING".to_owned(),
        (_, false) => "PAUSED",
        (_, true) if held => "HELD",
        (_, true) => return "FOLLOW".to_owned(),
    };
    match model.list.new_count() {
        0 => word.to_owned(),
        new => format!("{word} {new} new"),
    }
}

/// The title line.
pub fn title(model: &Model, width: usize) -> Sides {
    let single = model.panes().is_some_and(|panes| panes.single);
    if single && model.focus == Pane::Detail && model.list.selected().is_some() {
        return (single_title(model), temporary(model).and(Role::Strong, format!("{} ", state(model))));
    }
    let right = title_right(model, width);
    let room = width.saturating_sub(right.width() + 1);
    let (url, port) = (model.url(), model.port());
    let lefts = [format!(" hookview  {url}"), format!(" hookview  :{port}"), format!(" :{port}")];
    let left = lefts.into_iter().find(|left| cells(left) < room).unwrap_or_default();
    (Line::new(Role::Strong, left), right)
}

fn single_title(model: &Model) -> Line {
    let Some(row) = model.list.selected_row() else { return Line::default() };
    let (role, sign) = mark(row.mark);
    let path = row.target.split('?').next().unwrap_or_default();
    let room = model.width.saturating_sub(36).max(8);
    let path = inspect::cut_front(inspect::Clean::text(path).as_str(), room);
    Line::new(Role::Strong, format!(" {} ", row.id))
        .and(role, sign)
        .and(Role::Text, format!(" {} {path} {}", row.method, row.status))
}

/// The temporary answer that stands: `next: 503  `, `all: 503, hang  `.
fn temporary(model: &Model) -> Line {
    let Some(temporary) = &model.answers.temporary else { return Line::default() };
    let whom = match temporary.until {
        Until::Next => "next",
        Until::TakenBack => "all",
    };
    Line::new(Role::Unchecked, format!("{whom}: {}  ", temporary_words(temporary)))
}

fn title_right(model: &Model, width: usize) -> Line {
    let total = model.list.total();
    let mut line = temporary(model);
    let filter = model.list.filter();
    if !model.mouse && width >= 80 {
        line = line.and(Role::Strong, "mouse off  ");
    }
    if model.detail.reveal && width >= 80 {
        line = line.and(Role::Strong, "secrets shown  ");
    }
    if filter.is_active()
        && !matches!(&model.overlay, Some(Overlay::Prompt(prompt)) if prompt.kind == PromptKind::Filter)
    {
        let room = (width / 3).max(12);
        let text = inspect::cut(inspect::Clean::text(&filter.describe()).as_str(), room);
        line = line
            .and(Role::Strong, format!("filter: {text}  "))
            .and(Role::Text, format!("{} of {total}", model.list.len()));
    } else {
        let plural = if total == 1 { "" } else { "s" };
        line = line.and(Role::Text, format!("{total} capture{plural}"));
    }
    if model.list.failed() > 0 {
        line = line.and(Role::Bad, format!("  {} ✗", model.list.failed()));
    }
    if model.list.unchecked() > 0 {
        line = line.and(Role::Unchecked, format!("  {} ?", model.list.unchecked()));
    }
    line.and(Role::Strong, format!("  {} ", state(model)))
}

/// The label of each tab and where it stands on the line of tabs.
pub fn tab_places(model: &Model, width: usize) -> Vec<(Tab, Range<usize>)> {
    let mut at = 1;
    let place = |(tab, label): (Tab, String)| {
        let start = at;
        at += cells(&label) + 3;
        (tab, start..start + cells(&label) + 1)
    };
    tab_labels(model, width).into_iter().map(place).collect()
}

/// The labels of the tabs as long as fit, the active one in brackets being drawn by the caller.
pub fn tab_labels(model: &Model, width: usize) -> Vec<(Tab, String)> {
    let id = model.list.selected().map_or(0, |id| cells(&id.to_string()) + 4);
    let fits =
        |labels: &Vec<(Tab, String)>| labels.iter().map(|(_, label)| cells(label) + 3).sum::<usize>() + 1 + id <= width;
    let long = labels(model, |tab| tab.name().to_owned());
    if fits(&long) {
        return long;
    }
    let short = labels(model, |tab| tab.short().to_owned());
    if fits(&short) {
        return short;
    }
    labels(model, |tab| if tab == model.detail.tab { tab.name().to_owned() } else { String::new() })
}

fn labels(model: &Model, name: impl Fn(Tab) -> String) -> Vec<(Tab, String)> {
    let row = model.list.selected_row();
    let label = |(index, tab): (usize, &Tab)| {
        let name = name(*tab);
        let text = if name.is_empty() { (index + 1).to_string() } else { format!("{} {name}", index + 1) };
        let facts = match (tab, row) {
            (Tab::Signature, Some(row)) => mark(row.mark).1.to_owned(),
            (Tab::Diff, Some(row)) if !name.is_empty() => {
                model.detail.comparing.count(row.id).map(|count| count.to_string()).unwrap_or_default()
            }
            (Tab::Response, Some(row)) if row.status > 0 && !name.is_empty() => row.status.to_string(),
            _ => String::new(),
        };
        let blank = if facts.is_empty() || name.is_empty() { "" } else { " " };
        (*tab, format!("{text}{blank}{facts}"))
    };
    Tab::ALL.iter().enumerate().map(label).collect()
}

/// The status line.
pub fn status(model: &Model) -> Sides {
    if let Some(Overlay::Prompt(prompt)) = &model.overlay {
        return (Line::default(), prompt_count(model, prompt.kind));
    }
    let counter = counter(model);
    if let Some(message) = &model.message {
        let role = if message.level == Level::Error { Role::Bad } else { Role::Strong };
        let sign = if message.level == Level::Error { "✗ " } else { "" };
        return (Line::new(role, both_ends(model, &format!(" {sign}{}", message.text), &counter)), counter);
    }
    if let Some(reason) = &model.store_error {
        let text = both_ends(model, &format!(" ✗ not stored, answered 503: {reason}"), &counter);
        return (Line::new(Role::Bad, text), counter);
    }
    (status_left(model), counter)
}

/// A sentence that is too long loses its middle, where paths are: what happened is at its start, what to do at its end.
fn both_ends(model: &Model, text: &str, right: &Line) -> String {
    let room = model.width.saturating_sub(right.width() + 1);
    let text = inspect::Clean::text(text);
    if cells(text.as_str()) <= room {
        return text.to_string();
    }
    inspect::cut_middle(&short_paths(text.as_str()), room)
}

/// Paths of files without their directories: `…/schemes.toml:6:`.
fn short_paths(text: &str) -> String {
    let short = |word: &str| match word.rsplit_once('/') {
        Some((directory, name)) if directory.len() > 1 && word.starts_with('/') => format!("…/{name}"),
        _ => word.to_owned(),
    };
    text.split_inclusive(' ').map(short).collect()
}

fn prompt_count(model: &Model, kind: PromptKind) -> Line {
    match kind {
        PromptKind::Filter => {
            let running = if model.list.filter().scan.is_some() { "+" } else { "" };
            Line::text(format!("{}{running} of {} ", model.list.len(), model.list.total()))
        }
        _ => Line::default(),
    }
}

fn counter(model: &Model) -> Line {
    if let Some(overlay) = &model.overlay {
        return overlay_counter(model, overlay);
    }
    if model.list.total() == 0 {
        return Line::default();
    }
    let of = |at: usize, all: usize| Line::text(format!("{at} of {all} "));
    if model.focus == Pane::List {
        return model.list.selected_index().map_or_else(Line::default, |index| of(index + 1, model.list.len()));
    }
    let Some(view) = model.detail.view() else { return Line::default() };
    if let Some(search) = model.detail.search.as_ref().filter(|search| search.hits > 0) {
        return Line::text(format!("match {} of {} ", search.at, search.hits));
    }
    let (height, width) = model.detail_size();
    let rows = view.content.len(width);
    match &view.content {
        Content::Tree(tree) => {
            let node = tree.node_at(view.scroll.cursor);
            let size = model.detail.loaded().map_or(0, |loaded| loaded.body.bytes.len() as u64);
            Line::text(format!("{} of {}  {} ", node + 1, tree.index().len(), bytes_exact(size)))
        }
        Content::Diff(page) => match page.change_at(view.scroll.cursor, width) {
            Some(at) => Line::text(format!("change {} of {} ", at + 1, page.count())),
            None => of((view.scroll.cursor + 1).min(rows), rows),
        },
        _ if !view.has_cursor => {
            let last = (view.scroll.top + height).min(rows);
            Line::text(format!("{}-{last} of {rows} ", (view.scroll.top + 1).min(rows)))
        }
        _ => of((view.scroll.cursor + 1).min(rows), rows),
    }
}

fn overlay_counter(model: &Model, overlay: &Overlay) -> Line {
    match overlay {
        Overlay::Value(sheet) => {
            let (height, width) = model.sheet_size();
            let rows = sheet.rows(width);
            Line::text(format!("{}-{} of {rows} ", sheet.scroll.top + 1, (sheet.scroll.top + height).min(rows)))
        }
        Overlay::Attempts(sheet) if !sheet.done.is_empty() => {
            Line::text(format!("{} of {} ", sheet.scroll.cursor + 1, sheet.done.len()))
        }
        Overlay::Answers(sheet) => Line::text(format!("{} of {} ", sheet.cursor + 1, model.answers.count())),
        Overlay::Lab(sheet) => Line::text(
            sheet
                .wanted
                .map(|id| {
                    format!("{id}, {} of {} ", model.list.selected_index().map_or(0, |at| at + 1), model.list.len())
                })
                .unwrap_or_default(),
        ),
        _ => Line::default(),
    }
}

fn status_left(model: &Model) -> Line {
    if let Some(overlay) = &model.overlay {
        return Line::text(format!(" {}", overlay_status(overlay)));
    }
    if let Listening::Busy { reason, .. } = &model.listening {
        return Line::new(Role::Bad, format!(" ✗ {reason}"));
    }
    if model.list.total() == 0 {
        return Line::text(match model.secrets.len() {
            0 => " no secret yet: signatures will show ? until you add one".to_owned(),
            1 => " 1 secret: signatures will be checked".to_owned(),
            count => format!(" {count} secrets: signatures will be checked"),
        });
    }
    if model.folding {
        return Line::text(" z: a toggle, R open all, M close all, 1 to 9 open to that depth");
    }
    if model.focus == Pane::Detail { detail_status(model) } else { list_status(model) }
}

fn overlay_status(overlay: &Overlay) -> String {
    match overlay {
        Overlay::Help(help) if help.typing => format!("/{}", help.find),
        Overlay::Help(_) => "made from the live key map, so it is never out of date".to_owned(),
        Overlay::Palette(palette) => format!(":{}", palette.field.text()),
        Overlay::Copy(_) => "copy: the next key says what; any other key cancels".to_owned(),
        Overlay::Value(sheet) => {
            let wrapped = if sheet.wrap { ", wrapped" } else { "" };
            format!("{} characters{wrapped}, nothing left out", sheet.characters())
        }
        Overlay::Resend(sheet) => match (sheet.url(), sheet.public_host()) {
            (Err(reason), _) => reason,
            (_, Some(_)) => "public target: confirm by typing the host name".to_owned(),
            (Ok(url), None) if url.reach() == crate::export::Reach::Local => "target is on this machine".to_owned(),
            _ => "target is in a private network".to_owned(),
        },
        Overlay::Attempts(sheet) if sheet.running && sheet.stopping => {
            "stopping after the one in flight; esc again closes this".to_owned()
        }
        Overlay::Attempts(sheet) if sheet.running => {
            format!("{} of {} sent, esc stops", sheet.done.len(), sheet.plan.times)
        }
        Overlay::Attempts(sheet) => format!("{} of {} accepted", sheet.accepted(), sheet.done.len()),
        Overlay::Answers(_) => "the first rule that matches answers, top to bottom".to_owned(),
        Overlay::Conditions(_) => "✓ met  ✗ not met  ! an error  · not looked at any more".to_owned(),
        Overlay::Lab(sheet) => lab_status(sheet),
        Overlay::Temporary(_) => "nothing is changed before enter; no file is touched".to_owned(),
        Overlay::Prompt(_) => String::new(),
    }
}

fn lab_status(sheet: &LabSheet) -> String {
    match sheet.tryout() {
        Some(tryout) if tryout.is_failed() => format!("✗ {} {}", sheet.name(), tryout.words()),
        Some(_) if sheet.shown().is_some_and(|shown| !shown.changed.is_empty()) => {
            "~ changed by the last save".to_owned()
        }
        _ => "rendered again whenever it is saved".to_owned(),
    }
}

/// In the list: about the selected capture, worst thing first.
fn list_status(model: &Model) -> Line {
    let Some(row) = model.list.selected_row() else {
        return Line::text(" no capture matches; esc clears the filter");
    };
    let (id, narrow) = (row.id, model.width < 60);
    let loaded = model.detail.loaded().filter(|loaded| loaded.capture.id == id);
    let signature = model.look.keymap.hint(Action::Signature);
    if let Some(problem) = loaded.and_then(|loaded| loaded.capture.problem.as_ref()) {
        return Line::new(Role::Bad, format!(" ! {id} {}", problem.text));
    }
    let answer = loaded.and_then(|loaded| loaded.capture.answer.as_ref());
    if let Some(answer) = answer.filter(|answer| !answer.note.is_empty()) {
        let (role, sign) = mark(row.mark);
        let text = both_ends(model, &format!(" {sign} {id} {}", answer.note), &counter(model));
        return Line::new(role, text);
    }
    let verdict = loaded.map(|loaded| &loaded.capture.verdict);
    let secret = verdict.and_then(|verdict| verdict.secret.as_deref());
    match (row.mark, verdict.map(|verdict| verdict.outcome)) {
        (Mark::Failed, _) if model.detail.shows(id) && cause(model).is_some() => {
            let room = model.width.saturating_sub(counter(model).width() + 1);
            let text = format!(" ✗ {id} {}", inspect::Clean::text(cause(model).unwrap_or_default()));
            Line::new(Role::Bad, inspect::cut(&text, room))
        }
        (Mark::Failed, Some(Outcome::Stale)) => {
            Line::new(Role::Bad, format!(" ✗ {id} genuine, but too old: press {signature} to see why"))
        }
        (Mark::Failed, _) => {
            let secret = match secret {
                Some(name) if narrow => name.to_owned(),
                Some(name) => format!("secret {name}"),
                None => "any of the secrets".to_owned(),
            };
            let there = narrow || model.detail.tab == Tab::Signature;
            let why = if there { String::new() } else { format!(": press {signature} to see why") };
            Line::new(Role::Bad, format!(" ✗ {id} not signed with {secret}{why}"))
        }
        (Mark::Unchecked, _) => Line::new(
            Role::Unchecked,
            format!(" ? {id} signed, but there is no secret to check it with: press {signature}"),
        ),
        (Mark::Verified, _) => {
            let secret = secret.map(|name| format!(" with secret {name}")).unwrap_or_default();
            let line = Line::new(Role::Good, format!(" ✓ {id} verified{secret}")).and(Role::Text, sender(model));
            with_change(model, line)
        }
        (Mark::Unsigned, _) => with_change(model, Line::text(format!(" – {id} not signed{}", sender(model)))),
    }
}

/// What it took to find that out.
fn effort(model: &Model) -> Option<String> {
    model.detail.diagnosis()?.effort()
}

/// Why the signature of the capture in the detail does not hold.
fn cause(model: &Model) -> Option<&str> {
    model.detail.diagnosis()?.cause()
}

fn sender(model: &Model) -> String {
    let sender = model.list.selected_row().and_then(|row| row.sender.as_deref());
    sender.map(|sender| format!(", from {sender}")).unwrap_or_default()
}

/// Adds which of the webhooks of its change the selected capture is, where there is room.
fn with_change(model: &Model, line: Line) -> Line {
    let Some((nth, rows)) = model.list.selected().and_then(|id| model.list.change_of(id)) else { return line };
    let words = format!(", {nth} of {} of this change", rows.len());
    let room = model.width.saturating_sub(counter(model).width() + 1);
    if line.width() + cells(&words) > room { line } else { line.and(Role::Text, words) }
}

/// In the detail: about the cursor.
fn detail_status(model: &Model) -> Line {
    if let Some((tree, node)) = node_at_cursor(&model.detail) {
        let index = tree.index();
        let kind = index.node(node).kind.name();
        let room = model.width.saturating_sub(counter(model).width() + cells(kind) + 5).max(12);
        let path = inspect::Clean::text(&index.path(node).jq());
        let path = inspect::cut_front(path.as_str(), room);
        return Line::new(Role::Strong, format!(" {path}")).and(Role::Text, format!("   {kind}"));
    }
    let Some(view) = model.detail.view() else { return Line::text(" loading") };
    let width = model.detail_size().1;
    match (&view.content, view.content.target(view.scroll.cursor, width)) {
        (Content::Diff(page), _) => diff_status(model, page, view.scroll.cursor),
        (Content::Hex(hex), _) => hex_status(hex, view.scroll.cursor, model.detail_size().1),
        (_, super::detail::Target::Header(index)) => header_status(model, *index),
        _ if model.detail.tab == Tab::Signature && effort(model).is_some() => {
            Line::text(format!(" signature: {}", effort(model).unwrap_or_default()))
        }
        _ if model.zoom => Line::text(format!(" zoomed, {} to restore", model.look.keymap.hint(Action::Zoom))),
        _ => list_status(model),
    }
}

fn diff_status(model: &Model, page: &super::detail::DiffPage, row: usize) -> Line {
    let width = model.detail_size().1;
    let room = model.width.saturating_sub(counter(model).width() + 3);
    let Some(path) = page.path_at(row, width).map(|path| inspect::Clean::text(&path.jq())) else {
        return list_status(model);
    };
    let left = room.saturating_sub(path.width() + 4).max(room / 2);
    let words = page.words(row, width, left).unwrap_or_default();
    let path = inspect::cut_front(path.as_str(), room.saturating_sub(words.width() + 4));
    let mut line = Line::new(Role::Strong, format!(" {path}")).and(Role::Text, "   ");
    line.spans.extend(words.spans);
    line
}

fn hex_status(hex: &inspect::Hex, row: usize, width: usize) -> Line {
    let offset = row * super::detail::hex_width(width);
    let number = |size: usize| hex.number(offset, size).map_or_else(|| "–".to_owned(), |number| number.to_string());
    Line::text(format!(" offset {offset:#x} = {offset}   u8 {}  u16 le {}  u32 le {}", number(1), number(2), number(4)))
}

fn header_status(model: &Model, index: usize) -> Line {
    let Some((name, nth, count)) = model.detail.header_at_cursor() else { return Line::default() };
    let header = model.detail.capture().and_then(|capture| capture.request.headers.at(index));
    let value = header.map(|header| String::from_utf8_lossy(&header.value));
    let characters = value.map_or(0, |value| value.chars().count());
    Line::text(format!(" {name}  {nth} of {count} with this name, {characters} characters"))
}
