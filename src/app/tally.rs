//! What conditions made of the captures that they were tried on, counted as it comes in.

use std::collections::BTreeMap;

use super::Fired;
use crate::capture::CaptureId;
use crate::condition::Unfit;

/// What came of captures, and how often each.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    of: BTreeMap<CaptureId, Fired>,
    counts: BTreeMap<Fired, usize>,
}

impl Tally {
    /// Notes what came of a capture, in place of what came of it before.
    pub fn add(&mut self, id: CaptureId, fired: Fired) {
        self.remove(id);
        self.of.insert(id, fired);
        *self.counts.entry(fired).or_default() += 1;
    }

    /// Forgets a capture.
    pub fn remove(&mut self, id: CaptureId) {
        let before = self.of.remove(&id).and_then(|fired| self.counts.get_mut(&fired));
        if let Some(count) = before {
            *count -= 1;
        }
    }

    /// `would fire 3 of 7, 1 in error, 2 left out`, with a plus sign while more are tried; empty before anything was
    /// tried.
    pub fn sentence(&self, is_done: bool) -> String {
        let count = |fired| self.counts.get(&fired).copied().unwrap_or_default();
        let left_out: usize = self.left_out().map(|(_, count)| count).sum();
        let tried = self.of.len() - left_out;
        if self.of.is_empty() || (tried == 0 && is_done) {
            return if is_done { "no capture to try them on".to_owned() } else { String::new() };
        }
        let some = |count: usize, what| if count == 0 { String::new() } else { format!(", {count} {what}") };
        let more = if is_done { "" } else { "+" };
        let (fired, fails) = (count(Fired::Yes), some(count(Fired::Fails), "in error"));
        format!("would fire {fired} of {tried}{more}{fails}{}", some(left_out, "left out"))
    }

    /// Why captures are left out, and how many.
    pub fn left_out(&self) -> impl Iterator<Item = (Unfit, usize)> {
        self.counts.iter().filter_map(|(fired, count)| match fired {
            Fired::LeftOut(unfit) if *count > 0 => Some((*unfit, *count)),
            _ => None,
        })
    }
}
