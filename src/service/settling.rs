//! Captures whose answer comes after they were kept: what it became, and how the sending of it ended, is kept too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::capture::{Answer, Capture, CaptureId, Ending};
use crate::store::Store;

/// What is still to be kept has this long when the program ends.
const FAREWELL: Duration = Duration::from_secs(1);

/// Keeps answers and endings of captures that are in the store already.
#[derive(Clone)]
pub struct Settling {
    store: Store,
    /// Captures whose answer is being made, with the ending that was told meanwhile: the client went away.
    making: Arc<Mutex<HashMap<CaptureId, Option<Ending>>>>,
    tasks: TaskTracker,
}

impl Settling {
    /// For the captures of this store.
    pub fn new(store: Store) -> Self {
        Self { store, making: Arc::default(), tasks: TaskTracker::new() }
    }

    /// The answer to this capture is being made: [`Self::made`] must follow.
    pub fn begin(&self, id: CaptureId) {
        self.making().insert(id, None);
    }

    /// Keeps the answer to a capture, and the ending that was told already.
    pub async fn made(&self, capture: Capture, answer: Answer) {
        let id = capture.id;
        let mut capture = Capture { answer: Some(answer), ..capture };
        loop {
            let ending = self.making().get(&id).copied().flatten();
            set_ending(&mut capture, ending);
            self.settle(capture.clone()).await;
            let mut making = self.making();
            // Told while it was being kept.
            if making.get(&id).copied().flatten() == ending {
                making.remove(&id);
                return;
            }
        }
    }

    /// Keeps how the sending of an answer ended.
    pub fn ended(&self, id: CaptureId, ending: Ending) {
        if let Some(told) = self.making().get_mut(&id) {
            *told = Some(ending);
            return;
        }
        let this = self.clone();
        self.tasks.spawn(async move {
            let store = this.store.clone();
            match tokio::task::spawn_blocking(move || store.get(id)).await {
                Ok(Ok(Some(mut capture))) => {
                    set_ending(&mut capture, Some(ending));
                    this.settle(capture).await;
                }
                // It gave way to newer ones, or was deleted.
                Ok(Ok(None)) => {}
                Ok(Err(error)) => tracing::error!(%error, "how the answer to {id} ended could not be kept"),
                Err(error) => tracing::error!(%error, "how the answer to {id} ended could not be kept"),
            }
        });
    }

    /// Waits for what is still to be kept, but not for long.
    pub async fn finish(&self) {
        self.tasks.close();
        if tokio::time::timeout(FAREWELL, self.tasks.wait()).await.is_err() {
            tracing::warn!("how some answers ended was not kept: the store is busy");
        }
    }

    async fn settle(&self, capture: Capture) {
        let id = capture.id;
        if let Err(error) = self.store.settle(Arc::new(capture)).await {
            tracing::error!(%error, "the answer to {id} could not be kept");
        }
    }

    fn making(&self) -> MutexGuard<'_, HashMap<CaptureId, Option<Ending>>> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An ending that was kept already stays: the first that is told is it.
fn set_ending(capture: &mut Capture, ending: Option<Ending>) {
    if let Some(answer) = capture.answer.as_mut() {
        answer.ending = answer.ending.or(ending);
    }
}
