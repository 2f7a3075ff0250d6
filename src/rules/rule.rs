//! A rule, and the rules of a file in their order.

use std::path::{Path, PathBuf};

use super::limit::{Cors, Limits};
use super::reply::Reply;
use super::task::{Onward, Task};
use super::template::Seen;
use super::when::When;
use super::{Everyday, Passing, Plan, RulesError, Source, read};
use crate::capture::{Answer, Fault};

/// How files that rules name are read while the rules are: given the path, the text or why there is none. Given a
/// directory, too, the file must be inside of it, wherever links lead.
pub type Loader<'a> = &'a dyn Fn(&Path, Option<&Path>) -> std::io::Result<String>;

/// The rules of a file, and of the one-line forms behind them. They do not change.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub(super) all: Vec<Rule>,
    pub(super) files: Vec<PathBuf>,
    pub(super) seed: Option<u64>,
}

/// A rule: what it matches, and what is done then.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    pub(super) name: String,
    pub(super) line: Option<usize>,
    /// Whether it is switched off in the file.
    pub(super) off: bool,
    pub(super) when: When,
    pub(super) limits: Limits,
    pub(super) cors: Option<Cors>,
    /// Whether it only guards although it gives leave to pages: so that they can read its refusals.
    pub(super) is_gate: bool,
    /// One after the other; none for the default.
    pub(super) replies: Vec<Reply>,
    /// Whether the first comes again behind the last, which is else repeated.
    pub(super) cycles: bool,
    pub(super) tasks: Vec<Task>,
    pub(super) onward: Option<Onward>,
}

impl Rules {
    /// Reads a rules file. `path` names it in errors, and files that rules name are seen from its directory.
    pub fn parse(text: &str, path: &Path, load: Loader) -> Result<Self, RulesError> {
        read::rules(text, path, load)
    }

    /// These, and behind them those of the one-line forms.
    #[must_use]
    pub fn with(mut self, everyday: &Everyday) -> Self {
        self.all.extend(everyday.rules());
        self
    }

    /// The rules in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Rule> {
        self.all.iter()
    }

    /// The rule of this name.
    pub fn get(&self, name: &str) -> Option<&Rule> {
        self.all.iter().find(|rule| rule.name == name)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Other files that were read for them (schemas, templates): a change of one is a change of the rules.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The seed that the file names for what is left to chance.
    pub fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// The names of secrets that forwards are signed with, each with its rule; whether there are such secrets, who has
    /// them must tell.
    pub fn signing_secrets(&self) -> impl Iterator<Item = (&Rule, &str)> {
        self.all.iter().filter_map(|rule| Some((rule, rule.onward.as_ref()?.forward.sign_with.as_deref()?)))
    }
}

impl<'a> IntoIterator for &'a Rules {
    type Item = &'a Rule;
    type IntoIter = std::slice::Iter<'a, Rule>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Rule {
    /// What it is called; no other rule has that name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its line in the file; `None` for a one-line form.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// What it matches, in short: `path /hooks/pm, first 2`.
    pub fn when_words(&self) -> String {
        self.when.to_string()
    }

    /// What it does then, in short: `500 after 2s`.
    pub fn answer_words(&self) -> String {
        self.words(&self.reply_words())
    }

    /// The same of one turn.
    pub(super) fn words_on(&self, turn: u64) -> String {
        let reply = if self.replies.is_empty() { self.reply_words() } else { self.reply(turn).words() };
        self.words(&reply)
    }

    fn words(&self, reply: &str) -> String {
        let mut words = self.limits.words();
        words.extend(self.cors.is_some().then(|| "CORS".to_owned()));
        words.extend(self.tasks.iter().map(task_words));
        words.extend(self.onward.as_ref().map(|onward| format!("forward to {}", onward.url)));
        if self.answers_itself() {
            words.push(reply.to_owned());
        }
        words.join(", ")
    }

    /// What it does beyond answering, when it does: `runs a command`, `forwards`.
    pub fn reaches_out(&self) -> Option<&'static str> {
        let runs = (!self.tasks.is_empty()).then_some("runs a command");
        runs.or(self.onward.is_some().then_some("forwards"))
    }

    /// How many requests it answers at most.
    pub fn first(&self) -> Option<u64> {
        self.when.turns.first
    }

    /// Whether it only refuses: what it lets through goes on to the rules below.
    pub fn only_guards(&self) -> bool {
        let acts = self.cors.is_some() || !self.replies.is_empty() || !self.tasks.is_empty() || self.onward.is_some();
        !self.limits.is_empty() && (self.is_gate || !acts)
    }

    /// Whether the answer is neither a command's nor a target's.
    fn answers_itself(&self) -> bool {
        let theirs = self.onward.as_ref().is_some_and(|onward| onward.forward.passing == Passing::Through);
        !theirs && !self.tasks.iter().any(|task| task.answers) && !self.only_guards()
    }

    fn reply_words(&self) -> String {
        let replies: Vec<String> = self.replies.iter().map(Reply::words).collect();
        let cycles = if self.cycles { ", and again" } else { "" };
        if replies.is_empty() { "200 OK".to_owned() } else { replies.join(", then ") + cycles }
    }

    /// The answer of its turn, counted from 0.
    pub(super) fn reply(&self, turn: u64) -> Reply {
        let turn = usize::try_from(turn).unwrap_or(usize::MAX);
        let turn = if self.cycles { turn.checked_rem(self.replies.len()).unwrap_or(0) } else { turn };
        self.replies.get(turn).or(self.replies.last()).cloned().unwrap_or_default()
    }

    /// Whether `100 Continue` is withheld on its turn.
    pub(super) fn withholds_continue(&self, turn: u64) -> bool {
        self.reply(turn).fault == Some(Fault::NoContinue)
    }

    /// What is to be done on its turn; `part` is of the range of the delay, from 0 to 1.
    pub(super) fn plan(&self, turn: u64, request: &Seen, part: f64) -> Plan {
        let mut plan = self.reply(turn).plan(request, part);
        for task in &self.tasks {
            match task.made(request) {
                Ok(command) if task.answers => plan.source = Source::Output(command),
                Ok(command) => plan.commands.push(command),
                Err(why) if task.answers => plan = unanswered(&plan, &why),
                Err(why) => plan.answer.note = format!("a command was not run: {why}"),
            }
        }
        plan.forward = self.onward.as_ref().map(|onward| onward.made(request.subject));
        if plan.forward.as_ref().is_some_and(|forward| forward.passing == Passing::Through) {
            plan.source = Source::Upstream;
        }
        if let Some(cors) = &self.cors {
            cors.add_to(&mut plan.answer.headers, request.subject);
        }
        plan.answer.rule.clone_from(&self.name);
        plan
    }
}

/// The plan when the command that was to answer must not be run; the client learns no more than that.
fn unanswered(plan: &Plan, why: &str) -> Plan {
    let answer = Answer::text(500, "The command that answers was not run.\n", "");
    let note = format!("the command that answers was not run: {why}");
    Plan { answer: Answer { note, play: plan.answer.play, ..answer }, source: Source::Ready, ..plan.clone() }
}

fn task_words(task: &Task) -> String {
    let program = task.argv.first().map(|text| format!("{text:?}")).unwrap_or_default();
    let program = program.trim_matches('"');
    if task.answers { format!("the output of {program}") } else { format!("run {program}") }
}
