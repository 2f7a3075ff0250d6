//! The diff tab: what differs from another capture, as a list of changes, side by side, or one after the other.

use std::sync::Arc;

use super::content::spans;
use super::{Content, Page, PageLine, Target, View};
use crate::app::compare::{Comparing, Standing};
use crate::app::{Action, Line, Role, Span};
use crate::inspect::{
    Change, Clean, Comparison, DiffLine, DiffRow, HeaderChange, JsonIndex, Matter, NodeId, NodePath, cells, cut,
    differing, unified,
};

/// Two columns need this much room; else they are shown one after the other.
const SIDE: usize = 99;
/// The value of a header line is shown this far.
const VALUE: usize = 24;

/// How a comparison is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    List,
    Side,
    Unified,
}

/// The rows of a comparison.
#[derive(Clone, Debug)]
pub struct DiffPage {
    comparison: Arc<Comparison>,
    form: Form,
    unified: Arc<[DiffRow]>,
    /// What comes behind the rows: headers, what was left out.
    tail: Vec<PageLine>,
}

/// The tab in each way to show it.
pub(super) fn ways(page: Page, comparing: &Comparing) -> Vec<(&'static str, View)> {
    let comparison = match &comparing.standing {
        Standing::Done(comparison) => comparison,
        standing => return vec![("list", waiting(page, comparing, standing))],
    };
    let tail = tail(page, comparison);
    let rows: Arc<[DiffRow]> = unified(&comparison.body.rows).into();
    let view = |form| {
        let content = DiffPage { comparison: comparison.clone(), form, unified: rows.clone(), tail: tail.clone() };
        let mut view = View::new(Content::Diff(content));
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
    let text = match standing {
        Standing::Running => format!("  comparing; {} stops it", page.key(Action::Back)),
        Standing::Failed(error) => format!("  not compared: {error}"),
        Standing::Nothing | Standing::Done(_) => {
            let key = page.key(Action::Mark);
            format!("  nothing to compare with: no earlier capture on this path, no snapshots; {key} marks one as A")
        }
    };
    let mut view = View::new(Content::lines([Line::new(Role::Dim, text)]));
    if comparing.order.is_some() {
        view.preface = vec![comparing.heading.clone(), Line::default()];
    }
    view.has_cursor = false;
    view
}

/// What is compared and how much differs.
fn preface(comparing: &Comparing, comparison: &Comparison) -> Vec<Line> {
    let body = &comparison.body;
    let plural = if body.count == 1 { "" } else { "s" };
    let hidden = match body.json.hidden.len() {
        0 => String::new(),
        count => format!(", {count} hidden"),
    };
    let count = match body.count {
        0 => format!("   no change in the body{hidden}"),
        count => format!("   {count} change{plural}{hidden}"),
    };
    let mut lines = vec![comparing.heading.clone().and(Role::Strong, count)];
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
    if !lines.is_empty() && body.count > 0 {
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

impl DiffPage {
    fn is_list(&self) -> bool {
        self.form == Form::List
    }

    fn rows(&self, width: usize) -> &[DiffRow] {
        if self.form == Form::Side && width >= SIDE { &self.comparison.body.rows } else { &self.unified }
    }

    fn body_len(&self, width: usize) -> usize {
        match (self.is_list(), self.comparison.body.count) {
            (_, 0) => 0,
            (true, count) => 2 * count,
            (false, _) => self.rows(width).len(),
        }
    }

    /// Number of rows on a screen of this width.
    pub fn len(&self, width: usize) -> usize {
        self.body_len(width) + self.tail.len()
    }

    /// Row `n`; empty behind the end.
    pub fn row(&self, n: usize, width: usize) -> Line {
        let body = self.body_len(width);
        if n >= body {
            return self.tail.get(n - body).map(|line| line.line.clone()).unwrap_or_default();
        }
        if self.is_list() {
            return self
                .comparison
                .body
                .json
                .changes
                .get(n / 2)
                .map(|change| self.listed(change, n % 2 == 1))
                .unwrap_or_default();
        }
        match self.rows(width)[n] {
            DiffRow::Equal(count) => {
                let text = format!("    ⋮ {count} equal line{}", if count == 1 { "" } else { "s" });
                let half = if self.form == Form::Side && width >= SIDE { (width - 3) / 2 } else { 0 };
                let pad = " ".repeat(half.saturating_sub(cells(&text)));
                let beside = if half > 0 { format!("{pad}│ {text}") } else { String::new() };
                Line::new(Role::Dim, text).and(Role::Dim, beside)
            }
            DiffRow::Line(line) if self.form == Form::Side && width >= SIDE => self.beside(line, width),
            DiffRow::Line(line) => self.under(line),
        }
    }

    /// What a row behind the changes stands for.
    pub fn target(&self, n: usize, width: usize) -> &Target {
        let line = n.checked_sub(self.body_len(width)).and_then(|at| self.tail.get(at));
        line.map_or(&Target::None, |line| &line.target)
    }

    fn listed(&self, change: &Change, values: bool) -> Line {
        if !values {
            let note = if change.only_space { "   only white space differs" } else { "" };
            let (role, sign) = sign(change.sign());
            return Line::new(role, sign)
                .and(Role::Text, " ")
                .and(Role::Key, change.path.jq())
                .and(Role::Text, note)
                .hanging(2);
        }
        let line = Line::text("     ").hanging(5);
        match self.comparison.body.values(change) {
            (Some(before), Some(after)) => {
                let (one, other) = marked(before.as_str(), after.as_str());
                let mut line = line;
                line.spans.extend(one);
                let mut line = line.and(Role::Text, "  ->  ");
                line.spans.extend(other);
                line
            }
            (before, after) => line.and(Role::Text, before.or(after).unwrap_or_default().as_str()),
        }
    }

    fn under(&self, line: DiffLine) -> Line {
        let (before, after) = self.comparison.body.sides(line);
        let pieces = spans(if line.after.is_some() { after } else { before });
        let (role, sign) = sign(line.sign());
        let mut shown = Line::new(role, sign).and(Role::Text, " ").hanging(2);
        shown.spans.extend(pieces);
        shown
    }

    fn beside(&self, line: DiffLine, width: usize) -> Line {
        let half = (width - 3) / 2;
        let (before, after) = self.comparison.body.sides(line);
        let side = |there: bool, pieces| {
            let (role, sign) = sign(if there { line.sign() } else { ' ' });
            let mut spans = vec![Span::new(role, sign), Span::new(Role::Text, " ")];
            spans.extend(fitted(self::spans(pieces), half - 2));
            spans
        };
        let mut shown = Line { spans: side(line.before.is_some(), before), hang: 0 };
        shown = shown.and(Role::Text, "│ ");
        shown.spans.extend(side(line.after.is_some(), after));
        shown
    }

    /// The number of the change that a row belongs to, from zero, or the last one before it.
    pub fn change_at(&self, n: usize, width: usize) -> Option<usize> {
        if n >= self.body_len(width) {
            return None;
        }
        if self.is_list() {
            return Some(n / 2);
        }
        self.rows(width)[..=n].iter().rev().find_map(change_of)
    }

    /// The first row of a change.
    fn row_of(&self, change: usize, width: usize) -> Option<usize> {
        if self.is_list() {
            return (change < self.comparison.body.count).then_some(2 * change);
        }
        self.rows(width).iter().position(|row| change_of(row) == Some(change))
    }

    /// The first row of the next change behind this row, or of the one before it; around the ends.
    pub fn next_change(&self, n: usize, forward: bool, width: usize) -> Option<usize> {
        let count = self.comparison.body.count;
        let last = count.checked_sub(1)?;
        let next = match (self.change_at(n, width), forward) {
            (Some(at), true) if at < last => at + 1,
            (_, true) => 0,
            (Some(at), false) if at > 0 => at - 1,
            (_, false) => last,
        };
        self.row_of(next, width)
    }

    /// How many changes there are.
    pub fn count(&self) -> usize {
        self.comparison.body.count
    }

    fn change(&self, n: usize, width: usize) -> Option<&Change> {
        self.comparison.body.json.changes.get(self.change_at(n, width)?)
    }

    /// Path, type and values of the JSON change at a row.
    pub fn words(&self, n: usize, width: usize) -> Option<(String, String)> {
        let change = self.change(n, width)?;
        let body = &self.comparison.body;
        let values = match body.values(change) {
            (Some(before), Some(after)) => format!("{before} -> {after}"),
            (Some(_), None) => "is gone".to_owned(),
            (None, _) => "is new".to_owned(),
        };
        Some((change.path.jq(), format!("{}  {values}", body.kinds(change))))
    }

    /// The path of the JSON change at a row.
    pub fn path_at(&self, n: usize, width: usize) -> Option<&NodePath> {
        self.change(n, width).map(|change| &change.path)
    }

    /// The first row of the JSON change at a path; without a path, or where nothing changed there, of the first one.
    pub fn row_of_path(&self, path: Option<&NodePath>, width: usize) -> Option<usize> {
        let changes = &self.comparison.body.json.changes;
        let at = path.and_then(|path| changes.iter().position(|change| change.path == *path));
        (!changes.is_empty()).then(|| self.row_of(at.unwrap_or(0), width)).flatten()
    }

    /// The JSON value that a row tells of: as it is, or as it was when it is gone.
    pub fn node_at(&self, n: usize, width: usize) -> Option<(&JsonIndex, NodeId)> {
        let Matter::Json(one, other) = &self.comparison.body.matter else { return None };
        let change = self.change(n, width)?;
        let (before, after) = (change.before.map(|id| (&**one, id)), change.after.map(|id| (&**other, id)));
        after.or(before)
    }

    /// Rows that hold `needle` in any case, the first so many rows of all.
    pub fn search(&self, needle: &str, width: usize) -> Vec<usize> {
        const MOST: usize = 100_000;
        let needle = needle.to_lowercase();
        let holds = |row: &usize| self.row(*row, width).plain().to_lowercase().contains(&needle);
        (0..self.len(width).min(MOST)).filter(holds).collect()
    }
}

fn change_of(row: &DiffRow) -> Option<usize> {
    match row {
        DiffRow::Line(line) => line.change,
        DiffRow::Equal(_) => None,
    }
}

/// Two values; of two texts, what differs between them is marked.
fn marked(before: &str, after: &str) -> (Vec<Span>, Vec<Span>) {
    if !(before.starts_with('"') && after.starts_with('"')) {
        return (vec![Span::new(Role::Text, before)], vec![Span::new(Role::Text, after)]);
    }
    let (one, other) = differing(before, after);
    let parts = |text: &str, range: std::ops::Range<usize>| {
        let (start, end) = (range.start, range.end);
        [(Role::Text, &text[..start]), (Role::Differs, &text[start..end]), (Role::Text, &text[end..])]
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(role, text)| Span::new(role, text))
            .collect()
    };
    (parts(before, one), parts(after, other))
}

/// Spans in exactly so many cells: cut, or filled with blanks.
fn fitted(spans: Vec<Span>, width: usize) -> Vec<Span> {
    let mut left = width;
    let mut fitted = Vec::with_capacity(spans.len() + 1);
    for span in spans {
        let text = cut(span.text.as_str(), left);
        let all = text == span.text.as_str();
        left -= cells(&text).min(left);
        fitted.push(Span::new(span.role, text));
        if !all || left == 0 {
            break;
        }
    }
    fitted.push(Span::new(Role::Text, " ".repeat(left)));
    fitted
}
