//! Handshakes on their way through: decided by `signature`, and what a sender tells is learned here, for this run.

use std::sync::{Arc, PoisonError};

use super::Service;
use crate::capture::Capture;
use crate::signature::{Reply, Secret};

impl Service {
    /// What to reply when a capture is a handshake. A secret that it tells is learned then.
    pub(super) fn handshake(&self, capture: &Capture) -> Option<Reply> {
        let decide = || self.handshake_as_known(capture);
        let reply = decide()?;
        match &reply.learned {
            // Another handshake was faster: this one is the second.
            Some(secret) if !self.learn(secret.clone()) => decide(),
            _ => Some(reply),
        }
    }

    /// The same, and nothing is learned.
    pub(super) fn handshake_as_known(&self, capture: &Capture) -> Option<Reply> {
        if !self.handshakes || capture.answer.is_some() || capture.problem.is_some() {
            return None;
        }
        self.checker().handshake(&capture.request, &capture.verdict)
    }

    /// Checks with this secret, too, from now on; false when there is one of its name.
    fn learn(&self, secret: Secret) -> bool {
        let mut checker = self.checker.write().unwrap_or_else(PoisonError::into_inner);
        let learning = checker.learning(secret);
        let is_new = learning.is_some();
        if let Some(learning) = learning {
            *checker = Arc::new(learning);
        }
        is_new
    }

    /// Forgets a secret whose handshake could not be kept, and was not answered therefore.
    pub(super) fn forget(&self, secret: &Secret) {
        let mut checker = self.checker.write().unwrap_or_else(PoisonError::into_inner);
        *checker = Arc::new(checker.forgetting(&secret.name));
    }
}
