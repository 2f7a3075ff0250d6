//! The whole way of a request, without a screen: socket, checker, store, answer; and back out as a resend.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use futures_util::FutureExt as _;
use hookview::app::ResendPlan;
use hookview::capture::{
    Attempt, AttemptOutcome, Capture, CaptureId, Headers, HttpVersion, Outcome, Sameness, Signing,
};
use hookview::config::parse_listen;
use hookview::export::Url;
use hookview::outbound::{Client, Resent, TlsOptions};
use hookview::receiver::Limits;
use hookview::service::{Listener, Service};
use hookview::signature::{Checker, Schemes, Secret, Unsigned};
use hookview::store::{Location, Options, Store};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A service that listens on a free port of loopback, over a store file in a directory of its own.
struct Running {
    service: Arc<Service>,
    listener: Listener,
    address: SocketAddr,
    directory: tempfile::TempDir,
}

impl Running {
    fn start(secrets: &[(&str, &str)]) -> Self {
        Self::over(checker(secrets, None))
    }

    /// With everything checked as this scheme.
    fn naming(scheme: &str, secrets: &[(&str, &str)]) -> Self {
        Self::over(checker(secrets, Some(scheme)))
    }

    fn over(checker: Checker) -> Self {
        Self::at(checker, tempfile::tempdir().unwrap())
    }

    /// Over the store that is in this directory, if there is one.
    fn at(checker: Checker, directory: tempfile::TempDir) -> Self {
        let options = Options { busy_timeout: Duration::from_millis(50), ..Options::default() };
        let store = Store::open(&Location::File(directory.path().join("store.db")), options).unwrap();
        let resent = Resent::default();
        let client = Client::new(&TlsOptions::default(), resent.clone()).unwrap();
        let service = Arc::new(Service::new(store, checker, client, resent));
        let listener =
            Listener::new(service.clone(), vec![parse_listen("http://127.0.0.1:0").unwrap()], Limits::default());
        let address = listener.listen().unwrap()[0].address().unwrap();
        Self { service, listener, address, directory }
    }

    fn captures(&self) -> Vec<Capture> {
        let summaries = self.service.store.summaries().unwrap();
        summaries.iter().map(|row| self.service.store.get(row.id).unwrap().unwrap()).collect()
    }

    /// Sends bytes and reads the answer until the connection closes.
    async fn exchange(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn plan(&self, capture: CaptureId, path: &str, signing: Signing) -> ResendPlan {
        ResendPlan {
            capture,
            url: format!("http://{}{path}", self.address),
            signing,
            headers: None,
            body: None,
            method: None,
            scheme: None,
            times: 1,
            pause: Duration::ZERO,
            time_limit: Duration::from_secs(10),
        }
    }
}

fn checker(secrets: &[(&str, &str)], scheme: Option<&str>) -> Checker {
    let secrets = secrets.iter().map(|(name, value)| Secret::new(*name, value.as_bytes().to_vec())).collect();
    Checker::new(Schemes::builtin(), secrets, scheme).unwrap()
}

fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: h\r\nX-Odd name: v\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
        .into_bytes()
}

#[tokio::test]
async fn a_request_is_kept_as_it_came_and_answered_200() {
    let running = Running::start(&[]);
    let request = post("/a?b", r#"{"event": "x"}"#);
    let answer = running.exchange(&request).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let captures = running.captures();
    assert_eq!(captures[0].request.wire_bytes(), request);
    assert_eq!(captures[0].answer.as_ref().map(|answer| answer.status), Some(200));
    assert_eq!(captures[0].verdict.outcome, Outcome::NotChecked);
}

#[tokio::test]
async fn a_sample_is_signed_verified_and_resent_signed_again() {
    let running = Running::start(&[("pm", "a secret"), ("other", "another")]);
    let url: Url = format!("http://{}/", running.address).parse().unwrap();
    let outgoing = running.service.sample("peering-manager-update", &url).unwrap();
    running.service.send(&outgoing).await;
    let first = running.captures().remove(0);
    assert_eq!((first.verdict.outcome, first.verdict.secret.as_deref()), (Outcome::Valid, Some("pm")));

    let attempt = running.service.attempt(&running.plan(first.id, "/again", Signing::With("other".to_owned()))).await;
    assert!(attempt.accepted(), "{attempt:?}");
    let second = running.captures().remove(1);
    assert_eq!((second.verdict.outcome, second.verdict.secret.as_deref()), (Outcome::Valid, Some("other")));
    assert_eq!(second.resent_from, Some(first.id));
    assert_eq!(second.request.path(), "/again");
    assert_eq!(second.request.body.bytes, first.request.body.bytes);
    let kept: Vec<Attempt> = running.service.store.attempts(first.id).unwrap();
    assert_eq!(kept, [attempt]);
}

#[tokio::test]
async fn what_is_to_be_signed_for_an_unknown_scheme_is_not_sent() {
    let running = Running::start(&[("pm", "a secret")]);
    let url: Url = format!("http://{}/", running.address).parse().unwrap();
    running.service.send(&running.service.sample("peering-manager-update", &url).unwrap()).await;
    let id = running.captures().remove(0).id;
    let plan = running.plan(id, "/again", Signing::With("pm".to_owned()));
    let attempt = running.service.attempt(&ResendPlan { scheme: Some("githib".to_owned()), ..plan }).await;
    let AttemptOutcome::Failed(reason) = &attempt.outcome else { panic!("{attempt:?}") };
    assert!(reason.contains("`githib`"), "{reason}");
    assert_eq!(running.captures().len(), 1);
}

#[tokio::test]
async fn a_secret_in_the_body_is_replaced_there_when_it_is_resent() {
    let running = Running::start(&[("pm", "a secret"), ("other", "an\"other")]);
    let body = r#"{"organizationId" : 1.0, "sharedSecret":"a secret"}"#;
    running.exchange(&post("/meraki", body)).await;
    let first = running.captures().remove(0);
    assert_eq!((first.verdict.outcome, first.verdict.secret.as_deref()), (Outcome::Valid, Some("pm")));
    let plan = running.plan(first.id, "/meraki", Signing::With("other".to_owned()));
    assert!(running.service.attempt(&plan).await.accepted());
    let second = running.captures().remove(1);
    assert_eq!(second.request.body.bytes, r#"{"organizationId" : 1.0, "sharedSecret":"an\"other"}"#);
    assert_eq!((second.verdict.outcome, second.verdict.secret.as_deref()), (Outcome::Valid, Some("other")));
    let without = ResendPlan { body: Some("{}".into()), ..plan };
    let error = running.service.prepare(&without).err().unwrap().to_string();
    assert_eq!(error, "cannot sign for meraki: the JSON field /sharedSecret is not there");
}

#[tokio::test]
async fn every_signature_that_the_secret_made_is_made_anew() {
    let running = Running::start(&[("forge", "a secret")]);
    let checker = running.service.checker();
    let (headers, body) = (Headers::default(), Bytes::from_static(b"{}"));
    let unsigned = Unsigned { method: "POST", url: "http://h/", headers: &headers, body: &body, now: Utc::now() };
    let lines = ["gitea", "github", "github-sha1"].map(|scheme| {
        let (name, value) = checker.sign(scheme, "forge", &unsigned).unwrap().headers.remove(0);
        format!("\r\n{name}: {value}")
    });
    let request = String::from_utf8(post("/gitea", "{}")).unwrap().replacen("\r\n", &(lines.concat() + "\r\n"), 1);
    running.exchange(request.as_bytes()).await;
    let first = running.captures().remove(0);
    assert_eq!(first.verdict.scheme.as_deref(), Some("gitea"));

    let plan = running.plan(first.id, "/gitea", Signing::With("forge".to_owned()));
    running.service.attempt(&ResendPlan { body: Some("{\"a\":1}".into()), ..plan.clone() }).await;
    let second = running.captures().remove(1);
    let valid: Vec<_> = checker.signed_for(&second.request).into_iter().map(|scheme| scheme.id.as_str()).collect();
    assert_eq!(valid, ["gitea", "github", "github-sha1"]);

    let bare = running.service.prepare(&ResendPlan { signing: Signing::None, ..plan }).unwrap();
    let signed = bare.outgoing.request.headers.iter().filter(|header| header.name_text().ends_with("Signature"));
    assert_eq!(signed.count(), 0, "{:?}", bare.outgoing.request.headers);
}

#[tokio::test]
async fn a_url_is_signed_as_its_receiver_knows_it() {
    let running = Running::start(&[("s", "a secret")]);
    let public = "https://hooks.example.com/base";
    running.service.set_checker(checker(&[("s", "a secret")], None).with_public_url(public));
    let request = String::from_utf8(post("/in?x", "{}")).unwrap();
    let request = request.replacen("\r\n", "\r\nx-square-hmacsha256-signature: AAAA\r\n", 1);
    running.exchange(request.as_bytes()).await;
    let id = running.captures().remove(0).id;
    let home = running.plan(id, "/in?x", Signing::With("s".to_owned()));
    running.service.attempt(&home).await;
    assert_eq!(running.captures()[1].verdict.outcome, Outcome::Valid, "it came home, where the public URL counts");

    let away = ResendPlan { url: "http://192.0.2.1:8080/in?x".to_owned(), ..home };
    let job = running.service.prepare(&away).unwrap();
    let elsewhere = checker(&[("s", "a secret")], None).with_public_url("http://192.0.2.1:8080");
    assert_eq!(elsewhere.check(&job.outgoing.request, Utc::now()).outcome, Outcome::Valid);
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused_and_what_was_stays_readable() {
    let running = Running::start(&[]);
    running.exchange(&post("/before", "x")).await;
    let mut faults = running.service.faults();
    let lock = locked(&running.directory.path().join("store.db"));
    let refused = running.exchange(&post("/refused", "x")).await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(faults.borrow_and_update().as_ref().is_some_and(|reason| reason.contains("locked")));
    assert_eq!(running.captures().len(), 1);
    drop(lock);
    assert!(running.exchange(&post("/after", "x")).await.starts_with("HTTP/1.1 200 "));
    assert_eq!(*faults.borrow_and_update(), None);
    let paths: Vec<String> = running.captures().iter().map(|capture| capture.request.path()).collect();
    assert_eq!(paths, ["/before", "/after"]);
}

/// Another program that writes to the store, until dropped.
fn locked(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

#[tokio::test]
async fn http2_comes_back_from_the_store_whole() {
    let running = Running::start(&[]);
    let stream = TokioIo::new(TcpStream::connect(running.address).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    let driver = tokio::spawn(connection);
    let uri = format!("http://{}/h2?q", running.address);
    let request = hyper::Request::post(uri).header("x-one", "1").body(Full::new(Bytes::from_static(b"{}"))).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.unwrap();
    driver.abort();
    let request = running.captures().remove(0).request;
    assert_eq!((request.version, &request.target[..]), (HttpVersion::Http2, &b"/h2?q"[..]));
    assert_eq!((request.headers.text(":path"), request.headers.text("x-one")), (Some("/h2?q"), Some("1")));
}

#[tokio::test]
async fn new_secrets_change_old_verdicts_and_age_stays_that_of_the_arrival() {
    let running = Running::start(&[("old", "wrong")]);
    let url: Url = format!("http://{}/", running.address).parse().unwrap();
    let sender = Running::start(&[("right", "right secret")]);
    for name in ["netbox-created", "stripe"] {
        let outgoing = sender.service.sample(name, &url).unwrap();
        running.service.send(&outgoing).await;
    }
    assert!(running.captures().iter().all(|capture| capture.verdict.outcome == Outcome::Invalid));
    running.service.set_checker(checker(&[("right", "right secret")], None));
    let (done, verdicts) = running.service.recheck().unwrap();
    assert_eq!((done.total, done.changes.len()), (2, 2));
    running.service.store.update_verdicts(verdicts).await.unwrap();
    for capture in running.captures() {
        assert_eq!(capture.verdict.outcome, Outcome::Valid, "{:?}", capture.verdict);
        assert!(capture.received_at <= Utc::now());
    }
}

/// A handshake of Asana's that tells this secret.
fn telling(secret: &str) -> Vec<u8> {
    format!(
        "POST /asana HTTP/1.1\r\nHost: h\r\nX-Hook-Secret: {secret}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

fn secrets(running: &Running) -> Vec<(String, bool)> {
    let checker = running.service.checker();
    checker.secrets().iter().map(|secret| (secret.name.clone(), secret.is_learned())).collect()
}

#[tokio::test]
async fn of_many_secrets_told_at_once_one_is_learned_and_answered_as_such() {
    let running = Running::naming("asana", &[]);
    let told: Vec<Vec<u8>> = (0..8).map(|number| telling(&format!("secret-{number}"))).collect();
    let answers = futures_util::future::join_all(told.iter().map(|request| running.exchange(request))).await;
    let agreed: Vec<&String> = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 200 ")).collect();
    assert_eq!(agreed.len(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 403 ")).count(), 7);
    assert_eq!(secrets(&running), [("asana".to_owned(), true)]);
    let learned =
        running.captures().into_iter().find(|capture| capture.answer.as_ref().unwrap().status == 200).unwrap();
    let value = learned.request.headers.text("X-Hook-Secret").unwrap();
    assert!(agreed[0].contains(&format!("X-Hook-Secret: {value}\r\n")));
    running.service.set_checker(checker(&[("pm", "x")], Some("asana")));
    assert_eq!(secrets(&running), [("pm".to_owned(), false), ("asana".to_owned(), true)]);
}

#[tokio::test]
async fn a_handshake_that_cannot_be_kept_is_not_agreed_to_and_its_secret_is_forgotten() {
    let running = Running::naming("asana", &[]);
    running.exchange(&post("/before", "x")).await;
    let lock = locked(&running.directory.path().join("store.db"));
    let refused = running.exchange(&telling("first")).await;
    assert!(refused.starts_with("HTTP/1.1 503 ") && !refused.contains("X-Hook-Secret"), "{refused}");
    assert_eq!(secrets(&running), []);
    drop(lock);
    assert!(running.exchange(&telling("second")).await.contains("X-Hook-Secret: second\r\n"));
}

#[tokio::test]
async fn a_url_that_a_request_names_is_shown_and_not_fetched() {
    let running = Running::start(&[]);
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/confirm", elsewhere.local_addr().unwrap());
    let body = format!(r#"{{"Type":"SubscriptionConfirmation","SubscribeURL":"{url}"}}"#);
    let sns = format!(
        "POST / HTTP/1.1\r\nHost: h\r\nx-amz-sns-message-type: SubscriptionConfirmation\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let options = format!(
        "OPTIONS / HTTP/1.1\r\nHost: h\r\nWebHook-Request-Origin: o\r\nWebHook-Request-Callback: {url}\r\nConnection: close\r\n\r\n"
    );
    for request in [sns, options] {
        assert!(running.exchange(request.as_bytes()).await.starts_with("HTTP/1.1 200 "));
    }
    for capture in running.captures() {
        assert!(capture.answer.unwrap().note.contains(&url));
    }
    // What is in flight is finished then.
    running.listener.shut_down().await;
    assert!(elsewhere.accept().now_or_never().is_none(), "hookview called {url}");
}

#[tokio::test]
async fn stopping_ends_the_listener() {
    let running = Running::start(&[]);
    running.listener.shut_down().await;
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn a_get_behind_a_redirect_is_led_back_to_its_post() {
    let running = Running::start(&[("pm", "s3cret")]);
    let body = Bytes::from_static(b"{}");
    let headers = hookview::capture::Headers::default();
    let unsigned = hookview::signature::Unsigned {
        method: "POST",
        url: "http://h/in",
        headers: &headers,
        body: &body,
        now: Utc::now(),
    };
    let signature = running.service.checker().sign("netbox", "pm", &unsigned).unwrap().headers.remove(0).1;
    let rest = format!("Host: h\r\nConnection: close\r\nX-Hook-Signature: {signature}\r\n");
    running.exchange(format!("POST /in HTTP/1.1\r\n{rest}Content-Length: 2\r\n\r\n{{}}").as_bytes()).await;
    running.exchange(format!("GET /in/ HTTP/1.1\r\n{rest}\r\n").as_bytes()).await;
    let captures = running.captures();
    let outcomes: Vec<Outcome> = captures.iter().map(|capture| capture.verdict.outcome).collect();
    assert_eq!(outcomes, [Outcome::Valid, Outcome::Invalid]);
    let hint = running.service.diagnose(&captures[1]).hints.remove(0);
    assert!(hint.cause.contains("followed a redirect"), "{}", hint.cause);
    assert_eq!(hint.proof, "#1, POST /in, carries the same signature, and there it holds");
}

/// A delivery with this id in the header that this sender has for it.
fn delivery(path: &str, (name, id): (&str, &str), body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: h\r\n{name}: {id}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// What each capture repeats: the first of them, how often, and how that was seen.
fn retries(running: &Running) -> Vec<Option<(u64, u32, Sameness)>> {
    let told = |capture: &Capture| capture.retry.map(|retry| (retry.of.0, retry.nth, retry.by));
    running.captures().iter().map(told).collect()
}

#[tokio::test]
async fn a_delivery_that_comes_again_is_a_retry() {
    let running = Running::start(&[]);
    let id = |id| ("X-GitHub-Delivery", id);
    for request in [
        delivery("/a", id("1"), "{}"),
        delivery("/a", id("2"), "{}"),
        delivery("/a", id("1"), r#"{"attempt": 2}"#),
        delivery("/b", id("1"), "{}"),
        delivery("/a", id("1"), "{}"),
    ] {
        running.exchange(&request).await;
    }
    let by_id = |nth| Some((1, nth, Sameness::DeliveryId));
    assert_eq!(retries(&running), [None, None, by_id(1), None, by_id(2)]);
    let captures = running.captures();
    let gap = (captures[4].received_at - captures[2].received_at).num_microseconds().unwrap();
    assert_eq!(captures[4].retry.map(|retry| retry.gap_us), u64::try_from(gap).ok());
}

#[tokio::test]
async fn the_same_bytes_are_a_retry_when_no_id_tells() {
    let running = Running::start(&[]);
    for request in
        [post("/a", "x"), post("/a?b", "x"), post("/a", "y"), post("/a", "x"), post("/a", ""), post("/a", "")]
    {
        running.exchange(&request).await;
    }
    assert_eq!(retries(&running), [None, None, None, Some((1, 1, Sameness::Bytes)), None, None]);
}

#[tokio::test]
async fn what_was_there_before_the_start_is_repeated_too_and_what_we_resend_is_not() {
    let running = Running::start(&[]);
    running.exchange(&post("/a", "x")).await;
    running.exchange(&post("/a", "x")).await;
    let plan = running.plan(CaptureId(1), "/a", Signing::Captured);
    assert!(running.service.attempt(&plan).await.accepted());
    let again = Running::at(checker(&[], None), running.directory);
    again.exchange(&post("/a", "x")).await;
    let by_bytes = |nth| Some((1, nth, Sameness::Bytes));
    assert_eq!(retries(&again), [None, by_bytes(1), None, by_bytes(2)]);
}

#[tokio::test]
async fn a_path_can_ask_for_its_status() {
    let running = Running::start(&[]);
    let answer = running.exchange(&post("/status/503", "x")).await;
    assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
    assert!(running.exchange(&post("/status/99", "x")).await.starts_with("HTTP/1.1 200 OK\r\n"));
    let rules: Vec<String> = running.captures().into_iter().map(|capture| capture.answer.unwrap().rule).collect();
    assert_eq!(rules, ["status path", "default"]);
}

/// What is foreseen of a capture is what it gets when it comes again, also where no rule decides.
#[tokio::test]
async fn what_is_foreseen_comes_true() {
    let refusing = checker(&[("pm", "s")], None).refusing(hookview::signature::Refusal::With(403));
    for (checker, path, foreseen) in [
        (checker(&[], None), "/a", (200, "default", false)),
        (checker(&[], None), "/status/418", (418, "status path", false)),
        (refusing, "/status/418", (403, "enforce", true)),
    ] {
        let running = Running::over(checker);
        for _ in 0..2 {
            running.exchange(&post(path, "{}")).await;
        }
        let [first, second] = running.captures().try_into().unwrap();
        let told = running.service.foresee(&first);
        let answer = second.answer.unwrap();
        assert_eq!((answer.status, answer.rule.as_str()), (foreseen.0, foreseen.1));
        assert_eq!((told.answer.status, told.answer.rule.as_str(), told.above_rules), foreseen);
    }
}
