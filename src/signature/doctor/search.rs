//! Trying: keys, bodies and ways of signing, one changed at a time and then two, until one holds or the budget is spent.

use super::bodies::{Kitchen, Recipe, recipes};
use super::change::{Change, Choice};
use super::forms::Form;
use super::secrets::Candidate;
use super::written::Sign;
use crate::capture::{Body, Request};
use crate::signature::key::{Key, Material, Method, Piece};
use crate::signature::reading::{Facts, Url, messages};

/// Bytes that are hashed at most: 50 ms or so.
const BUDGET: usize = 24 << 20;
/// Reading or writing JSON costs as much as hashing so many times its length.
const JSON: usize = 4;
/// What a try costs besides, in bytes: the key's own blocks.
const TRY: usize = 256;

/// What is known of a request before anything is changed.
pub(super) struct Case<'a> {
    /// The request and what the checker knows of its URL.
    pub facts: Facts<'a>,
    /// What may be its signature.
    pub signs: Vec<Sign>,
    /// The text of its time.
    pub time: Option<Vec<u8>>,
}

impl<'a> Case<'a> {
    /// The same request with other signatures to look at.
    pub fn with_signs(&self, signs: Vec<Sign>) -> Case<'a> {
        Case { facts: self.facts, signs, time: self.time.clone() }
    }
}

/// Something that holds.
pub(super) struct Hit {
    pub key: Choice<Candidate>,
    pub form: Choice<Form>,
    pub body: Option<Change>,
    pub sign: Sign,
}

/// The search for what holds.
pub(super) struct Search<'a> {
    pub case: &'a Case<'a>,
    left: usize,
    /// How many variants were tried.
    pub tried: usize,
    /// Whether none was left out.
    pub complete: bool,
}

impl<'a> Search<'a> {
    pub fn new(case: &'a Case<'a>) -> Self {
        Self { case, left: BUDGET, tried: 0, complete: true }
    }

    /// Tries every key with every form, on one body.
    pub fn sweep(&mut self, body: &Choice<Request>, forms: &[Choice<Form>], keys: &[Choice<Candidate>]) -> Option<Hit> {
        for form in forms {
            let public = self.case.facts.url;
            let url = form.value.url.as_deref().map_or(public, Url::Exact);
            let facts = Facts { request: &body.value, url };
            let Ok(messages) = messages(&form.value.scheme, facts, self.case.time.as_deref()) else { continue };
            for key in keys {
                let found = messages.iter().find_map(|message| self.holds(form.value.scheme.method, key, message));
                if let Some(sign) = found {
                    let body = body.change.clone();
                    return Some(Hit { key: key.clone(), form: form.clone(), body, sign });
                }
            }
        }
        None
    }

    /// The signature that this key makes of this message, if it came.
    fn holds(&mut self, method: Method, key: &Choice<Candidate>, message: &[Piece<'_>]) -> Option<Sign> {
        let material = &key.value.material;
        let length = |piece: &Piece<'_>| match (piece, material) {
            (Piece::Borrowed(bytes), _) => bytes.len(),
            (Piece::Owned(bytes), _) | (Piece::Secret, Material::Shared(bytes)) => bytes.len(),
            (Piece::Secret, Material::Public(_)) => 0,
        };
        if !self.spend(TRY + message.iter().map(length).sum::<usize>()) {
            return None;
        }
        self.tried += 1;
        let key = Key::of(method, material.clone())?;
        let signs = &self.case.signs;
        let held = key.verify(message, signs.iter().map(|sign| &sign.bytes[..]));
        signs.iter().zip(held).find(|(_, holds)| *holds).map(|(sign, _)| sign.clone())
    }

    /// Takes from the budget; false when there is not so much left.
    fn spend(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => self.complete = false,
        }
        self.complete
    }

    /// Tries every body that this one may have been; keeps those that differ.
    pub fn bodies(
        &mut self,
        forms: &[Choice<Form>],
        keys: &[Choice<Candidate>],
    ) -> (Option<Hit>, Vec<Choice<Request>>) {
        let request = self.case.facts.request;
        let mut bodies: Vec<Choice<Request>> = Vec::new();
        if !self.spend(JSON * request.body.bytes.len()) {
            return (None, bodies);
        }
        let kitchen = Kitchen::of(request);
        for recipe in recipes() {
            let cost = if matches!(recipe, Recipe::Json(..)) { JSON } else { 1 };
            if !self.spend(cost * request.body.bytes.len()) {
                break;
            }
            let Some(bytes) = kitchen.cook(recipe) else { continue };
            if bodies.iter().any(|body| body.value.body.bytes == bytes) {
                continue;
            }
            let changed = Request { body: Body::whole(bytes), ..request.clone() };
            let body = Choice::changed(changed, recipe.change());
            if let Some(hit) = self.sweep(&body, forms, keys) {
                return (Some(hit), bodies);
            }
            bodies.push(body);
        }
        (None, bodies)
    }
}
