//! What was done with a capture besides answering it: commands that were run, tries to forward it, tries to resend it.

use super::{Page, PageLine, Target};
use crate::app::{Action, Line, Role, Zone};
use crate::capture::{Asker, Attempt, AttemptOutcome, Response, Run, RunOutcome, Signing, status_text};
use crate::inspect::{self, bytes_exact};

/// Lines of a command's output that the tab shows; all of them are a key away.
const OUTPUT: usize = 4;

/// The commands, oldest first, each with the first lines that it wrote.
pub(super) fn runs(page: Page) -> Vec<PageLine> {
    let runs = &page.loaded.runs;
    if runs.is_empty() {
        return Vec::new();
    }
    let count = if runs.len() == 1 { "1 command".to_owned() } else { format!("{} commands", runs.len()) };
    let mut lines = vec![PageLine::plain(Line::new(Role::Strong, format!("Ran       {count}")))];
    for (index, run) in runs.iter().enumerate() {
        lines.push(PageLine { line: run_line(run, page.look.zone), target: Target::Run(index) });
        let output = output_lines(run);
        let shown = if output.len() > OUTPUT { OUTPUT - 1 } else { OUTPUT };
        let more = output.len().saturating_sub(shown);
        lines.extend(output.into_iter().take(shown).map(PageLine::plain));
        if more > 0 {
            let text = format!("             {more} more lines: {} shows all", page.key(Action::Open));
            lines.push(PageLine::plain(Line::new(Role::Dim, text)));
        }
    }
    lines
}

/// A command on one line: when, what came of it, how long it took, what it was.
fn run_line(run: &Run, zone: Zone) -> Line {
    let (role, outcome) = run_outcome(run);
    Line::text(format!("  {}  ", zone.clock(run.at)))
        .and(role, outcome)
        .and(Role::Text, format!("  {}   {}   rule {}", milliseconds(run.took_us), run_title(run), run.rule))
        .hanging(4)
}

fn run_outcome(run: &Run) -> (Role, String) {
    match &run.outcome {
        RunOutcome::Exited(0) => (Role::Good, "✓ exit 0".to_owned()),
        RunOutcome::Exited(code) => (Role::Bad, format!("✗ exit {code}")),
        RunOutcome::Killed(signal) => (Role::Bad, format!("✗ ended by signal {signal}")),
        RunOutcome::TimedOut(ms) => {
            (Role::Bad, format!("✗ ended after its time limit of {}", crate::app::clock::duration(ms * 1000)))
        }
        RunOutcome::NotStarted(why) => (Role::Bad, format!("✗ not started: {why}")),
        RunOutcome::Refused => (Role::Bad, "✗ not started: too many were waiting".to_owned()),
    }
}

/// The command as one could type it.
pub fn run_title(run: &Run) -> String {
    let quoted = shlex::try_join(run.command.iter().map(String::as_str));
    quoted.unwrap_or_else(|_| run.command.join(" "))
}

/// All that is kept of what a command wrote.
pub fn run_lines(run: &Run) -> Vec<Line> {
    let (role, outcome) = run_outcome(run);
    let mut lines = vec![Line::new(role, outcome), Line::default()];
    for (name, kept, total) in
        [("standard output", &run.stdout, run.stdout_total), ("standard error", &run.stderr, run.stderr_total)]
    {
        lines.push(Line::new(Role::Strong, format!("{name}, {}", bytes_exact(total))));
        lines.extend(text_lines(kept));
        let lost = total.saturating_sub(kept.len() as u64);
        lines.extend((lost > 0).then(|| Line::new(Role::Dim, format!("{} more were not kept", bytes_exact(lost)))));
        lines.push(Line::default());
    }
    lines
}

fn text_lines(bytes: &[u8]) -> impl Iterator<Item = Line> {
    let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|byte| *byte == b'\n');
    lines.take(if bytes.is_empty() { 0 } else { 5_000 }).map(|line| Line::text(inspect::Clean::bytes(line).as_str()))
}

/// What it wrote, indented; its errors marked.
fn output_lines(run: &Run) -> Vec<Line> {
    let line = |name: &str, line: &Line| {
        Line::new(Role::Key, format!("    {name:<9}")).and(Role::Text, line.plain()).hanging(13)
    };
    let part = |name: &str, bytes: &[u8]| -> Vec<Line> {
        let lines = text_lines(bytes).enumerate();
        lines.map(|(index, text)| line(if index == 0 { name } else { "" }, &text)).collect()
    };
    [part("wrote", &run.stdout), part("errors", &run.stderr)].concat()
}

/// The tries of rules to forward it, oldest first: each is the answer to the one before.
pub(super) fn forwards(page: Page, chosen: Option<u64>) -> Vec<PageLine> {
    let tries: Vec<(usize, &Attempt, &str)> = page
        .loaded
        .attempts
        .iter()
        .enumerate()
        .filter_map(|(index, attempt)| match &attempt.by {
            Asker::Forward { rule, .. } => Some((index, attempt, rule.as_str())),
            Asker::Resend => None,
        })
        .collect();
    let Some((_, newest, rule)) = tries.last() else { return Vec::new() };
    let count = if tries.len() == 1 { "once".to_owned() } else { format!("{} tries", tries.len()) };
    let mut lines = vec![PageLine::plain(Line::new(Role::Strong, format!("Forwarded {count}, by rule {rule}")))];
    lines.extend(tries.iter().map(|(index, attempt, _)| attempt_row(page, *index, attempt)));
    lines.extend(response_of(page, chosen_of(tries.iter().map(|(_, attempt, _)| *attempt), chosen).unwrap_or(newest)));
    lines
}

/// The tries of the user to resend it, newest first.
pub(super) fn resends(page: Page, chosen: Option<u64>) -> Vec<PageLine> {
    let resent: Vec<(usize, &Attempt)> =
        page.loaded.attempts.iter().enumerate().filter(|(_, attempt)| attempt.by == Asker::Resend).rev().collect();
    let Some((_, newest)) = resent.first() else {
        let text = format!("Not resent yet: {} opens the sheet", page.key(Action::Resend));
        return vec![PageLine::plain(Line::new(Role::Dim, text))];
    };
    let times = if resent.len() == 1 { "once".to_owned() } else { format!("{} times, newest first", resent.len()) };
    let mut lines = vec![PageLine::plain(Line::new(Role::Strong, format!("Resent    {times}")))];
    lines.extend(resent.iter().map(|(index, attempt)| attempt_row(page, *index, attempt)));
    lines.extend(response_of(page, chosen_of(resent.iter().map(|(_, attempt)| *attempt), chosen).unwrap_or(newest)));
    lines
}

fn chosen_of<'a>(mut attempts: impl Iterator<Item = &'a Attempt>, chosen: Option<u64>) -> Option<&'a Attempt> {
    attempts.find(|attempt| Some(attempt.id) == chosen)
}

fn attempt_row(page: Page, index: usize, attempt: &Attempt) -> PageLine {
    PageLine { line: attempt_line(attempt, page.look.zone), target: Target::Attempt(index) }
}

/// The answer to an attempt, below the attempts.
fn response_of(page: Page, attempt: &Attempt) -> Vec<PageLine> {
    let AttemptOutcome::Answered(response) = &attempt.outcome else { return Vec::new() };
    let title = Line::new(Role::Strong, format!("{} response", page.look.zone.clock(attempt.at)));
    let lines = response_lines(response, |name| page.hides(name));
    [Line::default(), title].into_iter().chain(lines).map(PageLine::plain).collect()
}

/// An attempt on one line: when, what came of it, how long it took, where to.
fn attempt_line(attempt: &Attempt, zone: Zone) -> Line {
    let signing = match &attempt.signing {
        Signing::Captured => "as captured".to_owned(),
        Signing::With(name) => format!("re-signed {name}"),
        Signing::None => "unsigned".to_owned(),
    };
    let edited = if attempt.edited { ", edited" } else { "" };
    let nth = match &attempt.by {
        Asker::Forward { nth, .. } if *nth > 1 => format!("   try {nth}"),
        _ => String::new(),
    };
    let line = Line::text(format!("  {}  ", zone.clock(attempt.at)));
    let (role, outcome) = outcome_text(attempt);
    line.and(role, outcome).and(Role::Text, format!("   {}   {signing}{edited}{nth}", attempt.url)).hanging(4)
}

/// What came of an attempt, with its sign and how long it took.
pub fn outcome_text(attempt: &Attempt) -> (Role, String) {
    match &attempt.outcome {
        AttemptOutcome::Answered(response) => {
            let (role, mark) = if attempt.accepted() { (Role::Good, "✓") } else { (Role::Bad, "✗") };
            let size = bytes_exact(response.body_total);
            (
                role,
                format!(
                    "{mark} {}  {}  {size}",
                    status_text(response.status, &response.reason),
                    milliseconds(attempt.timing.total_us)
                ),
            )
        }
        AttemptOutcome::Failed(reason) => (Role::Bad, format!("✗ {reason}")),
    }
}

/// A whole answer: status line, headers, body.
/// Values of header lines for which `hides` holds are left out.
pub fn response_lines(response: &Response, hides: impl Fn(&[u8]) -> bool) -> Vec<Line> {
    let mut lines = vec![Line::text(format!("  {}", status_text(response.status, &response.reason)))];
    for header in &response.headers {
        let value = inspect::Clean::bytes(if hides(&header.name) { b"masked" } else { &header.value[..] });
        lines.push(Line::new(Role::Key, format!("  {}", header.name_text())).and(Role::Text, format!(": {value}")));
    }
    lines.push(Line::default());
    let body = inspect::pretty(&response.body).unwrap_or_else(|_| response.body.to_vec());
    let text = String::from_utf8_lossy(&body);
    lines.extend(text.lines().take(5_000).map(|line| Line::text(format!("  {line}"))));
    let kept = response.body.len() as u64;
    if response.body_total > kept {
        lines.push(Line::new(Role::Dim, format!("  {} more were not kept", bytes_exact(response.body_total - kept))));
    }
    lines
}

/// A duration in milliseconds, with a decimal below ten.
pub fn milliseconds(us: u64) -> String {
    if us < 10_000 { format!("{}.{} ms", us / 1000, us % 1000 / 100) } else { format!("{} ms", us / 1000) }
}
