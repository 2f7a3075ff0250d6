//! Conditions: on one webhook, as for the selected capture, and on a whole session, as for the tally.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

use hookview::app::{Try, TryOn};
use hookview::condition::{Conditions, System};
use hookview::template::value_from_json;

use super::samples;

/// What somebody wants to hear of: enabled sessions of some networks, unless they are exempt.
const CONDITIONS: &str = r#"{"and": [
    {"attr": "name", "op": "regex", "value": "(?i)(example|internet).*"},
    {"or": [
        {"attr": "asn", "op": "in", "value": [64500, 64501, 64512, 65000]},
        {"and": [{"attr": "asn", "op": "gte", "value": 64496}, {"attr": "asn", "op": "lt", "value": 65551}]}
    ]},
    {"attr": "tags.slug", "op": "contains", "value": "exempt", "negate": true},
    {"attr": "status.value", "value": "disabled", "negate": true},
    {"attr": "irr_as_set", "value": null, "negate": true}
]}"#;

/// Reading conditions.
#[divan::bench]
fn load(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| Conditions::load(System::PeeringManager, black_box(CONDITIONS.as_bytes())).unwrap());
}

/// Evaluating them on a context that was read, the explanation included.
#[divan::bench]
fn evaluate(bencher: Bencher<'_, '_>) {
    let conditions = Conditions::load(System::PeeringManager, CONDITIONS.as_bytes()).unwrap();
    let context = value_from_json(&samples::signed(3_000).request.body.bytes).unwrap();
    bencher.bench_local(|| conditions.evaluate(black_box(&context)));
}

/// Reading body and conditions and evaluating, for each of a session.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn session_of_10_000(bencher: Bencher<'_, '_>) {
    let attempt = Try { generation: 0, conditions: CONDITIONS.into(), system: None, on: TryOn::All };
    let captures = vec![samples::signed(3_000); 10_000];
    let bencher = bencher.counter(ItemsCount::new(captures.len()));
    bencher.bench_local(|| captures.iter().filter_map(|capture| attempt.fired(black_box(capture))).count());
}
