//! `hookview rules`

use std::io::{self, Write};

use super::{capture, existing};
use crate::capture::{Capture, CaptureId};
use crate::cli::RulesArgs;
use crate::config::{RulesFile, Settings};
use crate::exit::Exit;
use crate::inspect::Clean;
use crate::rules::{Finding, Rule};
use crate::service::Rulebook;

/// Checks a rules file and lists its rules; says what they make of a capture, when one is named.
pub async fn run(args: &RulesArgs, settings: &Settings) -> anyhow::Result<Exit> {
    if args.example {
        io::stdout().lock().write_all(crate::rules::REFERENCE.as_bytes())?;
        return Ok(Exit::Ok);
    }
    let from = args.file.clone().map_or_else(|| settings.rules.clone(), RulesFile::Named);
    let rulebook = Rulebook::open(from.clone(), settings.everyday.clone())?;
    if rulebook.standing().borrow().file.is_none() {
        anyhow::bail!("there is no rules file{}; hookview rules --example shows what one can say", places(&from));
    }
    let text = match args.capture {
        Some(id) => explained(rulebook, id, settings).await?,
        None => listed(&rulebook),
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(Exit::Ok)
}

/// Where it would have been found.
fn places(from: &RulesFile) -> String {
    match from {
        RulesFile::Auto { here, beside: Some(beside) } => {
            format!(": neither {} nor {}", here.display(), beside.display())
        }
        _ => String::new(),
    }
}

/// The rules in their order, and that the file holds.
fn listed(rulebook: &Rulebook) -> String {
    let rows = rulebook.with(|rules, _| rules.iter().map(row).collect::<Vec<_>>());
    format!("{}\n{}", title(rulebook), table(&rows))
}

fn title(rulebook: &Rulebook) -> Clean {
    Clean::text(&rulebook.standing().borrow().words())
}

fn row(rule: &Rule) -> [String; 4] {
    let line = rule.line().map_or("-".to_owned(), |line| line.to_string());
    [line, rule.name().to_owned(), rule.when_words(), rule.answer_words()]
}

/// What each rule would make of a capture that came now, and what would be answered.
async fn explained(rulebook: Rulebook, id: CaptureId, settings: &Settings) -> anyhow::Result<String> {
    let service = existing(settings)?;
    let capture = capture(&service, id)?;
    let title = title(&rulebook);
    let asked = Capture { answer: None, ..capture };
    let rows: Vec<_> = rulebook.explain(&asked).into_iter().map(|found| found_row(found.rule, found.finding)).collect();
    let service = service.with_rulebook(std::sync::Arc::new(rulebook));
    let answer = service.would_answer(&asked).await;
    let words = format!("{id} would be answered {} by {}", answer.status, answer.rule);
    Ok(format!("{title}\n{}{}\n", table(&rows), Clean::text(&words)))
}

fn found_row(rule: String, finding: Finding) -> [String; 3] {
    let (word, why) = match finding {
        Finding::Off => ("off", String::new()),
        Finding::Differs(why) => ("no", why),
        Finding::Guards(what) => ("passes", what),
        Finding::Answers(what) => ("answers", what),
        Finding::TooLate(what) => ("too late", what),
    };
    [rule, word.to_owned(), why]
}

/// Columns as wide as what is in them; the last one is not filled up.
fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let clean: Vec<[String; N]> =
        rows.iter().map(|row| row.each_ref().map(|cell| Clean::text(cell).to_string())).collect();
    let width = |column: usize| clean.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("  {}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    clean.iter().map(line).collect()
}
