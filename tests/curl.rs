//! The curl command, judged by those who run it: sh and bash with a curl that records its arguments, terminals that
//! it is pasted into, and the real curl against a socket.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on panics")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use bytes::Bytes;
use hookview::capture::{Body, HttpVersion, Request, parse_request};
use hookview::export::{CurlCommand, Url, curl};
use http_body_util::{BodyExt, Empty};
use proptest::prelude::*;
use tempfile::TempDir;

const SHELLS: [&str; 2] = ["sh", "bash"];

fn request(head: &[u8], body: &[u8]) -> Request {
    let head = Bytes::copy_from_slice(head);
    let parsed = parse_request(&head).unwrap_or_else(|error| panic!("{error}: {head:?}"));
    Request::from_head(head, parsed, Body::whole(body.to_vec()))
}

fn post(headers: &str, body: &[u8]) -> Request {
    request(format!("POST /h HTTP/1.1\r\nHost: 127.0.0.1:9000\r\n{headers}\r\n").as_bytes(), body)
}

fn command(request: &Request) -> CurlCommand {
    curl(request, &"http://127.0.0.1:9000".parse().unwrap(), |_| false)
}

// ---- sh and bash, with a curl that records -----------------------------------------------------------------------

/// What a curl was called with.
#[derive(Debug, PartialEq, Eq)]
struct Call {
    arguments: Vec<Vec<u8>>,
    input: Vec<u8>,
}

/// A directory with a `curl` that writes its arguments and its input to files, and an empty one to work in.
struct Recorder {
    root: TempDir,
}

impl Recorder {
    fn new() -> Self {
        let recorder = Self { root: TempDir::new().unwrap() };
        for directory in ["bin", "work", "calls"] {
            std::fs::create_dir(recorder.path(directory)).unwrap();
        }
        let curl = recorder.path("bin").join("curl");
        let script = "#!/bin/sh\ncd \"$RECORD\" && mkdir call && cd call || exit 9\n\
                      for a in \"$@\"; do printf '%s\\0' \"$a\"; done > arguments\ncat > input\n";
        std::fs::write(&curl, script).unwrap();
        std::fs::set_permissions(&curl, PermissionsExt::from_mode(0o755)).unwrap();
        recorder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn environment(&self) -> [(&'static str, String); 2] {
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", self.path("bin").display());
        [("PATH", path), ("RECORD", self.path("calls").display().to_string())]
    }

    /// Runs a text; it must call curl once and do nothing else.
    fn run(&self, shell: &str, text: &str) -> Call {
        let script = self.path("script");
        std::fs::write(&script, text).unwrap();
        let mut child = Command::new(shell);
        child.arg(&script).current_dir(self.path("work")).envs(self.environment()).stdin(Stdio::null());
        let output = child.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.is_empty() && output.stdout.is_empty(), "{shell}: {said}\n{text}");
        self.taken()
    }

    /// The one call, which is forgotten.
    fn taken(&self) -> Call {
        assert_eq!(std::fs::read_dir(self.path("work")).unwrap().count(), 0, "another command ran");
        let call = self.path("calls").join("call");
        let arguments = std::fs::read(call.join("arguments")).unwrap();
        let mut arguments: Vec<Vec<u8>> = arguments.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect();
        arguments.pop();
        let input = std::fs::read(call.join("input")).unwrap();
        std::fs::remove_dir_all(call).unwrap();
        Call { arguments, input }
    }
}

/// What a curl that is called like this sends, as far as the command uses curl.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sent {
    method: Vec<u8>,
    target: Vec<u8>,
    lines: Vec<Vec<u8>>,
    body: Vec<u8>,
}

fn interpret(call: Call) -> Sent {
    let mut sent = Sent { method: b"GET".to_vec(), ..Sent::default() };
    let mut arguments = call.arguments.into_iter();
    let (mut method, mut target) = (None, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value");
        match &argument[..] {
            b"-X" => method = Some(value()),
            b"--request-target" => target = Some(value()),
            b"-H" => sent.lines.push(value()),
            b"--data-raw" => (sent.method, sent.body) = (b"POST".to_vec(), value()),
            b"--data-binary" => {
                assert_eq!(value(), b"@-");
                (sent.method, sent.body) = (b"POST".to_vec(), call.input.clone());
            }
            b"--head" => sent.method = b"HEAD".to_vec(),
            b"--globoff" | b"--path-as-is" | b"--http1.0" => {}
            url => sent.target = url.strip_prefix(b"http://127.0.0.1:9000").expect("a URL").to_vec(),
        }
    }
    sent.method = method.unwrap_or(sent.method);
    sent.target = target.unwrap_or(sent.target);
    // A name without a value switches off a line that curl would add.
    sent.lines.retain(|line| line.iter().position(|&byte| byte == b':') != Some(line.len() - 1));
    for line in sent.lines.iter_mut().filter(|line| line.ends_with(b";") && !line.contains(&b':')) {
        line.pop();
        line.push(b':');
    }
    sent
}

fn expected(request: &Request) -> Sent {
    let length = format!("Content-Length: {}", request.body.bytes.len());
    let mut lines: Vec<Vec<u8>> = hookview::export::header_lines(request).iter().map(|line| line.to_vec()).collect();
    // curl's own lines: a first Host that says what the URL says, and a last length that is right.
    let hosts = request.headers.all("host").count();
    if hosts == 1 && lines.first().is_some_and(|line| line == b"Host: 127.0.0.1:9000") {
        lines.remove(0);
    }
    if !request.body.bytes.is_empty() && lines.last().is_some_and(|line| line == length.as_bytes()) {
        lines.pop();
    }
    let body = request.body.bytes.to_vec();
    Sent { method: request.method.to_vec(), target: request.target.to_vec(), lines, body }
}

fn check_text(text: &str) {
    let harmless = |char: char| char == '\n' || !char.is_control();
    assert!(text.chars().all(harmless), "control characters: {text:?}");
    assert!(text.lines().all(|line| line.len() < 4095), "a terminal cuts lines this long");
}

/// Bits that mean something to shells, terminals, printf or curl.
const NASTY: [&str; 44] = [
    "'",
    "\"",
    "`touch pwned`",
    "$(touch pwned)",
    "; touch pwned #",
    "\n",
    "\ntouch pwned\n",
    "\\",
    "\\'",
    "'\\''",
    "!",
    "!!",
    "^a^b",
    "%s",
    "%",
    "\\033",
    "\\0",
    "EOF",
    "\nEOF\n",
    "@",
    "{a,b}",
    "[1-3]",
    "*",
    "~",
    "-",
    "--",
    "&",
    "| touch pwned",
    "> pwned",
    "<",
    "#",
    "$HOME",
    "\t",
    "\r",
    "\x1b[201~",
    "\x1b]52;c;AA==\x07",
    "\x08",
    "\x7f",
    "\u{202e}",
    "\u{9b}",
    "ü",
    "\0",
    " ",
    "\u{1f600}",
];

fn nasty_bytes(bits: usize) -> impl Strategy<Value = Vec<u8>> {
    let bit = prop_oneof![
        6 => proptest::sample::select(&NASTY[..]).prop_map(|bit| bit.as_bytes().to_vec()),
        2 => "[a-zA-Z0-9]{1,6}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
        1 => Just(vec![b'x'; 3890]),
    ];
    proptest::collection::vec(bit, 0..bits).prop_map(|bits| bits.concat())
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// Without what ends a line or, at its ends, is not part of a value.
fn nasty_value() -> impl Strategy<Value = Vec<u8>> {
    nasty_bytes(5).prop_map(|mut bytes| {
        bytes.retain(|byte| !matches!(byte, b'\n' | 0));
        let from = bytes.iter().position(|&byte| !is_blank(byte)).unwrap_or(bytes.len());
        let to = bytes.iter().rposition(|&byte| !is_blank(byte)).map_or(from, |last| last + 1);
        bytes[from..to].to_vec()
    })
}

fn nasty_line() -> impl Strategy<Value = Vec<u8>> {
    let known = ["Host", "host", "User-Agent", "Accept", "accept", "Content-Type", "Cookie", "Authorization", "X-A"];
    let known = proptest::sample::select(known.map(|name| name.as_bytes().to_vec()).to_vec());
    let odd = nasty_value().prop_map(|mut name| {
        name.retain(|byte| !matches!(byte, b':' | b'\r' | b';'));
        if name.first().is_none_or(|&first| first == b'@' || is_blank(first)) { b"X!".to_vec() } else { name }
    });
    (prop_oneof![3 => known, 1 => odd], any::<bool>(), nasty_value()).prop_map(|(name, blank, value)| {
        let colon: &[u8] = if blank && !value.is_empty() { b": " } else { b":" };
        [&name[..], colon, &value].concat()
    })
}

prop_compose! {
    fn nasty_request()(
        method in prop_oneof!["GET|POST|PUT|DELETE|OPTIONS", "[!#$%&'*+.^_`|~A-Za-z0-9-]{1,6}"],
        mut target in nasty_value(), slash in any::<bool>(), version in "1\\.[01]",
        mut lines in proptest::collection::vec(nasty_line(), 0..6), host in any::<bool>(), length_at in 0usize..9,
        body in nasty_bytes(6),
    ) -> Request {
        target.retain(|&byte| byte != b'\r');
        if slash || target.is_empty() {
            target.insert(0, b'/');
        }
        if host {
            lines.insert(0, b"Host: 127.0.0.1:9000".to_vec());
        }
        if !body.is_empty() {
            lines.insert(length_at.min(lines.len()), format!("Content-Length: {}", body.len()).into_bytes());
        }
        let method = if method == "HEAD" { "HEED".to_owned() } else { method };
        let mut head = [method.as_bytes(), b" ", &target, b" HTTP/", version.as_bytes(), b"\r\n"].concat();
        for line in lines {
            head.extend_from_slice(&line);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        request(&head, &body)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_request_becomes_another_command(request in nasty_request()) {
        let command = command(&request);
        check_text(&command.text);
        let recorder = Recorder::new();
        for shell in SHELLS {
            let sent = interpret(recorder.run(shell, &command.text));
            prop_assert_eq!(&sent, &expected(&request), "{} {}", shell, &command.text);
        }
    }
}

#[test]
fn every_byte_survives_in_a_header_and_in_a_body() {
    let bytes = |keep: fn(&u8) -> bool| (1..=255).filter(keep).collect::<Vec<u8>>();
    let value = bytes(|byte| *byte != b'\n');
    let head = [b"POST /h HTTP/1.1\r\nHost: 127.0.0.1:9000\r\nX: a", &value[..], b"z\r\n\r\n"].concat();
    let recorder = Recorder::new();
    for body in [bytes(|_| true), bytes(|&byte| byte < 128), bytes(|byte| (32..127).contains(byte)), vec![0; 300_000]] {
        let request = request(&head, &body);
        for shell in SHELLS {
            assert_eq!(interpret(recorder.run(shell, &command(&request).text)), expected(&request), "{shell}");
        }
    }
}

// ---- pasted into a terminal --------------------------------------------------------------------------------------

/// Pastes a text into an interactive shell, presses enter, and leaves.
fn paste(recorder: &Recorder, shell: &[&str], text: &str) -> Call {
    let pair = portable_pty::native_pty_system().openpty(portable_pty::PtySize::default()).unwrap();
    let mut command = portable_pty::CommandBuilder::new(shell[0]);
    command.args(&shell[1..]);
    command.cwd(recorder.path("work"));
    command.env("HISTFILE", "/dev/null");
    for (name, value) in recorder.environment() {
        command.env(name, value);
    }
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut screen = pair.master.try_clone_reader().unwrap();
    let drain = std::thread::spawn(move || screen.read_to_end(&mut Vec::new()));
    let mut keys = pair.master.take_writer().unwrap();
    keys.write_all(format!("{text} </dev/null\nexit\n").as_bytes()).unwrap();
    let (ended, end) = std::sync::mpsc::channel::<()>();
    let mut killer = child.clone_killer();
    let watch = std::thread::spawn(move || end.recv_timeout(Duration::from_secs(20)).or_else(|_| killer.kill()));
    child.wait().unwrap();
    let _ = ended.send(());
    watch.join().unwrap().unwrap();
    drop((keys, pair.master));
    let _ = drain.join().unwrap();
    recorder.taken()
}

#[test]
fn pasting_into_a_terminal_runs_curl_and_nothing_else() {
    let recorder = Recorder::new();
    let attack = "{\n\"a\": \"!!\"}' !touch\n^a^b\n!?\ntouch pwned\n".repeat(3);
    let at_the_cut = |at: usize| format!("{}'\ntouch pwned\n", "x".repeat(at));
    for body in [attack, at_the_cut(4080), at_the_cut(4090), "long ".repeat(4000)] {
        let length = body.len();
        let request = post(&format!("Content-Length: {length}\r\nX: a!b \x1b[201~\r\n"), body.as_bytes());
        for shell in [&["sh", "-i"][..], &["bash", "--norc", "--noprofile", "-i"]] {
            let sent = interpret(paste(&recorder, shell, &command(&request).text));
            assert_eq!(sent, expected(&request), "{shell:?}");
        }
    }
}

#[test]
fn what_is_left_out_is_said_and_never_run() {
    let (recorder, name) = (Recorder::new(), "'$(touch pwned)`touch pwned`;touch pwned|touch pwned!!\\\u{9b}");
    let request = post(&format!("@{name}: x\r\n{name}\r\nB: d\n@{}: y\r\n", "x".repeat(5000)), b"");
    let command = command(&request);
    check_text(&command.text);
    assert_eq!(command.text.lines().take_while(|line| line.starts_with("# ")).count(), command.notes.len());
    for shell in [&["sh", "-i"][..], &["bash", "--norc", "--noprofile", "-i"]] {
        assert_eq!(interpret(paste(&recorder, shell, &command.text)).lines, [b"B: d"], "{shell:?}");
    }
}

// ---- the real curl -----------------------------------------------------------------------------------------------

/// Reads one request of a known length, answers, and reads on to see that nothing follows.
fn receive(listener: &TcpListener, length: usize) -> Vec<u8> {
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match stream.read(&mut bytes[filled..]) {
            Ok(0) | Err(_) => break,
            Ok(more) => filled += more,
        }
    }
    bytes.truncate(filled);
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

/// Whether there is a curl, with this feature when it is not empty.
fn has_curl(feature: &str) -> bool {
    let output = Command::new("curl").arg("--version").output();
    let has = output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(feature));
    if !has {
        eprintln!("no curl {feature}: skipped");
    }
    has
}

/// Runs the command for `request` in a shell; what the socket got must be the request, byte for byte.
fn sends_the_same(shell: &str, request: &Request) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let text = curl(request, &url, |_| false).text;
    let wire = request.wire_bytes();
    let (work, length) = (TempDir::new().unwrap(), wire.len());
    let received = std::thread::spawn(move || receive(&listener, length));
    let output = run_script(work.path(), shell, &text);
    if !output.status.success() && !received.is_finished() {
        let _ = TcpStream::connect(url.authority());
    }
    let received = received.join().unwrap();
    assert_eq!(received.escape_ascii().to_string(), wire.escape_ascii().to_string(), "{shell}: {text}\n{output:?}");
}

fn run_script(work: &Path, shell: &str, text: &str) -> Output {
    let script = work.join("script");
    std::fs::write(&script, text).unwrap();
    let mut command = Command::new(shell);
    command.arg(script).current_dir(work).env("no_proxy", "*").env("CURL_HOME", work).stdin(Stdio::null());
    command.output().unwrap()
}

#[test]
fn the_real_curl_sends_the_same_bytes() {
    if !has_curl("") {
        return;
    }
    let long = vec![7; 2_000_000];
    let cases: [(&str, &[u8]); 16] = [
        ("GET / HTTP/1.1\r\nhost: hooks.example.com\r\nAccept: */*", b""),
        ("GET / HTTP/1.0", b""),
        ("GET /a/../b/./%2e%2e/{a,b}/[1-3]?q={x}#f HTTP/1.1\r\nHost: x", b""),
        ("GET http://other/a b?ü HTTP/1.1\r\nX:1\r\nHost:  x\r\nB:\r\nb:2 ", b""),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\nHost: b", b""),
        ("HEAD /x HTTP/1.1\r\nHost: x", b""),
        ("POST / HTTP/1.1\r\nHost: x", b""),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0", b""),
        ("DELETE /1 HTTP/1.1\r\nHost:\r\nContent-Length: 2\r\nX: y", b"{}"),
        ("GET /1 HTTP/1.1\r\nX: y\r\nContent-Length: 4\r\nHost: z", b"@/x\n"),
        ("P'T / HTTP/1.1\r\nHost: x\r\ncontent-length: 5", b"\0\xff\r\n!"),
        ("POST / HTTP/1.1\r\nHost: x\r\nA b: c\r\nd;e: f\r\nTab\tname: v\r\nL: \u{85}\x1b\rx", b""),
        ("PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1", b"x"),
        ("POST / HTTP/1.1\r\nHost: x\r\nCookie: a\r\ncookie: b\r\nUser-Agent:\r\nUser-Agent: b\r\nTE: trailers", b""),
        ("POST / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: Upgrade\r\nUpgrade: h2c", b""),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data\r\nContent-Length: 2000000", &long),
    ];
    for (head, body) in cases {
        sends_the_same("sh", &request(format!("{head}\r\n\r\n").as_bytes(), body));
    }
}

#[test]
fn the_real_curl_sends_chunks() {
    if !has_curl("") {
        return;
    }
    for (body, framed) in [("hello", "5\r\nhello\r\n0\r\n\r\n"), ("", "0\r\n\r\n")] {
        for method in ["POST", "GET"] {
            let head = format!("{method} / HTTP/1.1\r\nHost: x\r\ntransfer-encoding: chunked\r\nB: c\r\n\r\n");
            let mut request = request(head.as_bytes(), body.as_bytes());
            request.body.framed = Some(framed.into());
            sends_the_same("sh", &request);
        }
    }
}

/// What one HTTP/2 request said: its fields and body.
async fn receive_http2(listener: tokio::net::TcpListener) -> (Vec<String>, Bytes) {
    let (stream, _) = listener.accept().await.unwrap();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let tell = tell.clone();
        async move {
            let (head, body) = request.into_parts();
            let mut fields = vec![format!("{} {}", head.method, head.uri)];
            fields.extend(head.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())));
            tell.send((fields, body.collect().await.unwrap().to_bytes())).unwrap();
            Ok::<_, std::convert::Infallible>(hyper::Response::new(Empty::<Bytes>::new()))
        }
    });
    let io = hyper_util::rt::TokioIo::new(stream);
    hyper::server::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new())
        .serve_connection(io, service)
        .await
        .unwrap();
    told.recv().await.unwrap()
}

#[tokio::test]
async fn the_real_curl_speaks_http2() {
    if !has_curl("HTTP2") {
        return;
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let mut request = Request { version: HttpVersion::Http2, ..Request::default() };
    (request.method, request.target) = ("PUT".into(), "/a?b".into());
    for (name, value) in [(":method", "PUT"), (":path", "/a?b"), (":authority", "hook.example"), ("a", "b")] {
        request.headers.push(name, value);
    }
    request.body = Body::whole("{}");
    let text = curl(&request, &url, |_| false).text;
    let work = TempDir::new().unwrap();
    let run = tokio::task::spawn_blocking(move || run_script(work.path(), "sh", &text));
    let (fields, body) = receive_http2(listener).await;
    assert!(run.await.unwrap().status.success());
    assert_eq!((fields, &body[..]), (vec!["PUT http://hook.example/a?b".to_owned(), "a: b".to_owned()], &b"{}"[..]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_real_curl_sends_any_request_as_it_was(request in nasty_request(), bash in any::<bool>()) {
        if has_curl("") {
            sends_the_same(SHELLS[usize::from(bash)], &request);
        }
    }
}
