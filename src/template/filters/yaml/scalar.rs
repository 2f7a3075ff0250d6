//! How a text may be written in YAML: what PyYAML's emitter finds out about it before it chooses the quotes.

/// What is allowed for a text.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "flags in any combination, as the format has them")]
pub(super) struct Analysis {
    /// There is nothing to write.
    pub(super) empty: bool,
    /// It has line ends.
    pub(super) multiline: bool,
    /// It may stand without quotes in block style.
    pub(super) plain: bool,
    /// It may stand in single quotes.
    pub(super) single: bool,
}

/// Whether the character ends a line in YAML.
pub(super) fn is_break(letter: char) -> bool {
    matches!(letter, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_gap(letter: char) -> bool {
    is_break(letter) || matches!(letter, '\0' | ' ' | '\t' | '\r')
}

/// What is seen while a text is read.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "flags in any combination, as the format has them")]
struct Seen {
    indicator: bool,
    line_break: bool,
    special: bool,
    blank_at_end: bool,
    blank_after_break: bool,
    break_after_blank: bool,
}

/// Looks at a text.
pub(super) fn analyze(text: &str) -> Analysis {
    if text.is_empty() {
        return Analysis { empty: true, multiline: false, plain: true, single: true };
    }
    let letters: Vec<char> = text.chars().collect();
    let mut seen = Seen { indicator: text.starts_with("---") || text.starts_with("..."), ..Seen::default() };
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        seen.look(*letter, before, letters.get(index + 1).copied());
    }
    let quoted = seen.break_after_blank || seen.special;
    Analysis {
        empty: false,
        multiline: seen.line_break,
        plain: !(seen.blank_at_end || seen.blank_after_break || quoted || seen.line_break || seen.indicator),
        single: !(seen.blank_after_break || quoted),
    }
}

impl Seen {
    fn look(&mut self, letter: char, before: Option<char>, after: Option<char>) {
        let gap_before = before.is_none_or(is_gap);
        let gap_after = after.is_none_or(is_gap);
        self.indicator |= match letter {
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                before.is_none()
            }
            '#' => gap_before,
            '?' | '-' => before.is_none() && gap_after,
            ':' => gap_after,
            _ => false,
        };
        self.line_break |= is_break(letter);
        self.special |= !(letter == '\n' || (' '..='~').contains(&letter));
        let at_end = before.is_none() || after.is_none();
        if letter == ' ' {
            self.blank_at_end |= at_end;
            self.blank_after_break |= before.is_some_and(is_break);
        } else if is_break(letter) {
            self.blank_at_end |= at_end;
            self.break_after_blank |= before == Some(' ');
        }
    }
}
