//! What the lab says of one capture, in lines: what failed and what is odd, the text, the last good one.

use std::ops::Range;

use super::lab::{LabSheet, LastGood, Shown};
use super::lab_text::LabText;
use crate::app::{Line, Model, Role};
use crate::inspect::{Clean, cells, cut, cut_front};
use crate::lab::{Failed, Oddity, Part, Tryout, prefix};
use crate::template::Dialect;

/// Lines longer than this are cut on the screen, in characters.
const LONGEST: usize = 20_000;
/// In a pane lower than this, header lines and all oddities but the worst leave their place to the body.
const LOW: usize = 12;
/// Cells that are shown before and behind the place of a mistake.
const AROUND: (usize, usize) = (26, 22);

/// All there is to say of one capture. The lines of its texts are made when they are asked for.
#[derive(Default)]
pub struct LabOutput<'a> {
    /// What failed and what is odd.
    said: Vec<Line>,
    /// The text, where there is one.
    shown: Option<&'a Shown>,
    /// Lines of the text in whose place one line stands.
    folded: Range<usize>,
    /// What is said before the last good text.
    before_good: Vec<Line>,
    /// The last good text, where it is shown.
    good: Option<&'a LabText>,
}

impl<'a> LabOutput<'a> {
    /// What a sheet has to say of the capture that is looked at.
    pub fn of(model: &Model, sheet: &'a LabSheet) -> Self {
        let shown = sheet.shown();
        let Some((shown, tryout)) = shown.and_then(|shown| Some((shown, shown.tryout.as_deref()?))) else {
            let text = if shown.is_some() { "  its body is no JSON: there is no context" } else { "" };
            return Self { said: vec![Line::new(Role::Dim, text)], ..Self::default() };
        };
        let low = model.lab_panes().is_some_and(|panes| panes.output.height < LOW);
        let folds = low && sheet.part == Part::Body && !tryout.is_failed();
        let good = sheet.good.as_ref().filter(|_| tryout.is_failed());
        Self {
            said: said(tryout, low),
            shown: has_text(tryout).then_some(shown),
            folded: if folds && has_text(tryout) { head_lines(&shown.text, tryout) } else { 0..0 },
            before_good: good.map_or_else(Vec::new, |good| before_good(model, good)),
            good: good.map(|good| good.text.as_ref()),
        }
    }

    /// The lines from the one with this number on, from zero.
    pub fn lines(&self, top: usize) -> impl Iterator<Item = Line> {
        (top..self.len()).map(|at| self.line(at))
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.said.len() + self.text_len() + self.before_good.len() + self.good.map_or(0, LabText::len)
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn text_len(&self) -> usize {
        let folded = self.folded.len().saturating_sub(1);
        self.shown.map_or(0, |shown| shown.text.len() - folded)
    }

    fn line(&self, at: usize) -> Line {
        let Some(at) = at.checked_sub(self.said.len()) else { return self.said[at].clone() };
        if let Some(shown) = self.shown.filter(|_| at < self.text_len()) {
            return self.text_line(shown, at);
        }
        let at = at - self.text_len();
        let Some(at) = at.checked_sub(self.before_good.len()) else { return self.before_good[at].clone() };
        let text = self.good.map_or("", |good| good.line(at));
        Line::new(Role::Dim, format!("    {}", front(text))).hanging(4)
    }

    fn text_line(&self, shown: &Shown, at: usize) -> Line {
        if at == self.folded.start && !self.folded.is_empty() {
            return fold_line(self.folded.len());
        }
        let number = if at > self.folded.start { at + self.folded.len().saturating_sub(1) } else { at };
        let is_changed = shown.changed.binary_search(&number).is_ok();
        let (role, sign) = if is_changed { (Role::Unchecked, "~") } else { (Role::Text, " ") };
        Line::new(role, format!("  {sign} ")).and(Role::Text, front(shown.text.line(number))).hanging(4)
    }
}

/// What failed, what is odd, and a blank line behind it; in a low pane, no more than one thing that is odd.
fn said(tryout: &Tryout, low: bool) -> Vec<Line> {
    let failures = tryout.failures().flat_map(|(part, failed)| bad(part, failed, tryout.dialect));
    let refused = tryout.refused().map(|error| Line::new(Role::Bad, format!("  ✗ {error}")).hanging(4));
    let most = if low { 1 } else { usize::MAX };
    let more = tryout.oddities().count().saturating_sub(most);
    let odd = tryout.oddities().take(most).flat_map(|(part, oddity)| odd(part, oddity));
    let more = (more > 0).then(|| Line::new(Role::Dim, format!("    and {more} more: + shows all")));
    let blank = (tryout.is_failed() || tryout.oddities().next().is_some()).then(Line::default);
    failures.chain(refused).chain(odd).chain(more).chain(blank).collect()
}

/// The lines with headers of a request that is shown whole.
fn head_lines(text: &LabText, tryout: &Tryout) -> Range<usize> {
    if tryout.around.is_none() {
        return 0..0;
    }
    text.lines().position(str::is_empty).map_or(0..0, |end| 1..end)
}

fn fold_line(count: usize) -> Line {
    let plural = if count == 1 { "" } else { "s" };
    Line::new(Role::Dim, format!("    ({count} header line{plural}: ] goes to them)"))
}

/// Whether there is a text although something may have failed: of a whole request, the parts that did not.
fn has_text(tryout: &Tryout) -> bool {
    tryout.around.is_some() || tryout.output().is_some()
}

/// As much of a line as any screen shows.
fn front(line: &str) -> &str {
    line.char_indices().nth(LONGEST).map_or(line, |(end, _)| &line[..end])
}

fn odd(part: Option<Part>, oddity: &Oddity) -> Vec<Line> {
    let place = oddity.line.map(|line| format!("line {line}: ")).unwrap_or_default();
    let name = part.map_or("", prefix);
    let mut lines =
        vec![Line::new(Role::Strong, "  ! ").and(Role::Text, format!("{name}{place}{}", oddity.text)).hanging(4)];
    if let Some(spot) = &oddity.spot {
        let clean = |text: String| Clean::text(&text).to_string();
        let before = clean(spot.excerpt.chars().take(spot.caret).collect());
        let behind = clean(spot.excerpt.chars().skip(spot.caret).collect());
        let (before, behind) = (cut_front(&before, AROUND.0), cut(&behind, AROUND.1));
        let indent = " ".repeat(cells(&before));
        lines.push(Line::new(Role::Dim, format!("      {before}{behind}")));
        lines.push(Line::new(Role::Bad, format!("      {indent}^")));
    }
    lines.extend(oddity.hint.iter().map(|hint| Line::text(format!("    {hint}")).hanging(4)));
    lines
}

fn bad(part: Part, failed: &Failed, dialect: Dialect) -> Vec<Line> {
    let text = |text: &str| Line::text(format!("    {text}")).hanging(4);
    let short = format!("  ✗ {}{}", prefix(part), failed.short());
    let mut lines = vec![Line::new(Role::Bad, short).hanging(4), Line::default()];
    lines.extend(failed.meaning.iter().map(|sentence| text(sentence)));
    if !failed.fix.is_empty() {
        lines.push(text("The usual guard:"));
        lines.extend(failed.fix.iter().map(|line| text(&format!("  {line}"))));
    }
    lines.push(text(&failed.consequence_at_length(part, dialect)));
    lines.extend(failed.instead.body().map(|sent| Line::new(Role::Dim, format!("      {}", front(sent))).hanging(6)));
    lines
}

fn before_good(model: &Model, good: &LastGood) -> Vec<Line> {
    let at = model.look.zone.stamp(good.at, model.wall);
    vec![Line::default(), Line::new(Role::Key, format!("  last good output, for {} at {at}", good.id))]
}
