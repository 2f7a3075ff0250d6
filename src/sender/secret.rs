//! Where the secret of a webhook is set, at each sender.

const PLACES: &[(&str, &str)] = &[
    ("Peering Manager", "Operations > Webhooks > Secret"),
    ("NetBox", "Operations > Webhooks > Secret"),
    ("Nautobot", "Extensibility > Webhooks > Secret"),
    ("GitHub", "Settings > Webhooks > Secret (it is not shown again: set a new one)"),
    ("GitLab", "Settings > Webhooks > Secret token"),
    ("Gitea", "Settings > Webhooks > Secret"),
    ("Forgejo", "Settings > Webhooks > Secret"),
    ("Gogs", "Settings > Webhooks > Secret"),
    ("Bitbucket", "Repository settings > Webhooks > Secret"),
    ("Stripe", "Developers > Webhooks > Signing secret (each endpoint, and stripe listen, has its own)"),
    ("Slack", "the app's Basic Information > Signing Secret (not the verification token)"),
    ("Shopify", "the app's client secret; for webhooks made in the admin, Settings > Notifications > Webhooks"),
    ("Grafana", "Alerting > Contact points > HMAC signature > Secret"),
    ("PagerDuty", "Integrations > Generic Webhooks (it is shown once: add the webhook anew)"),
];

/// Where the users of a sender set the secret that it signs with: `Operations > Webhooks > Secret`.
pub fn secret_place(sender: &str) -> Option<&'static str> {
    PLACES.iter().find(|(name, _)| *name == sender).map(|(_, place)| *place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_known_by_the_names_that_captures_have() {
        assert_eq!(secret_place("Peering Manager"), Some("Operations > Webhooks > Secret"));
        assert_eq!(secret_place("curl"), None);
    }
}
