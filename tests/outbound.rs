//! Sending again, against targets that answer well, badly, or not at all, over TCP and TLS.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookview::capture::{AttemptOutcome, AttemptTiming, Capture, CaptureId, Headers, Request, Response, parse_request};
use hookview::export::{Outgoing, Plan, Url, prepare};
use hookview::outbound::{Client, MAX_KEPT, Resent, TlsOptions};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{self, ServerConfig};

const LIMIT: Duration = Duration::from_secs(10);

fn client(options: &TlsOptions) -> Client {
    Client::new(options, Resent::default()).unwrap()
}

fn outgoing(url: &str, method: &'static str, body: impl Into<Bytes>) -> Outgoing {
    Outgoing::new(url.parse().unwrap(), method.into(), &Headers::default(), body.into())
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/in", listener.local_addr().unwrap());
    (listener, url)
}

/// Reads `length` bytes, writes the answer, and closes.
async fn answer_one<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, length: usize, answer: &[u8]) -> Vec<u8> {
    let mut request = vec![0; length];
    stream.read_exact(&mut request).await.unwrap();
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
    request
}

fn target(listener: TcpListener, length: usize, answer: &[u8]) -> JoinHandle<Vec<u8>> {
    let answer = answer.to_vec();
    tokio::spawn(async move { answer_one(listener.accept().await.unwrap().0, length, &answer).await })
}

/// What comes of a request that is answered like this.
async fn outcome(method: &'static str, answer: &[u8]) -> AttemptOutcome {
    let (listener, url) = listen().await;
    let outgoing = outgoing(&url, method, "{}");
    let target = target(listener, outgoing.request.wire_bytes().len(), answer);
    let (outcome, _) = client(&TlsOptions::default()).send(&outgoing, LIMIT).await;
    assert_eq!(target.await.unwrap(), outgoing.request.wire_bytes());
    outcome
}

async fn response(method: &'static str, answer: &[u8]) -> Response {
    match outcome(method, answer).await {
        AttemptOutcome::Answered(response) => response,
        AttemptOutcome::Failed(reason) => panic!("{reason}"),
    }
}

fn failed(outcome: AttemptOutcome) -> String {
    match outcome {
        AttemptOutcome::Failed(reason) => reason,
        AttemptOutcome::Answered(response) => panic!("answered: {response:?}"),
    }
}

#[tokio::test]
async fn what_goes_out_is_what_was_prepared() {
    let (listener, url) = listen().await;
    let head = Bytes::from("POST /in HTTP/1.1\r\nb:1\r\nhost: x\r\nno colon\r\nB:  2\r\nL: \u{e9}\r\n\r\n");
    let request = Request::from_head(head.clone(), parse_request(&head).unwrap(), hookview::capture::Body::whole(""));
    let capture = Capture::new(request, chrono::DateTime::UNIX_EPOCH, "127.0.0.1:5".into(), "127.0.0.1:6".into());
    let plan =
        Plan { url: url.parse().unwrap(), signing: hookview::capture::Signing::Captured, edited: None, method: None };
    let (outgoing, _) = prepare(&capture, &plan, None, &[]).unwrap();
    let host = plan.url.authority();
    let expected = format!("POST /in HTTP/1.1\r\nb:1\r\nhost: {host}\r\nno colon\r\nB:  2\r\nL: \u{e9}\r\n\r\n");
    let target = target(listener, expected.len(), b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let (outcome, AttemptTiming { connect_us, first_byte_us, total_us }) =
        client(&TlsOptions::default()).send(&outgoing, LIMIT).await;
    assert_eq!(String::from_utf8(target.await.unwrap()).unwrap(), expected);
    assert!(matches!(outcome, AttemptOutcome::Answered(_)));
    assert!(0 < connect_us && connect_us <= first_byte_us && first_byte_us <= total_us);
}

#[tokio::test]
async fn reads_answers_however_they_end() {
    let cases: [(&str, &[u8], u16, &str, &str); 9] = [
        ("POST", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok more", 200, "OK", "ok"),
        (
            "POST",
            b"HTTP/1.1 201\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nok\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n",
            201,
            "",
            "ok!",
        ),
        (
            "POST",
            b"HTTP/1.0 500 Internal Server Error\nX: y\n\nuntil close",
            500,
            "Internal Server Error",
            "until close",
        ),
        ("POST", b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n", 302, "Found", ""),
        (
            "POST",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
            204,
            "No",
            "",
        ),
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", 200, "OK", ""),
        ("POST", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, "Not Modified", ""),
        ("POST", b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nuntil close", 200, "OK", "until close"),
        ("POST", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n\x81\x00", 101, "Switching", ""),
    ];
    for (method, answer, status, reason, body) in cases {
        let response = response(method, answer).await;
        let got = (response.status, &*response.reason, &response.body[..], response.body_total);
        assert_eq!(got, (status, reason, body.as_bytes(), body.len() as u64));
    }
}

#[tokio::test]
async fn keeps_the_header_lines_of_an_answer() {
    let response = response("POST", b"HTTP/1.1 200 OK\r\nb: 1\r\nA:2\r\nB: \xe9\r\ncontent-length: 0\r\n\r\n").await;
    let lines = b"b: 1\r\nA: 2\r\nB: \xe9\r\ncontent-length: 0\r\n";
    assert_eq!(response.headers.to_lines(), lines);
}

#[tokio::test]
async fn counts_what_it_does_not_keep() {
    let mut answer = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    answer.resize(answer.len() + 3 * MAX_KEPT, b'x');
    let response = response("POST", &answer).await;
    assert_eq!((response.body.len(), response.body_total), (MAX_KEPT, 3 * MAX_KEPT as u64));
}

#[tokio::test]
async fn says_what_is_wrong_with_an_answer() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "the target closed the connection without answering"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "the target's answer is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n", "the target closed the connection in the middle of the answer's head"),
        (b"HTTP/1.1 99 No\r\n\r\n", "the target's answer is not HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            "answered 200, then closed the connection in the middle of the body, after 3 bytes",
        ),
        (
            b"HTTP/1.1 502 X\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "answered 502, but a chunk size is not a hexadecimal number",
        ),
    ];
    for (answer, sentence) in cases {
        assert_eq!(failed(outcome("POST", answer).await), sentence);
    }
    let endless = [b"HTTP/1.1 200 OK\r\n".to_vec(), b"A: b\r\n".repeat(50_000)].concat();
    assert_eq!(failed(outcome("POST", &endless).await), "the head of the target's answer is longer than 262144 bytes");
}

#[tokio::test]
async fn says_who_cannot_be_reached() {
    let (listener, url) = listen().await;
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = client(&TlsOptions::default());
    let (refused, timing) = client.send(&outgoing(&url, "POST", ""), LIMIT).await;
    assert_eq!(failed(refused), format!("connection refused by {address}: nothing listens there"));
    assert_eq!((timing.connect_us, timing.first_byte_us), (0, 0));
    let (unknown, _) = client.send(&outgoing("http://no..where/", "POST", ""), LIMIT).await;
    assert_eq!(failed(unknown), "no such host: no..where");
}

#[tokio::test]
async fn gives_up_at_the_time_limit() {
    let (listener, url) = listen().await;
    let limit = Duration::from_millis(500);
    let client = client(&TlsOptions::default());
    let (silent, timing) = client.send(&outgoing(&url, "POST", "x"), limit).await;
    assert_eq!(failed(silent), "timed out after 0.5 s: no answer");
    assert!(timing.connect_us > 0 && timing.first_byte_us == 0 && timing.total_us >= 500_000);

    let endless = tokio::spawn(async move {
        let (mut silent, _) = listener.accept().await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(b"tick").await.is_ok() {
            tokio::task::yield_now().await;
        }
        let _ = silent.read(&mut [0]).await;
    });
    let (endless_answer, _) = client.send(&outgoing(&url, "POST", "x"), limit).await;
    assert_eq!(failed(endless_answer), "timed out after 0.5 s: the answer did not end");
    endless.await.unwrap();
}

#[tokio::test]
async fn hears_an_answer_that_comes_before_all_is_sent() {
    let (listener, url) = listen().await;
    let outgoing = outgoing(&url, "POST", vec![b'x'; 50_000_000]);
    let target = target(listener, 100, b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    match client(&TlsOptions::default()).send(&outgoing, LIMIT).await.0 {
        AttemptOutcome::Answered(response) => assert_eq!(response.status, 413),
        AttemptOutcome::Failed(reason) => panic!("{reason}"),
    }
    target.await.unwrap();
}

#[tokio::test]
async fn a_resend_that_arrives_here_is_recognised() {
    let (listener, url) = listen().await;
    let resent = Resent::default();
    let client = Client::new(&TlsOptions::default(), resent.clone()).unwrap();
    let sent = Outgoing { capture: CaptureId(17), ..outgoing(&url, "POST", "x") };
    let length = sent.request.wire_bytes().len();
    let receiver = tokio::spawn(async move {
        let (stream, remote) = listener.accept().await.unwrap();
        let recognised = resent.take(&remote.to_string());
        answer_one(stream, length, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        recognised
    });
    client.send(&sent, LIMIT).await;
    assert_eq!(receiver.await.unwrap(), Some(CaptureId(17)));
}

// ---- TLS ---------------------------------------------------------------------------------------------------------

/// A target with a certificate of its own for `localhost`, which is written to `ca_file`.
async fn tls_target(ca_file: &Path) -> Url {
    let certificate = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    tls_target_with(certificate, ca_file).await
}

async fn tls_target_with(certificate: rcgen::CertificateParams, ca_file: &Path) -> Url {
    let signing_key = rcgen::KeyPair::generate().unwrap();
    let certificate = certificate.self_signed(&signing_key).unwrap();
    std::fs::write(ca_file, certificate.pem()).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer_one(stream, 20, b"HTTP/1.1 200 OK\r\n\r\nover TLS").await;
            }
        }
    });
    format!("https://localhost:{port}/in").parse().unwrap()
}

#[tokio::test]
async fn trusts_whom_it_is_told_to() {
    let directory = tempfile::TempDir::new().unwrap();
    let ca_file = directory.path().join("ca.pem");
    let url = tls_target(&ca_file).await;
    let send =
        async |options: TlsOptions, url: String| client(&options).send(&outgoing(&url, "POST", "x"), LIMIT).await.0;
    let by_address = url.to_string().replace("localhost", "127.0.0.1");
    let with_ca = TlsOptions { ca_file: Some(ca_file), insecure: false, ..TlsOptions::default() };
    for (options, url) in [
        (with_ca.clone(), url.to_string()),
        (TlsOptions { ca_file: None, insecure: true, ..TlsOptions::default() }, url.to_string()),
        (TlsOptions { ca_file: None, insecure: true, ..TlsOptions::default() }, by_address.clone()),
    ] {
        match send(options, url).await {
            AttemptOutcome::Answered(response) => assert_eq!(response.body, "over TLS"),
            AttemptOutcome::Failed(reason) => panic!("{reason}"),
        }
    }
    let untrusted = failed(send(TlsOptions::default(), url.to_string()).await);
    assert!(untrusted.starts_with("TLS: the certificate of localhost is not trusted"), "{untrusted}");
    assert!(untrusted.ends_with("give its CA with --ca-file, or use --insecure to accept any"), "{untrusted}");
    let other_name = failed(send(with_ca, by_address).await);
    let sentence =
        "TLS: the certificate is not for 127.0.0.1: use the name it was made for, or --insecure to accept any";
    assert_eq!(other_name, sentence);
}

/// `openssl req -x509` makes a CA of every certificate.
#[tokio::test]
async fn trusts_a_certificate_that_is_itself_listed() {
    let directory = tempfile::TempDir::new().unwrap();
    let [ca_file, other_file] = ["ca.pem", "other.pem"].map(|name| directory.path().join(name));
    let authority = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut certificate = rcgen::CertificateParams::new(names).unwrap();
        certificate.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        certificate
    };
    let send = async |url: &Url, ca_file: &Path| {
        let options = TlsOptions { ca_file: Some(ca_file.to_owned()), insecure: false, ..TlsOptions::default() };
        client(&options).send(&outgoing(&url.to_string(), "POST", "x"), LIMIT).await.0
    };
    tls_target(&other_file).await;
    for (names, is_for_localhost) in [(&["localhost"][..], true), (&[], true), (&["example.com"], false)] {
        let url = tls_target_with(authority(names), &ca_file).await;
        match send(&url, &ca_file).await {
            AttemptOutcome::Answered(response) if is_for_localhost => assert_eq!(response.body, "over TLS"),
            AttemptOutcome::Failed(reason) if !is_for_localhost => {
                assert!(reason.starts_with("TLS: the certificate is not for localhost: "), "{reason}");
            }
            outcome => panic!("{names:?}: {outcome:?}"),
        }
        let unlisted = failed(send(&url, &other_file).await);
        let sentence = "TLS: the certificate of localhost is not trusted (it is not fit for a server): \
                        give its CA with --ca-file, or use --insecure to accept any";
        assert_eq!(unlisted, sentence);
    }
    let mut expired = authority(&["localhost"]);
    expired.not_after = rcgen::date_time_ymd(2000, 1, 1);
    let url = tls_target_with(expired, &ca_file).await;
    let refused = failed(send(&url, &ca_file).await);
    assert!(refused.starts_with("TLS: the certificate of localhost has expired: "), "{refused}");
}

#[tokio::test]
async fn says_when_the_other_side_speaks_no_tls() {
    let (listener, url) = listen().await;
    let target = target(listener, 20, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    let url: Url = url.replace("http", "https").parse().unwrap();
    let (outcome, _) = client(&TlsOptions::default()).send(&outgoing(&url.to_string(), "POST", ""), LIMIT).await;
    let sentence = format!("TLS: {} does not speak TLS: use http:// in the URL", url.authority());
    assert_eq!(failed(outcome), sentence);
    target.await.unwrap();
}

#[test]
fn refuses_a_ca_file_that_holds_none() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("ca.pem");
    let refused = |options: &TlsOptions| match Client::new(options, Resent::default()) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("accepted"),
    };
    let options = TlsOptions { ca_file: Some(file.clone()), insecure: false, ..TlsOptions::default() };
    assert!(refused(&options).starts_with("cannot read certificates from "), "{}", refused(&options));
    std::fs::write(&file, "not PEM").unwrap();
    assert!(refused(&options).starts_with("there is no certificate in "), "{}", refused(&options));
    std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n").unwrap();
    assert!(refused(&options).starts_with("cannot read certificates from "), "{}", refused(&options));
}
