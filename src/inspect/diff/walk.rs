//! Walking through two documents at once.

use std::collections::HashSet;

use super::super::{NodeId, NodeKind, Step};
use super::arrays::{Both, Pair, Pairing};
use super::blocks::Span;
use super::making::Making;
use super::{Change, Hidden, Stopped, number};

/// More equal lines than this are not shown unless asked for.
const EQUAL: usize = 3;

/// Compares two documents.
pub fn documents(both: Both<'_>, hidden: &Hidden, making: &mut Making<'_>) -> Result<(), Stopped> {
    let mut walk = Walk {
        both,
        hidden,
        making,
        pairing: Pairing::new(both),
        path: Vec::new(),
        hiding: 0,
        told: HashSet::new(),
        outline: Outline::default(),
    };
    let walked = walk.compare(0, 0);
    let Walk { mut outline, making, .. } = walk;
    outline.flush(making);
    walked
}

struct Walk<'a, 'm> {
    both: Both<'a>,
    hidden: &'a Hidden,
    making: &'a mut Making<'m>,
    pairing: Pairing<'a>,
    path: Vec<Step>,
    /// How many steps of the path are to be left out.
    hiding: usize,
    /// The fields of `data` that changed.
    told: HashSet<String>,
    outline: Outline,
}

impl Walk<'_, '_> {
    fn compare(&mut self, a: NodeId, b: NodeId) -> Result<(), Stopped> {
        self.making.step()?;
        let (one, other) = (self.both.0.index(), self.both.1.index());
        if one.raw(a) == other.raw(b) {
            self.equal(Some(a), Some(b));
            return Ok(());
        }
        match (one.kind(a), other.kind(b)) {
            (before, after) if before == after && before.is_container() => self.containers(a, b),
            (NodeKind::Number, NodeKind::Number) if number::equal(one.raw(a), other.raw(b)) => {
                self.equal(Some(a), Some(b));
                Ok(())
            }
            (NodeKind::String, NodeKind::String) => {
                let (before, after) = (one.value_text(a), other.value_text(b));
                if before == after {
                    self.equal(Some(a), Some(b));
                } else {
                    self.changed(Some(a), Some(b), before.split_whitespace().eq(after.split_whitespace()));
                }
                Ok(())
            }
            _ => {
                self.changed(Some(a), Some(b), false);
                Ok(())
            }
        }
    }

    fn containers(&mut self, a: NodeId, b: NodeId) -> Result<(), Stopped> {
        let (before, after) = (self.both.0.span(a), self.both.1.span(b));
        let first = |span: Span| Span::new(span.start(), 1);
        let closing = |span: Span| Span::new(span.end() - 1, usize::from(span.len() > 1));
        self.making.walked(first(before), first(after));
        self.making.walked(closing(before), closing(after));
        self.outline.open(first(before), first(after));
        if self.both.0.index().kind(a) == NodeKind::Object { self.objects(a, b) } else { self.arrays(a, b) }?;
        self.outline.close((closing(before), closing(after)), self.making);
        Ok(())
    }

    fn objects(&mut self, a: NodeId, b: NodeId) -> Result<(), Stopped> {
        let mut pairs = self.pairing.members(a, b, self.making)?;
        if self.path.is_empty() {
            // What snapshots repeat of data is known once that was compared.
            if let Some(at) = pairs.iter().position(|pair| self.raw_key(*pair) == Some("\"snapshots\"")) {
                let snapshots = pairs.remove(at);
                pairs.push(snapshots);
            }
        }
        for pair in pairs {
            self.within(Step::Key(self.key(pair)), pair)?;
        }
        Ok(())
    }

    fn raw_key(&self, pair: Pair) -> Option<&str> {
        match pair {
            (Some(a), _) => self.both.0.index().raw_key(a),
            (None, Some(b)) => self.both.1.index().raw_key(b),
            (None, None) => None,
        }
    }

    fn key(&self, pair: Pair) -> String {
        let key = match pair {
            (Some(a), _) => self.both.0.index().key(a),
            (None, Some(b)) => self.both.1.index().key(b),
            (None, None) => None,
        };
        key.unwrap_or_default()
    }

    fn arrays(&mut self, a: NodeId, b: NodeId) -> Result<(), Stopped> {
        for pair in self.pairing.items(a, b, self.making)? {
            let place = match pair {
                (_, Some(b)) => self.both.1.place(b),
                (Some(a), None) => self.both.0.place(a),
                (None, None) => 0,
            };
            self.within(Step::Index(place), pair)?;
        }
        Ok(())
    }

    fn within(&mut self, step: Step, pair: Pair) -> Result<(), Stopped> {
        self.path.push(step);
        let hides = usize::from(self.hidden.hides(&self.path));
        self.hiding += hides;
        let walked = match pair {
            (Some(a), Some(b)) => self.compare(a, b),
            (before, after) => {
                self.changed(before, after, false);
                self.making.step()
            }
        };
        self.hiding -= hides;
        self.path.pop();
        walked
    }

    fn spans(&mut self, before: Option<NodeId>, after: Option<NodeId>) -> (Span, Span) {
        let before = before.map(|a| self.both.0.span(a)).unwrap_or_default();
        let after = after.map(|b| self.both.1.span(b)).unwrap_or_default();
        self.making.walked(before, after);
        (before, after)
    }

    fn equal(&mut self, before: Option<NodeId>, after: Option<NodeId>) {
        let (before, after) = self.spans(before, after);
        self.outline.equal(before, after);
    }

    fn changed(&mut self, before: Option<NodeId>, after: Option<NodeId>, only_space: bool) {
        let change = Change { before, after, only_space };
        let json = &mut self.making.diff.json;
        if self.hiding > 0 {
            json.hidden.push(change);
            return self.equal(before, after);
        }
        if self.hidden.repeats(&self.path, &self.told) {
            json.repeated.push(change);
            return self.equal(before, after);
        }
        json.changes.push(change);
        self.told.extend(Hidden::field_of_data(&self.path).map(str::to_owned));
        let (before, after) = self.spans(before, after);
        self.outline.flush(self.making);
        self.making.changed(before, after);
    }
}

/// Equal lines that came since the last change: whether they are shown depends on what comes.
#[derive(Default)]
struct Outline {
    pending: Vec<Pending>,
    /// Where among them the line is that opens each container around; nothing once that is shown.
    open: Vec<Option<usize>>,
}

struct Pending {
    before: Span,
    after: Span,
    /// Whether they open a container that is open still.
    opens: bool,
}

impl Outline {
    fn open(&mut self, before: Span, after: Span) {
        self.open.push(Some(self.pending.len()));
        self.pending.push(Pending { before, after, opens: true });
    }

    /// The end of a container: shown when something changed in it.
    fn close(&mut self, (before, after): (Span, Span), making: &mut Making<'_>) {
        if let Some(at) = self.open.pop().flatten() {
            self.pending[at].opens = false;
            self.equal(before, after);
        } else {
            self.flush(making);
            making.equal(before, after, true);
        }
    }

    fn equal(&mut self, before: Span, after: Span) {
        match self.pending.last_mut().filter(|last| !last.opens) {
            Some(last) if follow((last.before, last.after), (before, after)) => {
                last.before = Span::new(last.before.start(), last.before.len() + before.len());
                last.after = Span::new(last.after.start(), last.after.len() + after.len());
            }
            _ => self.pending.push(Pending { before, after, opens: false }),
        }
    }

    /// Gives on what came: the lines that open what is around, and between them what is equal.
    fn flush(&mut self, making: &mut Making<'_>) {
        for slot in self.open.iter_mut().rev() {
            if slot.take().is_none() {
                break;
            }
        }
        let mut rest = &self.pending[..];
        while let Some(first) = rest.first() {
            let run = if first.opens { 1 } else { rest.iter().take_while(|one| !one.opens).count() };
            let total: usize = rest[..run].iter().map(|one| one.before.len().max(one.after.len())).sum();
            for one in &rest[..run] {
                making.equal(one.before, one.after, one.opens || total <= EQUAL);
            }
            rest = &rest[run..];
        }
        self.pending.clear();
    }
}

/// Whether two stretches follow the first two, line beside line.
fn follow(last: (Span, Span), next: (Span, Span)) -> bool {
    last.0.len() == last.1.len() && last.0.end() == next.0.start() && last.1.end() == next.1.start()
}
