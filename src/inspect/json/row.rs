//! The text of one row: real JSON with quotes and commas. Letters sent as escapes are shown as letters; the raw body
//! shows how they were sent.

use super::escape::readable;
use super::{Fold, JsonIndex, NodeId, NodeKind};
use crate::inspect::{Clean, Piece, Role, bytes_exact};

/// A key or value shows at most this many bytes; drawing a row must not depend on the size of a value.
const SHOWN: usize = 4096;

/// Keys that tell one item of an array from the next.
const TELLING: [&str; 10] = ["name", "slug", "title", "display", "label", "key", "type", "event", "id", "url"];
/// So many of them are shown,
const TOLD: usize = 2;
/// each when its value is at most this long,
const TOLD_BYTES: usize = 40;
/// and stands among the first so many values of the item.
const LOOKED_AT: usize = 64;

impl JsonIndex {
    /// The line of a node in a document that is open everywhere, indented: key, value or bracket, comma.
    pub fn line(&self, node: NodeId, closing: bool) -> Vec<Piece> {
        let fold = if self.first_child(node).is_some() { Fold::Open } else { Fold::None };
        let indent = " ".repeat(2 * self.ancestors(node).count());
        let mut pieces = vec![(Role::Text, Clean::text(&indent))];
        pieces.extend(row_pieces(self, node, closing, fold));
        pieces
    }
}

/// The pieces of a row: key, value or bracket, comma.
pub(super) fn row_pieces(index: &JsonIndex, node: NodeId, closing: bool, fold: Fold) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(4);
    if !closing && let Some(key) = index.raw_key(node) {
        limited(&mut pieces, Role::Key, key);
        pieces.push(punctuation(": "));
    }
    match (index.kind(node), fold, closing) {
        (NodeKind::Object, _, true) => pieces.push(punctuation("}")),
        (NodeKind::Array, _, true) => pieces.push(punctuation("]")),
        (NodeKind::Object, Fold::Open, _) => pieces.push(punctuation("{")),
        (NodeKind::Array, Fold::Open, _) => pieces.push(punctuation("[")),
        (NodeKind::Object, Fold::None, _) => pieces.push(punctuation("{}")),
        (NodeKind::Array, Fold::None, _) => pieces.push(punctuation("[]")),
        (NodeKind::Object, Fold::Closed, _) => closed(&mut pieces, "{…}", &preview(index, node)),
        (NodeKind::Array, Fold::Closed, _) => closed(&mut pieces, "[…]", &count(index, node, "item")),
        (NodeKind::String, ..) => limited(&mut pieces, Role::String, index.raw(node)),
        (NodeKind::Number, ..) => limited(&mut pieces, Role::Number, index.raw(node)),
        (NodeKind::Boolean | NodeKind::Null, ..) => limited(&mut pieces, Role::Literal, index.raw(node)),
    }
    let whole = closing || fold != Fold::Open;
    if whole && index.next_sibling(node).is_some() {
        pieces.push(punctuation(","));
    }
    pieces
}

fn punctuation(text: &'static str) -> Piece {
    (Role::Punctuation, Clean::trusted(text))
}

/// The text itself, or its start and how long it is.
fn limited(pieces: &mut Vec<Piece>, role: Role, text: &str) {
    let mut shown = text.len().min(SHOWN);
    while !text.is_char_boundary(shown) {
        shown -= 1;
    }
    pieces.push((role, Clean::text(&readable(&text[..shown]))));
    if shown < text.len() {
        pieces.push((Role::Preview, Clean::text(&format!("… {}", bytes_exact(text.len() as u64)))));
    }
}

fn closed(pieces: &mut Vec<Piece>, brackets: &'static str, preview: &str) {
    pieces.push(punctuation(brackets));
    pieces.push((Role::Preview, Clean::text(&format!(" {preview}"))));
}

/// An item of an array shows what tells it from its neighbours; an object with a key of its own, how much it holds.
fn preview(index: &JsonIndex, node: NodeId) -> String {
    let item = index.parent(node).is_some_and(|parent| index.kind(parent) == NodeKind::Array);
    let told = if item { telling(index, node) } else { Vec::new() };
    if told.is_empty() { count(index, node, "key") } else { told.join(", ") }
}

/// `name "customer"`, `slug "customer"`
fn telling(index: &JsonIndex, node: NodeId) -> Vec<String> {
    let short: Vec<(String, &str)> = index
        .children(node)
        .take(LOOKED_AT)
        .filter(|&child| !index.kind(child).is_container() && index.raw(child).len() <= TOLD_BYTES)
        .filter_map(|child| Some((index.key(child)?, index.raw(child))))
        .filter(|(key, value)| key.len() <= TOLD_BYTES && !matches!(*value, "null" | "\"\""))
        .collect();
    let known = TELLING.iter().filter_map(|name| short.iter().find(|(key, _)| key == name));
    let mut told: Vec<&(String, &str)> = known.take(TOLD).collect();
    if told.is_empty() {
        told = short.iter().take(TOLD).collect();
    }
    told.iter().map(|(key, value)| format!("{key} {}", readable(value))).collect()
}

/// `1 key`, `14 items`
fn count(index: &JsonIndex, node: NodeId, what: &str) -> String {
    let children = index.node(node).children;
    format!("{children} {what}{}", if children == 1 { "" } else { "s" })
}
