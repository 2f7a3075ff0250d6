//! Going on with the name of a file in a prompt.

use super::sheet::{Overlay, PromptKind};
use super::{Effect, Field, Model};
use crate::lab::last_file;

/// More names than this are not proposed.
const MOST: usize = 200;

impl Model {
    /// Asks for the names that what is typed can go on to.
    pub(super) fn complete(&mut self) -> Vec<Effect> {
        let Some(Overlay::Prompt(prompt)) = &self.overlay else { return Vec::new() };
        if !prompt.names_files() {
            return Vec::new();
        }
        let (_, typed) = parts(prompt.kind, prompt.field.text());
        vec![Effect::Complete(typed.to_owned())]
    }

    /// Takes the names: goes on as far as they are alike, and proposes them when there are several.
    pub(super) fn completed(&mut self, typed: &str, names: &[String]) {
        let Some(Overlay::Prompt(prompt)) = &mut self.overlay else { return };
        let text = prompt.field.text().to_owned();
        let (before, now) = parts(prompt.kind, &text);
        if now != typed {
            return;
        }
        let alike = alike(names);
        if alike.len() > typed.len() {
            prompt.field = Field::new(format!("{before}{alike}"));
        }
        prompt.choices = match names.len() {
            0 => vec![format!("nothing begins with {typed}")],
            1 => Vec::new(),
            _ => names.iter().take(MOST).map(|name| last_name(name).to_owned()).collect(),
        };
    }
}

/// What is before the name of the last file, and that name.
fn parts(kind: PromptKind, text: &str) -> (&str, &str) {
    if kind == PromptKind::Template { last_file(text) } else { ("", text) }
}

/// What all names begin with.
fn alike(names: &[String]) -> &str {
    let Some(first) = names.first() else { return "" };
    let fits = |end: &usize| names.iter().all(|name| name.starts_with(&first[..*end]));
    let ends = first.char_indices().map(|(at, char)| at + char.len_utf8());
    &first[..ends.take_while(fits).last().unwrap_or(0)]
}

/// The name without its directory; a directory keeps its slash.
fn last_name(name: &str) -> &str {
    let body = name.strip_suffix('/').unwrap_or(name);
    &name[body.rfind('/').map_or(0, |at| at + 1)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_on_as_far_as_they_are_alike() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(alike(&names(&["a/slack.j2", "a/slow"])), "a/sl");
        assert_eq!(alike(&names(&["é1", "é2"])), "é");
        assert_eq!((alike(&[]), alike(&names(&["x", "y"]))), ("", ""));
        assert_eq!((last_name("a/b/c"), last_name("a/b/"), last_name("c")), ("c", "b/", "c"));
    }
}
