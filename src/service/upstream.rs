//! The answer of a forward's target passed through, or ours in its place.

use super::forward::NoAnswer;
use super::instead::instead;
use crate::capture::{Answer, Capture, Response};
use crate::export::end_to_end;
use crate::outbound::Unanswered;

/// What the client gets: the target's answer with the lines that the rule sets itself over its own, or why there is none. The target
/// and what it did wrong are named in the note only; they are not the client's business.
pub(super) fn answer(planned: Answer, capture: &Capture, answer: Result<Response, NoAnswer>) -> Answer {
    match answer {
        Ok(response) => passed(planned, capture, response),
        Err(error) => missing(&planned, &error),
    }
}

/// The answer to what came through here before.
pub(super) fn circle(planned: &Answer, url: &str) -> Answer {
    missing(planned, &NoAnswer::Circle(url.to_owned()))
}

fn passed(planned: Answer, capture: &Capture, response: Response) -> Answer {
    if response.status < 200 {
        return instead(
            &planned,
            502,
            "The server behind this one changed protocols.\n",
            "it answered 101, which no forward can follow".to_owned(),
        );
    }
    if response.body_total > response.body.len() as u64 {
        let note =
            format!("its answer has {} bytes: only {} are passed through", response.body_total, response.body.len());
        return instead(&planned, 502, "The answer of the server behind this one is too long.\n", note);
    }
    let without_body = capture.request.method == "HEAD" || response.status == 304;
    let mut headers = end_to_end(&response.headers, without_body);
    // What is in the body, who made it knows.
    for header in planned.headers.iter().filter(|header| !header.is("content-type")) {
        headers.set(&header.name_text(), header.value.clone());
    }
    Answer { status: response.status, headers, body: response.body, ..planned }
}

fn missing(planned: &Answer, error: &NoAnswer) -> Answer {
    let (status, body) = match error {
        NoAnswer::Circle(_) => (508, "This request was forwarded from here before: the forwards lead in a circle.\n"),
        NoAnswer::NotKept => (413, "The body is too long to be forwarded.\n"),
        NoAnswer::NoRoom | NoAnswer::Stopped => (503, "This request was kept, but not forwarded. Try again later.\n"),
        NoAnswer::Unanswered(Unanswered::TooLate(_)) => {
            (504, "This request was kept, but the server that it was forwarded to did not answer in time.\n")
        }
        NoAnswer::Unanswered(Unanswered::Failed(_)) => {
            (502, "This request was kept, but the server that it is forwarded to gave no answer.\n")
        }
        NoAnswer::NotPrepared(_) | NoAnswer::Coded | NoAnswer::NoTarget => {
            (502, "This request was kept, but cannot be forwarded.\n")
        }
    };
    instead(planned, status, body, error.to_string())
}
