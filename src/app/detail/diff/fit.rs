//! Making two texts fit beside each other, so that what tells them apart is seen.

use unicode_segmentation::UnicodeSegmentation;

use crate::app::detail::content::look;
use crate::app::{Role, Span};
use crate::inspect::{DiffSide, cells};

/// The pieces of a text; what differs from the other one has a look of its own, and where only that has something more
/// an empty piece says where.
pub fn marked(side: DiffSide) -> Vec<Span> {
    let (mut spans, mut start) = (Vec::with_capacity(side.pieces.len() + 2), 0);
    for (role, text) in side.pieces {
        let (text, role) = (text.as_str(), look(role));
        let (mut at, end) = (0, start + text.len());
        for range in side.differs.iter().filter(|range| range.start < end && range.end >= start) {
            let (from, to) = (range.start.saturating_sub(start), (range.end - start).min(text.len()));
            spans.extend((at < from).then(|| Span::new(role, &text[at..from])));
            spans.push(Span::new(Role::Differs, &text[from..to]));
            at = to;
        }
        spans.extend((at < text.len()).then(|| Span::new(role, &text[at..])));
        start = end;
    }
    spans
}

/// How many cells spans take.
pub fn width_of(spans: &[Span]) -> usize {
    spans.iter().map(|span| span.text.width()).sum()
}

/// Spans in at most so many cells: the key, and of the value the part around what differs.
pub fn around(spans: &[Span], width: usize) -> Vec<Span> {
    let differs = spans.iter().position(|span| span.role == Role::Differs).filter(|_| width_of(spans) > width);
    let Some(differs) = differs else { return clip(spans, 0, width) };
    let key = spans.iter().position(|span| span.role == Role::Key).map_or(0, |key| key + 2).min(differs);
    let mut shown = clip(&spans[..key], 0, width / 2);
    let (room, spans) = (width - width_of(&shown), &spans[key..]);
    let (start, total) = (width_of(&spans[..differs - key]), width_of(spans));
    let length = spans[differs - key].text.width();
    let lead = (room - length.min(room / 2)) / 2;
    let from = if start + length < room { 0 } else { start.saturating_sub(lead).min(total.saturating_sub(room)) };
    shown.extend(clip(spans, from, room));
    shown
}

/// Two values that became one another, in at most so many cells.
pub fn pair(before: &[Span], after: &[Span], width: usize) -> Vec<Span> {
    let arrow = Span::new(Role::Text, "  ->  ");
    let room = width.saturating_sub(arrow.text.width());
    let (was, is) = (width_of(before), width_of(after));
    let left = if was + is <= room { was } else { (room / 2).max(room.saturating_sub(is)).min(was) };
    [around(before, left), vec![arrow], around(after, room - left)].concat()
}

/// So many cells of spans from this one on; `…` stands where something is cut off.
pub fn clip(spans: &[Span], from: usize, width: usize) -> Vec<Span> {
    let total = width_of(spans);
    if from == 0 && total <= width {
        return spans.to_vec();
    }
    let first = usize::from(from > 0);
    let last = usize::from(total > from + width && width > first);
    let (begin, end) = (from + first, (from + width).saturating_sub(last));
    let dots = |there: usize| (there > 0 && width > 0).then(|| Span::new(Role::Dim, "…"));
    let mut shown: Vec<Span> = dots(first).into_iter().collect();
    let mut at = 0;
    for span in spans {
        let mut text = String::new();
        for grapheme in span.text.as_str().graphemes(true) {
            let start = at;
            at += cells(grapheme);
            if start >= begin && at <= end {
                text.push_str(grapheme);
            }
        }
        shown.extend((!text.is_empty()).then(|| Span::new(span.role, text)));
    }
    shown.extend(dots(last));
    shown
}

/// Spans, and blanks up to so many cells.
pub fn filled(mut spans: Vec<Span>, width: usize) -> Vec<Span> {
    let blanks = " ".repeat(width.saturating_sub(width_of(&spans)));
    spans.push(Span::new(Role::Text, blanks));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(spans: &[Span]) -> String {
        spans.iter().map(|span| span.text.as_str()).collect()
    }

    fn value(before: &str, differs: &str, after: &str) -> Vec<Span> {
        let parts = [(Role::String, before), (Role::Differs, differs), (Role::String, after)];
        parts.map(|(role, text)| Span::new(role, text)).to_vec()
    }

    #[test]
    fn what_differs_stays_in_sight() {
        let long = "x".repeat(100);
        let spans = value(&long, "NEW", &long);
        for width in [8, 20, 79] {
            let shown = text(&around(&spans, width));
            assert!(shown.contains("NEW") && cells(&shown) == width, "{width}: {shown}");
        }
        assert_eq!(text(&around(&value("ab", "c", &long), 10)), "abcxxxxxx…");
        assert_eq!(text(&around(&value(&long, "c", "de"), 10)), "…xxxxxxcde");
        assert_eq!(text(&around(&value(&long, &"y".repeat(50), ""), 10)), "…xyyyyyyy…");
    }

    #[test]
    fn the_key_stays_before_it() {
        let mut spans = vec![Span::new(Role::Key, "\"key\""), Span::new(Role::Dim, ": ")];
        spans.extend(value(&"x".repeat(100), "NEW", &"x".repeat(100)));
        let shown = text(&around(&spans, 24));
        assert!(shown.starts_with("\"key\": …xx") && shown.contains("NEW") && cells(&shown) == 24, "{shown}");
    }

    #[test]
    fn both_values_are_seen() {
        let long = "x".repeat(100);
        let (before, after) = (value(&long, "OLD", &long), value(&long, "NEW", &long));
        let shown = text(&pair(&before, &after, 60));
        assert!(shown.contains("OLD") && shown.contains("NEW") && cells(&shown) == 60, "{shown}");
        let shown = text(&pair(&value("", "1", ""), &after, 60));
        assert!(shown.starts_with("1  ->  …") && shown.contains("NEW") && cells(&shown) == 60, "{shown}");
    }

    #[test]
    fn wide_letters_are_never_cut_through() {
        let spans = value("上流は", "日", "本です");
        for width in 0..16 {
            assert!(width_of(&around(&spans, width)) <= width, "{width}");
            assert!(width_of(&clip(&spans, 3, width)) <= width, "{width}");
        }
    }
}
