//! Writing captures to a stream as they arrive.

use std::io::{self, Write};
use std::sync::Arc;

use tokio::sync::mpsc::Receiver;

use super::{Form, Tools};
use crate::capture::Capture;

/// As many captures are written between two flushes, at most.
const BATCH: usize = 256;

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
        for capture in batch {
            self.out.write_all(self.form.of(capture, &self.tools).as_bytes())?;
        }
        self.out.flush()
    }
}
