//! What there is to say about the signature of a capture besides its verdict, with the settings as they are now.

use super::Service;
use crate::app::{SignatureFacts, SignatureValues};
use crate::capture::Capture;
use crate::sender::{self, Judgement};
use crate::signature::{Scheme, Secret};

impl Service {
    /// Of the scheme and the secrets that count on its path.
    pub fn facts(&self, capture: &Capture) -> SignatureFacts {
        let checker = self.checker();
        let checker = checker.responsible_for(&capture.request);
        let verdict = &capture.verdict;
        let scheme = verdict.scheme.as_deref().and_then(|id| checker.schemes().get(id));
        let secret =
            verdict.secret.as_deref().and_then(|name| checker.secrets().iter().find(|secret| secret.name == name));
        let values = scheme.and_then(|scheme| {
            let tried = secret.into_iter().chain(checker.secrets());
            let expected = |secret: &Secret| {
                let both = checker.expected(&scheme.id, &secret.name, &capture.request)?;
                Some(SignatureValues {
                    received: both.received,
                    expected: both.expected,
                    secret: secret.name.clone(),
                    is_secret: scheme.method.reveals_secret(),
                })
            };
            tried.into_iter().find_map(expected)
        });
        SignatureFacts {
            scheme: scheme.map(Scheme::describe),
            headers: scheme.map(Scheme::signature_headers).unwrap_or_default(),
            secret: secret.map(|secret| (label(secret), secret.len(), secret.fingerprint())),
            secrets: checker.secrets().iter().map(label).collect(),
            looks: scheme.and_then(|scheme| checker.appearance(&capture.request, scheme)),
            secret_place: capture.identity.sender.as_deref().and_then(sender::secret_place),
            can_sign: scheme.is_none_or(|scheme| scheme.method.can_sign()),
            lacks_url: scheme.is_some_and(|scheme| checker.lacks_url(scheme)),
            values,
            judgement: judgement(capture),
        }
    }
}

/// How the sender judges the answer that it got. Of one that is still being played nothing is known.
fn judgement(capture: &Capture) -> Option<Judgement> {
    let answer = capture.answer.as_ref().filter(|_| capture.is_settled())?;
    sender::judge_answer(capture.identity.sender.as_deref()?, answer)
}

/// The name of a secret, and what is special about it.
fn label(secret: &Secret) -> String {
    if secret.is_learned() {
        format!("{secret} (learned)")
    } else if secret.is_token() {
        format!("{secret} (a token, not tried)")
    } else {
        secret.name.clone()
    }
}
