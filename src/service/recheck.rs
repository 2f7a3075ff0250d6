//! Checking every capture again after the secrets changed; age is still judged at arrival.

use std::ops::ControlFlow;
use std::sync::Arc;

use anyhow::Context;
use tokio::task::spawn_blocking;

use super::Service;
use crate::capture::{CaptureId, Mark, Verdict};
use crate::signature::Checker;
use crate::store::StoreError;

/// Reads the settings, the schemes and the secrets as they are now. Blocks while commands give secrets.
pub type Reread = Arc<dyn Fn() -> anyhow::Result<Checker> + Send + Sync>;

/// What checking again came to.
#[derive(Clone, Debug, Default)]
pub struct Rechecked {
    /// Captures looked at.
    pub total: usize,
    /// Those whose mark changed.
    pub changes: Vec<(CaptureId, Mark)>,
    /// Whether the settings, schemes, secrets and rules are others than before.
    pub anew: bool,
}

impl Rechecked {
    /// `re-checked 1204, 2 changed`
    pub fn words(&self) -> String {
        format!("re-checked {}, {} changed", self.total, self.changes.len())
    }
}

impl Service {
    /// Puts in force what the settings and the rules are now, and checks every capture of the session again. What cannot be read
    /// changes nothing. One such reading waits for the other.
    pub async fn reread(self: &Arc<Self>, reread: Reread) -> anyhow::Result<Rechecked> {
        let _turn = self.rereading.lock().await;
        let checker = spawn_blocking(move || reread()).await?;
        let others = checker.as_ref().is_ok_and(|checker| !checker.is_like(&self.checker()));
        let in_force = checker.map(|checker| self.set_checker(checker));
        // Rules can sign with the secrets that there are now.
        let rulebook = self.rulebook.clone();
        let certificates = self.certificates.clone();
        let renewed = move || certificates.is_some_and(|certificates| certificates.reload());
        let anew = spawn_blocking(move || rulebook.reload() | renewed()).await? || others;
        in_force.context("the old secrets and schemes stay")?;
        let service = self.clone();
        let (done, verdicts) = spawn_blocking(move || service.recheck()).await??;
        self.store.update_verdicts(verdicts).await?;
        Ok(Rechecked { anew, ..done })
    }

    /// Checks the captures of the session with the checker in force. Blocks: about 10 µs a capture of 3 KB.
    pub fn recheck(&self) -> Result<(Rechecked, Vec<(CaptureId, Verdict)>), StoreError> {
        let checker = self.checker();
        let mut done = Rechecked::default();
        let mut verdicts = Vec::new();
        self.store.for_each(|capture| {
            done.total += 1;
            if !capture.request.method.is_empty() {
                let verdict = checker.check(&capture.request, capture.received_at);
                if verdict != capture.verdict {
                    if verdict.mark() != capture.verdict.mark() {
                        done.changes.push((capture.id, verdict.mark()));
                    }
                    verdicts.push((capture.id, verdict));
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok((done, verdicts))
    }
}
