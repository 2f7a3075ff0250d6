//! Plans carried out: files read, commands run, captures sent on; and all of it ended with the program.
//!
//! What makes the answer and what goes on beside it runs in tasks of its own, so that a client that goes away ends
//! neither.

use std::sync::Arc;

use super::actions::{Actions, Asked};
use super::turns::Task;
use super::{Service, file, forward, run, upstream};
use crate::capture::{Answer, Capture, Request};
use crate::outbound::MAX_KEPT;
use crate::receiver::Reply;
use crate::rules::{Command, Forward, Plan, Source};

impl Service {
    /// What is left of a plan before its capture is stored: a request that this hookview has forwarded already goes in a
    /// circle, and is answered 508 instead of being forwarded again.
    pub fn admit(&self, plan: Plan, request: &Request) -> Plan {
        match &plan.forward {
            Some(forward) if self.actions.has_seen(request) => {
                Plan::ready(upstream::circle(&plan.answer, &forward.url))
            }
            _ => plan,
        }
    }

    /// Carries out a plan for a capture that is stored, and says what to answer: at once when that is known, else in the
    /// future, which may be dropped without ending anything. Runs and attempts are stored as they end.
    ///
    /// Waits only when there is no room for what is to be done beside, until it is stored that it was not done.
    pub async fn carry_out(&self, plan: Plan, capture: Arc<Capture>) -> Reply {
        let Plan { answer, source, commands, mut forward } = plan;
        if source == Source::Ready && commands.is_empty() && forward.is_none() {
            return Reply::Now(answer);
        }
        let asked = Arc::new(self.actions.asked(capture, &answer.rule, self.checker()));
        let passed = if source == Source::Upstream { forward.take() } else { None };
        self.actions.beside(&asked, commands, forward).await;
        match source {
            Source::Ready => Reply::Now(answer),
            Source::File { path, within } => Reply::Later(Box::pin(file::answer(answer, path, within))),
            Source::Output(command) => self.actions.later(answer, async move |actions, planned| {
                let run = actions.run(&command, Task::Output(asked.rule.clone()), &asked).await;
                run::answer(planned, &run)
            }),
            Source::Upstream => self.actions.later(answer, async move |actions, planned| {
                let response = actions.forward(passed.as_ref(), &asked, forward::MAX_PASSED).await;
                upstream::answer(planned, &asked.capture, response)
            }),
        }
    }

    /// Ends what is being run and sent, and begins nothing more.
    pub fn stop_actions(&self) {
        self.actions.stop.cancel();
    }

    /// Returns when nothing is being run or sent any more.
    pub async fn actions_ended(&self) {
        self.actions.tasks.close();
        self.actions.tasks.wait().await;
    }
}

impl Actions {
    /// Runs commands one after the other, and sends the capture on meanwhile.
    async fn beside(self: &Arc<Self>, asked: &Arc<Asked>, commands: Vec<Command>, forward: Option<Forward>) {
        if commands.is_empty() && forward.is_none() {
            return;
        }
        let (actions, asked) = (self.clone(), asked.clone());
        let has_room = asked.has_room();
        let doing = self.tasks.spawn(async move {
            let running = async {
                for (place, command) in commands.iter().enumerate() {
                    actions.run(command, Task::Command(asked.rule.clone(), place), &asked).await;
                }
            };
            let sending = async {
                if forward.is_some() {
                    // What came of it is stored; nobody else waits for it.
                    let _ = actions.forward(forward.as_ref(), &asked, MAX_KEPT).await;
                }
            };
            tokio::join!(running, sending);
            actions.store.done(asked.capture.id);
        });
        if !has_room {
            let _ = doing.await;
        }
    }

    /// An answer that is being made from now on.
    fn later<F>(self: &Arc<Self>, planned: Answer, make: impl FnOnce(Arc<Self>, Answer) -> F) -> Reply
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let rule = planned.rule.clone();
        let making = self.tasks.spawn(make(self.clone(), planned));
        Reply::Later(Box::pin(async move {
            making.await.unwrap_or_else(|error| {
                tracing::error!(%error, "an answer could not be made");
                Answer::text(500, "hookview failed to make this answer.\n", &rule)
            })
        }))
    }
}
