//! Captures whose answer comes after they were kept: what it became, and how the sending of it ended, is kept too.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::capture::{Answer, Capture, CaptureId, Ending};
use crate::store::{Store, StoreError};

/// What is still to be kept has this long when the program ends.
const FAREWELL: Duration = Duration::from_secs(1);

/// Keeps answers and endings of captures that are in the store already.
#[derive(Clone)]
pub struct Settling {
    store: Store,
    tasks: TaskTracker,
}

impl Settling {
    /// For the captures of this store.
    pub fn new(store: Store) -> Self {
        Self { store, tasks: TaskTracker::new() }
    }

    /// Keeps the answer that was made for a capture. The client gets it even when that fails: the request is kept.
    pub async fn made(&self, capture: Capture, answer: Answer) {
        let id = capture.id;
        let settled = self.store.settle(Arc::new(Capture { answer: Some(answer), ..capture })).await;
        if let Err(error) = settled {
            tracing::error!(%error, "the answer to {id} could not be kept");
        }
    }

    /// Keeps how the sending of an answer ended, which is told after the answer was made.
    pub fn ended(&self, id: CaptureId, ending: Ending) {
        let store = self.store.clone();
        self.tasks.spawn(async move {
            if let Err(error) = end(store, id, ending).await {
                tracing::error!(%error, "how the answer to {id} ended could not be kept");
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
}

/// A capture that gave way to newer ones stays as it is.
async fn end(store: Store, id: CaptureId, ending: Ending) -> Result<(), StoreError> {
    let reader = store.clone();
    let read = tokio::task::spawn_blocking(move || reader.get(id)).await.unwrap_or(Err(StoreError::Closed))?;
    let Some(mut capture) = read else { return Ok(()) };
    let answer = match capture.answer.take() {
        Some(answer) => Answer { ending: Some(ending), ..answer },
        None => Answer::never_made(ending),
    };
    let answer = Some(answer);
    store.settle(Arc::new(Capture { answer, ..capture })).await
}
