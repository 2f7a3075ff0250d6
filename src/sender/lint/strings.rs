//! What the strings of a JSON body give away: passwords, gaps, values as Python prints them. Read in one pass that
//! keeps nothing but the way to where it is.

use std::borrow::Cow;

use memchr::memchr2;

use crate::capture::Lint;

use super::{Alarm, Depth, alarmed, body_template};
use crate::sender::known::Seen;
use crate::sender::outline::shortened;
use crate::sender::payload::Looks;
use crate::sender::title::Alarmed;

/// Bytes that are looked at while the sender waits.
const BEGINNING: usize = 64 * 1024;

/// Levels that are followed; readers of JSON give up at as many.
const DEEPEST: usize = 128;

/// Places that a finding names.
const NAMED: usize = 5;

/// Bytes of a line of text that may be a sentence.
const SENTENCE: usize = 4096;

/// Whose bodies are made by templates.
const RENDERING: [&str; 3] = [super::PEERING_MANAGER, "NetBox", "Nautobot"];

/// Fields of the bodies that those send who have no template.
pub(super) const DEFAULT_BODY: [&str; 3] = ["event", "username", "data"];

/// Findings in the strings of a body that is JSON.
pub(super) fn alarms(seen: &Seen, sender: Option<&str>, depth: Depth) -> Vec<Alarm> {
    if seen.payload.looks == Looks::Text {
        return sentence(&seen.payload.text, sender).into_iter().collect();
    }
    if seen.payload.looks != Looks::Json {
        return Vec::new();
    }
    let text = &seen.payload.text;
    let end = if depth == Depth::Arrival { text.len().min(BEGINNING) } else { text.len() };
    let is_rendered = is_rendering(sender) && !seen.outline.has(&DEFAULT_BODY);
    let mut found = Found::default();
    let mut strings = Strings { text: &text[..end], at: 0, levels: Vec::new() };
    while let Some(value) = strings.next_value() {
        if strings.key().is_some_and(names_secret) && is_readable(value) {
            found.secrets.add(|| strings.path());
        }
        if is_rendered {
            if let Some(gap) = gap(value) {
                found.gaps.add(|| format!("{}: {gap}", strings.path()));
            }
            if is_python(value) {
                found.reprs.add(|| format!("{}: {}", strings.path(), shown(value)));
            }
        }
    }
    found.alarms(sender)
}

/// Whether its bodies are made by templates.
fn is_rendering(sender: Option<&str>) -> bool {
    sender.is_some_and(|sender| RENDERING.contains(&sender))
}

/// The finding in a body that is one line of plain text. Several lines may be columns.
fn sentence(text: &[u8], sender: Option<&str>) -> Option<Alarm> {
    let text = text.trim_ascii();
    let is_sentence = is_rendering(sender) && text.len() <= SENTENCE && !text.contains(&b'\n');
    let gap = missing_word(text).filter(|_| is_sentence)?;
    let mut found = Found::default();
    found.gaps.add(|| format!("{}: {gap}", shown(text)));
    found.alarms(sender).pop()
}

/// The places of one sort of finding: the first ones, and how many there are.
#[derive(Default)]
struct Places {
    named: Vec<String>,
    count: usize,
}

impl Places {
    fn add(&mut self, place: impl FnOnce() -> String) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(place());
        }
    }

    fn lines(self) -> Vec<String> {
        let more = self.count.saturating_sub(NAMED);
        let more = (more > 0).then(|| format!("and {more} more"));
        self.named.into_iter().chain(more).collect()
    }
}

#[derive(Default)]
struct Found {
    secrets: Places,
    gaps: Places,
    reprs: Places,
}

impl Found {
    fn alarms(self, sender: Option<&str>) -> Vec<Alarm> {
        let alarm = |code, places: Places, text: &str, hint: &str| {
            let lines = places.lines();
            let hint = [hint.to_owned()];
            (!lines.is_empty()).then(|| alarmed(code, Alarmed::No, text, lines.into_iter().chain(hint)))
        };
        let fix = body_template(sender).map(|fix| format!(" {fix}")).unwrap_or_default();
        let python = format!("The filter tojson prints it as JSON.{fix}");
        let gaps = format!("The name may be wrong, or its value empty.{fix}");
        [
            alarm(Lint::PythonRepr, self.reprs, "A value in this body is printed as Python prints it.", &python),
            alarm(Lint::VanishedVariable, self.gaps, "A variable of the template seems to have left a gap.", &gaps),
            alarm(
                Lint::PasswordInClear,
                self.secrets,
                "A password or key in this body can be read by whoever gets it.",
                "Copies and resends of this capture have it too.",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Goes through the strings of a document.
struct Strings<'a> {
    text: &'a [u8],
    at: usize,
    levels: Vec<Level<'a>>,
}

/// Where in an object or list it is.
enum Level<'a> {
    /// The key that was read last, and whether its value comes.
    Object(Option<&'a [u8]>, bool),
    /// The item.
    List(usize),
}

impl<'a> Strings<'a> {
    /// The next string that is a value, as it is written between its quotes.
    fn next_value(&mut self) -> Option<&'a [u8]> {
        while let Some(&byte) = self.text.get(self.at) {
            self.at += 1;
            match byte {
                b'"' => {
                    let string = self.string()?;
                    match self.levels.last_mut() {
                        Some(Level::Object(key, false)) => *key = Some(string),
                        _ => return Some(string),
                    }
                }
                b'{' | b'[' if self.levels.len() == DEEPEST => return None,
                b'{' => self.levels.push(Level::Object(None, false)),
                b'[' => self.levels.push(Level::List(0)),
                b'}' | b']' => drop(self.levels.pop()),
                b':' | b',' => self.separated(byte),
                _ => {}
            }
        }
        None
    }

    fn separated(&mut self, byte: u8) {
        match self.levels.last_mut() {
            Some(Level::Object(_, is_value)) => *is_value = byte == b':',
            Some(Level::List(item)) if byte == b',' => *item += 1,
            _ => {}
        }
    }

    /// The rest of a string whose quote was read; `None` where the text ends before.
    fn string(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        loop {
            self.at += memchr2(b'"', b'\\', self.text.get(self.at..)?)? + 1;
            if self.text[self.at - 1] == b'"' {
                return Some(&self.text[start..self.at - 1]);
            }
            self.at += 1;
        }
    }

    /// The key of the value that was read last.
    fn key(&self) -> Option<&'a [u8]> {
        self.levels.iter().rev().find_map(|level| match level {
            Level::Object(key, _) => Some(*key),
            Level::List(_) => None,
        })?
    }

    /// `.data.tags[0].name`
    fn path(&self) -> String {
        let path: String = self.levels.iter().map(Level::step).collect();
        if path.is_empty() { ".".to_owned() } else { path }
    }
}

impl Level<'_> {
    fn step(&self) -> String {
        match self {
            Self::List(item) => format!("[{item}]"),
            Self::Object(key, _) => step(&shown(key.unwrap_or_default())),
        }
    }
}

/// A key in a path: `.name`, `["odd name"]`.
pub(super) fn step(key: &str) -> String {
    let is_word = key.chars().all(|char| char.is_alphanumeric() || char == '_');
    if is_word { format!(".{key}") } else { format!("[\"{key}\"]") }
}

/// As much of a string as a line needs.
fn shown(string: &[u8]) -> Cow<'_, str> {
    const MOST: usize = 60;
    match String::from_utf8_lossy(&string[..string.len().min(4 * MOST)]) {
        Cow::Borrowed(text) => match text.char_indices().nth(MOST) {
            Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
            None => Cow::Borrowed(shortened(text)),
        },
        Cow::Owned(text) => Cow::Owned(text.chars().take(MOST).collect()),
    }
}

/// Whether a key says that its value is secret. `client_secret` is none of them: Stripe shows it to browsers.
fn names_secret(key: &[u8]) -> bool {
    const WORDS: [&str; 13] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "secret_key",
        "private_key",
        "preshared_key",
        "psk",
        "api_key",
        "apikey",
        "access_token",
        "refresh_token",
        "auth_token",
    ];
    const ENDS: [&str; 4] = ["_password", "_passphrase", "_private_key", "_api_key"];
    let ends_with = |end: &str| key.len() > end.len() && is_word(&key[key.len() - end.len()..], end);
    let starts_with = |start: &str| key.get(..start.len()).is_some_and(|part| is_word(part, start));
    let is_disguised = ["encrypted_", "hashed_"].into_iter().any(starts_with);
    WORDS.iter().any(|word| is_word(key, word)) || (ENDS.into_iter().any(ends_with) && !is_disguised)
}

/// Whether a key is this word, in any case, with dashes or underscores.
fn is_word(key: &[u8], word: &str) -> bool {
    let is_same = |(&byte, letter): (&u8, u8)| byte.to_ascii_lowercase() == letter || (byte == b'-' && letter == b'_');
    key.len() == word.len() && key.iter().zip(word.bytes()).all(is_same)
}

/// Whether a value is a secret itself: not left out, not masked, not encrypted, not the name of a variable.
fn is_readable(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&value[..value.len().min(256)]);
    let text = text.trim();
    let masked = |char: char| matches!(char, '*' | '•' | '●' | '.' | '-' | '_' | 'x' | 'X' | ' ');
    let words = ["redacted", "filtered", "masked", "hidden", "none", "null"];
    let is_word = words.contains(&text.trim_matches(['[', ']', '<', '>', '(', ')', '*']).to_ascii_lowercase().as_str());
    let is_elsewhere = ["$ANSIBLE_VAULT", "vault:", "$9$", "{{", "${"].iter().any(|start| text.starts_with(start));
    !text.is_empty() && !text.chars().all(masked) && !is_word && !is_elsewhere
}

/// Where a text seems to lack a word. Rows of more blanks than two are columns.
fn gap(value: &[u8]) -> Option<&'static str> {
    if value.is_empty() {
        return None;
    }
    if value.first() == Some(&b' ') && value.get(1) != Some(&b' ') {
        return Some("begins with a blank");
    }
    missing_word(value).or_else(|| (value.last() == Some(&b' ') && value.len() > 1).then_some("ends with a blank"))
}

fn missing_word(value: &[u8]) -> Option<&'static str> {
    let is_double = |four: &[u8]| {
        let breaks = matches!(four[0], b' ' | b'.' | b'n' | b't' | b'r');
        four[1..3] == *b"  " && four[3] != b' ' && !breaks
    };
    if value.windows(4).any(is_double) || value.windows(5).any(is_double_behind_word) {
        return Some("two blanks in a row");
    }
    let is_nothing = value.windows(2).any(|two| two == b" ,") || value.windows(3).any(|three| three == b" ()");
    is_nothing.then_some("nothing where a word should be")
}

/// The letters of `\n`, `\t` and `\r` stand for line breaks and tabs only behind a backslash.
fn is_double_behind_word(five: &[u8]) -> bool {
    five[0] != b'\\' && matches!(five[1], b'n' | b't' | b'r') && five[2..4] == *b"  " && five[4] != b' '
}

/// Whether a text is, or has in it, what Python prints for lists, dicts, and what JSON has no word for.
fn is_python(value: &[u8]) -> bool {
    let has = |part: &[u8]| value.windows(part.len()).any(|window| window == part);
    let is_list = value.starts_with(b"['") && value.ends_with(b"']");
    let is_word = matches!(value, b"None" | b"True" | b"False");
    is_word
        || is_list
        || (has(b"{'") && has(b"': "))
        || has(b"<QuerySet [")
        || has(b"datetime.datetime(")
        || has(b" object at 0x")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(json: &str) -> Vec<String> {
        let mut strings = Strings { text: json.as_bytes(), at: 0, levels: Vec::new() };
        let mut found = Vec::new();
        while let Some(value) = strings.next_value() {
            found.push(format!("{} = {}", strings.path(), String::from_utf8_lossy(value)));
        }
        found
    }

    #[test]
    fn every_string_has_its_path() {
        let json = r#"{"a": "1", "b c": [{"d": "x\"}"}, 2, "y"], "e": {"f": {}, "g": "z"}, "h": ["#;
        assert_eq!(strings(json), [".a = 1", "[\"b c\"][0].d = x\\\"}", "[\"b c\"][2] = y", ".e.g = z"]);
        assert_eq!(strings(r#""alone""#), [". = alone"]);
        assert_eq!(strings(r#"{"a": "cut sho"#), [] as [&str; 0]);
        assert_eq!(strings(&"[".repeat(1000)), [] as [&str; 0]);
    }

    #[test]
    fn keys_name_secrets() {
        for key in ["password", "Password", "md5-password", "psk", "api_key", "PRIVATE_KEY"] {
            assert!(names_secret(key.as_bytes()), "{key}");
        }
        for key in ["passwords_allowed", "client_secret", "encrypted_password", "secretary", "community", ""] {
            assert!(!names_secret(key.as_bytes()), "{key}");
        }
    }

    #[test]
    fn what_is_masked_cannot_be_read() {
        for value in ["", "********", "xxxx", "[REDACTED]", "••••", "None", "{{ password }}", "$ANSIBLE_VAULT;1.1"]
        {
            assert!(!is_readable(value.as_bytes()), "{value}");
        }
        assert!(is_readable(b"hunter2"));
    }

    #[test]
    fn gaps_are_told_from_columns_and_lines() {
        for (value, expected) in [
            ("session  was", Some("two blanks in a row")),
            ("session at  was", Some("two blanks in a row")),
            ("session in  was", Some("two blanks in a row")),
            (" was created", Some("begins with a blank")),
            ("created by ", Some("ends with a blank")),
            ("by , at 12", Some("nothing where a word should be")),
            ("AS64500 ()", Some("nothing where a word should be")),
            ("a word", None),
            (" ", Some("begins with a blank")),
            ("", None),
            (r"list:\n  - item", None),
            (r"list:\t  item", None),
            ("asn    name", None),
            ("Done.  Next", None),
        ] {
            assert_eq!(gap(value.as_bytes()), expected, "{value}");
        }
    }

    #[test]
    fn python_is_told_from_prose() {
        for value in ["None", "['a', 'b']", "tags: [{'id': 1}]", "<QuerySet [<Tag: a>]>", "<A object at 0x7f>"] {
            assert!(is_python(value.as_bytes()), "{value}");
        }
        for value in ["None of them", "it's {a}", "['s", "[1, 2]", "don't: {'}"] {
            assert!(!is_python(value.as_bytes()), "{value}");
        }
    }
}
