//! What goes in comes out.

use proptest::prelude::*;

use super::*;

#[test]
fn a_capture_comes_back_as_it_was() {
    for store in [memory(Options::default()), Dir::new().open()] {
        let kept = full_capture();
        let id = wait(store.append(kept.clone())).unwrap();
        assert_eq!(store.get(id).unwrap(), Some(Capture { id, ..kept.clone() }));
        assert_eq!(store.summaries().unwrap(), [Capture { id, ..kept }.summary()]);
        assert_eq!(store.get(CaptureId(id.0 + 1)).unwrap(), None);
    }
}

#[test]
fn http2_and_unreadable_heads_come_back() {
    let store = memory(Options::default());
    let h2 = request(b"POST /a HTTP/2\r\n:method: POST\r\n:path: /a\r\nx-a: 1\r\n\r\n", Body::default());
    assert_eq!(h2.version, HttpVersion::Http2);
    let junk = request(b"\x16\x03\x01\x02\x00", Body::default());
    for request in [h2, junk, Request { version: HttpVersion::Unknown, ..Request::default() }] {
        let capture = Capture::new(request, arrived(1), String::new(), String::new());
        let id = wait(store.append(capture.clone())).unwrap();
        assert_eq!(store.get(id).unwrap(), Some(Capture { id, ..capture }));
    }
}

#[test]
fn the_time_of_arrival_is_kept_to_the_microsecond() {
    let store = memory(Options::default());
    let told = listen(&store);
    let exact = DateTime::from_timestamp_nanos(1_700_000_000_123_456_789);
    let id = wait(store.append(Capture { received_at: exact, ..capture("") })).unwrap();
    let Committed::Captured(committed) = told.recv().unwrap() else { panic!("nothing captured") };
    assert_eq!(committed.received_at.timestamp_subsec_nanos(), 123_456_000);
    assert_eq!(store.get(id).unwrap().as_ref(), Some(&*committed));
}

fn headers() -> impl Strategy<Value = Headers> {
    proptest::collection::vec(any::<u8>(), 0..80).prop_map(|lines| parse_header_lines(&lines.into()))
}

fn bodies() -> impl Strategy<Value = Body> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..300);
    (bytes(), proptest::option::of(bytes()), 0..u64::MAX / 2, headers()).prop_map(|(bytes, framed, total, trailers)| {
        Body { bytes: bytes.into(), framed: framed.map(Into::into), total, trailers }
    })
}

fn heads() -> impl Strategy<Value = Vec<u8>> {
    let junk = proptest::collection::vec(any::<u8>(), 0..200);
    let lines = proptest::collection::vec(any::<u8>(), 0..200);
    prop_oneof![junk, lines.prop_map(|lines| [&b"PUT /\xff b HTTP/1.0\r\n"[..], &lines].concat())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_come_back(head in heads(), body in bodies(), title in ".*", answer in headers(), remote in ".*") {
        let mut kept = full_capture();
        kept.request = request(&head, body);
        kept.identity.title = title;
        kept.remote = remote;
        kept.answer = Some(Answer { headers: answer, ..Answer::default() });
        let store = memory(Options::default());
        kept.id = wait(store.append(kept.clone())).unwrap();
        prop_assert_eq!(store.summaries().unwrap(), [kept.summary()]);
        prop_assert_eq!(store.get(kept.id).unwrap(), Some(kept));
    }
}

#[test]
fn for_each_goes_through_all_and_stops_when_told() {
    let store = memory(Options::default());
    let large = vec![b'x'; 400_000];
    for _ in 0..5 {
        wait(store.append(capture(large.clone()))).unwrap();
    }
    let count = |limit: usize| {
        let mut seen = Vec::new();
        let each = |capture: Capture| {
            seen.push(capture.id.0);
            if seen.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        store.for_each(each).unwrap();
        seen
    };
    assert_eq!((count(2), count(9)), (vec![1, 2], vec![1, 2, 3, 4, 5]));
}

#[test]
fn attempts_come_back_with_their_capture_alone() {
    let store = memory(Options::default());
    let id = wait(store.append(capture("a"))).unwrap();
    let answered = AttemptOutcome::Answered(Response {
        status: 201,
        reason: "Created".to_owned(),
        headers: parse_header_lines(&Bytes::from_static(b"X-A: 1\r\nx-a: \xfe\r\n")),
        body: Bytes::from_static(b"\0\xff"),
        body_total: 2,
    });
    let failed = AttemptOutcome::Failed("connection refused".to_owned());
    for (number, outcome) in [(1, answered), (2, failed)] {
        let attempt = Attempt {
            id: 0,
            capture: id,
            by: hookview::capture::Asker::Resend,
            at: arrived(5),
            url: "https://a.example/".to_owned(),
            signing: Signing::With("prod".to_owned()),
            edited: true,
            outcome,
            timing: AttemptTiming { connect_us: 1, first_byte_us: 2, total_us: 3 },
        };
        assert_eq!(wait(store.add_attempt(attempt.clone())).unwrap(), number);
        assert_eq!(store.attempts(id).unwrap().last(), Some(&Attempt { id: number, ..attempt }));
    }
    assert_eq!(store.attempts(id).unwrap().len(), 2);
    assert_eq!(store.attempts(CaptureId(9)).unwrap(), []);
}

#[test]
fn verdicts_are_replaced() {
    let store = memory(Options::default());
    let verdict = Verdict { outcome: Outcome::Valid, secret: Some("prod".to_owned()), ..Verdict::default() };
    wait(async {
        let kept = append(&store, 2).await;
        let verdicts = vec![(kept[0], verdict.clone()), (CaptureId(77), verdict.clone())];
        store.update_verdicts(verdicts).await.unwrap();
    });
    assert_eq!(store.get(CaptureId(1)).unwrap().unwrap().verdict, verdict);
    let marks: Vec<_> = store.summaries().unwrap().iter().map(|summary| summary.mark).collect();
    assert_eq!(marks, [Mark::Verified, Mark::Unsigned]);
}
