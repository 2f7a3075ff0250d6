//! A configuration file, parsed, that knows the line of everything in it; and the user's laid over the defaults.
//!
//! The defaults say which settings there are: what they do not name does not exist.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::choices::Choice;
use super::error::{ConfigError, Place};
use super::suggest::hint;

/// A parsed file.
pub(crate) struct Document<'t> {
    file: File<'t>,
    table: DeTable<'t>,
}

/// A file, to tell lines in it.
#[derive(Clone, Copy)]
struct File<'t> {
    path: &'t Path,
    text: &'t str,
}

/// A name and its value, somewhere in a document.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'d> {
    pub name: &'d str,
    value: &'d DeValue<'d>,
    offset: usize,
    file: File<'d>,
}

/// The user's document over the defaults.
pub(super) struct Layers<'t> {
    pub defaults: Document<'t>,
    pub user: Option<Document<'t>>,
}

impl File<'_> {
    fn place(self, offset: usize) -> Place {
        let before = self.text.bytes().take(offset);
        Place { path: self.path.to_owned(), line: 1 + before.filter(|&byte| byte == b'\n').count() }
    }
}

impl<'t> Document<'t> {
    pub fn parse(path: &'t Path, text: &'t str) -> Result<Self, ConfigError> {
        let file = File { path, text };
        match DeTable::parse(text) {
            Ok(table) => Ok(Self { file, table: table.into_inner() }),
            Err(error) => Err(ConfigError::Syntax {
                place: file.place(error.span().map_or(0, |span| span.start)),
                message: error.message().trim().replace('\n', ", "),
            }),
        }
    }

    /// What stands at the top, in the order of the file.
    pub fn entries(&self) -> Vec<Entry<'_>> {
        entries(self.file, &self.table)
    }

    /// Whether `name` stands at the top.
    pub fn names(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    fn entry(&self, name: &str) -> Option<Entry<'_>> {
        self.entries().into_iter().find(|entry| entry.name == name)
    }
}

fn entries<'d>(file: File<'d>, table: &'d DeTable<'d>) -> Vec<Entry<'d>> {
    let mut entries: Vec<Entry<'d>> = table
        .iter()
        .map(|(name, value)| Entry {
            name: name.get_ref().as_ref(),
            value: value.get_ref(),
            offset: name.span().start,
            file,
        })
        .collect();
    entries.sort_by_key(|entry| entry.offset);
    entries
}

impl Layers<'_> {
    /// The user's entry, else the default.
    pub fn entry(&self, name: &str) -> Result<Entry<'_>, ConfigError> {
        let user = self.user.as_ref().and_then(|document| document.entry(name));
        user.or_else(|| self.defaults.entry(name)).ok_or_else(|| ConfigError::NoDefault(name.to_owned()))
    }

    /// What the table `name` holds: by default, and in the user's file.
    pub fn tables(&self, name: &str) -> Result<(Vec<Entry<'_>>, Vec<Entry<'_>>), ConfigError> {
        let defaults = self.defaults.entry(name).ok_or_else(|| ConfigError::NoDefault(name.to_owned()))?;
        let user = self.user.as_ref().and_then(|document| document.entry(name));
        Ok((defaults.table()?, user.map_or(Ok(Vec::new()), |entry| entry.table())?))
    }

    /// Refuses what the defaults do not name.
    pub fn check_names(&self) -> Result<(), ConfigError> {
        let user = self.user.as_ref().map_or_else(Vec::new, Document::entries);
        check_names("setting", &user, &self.defaults.entries())
    }
}

/// Refuses the first of the user's entries that the defaults do not name.
pub(super) fn check_names(what: &'static str, user: &[Entry], defaults: &[Entry]) -> Result<(), ConfigError> {
    let known = || defaults.iter().map(|entry| entry.name);
    match user.iter().find(|entry| !known().any(|name| name == entry.name)) {
        Some(entry) => Err(entry.unknown(what, known())),
        None => Ok(()),
    }
}

impl<'d> Entry<'d> {
    pub fn place(&self) -> Place {
        self.file.place(self.offset)
    }

    /// The error that this name is not among `known`.
    pub fn unknown<'a>(&self, what: &'static str, known: impl IntoIterator<Item = &'a str> + Clone) -> ConfigError {
        ConfigError::Unknown { place: self.place(), what, name: self.name.to_owned(), hint: hint(self.name, known) }
    }

    /// The error that the value does not fit; `problem` continues the sentence that begins with the name.
    pub fn wrong(&self, problem: impl Display) -> ConfigError {
        ConfigError::Value { place: self.place(), name: self.name.to_owned(), problem: problem.to_string() }
    }

    fn not(&self, expected: impl Display) -> ConfigError {
        self.wrong(format_args!("must be {expected}, not {}", found(self.value)))
    }

    pub fn text(&self) -> Result<&'d str, ConfigError> {
        self.value.as_str().ok_or_else(|| self.not("a text in quotes"))
    }

    pub fn flag(&self) -> Result<bool, ConfigError> {
        self.value.as_bool().ok_or_else(|| self.not("true or false"))
    }

    pub fn number(&self, range: RangeInclusive<u64>) -> Result<u64, ConfigError> {
        let integer = self.value.as_integer();
        let number = integer.and_then(|integer| u64::from_str_radix(integer.as_str(), integer.radix()).ok());
        number.filter(|number| range.contains(number)).ok_or_else(|| match (*range.start(), *range.end()) {
            (least, u64::MAX) => self.not(format_args!("a number from {least} on")),
            (least, most) => self.not(format_args!("a number from {least} to {most}")),
        })
    }

    pub fn choice<T: Choice>(&self) -> Result<T, ConfigError> {
        let word = self.value.as_str().unwrap_or_default();
        T::from_word(word)
            .ok_or_else(|| self.wrong(format_args!("cannot be {}{}", found(self.value), hint(word, T::words()))))
    }

    /// A text that `parse` reads; its error says what the text must be.
    pub fn parsed<T, E: Display>(&self, parse: impl FnOnce(&'d str) -> Result<T, E>) -> Result<T, ConfigError> {
        parse(self.text()?).map_err(|error| self.wrong(format_args!("cannot be {}: {error}", found(self.value))))
    }

    /// The entries of a list, under the list's name. A single value counts as a list of one.
    pub fn items(&self) -> Vec<Entry<'d>> {
        match self.value.as_array() {
            Some(array) => {
                array.iter().map(|item| Entry { value: item.get_ref(), offset: item.span().start, ..*self }).collect()
            }
            None => vec![*self],
        }
    }

    pub fn table(&self) -> Result<Vec<Entry<'d>>, ConfigError> {
        match self.value {
            DeValue::Table(table) => Ok(entries(self.file, table)),
            // What stands there instead may be a secret in the wrong place.
            _ => Err(self.wrong("must be a table")),
        }
    }

    pub fn is_table(&self) -> bool {
        self.value.is_table()
    }

    pub fn is_text(&self) -> bool {
        self.value.is_str()
    }

    pub fn is_flag(&self) -> bool {
        self.value.is_bool()
    }

    pub fn is_list(&self) -> bool {
        self.value.is_array()
    }

    pub fn is_number(&self) -> bool {
        self.value.is_integer()
    }

    /// A number, whole or not.
    pub fn decimal(&self) -> Option<f64> {
        self.value
            .as_integer()
            .map(ToString::to_string)
            .or_else(|| self.value.as_float().map(ToString::to_string))?
            .parse()
            .ok()
    }

    /// A date and time, as it is written.
    pub fn moment(&self) -> Option<String> {
        self.value.as_datetime().map(ToString::to_string)
    }

    /// The value as JSON; dates become texts.
    pub fn json(&self) -> serde_json::Value {
        json(self.value)
    }
}

fn json(value: &DeValue) -> serde_json::Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map_or_else(|_| integer.to_string().into(), Into::into),
        DeValue::Float(float) => float.as_str().parse::<f64>().map_or_else(|_| float.to_string().into(), Into::into),
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(moment) => moment.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let mut fields: Vec<_> = table.iter().collect();
            fields.sort_by_key(|(name, _)| name.span().start);
            fields.into_iter().map(|(name, value)| (name.get_ref().to_string(), json(value.get_ref()))).collect()
        }
    }
}

/// A value as it stands in the file, or what sort of thing it is.
fn found(value: &DeValue) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(integer) => integer.to_string(),
        DeValue::Float(float) => float.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
