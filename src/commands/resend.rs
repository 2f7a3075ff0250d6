//! `hookview resend`

use std::io::{self, Write};

use super::{capture, existing};
use crate::app::ResendPlan;
use crate::app::detail::outcome_text;
use crate::capture::{Capture, Signing};
use crate::cli::ResendArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::export::Url;
use crate::inspect::Clean;
use crate::service::Service;

/// Sends captures again, one line an attempt; fails when one was not answered 2xx.
pub async fn run(args: &ResendArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let service = existing(settings)?;
    let mut plans = Vec::new();
    for id in &args.ids {
        plans.push(plan(args, &service, &capture(&service, *id)?)?);
    }
    let mut all = true;
    for plan in plans {
        for time in 0..args.times {
            if time > 0 {
                tokio::time::sleep(args.pause).await;
            }
            let attempt = service.attempt(&plan).await;
            all &= attempt.accepted();
            let line = format!("{} {}  {}", plan.capture, outcome_text(&attempt).1, attempt.url);
            writeln!(io::stdout(), "{}", Clean::text(&line))?;
        }
    }
    Ok(if all { Exit::Ok } else { Exit::Failed })
}

/// Re-signed with the secret that fitted, unless said otherwise.
fn plan(args: &ResendArgs, service: &Service, capture: &Capture) -> anyhow::Result<ResendPlan> {
    let checker = service.checker();
    let known = |name: &String| checker.secrets().iter().any(|secret| secret.name == *name);
    let fitted = capture.verdict.secret.clone().filter(|name| known(name) && service.can_sign(capture));
    let fitting = fitted.map_or(Signing::Captured, Signing::With);
    let url: Url = match &args.to {
        Some(url) => url.parse()?,
        None => Url::original(capture)?,
    };
    Ok(ResendPlan {
        capture: capture.id,
        url: url.to_string(),
        signing: args.sign.clone().unwrap_or(fitting),
        headers: None,
        body: None,
        method: None,
        scheme: None,
        times: args.times,
        pause: args.pause,
        time_limit: args.time_limit,
    })
}
