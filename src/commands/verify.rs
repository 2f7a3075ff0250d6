//! `hookview verify`

use std::io::{self, Write};

use chrono::{DateTime, Utc};

use super::written::{Written, checker_of};
use super::{capture, existing};
use crate::app::detail::{covers_text, is_mismatch, verdict_text};
use crate::capture::{Mark, Outcome, Request, Verdict};
use crate::cli::VerifyArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::export;
use crate::inspect::Clean;
use crate::signature::{Checker, Report};

/// Judges a capture or a request on the command line; fails when its signature does not hold.
pub fn run(args: &VerifyArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let (checker, request, arrived) = subject(args, settings)?;
    let verdict = checker.check(&request, arrived);
    let holds = verdict.outcome == Outcome::Valid;
    let report = if holds { Report::default() } else { checker.diagnose(&request, arrived, &verdict) };
    let text = if args.json {
        format!("{}\n", export::verdict_json(&verdict, &report.hints))
    } else {
        lines(&checker, &verdict, &report)
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(if holds { Exit::Ok } else { Exit::Failed })
}

/// What is judged, with which secrets, and when it arrived.
fn subject(args: &VerifyArgs, settings: &Settings) -> anyhow::Result<(Checker, Request, DateTime<Utc>)> {
    let Some(id) = args.id else {
        let Written { request, origin } = Written::read(&args.request)?;
        let checker = checker_of(&args.secrets, args.scheme.as_ref(), settings)?;
        let checker = origin.into_iter().fold(checker, Checker::with_public_url);
        return Ok((checker, request, args.at.unwrap_or_else(Utc::now)));
    };
    let service = existing(settings)?;
    let capture = capture(&service, id)?;
    anyhow::ensure!(!capture.request.method.is_empty(), "{id} is no HTTP request: there is nothing to verify");
    Ok((checker_of(&args.secrets, args.scheme.as_ref(), settings)?, capture.request, capture.received_at))
}

/// The verdict, then why and what to do, in the words of the Signature tab.
fn lines(checker: &Checker, verdict: &Verdict, report: &Report) -> String {
    let scheme = verdict.scheme.as_deref().and_then(|id| checker.schemes().get(id));
    let mut rows: Vec<(&str, String)> = Vec::new();
    for hint in &report.hints {
        rows.extend([("cause", hint.cause.clone()), ("proof", hint.proof.clone()), ("fix", hint.fix.clone())]);
    }
    if rows.is_empty() && !verdict.reason.is_empty() {
        let said = verdict.mark() == Mark::Unchecked;
        rows.extend((!said).then(|| ("cause", verdict.reason.clone())));
        let lacks_url = scheme.is_some_and(|scheme| checker.lacks_url(scheme));
        rows.extend(fix(verdict, lacks_url).map(|fix| ("fix", fix)));
    }
    rows.extend(scheme.map(|scheme| ("scheme", format!("{}: {}", scheme.id, scheme.describe().replace('\n', "\\n")))));
    rows.extend(verdict.secret.clone().map(|secret| ("secret", secret)));
    if matches!(verdict.outcome, Outcome::Valid | Outcome::Stale) {
        rows.push(("covers", covers_text(verdict)));
    }
    let rows = rows.into_iter().filter(|(_, text)| !text.is_empty());
    let rows = rows.map(|(name, text)| format!("  {name:<8} {}\n", Clean::text(&text)));
    format!("{}\n{}", verdict_text(verdict, !report.hints.is_empty()), rows.collect::<String>())
}

/// What to do when the doctor knows nothing better.
fn fix(verdict: &Verdict, lacks_url: bool) -> Option<String> {
    let scheme = verdict.scheme.as_deref().unwrap_or_default();
    let fix = match (verdict.outcome, verdict.mark()) {
        (Outcome::Stale, _) => "compare the clocks of sender and receiver; --at says when it arrived",
        (Outcome::Invalid, _) if lacks_url => {
            "the URL is signed: say it with --url, for a capture with public_url in the configuration; or the secret differs"
        }
        (Outcome::Invalid, _) if is_mismatch(verdict) => "give both sides the same secret",
        (Outcome::Invalid, _) => return Some(format!("hookview schemes {scheme} shows what it has to look like")),
        (Outcome::Missing, _) => "set a secret at the sender; without one it does not sign",
        (Outcome::NotChecked, Mark::Unchecked) => "give the sender's secret with --secret-file",
        (Outcome::Valid | Outcome::NotChecked, _) => return None,
    };
    Some(fix.to_owned())
}
