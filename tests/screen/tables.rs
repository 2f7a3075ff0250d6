//! Keys are data: the tables of `assets/config.toml` and the code name the same things, and no key has two meanings.

use std::collections::{BTreeMap, BTreeSet};

use hookview::app::{Action, CopyKind, FoldCommand, Keymap};
use hookview::config::{Key, KeyTable};

use super::desk::bindings;

fn names(table: &KeyTable) -> BTreeSet<String> {
    table.iter().map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn the_tables_name_what_there_is_and_nothing_else() {
    let bindings = bindings();
    let actions: BTreeSet<String> = Action::ALL.iter().map(|action| action.name().to_owned()).collect();
    let copies: BTreeSet<String> = CopyKind::ALL.iter().map(|kind| kind.name().to_owned()).collect();
    assert_eq!(names(&bindings.keys), actions);
    assert_eq!(names(&bindings.copy), copies);
    let folds =
        [("toggle", FoldCommand::Toggle), ("open-all", FoldCommand::OpenAll), ("close-all", FoldCommand::CloseAll)];
    assert_eq!(names(&bindings.folds), folds.iter().map(|(name, _)| (*name).to_owned()).collect());
    let keymap = Keymap::from(&bindings);
    for (name, command) in folds {
        for key in bindings.folds.keys(name) {
            assert_eq!(keymap.fold(*key), Some(command), "{name}");
        }
    }
}

#[test]
fn no_key_has_two_meanings() {
    let bindings = bindings();
    for (table, of) in [(&bindings.keys, "keys"), (&bindings.copy, "copy"), (&bindings.folds, "folds")] {
        let mut meanings: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (name, keys) in table.iter() {
            for key in keys {
                meanings.entry(key.to_string()).or_default().push(name);
            }
        }
        let twice: Vec<_> = meanings.iter().filter(|(_, names)| names.len() > 1).collect();
        assert!(twice.is_empty(), "[{of}] {twice:?}");
    }
}

#[test]
fn every_action_and_every_copy_has_a_key_that_leads_to_it() {
    let bindings = bindings();
    let keymap = Keymap::from(&bindings);
    for action in Action::ALL {
        assert!(!keymap.hint(*action).is_empty(), "{}", action.name());
        assert!(bindings.keys.keys(action.name()).iter().all(|key| keymap.action(*key) == Some(*action)));
    }
    for kind in CopyKind::ALL {
        assert_eq!(keymap.copy_key(*kind).and_then(|key| keymap.copy(key)), Some(*kind), "{}", kind.name());
    }
    assert_eq!(keymap.copy(Key::char('y')), None, "y is the usual copy");
}
