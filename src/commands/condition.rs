//! `hookview condition`

use std::io::{self, Read, Write};

use anyhow::Context as _;
use serde_json::{Map, Value as Json, json};

use super::context::Context;
use crate::cli::{ConditionArgs, Dialect};
use crate::condition::{Conditions, Evaluated, Fault, Leaf, LoadError, Logic, Outcome, System, Tree};
use crate::config::Settings;
use crate::exit::Exit;
use crate::inspect::Clean;
use crate::template;

/// Evaluates conditions; fine when a webhook would be sent for one context at least.
pub fn run(args: &ConditionArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let conditions = read(args)?;
    let contexts = Context::of(&args.context, settings)?;
    let mut out = io::stdout().lock();
    let mut fired = 0;
    for context in &contexts {
        let judged = judge(&conditions, context, args.dialect)?;
        fired += usize::from(judged.fires());
        let text = if args.json { format!("{}\n", judged.json(&context.label)) } else { judged.text(&context.label) };
        out.write_all(text.as_bytes())?;
    }
    if contexts.len() > 1 && !args.json {
        writeln!(out, "would fire {fired} of {}", contexts.len())?;
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

fn judge(conditions: &[u8], context: &Context, named: Option<Dialect>) -> anyhow::Result<Judged> {
    let system = match context.dialect(named) {
        Some(Dialect::PeeringManager) => System::PeeringManager,
        Some(Dialect::Netbox46) => System::NetBox46,
        Some(Dialect::Netbox | Dialect::Netbox47) => System::NetBox47,
        Some(Dialect::Nautobot) => {
            anyhow::bail!("Nautobot's webhooks have no conditions: every change that they are for is sent")
        }
        Some(Dialect::Plain) => {
            anyhow::bail!("plain Jinja2 has no conditions: say peering-manager, netbox-4.6 or netbox-4.7")
        }
        None => anyhow::bail!(
            "{} does not tell which system sent it: say --dialect peering-manager, netbox-4.6 or netbox-4.7",
            context.label
        ),
    };
    let data = template::value_from_json(&context.json)
        .map_err(|error| anyhow::anyhow!("{} is not JSON: {error}", context.label))?;
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
