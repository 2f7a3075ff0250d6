//! Where the templates of a webhook are: in one file of a body, in a definition, or in files of their own.
//!
//! How a file is read is told from outside.

use std::fmt;
use std::path::{Path, PathBuf};

use super::webhook::{Part, Webhook, WebhookError, line_of};

/// The files with templates, as the user named them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The template of a body, or a definition (`.toml`).
    pub main: PathBuf,
    /// That of the URL.
    pub url: Option<PathBuf>,
    /// That of the additional header lines.
    pub headers: Option<PathBuf>,
}

/// What stands between files that are named in one line.
const BETWEEN: &str = " + ";

impl Files {
    /// From a line as the user types it: `body.j2`, `webhook.toml`, `body.j2 + url.j2 + headers.j2`. The beginning `~/` is
    /// the home directory.
    pub fn parse(line: &str, home: Option<&Path>) -> Self {
        let mut files = line.split(BETWEEN).map(|name| expanded(name.trim(), home));
        let main = files.next().unwrap_or_default();
        let mut more = || files.next().filter(|file| !file.as_os_str().is_empty());
        Self { main, url: more(), headers: more() }
    }

    /// Whether the main one is a definition.
    pub fn is_defined(&self) -> bool {
        self.main.extension().is_some_and(|extension| extension == "toml")
    }
}

/// The part of a line that names the last file, and what is before it.
pub fn last_file(line: &str) -> (&str, &str) {
    line.split_at(line.rfind(BETWEEN).map_or(0, |at| at + BETWEEN.len()))
}

fn expanded(name: &str, home: Option<&Path>) -> PathBuf {
    match (name.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(name),
    }
}

impl fmt::Display for Files {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [Some(&self.main), self.url.as_ref(), self.headers.as_ref()].into_iter().flatten();
        let names: Vec<String> = all.map(|file| file.display().to_string()).collect();
        formatter.write_str(&names.join(BETWEEN))
    }
}

/// Where the first line of a template is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

/// The templates of a webhook, and where they are.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The templates.
    pub webhook: Webhook,
    /// Whether URL and header lines belong to it, not a body alone.
    pub whole: bool,
    file: PathBuf,
    /// In the order of [`Part::ALL`].
    places: [Option<Place>; 3],
}

/// Why templates cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError<E> {
    /// A file cannot be read.
    #[error(transparent)]
    File(E),
    /// It is no definition.
    #[error("{}: {error}", file.display())]
    Webhook {
        /// The file.
        file: PathBuf,
        /// Why.
        error: WebhookError,
    },
}

impl Definition {
    /// Reads all files that it takes. What a definition names is beside it.
    pub fn read<E>(
        files: &Files,
        read: &mut dyn FnMut(&Path) -> Result<String, E>,
    ) -> Result<Self, DefinitionError<E>> {
        let text = read(&files.main).map_err(DefinitionError::File)?;
        let place = |line: usize| Some(Place { file: files.main.clone(), line });
        let (mut webhook, mut places) = if files.is_defined() {
            let error = |error| DefinitionError::Webhook { file: files.main.clone(), error };
            let places = Part::ALL.map(|part| line_of(&text, part).and_then(place));
            (Webhook::parse(&text).map_err(error)?, places)
        } else {
            (Webhook::of_body(text), [place(1), None, None])
        };
        let directory = files.main.parent().unwrap_or(Path::new(""));
        for (part, place) in Part::ALL.into_iter().zip(&mut places) {
            let named = match part {
                Part::Body => None,
                Part::Url => files.url.clone(),
                Part::Headers => files.headers.clone(),
            };
            let Some(file) = named.or_else(|| webhook.file(part).map(|file| directory.join(file))) else { continue };
            let text = read(&file).map_err(DefinitionError::File)?;
            // Their systems strip this field, and an editor ends a file with a newline.
            *webhook.source_mut(part) = if part == Part::Url { text.trim().to_owned() } else { text };
            *place = Some(Place { file, line: 1 });
        }
        let whole = files.is_defined() || files.url.is_some();
        Ok(Self { webhook, whole, file: files.main.clone(), places })
    }

    /// A body alone, in this file.
    pub fn of_body(file: impl Into<PathBuf>, body: impl Into<String>) -> Self {
        let file = file.into();
        let places = [Some(Place { file: file.clone(), line: 1 }), None, None];
        Self { webhook: Webhook::of_body(body.into()), whole: false, file, places }
    }

    /// The file that was named.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Where the template of a part is; `None` when there is none.
    pub fn place(&self, part: Part) -> Option<&Place> {
        self.places[part as usize].as_ref()
    }

    /// The file that a line of a template is in, and its line there, from 1.
    pub fn line_in_file(&self, part: Part, line: usize) -> (&Path, usize) {
        match self.place(part) {
            Some(place) => (&place.file, place.line + line.saturating_sub(1)),
            None => (&self.file, 1),
        }
    }

    /// The parts that have a template.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        Part::ALL.into_iter().filter(|part| self.place(*part).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, files: &[(&str, &str)]) -> Result<Definition, String> {
        let mut text = |path: &Path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| format!("no {}", path.display()))
        };
        Definition::read(&Files::parse(line, Some(Path::new("/home/me"))), &mut text).map_err(|error| error.to_string())
    }

    #[test]
    fn templates_come_from_one_file_or_three_or_a_definition() {
        let files = [
            ("b.j2", "{}"),
            ("u.j2", "http://h\n"),
            ("h.j2", "A: b\n"),
            ("d/w.toml", "headers = '''\nA: c'''\nurl_file = 'u.j2'"),
            ("d/u.j2", "http://d"),
            ("/home/me/x", "x"),
        ];
        let body = read("b.j2", &files).unwrap();
        assert!(!body.whole && body.parts().eq([Part::Body]));
        let three = read("b.j2 + u.j2 + h.j2", &files).unwrap();
        assert!(three.whole && three.parts().eq(Part::ALL));
        assert_eq!((three.webhook.url.as_str(), three.webhook.headers.as_str()), ("http://h", "A: b\n"));
        let defined = read("d/w.toml", &files).unwrap();
        assert!(defined.parts().eq([Part::Url, Part::Headers]), "the context is the body");
        assert_eq!(defined.place(Part::Url), Some(&Place { file: "d/u.j2".into(), line: 1 }));
        assert_eq!(defined.place(Part::Headers), Some(&Place { file: "d/w.toml".into(), line: 2 }));
        assert_eq!(read("~/x", &files).unwrap().webhook.body, "x");
        assert_eq!(read("b.j2 + no", &files).unwrap_err(), "no no");
    }

    #[test]
    fn a_line_of_files_stays_what_it_is() {
        for line in ["b.j2", "b.j2 + u.j2", "b.j2 + u.j2 + h.j2"] {
            assert_eq!(Files::parse(line, None).to_string(), line);
        }
        assert_eq!(last_file("b.j2 + u"), ("b.j2 + ", "u"));
        assert_eq!(last_file("b"), ("", "b"));
    }
}
