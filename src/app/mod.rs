//! The terminal UI's brain: the model, what changes it, and what it asks the world to do. No drawing, no I/O.
//!
//! `update(model, msg) -> effects` is all there is: keys, arrivals and results of effects come in as [`Msg`],
//! everything that touches the world goes out as [`Effect`]. `ui` draws a `&Model`; `tui` runs the loop.

mod action;
mod answers;
mod answers_keys;
pub mod clock;
mod compare;
pub mod comparison;
mod complete;
pub mod detail;
mod field;
mod filter;
pub mod hints;
mod input;
mod keymap;
mod keys;
mod lab_keys;
mod lab_layout;
mod lab_send;
pub mod layout;
mod line;
pub mod list;
mod model;
mod mouse;
mod moves;
mod msg;
mod overlay_keys;
mod past;
pub mod played;
mod scroll;
pub mod sheet;
pub mod status;
mod tally;
mod trial;
mod trial_keys;
mod update;

pub use action::{Action, CopyKind, Group};
pub use answers::{Answers, RuleRow};
pub use clock::{TimeFormat, Zone};
pub use detail::{Content, Detail, Diagnosis, Foreseen, Loaded, Look, SignatureFacts, SignatureValues, Tab, Target};
pub use field::Field;
pub use filter::{Filter, Scan, contains, rule_term};
pub use input::{Input, Mouse, MouseKind};
pub use keymap::{FoldCommand, Keymap};
pub use lab_layout::LabPanes;
pub use layout::{Area, LayoutChoice, Pane, Panes};
pub use line::{Line, Role, Span, mark};
pub use list::List;
pub use model::{Boot, Message, Model, SETTLE};
pub use msg::{
    Clip, EditTarget, Effect, Found, Level, Listening, Msg, OwnCertificate, Prepared, ResendPlan, RulesChange,
};
pub use past::{Past, PastJob, Told};
pub use scroll::Scroll;
pub use sheet::{Overlay, Targets};
pub use trial::{ConditionsFile, Fired, Trial, TrialReport, Tried, Try, TryOn};
pub use update::update;
