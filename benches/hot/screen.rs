//! Frames and keys with 100,000 captures in the list, at 200 by 50.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use divan::Bencher;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use hookview::app::{
    Boot, Input, Keymap, LayoutChoice, Listening, Loaded, Look, Model, Msg, SignatureFacts, TimeFormat, update,
};
use hookview::capture::{CaptureId, Summary};
use hookview::config::{self, Overrides, Paths, Surroundings};
use hookview::inspect::body_view;
use hookview::ui::{self, Theme};

use super::samples;

const ROWS: u64 = 100_000;

/// A screen that shows the newest of them.
fn model() -> Model {
    let around = Surroundings { paths: &Paths::default(), env: &|_| None, terminal: true };
    let overrides = Overrides { store: Some(config::StoreChoice::Memory), ..Overrides::default() };
    let settings = config::load(&around, &overrides).unwrap();
    let mut model = Model::new(Boot {
        home: None,
        rows: samples::rows(ROWS),
        listening: Listening::On(vec![SocketAddr::from(([127, 0, 0, 1], 9000)).into()]),
        addresses: Vec::new(),
        certificate: None,
        session: "default".to_owned(),
        secrets: vec!["benchmark".to_owned()],
        look: Look { keymap: Keymap::from(&settings.bindings), ..Look::default() },
        layout: LayoutChoice::Auto,
        ascii: false,
        time: TimeFormat::Clock,
        mouse: true,
        state: None,
    });
    update(&mut model, Msg::Input(Input::Resize { width: 200, height: 50 }));
    load(&mut model);
    model
}

/// Puts the selected capture into the detail pane.
fn load(model: &mut Model) {
    let Some(id) = model.wanted() else { return };
    let mut capture = samples::signed(3_000);
    capture.id = id;
    // An object of its own: the history looks through every row for others.
    "none".clone_into(&mut capture.identity.object.as_mut().unwrap().id);
    let body = body_view(&capture.request.headers, &capture.request.body);
    let (capture, facts) = (Arc::new(capture), SignatureFacts::default());
    let loaded = Loaded {
        capture,
        body,
        attempts: Vec::new(),
        changes: None,
        runs: Vec::new(),
        foreseen: hookview::app::Foreseen::default(),
        facts,
    };
    update(model, Msg::Loaded(Box::new(loaded)));
}

fn key(model: &mut Model, key: &str) {
    model.now += Duration::from_secs(1);
    update(model, Msg::Input(Input::Key(key.parse().unwrap())));
}

fn draw(model: &mut Model, terminal: &mut Terminal<TestBackend>) {
    model.prepare_frame();
    terminal.draw(|frame| _ = ui::draw(model, &Theme::new(true), frame)).unwrap();
    model.frame_drawn();
}

fn terminal() -> Terminal<TestBackend> {
    Terminal::new(TestBackend::new(200, 50)).unwrap()
}

/// List and detail side by side.
#[divan::bench]
fn frame(bencher: Bencher<'_, '_>) {
    let (mut model, mut terminal) = (model(), terminal());
    bencher.bench_local(|| draw(&mut model, &mut terminal));
}

/// The detail alone.
#[divan::bench]
fn frame_zoomed(bencher: Bencher<'_, '_>) {
    let (mut model, mut terminal) = (model(), terminal());
    key(&mut model, "enter");
    key(&mut model, "o");
    bencher.bench_local(|| draw(&mut model, &mut terminal));
}

/// A key in the list and the frame that it brings; the capture that it selects is at hand.
#[divan::bench]
fn key_and_frame(bencher: Bencher<'_, '_>) {
    let (mut model, mut terminal) = (model(), terminal());
    bencher.bench_local(|| {
        key(&mut model, "k");
        draw(&mut model, &mut terminal);
    });
}

/// A letter of the filter, over all rows.
#[divan::bench]
fn filter_key(bencher: Bencher<'_, '_>) {
    let mut model = model();
    key(&mut model, "/");
    for letter in ["n", "e", "t", "9", "9"] {
        key(&mut model, letter);
    }
    bencher.bench_local(|| {
        key(&mut model, "backspace");
        key(&mut model, "9");
    });
}

/// Arrivals of a frame at 2,000 a second while as many give way.
#[divan::bench(args = [false, true])]
fn arrive_and_evict(bencher: Bencher<'_, '_>, filtered: bool) {
    const BATCH: u64 = 100;
    let mut model = model();
    if filtered {
        key(&mut model, "/");
        key(&mut model, "n");
        key(&mut model, "enter");
    }
    let (fresh, mut newest) = (samples::rows(1).remove(0), ROWS);
    bencher.bench_local(|| {
        let row = |id| Summary { id: CaptureId(id), ..fresh.clone() };
        update(&mut model, Msg::Arrived((newest + 1..=newest + BATCH).map(row).collect()));
        newest += BATCH;
        update(&mut model, Msg::Evicted((newest - ROWS - BATCH + 1..=newest - ROWS).map(CaptureId).collect()));
    });
}
