//! What happens in other programs while the terminal is lent: the configuration, a body or header lines are edited, a body
//! is read in the pager. Knows what is done with the result, not how the terminal is lent.

use std::io::{self, Write as _};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use super::child::{Edited, Program};
use super::effects::said_of;
use crate::app::{Clip, EditTarget, Level, Msg};
use crate::config::{self, Settings};
use crate::inspect::Clean;
use crate::service::{Reread, Service};

/// Reading again takes longer than this only when a command gives a secret slowly.
const PATIENCE: Duration = Duration::from_millis(300);

/// What an editor or pager needs.
pub(super) struct Outside {
    pub service: Arc<Service>,
    pub settings: Arc<Settings>,
    pub reread: Reread,
}

impl Outside {
    pub(super) fn editor(&self) -> Result<Program, String> {
        let configured = Some(self.settings.screen.editor.as_str()).filter(|text| !text.is_empty());
        Program::editor(configured, |name| std::env::var(name).ok()).map_err(|error| error.to_string())
    }

    /// Edits the configuration, reads it again and checks every capture with the secrets that it has now.
    pub async fn secrets(&self) -> Vec<Msg> {
        let Some(path) = &self.settings.file else {
            return vec![Msg::Say(
                Level::Error,
                "there is no home directory for a configuration: use --config".to_owned(),
            )];
        };
        if let Err(error) = config::ensure_user_file(path) {
            return vec![Msg::Say(Level::Error, error.to_string())];
        }
        let edited = match self.editor() {
            Ok(program) => program.edit_file(path).await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        if let Err(error) = edited {
            return vec![Msg::Say(Level::Error, error)];
        }
        self.reread().await
    }

    /// Reads the settings again while the terminal is still lent: a command may ask for a passphrase there. When that
    /// takes a while, a line says so.
    async fn reread(&self) -> Vec<Msg> {
        let mut reading = pin!(self.service.reread(self.reread.clone()));
        let reread = if let Ok(reread) = timeout(PATIENCE, &mut reading).await {
            reread
        } else {
            // Nobody to tell when stderr is gone.
            let _ = writeln!(io::stderr(), "hookview: reading schemes and secrets again");
            reading.await
        };
        said_of(&self.service, reread)
    }

    pub async fn edit(&self, target: EditTarget, bytes: &Bytes) -> Vec<Msg> {
        let name = match &target {
            EditTarget::Headers(_) => "headers.txt",
            _ if crate::inspect::pretty(bytes).is_ok() => "body.json",
            _ => "body.txt",
        };
        let edited = match self.editor() {
            Ok(program) => program.edit(bytes, name).await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        match edited {
            Ok(Edited::Changed(bytes)) => vec![Msg::Edited(target, Some(bytes.into()))],
            Ok(Edited::Unchanged) => vec![Msg::Edited(target, None)],
            Err(error) => vec![Msg::Say(Level::Error, error)],
        }
    }

    pub async fn page(&self, clip: &Clip) -> Vec<Msg> {
        let text: Vec<String> =
            clip.bytes.split(|byte| *byte == b'\n').map(|line| Clean::bytes(line).to_string()).collect();
        let configured = Some(self.settings.screen.pager.as_str()).filter(|text| !text.is_empty());
        let program = Program::pager(configured, |name| std::env::var(name).ok());
        let paged = match program {
            Ok(program) => program.page(&text.join("\n"), &clip.file_name).await,
            Err(error) => Err(error),
        };
        paged.err().map(|error| Msg::Say(Level::Error, error.to_string())).into_iter().collect()
    }
}
