//! The copy menu: what each key behind `y` would copy, shown before it is.

use crate::app::detail::{masked_wire, run_title};
use crate::app::{Action, Clip, Content, CopyKind, Detail, Loaded, Target};
use crate::capture::Capture;
use crate::export::{self, Url};
use crate::inspect::{self, JsonIndex, NodeId, Tree, bytes_exact};

/// One line of the menu.
#[derive(Clone, Debug)]
pub struct CopyItem {
    /// What it copies.
    pub kind: CopyKind,
    /// The value that would be copied, or how big it is.
    pub preview: String,
}

/// The copy menu.
#[derive(Clone, Debug)]
pub struct CopyMenu {
    /// What can be copied here.
    pub items: Vec<CopyItem>,
    /// What `y` again copies.
    pub usual: CopyKind,
}

impl CopyMenu {
    /// The menu for what is on the screen; `in_detail` says whether the cursor is there.
    pub fn new(detail: &Detail, in_detail: bool) -> Option<Self> {
        detail.loaded()?;
        let item = |kind: &CopyKind| {
            let preview = match kind {
                CopyKind::Signature => {
                    detail.loaded()?.facts.values.as_ref().map(|_| "as hookview computes it".to_owned())
                }
                kind => clip(detail, *kind).map(|clip| preview(*kind, &clip) + masked_sign(detail, *kind)),
            };
            preview.map(|preview| CopyItem { kind: *kind, preview })
        };
        let items: Vec<CopyItem> = CopyKind::ALL.iter().filter_map(item).collect();
        let has_value = items.iter().any(|item| item.kind == CopyKind::Value);
        let usual = if in_detail && has_value { CopyKind::Value } else { CopyKind::Curl };
        Some(Self { items, usual })
    }
}

fn masked_sign(detail: &Detail, kind: CopyKind) -> &'static str {
    let count = detail.capture().map_or(0, |capture| masked(detail, capture, kind));
    if count > 0 { ", secrets masked" } else { "" }
}

fn preview(kind: CopyKind, clip: &Clip) -> String {
    let size = bytes_exact(clip.bytes.len() as u64);
    match kind {
        CopyKind::Curl => size,
        CopyKind::Body => format!("exact bytes, {size}"),
        CopyKind::Formatted => format!("the body formatted, {size}"),
        CopyKind::Node => format!("this value, formatted, {size}"),
        CopyKind::Raw => format!("HTTP request, {size}"),
        CopyKind::Headers => format!("all, {size}"),
        CopyKind::Object => format!(".data only, {size}"),
        CopyKind::Answer => format!("that was sent, {size}"),
        _ => String::from_utf8_lossy(&clip.bytes[..clip.bytes.len().min(400)]).into_owned(),
    }
}

/// What a key behind `y` copies, if there is such a thing here.
pub fn clip(detail: &Detail, kind: CopyKind) -> Option<Clip> {
    let loaded = detail.loaded()?;
    let capture = &loaded.capture;
    let bytes = match kind {
        CopyKind::Id => capture.id.to_string().into(),
        CopyKind::Url => Url::original(capture).ok()?.to_string().into(),
        CopyKind::Curl => curl(detail, capture)?.into(),
        CopyKind::Body => Some(capture.request.body.bytes.clone()).filter(|body| !body.is_empty())?,
        CopyKind::Formatted => inspect::pretty(&loaded.body.bytes).ok()?.into(),
        CopyKind::Headers => export::headers_text(&capture.request.headers, |header| detail.hides(&header.name)).into(),
        CopyKind::Raw => masked_wire(capture, |name| detail.hides(name)),
        CopyKind::Answer => {
            capture.answer.as_ref().map(|answer| answer.body.clone()).filter(|body| !body.is_empty())?
        }
        CopyKind::Signature | CopyKind::Template => return None,
        CopyKind::Object => object(loaded)?.into(),
        _ => at_cursor(detail, kind)?.into(),
    };
    let masked = match masked(detail, capture, kind) {
        0 => String::new(),
        count => format!(" ({count} masked, {} first shows them)", detail.look.keymap.hint(Action::Reveal)),
    };
    let what = format!("{} of {}{masked}", kind.short(), capture.id);
    Some(Clip { what, bytes, file_name: file_name(capture, kind) })
}

/// A curl command for a capture; secret header values are masked unless they are shown.
fn curl(detail: &Detail, capture: &Capture) -> Option<String> {
    let url = Url::original(capture).ok()?;
    Some(export::curl(&capture.request, &url, |header| detail.hides(&header.name)).text)
}

/// How many header values are masked in a copy of this kind.
fn masked(detail: &Detail, capture: &Capture, kind: CopyKind) -> usize {
    let whole = matches!(kind, CopyKind::Curl | CopyKind::Headers | CopyKind::Raw);
    capture.request.headers.iter().filter(|header| whole && detail.hides(&header.name)).count()
}

/// Whether the value at the cursor is hidden, so that it cannot be copied or opened before it is shown.
pub fn is_hidden(detail: &Detail) -> bool {
    let Some(view) = detail.view() else { return false };
    let Target::Header(index) = view.content.target(view.scroll.cursor, detail.width) else { return false };
    detail
        .capture()
        .and_then(|capture| capture.request.headers.at(*index))
        .is_some_and(|header| detail.hides(&header.name))
}

/// The file name that suits: by what it is, never by what the sender says.
pub fn file_name(capture: &Capture, kind: CopyKind) -> String {
    let extension = match kind {
        CopyKind::Curl => "sh",
        CopyKind::Raw => "http",
        CopyKind::Headers => "txt",
        _ => match inspect::sniff(capture.request.headers.text("content-type"), &capture.request.body.bytes) {
            inspect::Kind::Json => "json",
            inspect::Kind::Xml => "xml",
            inspect::Kind::Binary => "bin",
            _ => "txt",
        },
    };
    format!("hookview-{}.{extension}", capture.id.0)
}

fn object(loaded: &Loaded) -> Option<String> {
    let inspect::View::Json(tree) = &loaded.body.view else { return None };
    let index = tree.index();
    let data = index.children(0).find(|node| index.key(*node).as_deref() == Some("data"))?;
    Some(index.formatted(data))
}

fn at_cursor(detail: &Detail, kind: CopyKind) -> Option<String> {
    let view = detail.view()?;
    match &view.content {
        Content::Tree(tree) => of_node(tree.index(), tree.node_at(view.scroll.cursor), kind),
        Content::Diff(page) if page.node_at(view.scroll.cursor, detail.width).is_some() => {
            let (index, node) = page.node_at(view.scroll.cursor, detail.width)?;
            of_node(index, node, kind)
        }
        content => of_target(detail, content.target(view.scroll.cursor, detail.width), kind),
    }
}

fn of_node(index: &JsonIndex, node: NodeId, kind: CopyKind) -> Option<String> {
    match kind {
        CopyKind::Value if index.node(node).kind.is_container() => Some(index.formatted(node)),
        CopyKind::Value => Some(index.value_text(node)),
        CopyKind::Key => index.key(node),
        CopyKind::Path => Some(index.path(node).jq()),
        CopyKind::Pointer => Some(index.path(node).pointer()),
        CopyKind::Jinja => index.path(node).jinja(),
        CopyKind::Condition => condition(index, node),
        CopyKind::Node => Some(index.formatted(node)),
        _ => None,
    }
}

/// A condition that is met where the node has this value. An object or a list has too much in it to be compared whole.
fn condition(index: &JsonIndex, node: NodeId) -> Option<String> {
    let (attr, in_list) = index.path(node).condition().filter(|_| !index.node(node).kind.is_container())?;
    let op = if in_list { r#", "op": "contains""# } else { "" };
    let attr = serde_json::Value::from(attr);
    Some(format!(r#"{{"attr": {attr}{op}, "value": {}}}"#, index.formatted(node)))
}

fn of_target(detail: &Detail, target: &Target, kind: CopyKind) -> Option<String> {
    let (name, value) = match target {
        Target::Header(index) => {
            let header = detail.capture()?.request.headers.at(*index).filter(|header| !detail.hides(&header.name))?;
            (header.name_text().into_owned(), String::from_utf8_lossy(&header.value).into_owned())
        }
        Target::Value(name, value) => (name.clone(), value.clone()),
        Target::Run(index) => {
            let run = detail.loaded()?.runs.get(*index)?;
            (run_title(run), String::from_utf8_lossy(&run.stdout).into_owned())
        }
        Target::None | Target::Attempt(_) => return None,
    };
    match kind {
        CopyKind::Value => Some(value),
        CopyKind::Key => Some(name),
        _ => None,
    }
}

/// The JSON node under the cursor, when the tab on the screen is a tree.
pub fn node_at_cursor(detail: &Detail) -> Option<(&Tree, NodeId)> {
    let view = detail.view()?;
    match &view.content {
        Content::Tree(tree) => Some((tree, tree.node_at(view.scroll.cursor))),
        _ => None,
    }
}

/// The bytes that the pager or a file gets: the value at the cursor when there is one, else the body.
pub fn outside(detail: &Detail, whole: bool) -> Option<Clip> {
    let value = if whole { None } else { clip(detail, CopyKind::Value) };
    value.or_else(|| clip(detail, CopyKind::Formatted)).or_else(|| clip(detail, CopyKind::Body))
}
