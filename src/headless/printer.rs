//! Writing captures to a stream as they arrive.

use std::io::{self, Write};
use std::sync::Arc;

use tokio::sync::mpsc::Receiver;

use super::{Form, Told, Tools};
use crate::capture::{Capture, Changes, Outcome};

/// As many captures are written between two flushes, at most.
const BATCH: usize = 256;

/// Of those, so many are looked into when their signature does not hold: a flood of bad ones is not slowed down.
const EXAMINED: usize = 8;

/// Finds out what else there is to tell of a capture; why its signature does not hold, only when that is wanted.
pub type Teller = Box<dyn Fn(&Capture, bool) -> Told + Send>;

/// Why a printer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything is written and nothing more will come.
    NoMoreCaptures,
    /// Nobody reads any more (`| head`): a reason to end the program, and no failure.
    NobodyReads,
}

/// Writes captures to a stream.
pub struct Printer<W> {
    /// Where to.
    pub out: W,
    /// In which form.
    pub form: Form,
    /// What other rooms do.
    pub tools: Tools,
    /// What else there is to tell.
    pub teller: Teller,
    /// Who told of the same change before.
    pub changes: Changes,
}

impl<W: Write> Printer<W> {
    /// Writes what comes until the channel closes, flushing whenever it has caught up. It blocks: give it a thread of
    /// its own, so that a slow reader slows down nothing but the channel.
    ///
    /// # Errors
    /// When the stream cannot be written to, for another reason than that nobody reads it.
    pub fn run(mut self, mut captures: Receiver<Arc<Capture>>) -> io::Result<Ended> {
        let mut batch = Vec::with_capacity(BATCH);
        while captures.blocking_recv_many(&mut batch, BATCH) > 0 {
            match self.write(&batch) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Ended::NobodyReads),
                written => written?,
            }
            batch.clear();
        }
        Ok(Ended::NoMoreCaptures)
    }

    fn write(&mut self, batch: &[Arc<Capture>]) -> io::Result<()> {
        let mut examined = 0;
        for capture in batch {
            let doubtful = capture.verdict.outcome != Outcome::Valid && examined < EXAMINED;
            examined += usize::from(doubtful);
            self.changes.note(capture);
            let mut told = (self.teller)(capture, doubtful);
            told.place = self.changes.place(capture);
            self.out.write_all(self.form.of(capture, &told, &self.tools).as_bytes())?;
        }
        self.out.flush()
    }
}
