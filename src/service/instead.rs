//! Answers in place of those that could not be made.

use crate::capture::Answer;

/// An answer in place of one that could not be made, played as that would have been. The client learns no more than `body`;
/// what a browser needs to see it stays.
pub(super) fn instead(planned: &Answer, status: u16, body: &'static str, note: String) -> Answer {
    let mut answer = Answer { note, play: planned.play, ..Answer::text(status, body, &planned.rule) };
    for header in planned.headers.iter().filter(|header| is_for_browsers(&header.name)) {
        answer.headers.push(header.name.clone(), header.value.clone());
    }
    answer
}

/// Whether a name begins as those of CORS do.
fn is_for_browsers(name: &[u8]) -> bool {
    const CORS: &[u8] = b"access-control-";
    name.get(..CORS.len()).is_some_and(|start| start.eq_ignore_ascii_case(CORS))
}
