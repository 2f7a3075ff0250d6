//! The README's tables that the program's own data are written into.

use std::fmt::Write as _;

use hookview::app::{Action, CopyKind, Group, Keymap};
use hookview::config::{Key, Overrides, Paths, StoreChoice, Surroundings, load};
use hookview::signature::Schemes;

/// The keys of `assets/config.toml`, with what the actions say of themselves.
pub fn keys() -> String {
    let around = Surroundings { paths: &Paths::default(), env: &|_| None, terminal: true };
    let settings = load(&around, &Overrides { store: Some(StoreChoice::Memory), ..Overrides::default() }).unwrap();
    let keymap = Keymap::from(&settings.bindings);
    let mut text = String::new();
    for group in Group::ALL.into_iter().filter(|group| *group != Group::Copy) {
        let rows = Action::ALL.iter().filter(|action| action.group() == group);
        let rows = rows.map(|action| (code(keymap.keys(*action)), action.name(), action.describe()));
        table(&mut text, &sentence_case(group.title()), rows);
    }
    let copy = keymap.hint(Action::Copy);
    let rows = CopyKind::ALL.iter().map(|kind| {
        let key = keymap.copy_key(*kind).unwrap();
        (format!("`{copy}{key}`"), kind.name(), kind.describe())
    });
    table(&mut text, &format!("Behind {copy}, under [copy]; {copy}{copy} copies what suits the view"), rows);
    text
}

fn table(text: &mut String, title: &str, rows: impl Iterator<Item = (String, &'static str, &'static str)>) {
    let _ = write!(text, "\n**{title}**\n\n| key | action | what it does |\n|---|---|---|\n");
    for (keys, name, what) in rows {
        let _ = writeln!(text, "| {keys} | `{name}` | {} |", what.replace('`', ""));
    }
}

fn code(keys: &[Key]) -> String {
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" ")
}

fn sentence_case(title: &str) -> String {
    title[..1].to_owned() + &title[1..].to_lowercase()
}

/// The built-in handshakes.
pub fn handshakes() -> String {
    let mut text = "\n| handshake | what | answered |\n|---|---|---|\n".to_owned();
    for handshake in Schemes::builtin().handshakes() {
        let _ = writeln!(text, "| `{}` | {} | {} |", handshake.id, handshake.title, handshake.describe());
    }
    text + "\n"
}

/// The built-in schemes.
pub fn schemes() -> String {
    let mut text = "\n| scheme | sender | signature | known from |\n|---|---|---|---|\n".to_owned();
    for scheme in &Schemes::builtin() {
        let named = if scheme.detect.is_empty() { "; *when named*" } else { "" };
        let (id, sender, what) = (&scheme.id, &scheme.sender, scheme.describe().replace('\n', "\\n"));
        let _ = writeln!(text, "| `{id}` | {sender} | {what}{named} | {} |", scheme.evidence_words());
    }
    text + "\n"
}
