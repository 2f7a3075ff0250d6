//! Whether conditions can be tried on a capture at all: only what a system puts into its webhooks has what they look
//! at.

use super::System;
use super::leaf::object_of;
use crate::template::{self, Value};

/// Why conditions cannot be tried on a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Unfit {
    /// A template made the body, so that the object is not in it.
    #[error("a template made its body: conditions look at the object, which only a body without a template has")]
    Templated,
    /// Its sender sends no objects.
    #[error("its sender has no conditions")]
    OtherSender,
    /// Nautobot sends every change.
    #[error("Nautobot's webhooks have no conditions: every change that they are for is sent")]
    Nautobot,
    /// It has an object, but nothing tells whose rules hold.
    #[error("it does not tell which system sent it")]
    UnknownSystem,
    /// The body is no webhook of any system that has conditions.
    #[error("its body is no webhook with an object: there is nothing to look at")]
    NoObject,
}

impl Unfit {
    /// Of how many captures it holds, in few words: `2 made by a template`.
    fn counted(self, count: usize) -> String {
        let what = match self {
            Self::Templated => "made by a template",
            Self::OtherSender => "of senders without conditions",
            Self::Nautobot => "of Nautobot, which has no conditions",
            Self::UnknownSystem => "of an unknown system",
            Self::NoObject => "without an object",
        };
        format!("{count} {what}")
    }

    /// How many captures are left out, and why: `3 left out: 2 made by a template, 1 without an object`; nothing when
    /// none is.
    pub fn tally(counts: impl IntoIterator<Item = (Self, usize)>) -> Option<String> {
        let (mut count, mut reasons) = (0, Vec::new());
        for (unfit, some) in counts {
            count += some;
            reasons.push(unfit.counted(some));
        }
        (count > 0).then(|| format!("{count} left out: {}", reasons.join(", ")))
    }
}

impl System {
    /// The one whose rules hold for what a sender sent.
    pub fn of_sender(sender: &str) -> Option<Self> {
        match sender {
            "Peering Manager" => Some(Self::PeeringManager),
            "NetBox" => Some(Self::NetBox47),
            _ => None,
        }
    }

    /// Whose rules hold for a webhook of this `sender`, unless one is `chosen`, and its body, read; or why conditions
    /// cannot be tried on it.
    pub fn fitting(sender: Option<&str>, chosen: Option<Self>, body: &[u8]) -> Result<(Self, Value), Unfit> {
        let own = sender.and_then(Self::of_sender);
        let read = template::value_from_json(body).ok().filter(|body| object_of(body).is_some());
        let Some(body) = read else {
            return Err(match sender {
                Some(_) if own.is_some() => Unfit::Templated,
                Some("Nautobot") if chosen.is_none() => Unfit::Nautobot,
                Some(_) => Unfit::OtherSender,
                None => Unfit::NoObject,
            });
        };
        match chosen.or(own) {
            Some(system) => Ok((system, body)),
            None if sender == Some("Nautobot") => Err(Unfit::Nautobot),
            None if sender.is_some() => Err(Unfit::OtherSender),
            None => Err(Unfit::UnknownSystem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"event": "created", "timestamp": "t", "request_id": "r", "data": {"id": 1}}"#;

    #[test]
    fn the_sender_and_the_body_tell_whether_there_is_an_object() {
        let fits = |sender, chosen, body| System::fitting(sender, chosen, body).map(|(system, _)| system);
        assert_eq!(fits(Some("NetBox"), None, BODY), Ok(System::NetBox47));
        assert_eq!(fits(Some("NetBox"), Some(System::NetBox46), BODY), Ok(System::NetBox46));
        assert_eq!(fits(Some("Peering Manager"), None, b"{\"text\": 1}"), Err(Unfit::Templated));
        assert_eq!(fits(Some("Peering Manager"), None, b"Traceback"), Err(Unfit::Templated));
        assert_eq!(fits(Some("GitHub"), Some(System::NetBox46), b"{\"zen\": 1}"), Err(Unfit::OtherSender));
        assert_eq!(fits(Some("Nautobot"), None, BODY), Err(Unfit::Nautobot));
        assert_eq!(fits(Some("Nautobot"), Some(System::NetBox46), BODY), Ok(System::NetBox46));
        assert_eq!(fits(None, None, BODY), Err(Unfit::UnknownSystem));
        assert_eq!(fits(None, None, b"[1]"), Err(Unfit::NoObject));
    }

    #[test]
    fn what_is_left_out_is_counted_by_reason() {
        let said = "3 left out: 2 made by a template, 1 without an object";
        assert_eq!(Unfit::tally([(Unfit::Templated, 2), (Unfit::NoObject, 1)]).as_deref(), Some(said));
        assert_eq!(Unfit::tally([]), None);
    }
}
