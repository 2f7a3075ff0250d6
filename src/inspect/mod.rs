//! Turning bodies into something to look at: what they are, decoded, indexed, and as rows of clean text.
//!
//! Owns [`Clean`], the only way foreign text reaches a screen or stdout. Reads bytes and never changes them: signature,
//! export and resend use what was received. Knows nothing of terminals, stores or sockets, and draws nothing.

mod changes;
mod clean;
mod cut;
mod decode;
mod diff;
mod form;
mod hex;
mod json;
mod media_type;
mod multipart;
mod piece;
mod size;
mod sniff;
mod text;
mod view;
mod xml;

pub use changes::{FieldChange, SnapshotChanges, body_changes, snapshot_changes};
pub use clean::{Clean, cells, is_hidden};
pub use cut::{cut, cut_front, cut_middle};
pub use decode::{DECODE_LIMIT, Decoded, decode, unpack};
pub use diff::{
    BodyDiff, Change, Comparable, Comparison, DiffForm, DiffLine, DiffRow, DiffRows, DiffSide, Document, HeaderChange,
    Hidden, JsonDiff, Matter, NoSnapshot, REQUEST_LINE, Snapshot, body_diff, header_diff, unseen,
};
pub use form::form_fields;
pub use hex::{Hex, HexRow};
pub use json::{
    Fold, JsonError, JsonIndex, Layout, Letters, Node, NodeId, NodeKind, NodePath, Step, Style, Tree, TreeRow, compact,
    pretty, rewrite, validate,
};
pub use multipart::{Multipart, Part, multipart};
pub use piece::{Piece, Role};
pub use size::{bytes_exact, bytes_short};
pub use sniff::{Kind, sniff};
pub use text::{LineIndex, Syntax, TextBody};
pub use view::{BodyView, View, body_view};
pub use xml::pretty_xml;
