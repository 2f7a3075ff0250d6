//! Whether a handshake is answered, with what, and why not.

use super::template::{Template, Unfit};
use super::{Body, Handshake};
use crate::capture::{Answer, Headers, Outcome, Request, Verdict};
use crate::signature::checker::Checker;
use crate::signature::key::{Hash, Key, Method, Secret};
use crate::signature::reading::Facts;
use crate::signature::scheme::Scheme;

/// Characters of foreign text that a note has at most.
const LONGEST_NOTE: usize = 1024;

/// What a handshake comes to.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What the request is, for a list: `handshake: Slack url_verification`.
    pub title: String,
    /// The answer, with the reason in its note; `None` when it gets that of any other request.
    pub answer: Option<Answer>,
    /// Why it was answered so, or why not; may be empty. Holds foreign text.
    pub note: String,
    /// The secret that the sender has told, for the checks from now on. Nothing is answered before it is kept.
    pub learned: Option<Secret>,
    /// Whether it may be answered where everything must be signed: it is signed, or the user named the scheme that has
    /// this handshake.
    pub stands: bool,
}

/// Why a handshake is not agreed to.
enum Refusal {
    /// It gets the answer of any other request.
    Unanswered(String),
    /// It gets this status.
    Status(u16, String),
}

/// What a handshake is agreed to on.
#[derive(Default)]
struct Grounds {
    note: String,
    key: Option<Key>,
    learned: Option<Secret>,
}

impl Checker {
    /// What to reply to a request with this verdict when it is a handshake, by what is expected on its path; `None` when
    /// it is none.
    pub fn handshake(&self, request: &Request, verdict: &Verdict) -> Option<Reply> {
        self.responsible_for(request).shake(request, verdict)
    }

    fn shake(&self, request: &Request, verdict: &Verdict) -> Option<Reply> {
        let facts = self.facts(request);
        let is = |handshake: &&Handshake| handshake.is(facts) && self.token_decides(handshake, facts);
        let handshake = self.schemes.handshakes().iter().find(is)?;
        let named = self.forced().map(|scheme| &scheme.id);
        let stands = verdict.outcome == Outcome::Valid || (named.is_some() && named == handshake.scheme.as_ref());
        let reply = Reply {
            title: format!("handshake: {}", handshake.title),
            answer: None,
            note: String::new(),
            learned: None,
            stands,
        };
        let agreed = self.grounds(handshake, facts, verdict).and_then(|grounds| {
            let answer = handshake.fill(facts, grounds.key.as_ref()).map_err(Refusal::Unanswered)?;
            Ok((answer, grounds))
        });
        let rule = format!("handshake {}", handshake.id);
        Some(match agreed {
            Ok((answer, grounds)) => {
                let note = [grounds.note, handshake.shown(facts)];
                let note = note.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
                let answer = Answer { rule, note: note.clone(), ..answer };
                Reply { answer: Some(answer), note, learned: grounds.learned, ..reply }
            }
            Err(Refusal::Status(status, note)) => {
                let answer = Answer::text(status, "This handshake is refused.\n", &rule);
                Reply { answer: Some(Answer { note: note.clone(), ..answer }), note, ..reply }
            }
            Err(Refusal::Unanswered(reason)) => {
                let note = format!("looks like {}; not answered because {reason}", handshake.title);
                Reply { title: format!("{}, not answered", reply.title), note, ..reply }
            }
        })
    }

    /// A row that its token decides about is passed over unless the token is there and right.
    fn token_decides(&self, handshake: &Handshake, facts: Facts<'_>) -> bool {
        let Some(token) = handshake.token.as_ref().filter(|token| token.decides) else { return true };
        let given = facts.query_in_any_case(&token.query);
        given.zip(self.secret_called(&token.secret)).is_some_and(|(given, secret)| secret.equals(&given))
    }

    fn secret_called(&self, name: &str) -> Option<&Secret> {
        self.secrets.iter().find(|secret| secret.name == name)
    }

    /// Whether everything is so that the row asks for.
    fn grounds(&self, handshake: &Handshake, facts: Facts<'_>, verdict: &Verdict) -> Result<Grounds, Refusal> {
        if let Some(id) = handshake.scheme.as_ref().filter(|_| handshake.named)
            && self.forced().is_none_or(|named| named.id != *id)
        {
            return Err(Refusal::Unanswered(format!("no scheme {id} is named: start with --scheme {id}")));
        }
        if handshake.verified && self.can_check() && verdict.outcome != Outcome::Valid {
            let reason = format!("it is not verified: {}", verdict.reason);
            return Err(match handshake.on_bad_signature {
                Some(status) => Refusal::Status(status, reason),
                None => Refusal::Unanswered(reason),
            });
        }
        self.check_token(handshake, facts)?;
        let grounds = match &handshake.learn {
            Some(header) => self.learn(handshake, header, facts)?,
            None => Grounds { note: self.reason(handshake, verdict), ..Grounds::default() },
        };
        if !handshake.form.has(Template::is_keyed) {
            return Ok(grounds);
        }
        let (scheme, secret) = self.to_sign_with(handshake, verdict).map_err(Refusal::Unanswered)?;
        let key = Key::new(Method::Hmac(Hash::Sha256), scheme.secret, secret).ok_or_else(|| {
            let (id, needed) = (&scheme.id, scheme.secret.words());
            Refusal::Unanswered(format!("secret `{secret}` is not {needed}, which {id} needs"))
        })?;
        Ok(Grounds { note: format!("signed with secret {secret}"), key: Some(key), ..grounds })
    }

    fn check_token(&self, handshake: &Handshake, facts: Facts<'_>) -> Result<(), Refusal> {
        let Some(token) = &handshake.token else { return Ok(()) };
        let given = facts.query_in_any_case(&token.query);
        match given.zip(self.secret_called(&token.secret)) {
            Some((given, secret)) if !secret.equals(&given) => {
                Err(Refusal::Status(403, format!("its {} is not the secret `{secret}`", token.query)))
            }
            _ => Ok(()),
        }
    }

    /// Why an answer that takes no key is given.
    fn reason(&self, handshake: &Handshake, verdict: &Verdict) -> String {
        if !handshake.form.has(Template::gives_back) {
            return String::new();
        }
        match &verdict.secret {
            Some(secret) if verdict.outcome == Outcome::Valid => format!("it is verified with secret {secret}"),
            _ if handshake.verified && !self.can_check() => {
                "not checked, for want of a secret: the answer gives back only what came".to_owned()
            }
            _ => "the answer gives back only what came".to_owned(),
        }
    }

    /// The scheme and secret to sign an answer with: those of the signature that holds, else of the scheme that the user
    /// named; never those of another scheme.
    fn to_sign_with(&self, handshake: &Handshake, verdict: &Verdict) -> Result<(&Scheme, &Secret), String> {
        let id = handshake.scheme.as_deref().unwrap_or_default();
        if !handshake.verified {
            let scheme = self.forced().filter(|scheme| scheme.id == id);
            let scheme = scheme.ok_or_else(|| format!("no scheme {id} is named"))?;
            return Ok((scheme, self.secret_of(scheme)?));
        }
        let holds = verdict.outcome == Outcome::Valid && verdict.scheme.as_deref() == Some(id);
        let fitted = verdict.secret.as_deref().filter(|_| holds).and_then(|name| self.secret_called(name));
        self.schemes.get(id).zip(fitted).ok_or_else(|| unsigned(id, verdict))
    }

    /// The secret to sign with for a scheme that the user named: the one that is called like it, else the only one that
    /// is not called like another scheme or checked by a handshake.
    fn secret_of(&self, scheme: &Scheme) -> Result<&Secret, String> {
        let is_called = |secret: &&Secret| {
            secret.is_for(&scheme.id) && (secret.name == scheme.id || scheme.aliases.contains(&secret.name))
        };
        if let Some(secret) = self.secrets.iter().find(is_called) {
            return Ok(secret);
        }
        let free = |secret: &&Secret| secret.is_for(&scheme.id) && self.schemes.get(&secret.name).is_none();
        let free: Vec<_> = self.secrets.iter().filter(free).collect();
        match free[..] {
            [secret] => Ok(secret),
            [] => Err(format!("there is no secret to sign the answer with: give one called {}", scheme.id)),
            _ => Err(format!("it is not clear which secret to sign the answer with: call it {}", scheme.id)),
        }
    }

    /// Learns the secret that a sender tells, once. A secret of that name, learned or the user's own, stays.
    fn learn(&self, handshake: &Handshake, header: &str, facts: Facts<'_>) -> Result<Grounds, Refusal> {
        let id = handshake.scheme.as_deref().unwrap_or_default();
        let value = facts.header(header).unwrap_or_default();
        if value.is_empty() {
            return Err(Refusal::Status(403, format!("its {header} is empty")));
        }
        let known = self.secret_called(id);
        let noted = |note: String| Grounds { note, ..Grounds::default() };
        match known {
            Some(secret) if secret.equals(value) => Ok(noted(format!("its {header} is the secret {id}"))),
            Some(secret) => {
                let whose = if secret.is_learned() { "learned before" } else { "configured" };
                let note =
                    format!("a second {header} came and was not learned: the secret {id} that was {whose} stays");
                Err(Refusal::Status(403, note))
            }
            None => {
                let note = format!("its {header} was learned as secret {id}, until hookview ends");
                Ok(Grounds { learned: Some(Secret::learned(id, value.to_vec())), ..noted(note) })
            }
        }
    }
}

/// Why an answer that takes the key of a signature is not given.
fn unsigned(id: &str, verdict: &Verdict) -> String {
    match verdict.outcome {
        Outcome::Valid => format!("it is not signed as {id} signs"),
        Outcome::NotChecked => format!("it takes a secret of {id}, and there is none"),
        _ => format!("it is not verified: {}", verdict.reason),
    }
}

impl Handshake {
    /// The answer of the row. Whatever the request accepts, it is plain text or JSON and not to be taken for more.
    fn fill(&self, facts: Facts<'_>, key: Option<&Key>) -> Result<Answer, Unfit> {
        let mut headers = Headers::default();
        let (kind, body) = match &self.form.body {
            Body::Empty => (None, String::new()),
            Body::Text(template) => (Some("text/plain; charset=utf-8"), template.fill(facts, key)?),
            Body::Json(json) => (Some("application/json"), json.fill(facts, key)?.to_string()),
        };
        if let Some(kind) = kind {
            headers.push("Content-Type", kind);
        }
        headers.push("X-Content-Type-Options", "nosniff");
        for (name, template) in &self.form.headers {
            headers.push(name.clone(), template.fill_header(facts, key)?);
        }
        Ok(Answer { status: self.form.status, headers, body: body.into(), ..Answer::default() })
    }

    /// What to tell the user besides, when the request has it.
    fn shown(&self, facts: Facts<'_>) -> String {
        let shown = self.show.as_ref().and_then(|template| template.fill(facts, None).ok()).unwrap_or_default();
        shown.chars().take(LONGEST_NOTE).collect()
    }
}
