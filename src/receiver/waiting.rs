//! Waiting for an answer, or for its time to come, while the client may go and the program may stop.
//!
//! Knows no protocol: who waits says how it shows that the client went.

use std::pin::pin;

use crate::capture::{Answer, CaptureId, Ending, EndingKind};

use super::wire::Moment;
use super::{Intake, Receiver, Reply};

/// What came of waiting for an answer: at least one of both.
pub(super) struct Made {
    /// The answer, also when the client went meanwhile; none when the program stopped first.
    pub answer: Option<Answer>,
    /// That the client went meanwhile, or that the program stopped.
    pub left: Option<Ending>,
}

impl<I: Intake> Receiver<I> {
    /// What `awaited` gives, unless the client goes first or the time for stopping is over.
    pub(super) async fn unless_over<T>(
        &self,
        awaited: impl Future<Output = T>,
        gone: impl Future<Output = ()>,
    ) -> Result<T, EndingKind> {
        tokio::select! {
            biased;
            value = awaited => Ok(value),
            () = gone => Err(EndingKind::GaveUp),
            () = self.too_late.cancelled() => Err(EndingKind::Stopped),
        }
    }

    /// Has the answer made, to its end also when the client goes. `asked` is when the request was complete.
    pub(super) async fn make(&self, reply: Reply, asked: Moment, gone: impl Future<Output = ()>) -> Made {
        let making = match reply {
            Reply::Now(answer) => return Made { answer: Some(answer), left: None },
            Reply::Later(making) => making,
        };
        let mut making = pin!(making);
        let left = match self.unless_over(making.as_mut(), gone).await {
            Ok(answer) => return Made { answer: Some(answer), left: None },
            Err(kind) => asked.ending(kind),
        };
        let answer = self.unless_over(making, std::future::pending()).await.ok();
        Made { answer, left: Some(left) }
    }

    /// Tells the intake how the sending of an answer ended. What was not kept has no number to tell it by.
    pub(super) fn tell_ended(&self, id: Option<CaptureId>, ending: Ending) {
        if let Some(id) = id {
            self.intake.ended(id, ending);
        }
    }
}

impl Moment {
    /// An ending that comes now, of an exchange that was asked for at this moment.
    pub(super) fn ending(self, kind: EndingKind) -> Ending {
        Ending { kind, after_us: Self::now().micros_since(self) }
    }
}
