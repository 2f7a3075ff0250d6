//! The answers sheet: which rule has the cursor, and what there is to say about it.

use crate::app::clock;
use crate::app::{Action, Answers, Line, Loaded, Model, Role, RuleRow};
use crate::capture::{CaptureId, Summary};
use crate::inspect::cells;
use crate::rules::{Explained, Finding};

/// The rules, the default last.
#[derive(Clone, Debug, Default)]
pub struct AnswersSheet {
    /// The rule with the cursor.
    pub cursor: usize,
    /// Lines of what there is to say about it that are scrolled past.
    pub top: usize,
}

/// The name under which answers go that no rule made.
pub const DEFAULT: &str = "default";

impl AnswersSheet {
    /// Puts the cursor on a rule.
    pub fn go(&mut self, cursor: usize) {
        (self.cursor, self.top) = (cursor, 0);
    }

    /// The rule with the cursor; `None` on the default.
    pub fn chosen<'a>(&self, answers: &'a Answers) -> Option<&'a RuleRow> {
        answers.rules.get(self.cursor)
    }

    /// Its name, or that of the default.
    pub fn name<'a>(&self, answers: &'a Answers) -> &'a str {
        self.chosen(answers).map_or(DEFAULT, |rule| rule.name.as_str())
    }
}

/// What there is to say about the rule with the cursor; of its last hits as many as have room on a screen of this height.
pub fn rule_lines(model: &Model, sheet: &AnswersSheet, height: usize) -> Vec<Line> {
    let answers = &model.answers;
    let mut lines = match sheet.chosen(answers) {
        Some(rule) => words(model, rule),
        None => vec![row("when", "no rule above matches"), row("answer", "200 OK; it cannot be switched off")],
    };
    if let Some(loaded) = model.detail.loaded() {
        lines.extend(of_capture(answers, loaded, sheet));
    }
    lines.extend(last_hits(model, sheet.name(answers), height.saturating_sub(lines.len() + 2)));
    lines
}

fn row(name: &str, value: impl AsRef<str>) -> Line {
    Line::new(Role::Key, format!("  {name:<7} ")).and(Role::Text, value).hanging(10)
}

fn words(model: &Model, rule: &RuleRow) -> Vec<Line> {
    let since = model.look.zone.clock(rule.since);
    let hits = match rule.first {
        Some(first) => format!("{} of at most {first} since {since}", rule.hits),
        None => format!("{} since {since}", rule.hits),
    };
    let place = match (rule.line, &model.answers.file) {
        (Some(line), Some(file)) => format!("; line {line} of {file}"),
        _ => "; from the command line".to_owned(),
    };
    vec![row("when", &rule.when), row("answer", &rule.answer), row("hits", hits + &place)]
}

/// What the rule would make of the selected capture, and why it is not one above that answers.
fn of_capture(answers: &Answers, loaded: &Loaded, sheet: &AnswersSheet) -> Vec<Line> {
    let (label, about) = (loaded.capture.id.to_string(), &loaded.foreseen);
    let answering = about.findings.iter().find(|found| matches!(found.finding, Finding::Answers(_)));
    let finding = about.findings.get(sheet.cursor);
    let mut lines = match (finding, answering) {
        _ if answers.temporary.is_some() => vec![row(&label, "would get the temporary answer, above all rules")],
        (Some(found), _) => vec![finding_line(&label, found, answering)],
        (None, Some(by)) => vec![row(&label, format!("would be answered by {}", by.rule))],
        (None, None) => vec![Line::new(Role::Key, format!("  {label:<7} ")).and(Role::Good, "would get this")],
    };
    let is_it = finding.map_or(answering.is_none(), |found| matches!(found.finding, Finding::Answers(_)));
    if is_it && answers.temporary.is_none() {
        if let Some(note) = &about.judgement {
            lines.push(row("note", format!("{}. {}", note.text, note.next).trim_end()));
        }
        let above = about.findings.iter().take(sheet.cursor).enumerate();
        lines.extend(above.map(|(at, found)| row(if at == 0 { "above" } else { "" }, why_not(found))));
    }
    lines
}

fn finding_line(label: &str, found: &Explained, answering: Option<&Explained>) -> Line {
    let line = Line::new(Role::Key, format!("  {label:<7} "));
    let above = answering.map_or("a rule above", |by| by.rule.as_str());
    let (role, text) = match &found.finding {
        Finding::Answers(what) => (Role::Good, format!("would get this: {what}")),
        Finding::TooLate(_) => (Role::Text, format!("matches too, but {above} answers first")),
        Finding::Guards(why) => (Role::Text, format!("would be let through: {why}")),
        Finding::Differs(why) => (Role::Text, format!("does not match: {why}")),
        Finding::Off => (Role::Text, "not looked at: the rule is off".to_owned()),
    };
    line.and(role, text).hanging(10)
}

/// A rule above the one that answers, and why it does not.
pub fn why_not(found: &Explained) -> String {
    let why = match &found.finding {
        Finding::Off => "is off".to_owned(),
        Finding::Differs(why) => why.clone(),
        Finding::Guards(why) => format!("lets it through: {why}"),
        Finding::Answers(what) | Finding::TooLate(what) => format!("would answer: {what}"),
    };
    format!("not {}: {why}", found.rule)
}

/// The newest captures that the rule answered, newest first.
fn last_hits(model: &Model, name: &str, most: usize) -> Vec<Line> {
    const RECENT: usize = 10_000;
    let hit = |row: &&Summary| &*row.rule == name;
    let line = |row: &Summary| {
        let status = if row.status == 0 { "–".to_owned() } else { row.status.to_string() };
        let when = model.look.zone.stamp(row.received_at, model.wall);
        let retry = row.retry.map(|retry| format!("  retry {} of {}", retry.nth, retry.of)).unwrap_or_default();
        Line::text(format!("    {:<6} {when}  {status}  {}{retry}", row.id.to_string(), row.target))
    };
    let hits: Vec<Line> = model.list.rows().rev().take(RECENT).filter(hit).take(most).map(line).collect();
    if hits.is_empty() {
        return Vec::new();
    }
    [Line::default(), Line::new(Role::Key, "  last hits")].into_iter().chain(hits).collect()
}

/// How many captures of the list no rule answered.
pub fn default_hits(model: &Model) -> usize {
    model.list.rows().filter(|row| &*row.rule == DEFAULT).count()
}

/// What to do where there is no rules file.
pub fn first_rule(model: &Model, selected: Option<CaptureId>) -> Vec<Line> {
    let key = |action: Action| model.look.keymap.hint(action);
    let Some(place) = &model.answers.place else {
        return vec![Line::text("  No rules: hookview was started with --rules none.")];
    };
    let like = selected.map_or_else(|| "any request".to_owned(), |id| format!("requests like {id}"));
    vec![
        Line::default(),
        Line::text("  No rules yet: every request is answered 200 OK.").hanging(2),
        Line::default(),
        Line::text("  Press ")
            .and(Role::Strong, key(Action::MakeRule))
            .and(Role::Text, format!(" to make one for {like}, in {place}, and to open it in your editor. It counts as soon as it is saved."))
            .hanging(2),
        Line::default(),
        Line::text("  Only for a moment, without a file: press ")
            .and(Role::Strong, key(Action::TemporaryAnswer))
            .and(Role::Text, " and say what the next request gets.")
            .hanging(2),
    ]
}

/// `rules.toml, saved 12:10:02, watching`, or that what it says is not in force; less where there is no room for it.
pub fn file_words(model: &Model, room: usize) -> String {
    let answers = &model.answers;
    let Some(file) = &answers.file else { return "no rules file".to_owned() };
    let saved =
        answers.saved.map(|at| format!(", saved {}", model.look.zone.stamp(at, model.wall))).unwrap_or_default();
    let state = match (&answers.refused, &answers.unwatched) {
        (Some(_), _) => "not in force",
        (None, Some(_)) => "not watched",
        (None, None) => "watching",
    };
    let name = file.rsplit('/').next().unwrap_or_default();
    let forms = [format!("{file}{saved}, {state}"), format!("{name}{saved}, {state}"), format!("{name}, {state}")];
    forms.into_iter().find(|form| cells(form) <= room).unwrap_or_else(|| state.to_owned())
}

/// A temporary answer in a few words: `503, hangs`.
pub fn temporary_words(temporary: &crate::rules::Temporary) -> String {
    let play = temporary.answer.play;
    let delay = (play.delay_ms > 0).then(|| format!(" after {}", clock::duration(play.delay_ms * 1000)));
    let fault = play.fault.map(|fault| format!(", {}", crate::app::played::fault_word(fault)));
    format!("{}{}{}", temporary.answer.status, delay.unwrap_or_default(), fault.unwrap_or_default())
}
