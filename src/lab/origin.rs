//! Which expression made which part of a text.
//!
//! The template is rendered once more with marks around every expression and every turn of a loop: characters that nobody
//! uses. Where the text without them is not the text that was rendered, because the template looked at what it printed,
//! nothing is known.

use std::ops::Range;

use super::tags::{Kind, Tag, tags};
use crate::template::{Failure, Rendered};

const PRINT: u32 = 0xF_0000;
const PRINT_END: char = '\u{10FFFD}';
const LOOP: u32 = 0x10_0000;
const LOOP_END: char = '\u{10FFFC}';
const MOST: u32 = 0xFF00;

/// What made a part of the text.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub tag: Tag,
    /// In bytes of the text.
    pub range: Range<usize>,
}

/// All parts that expressions and turns of loops made, the inner ones first; `None` when it cannot be told.
pub(super) fn origins(
    source: &str,
    text: &str,
    render: &dyn Fn(&str) -> Result<Rendered, Failure>,
) -> Option<Vec<Made>> {
    let tags = tags(source);
    let marked = render(&with_marks(source, &tags)).ok()?.text;
    let (clean, made) = without_marks(&marked, &tags);
    (clean == text).then_some(made)
}

fn with_marks(source: &str, tags: &[Tag]) -> String {
    let (mut marked, mut at) = (String::with_capacity(source.len() * 2), 0);
    for (number, tag) in (0..MOST).zip(tags) {
        let (open, close) = tag.signs(source);
        let inside = tag.inside(source);
        let mark = |base: u32| char::from_u32(base + number).unwrap_or(PRINT_END);
        marked += &source[at..tag.range.start];
        let written = match tag.kind {
            Kind::Print => {
                let mark = mark(PRINT);
                format!("{{{{{open} '{mark}' }}}}{{{{{inside}}}}}{{{{ '{PRINT_END}' {close}}}}}")
            }
            Kind::For => format!("{{%{open}{inside}%}}{{{{ '{}' {close}}}}}", mark(LOOP)),
            Kind::EndFor => format!("{{{{{open} '{LOOP_END}' }}}}{{%{inside}{close}%}}"),
        };
        marked += &written;
        at = tag.range.end;
    }
    marked + &source[at..]
}

/// The text, and its parts.
fn without_marks(marked: &str, tags: &[Tag]) -> (String, Vec<Made>) {
    let (mut clean, mut made, mut open) = (String::with_capacity(marked.len()), Vec::new(), Vec::<(u32, usize)>::new());
    for char in marked.chars() {
        let code = u32::from(char);
        match char {
            PRINT_END | LOOP_END => {
                let wanted = |code: u32| (char == PRINT_END) == (code < LOOP);
                let Some(at) = open.iter().rposition(|(code, _)| wanted(*code)) else { continue };
                let (code, start) = open[at];
                open.truncate(at);
                let number = if code < LOOP { code - PRINT } else { code - LOOP };
                let tag = usize::try_from(number).ok().and_then(|number| tags.get(number));
                made.extend(tag.map(|tag| Made { tag: tag.clone(), range: start..clean.len() }));
            }
            _ if (PRINT..PRINT + MOST).contains(&code) || (LOOP..LOOP + MOST).contains(&code) => {
                open.push((code, clean.len()));
            }
            _ => clean.push(char),
        }
    }
    (clean, made)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::template::{Dialect, Template, value_from_json};

    fn parts(source: &str, context: &str) -> Option<Vec<(String, String)>> {
        let context = value_from_json(context.as_bytes()).unwrap();
        let render = |source: &str| Template::parse(source, Dialect::Plain)?.render(&context, DateTime::UNIX_EPOCH);
        let text = render(source).unwrap().text;
        let made = origins(source, &text, &render)?;
        Some(made.into_iter().map(|made| (source[made.tag.range].to_owned(), text[made.range].to_owned())).collect())
    }

    #[test]
    fn every_part_has_its_expression_and_white_space_stays_as_it_was() {
        let source = "[ {%- for x in l -%} \n {{- x -}} , {%- endfor -%} ] {{ a }}";
        let found = parts(source, r#"{"l": [1, 2], "a": "b"}"#).unwrap();
        let pair = |tag: &str, text: &str| (tag.to_owned(), text.to_owned());
        let expected = [
            pair("{{- x -}}", "1"),
            pair("{%- for x in l -%}", "1,"),
            pair("{{- x -}}", "2"),
            pair("{%- for x in l -%}", "2,"),
            pair("{{ a }}", "b"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_template_that_looks_at_its_own_text_is_not_known() {
        assert!(parts("{% set x %}{{ a }}{% endset %}{{ x | length }}", r#"{"a": 1}"#).is_none());
    }
}
