//! How each sender judges the status that it is answered with.

/// What a sender makes of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Whether the sender counts the webhook as delivered.
    pub accepted: bool,
    /// That, and the sender's rule, in words: `Peering Manager counts 204 as failed: only exactly 200 is delivered`.
    pub text: String,
}

/// Which statuses a sender counts as delivered.
enum Rule {
    /// 200 and nothing else.
    Exactly200,
    /// 200 to 299.
    Success,
    /// Everything below 400.
    Below400,
}

/// What is known of a sender: its name, its rule, and what else its answer should keep to (may be empty).
struct Habit {
    sender: &'static str,
    rule: Rule,
    besides: &'static str,
}

const HABITS: &[Habit] = &[
    habit("Peering Manager", Rule::Exactly200, ""),
    habit("NetBox", Rule::Success, ""),
    habit("Nautobot", Rule::Below400, ""),
    habit("GitHub", Rule::Success, " within 10 seconds"),
    habit("GitLab", Rule::Success, " within 10 seconds"),
    habit("Gitea", Rule::Success, ""),
    habit("Forgejo", Rule::Success, ""),
    habit("Gogs", Rule::Success, ""),
    habit("Bitbucket", Rule::Success, " within 10 seconds"),
    habit("Stripe", Rule::Success, ""),
    habit("Slack", Rule::Success, " within 3 seconds (a slash command: exactly 200)"),
    habit("Shopify", Rule::Success, " within 5 seconds"),
    habit("Alertmanager", Rule::Success, ""),
    habit("Grafana", Rule::Success, ""),
    habit("PagerDuty", Rule::Success, " within 5 seconds"),
];

const fn habit(sender: &'static str, rule: Rule, besides: &'static str) -> Habit {
    Habit { sender, rule, besides }
}

impl Rule {
    fn accepts(&self, status: u16) -> bool {
        match self {
            Self::Exactly200 => status == 200,
            Self::Success => (200..300).contains(&status),
            Self::Below400 => (200..400).contains(&status),
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Exactly200 => "only exactly 200 is delivered",
            Self::Success => "any 2xx is delivered",
            Self::Below400 => "everything below 400 is delivered",
        }
    }
}

/// How `sender` (a name as in [`crate::capture::Identity`]) judges an answer of this status. `None` when its rule is
/// not known.
pub fn judge(sender: &str, status: u16) -> Option<Judgement> {
    let habit = HABITS.iter().find(|habit| habit.sender == sender)?;
    if let Some(text) = redirected(sender, status) {
        return Some(Judgement { accepted: false, text });
    }
    let accepted = habit.rule.accepts(status);
    let verdict = if accepted { "delivered" } else { "failed" };
    let text = format!("{sender} counts {status} as {verdict}: {}{}", habit.rule.words(), habit.besides);
    Some(Judgement { accepted, text })
}

/// Peering Manager and NetBox hand redirects to the Python library that they send with, which follows them.
fn redirected(sender: &str, status: u16) -> Option<String> {
    let follows = matches!(sender, "Peering Manager" | "NetBox");
    let how = match status {
        301..=303 if follows => "with a GET that has no body and the signature of the lost one",
        307 | 308 if follows => "with the same method and body",
        _ => return None,
    };
    Some(format!("{sender} follows {status} to its Location {how}, and judges the answer it gets there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sender: &str, status: u16, accepted: bool, text: &str) {
        assert_eq!(judge(sender, status), Some(Judgement { accepted, text: text.to_owned() }));
    }

    #[test]
    fn peering_manager_takes_nothing_but_200() {
        check("Peering Manager", 200, true, "Peering Manager counts 200 as delivered: only exactly 200 is delivered");
        check("Peering Manager", 204, false, "Peering Manager counts 204 as failed: only exactly 200 is delivered");
    }

    #[test]
    fn its_relatives_take_more() {
        check("NetBox", 204, true, "NetBox counts 204 as delivered: any 2xx is delivered");
        check("NetBox", 400, false, "NetBox counts 400 as failed: any 2xx is delivered");
        check("Nautobot", 302, true, "Nautobot counts 302 as delivered: everything below 400 is delivered");
        check("Nautobot", 400, false, "Nautobot counts 400 as failed: everything below 400 is delivered");
    }

    #[test]
    fn redirects_are_followed_by_some() {
        let lost = judge("Peering Manager", 303).unwrap();
        assert!(!lost.accepted && lost.text.contains("GET that has no body"), "{lost:?}");
        assert!(judge("NetBox", 307).unwrap().text.contains("same method and body"));
        check("GitHub", 302, false, "GitHub counts 302 as failed: any 2xx is delivered within 10 seconds");
    }

    #[test]
    fn a_stranger_is_not_judged() {
        assert_eq!(judge("curl", 200), None);
    }
}
