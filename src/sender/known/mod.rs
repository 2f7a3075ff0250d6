//! The senders that are known: by which marks each is recognised, and who reads its payload.

mod alerts;
mod cisco;
mod commerce;
mod forges;
mod generic;
mod inventories;
mod slack;

use crate::capture::{ObjectKey, Request};

use super::outline::{Value, shortened};
use super::payload::Payload;

use Mark::{Agent, Header, Shape};

/// A request as recognition sees it.
pub(super) struct Seen<'a> {
    pub request: &'a Request,
    pub payload: &'a Payload,
    pub outline: &'a Value<'a>,
    /// What stopped the reading of a JSON payload before its end.
    pub error: Option<&'a serde_json::Error>,
}

impl<'a> Seen<'a> {
    /// The value of the first header line with this name, when it is text and not empty; its beginning when it is
    /// long.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.request.headers.text(name).map(shortened).filter(|value| !value.is_empty())
    }

    /// The text at the first of these paths of the outline that has some.
    pub fn text(&self, paths: &[&str]) -> Option<String> {
        self.outline.first_text(paths).map(str::to_owned)
    }
}

/// What a payload says it is, in the parts that a title is made of.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// What happened: `update`.
    pub event: Option<String>,
    /// The name of what it happened to: `AS64512 - Example Net`.
    pub name: Option<String>,
    /// What sort of thing that is, or where: `autonomoussystem`, `acme/site`.
    pub place: Option<String>,
    pub object: Option<ObjectKey>,
}

/// Who a request is from, and who reads its payload.
pub(super) struct Known<'a> {
    pub sender: Option<&'static str>,
    pub version: Option<&'a str>,
    pub evidence: Option<String>,
    pub tells: fn(&Seen) -> Account,
}

/// The id that all webhooks of one change share, where the sender has changes of several objects.
pub(super) fn change(seen: &Seen, sender: Option<&str>) -> Option<String> {
    let is_inventory = matches!(sender, Some("Peering Manager" | "NetBox" | "Nautobot"));
    inventories::change_id(seen).filter(|_| is_inventory)
}

/// A sender that is known.
struct Sender {
    name: &'static str,
    /// Any one of them is enough.
    marks: &'static [Mark],
    tells: fn(&Seen) -> Account,
}

/// Something that gives a sender away.
enum Mark {
    /// A header with this name.
    Header(&'static str),
    /// A user-agent that begins like this; its version follows.
    Agent(&'static str),
    /// A payload that is shaped like this.
    Shape(fn(&Value) -> bool),
    /// Something else that is less sure, said in words.
    Habit(&'static str, fn(&Seen) -> bool),
}

/// The first that shows a mark is it: those who send the headers of others as well come before these.
const SENDERS: &[Sender] = &[
    sender(
        "Peering Manager",
        &[Agent("PeeringManager/"), Shape(inventories::is_peering_manager)],
        inventories::peering_manager,
    ),
    sender("Nautobot", &[Shape(inventories::is_nautobot)], inventories::nautobot),
    sender(
        "NetBox",
        &[
            Shape(inventories::is_netbox),
            Mark::Habit(
                "urllib3 as user-agent beside X-Hook-Signature, as Nautobot too",
                inventories::signs_like_netbox,
            ),
        ],
        inventories::netbox,
    ),
    sender("Forgejo", &[Header("X-Forgejo-Event")], forges::forgejo),
    sender("Gitea", &[Header("X-Gitea-Event")], forges::gitea),
    sender("Gogs", &[Header("X-Gogs-Event")], forges::gogs),
    sender("GitHub", &[Agent("GitHub-Hookshot/"), Header("X-GitHub-Event")], forges::github),
    sender("GitLab", &[Agent("GitLab/"), Header("X-Gitlab-Event")], forges::gitlab),
    sender("Bitbucket", &[Agent("Bitbucket-Webhooks/"), Header("X-Event-Key")], forges::bitbucket),
    sender("Stripe", &[Header("Stripe-Signature"), Shape(commerce::is_stripe)], commerce::stripe),
    sender("Slack", &[Header("X-Slack-Signature"), Agent("Slackbot ")], slack::slack),
    sender("Shopify", &[Header("X-Shopify-Topic")], commerce::shopify),
    sender("PagerDuty", &[Agent("PagerDuty-Webhook/"), Header("X-PagerDuty-Signature")], alerts::pagerduty),
    sender("Sentry", &[Header("Sentry-Hook-Resource")], alerts::sentry),
    sender("Catalyst Center", &[Shape(cisco::is_catalyst_center)], cisco::catalyst_center),
    sender("Meraki", &[Shape(cisco::is_meraki)], cisco::meraki),
    sender("Grafana", &[Agent("Grafana"), Shape(alerts::is_grafana)], alerts::alertmanager),
    sender("Alertmanager", &[Agent("Alertmanager/"), Shape(alerts::is_alertmanager)], alerts::alertmanager),
];

const fn sender(name: &'static str, marks: &'static [Mark], tells: fn(&Seen) -> Account) -> Sender {
    Sender { name, marks, tells }
}

/// Who `seen` is from, and who reads its payload.
pub(super) fn recognise<'a>(seen: &Seen<'a>) -> Known<'a> {
    let shown = |sender: &&Sender| sender.marks.iter().any(|mark| mark.shows(seen));
    match SENDERS.iter().find(shown) {
        Some(sender) => Known {
            sender: Some(sender.name),
            version: version(seen, sender.marks),
            evidence: Some(evidence(seen, sender.marks)),
            tells: sender.tells,
        },
        None => Known { sender: None, version: None, evidence: None, tells: generic::tell },
    }
}

impl Mark {
    fn shows(&self, seen: &Seen) -> bool {
        match self {
            Self::Header(name) => seen.request.headers.has(name),
            Self::Agent(start) => seen.header("user-agent").is_some_and(|agent| agent.starts_with(start)),
            Self::Shape(is) => is(seen.outline),
            Self::Habit(_, has) => has(seen),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Header(name) => format!("{name} header"),
            Self::Agent(_) => "user-agent".to_owned(),
            Self::Shape(_) => "body shape".to_owned(),
            Self::Habit(words, _) => (*words).to_owned(),
        }
    }
}

/// A habit is told only of a sender that shows nothing surer.
fn evidence(seen: &Seen, marks: &[Mark]) -> String {
    let (habits, sure): (Vec<&Mark>, Vec<&Mark>) =
        marks.iter().filter(|mark| mark.shows(seen)).partition(|mark| matches!(mark, Mark::Habit(..)));
    let told = if sure.is_empty() { habits } else { sure };
    told.into_iter().map(Mark::words).collect::<Vec<_>>().join(" and ")
}

/// What follows the sender's name in the user-agent, up to a blank.
fn version<'a>(seen: &Seen<'a>, marks: &[Mark]) -> Option<&'a str> {
    let agent = seen.header("user-agent")?;
    let behind = |mark: &Mark| match mark {
        Agent(start) if start.ends_with('/') => agent.strip_prefix(start),
        _ => None,
    };
    marks.iter().find_map(behind)?.split([' ', ';']).next().filter(|version| !version.is_empty())
}
