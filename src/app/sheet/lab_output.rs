//! What the lab says of one capture, in lines: what failed and what is odd, the text, the last good one.

use super::lab::{LabSheet, LastGood};
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

/// All lines; each is made when it is asked for.
pub fn output_lines<'a>(model: &'a Model, sheet: &'a LabSheet) -> Box<dyn Iterator<Item = Line> + 'a> {
    let shown = sheet.shown.as_ref().filter(|shown| Some(shown.id) == sheet.wanted);
    let Some(tryout) = shown.and_then(|shown| shown.tryout.as_deref()) else {
        let text = if shown.is_some() { "  its body is no JSON: there is no context" } else { "" };
        return Box::new(std::iter::once(Line::new(Role::Dim, text)));
    };
    let failures = tryout.failures().flat_map(|(part, failed)| bad(part, failed, tryout.dialect));
    let refused = tryout.refused().map(|error| Line::new(Role::Bad, format!("  ✗ {error}")).hanging(4));
    let low = model.lab_panes().is_some_and(|panes| panes.output.height < LOW);
    let most = if low { 1 } else { usize::MAX };
    let more = tryout.oddities().count().saturating_sub(most);
    let odd = tryout.oddities().take(most).flat_map(|(part, oddity)| odd(part, oddity));
    let more = (more > 0).then(|| Line::new(Role::Dim, format!("    and {more} more: + shows all")));
    let said = failures.chain(refused).chain(odd).chain(more);
    let blank = (tryout.is_failed() || tryout.oddities().next().is_some()).then(Line::default);
    let folded = if low && sheet.part == Part::Body && !tryout.is_failed() { head_lines(sheet, tryout) } else { 0..0 };
    let fold = (!folded.is_empty()).then(|| fold_line(folded.len()));
    let count = folded.start;
    let lines = move |range: std::ops::Range<usize>| {
        sheet.text().lines().skip(range.start).take(range.len()).map(|line| text_line(sheet, line))
    };
    let text = lines(0..count).chain(fold).chain(lines(folded.end..usize::MAX)).filter(|_| has_text(tryout));
    let good = sheet.good.iter().filter(|_| tryout.is_failed()).flat_map(|good| last_good(model, good));
    Box::new(said.chain(blank).chain(text).chain(good))
}

/// The lines with headers of a request that is shown whole.
fn head_lines(sheet: &LabSheet, tryout: &Tryout) -> std::ops::Range<usize> {
    let end = sheet.text().lines().position(str::is_empty).filter(|_| tryout.around.is_some());
    end.map_or(0..0, |end| 1..end)
}

fn fold_line(count: usize) -> Line {
    let plural = if count == 1 { "" } else { "s" };
    Line::new(Role::Dim, format!("    ({count} header line{plural}: ] goes to them)"))
}

/// Whether there is a text although something may have failed: of a whole request, the parts that did not.
fn has_text(tryout: &Tryout) -> bool {
    tryout.around.is_some() || tryout.output().is_some()
}

fn text_line(sheet: &LabSheet, line: &str) -> Line {
    let (role, sign) = if sheet.is_changed(line) { (Role::Unchecked, "~") } else { (Role::Text, " ") };
    Line::new(role, format!("  {sign} ")).and(Role::Text, front(line)).hanging(4)
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

fn last_good<'a>(model: &Model, good: &'a LastGood) -> impl Iterator<Item = Line> + use<'a> {
    let at = model.look.zone.stamp(good.at, model.wall);
    let head = Line::new(Role::Key, format!("  last good output, for {} at {at}", good.id));
    let text = good.text.lines().map(|line| Line::new(Role::Dim, format!("    {}", front(line))).hanging(4));
    [Line::default(), head].into_iter().chain(text)
}
