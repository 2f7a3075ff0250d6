//! hookview captures every request that is sent to it, checks signatures, and shows what came, exactly as it came.
//!
//! # From the socket to the screen
//!
//! ```text
//!  socket --- receiver: records the bytes of the head, reads the body within its limit, stamps the clock
//!                |
//!                v
//!             service: signature::Checker judges the raw body and knows handshakes, sender says who and what about,
//!                |     rules plan the answer
//!                v  append, awaited
//!             store: one writer, group commit --- committed ---> service: the answer --- receiver ---> socket
//!                |                                               (a command, a forward or a file may make it; the
//!                |                                                receiver plays it, and tells how that ended)
//!                |
//!                v  what was committed, over bounded channels: who is slow makes the writer wait
//!       .--------'---------.
//!       v                  v
//!  headless: text,      tui: Msg ---> app::update(&mut Model, Msg) ---> Vec<Effect>
//!  a line or JSON        ^                    |                             |
//!                        |                    v                             v
//!                        |            ui::draw(&Model) ---> terminal     effects: clipboard, editor, resend, file
//!                        '------------------------- results -----------------'
//! ```
//!
//! - An answer of 2xx means that the capture is kept: it goes out after the commit.
//! - The loop in `tui` owns the model alone. `app` decides and asks for effects; it touches nothing itself.
//! - The model has a light row for each capture. Bodies are read from the store when they are looked at.
//! - Signatures, exports and resends work on the bytes as they came. What is shown goes through [`inspect::Clean`].
//!
//! # The rooms
//!
//! The core is pure: no terminal, no socket, no runtime, no database. `tests/architecture.rs` holds that.
//!
//! | room | what it owns |
//! |---|---|
//! | [`capture`] | a received request, its verdict, its answer, its attempts: the words that all rooms share |
//! | [`signature`] | schemes as data, checking, why a signature does not hold, signing; handshakes |
//! | [`sender`] | who sent a request, its title, how that sender judges an answer; what is wrong with a payload; samples |
//! | [`inspect`] | bodies to look at: decoded, indexed, pretty, compared, and clean |
//! | [`condition`] | whether a webhook would fire, and why not |
//! | [`lab`] | what a template makes of a capture, what is odd about it, and what a failure means |
//! | [`rules`] | which answer a request gets: rules, their counters, the plan that comes of them |
//! | [`export`] | other forms: curl, the wire, JSON, a request to send again |
//! | [`template`] | a Jinja engine that prints what Python's does; Peering Manager's and NetBox's dialects |
//! | [`config`] | settings from defaults, file, environment and flags; keys as they are written |
//! | [`app`] | the screen's brain: model, messages, effects, keys, layout |
//!
//! The edges touch the world.
//!
//! | room | what it owns |
//! |---|---|
//! | [`receiver`] | listening, and recording requests |
//! | [`outbound`] | sending requests |
//! | [`store`] | captures in SQLite |
//! | [`service`] | the three together: a running hookview without a face; carrying out what rules ask for |
//! | [`ui`] | drawing the model |
//! | [`tui`] | the terminal, the loop, carrying effects out |
//! | [`headless`] | the same stream without a screen |
//! | [`commands`] | the subcommands, and receiving; here everything is put together |
//!
//! [`cli`] has the types of the command line, [`exit`] the exit codes.
//!
//! # The screen
//!
//! Where everything is, [`app::layout`] says to update and draw alike. Side by side, from 100 columns on; the third
//! column from 160 on; stacked below that; one pane at a time when it is small.
//!
//! ```text
//!  hookview  http://127.0.0.1:9000                                12 captures  FOLLOW     title
//! -- Captures -----------------+-[1 Body]- 2 Headers - 3 Signature -+-- Signature ---     headline, tabs
//!   # time   s method what ans |  {                                 |  verified with      columns
//!  11 12:30:31 + POST  .. 200  |    "event": "update",              +-- Headers 6 ----
//! >12 12:31:04 + POST  .. 200  |    "data": {                       |  Host   ..
//!                              |      "asn": 64500,                 +-- Answered 200 -
//!  list                        |  detail, or a sheet in its place   |  context
//!  #12 verified with secret pm                                             12 of 12       status, or a prompt
//!  enter open  / filter  r resend  y copy                           ? help  q quit        hints
//! ```

pub mod app;
pub mod capture;
pub mod cli;
pub mod commands;
pub mod condition;
pub mod config;
pub mod exit;
pub mod export;
pub mod headless;
pub mod inspect;
pub mod lab;
pub mod outbound;
pub mod receiver;
pub mod rules;
pub mod sender;
pub mod service;
pub mod signature;
pub mod store;
pub mod template;
pub mod tui;
pub mod ui;
