//! Which schemes a request may be signed with, found by one pass over its header lines.

use super::facts::Facts;
use crate::signature::scheme::{Scheme, Schemes};

/// The schemes that can be detected, by the header that gives them away.
pub(in crate::signature) struct Index {
    /// Positions in the table, by rank: priority first, then how much they ask for, then their order in the file.
    ranked: Vec<usize>,
    /// At the length of a header's name: the names of this length, and the ranks that they lead to.
    by_length: Vec<Vec<(String, Vec<usize>)>>,
    /// Ranks that no header leads to; looked at when the headers led nowhere.
    by_body: Vec<usize>,
}

impl Index {
    pub fn of(schemes: &Schemes) -> Self {
        let detectable = schemes.iter().enumerate().filter(|(_, scheme)| !scheme.detect.is_empty());
        let mut ranked: Vec<_> = detectable.map(|(at, _)| at).collect();
        ranked.sort_by_key(|&at| (-i64::from(schemes[at].priority), std::cmp::Reverse(schemes[at].detect.len())));
        let mut index = Self { ranked, by_length: Vec::new(), by_body: Vec::new() };
        for rank in 0..index.ranked.len() {
            index.add(rank, &schemes[index.ranked[rank]]);
        }
        index
    }

    fn add(&mut self, rank: usize, scheme: &Scheme) {
        let Some(name) = scheme.index_header() else { return self.by_body.push(rank) };
        if self.by_length.len() <= name.len() {
            self.by_length.resize_with(name.len() + 1, Vec::new);
        }
        let bucket = &mut self.by_length[name.len()];
        match bucket.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some((_, ranks)) => ranks.push(rank),
            None => bucket.push((name, vec![rank])),
        }
    }

    /// Positions of the schemes that a request is judged by, the likeliest first.
    pub fn candidates(&self, schemes: &Schemes, facts: Facts<'_>) -> Vec<usize> {
        let mut detected = self.detected(schemes, facts);
        detected.retain(|at| !schemes[*at].is_outdone(facts));
        detected
    }

    /// Positions of the schemes that a request may be signed with, the likeliest first: a sender may write several
    /// signatures, for receivers of different kinds.
    pub fn detected(&self, schemes: &Schemes, facts: Facts<'_>) -> Vec<usize> {
        let mut ranks: Vec<usize> = Vec::new();
        for header in &facts.request.headers {
            ranks.extend(self.led_to_by(&header.name));
        }
        ranks.sort_unstable();
        ranks.dedup();
        let holds = |rank: &usize| schemes[self.ranked[*rank]].is_detected(facts);
        ranks.retain(holds);
        if ranks.is_empty() {
            ranks.extend(self.by_body.iter().filter(|rank| holds(rank)));
        }
        ranks.into_iter().map(|rank| self.ranked[rank]).collect()
    }

    fn led_to_by(&self, header: &[u8]) -> &[usize] {
        let bucket = self.by_length.get(header.len()).map(Vec::as_slice).unwrap_or_default();
        let found = bucket.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(header));
        found.map(|(_, ranks)| ranks.as_slice()).unwrap_or_default()
    }
}
