//! Shops and payments: Stripe, Shopify.

use crate::capture::ObjectKey;

use super::super::outline::Value;
use super::{Account, Seen};

pub(super) fn is_stripe(outline: &Value) -> bool {
    outline.text("object") == Some("event") && outline.text("id").is_some_and(|id| id.starts_with("evt_"))
}

/// `invoice.paid in_123`
pub(super) fn stripe(seen: &Seen) -> Account {
    let id = seen.text(&["data.object.id"]);
    let model = seen.text(&["data.object.object"]);
    Account {
        event: seen.text(&["type"]),
        name: id.clone().or_else(|| seen.text(&["id"])),
        place: None,
        object: model.zip(id).map(|(model, id)| ObjectKey { model, id }),
    }
}

/// `orders/create #1001  example.myshopify.com`
pub(super) fn shopify(seen: &Seen) -> Account {
    let topic = seen.header("x-shopify-topic").unwrap_or_default();
    let model = topic.split('/').next().unwrap_or_default();
    let id = seen.text(&["id"]);
    Account {
        event: Some(topic.to_owned()),
        name: seen.text(&["name", "title"]).or_else(|| id.clone()),
        place: seen.header("x-shopify-shop-domain").map(str::to_owned),
        object: id.map(|id| ObjectKey { model: model.to_owned(), id }),
    }
}
