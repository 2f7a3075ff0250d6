//! `hookview list`

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use super::{stored, tools};
use crate::app::Filter;
use crate::capture::Changes;
use crate::cli::ListArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::headless::{Form, Told};
use crate::service::holds_all;

/// Prints the captures of the session, oldest first; those that the filter shows, when there is one, as on the screen.
pub fn run(args: &ListArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let store = stored(settings)?;
    let mut filter = Filter::default();
    filter.set_text(&args.filter.join(" "));
    let form = if args.json {
        Form::Json { session: settings.keeping.session.clone() }
    } else {
        Form::Line { utc: settings.screen.utc }
    };
    let tools = tools(settings);
    let changes = Changes::of(store.summaries()?.iter());
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = Ok(());
    store.for_each(|capture| {
        if filter.admits(&capture.summary()) && holds_all(&capture, filter.words()) {
            // Those of a store that fails just now are not worth the end of the list.
            let deeds = store.deeds(capture.id).unwrap_or_default();
            let told = Told { deeds, place: changes.place(&capture), ..Told::default() };
            written = out.write_all(form.of(&capture, &told, &tools).as_bytes());
        }
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written?;
    out.flush()?;
    Ok(Exit::Ok)
}
