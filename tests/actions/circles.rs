//! Forwards that lead back to where they came from.

use hookview::rules::Plan;

use crate::stage::{House, outcomes, shown, through, to};

const SENTENCE: &str = "This request was forwarded from here before: the forwards lead in a circle.\n";

/// Has a house forward everything to where `url` says.
fn forwarding(house: House, url: String, plan: fn(hookview::rules::Forward) -> Plan) -> House {
    house.plans(move |_| plan(to(url.clone())))
}

#[tokio::test]
async fn to_oneself_is_noticed_at_the_second_pass() {
    let house = House::open();
    let url = house.url();
    let house = forwarding(house, url.clone(), through);
    let answer = house.post("{}").await;
    assert!(answer.starts_with("HTTP/1.1 508 Loop Detected\r\n") && answer.ends_with(SENTENCE), "{answer}");
    assert_eq!(house.service.store.summaries().unwrap().len(), 2, "both passes are captures");
    assert_eq!(outcomes(&house.attempts(1, 1).await), ["1: 508"]);
    assert!(house.service.store.attempts(hookview::capture::CaptureId(2)).unwrap().is_empty());
}

#[tokio::test]
async fn two_that_forward_to_each_other_notice_it() {
    let (a, b) = (House::open(), House::open());
    let (to_b, to_a) = (b.url(), a.url());
    let (a, b) = (forwarding(a, to_b, through), forwarding(b, to_a, through));
    let answer = a.post("{}").await;
    assert!(answer.starts_with("HTTP/1.1 508 ") && answer.ends_with(SENTENCE), "{answer}");
    let count = |house: &House| house.service.store.summaries().unwrap().len();
    assert_eq!((count(&a), count(&b)), (2, 1));
}

#[tokio::test]
async fn one_whose_answer_is_only_kept_tells_it_to_the_forward() {
    let (a, b) = (House::open(), House::open());
    let (to_b, to_a) = (b.url(), a.url());
    let (a, b) = (forwarding(a, to_b, shown), forwarding(b, to_a, shown));
    assert!(a.post("{}").await.ends_with("ours\n"));
    assert_eq!(outcomes(&a.attempts(1, 1).await), ["1: 200"]);
    assert_eq!(outcomes(&b.attempts(1, 1).await), ["1: 508"]);
    a.shut_down().await;
    b.shut_down().await;
    assert_eq!(a.service.store.summaries().unwrap().len(), 2);
}

#[tokio::test]
async fn a_name_of_another_hookview_is_no_circle() {
    let (a, b) = (House::open(), House::open());
    let a = forwarding(a, b.url(), through);
    let b = b.plans(|_| crate::stage::ready());
    let request = "GET / HTTP/1.1\r\nHost: h\r\nVia: 1.1 hookview-0123456789abcdef, 1.1 x\r\nConnection: close\r\n\r\n";
    assert!(a.exchange(request).await.ends_with(b"ours\n"));
    let capture = b.service.store.get(hookview::capture::CaptureId(1)).unwrap().unwrap();
    assert_eq!(capture.request.headers.all("via").count(), 2);
}
