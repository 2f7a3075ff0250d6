//! Reading a rules file: every key is known and has the type that it must, or the file is refused with line and reason.

mod acting;
mod answer;
mod limits;
mod when;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

pub(super) use answer::check_name;

use super::{Loader, Rule, Rules, RulesError};
use crate::capture::{Fault, NEVER_MADE};
use crate::config::{ConfigError, Document, Entry};

const KEYS: [&str; 10] = ["name", "on", "when", "answer", "fault", "cycle", "limits", "cors", "run", "forward"];

/// Names that stand in answers for something else than a rule.
const TAKEN: [&str; 8] =
    ["default", "enforce", "temporary", "handshake", "status path", "not stored", NEVER_MADE, "command line"];

/// The directory that files are seen from, and those that were read.
struct Surroundings<'a> {
    directory: PathBuf,
    load: Loader<'a>,
    files: RefCell<Vec<PathBuf>>,
}

pub(super) fn rules(text: &str, path: &Path, load: Loader) -> Result<Rules, RulesError> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let around = Surroundings { directory: directory.to_owned(), load, files: RefCell::default() };
    let document = Document::parse(path, text)?;
    let mut rules = Rules::default();
    for entry in document.entries() {
        match entry.name {
            "rule" => rules.all = all(&entry, &around)?,
            "seed" => rules.seed = Some(entry.number(0..=u64::MAX)?),
            _ => return Err(entry.unknown("key", ["rule", "seed"]).into()),
        }
    }
    rules.files = around.files.into_inner();
    Ok(rules)
}

fn all(entry: &Entry, around: &Surroundings) -> Result<Vec<Rule>, ConfigError> {
    let mut rules: Vec<Rule> = Vec::new();
    for row in entry.items() {
        if !row.is_table() {
            return Err(row.wrong("must be tables: write [[rule]] above each"));
        }
        let rule = rule(&row, rules.len() + 1, around)?;
        if let Some(same) = rules.iter().find(|other| other.name == rule.name) {
            let line = same.line.unwrap_or_default();
            return Err(
                row.wrong(format_args!("at line {line} is called `{}`, too: give each its own name", rule.name))
            );
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn rule(row: &Entry, number: usize, around: &Surroundings) -> Result<Rule, ConfigError> {
    let mut rule = Rule { name: format!("rule-{number}"), line: Some(row.place().line), ..Rule::default() };
    let mut fault = None;
    let fields = row.table()?;
    for field in &fields {
        match field.name {
            "name" => rule.name = name(field)?,
            "on" => rule.off = !field.flag()?,
            "when" => rule.when = when::when(field)?,
            "answer" => rule.replies = answer::replies(field, around)?,
            "fault" => fault = Some((field, answer::fault(field)?)),
            "cycle" => rule.cycles = field.flag()?,
            "limits" => rule.limits = limits::limits(field, around)?,
            "cors" => rule.cors = limits::cors(field)?,
            "run" => rule.tasks = acting::tasks(field, around)?,
            "forward" => rule.onward = Some(acting::onward(field)?),
            _ => return Err(field.unknown("key of [[rule]]", KEYS)),
        }
    }
    if let Some((field, fault)) = fault {
        answer::add_fault(field, &mut rule.replies, fault)?;
    }
    acting::check_answers(row, &rule)?;
    check(row, &rule)?;
    Ok(rule)
}

fn name(field: &Entry) -> Result<String, ConfigError> {
    let name = field.text()?;
    match () {
        () if name.trim().is_empty() || name.chars().any(char::is_control) => {
            Err(field.wrong("must be a line of text, and not empty"))
        }
        () if TAKEN.contains(&name) || name.starts_with("--") => {
            Err(field.wrong(format_args!("cannot be `{name}`, which means something else: give it another name")))
        }
        () => Ok(name.to_owned()),
    }
}

/// What the keys of a rule say together.
fn check(row: &Entry, rule: &Rule) -> Result<(), ConfigError> {
    let faults = || rule.replies.iter().filter_map(|reply| reply.fault);
    if rule.when.needs_body() && faults().any(|fault| fault == Fault::NoContinue) {
        return Err(row.wrong(
            "withholds 100 Continue, which is done before there is a body: `when` cannot look at `json`, `body`, `sender` or `verdict`",
        ));
    }
    if rule.cycles && rule.replies.len() < 2 {
        return Err(row.wrong("has `cycle` and no list of answers to begin again: write answer = [503, 200]"));
    }
    let acts = !rule.replies.is_empty() || !rule.tasks.is_empty() || rule.onward.is_some();
    if !acts && rule.limits.is_empty() && rule.cors.is_none() {
        return Err(row.wrong("does nothing: give it an `answer`, `fault`, `limits`, `cors`, `run` or `forward`"));
    }
    Ok(())
}

impl Surroundings<'_> {
    /// The text of a file that the rules need, seen from their directory.
    fn read(&self, field: &Entry) -> Result<String, ConfigError> {
        let path = self.directory.join(field.text()?);
        let text = (self.load)(&path, None);
        let text = text.map_err(|error| field.wrong(format_args!("{} cannot be read: {error}", path.display())))?;
        self.files.borrow_mut().push(path);
        Ok(text)
    }

    /// The text of a file that another file of the rules refers to, by its path below their directory.
    fn read_beside(&self, path: &str) -> Result<String, String> {
        let path = self.directory.join(path);
        let text = (self.load)(&path, Some(&self.directory)).map_err(|error| format!("cannot be read: {error}"))?;
        self.files.borrow_mut().push(path);
        Ok(text)
    }
}

/// Every key there is.
#[cfg(test)]
pub(super) fn keys() -> Vec<&'static str> {
    [&KEYS[..], &when::KEYS, &when::TESTS, &answer::KEYS, &limits::KEYS, &acting::RUN_KEYS, &acting::FORWARD_KEYS]
        .concat()
}
