//! What happens for every request, every frame and every key, each on its own: `cargo bench --bench hot [-- FILTER]`

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run fails")]

mod conditions;
mod samples;
mod screen;

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

use hookview::app::sheet::{LabRow, Matrix};
use hookview::inspect::{self, BodyView, Comparable, Hidden, JsonIndex, Tree, View, body_diff, body_view};
use hookview::lab::{Definition, Sample, Trial, Tryout};
use hookview::sender;
use hookview::signature::{Checker, Schemes, Secret};
use hookview::store::{Durability, Location, Options, Store};
use hookview::template::Dialect;

fn main() {
    divan::main();
}

/// Checking a signature, with one secret: a NetBox webhook, HMAC-SHA512.
#[divan::bench(args = [3_000, 1_000_000])]
fn verify(bencher: Bencher<'_, '_>, size: usize) {
    let (checker, capture) = (samples::checker(), samples::signed(size));
    let bencher = bencher.counter(BytesCount::new(capture.request.body.bytes.len()));
    bencher.bench_local(|| checker.check(black_box(&capture.request), capture.received_at));
}

/// What a request costs that no header tells anything about: is it signed in its body, is it a handshake?
#[divan::bench(args = [3_000, 1_000_000])]
fn unsigned(bencher: Bencher<'_, '_>, size: usize) {
    let (checker, mut capture) = (samples::checker(), samples::signed(size));
    capture.request.headers.retain(|header| !header.is("X-Hook-Signature"));
    let bencher = bencher.counter(BytesCount::new(capture.request.body.bytes.len()));
    bencher.bench_local(|| {
        let verdict = checker.check(black_box(&capture.request), capture.received_at);
        checker.handshake(&capture.request, &verdict)
    });
}

/// Reading the table of schemes, once at every start.
#[divan::bench]
fn schemes(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| Schemes::parse(black_box(include_str!("../../assets/schemes.toml"))).unwrap());
}

/// Making a checker of the table and a secret, at every start and whenever secrets change.
#[divan::bench]
fn checker(bencher: Bencher<'_, '_>) {
    bencher.bench_local(samples::checker);
}

/// Finding out why a signature does not hold, at its worst: nothing near does either. Three secrets.
#[divan::bench(args = [3_000, 1_000_000, 10_000_000], sample_count = 20, sample_size = 1)]
fn doctor(bencher: Bencher<'_, '_>, size: usize) {
    let capture = samples::signed(size);
    let secrets = ["one", "two", "three"].map(|name| Secret::new(name, name.as_bytes().to_vec()));
    let checker = Checker::new(Schemes::builtin(), secrets.into(), None).unwrap();
    let verdict = checker.check(&capture.request, capture.received_at);
    bencher.bench_local(|| checker.diagnose(black_box(&capture.request), capture.received_at, &verdict));
}

/// Telling who sent a request and what it says.
#[divan::bench]
fn identify(bencher: Bencher<'_, '_>) {
    let capture = samples::signed(3_000);
    bencher.bench_local(|| sender::identify(black_box(&capture.request)));
}

/// Making a JSON document of 10 MiB ready to look at.
#[divan::bench_group(sample_count = 20, sample_size = 1)]
mod json_10_mib {
    use super::{Bencher, BodyView, JsonIndex, Tree, View, black_box, samples};

    #[divan::bench]
    fn index(bencher: Bencher<'_, '_>) {
        let body = samples::document(10 << 20);
        bencher.bench_local(|| JsonIndex::build(black_box(body.bytes.clone())).unwrap());
    }

    #[divan::bench]
    fn body_view(bencher: Bencher<'_, '_>) {
        let (body, headers) = (samples::document(10 << 20), samples::signed(100).request.headers);
        bencher.bench_local(|| super::body_view(black_box(&headers), black_box(&body)));
    }

    #[divan::bench]
    fn open_all(bencher: Bencher<'_, '_>) {
        let (body, headers) = (samples::document(10 << 20), samples::signed(100).request.headers);
        let BodyView { view: View::Json(tree), .. } = super::body_view(&headers, &body) else { unreachable!() };
        bencher.with_inputs(|| tree.clone()).bench_local_refs(Tree::open_all);
    }
}

/// What differs between two bodies of 10 MiB: in one place, and in every item or line.
#[divan::bench_group(sample_count = 10, sample_size = 1)]
mod diff_10_mib {
    use super::{Bencher, Comparable, Hidden, black_box, body_diff, samples};

    const CASES: [&str; 7] = ["json one", "json all", "text one", "text all", "text mixed", "bytes one", "bytes all"];

    /// The whole comparison.
    #[divan::bench(args = CASES)]
    fn whole(bencher: Bencher<'_, '_>, what: &str) {
        let (before, after) = samples::differing(what);
        bencher.bench_local(|| compared(&before, &after, usize::MAX));
    }

    /// Until the first change is on its way to the screen.
    #[divan::bench(args = CASES)]
    fn first_change(bencher: Bencher<'_, '_>, what: &str) {
        let (before, after) = samples::differing(what);
        bencher.bench_local(|| compared(&before, &after, 1));
    }

    fn compared(before: &Comparable, after: &Comparable, enough: usize) {
        let hidden = Hidden::new(["timestamp", "data.updated"]);
        let diff = body_diff((black_box(before), black_box(after)), &hidden, &mut |diff| diff.count() < enough);
        black_box(diff);
    }
}

/// Keeping captures, 64 of them on their way at a time.
#[divan::bench(args = ["memory", "normal", "full"], sample_count = 20, sample_size = 1)]
fn commit(bencher: Bencher<'_, '_>, kind: &str) {
    const COUNT: usize = 2_000;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let durability = if kind == "normal" { Durability::Normal } else { Durability::Full };
    let location = if kind == "memory" { Location::Memory } else { Location::File(directory.path().join("store.db")) };
    let store = Store::open(&location, Options { durability, ..Options::default() }).unwrap();
    let capture = samples::signed(3_000);
    bencher.counter(ItemsCount::new(COUNT)).bench_local(|| {
        runtime.block_on(async {
            let mut left = COUNT;
            let append = || Box::pin(store.append(capture.clone()));
            let mut appends: Vec<_> = (0..64).map(|_| append()).collect();
            while left > 0 {
                poll_fn(|context| {
                    let before = left;
                    for slot in &mut appends {
                        if let Poll::Ready(kept) = Pin::new(&mut *slot).poll(context) {
                            kept.unwrap();
                            left = left.saturating_sub(1);
                            *slot = append();
                        }
                    }
                    if left < before { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
            }
        });
    });
}

/// A message for Slack, as it is made of a change.
const TEMPLATE: &str = "{\"text\": {{ ('AS' ~ data.asn ~ ' ' ~ event ~ 'd by ' ~ username) | tojson }}, \"changed\": [\
        {% for key, new in (snapshots.postchange or {}).items() %}{{ key | tojson }}{{ ', ' if not loop.last }}{% endfor %}]}";

/// A template tried on a webhook of Peering Manager: once whole, with what is odd about it.
#[divan::bench(args = [3_000, 100_000])]
fn render(bencher: Bencher<'_, '_>, size: usize) {
    let body = samples::signed(size).request.body.bytes;
    let now = chrono::DateTime::UNIX_EPOCH;
    let sample = Sample { json: &body, label: "#1", content_type: None, now };
    let bencher = bencher.counter(BytesCount::new(body.len()));
    bencher.bench_local(|| Trial::of(TEMPLATE, Dialect::PeeringManager, black_box(&sample)));
}

/// The lab's matrix: a template tried on all of 10,000 captures of a session, read from its file, the newest first.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn render_all(bencher: Bencher<'_, '_>) {
    const COUNT: usize = 10_000;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Location::File(directory.path().join("store.db")), Options::default()).unwrap();
    let capture = samples::signed(3_000);
    for _ in 0..COUNT {
        runtime.block_on(store.append(capture.clone())).unwrap();
    }
    let definition = Definition::of_body("slack.j2", TEMPLATE);
    bencher.counter(ItemsCount::new(COUNT)).bench_local(|| {
        let mut matrix = Matrix::default();
        for row in store.summaries().unwrap().iter().rev() {
            let capture = store.get(row.id).unwrap().unwrap();
            let (headers, body) = (&capture.request.headers, &capture.request.body.bytes);
            let (encoding, kind) = (headers.text("content-encoding"), headers.text("content-type"));
            let json = inspect::decode(encoding, kind, body, inspect::DECODE_LIMIT).bytes;
            inspect::validate(&json).unwrap();
            let sample = Sample { json: &json, label: "#1", content_type: None, now: capture.received_at };
            matrix.insert(LabRow::of(row.id, &Tryout::of(&definition, Dialect::PeeringManager, &sample)));
        }
        matrix.counts()
    });
}
