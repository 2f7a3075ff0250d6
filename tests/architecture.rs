//! The rules of the house: who may know whom, how long a file may be, that every module says what it is.
//!
//! Reads the source as text. A room is a folder or file right below `src`; its tests may use what they like.

#![expect(clippy::unwrap_used, reason = "a source that cannot be read fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms that are pure: no terminal, no socket, no runtime, no database.
const CORE: [&str; 11] =
    ["capture", "signature", "sender", "inspect", "rules", "template", "condition", "lab", "export", "config", "app"];
/// Rooms that touch the world.
const EDGES: [&str; 8] = ["receiver", "outbound", "store", "ui", "tui", "headless", "commands", "service"];
/// Crates that touch the world.
const EDGE_CRATES: [&str; 8] =
    ["ratatui", "crossterm", "hyper", "hyper_util", "tokio", "tokio_util", "tokio_rustls", "rusqlite"];
/// What drawing must not know.
const NOT_FOR_DRAWING: [&str; 9] =
    ["tokio", "tokio_util", "hyper", "hyper_util", "rusqlite", "crossterm", "tui", "store", "service"];
/// Lines of a file.
const LONGEST: usize = 500;

/// A file of the program.
struct Source {
    /// Below `src`.
    path: PathBuf,
    text: String,
}

impl Source {
    /// The room that it belongs to.
    fn room(&self) -> String {
        let first = self.path.components().next().unwrap().as_os_str().to_str().unwrap();
        first.trim_end_matches(".rs").to_owned()
    }

    fn is_test(&self) -> bool {
        self.path.iter().any(|part| part == "tests" || part == "tests.rs")
    }

    /// The code without its comments and its tests.
    fn code(&self) -> String {
        let code = self.text.split("\n#[cfg(test)]\nmod ").next().unwrap();
        code.lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .fold(String::new(), |code, line| code + line + "\n")
    }

    /// The rooms and crates that the code names: what follows `crate::`, and every path's first word.
    fn names(&self) -> Vec<String> {
        let code = self.code();
        let paths = code.match_indices("::").map(|(at, _)| word_before(&code[..at]));
        let rooms = code.match_indices("crate::").flat_map(|(at, path)| rooms(&code[at + path.len()..]));
        paths.filter(|word| EDGE_CRATES.contains(word)).chain(rooms).map(str::to_owned).collect()
    }
}

fn word_before(text: &str) -> &str {
    let start = text.rfind(|char: char| !(char.is_alphanumeric() || char == '_')).map_or(0, |at| at + 1);
    &text[start..]
}

/// The first word of a path behind `crate::`, or those of a list in braces.
fn rooms(path: &str) -> Vec<&str> {
    let word = |path: &'_ str| path.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(path.len());
    let Some(list) = path.strip_prefix('{') else { return vec![&path[..word(path)]] };
    let (mut depth, mut start, mut rooms) = (0, 0, Vec::new());
    for (at, char) in list.char_indices() {
        match char {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                let item = list[start..at].trim_start();
                rooms.push(&item[..word(item)]);
                start = at + 1;
                if char == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    rooms
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut sources) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                sources.push(Source { path: path.strip_prefix(&root).unwrap().to_owned(), text });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// The files of these rooms that name what they must not, and what.
fn trespassers(rooms: &[&str], forbidden: &[&str]) -> Vec<String> {
    let files = sources().into_iter().filter(|source| rooms.contains(&source.room().as_str()) && !source.is_test());
    let named = files.flat_map(|source| source.names().into_iter().map(move |name| (source.path.clone(), name)));
    let bad = named.filter(|(_, name)| forbidden.contains(&name.as_str()));
    bad.map(|(path, name)| format!("{} names {name}", path.display())).collect()
}

#[test]
fn core_rooms_know_no_edge() {
    let forbidden: Vec<&str> = EDGES.into_iter().chain(EDGE_CRATES).collect();
    assert_eq!(trespassers(&CORE, &forbidden), [""; 0]);
}

#[test]
fn captures_are_known_by_all_and_know_nobody() {
    let others: Vec<&str> = CORE.into_iter().filter(|room| *room != "capture").collect();
    assert_eq!(trespassers(&["capture"], &others), [""; 0]);
}

#[test]
fn only_drawing_and_its_loop_know_the_model() {
    assert_eq!(trespassers(&CORE[..9], &["app"]), [""; 0]);
    assert_eq!(trespassers(&["receiver", "outbound", "store", "headless"], &["app"]), [""; 0]);
}

#[test]
fn drawing_knows_the_model_and_nothing_that_waits() {
    assert_eq!(trespassers(&["ui"], &NOT_FOR_DRAWING), [""; 0]);
}

#[test]
fn receiving_keeping_and_sending_know_nothing_of_each_other() {
    let rooms = ["receiver", "outbound", "store"];
    for room in rooms {
        let others: Vec<&str> = EDGES.into_iter().filter(|other| *other != room).collect();
        assert_eq!(trespassers(&[room], &others), [""; 0]);
    }
}

#[test]
fn every_room_is_core_edge_or_the_program() {
    let program = ["cli", "exit", "lib", "main"];
    let known: Vec<&str> = CORE.into_iter().chain(EDGES).chain(program).collect();
    let strangers: Vec<String> =
        sources().iter().map(Source::room).filter(|room| !known.contains(&room.as_str())).collect();
    assert_eq!(strangers, [""; 0], "say in tests/architecture.rs what they may know");
}

#[test]
fn no_file_is_too_long() {
    let long = sources().into_iter().map(|source| (source.text.lines().count(), source.path));
    assert_eq!(long.filter(|(lines, _)| *lines > LONGEST).collect::<Vec<_>>(), []);
}

#[test]
fn every_module_says_what_it_is() {
    let silent = sources().into_iter().filter(|source| !source.text.starts_with("//! "));
    assert_eq!(silent.map(|source| source.path).collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

#[test]
fn paths_are_read_as_they_are_written() {
    let text = "//! crate::ui\nuse crate::{app::{Model, ui}, export, store::Store};\nuse crate::tui;\nfn f() { tokio::spawn(crate::headless::x()); }\n#[cfg(test)]\nmod tests { use hyper::X; }\n";
    let source = Source { path: "a/b.rs".into(), text: text.to_owned() };
    let mut names = source.names();
    names.sort();
    assert_eq!(names, ["app", "export", "headless", "store", "tokio", "tui"]);
    assert_eq!(source.room(), "a");
}
