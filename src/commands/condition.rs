//! `hookview condition`

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use anyhow::Context as _;
use serde_json::{Map, Value as Json, json};

use super::context::{Context, Wanted};
use crate::cli::{ConditionArgs, Dialect};
use crate::condition::{Conditions, Evaluated, Fault, Leaf, LoadError, Logic, Outcome, System, Tree, Unfit};
use crate::config::Settings;
use crate::exit::Exit;
use crate::inspect::Clean;
use crate::template::{self, Value};

/// Evaluates conditions; fine when a webhook would be sent for one context at least.
pub fn run(args: &ConditionArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let conditions = read(args)?;
    let chosen = args.dialect.map(system_of).transpose()?;
    let does = |context: &Context| args.context.all || subject(context, chosen).is_ok();
    let wanted = Wanted { does: &does, what: "is a webhook with an object that tells its system" };
    let contexts = Context::of(&args.context, settings, &wanted)?;
    let mut out = io::stdout().lock();
    let (mut fired, mut left_out) = (0, BTreeMap::new());
    for context in &contexts {
        let text = match subject(context, chosen) {
            Ok(subject) => {
                let judged = judge(&conditions, subject)?;
                fired += usize::from(judged.fires());
                if args.json { format!("{}\n", judged.json(&context.label)) } else { judged.text(&context.label) }
            }
            Err(Unsuited::LeftOut(unfit)) if args.context.all => {
                *left_out.entry(unfit).or_insert(0) += 1;
                if args.json { String::new() } else { format!("{} left out: {unfit}\n", context.label) }
            }
            Err(Unsuited::LeftOut(Unfit::UnknownSystem)) => anyhow::bail!(
                "{} does not tell which system sent it: say --dialect peering-manager, netbox-4.6 or netbox-4.7",
                context.label
            ),
            Err(unsuited) => anyhow::bail!("{}: {unsuited}", context.label),
        };
        out.write_all(text.as_bytes())?;
    }
    if args.context.all {
        let tally = format!("would fire {fired} of {}", contexts.len() - left_out.values().sum::<usize>());
        let tally = tally + &Unfit::tally(left_out).map(|why| format!(", {why}")).unwrap_or_default();
        if args.json { writeln!(io::stderr(), "{tally}")? } else { writeln!(out, "{tally}")? }
    }
    out.flush()?;
    Ok(if fired > 0 { Exit::Ok } else { Exit::Failed })
}

fn read(args: &ConditionArgs) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    if args.file.as_os_str() == "-" {
        io::stdin().read_to_end(&mut text).context("cannot read the conditions from stdin")?;
    } else {
        text = std::fs::read(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    }
    Ok(text)
}

/// What a system makes of conditions in a context.
struct Judged {
    system: System,
    result: Result<Evaluated, Fault>,
}

/// Why nothing can be evaluated on a context.
#[derive(Debug, thiserror::Error)]
enum Unsuited {
    #[error("{0}")]
    LeftOut(Unfit),
    #[error("it is not JSON: {0}")]
    NotJson(String),
}

fn system_of(dialect: Dialect) -> anyhow::Result<System> {
    Ok(match dialect {
        Dialect::PeeringManager => System::PeeringManager,
        Dialect::Netbox46 => System::NetBox46,
        Dialect::Netbox | Dialect::Netbox47 => System::NetBox47,
        Dialect::Nautobot => anyhow::bail!("{}", Unfit::Nautobot),
        Dialect::Plain => {
            anyhow::bail!("plain Jinja2 has no conditions: say peering-manager, netbox-4.6 or netbox-4.7")
        }
    })
}

/// Whose rules hold, and the data. A file may be the object alone, a capture is a whole webhook.
fn subject(context: &Context, chosen: Option<System>) -> Result<(System, Value), Unsuited> {
    let sender = context.sender.as_deref();
    if context.capture.is_some() {
        return System::fitting(sender, chosen, &context.json).map_err(Unsuited::LeftOut);
    }
    let data = template::value_from_json(&context.json).map_err(|error| Unsuited::NotJson(error.to_string()))?;
    match chosen.or(sender.and_then(System::of_sender)) {
        Some(system) => Ok((system, data)),
        None if sender == Some("Nautobot") => Err(Unsuited::LeftOut(Unfit::Nautobot)),
        None => Err(Unsuited::LeftOut(Unfit::UnknownSystem)),
    }
}

fn judge(conditions: &[u8], (system, data): (System, Value)) -> anyhow::Result<Judged> {
    let result = match Conditions::load(system, conditions) {
        Ok(conditions) => Ok(conditions.evaluate(&data)),
        Err(LoadError::Refused(_, fault)) => Err(fault),
        Err(error @ LoadError::Json(_)) => return Err(error.into()),
    };
    Ok(Judged { system, result })
}

impl Judged {
    fn outcome(&self) -> Outcome {
        match &self.result {
            Ok(evaluated) => evaluated.outcome.clone(),
            Err(fault) => Outcome::Fault(fault.clone()),
        }
    }

    fn fires(&self) -> bool {
        self.outcome() == Outcome::Known(true)
    }

    fn json(&self, label: &str) -> Json {
        let outcome = self.outcome();
        let error = match &outcome {
            Outcome::Known(_) => Json::Null,
            Outcome::Fault(fault) => {
                let when = if self.result.is_err() { "load" } else { "eval" };
                json!({"when": when, "type": fault.kind, "message": fault.message})
            }
        };
        json!({
            "context": label, "system": self.system.id(), "result": outcome.word(), "fires": self.fires(),
            "error": error, "explanation": self.system.explanation(&outcome),
            "tree": self.result.as_ref().ok().map(|evaluated| tree_json(&evaluated.tree)),
        })
    }

    fn text(&self, label: &str) -> String {
        let outcome = self.outcome();
        let mut text =
            format!("{} {}: {}\n", Clean::text(label), outcome.word(), Clean::text(&self.system.explanation(&outcome)));
        let rows = self.result.as_ref().map(|evaluated| evaluated.tree.rows()).unwrap_or_default();
        text.extend(rows.iter().map(|row| format!("  {}\n", Clean::text(row))));
        text
    }
}

fn tree_json(tree: &Tree) -> Json {
    match tree {
        Tree::Set { logic, outcome, reached, parts } => {
            let name = if *logic == Logic::And { "and" } else { "or" };
            let parts = parts.iter().map(tree_json).collect();
            let mut object = Map::new();
            object.insert(name.to_owned(), Json::Array(parts));
            object.insert("result".to_owned(), outcome.word().into());
            object.insert("reached".to_owned(), (*reached).into());
            Json::Object(object)
        }
        Tree::Leaf(leaf) => leaf_json(leaf),
    }
}

fn leaf_json(leaf: &Leaf) -> Json {
    let error = match &leaf.outcome {
        Outcome::Known(_) => Json::Null,
        Outcome::Fault(fault) => json!({"type": fault.kind, "message": fault.message}),
    };
    let raw = |value| serde_json::from_str::<Json>(&template::json_text(value)).unwrap_or_default();
    json!({
        "attr": leaf.attr, "op": leaf.op, "value": leaf.value.as_ref().map(raw), "negate": leaf.negate,
        "found": leaf.found.as_ref().map(raw), "result": leaf.outcome.word(), "reached": leaf.reached,
        "error": error, "hint": leaf.hint,
    })
}
