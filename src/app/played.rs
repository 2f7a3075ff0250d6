//! What was played when an answer was sent, and how that ended, in words.

use super::clock::duration;
use crate::capture::{Answer, EndingKind, Fault};

/// A fault in a word or two.
pub fn fault_word(fault: Fault) -> &'static str {
    match fault {
        Fault::Close => "close",
        Fault::Reset => "reset",
        Fault::Hang => "hang",
        Fault::Drip { .. } => "byte by byte",
        Fault::Cut { .. } => "cut short",
        Fault::Garbage => "garbage",
        Fault::NoContinue => "no 100 Continue",
    }
}

/// What was done to an answer that did not go out at once and whole: `waited 2.00 s, then hung until the client gave up
/// after 31.2 s`. `None` for one that did.
pub fn played(answer: &Answer) -> Option<String> {
    if answer.play.is_plain() && answer.ending.is_none() {
        return None;
    }
    let wait = answer.play.delay_ms;
    let waited = (wait > 0).then(|| format!("waited {}", duration(wait * 1000)));
    let done = answer.play.fault.map(deed);
    let parts: Vec<String> = waited.into_iter().chain(done).collect();
    let parts = match answer.unsent() {
        _ if !parts.is_empty() => parts.join(", then "),
        Some(_) => "it was still being made".to_owned(),
        None => "sent at once".to_owned(),
    };
    Some(format!("{parts}{}", end(answer)))
}

fn deed(fault: Fault) -> String {
    match fault {
        Fault::Close => "closed the connection without an answer".to_owned(),
        Fault::Reset => "reset the connection without an answer".to_owned(),
        Fault::Hang => "hung without an answer".to_owned(),
        Fault::Drip { pause_ms } => format!("sent it a byte every {pause_ms} ms"),
        Fault::Cut { after } => format!("cut the body off after {after} bytes"),
        Fault::Garbage => "sent bytes that are no HTTP".to_owned(),
        Fault::NoContinue => "withheld 100 Continue".to_owned(),
    }
}

fn end(answer: &Answer) -> String {
    let Some(ending) = answer.ending else { return ", under way".to_owned() };
    let after = duration(ending.after_us);
    match (ending.kind, answer.play.fault) {
        (EndingKind::Lost, _) => "; hookview ended before that was done".to_owned(),
        (EndingKind::GaveUp, Some(Fault::Hang)) => format!(" until the client gave up after {after}"),
        (EndingKind::GaveUp, _) => format!("; the client gave up after {after}"),
        (EndingKind::Broke, _) => format!("; the connection broke after {after}"),
        (EndingKind::Stopped, _) => format!("; hookview was stopped after {after}"),
        (EndingKind::Sent, _) => format!("; all of it was sent after {after}"),
        (EndingKind::Played, _) => format!("; done after {after}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Ending, Play};

    #[test]
    fn what_was_played_and_how_it_ended() {
        let words = |delay_ms, fault, kind| {
            let ending = Some(Ending { kind, after_us: 31_200_000 });
            played(&Answer { play: Play { delay_ms, fault }, ending, ..Answer::text(200, "", "a") }).unwrap()
        };
        assert_eq!(
            words(2000, Some(Fault::Hang), EndingKind::GaveUp),
            "waited 2.00 s, then hung without an answer until the client gave up after 31.2 s"
        );
        assert_eq!(
            words(0, Some(Fault::Reset), EndingKind::Played),
            "reset the connection without an answer; done after 31.2 s"
        );
        assert_eq!(words(0, None, EndingKind::GaveUp), "it was still being made; the client gave up after 31.2 s");
        assert_eq!(words(0, None, EndingKind::Broke), "sent at once; the connection broke after 31.2 s");
        assert_eq!(
            words(0, Some(Fault::Hang), EndingKind::Lost),
            "hung without an answer; hookview ended before that was done"
        );
        assert_eq!(played(&Answer::default()), None);
        let waiting = Answer { play: Play { delay_ms: 60_000, fault: None }, ..Answer::default() };
        assert_eq!(played(&waiting).unwrap(), "waited 60 s, under way");
    }
}
