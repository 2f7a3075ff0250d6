//! How each sender judges what it is answered, and what it does then: as data, and only what is documented or observed.

use crate::capture::{Answer, EndingKind, Fault};

/// What a sender makes of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Whether the sender counts the webhook as delivered.
    pub accepted: bool,
    /// That, and the sender's rule, in words: `Peering Manager counts 204 as failed: only exactly 200 is delivered`.
    pub text: String,
    /// What it does then, in sentences: whether it tries again, what it does with a redirect. Empty when not known.
    pub next: String,
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

/// What a sender does with a redirect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Redirects {
    /// Not known.
    Unknown,
    /// The status is its answer.
    Kept,
    /// Followed: 301 to 303 with a GET that has no body, 307 and 308 with the same method and body.
    Followed,
}

/// What is known of a sender.
struct Habit {
    sender: &'static str,
    rule: Rule,
    /// Seconds that it waits for an answer.
    limit: Option<u64>,
    /// What else its answer should keep to.
    besides: &'static str,
    redirects: Redirects,
    /// What it does after a failure.
    failed: &'static str,
}

const HABITS: &[Habit] = &[
    Habit {
        redirects: Redirects::Followed,
        failed: "It does not try again by itself. Queue the job again there (Operations > Jobs), or resend it from here.",
        ..habit("Peering Manager", Rule::Exactly200)
    },
    Habit {
        redirects: Redirects::Followed,
        failed: "It tries again only when RQ_RETRY_MAX is set there.",
        ..habit("NetBox", Rule::Success)
    },
    Habit { redirects: Redirects::Kept, ..habit("Nautobot", Rule::Below400) },
    Habit {
        limit: Some(10),
        failed: "It does not try again by itself: redeliver it there (Settings > Webhooks > Recent Deliveries).",
        ..habit("GitHub", Rule::Success)
    },
    Habit {
        limit: Some(10),
        failed: "Where webhooks are disabled automatically, as on gitlab.com, four failures in a row disable this one for \
                 a minute, and each further one for longer, up to a day.",
        ..habit("GitLab", Rule::Success)
    },
    Habit { failed: "It does not try again by itself.", ..habit("Gitea", Rule::Success) },
    Habit { failed: "It does not try again by itself.", ..habit("Forgejo", Rule::Success) },
    habit("Gogs", Rule::Success),
    Habit {
        limit: Some(10),
        failed: "Bitbucket Cloud sends it up to two more times after a 5xx, and counts in X-Attempt-Number.",
        ..habit("Bitbucket", Rule::Success)
    },
    Habit {
        redirects: Redirects::Kept,
        failed: "It tries again for up to three days with growing pauses; in a sandbox three times within hours.",
        ..habit("Stripe", Rule::Success)
    },
    Habit {
        limit: Some(3),
        besides: " (a slash command: exactly 200)",
        failed: "Events are sent three more times: at once, after one minute, after five, counted in X-Slack-Retry-Num. \
                 When nearly all fail for an hour, Slack stops sending events.",
        ..habit("Slack", Rule::Success)
    },
    Habit {
        limit: Some(5),
        redirects: Redirects::Kept,
        failed: "It tries again 8 times within 4 hours, with growing pauses; a subscription that goes on failing is \
                 removed.",
        ..habit("Shopify", Rule::Success)
    },
    Habit {
        redirects: Redirects::Followed,
        failed: "It tries again after a 5xx or a lost connection until the group is due again; not after a 4xx.",
        ..habit("Alertmanager", Rule::Success)
    },
    habit("Grafana", Rule::Success),
    Habit { limit: Some(5), ..habit("PagerDuty", Rule::Success) },
];

const fn habit(sender: &'static str, rule: Rule) -> Habit {
    Habit { sender, rule, limit: None, besides: "", redirects: Redirects::Unknown, failed: "" }
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

/// What arrives of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    /// All of it.
    Whole,
    /// A status, and a body that ends too soon.
    Cut,
    /// No status.
    Nothing,
}

/// How `sender` (a name as in [`crate::capture::Identity`]) judges an answer of this status that it gets whole. `None` when
/// its rule is not known.
pub fn judge(sender: &str, status: u16) -> Option<Judgement> {
    Some(habit_of(sender)?.judge_status(status))
}

fn habit_of(sender: &str) -> Option<&'static Habit> {
    HABITS.iter().find(|habit| habit.sender == sender)
}

/// The same of an answer that was played, or is planned. `None` also when it is not known what it makes of such an answer.
pub fn judge_answer(sender: &str, answer: &Answer) -> Option<Judgement> {
    let habit = habit_of(sender)?;
    match habit.hears(answer) {
        Heard::Whole => Some(habit.judge_status(answer.status)),
        Heard::Cut => None,
        Heard::Nothing => Some(habit.nothing()),
    }
}

impl Habit {
    /// Of an answer whose end is known, what came of it; of one that is planned, what is to be expected.
    fn hears(&self, answer: &Answer) -> Heard {
        let too_late = self.limit.is_some_and(|limit| answer.play.delay_ms > limit * 1000) && answer.ending.is_none();
        let ended_well = |kind| matches!(kind, EndingKind::Sent | EndingKind::Played);
        let cut = matches!(answer.play.fault, Some(Fault::Cut { .. }));
        if answer.sent_status() == 0 || too_late {
            Heard::Nothing
        } else if cut || answer.ending.is_some_and(|ending| !ended_well(ending.kind)) {
            Heard::Cut
        } else {
            Heard::Whole
        }
    }

    fn judge_status(&self, status: u16) -> Judgement {
        let sender = self.sender;
        if let (Some(how), Redirects::Followed) = (followed(status), self.redirects) {
            let text = format!("{sender} follows {status} to its Location {how}, and judges the answer it gets there");
            return Judgement { accepted: false, text, next: String::new() };
        }
        let accepted = self.rule.accepts(status);
        let verdict = if accepted { "delivered" } else { "failed" };
        let text = format!("{sender} counts {status} as {verdict}: {}{}", self.rule.words(), self.conditions());
        let kept = if followed(status).is_some() && self.redirects == Redirects::Kept {
            "It does not follow redirects."
        } else {
            ""
        };
        let failed = if accepted { "" } else { self.failed };
        Judgement { accepted, text, next: [kept, failed].join(" ").trim().to_owned() }
    }

    fn conditions(&self) -> String {
        self.limit.map(|seconds| format!(" within {seconds} seconds")).unwrap_or_default() + self.besides
    }

    fn nothing(&self) -> Judgement {
        let patience = self.limit.map(|seconds| format!(", and waits {seconds} seconds for one")).unwrap_or_default();
        let text = format!("{} counts no answer as failed{patience}", self.sender);
        Judgement { accepted: false, text, next: self.failed.to_owned() }
    }
}

/// How a redirect is followed, by who follows it.
fn followed(status: u16) -> Option<&'static str> {
    match status {
        301..=303 => Some("with a GET that has no body but the headers of the lost one"),
        307 | 308 => Some("with the same method and body"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Ending, Play};

    #[track_caller]
    fn check(sender: &str, status: u16, accepted: bool, text: &str) {
        let judgement = judge(sender, status).unwrap();
        assert_eq!((judgement.accepted, judgement.text.as_str()), (accepted, text));
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
        let next = |sender: &str, status: u16| judge(sender, status).unwrap().next;
        let lost = judge("Peering Manager", 303).unwrap();
        assert!(!lost.accepted && lost.text.contains("GET that has no body"), "{lost:?}");
        assert!(judge("NetBox", 307).unwrap().text.contains("same method and body"));
        check("GitHub", 302, false, "GitHub counts 302 as failed: any 2xx is delivered within 10 seconds");
        assert_eq!(next("Nautobot", 302), "It does not follow redirects.");
        assert!(next("Stripe", 302).starts_with("It does not follow redirects. It tries again"));
        assert!(!next("GitHub", 302).contains("redirects"), "nobody knows");
    }

    #[test]
    fn what_it_does_next_is_said_of_failures_alone() {
        assert_eq!(judge("GitHub", 200).unwrap().next, "");
        assert!(judge("GitHub", 500).unwrap().next.starts_with("It does not try again"));
    }

    #[test]
    fn an_answer_that_never_came_is_a_failure() {
        let judged = |fault, delay_ms, kind: Option<EndingKind>| {
            let ending = kind.map(|kind| Ending { kind, after_us: 31_000_000 });
            judge_answer("GitHub", &Answer { play: Play { delay_ms, fault }, ending, ..Answer::text(200, "", "") })
        };
        let none = "GitHub counts no answer as failed, and waits 10 seconds for one";
        for (fault, delay_ms, kind) in [
            (Some(Fault::Hang), 0, Some(EndingKind::GaveUp)),
            (Some(Fault::Reset), 0, Some(EndingKind::Played)),
            (None, 60_000, Some(EndingKind::GaveUp)),
            (None, 60_000, None),
        ] {
            let judgement = judged(fault, delay_ms, kind).unwrap();
            assert_eq!((judgement.accepted, judgement.text.as_str()), (false, none), "{fault:?}");
        }
        assert!(judged(None, 2_000, Some(EndingKind::Sent)).unwrap().accepted);
        assert!(judged(Some(Fault::Drip { pause_ms: 5 }), 0, Some(EndingKind::Played)).unwrap().accepted);
        assert_eq!(judged(Some(Fault::Cut { after: 3 }), 0, Some(EndingKind::Played)), None, "not known");
    }

    #[test]
    fn a_stranger_is_not_judged() {
        assert_eq!(judge("curl", 200), None);
    }
}
