//! `hookview schemes`

use std::io::{self, BufWriter, IsTerminal, Write};

use serde_json::{Value, json};

use super::explain::explain;
use crate::cli::SchemesArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::inspect::{Clean, cells, cut};
use crate::service;
use crate::signature::{Scheme, Schemes, UnknownScheme};
use crate::tui::terminal_size;

/// Lists the schemes, or explains one; fails when there is none of this name.
pub fn run(args: &SchemesArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let schemes = service::schemes(settings)?;
    let text = match &args.id {
        Some(id) => {
            let Some(scheme) = schemes.get(id) else {
                // Not a wrong option, which the error is elsewhere: a question that has no answer.
                anyhow::bail!("{}", UnknownScheme::new(&schemes, id));
            };
            if args.json { format!("{}\n", object(scheme)) } else { explain(&schemes, scheme) }
        }
        None if args.json => format!("{}\n", schemes.iter().map(object).collect::<Value>()),
        None => table(&schemes, io::stdout().is_terminal().then(|| usize::from(terminal_size().width))),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(Exit::Ok)
}

/// A line for each, in columns; cut to `width` cells when there is one.
fn table(schemes: &Schemes, width: Option<usize>) -> String {
    let rows: Vec<[Clean; 3]> = schemes.iter().map(|scheme| row(scheme).map(|text| Clean::text(&text))).collect();
    let widest = |column: usize| rows.iter().map(|row| cells(row[column].as_str())).max().unwrap_or_default();
    let id = widest(0);
    // The sender gets what its name needs, but not more than a third of what is left.
    let sender = width.map_or(widest(1), |width| widest(1).min(width.saturating_sub(id + 4) / 3));
    let line = |[name, who, how]: &[Clean; 3]| {
        let who = cut(who.as_str(), sender);
        let (name, who_pad) = (name.as_str(), " ".repeat(sender.saturating_sub(cells(&who))));
        let line = format!("{name:<id$}  {who}{who_pad}  {}", how.as_str());
        width.map_or(line.clone(), |width| cut(&line, width)) + "\n"
    };
    rows.iter().map(line).collect()
}

fn row(scheme: &Scheme) -> [String; 3] {
    [scheme.id.clone(), scheme.sender.clone(), scheme.describe().replace('\n', "\\n")]
}

fn object(scheme: &Scheme) -> Value {
    let tolerance = scheme.time.as_ref().and_then(|time| time.tolerance);
    json!({
        "id": scheme.id,
        "aliases": scheme.aliases,
        "sender": scheme.sender,
        "how": scheme.describe(),
        "headers": scheme.signature_headers(),
        "secret": scheme.secret.words(),
        "tolerance_s": tolerance.map(|tolerance| tolerance.seconds),
        "covers": scheme.covers(),
        "named_only": scheme.detect.is_empty(),
        "evidence": scheme.evidence_words(),
        "docs": scheme.docs,
        "note": scheme.note,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_a_terminal_and_is_whole_in_a_pipe() {
        let schemes = Schemes::builtin();
        let narrow = table(&schemes, Some(80));
        assert_eq!(narrow.lines().count(), schemes.iter().len());
        assert!(narrow.lines().all(|line| cells(line) <= 80), "{narrow}");
        let whole = table(&schemes, None);
        assert!(schemes.iter().all(|scheme| whole.contains(&row(scheme)[2])));
        let column = |line: &str| line.find("HMAC-SHA1 of ").or(line.find("HMAC-SHA512 of "));
        let columns: Vec<_> = whole.lines().filter_map(column).collect();
        assert!(columns.len() > 3 && columns.iter().all(|at| *at == columns[0]), "{columns:?}");
    }
}
