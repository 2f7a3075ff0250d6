//! What changes the model, and what the model asks the world to do.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::comparison::{CompareError, CompareOrder};
use super::sheet::{LabAsk, LabNews};
use super::{Answers, ConditionsFile, Diagnosis, Input, Loaded, PastJob, Told, TrialReport, Tried, Try};
use crate::capture::{Attempt, CaptureId, Endpoint, Headers, Mark, Signing, Summary};
use crate::export::Difference;
use crate::inspect::Comparison;
use crate::rules::Temporary;

/// Something happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The terminal reports.
    Input(Input),
    /// Captures were committed, oldest first.
    Arrived(Vec<Summary>),
    /// The answer to a capture is known, or has come to its end.
    Settled(Box<Summary>),
    /// What rules did about a capture beside answering has ended.
    Done(CaptureId),
    /// Captures were evicted.
    Evicted(Vec<CaptureId>),
    /// A capture that was asked for.
    Loaded(Box<Loaded>),
    /// Why the signature of a capture that was loaded does not hold.
    Diagnosed(CaptureId, Box<Diagnosis>),
    /// It could not be loaded.
    LoadFailed(CaptureId, String),
    /// A search through the store goes on.
    Found(Found),
    /// What differs between two captures, so far or in the end, or why that is not known.
    Compared(CompareOrder, Result<Arc<Comparison>, CompareError>),
    /// Signatures were checked again.
    Rechecked(Vec<(CaptureId, Mark)>),
    /// What a resend would send.
    Prepared(Box<Prepared>),
    /// An attempt came to its end.
    Attempted(Box<Attempt>),
    /// A run of attempts was stopped before its last one.
    SendingStopped,
    /// An editor was closed.
    Edited(EditTarget, Option<Bytes>),
    /// A deleted capture came back, or could not be deleted.
    Restored(Box<Summary>),
    /// Whether a capture is pinned, after all.
    Pinned(CaptureId, bool),
    /// Something to tell the user.
    Say(Level, String),
    /// Whether the store takes captures; the sentence when it does not.
    Store(Option<String>),
    /// Whether and where the receiver listens.
    Listening(Listening),
    /// How things stand with the rules.
    Answers(Box<Answers>),
    /// Other rules are in force, or new ones are refused: what to say of it.
    RulesRead(Level, String),
    /// The file with the conditions, as it is now.
    Conditions(Box<ConditionsFile>),
    /// What captures of an object changed.
    Past(Vec<(CaptureId, Told)>),
    /// What conditions of this generation make of a capture.
    Tried(u64, Box<Tried>),
    /// What conditions make of many.
    TrialReport(TrialReport),
    /// What came of a template.
    Lab(Box<LabNews>),
    /// The names of files that begin with this text.
    Completed(String, Vec<String>),
    /// The names of the secrets that are configured now.
    Secrets(Vec<String>),
    /// The time has come that [`super::Model::wake_at`] asked for.
    Tick,
}

/// How a search through the store goes.
#[derive(Clone, Debug)]
pub struct Found {
    /// The filter's generation that it is for.
    pub generation: u64,
    /// Captures that hold all words.
    pub ids: Vec<CaptureId>,
    /// Captures looked at so far.
    pub scanned: usize,
    /// Captures to look at; zero in a search among arrivals only.
    pub total: usize,
    /// Whether it is over.
    pub done: bool,
}

/// What a resend would send.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The plan that it is for.
    pub plan: ResendPlan,
    /// What differs from the capture, or why it cannot be sent.
    pub outcome: Result<Vec<Difference>, String>,
}

/// How to resend a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResendPlan {
    /// The capture.
    pub capture: CaptureId,
    /// Where to.
    pub url: String,
    /// How to sign it.
    pub signing: Signing,
    /// Header lines to send in place of the captured ones.
    pub headers: Option<Headers>,
    /// A body to send in place of the captured one.
    pub body: Option<Bytes>,
    /// A method to send in place of the captured one.
    pub method: Option<Bytes>,
    /// The scheme to sign by; that of the capture unless given.
    pub scheme: Option<String>,
    /// How often.
    pub times: u32,
    /// The pause between two.
    pub pause: Duration,
    /// How long to wait for each answer.
    pub time_limit: Duration,
}

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It went well.
    Info,
    /// It did not; the message stays until a key.
    Error,
}

/// Whether and where the receiver listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listening {
    /// It does; the first place is the one to show.
    On(Vec<Endpoint>),
    /// It does not: the address is taken.
    Busy {
        /// The address.
        address: SocketAddr,
        /// What holds it, when that can be known: `python3 manage.py webhook_receiver, pid 4321`.
        holder: Option<String>,
        /// The next free port.
        free: Option<u16>,
        /// The sentence for the status line.
        reason: String,
    },
}

/// The certificate that hookview made for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCertificate {
    /// The file that it is in.
    pub path: PathBuf,
    /// SHA-256 of it: `AB:CD:..`.
    pub fingerprint: String,
    /// What became of it: `the same as before, until 2028-11-21`.
    pub state: String,
}

/// What an editor is opened for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditTarget {
    /// The secrets.
    Secrets,
    /// The body of a resend.
    Body(CaptureId),
    /// The header lines of a resend.
    Headers(CaptureId),
    /// The rules file, on this line.
    Rules(Option<usize>),
    /// A rule that is made first, at the end of the rules file: of this capture, if any.
    NewRule(Option<CaptureId>),
    /// The file with the conditions.
    Conditions(PathBuf),
    /// A template, on this line.
    Template(PathBuf, usize),
}

/// What is changed about the rules without touching their file.
#[derive(Clone, Debug, PartialEq)]
pub enum RulesChange {
    /// A rule is switched on or off.
    Switch(String, bool),
    /// A rule's hits, limits and sequence begin anew.
    Reset(String),
    /// An answer stands above all rules, or no longer.
    Temporary(Option<Box<Temporary>>),
}

/// Something that the world should do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Put bytes on the clipboard.
    Copy(Clip),
    /// Put a curl command on the clipboard that sends what this plan would; whether with the secrets in its header
    /// lines.
    CopyCurl(ResendPlan, bool),
    /// Put the signature that was expected for this capture on the clipboard.
    CopyExpected(CaptureId),
    /// Search headers and bodies in the store.
    Search {
        /// The filter's generation.
        generation: u64,
        /// Words that must all occur, in lower case.
        words: Vec<String>,
        /// Only these captures; all when `None`.
        only: Option<Vec<CaptureId>>,
        /// How many captures there are.
        total: usize,
    },
    /// Stop the search.
    StopSearch,
    /// Stop the comparison.
    StopComparing,
    /// Pin a capture, or take the pin off.
    Pin(CaptureId, bool),
    /// Delete a capture.
    Delete(CaptureId),
    /// Bring a deleted one back.
    Restore(CaptureId),
    /// Work out what a resend would send.
    Prepare(ResendPlan),
    /// Send it.
    Send(ResendPlan),
    /// Stop a run of attempts after the one in flight.
    StopSending,
    /// Change what the rules do, not their file.
    Rules(RulesChange),
    /// Read this file with conditions, now and whenever it changes.
    WatchConditions(String),
    /// Work out what captures of an object changed.
    TellPast(PastJob),
    /// Try conditions on captures.
    Try(Try),
    /// Do something with a template.
    Lab(LabAsk),
    /// Find the files whose names begin with this text.
    Complete(String),
    /// Open an editor.
    Edit(EditTarget, Bytes),
    /// Show something in the pager.
    Page(Clip),
    /// Write bytes to a new file.
    Write(PathBuf, Bytes),
    /// Send a signed sample to ourselves.
    Sample,
    /// Mouse reports on or off.
    Mouse(bool),
    /// Paint everything again.
    Repaint,
    /// Stop until the shell continues us.
    Suspend,
    /// Listen on this port.
    Listen(u16),
    /// End the program.
    Quit,
}

/// Something for the clipboard or the pager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// What it is: `curl for #17`.
    pub what: String,
    /// The bytes.
    pub bytes: Bytes,
    /// The file name that suits it: `hookview-17.json`.
    pub file_name: String,
}
