//! What keys do in the answers sheet and in the form for a temporary answer.

use bytes::Bytes;

use super::keys::is_escape;
use super::layout::Pane;
use super::sheet::{AnswersSheet, Overlay, rule_lines, temporary_words};
use super::{Action, EditTarget, Effect, Level, Model, RulesChange, rule_term};
use crate::config::{Key, KeyCode};
use crate::rules::Until;

impl Model {
    /// Opens the answers, on the rule that answered the selected capture.
    pub(super) fn open_answers(&mut self) {
        let answered = self.list.selected_row().map(|row| row.rule.clone()).unwrap_or_default();
        let at = self.answers.rules.iter().position(|rule| *rule.name == *answered);
        self.overlay = Some(Overlay::Answers(AnswersSheet { cursor: at.unwrap_or(0), top: 0 }));
        self.answers_changed();
    }

    pub(super) fn answers_key(&mut self, key: Key) -> Vec<Effect> {
        const PAGE: usize = 3;
        let last = self.answers.count() - 1;
        let Some(action) = self.look.keymap.action(key) else { return Vec::new() };
        let Some(Overlay::Answers(sheet)) = &self.overlay else { return Vec::new() };
        let lines = rule_lines(self, sheet, self.height).len();
        let Some(Overlay::Answers(sheet)) = &mut self.overlay else { return Vec::new() };
        match action {
            Action::Down => sheet.go((sheet.cursor + 1).min(last)),
            Action::Up => sheet.go(sheet.cursor.saturating_sub(1)),
            Action::First => sheet.go(0),
            Action::Last => sheet.go(last),
            Action::PageDown | Action::HalfDown => sheet.top = (sheet.top + PAGE).min(lines.saturating_sub(1)),
            Action::PageUp | Action::HalfUp => sheet.top = sheet.top.saturating_sub(PAGE),
            Action::Quit | Action::Back | Action::Answers => self.overlay = None,
            Action::NextCapture => self.list.step(1, self.list_height()),
            Action::PreviousCapture => self.list.step(-1, self.list_height()),
            action => return self.act_on_rule(action),
        }
        Vec::new()
    }

    /// What acts on the rule with the cursor, and what the sheet shares with the rest of the screen.
    fn act_on_rule(&mut self, action: Action) -> Vec<Effect> {
        let Some(Overlay::Answers(sheet)) = &self.overlay else { return Vec::new() };
        let chosen = sheet.chosen(&self.answers).cloned();
        match (action, chosen) {
            (Action::Open, _) => return self.filter_by_rule(),
            (Action::Edit, rule) => return self.edit_rules(rule.and_then(|rule| rule.line)),
            (Action::MakeRule, _) => return self.make_rule(),
            (Action::TemporaryAnswer, _) => return self.temporary_answer(),
            (Action::Pin, Some(rule)) => return self.change_rules(RulesChange::Switch(rule.name, !rule.on)),
            (Action::Pin, None) => self.say(Level::Info, "the default cannot be switched off"),
            (Action::Undo, Some(rule)) => {
                self.say(Level::Info, format!("{}: hits, limits and sequence begin anew", rule.name));
                return self.change_rules(RulesChange::Reset(rule.name));
            }
            (Action::Help | Action::Palette, _) => return self.act(action),
            _ => {}
        }
        Vec::new()
    }

    fn change_rules(&mut self, change: RulesChange) -> Vec<Effect> {
        self.answers_changed();
        vec![Effect::Rules(change)]
    }

    /// Narrows the list to the captures that the rule with the cursor answered.
    fn filter_by_rule(&mut self) -> Vec<Effect> {
        let Some(Overlay::Answers(sheet)) = self.overlay.take() else { return Vec::new() };
        let text = rule_term(sheet.name(&self.answers));
        let height = self.list_height();
        self.focus = Pane::List;
        self.list.set_filter(height, |filter| {
            filter.set_text(&text);
            filter.off = false;
        });
        self.history.retain(|known| *known != text);
        self.history.push(text);
        vec![Effect::StopSearch]
    }

    fn edit_rules(&mut self, line: Option<usize>) -> Vec<Effect> {
        if self.answers.file.is_none() && self.answers.place.is_none() {
            self.say(Level::Info, "there is no rules file to edit: start hookview without --rules none");
            return Vec::new();
        }
        vec![Effect::Edit(EditTarget::Rules(line), Bytes::new())]
    }

    /// Makes a rule of the selected capture at the end of the file, and opens it.
    pub(super) fn make_rule(&mut self) -> Vec<Effect> {
        vec![Effect::Edit(EditTarget::NewRule(self.list.selected()), Bytes::new())]
    }

    /// Opens the form for a temporary answer; takes back the one that stands.
    pub(super) fn temporary_answer(&mut self) -> Vec<Effect> {
        if self.answers.temporary.take().is_some() {
            self.say(Level::Info, "the temporary answer is taken back: the rules decide again");
            return self.change_rules(RulesChange::Temporary(None));
        }
        self.overlay = Some(Overlay::Temporary(Box::default()));
        Vec::new()
    }

    pub(super) fn temporary_key(&mut self, key: Key) -> Vec<Effect> {
        let action = self.look.keymap.action(key);
        let Some(Overlay::Temporary(sheet)) = &mut self.overlay else { return Vec::new() };
        match key.code {
            _ if is_escape(key) => self.overlay = None,
            KeyCode::Enter => return self.set_temporary(),
            KeyCode::BackTab | KeyCode::Up => sheet.next_part(false),
            KeyCode::Tab | KeyCode::Down => sheet.next_part(true),
            _ => match (sheet.field(), action) {
                (Some(field), _) => {
                    field.key(key);
                }
                (None, Some(Action::Pin | Action::Right)) => sheet.turn(true),
                (None, Some(Action::Left)) => sheet.turn(false),
                (None, Some(Action::Down)) => sheet.next_part(true),
                (None, Some(Action::Up)) => sheet.next_part(false),
                (None, Some(Action::Quit)) => self.overlay = None,
                _ => {}
            },
        }
        Vec::new()
    }

    fn set_temporary(&mut self) -> Vec<Effect> {
        let Some(Overlay::Temporary(sheet)) = &self.overlay else { return Vec::new() };
        match sheet.temporary() {
            Ok(temporary) => {
                let key = self.look.keymap.hint(Action::TemporaryAnswer);
                let whom = match temporary.until {
                    Until::Next => "the next request gets",
                    Until::TakenBack => "every request gets",
                };
                self.say(Level::Info, format!("{whom} {}; {key} takes it back", temporary_words(&temporary)));
                self.overlay = None;
                self.answers.temporary = Some(temporary.clone());
                self.change_rules(RulesChange::Temporary(Some(Box::new(temporary))))
            }
            Err(reason) => {
                self.say(Level::Error, reason);
                Vec::new()
            }
        }
    }
}
