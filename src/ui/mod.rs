//! Drawing: a frame from a `&Model`, nothing kept, nothing changed.
//!
//! ```text
//! title ───────────────────────────  title.rs
//! list            │ tabs             list.rs, detail.rs
//!                 │ rows   │ context sheet.rs, answers.rs, context.rs
//! status, hints ───────────────────  bars.rs
//! ```
//!
//! Only visible rows are built. Every text comes as `Clean`; the theme turns roles into looks; in ASCII mode every
//! symbol of ours is replaced as it is written, user data stays as it is.

mod answers;
mod bars;
mod canvas;
mod conditions;
mod context;
mod detail;
mod empty;
mod lab;
mod list;
mod sheet;
mod theme;

use ratatui::Frame;

use crate::app::layout::{LEAST, Panes};
use crate::app::sheet::Overlay;
use crate::app::{Area, Model, Role};
use canvas::{Canvas, Signs};
pub use theme::Theme;

/// Draws a frame and says where the hardware cursor belongs: on the cursor's row, or visibly in a text field.
pub fn draw(model: &Model, theme: &Theme, frame: &mut Frame) -> Cursor {
    let area = frame.area();
    if area.width == 0 || area.height == 0 {
        return Cursor::default();
    }
    let mut canvas = Canvas::new(frame.buffer_mut(), theme, Signs { ascii: model.ascii, escape: model.look.escape });
    let Some(panes) =
        model.panes().filter(|_| (model.width, model.height) == (canvas.area().width, canvas.area().height))
    else {
        tiny(model, &mut canvas);
        return Cursor::default();
    };
    bars::title(model, panes.title, &mut canvas);
    middle(model, &panes, &mut canvas);
    bars::status(model, panes.status, &mut canvas);
    bars::hints(model, panes.hint, &mut canvas);
    canvas.cursor
}

/// Where the hardware cursor belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Column and row; `None` leaves it where it is.
    pub at: Option<(u16, u16)>,
    /// Whether it is seen: in text fields.
    pub visible: bool,
}

fn middle(model: &Model, panes: &Panes, canvas: &mut Canvas) {
    let whole = canvas.area().below(1);
    let whole = Area { height: panes.status.y - whole.y, ..whole };
    match &model.overlay {
        Some(Overlay::Help(help)) => return sheet::help(model, help, whole, canvas),
        Some(Overlay::Answers(sheet)) => return answers::draw(model, sheet, whole, canvas),
        _ => {}
    }
    if let Some(sheet) = model.lab_in_sight() {
        return lab::draw(model, sheet, whole, canvas);
    }
    let sheet = model.overlay.as_ref().is_some_and(Overlay::takes_detail);
    if model.shows_busy() && !sheet {
        return empty::busy(model, whole, canvas);
    }
    if model.list.total() == 0 && !sheet {
        return empty::waiting(model, whole, canvas);
    }
    list::draw(model, panes, canvas);
    detail::draw(model, panes, canvas);
    context::draw(model, panes.context, canvas);
}

/// Too small for any pane: four facts and the way out, which is there whatever the size.
fn tiny(model: &Model, canvas: &mut Canvas) {
    let area = canvas.area();
    let (total, failed) = (model.list.total(), model.list.failed());
    let failures = if failed > 0 { format!("{failed} ✗") } else { String::new() };
    let last = model.list.newest().map(|row| {
        let sign = crate::app::mark(row.mark).1;
        format!(" last {} {sign} {}", row.id, model.look.zone.clock(row.received_at))
    });
    let facts = if area.width < 22 {
        vec![format!("{total} :{}", model.port()), failures]
    } else {
        vec![
            format!(" {total} captures  {failures}"),
            format!(" still listening :{}", model.port()),
            format!(" needs {}x{}, has {}x{}", LEAST.0, LEAST.1, area.width, area.height),
            last.unwrap_or_default(),
        ]
    };
    let shown = facts.len().min(area.height - 1);
    for (row, fact) in facts.iter().take(shown).enumerate() {
        canvas.text(area.row(row), Role::Text, fact);
    }
    let quit =
        format!("{}{} quit", if area.width < 22 { "" } else { " " }, model.look.keymap.hint(crate::app::Action::Quit));
    canvas.text(area.row(shown), Role::Strong, &quit);
}
