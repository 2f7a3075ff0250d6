//! Where the expressions and loops of a template are.

use std::ops::Range;

/// What a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `{{ .. }}`
    Print,
    /// `{% for .. %}`
    For,
    /// `{% endfor %}`
    EndFor,
}

/// A tag that matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub kind: Kind,
    /// In bytes, with its delimiters.
    pub range: Range<usize>,
    /// From 1.
    pub line: usize,
}

impl Tag {
    /// What stands between the delimiters, without the signs that say what becomes of white space.
    pub fn inside<'s>(&self, source: &'s str) -> &'s str {
        let (open, close) = self.signs(source);
        &source[self.range.start + 2 + open.len()..self.range.end - 2 - close.len()]
    }

    /// The sign behind the opening delimiter, and that before the closing one: `-`, `+` or nothing.
    pub fn signs<'s>(&self, source: &'s str) -> (&'s str, &'s str) {
        let inner = &source[self.range.start + 2..self.range.end - 2];
        let sign = |sign: Option<char>| sign.is_some_and(|sign| sign == '-' || sign == '+');
        let open = usize::from(sign(inner.chars().next()));
        let close = usize::from(inner.len() > open && sign(inner.chars().next_back()));
        (&inner[..open], &inner[inner.len() - close..])
    }
}

/// All of them, in their order. A source that is no template has those before the place where it breaks.
pub(super) fn tags(source: &str) -> Vec<Tag> {
    let (mut tags, mut at) = (Vec::new(), 0);
    while let Some(start) = source[at..].find('{').map(|found| at + found) {
        let rest = &source[start..];
        let (end, kind) = match rest.as_bytes().get(1) {
            Some(b'#') => (rest.find("#}").map(|end| end + 2), None),
            Some(b'{') => (end_of(rest, "}}"), Some(Kind::Print)),
            Some(b'%') => match end_of(rest, "%}") {
                Some(end) if word(&rest[2..end]) == "raw" => (end_of_raw(rest, end), None),
                end => (end, end.and_then(|end| kind_of(word(&rest[2..end])))),
            },
            _ => (Some(1), None),
        };
        let Some(end) = end else { break };
        if let Some(kind) = kind {
            let line = source[..start].matches('\n').count() + 1;
            tags.push(Tag { kind, range: start..start + end, line });
        }
        at = start + end;
    }
    tags
}

fn kind_of(word: &str) -> Option<Kind> {
    match word {
        "for" => Some(Kind::For),
        "endfor" => Some(Kind::EndFor),
        _ => None,
    }
}

/// The first word of a tag.
fn word(inside: &str) -> &str {
    let inside = inside.trim_start_matches(['-', '+']).trim_start();
    &inside[..inside.find(|char: char| !char.is_alphanumeric()).unwrap_or(inside.len())]
}

/// Where the tag at the start ends: its delimiter does not count in a string or in brackets.
fn end_of(text: &str, close: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, char) in text.char_indices().skip(2) {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if char == '\\' => escaped = true,
            Some(open) if char == open => quote = None,
            Some(_) => {}
            None if depth == 0 && text[at..].starts_with(close) => return Some(at + close.len()),
            None => match char {
                '\'' | '"' => quote = Some(char),
                '{' | '[' | '(' => depth += 1,
                '}' | ']' | ')' => depth = depth.saturating_sub(1),
                _ => {}
            },
        }
    }
    None
}

/// Where `{% endraw %}` ends that closes what begins before `from`.
fn end_of_raw(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let open = at + text[at..].find("{%")?;
        let close = open + text[open..].find("%}")? + 2;
        if word(&text[open + 2..close]) == "endraw" {
            return Some(close);
        }
        at = open + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<(Kind, String, usize)> {
        tags(source).iter().map(|tag| (tag.kind, source[tag.range.clone()].to_owned(), tag.line)).collect()
    }

    #[test]
    fn strings_brackets_comments_and_raw_are_passed_over() {
        let source =
            "{# {{ a }} #}{{ '}}' }}\n{{ {'a': {}} }}{% raw %}{{ b }}{% endraw %}{%- for x in y -%}{% endfor %}{";
        let expected = [
            (Kind::Print, "{{ '}}' }}".to_owned(), 1),
            (Kind::Print, "{{ {'a': {}} }}".to_owned(), 2),
            (Kind::For, "{%- for x in y -%}".to_owned(), 2),
            (Kind::EndFor, "{% endfor %}".to_owned(), 2),
        ];
        assert_eq!(found(source), expected);
    }

    #[test]
    fn signs_are_told_from_what_is_inside() {
        let source = "{{- x -}}";
        let tag = &tags(source)[0];
        assert_eq!((tag.signs(source), tag.inside(source)), (("-", "-"), " x "));
        let source = "{{-}}";
        assert_eq!(tags(source)[0].signs(source), ("-", ""));
    }

    #[test]
    fn what_does_not_end_has_no_tags_behind_it() {
        assert_eq!(found("{{ a }}{{ 'b }}{{ c }}").len(), 1);
        assert_eq!(found("{% raw %}{{ a }}").len(), 0);
    }
}
