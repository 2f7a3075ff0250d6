//! The id that a sender gives a delivery, the same each time that it tries again.

use crate::capture::{Identity, Request};

use super::payload::Payload;

/// Header lines with the id of a delivery, and whose they are.
///
/// Not among them: `X-Gitlab-Event-UUID`, which GitLab gives to every hook that an earlier hook set off, and
/// `X-Gitlab-Webhook-UUID`, which names the hook; the `request_id` of `NetBox` and Peering Manager, which all changes of one
/// request share; `X-Slack-Retry-Num`, which counts but does not name.
const HEADERS: [&str; 11] = [
    // https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers: a redelivery has it again.
    "X-GitHub-Delivery",
    "X-Gitea-Delivery",
    "X-Forgejo-Delivery",
    "X-Gogs-Delivery",
    // https://docs.gitlab.com/user/project/integrations/webhooks/#delivery-headers: "remains consistent across retries".
    "Idempotency-Key",
    // https://www.standardwebhooks.com
    "webhook-id",
    "svix-id",
    // https://shopify.dev/docs/apps/build/webhooks/ignore-duplicates
    "X-Shopify-Webhook-Id",
    // https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/
    "X-Request-UUID",
    // https://dev.twitch.tv/docs/eventsub/handling-webhook-events/
    "Twitch-Eventsub-Message-Id",
    "X-Central-Delivery-ID",
];

/// The id of the delivery, as the sender tells it; `None` when it tells none. Foreign text.
pub fn delivery_id(request: &Request, identity: &Identity) -> Option<String> {
    let told = HEADERS.iter().find_map(|name| request.headers.text(name));
    let told = told.map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned);
    told.or_else(|| identity.sender.as_deref().filter(|sender| *sender == "Stripe").and_then(|_| event_id(request)))
}

/// Stripe counts in the body how many endpoints are still to be told, so that only the event's id stays what it is:
/// <https://docs.stripe.com/webhooks#handle-duplicate-events>
fn event_id(request: &Request) -> Option<String> {
    let payload = Payload::of(request);
    let (outline, _) = payload.outline();
    outline.first_text(&["id"]).filter(|id| id.starts_with("evt_")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Body;
    use crate::sender::{identify, samples};

    fn id(headers: &[(&'static str, &'static str)], body: &'static str) -> Option<String> {
        let mut request = Request { method: "POST".into(), target: "/".into(), ..Request::default() };
        headers.iter().for_each(|(name, value)| request.headers.push(*name, *value));
        request.body = Body::whole(body);
        delivery_id(&request, &identify(&request))
    }

    #[test]
    fn a_header_names_the_delivery() {
        assert_eq!(id(&[("x-github-delivery", " 72d3162e ")], "{}").as_deref(), Some("72d3162e"));
        assert_eq!(id(&[("Webhook-Id", "msg_1")], "{}").as_deref(), Some("msg_1"));
        assert_eq!(id(&[("webhook-id", "")], "{}"), None);
        assert_eq!(id(&[("X-Gitlab-Event-UUID", "1"), ("X-Slack-Retry-Num", "2")], "{}"), None);
    }

    #[test]
    fn stripe_names_the_event_in_the_body() {
        let body = r#"{"id": "evt_1", "object": "event", "pending_webhooks": 2, "type": "charge.succeeded"}"#;
        let signature = ("Stripe-Signature", "t=1,v1=00");
        assert_eq!(id(&[signature], body).as_deref(), Some("evt_1"));
        assert_eq!(id(&[signature], r#"{"id": "ch_1"}"#), None);
        assert_eq!(id(&[], r#"{"id": "evt_1"}"#), None);
    }

    #[test]
    fn what_the_changes_of_one_request_share_names_none_of_them() {
        let shared = |name: &str| name.starts_with("peering-manager") || name.starts_with("netbox");
        for sample in samples().filter(|sample| shared(sample.name)) {
            assert_eq!(delivery_id(&sample.request, &identify(&sample.request)), None, "{}", sample.name);
        }
    }
}
