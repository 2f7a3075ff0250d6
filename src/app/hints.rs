//! The hint line: the keys worth pressing here, most useful first, and the two that are always there.

use std::ops::Range;

use super::detail::Tab;
use super::layout::Pane;
use super::sheet::{LabSheet, Overlay, Part, PromptKind, node_at_cursor};
use super::{Action, Model};
use crate::capture::Outcome;
use crate::inspect::cells;

/// A hint: the action, its key, its word.
pub type Hint = (Action, String, &'static str);

/// The hints that fit, without the two that are always there.
pub fn hints(model: &Model, width: usize) -> Vec<Hint> {
    let mut room = width.saturating_sub(cells(&always(model)) + 2);
    let mut shown = Vec::new();
    for (action, word) in proposed(model) {
        let key = model.look.keymap.hint(action);
        let need = cells(&key) + cells(word) + 3;
        if key.is_empty() || need > room {
            continue;
        }
        room -= need;
        shown.push((action, key, word));
    }
    shown
}

/// The hints that are always there, at the right: help and the way out.
pub fn always(model: &Model) -> String {
    let (help, quit) = (model.look.keymap.hint(Action::Help), model.look.keymap.hint(Action::Quit));
    match &model.overlay {
        Some(Overlay::Prompt(prompt)) if prompt.names_files() && model.width >= 60 && prompt.choices.is_empty() => {
            let recent = if prompt.kind == PromptKind::Template { "up recent  " } else { "" };
            format!("tab complete  {recent}enter keep  esc cancel")
        }
        Some(Overlay::Prompt(_)) => "enter keep  esc cancel".to_owned(),
        Some(Overlay::Resend(_)) => "enter send  esc cancel".to_owned(),
        Some(Overlay::Temporary(_)) => "enter answer so  esc cancel".to_owned(),
        Some(Overlay::Copy(_)) => "esc cancel".to_owned(),
        Some(Overlay::Palette(_)) => "enter run  esc cancel".to_owned(),
        Some(Overlay::Help(_)) => format!("{quit} close"),
        Some(Overlay::Lab(_)) => format!("{help} help  {quit} back"),
        Some(_) => format!("{help} help  {quit} close"),
        None => format!("{help} help  {quit} quit"),
    }
}

/// Where each hint stands on the hint line, for the mouse.
pub fn hint_places(model: &Model, width: usize) -> Vec<(Action, Range<usize>)> {
    let mut at = 1;
    let mut places: Vec<(Action, Range<usize>)> = Vec::new();
    for (action, key, word) in hints(model, width) {
        let end = at + cells(&key) + 1 + cells(word);
        places.push((action, at..end));
        at = end + 2;
    }
    let right = width.saturating_sub(cells(&always(model)) + 1);
    let help = right + cells(&model.look.keymap.hint(Action::Help)) + 5;
    places.push((Action::Help, right..help));
    places.push((Action::Quit, help + 2..width));
    places
}

/// The hints worth giving here, most useful first.
fn proposed(model: &Model) -> Vec<(Action, &'static str)> {
    match &model.overlay {
        Some(Overlay::Value(_)) => vec![
            (Action::Down, "scroll"),
            (Action::Copy, "copy"),
            (Action::Wrap, "wrap"),
            (Action::OpenOutside, "pager"),
        ],
        Some(Overlay::Resend(sheet)) => resend_hints(sheet.part),
        Some(Overlay::Attempts(_)) => vec![
            (Action::Down, "attempt"),
            (Action::Open, "whole answer"),
            (Action::ResendAgain, "send again"),
            (Action::EditResend, "edit, resend"),
        ],
        Some(Overlay::Answers(_)) => answers_hints(model),
        Some(Overlay::Conditions(_)) => vec![
            (Action::Edit, "edit"),
            (Action::NextCapture, "next capture"),
            (Action::Pin, "system"),
            (Action::Open, "another file"),
            (Action::Down, "scroll"),
        ],
        Some(Overlay::Lab(sheet)) => lab_hints(sheet),
        Some(Overlay::Temporary(sheet)) if sheet.has_field() => vec![(Action::NextPane, "next field")],
        Some(Overlay::Temporary(_)) => vec![(Action::NextPane, "next field"), (Action::Pin, "choose")],
        Some(Overlay::Help(_)) => {
            vec![(Action::Down, "scroll"), (Action::Find, "search the keys"), (Action::Open, "run the key")]
        }
        Some(_) => Vec::new(),
        None if model.shows_busy() => {
            vec![(Action::Open, "next free port"), (Action::ResendAgain, "try again")]
        }
        None if model.list.total() == 0 => vec![
            (Action::Sample, "send sample"),
            (Action::Copy, "copy curl line"),
            (Action::Edit, "secrets"),
            (Action::Palette, "all commands"),
        ],
        None if model.focus == Pane::List => list_hints(),
        None => {
            let mut hints = tab_hints(model.detail.tab);
            let equal = model.equal_at_cursor().map(|(_, shown)| shown);
            hints.retain(|(action, _)| match action {
                Action::Back => model.is_comparing(),
                Action::Left | Action::Right if model.detail.tab == Tab::Diff => equal == Some(*action == Action::Left),
                Action::Left => node_at_cursor(&model.detail).is_some(),
                Action::Reveal => model.detail.tab != Tab::Signature || hides_signature(model),
                _ => true,
            });
            hints
        }
    }
}

/// Whether the signature tab has something that is shown only when asked for.
fn hides_signature(model: &Model) -> bool {
    let Some(loaded) = model.detail.loaded() else { return false };
    let holds = loaded.capture.verdict.outcome == Outcome::Valid;
    loaded.facts.values.as_ref().is_some_and(|values| values.is_secret || !holds)
}

fn answers_hints(model: &Model) -> Vec<(Action, &'static str)> {
    let temporary = if model.answers.temporary.is_some() { "take it back" } else { "answer once" };
    if model.answers.rules.is_empty() && model.answers.file.is_none() {
        return vec![(Action::MakeRule, "make a rule"), (Action::TemporaryAnswer, temporary)];
    }
    vec![
        (Action::Pin, "on, off"),
        (Action::Edit, "edit"),
        (Action::Open, "its captures"),
        (Action::Undo, "reset hits"),
        (Action::MakeRule, "new rule"),
        (Action::TemporaryAnswer, temporary),
        (Action::NextCapture, "next capture"),
    ]
}

fn lab_hints(sheet: &LabSheet) -> Vec<(Action, &'static str)> {
    let mut hints = vec![
        (Action::Edit, "edit"),
        (Action::NextCapture, "capture"),
        (Action::NextHit, "problem"),
        (Action::Resend, "send"),
        (Action::Copy, "copy"),
        (Action::NextPane, "pane"),
    ];
    if sheet.definition().is_some_and(|definition| definition.whole) {
        hints.push((Action::NextTab, "part"));
    }
    hints.extend([
        (Action::Zoom, "zoom"),
        (Action::Pin, "system"),
        (Action::Wrap, "wrap"),
        (Action::Lab, "other template"),
    ]);
    hints
}

fn list_hints() -> Vec<(Action, &'static str)> {
    let short = |action: Action| (action, action.short());
    [
        Action::Open,
        Action::Find,
        Action::Resend,
        Action::Copy,
        Action::Follow,
        Action::Pin,
        Action::Problems,
        Action::Answers,
        Action::Sample,
        Action::Edit,
        Action::Palette,
    ]
    .into_iter()
    .map(short)
    .collect()
}

fn tab_hints(tab: Tab) -> Vec<(Action, &'static str)> {
    let mut hints = match tab {
        Tab::Body => vec![
            (Action::Left, "fold"),
            (Action::Copy, "copy"),
            (Action::Find, "search"),
            (Action::Resend, "resend"),
            (Action::View, "view"),
        ],
        Tab::Headers => vec![
            (Action::Open, "full value"),
            (Action::Copy, "copy"),
            (Action::Reveal, "unmask"),
            (Action::Find, "search"),
        ],
        Tab::Signature => {
            vec![(Action::Edit, "edit secrets"), (Action::Reveal, "show expected"), (Action::Resend, "resend")]
        }
        Tab::Response => vec![
            (Action::Open, "whole answer"),
            (Action::Resend, "resend"),
            (Action::Answers, "answers"),
            (Action::ResendAgain, "again"),
            (Action::Copy, "copy"),
        ],
        Tab::Raw => vec![
            (Action::Find, "find"),
            (Action::View, "text, hex"),
            (Action::Write, "save body"),
            (Action::Copy, "copy"),
        ],
        Tab::Diff => vec![
            (Action::Back, "stop"),
            (Action::NextHit, "next change"),
            (Action::Right, "unfold"),
            (Action::Left, "fold"),
            (Action::Base, "base"),
            (Action::Reveal, "hidden"),
            (Action::View, "view"),
            (Action::Copy, "copy"),
        ],
    };
    hints.extend([
        (Action::NextCapture, "next capture"),
        (Action::Wrap, "wrap"),
        (Action::Zoom, "zoom"),
        (Action::Palette, "all commands"),
    ]);
    hints
}

fn resend_hints(part: Part) -> Vec<(Action, &'static str)> {
    match part {
        Part::Body => vec![
            (Action::NextPane, "next field"),
            (Action::Edit, "edit"),
            (Action::Pin, "compact or not"),
            (Action::Undo, "as captured"),
        ],
        Part::Headers => {
            vec![(Action::NextPane, "next field"), (Action::Edit, "edit"), (Action::Undo, "as captured")]
        }
        Part::Signature => vec![(Action::NextPane, "next field"), (Action::Pin, "choose")],
        _ => vec![(Action::NextPane, "next field")],
    }
}
