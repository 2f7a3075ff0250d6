//! TLS, as clients see it: what they get, and what is kept of those who fail.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use hookview::capture::{Capture, EndingKind, Fault, HttpVersion, Play, ProblemKind};
use hookview::receiver::tls::{Identity, ServerTls, read_certificates};
use hookview::receiver::{Door, Limits, bind};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::version::TLS12;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::support::{LOCALHOST, Recorder, Running, soon};

/// An authority with what it issued, in a directory.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: tempfile::TempDir,
}

/// A certificate with its key.
type Pair = (CertificateDer<'static>, PrivateKeyDer<'static>);

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::called("the tests"));

impl Authority {
    fn called(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, directory }
    }

    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// What a client shows.
    fn client(&self, name: &str) -> Pair {
        let (certificate, key) = self.issue(name);
        (certificate.der().clone(), PrivateKeyDer::Pkcs8(key.serialize_der().into()))
    }

    /// A server's certificate and key in one file.
    fn server(&self) -> Identity {
        let (certificate, key) = self.issue("server");
        let path = self
            .directory
            .path()
            .join(format!("{}.pem", key.public_key_raw().iter().map(|&byte| u64::from(byte)).sum::<u64>()));
        std::fs::write(&path, certificate.pem() + &key.serialize_pem()).unwrap();
        Identity::read(&path, &path).unwrap()
    }
}

/// A receiver with TLS; clients must show a certificate of the authority when asked to.
async fn secured(asks_client: bool, limits: Limits) -> Running {
    behind_tls(asks_client, limits, Recorder::default())
}

fn behind_tls(asks_client: bool, limits: Limits, recorder: Recorder) -> Running {
    let cas = read_certificates(&AUTHORITY.directory.path().join("ca.pem")).unwrap();
    let tls = ServerTls::new(AUTHORITY.server(), asks_client.then_some(&cas[..])).unwrap();
    let doors = bind(&[LOCALHOST], 0).unwrap().into_iter();
    let doors = doors.map(|listener| Door::from(listener).with_tls(Some(tls.clone()))).collect();
    Running::behind(doors, limits, recorder)
}

/// A client that trusts the authority.
#[derive(Default)]
struct Client {
    distrusts: bool,
    old: bool,
    protocols: Vec<&'static str>,
    shows: Option<Pair>,
}

impl Client {
    fn speaking(protocols: &[&'static str]) -> Self {
        Self { protocols: protocols.to_vec(), ..Self::default() }
    }

    async fn connect(self, running: &Running) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        if !self.distrusts {
            roots.add(AUTHORITY.issuer.der().clone()).unwrap();
        }
        let builder = ClientConfig::builder_with_provider(ring::default_provider().into());
        let builder = match self.old {
            true => builder.with_protocol_versions(&[&TLS12]).unwrap(),
            false => builder.with_safe_default_protocol_versions().unwrap(),
        };
        let builder = builder.with_root_certificates(roots);
        let mut config = match self.shows {
            Some((certificate, key)) => builder.with_client_auth_cert(vec![certificate], key).unwrap(),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = self.protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let stream = TcpStream::connect(running.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        soon("a handshake", TlsConnector::from(Arc::new(config)).connect(name, stream)).await
    }
}

async fn exchange(mut stream: TlsStream<TcpStream>, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon("an answer", stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

const POST: &str = "POST /a HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";

fn failure(capture: &Capture) -> &str {
    let problem = capture.problem.as_ref().unwrap();
    assert_eq!((problem.kind, &capture.answer), (ProblemKind::TlsFailed, &None));
    assert!(capture.request.method.is_empty());
    assert_eq!(capture.tls.as_ref().unwrap().version, "");
    &problem.text
}

#[tokio::test]
async fn http_and_https_come_in_by_the_same_port() {
    let running = secured(false, Limits::default()).await;
    for (client, version) in [(Client::default(), "TLS 1.3"), (Client { old: true, ..Client::default() }, "TLS 1.2")] {
        let answer = exchange(client.connect(&running).await.unwrap(), POST).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("ok\n"), "{answer}");
        let capture = running.capture().await;
        assert_eq!((capture.problem, &capture.request.body.bytes[..]), (None, &b"{}"[..]));
        let tls = capture.tls.unwrap();
        assert_eq!((tls.version.as_str(), tls.alpn, tls.client), (version, None, None));
        assert_eq!(tls.server_name.as_deref(), Some("localhost"));
    }
    let (plain, reply) = running.exchange(POST).await;
    assert_eq!((reply.status, plain.problem, plain.tls), (200, None, None));
}

#[tokio::test]
async fn http2_is_agreed_on() {
    let running = secured(false, Limits::default()).await;
    let stream = Client::speaking(&["h2", "http/1.1"]).connect(&running).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let request = Request::post("https://localhost/h2").body(Full::new(Bytes::from_static(b"{}"))).unwrap();
    let response = soon("a response", sender.send_request(request)).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ok\n");
    let capture = running.capture().await;
    assert_eq!((capture.request.version, &capture.request.body.bytes[..]), (HttpVersion::Http2, &b"{}"[..]));
    assert_eq!(capture.tls.unwrap().alpn.as_deref(), Some("h2"));
}

#[tokio::test]
async fn a_client_that_does_not_trust_us_is_kept_with_its_reason() {
    let running = secured(false, Limits::default()).await;
    let client = Client { distrusts: true, ..Client::default() };
    assert!(client.connect(&running).await.is_err());
    let capture = running.capture().await;
    assert_eq!(failure(&capture), "the client does not trust this certificate: unknown ca");
    assert_eq!(capture.tls.as_ref().unwrap().server_name.as_deref(), Some("localhost"));
    assert_eq!(capture.request.head[..1], [0x16]);
}

#[tokio::test]
async fn a_client_without_a_protocol_of_ours_is_told_and_kept() {
    let running = secured(false, Limits::default()).await;
    assert!(Client::speaking(&["spdy/3", "h3"]).connect(&running).await.is_err());
    assert_eq!(failure(&running.capture().await), "the client speaks neither h2 nor http/1.1: it offers spdy/3, h3");
}

#[tokio::test]
async fn what_is_no_handshake_after_all_is_kept_with_its_reason() {
    let limits = Limits { handshake_timeout: Duration::from_millis(300), ..Limits::default() };
    let running = secured(false, limits).await;
    // A hello that offers TLS 1.0 and one cipher suite of its time.
    let body = [&b"\x03\x01"[..], &[7; 32], b"\0\0\x02\0\x2f\x01\0"].concat();
    let length = u8::try_from(body.len()).unwrap();
    let old = [&[0x16, 3, 1, 0, length + 4, 1, 0, 0, length], &body[..]].concat();
    let cases: [(&[u8], bool, &str); 4] = [
        (&old, false, "the client offers only TLS 1.0: it must speak TLS 1.2 or 1.3"),
        (b"\x16\x03\x01\0\x05hello", false, "what the client sent is not TLS"),
        (
            &old[..20],
            true,
            "the client closed the connection during the handshake, without saying why: perhaps it does not trust this certificate",
        ),
        (&old[..20], false, "the TLS handshake was not complete after 300 ms"),
    ];
    for (bytes, closes, reason) in cases {
        let mut client = running.client().await;
        client.send(bytes).await;
        if closes {
            client.half_close().await;
        }
        let capture = running.capture().await;
        assert_eq!(failure(&capture), reason);
        assert_eq!(capture.request.head, bytes);
    }
}

#[tokio::test]
async fn a_clients_certificate_is_shown() {
    let running = secured(true, Limits::default()).await;
    let client = Client { shows: Some(AUTHORITY.client("netbox")), ..Client::default() };
    assert!(exchange(client.connect(&running).await.unwrap(), POST).await.starts_with("HTTP/1.1 200 "));
    let client = running.capture().await.tls.unwrap().client.unwrap();
    assert_eq!((&client.subject[..], &client.issuer[..]), ("CN=netbox", "CN=the tests"));
    assert!(client.not_after.ends_with('Z') && client.fingerprint.len() == 64, "{client:?}");
}

#[tokio::test]
async fn a_client_without_a_certificate_or_with_that_of_a_stranger_fails() {
    let running = secured(true, Limits::default()).await;
    let stranger = Authority::called("strangers").client("netbox");
    for (shows, reason) in [
        (None, "no client certificate: this port asks for one, the client showed none"),
        (Some(stranger), "the client's certificate is not accepted: none of those in --client-ca issued it"),
    ] {
        // With TLS 1.3 a client is done before the server has looked: it hears of it when it reads.
        if let Ok(mut stream) = (Client { shows, ..Client::default() }).connect(&running).await {
            let error = soon("an alert", stream.read_to_end(&mut Vec::new())).await.unwrap_err();
            assert!(error.to_string().contains("alert"), "{error}");
        }
        assert_eq!(failure(&running.capture().await), reason);
    }
}

#[tokio::test]
async fn plain_http_is_no_way_around_a_certificate() {
    let running = secured(true, Limits::default()).await;
    let (capture, reply) = running.exchange("POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!((reply.status, capture.problem.unwrap().kind), (400, ProblemKind::TlsFailed));
    assert!(reply.body.contains("https://"), "{}", reply.body);
    assert_eq!(capture.request.target_text(), "/a");
}

#[tokio::test]
async fn a_client_that_ends_tls_without_a_word_has_closed() {
    let running = secured(false, Limits::default()).await;
    let mut stream = Client::default().connect(&running).await.unwrap();
    stream.write_all(b"POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf").await.unwrap();
    let (mut socket, _) = stream.into_inner();
    socket.shutdown().await.unwrap();
    let problem = running.capture().await.problem.unwrap();
    assert_eq!(problem.text, "the connection closed after 4 of 9 body bytes");
}

/// What a client gets of an answer with this fault, and how its connection ended.
async fn played(fault: Fault) -> (String, std::io::Result<usize>) {
    let recorder = Recorder::playing(Play { fault: Some(fault), ..Play::default() });
    let running = behind_tls(false, Limits::default(), recorder);
    let mut stream = Client::default().connect(&running).await.unwrap();
    stream.write_all(POST.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    let end = soon("the end", stream.read_to_end(&mut seen)).await;
    assert_eq!(running.ending().await, EndingKind::Played);
    (seen.escape_ascii().to_string(), end)
}

#[tokio::test]
async fn faults_are_played_over_tls() {
    let (seen, end) = played(Fault::Close).await;
    assert_eq!((&seen[..], end.unwrap()), ("", 0), "closed with a word");
    let (_, end) = played(Fault::Reset).await;
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    let (seen, _) = played(Fault::Cut { after: 2 }).await;
    assert!(seen.ends_with("\\r\\n\\r\\nok"), "{seen}");
    let (seen, _) = played(Fault::Drip { pause_ms: 0 }).await;
    assert!(seen.ends_with("\\r\\n\\r\\nok\\n"), "{seen}");
    let (seen, _) = played(Fault::Garbage).await;
    assert!(seen.starts_with("\\x00\\xff hookview"), "{seen}");
}

#[tokio::test]
async fn a_client_that_ends_tls_while_it_waits_gave_up() {
    for says_so in [true, false] {
        let recorder = Recorder::playing(Play { fault: Some(Fault::Hang), ..Play::default() });
        let running = behind_tls(false, Limits::default(), recorder);
        let mut stream = Client::default().connect(&running).await.unwrap();
        stream.write_all(POST.as_bytes()).await.unwrap();
        running.capture().await;
        if says_so {
            stream.shutdown().await.unwrap();
        }
        drop(stream);
        assert_eq!(running.ending().await, EndingKind::GaveUp);
    }
}
