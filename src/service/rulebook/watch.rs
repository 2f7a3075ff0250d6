//! Noticing that the rules file changed.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::Rulebook;
use crate::service::saves::Saves;

/// Reads the rules again whenever they change. Dropped, it stops.
pub struct Watch {
    task: JoinHandle<()>,
}

impl Watch {
    /// Begins to watch. When the system watches no more, the [`Standing`](super::Standing) says so.
    pub fn start(book: Arc<Rulebook>) -> Self {
        Self { task: tokio::spawn(watch(book)) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Does not end while there is something to watch.
async fn watch(book: Arc<Rulebook>) {
    let mut saves = match Saves::new() {
        Ok(saves) => saves,
        Err(error) => return book.stands(|standing| standing.unwatched = Some(error.to_string())),
    };
    loop {
        let unwatched = saves.follow(&book.files());
        book.stands(|standing| standing.unwatched = unwatched);
        saves.next(|| book.files()).await;
        let reader = book.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || reader.reload()).await {
            tracing::error!("the rules could not be read again: {error}");
        }
    }
}
