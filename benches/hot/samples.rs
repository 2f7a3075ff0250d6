//! What the benchmarks work on.

use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{TimeDelta, Utc};

use hookview::capture::{Answer, Body, Capture, CaptureId, Summary};
use hookview::inspect::{Comparable, JsonIndex};
use hookview::sender;
use hookview::signature::{Checker, Schemes, Secret, Unsigned};

/// A checker with one secret.
pub fn checker() -> Checker {
    Checker::new(Schemes::builtin(), vec![Secret::new("benchmark", b"benchmark".to_vec())], None).unwrap()
}

/// A Peering Manager webhook whose body is at least this long, signed and looked at.
pub fn signed(size: usize) -> Capture {
    let mut sample = sender::sample("peering-manager-update").unwrap();
    let mut body = sample.request.body.bytes.to_vec();
    if let Some(missing) = size.checked_sub(body.len()) {
        body.pop();
        body.extend_from_slice(b",\"filler\":\"");
        body.resize(body.len() + missing, b'x');
        body.extend_from_slice(b"\"}");
    }
    sample.request.body = Body::whole(body);
    let checker = checker();
    let unsigned = Unsigned {
        method: "POST",
        url: "http://127.0.0.1:9000/",
        headers: &sample.request.headers,
        body: &sample.request.body.bytes,
        now: Utc::now(),
    };
    for (name, value) in checker.sign(sample.scheme.unwrap(), "benchmark", &unsigned).unwrap().headers {
        sample.request.headers.set(&name, value);
    }
    let mut capture = Capture::new(sample.request, Utc::now(), "127.0.0.1:40000".into(), "127.0.0.1:9000".into());
    capture.verdict = checker.check(&capture.request, capture.received_at);
    capture.identity = sender::identify(&capture.request);
    capture.answer = Some(Answer::text(200, "OK\n", "default"));
    capture
}

/// A JSON document of about this size: a list of objects.
pub fn document(size: usize) -> Body {
    let mut text = String::from("{\"results\":[");
    for id in 0.. {
        if text.len() >= size {
            break;
        }
        let comma = if id == 0 { "" } else { "," };
        write!(text, "{comma}{{\"id\":{id},\"name\":\"AS{id}\",\"peers\":[1,2,3],\"up\":true,\"note\":null}}").unwrap();
    }
    text += "]}";
    Body::whole(Bytes::from(text))
}

/// The light rows of so many captures, of a thousand objects, a second apart.
pub fn rows(count: u64) -> Vec<Summary> {
    let model = signed(100).summary();
    let row = |id| {
        let mut row = model.clone();
        row.id = CaptureId(id);
        row.received_at += TimeDelta::seconds(i64::try_from(id).unwrap());
        row.title = format!("update AS{} - Example Net {id}  autonomoussystem", 64_512 + id % 1000).into();
        row.object.as_mut().unwrap().id = (id % 1000).to_string();
        row
    };
    (1..=count).map(row).collect()
}

/// Two bodies of 10 MiB: `json`, `text` or `bytes` that differ in `one` place or in `all`; `mixed`: in every fourth line,
/// among lines that repeat.
pub fn differing(what: &str) -> (Comparable, Comparable) {
    const SIZE: usize = 10 << 20;
    let (kind, much) = what.split_once(' ').unwrap();
    let times = if much == "one" { 1 } else { usize::MAX };
    match kind {
        "json" => {
            let before = document(SIZE).bytes;
            let after = str::from_utf8(&before).unwrap().replacen("\"up\":true", "\"up\":false", times);
            let json = |bytes: Bytes| Comparable::Json(Arc::new(JsonIndex::build(bytes).unwrap()));
            (json(before), json(after.into()))
        }
        "text" => {
            let line = |n: usize| if much == "mixed" && !n.is_multiple_of(4) { n % 1000 } else { n };
            let text = |n: usize| format!("{:08} a line of a log, up: true, as it is\n", line(n));
            let before = (0..SIZE / 40).map(text).collect::<Vec<_>>().concat();
            let changed = |n: usize| much == "all" || much == "mixed" && n.is_multiple_of(4) || n == SIZE / 80;
            let line = |(n, line): (usize, &str)| {
                if changed(n) { line.replace("true", "no") + "\n" } else { format!("{line}\n") }
            };
            let after: String = before.lines().enumerate().map(line).collect();
            (Comparable::Text(before.into()), Comparable::Text(after.into()))
        }
        _ => {
            let before = vec![7_u8; SIZE];
            let after = (0..SIZE).map(|n| if times > 1 || n == SIZE / 2 { 9 } else { 7 }).collect::<Vec<u8>>();
            (Comparable::Bytes(before.into()), Comparable::Bytes(after.into()))
        }
    }
}
