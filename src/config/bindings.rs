//! Which key does what. Knows the names of actions, not what they do.

use super::document::{Entry, Layers, check_names};
use super::error::ConfigError;
use super::{Key, KeyCode};

/// The actions that end the program.
const WAYS_OUT: [&str; 2] = ["quit", "interrupt"];

/// Which key does what, by table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bindings {
    /// Everywhere.
    pub keys: KeyTable,
    /// Behind `copy`. `y` is the one that suits the view, and is not in the table.
    pub copy: KeyTable,
    /// Behind `fold`. `1` to `9` open to that depth, and are not in the table.
    pub folds: KeyTable,
}

/// The keys of each action, in the order of `assets/config.toml`. No key is in it twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyTable(Vec<(String, Vec<Key>)>);

impl KeyTable {
    /// The keys of an action, the first of which is the one to show; none when it is not bound.
    pub fn keys(&self, action: &str) -> &[Key] {
        self.iter().find(|(name, _)| *name == action).map_or(&[], |(_, keys)| keys)
    }

    /// What a key does.
    pub fn action(&self, key: Key) -> Option<&str> {
        self.iter().find(|(_, keys)| keys.contains(&key)).map(|(name, _)| name)
    }

    /// Every action with its keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Key])> {
        self.0.iter().map(|(name, keys)| (name.as_str(), keys.as_slice()))
    }
}

impl Bindings {
    pub(super) fn read(layers: &Layers) -> Result<Self, ConfigError> {
        let keys = key_table(layers, "keys", |_| false)?;
        check_way_out(layers, &keys)?;
        Ok(Self {
            keys,
            copy: key_table(layers, "copy", |key| key == Key::char('y'))?,
            folds: key_table(layers, "folds", |key| matches!(key.code, KeyCode::Char('1'..='9')))?,
        })
    }
}

/// Refuses a table in which no key ends the program.
fn check_way_out(layers: &Layers, table: &KeyTable) -> Result<(), ConfigError> {
    if WAYS_OUT.iter().any(|action| !table.keys(action).is_empty()) {
        return Ok(());
    }
    let (_, user) = layers.tables("keys")?;
    let last = user.iter().rfind(|entry| WAYS_OUT.contains(&entry.name));
    last.map_or(Ok(()), |entry| Err(entry.wrong("leaves no key to quit with: give `quit` or `interrupt` one")))
}

/// The table `name`, the user's lists in place of the defaults. Keys that are `fixed` cannot be bound.
fn key_table(layers: &Layers, name: &str, fixed: fn(Key) -> bool) -> Result<KeyTable, ConfigError> {
    let (defaults, user) = layers.tables(name)?;
    check_names("action", &user, &defaults)?;
    let mut table = KeyTable::default();
    for default in &defaults {
        table.0.push((default.name.to_owned(), keys(default)?));
    }
    for entry in &user {
        let keys = keys(entry)?;
        if let Some(key) = keys.iter().find(|key| fixed(**key)) {
            return Err(entry.wrong(format_args!("cannot be `{key}`: that key is fixed in [{name}], take another")));
        }
        if let Some((_, bound)) = table.0.iter_mut().find(|(name, _)| name == entry.name) {
            *bound = keys;
        }
    }
    // Only when all are known: two actions may have changed keys with each other.
    user.iter().try_for_each(|entry| check_alone(&table, entry))?;
    Ok(table)
}

fn keys(entry: &Entry) -> Result<Vec<Key>, ConfigError> {
    let mut keys = Vec::new();
    for item in entry.items() {
        let key = item.text()?.parse().map_err(|error| item.wrong(format_args!("cannot be bound: {error}")))?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Refuses a key of the user's `entry` that another action has too.
fn check_alone(table: &KeyTable, entry: &Entry) -> Result<(), ConfigError> {
    let others = || table.iter().filter(|(name, _)| *name != entry.name);
    for &key in table.keys(entry.name) {
        if let Some((other, _)) = others().find(|(_, keys)| keys.contains(&key)) {
            return Err(ConfigError::BoundTwice {
                place: entry.place(),
                key: key.to_string(),
                first: entry.name.to_owned(),
                second: other.to_owned(),
            });
        }
    }
    Ok(())
}
