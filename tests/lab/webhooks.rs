//! Webhook definitions: checked whole, and sent on, signed.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use super::{Bench, told};

const DEFINITION: &str = "\
system = 'peering-manager'
url = 'http://{{ data.host }}/hook'
headers = '''
X-Event: {{ event }}
'''
body_file = 'slack.j2'
secret = 'pm'
shape = 'slack'
";

/// Answers one request with a status; gives the address, and the request.
fn target(status: &'static str) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let taken = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut chunk = [0; 4096];
        while !request.ends_with(b"}") {
            let count = stream.read(&mut chunk).unwrap();
            assert!(count > 0, "the request is whole");
            request.extend_from_slice(&chunk[..count]);
        }
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        String::from_utf8(request).unwrap()
    });
    (address, taken)
}

fn bench(host: &str) -> Bench {
    let bench = Bench::new();
    bench.write("hook.toml", DEFINITION);
    bench.write("slack.j2", "{\"text\": {{ data.text | tojson }}}");
    bench.write("context.json", &format!(r#"{{"event": "update", "data": {{"host": "{host}", "text": "hi"}}}}"#));
    bench.write("config.toml", "[secrets]\npm = \"secret\"\n");
    bench
}

const SEND: [&str; 7] = ["render", "hook.toml", "--context", "context.json", "--send", "--config", "config.toml"];

#[test]
fn a_definition_is_sent_signed_as_its_system_signs() {
    let (address, taken) = target("200 OK");
    let (code, out, err) = told(bench(&address).run(&SEND, ""));
    assert_eq!((code, out.as_str()), (0, r#"{"text": "hi"}"#), "{err}");
    assert!(err.contains("200 OK  ") && err.contains(&format!("POST http://{address}/hook")), "{err}");
    let request = taken.join().unwrap();
    let signature = "X-Hook-Signature: ";
    let digits = request.split(signature).nth(1).and_then(|rest| rest.split("\r\n").next()).unwrap();
    assert_eq!(digits.len(), 128, "{request}");
    assert!(request.starts_with("POST /hook HTTP/1.1\r\nHost: "), "{request}");
    assert!(
        request.contains("\r\nX-Event: update\r\n") && request.ends_with("\r\n\r\n{\"text\": \"hi\"}"),
        "{request}"
    );
    let bench = bench(&address);
    bench.write("body", r#"{"text": "hi"}"#);
    bench.write("pm.secret", "secret");
    let (_, expected, _) =
        told(bench.run(&["sign", "--scheme", "netbox", "--secret-file", "pm.secret", "--body", "body"], ""));
    assert!(expected.contains(digits), "{expected}");
}

#[test]
fn peering_manager_counts_202_as_failed() {
    let (address, taken) = target("202 Accepted");
    let (code, _, err) = told(bench(&address).run(&SEND, ""));
    taken.join().unwrap();
    assert!(code == 1 && err.contains("202 Accepted"), "{err}");
}

#[test]
fn what_the_target_would_not_take_is_said_without_sending() {
    let bench = bench("127.0.0.1:9");
    bench.write("slack.j2", "{\"txt\": 1}");
    let (code, out, err) = told(bench.run(&["render", "hook.toml", "--context", "context.json"], ""));
    assert_eq!((code, out.as_str()), (0, "{\"txt\": 1}"));
    assert!(err.contains("Slack: text or blocks or attachments is missing"), "{err}");
    bench.write("hook.toml", "url = 'http://h'\nheaders = 'none'\nsystem = 'peering-manager'");
    let (code, _, err) = told(bench.run(&["render", "hook.toml", "--context", "context.json"], ""));
    assert!(code == 1 && err.contains("the header line `none` has no colon"), "{err}");
    bench.write("hook.toml", "uri = 'http://h'");
    let (code, _, err) = told(bench.run(&["render", "hook.toml", "--context", "context.json"], ""));
    assert!(code == 1 && err.contains("this is no webhook definition"), "{err}");
}

#[test]
fn a_header_that_would_break_the_request_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let bench = bench(&listener.local_addr().unwrap().to_string());
    for (headers, said) in [
        ("X-A: {{ 'b\\u0000c' }}", "has a NUL"),
        ("X-A: {{ '\u{2192}' }}", "UnicodeEncodeError"),
        ("{{ '\u{e9}' }}: b", "is not ASCII"),
        ("X-A: b{{ '\\r' }}two", "the header line `two` has no colon"),
    ] {
        bench.write("hook.toml", &DEFINITION.replace("X-Event: {{ event }}", headers));
        let (code, _, err) = told(bench.run(&SEND, ""));
        assert!(code == 1 && err.contains("Peering Manager would send nothing: ") && err.contains(said), "{err}");
    }
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn three_plain_files_are_a_webhook_too() {
    let (address, taken) = target("200 OK");
    let bench = bench(&address);
    bench.write("url.j2", "http://{{ data.host }}/{{ event }}\n");
    bench.write("headers.j2", "X-Event: {{ event }}\n");
    let templates = ["--url-template", "url.j2", "--headers-template", "headers.j2"];
    let rest = [
        "--context",
        "context.json",
        "--dialect",
        "peering-manager",
        "--send",
        "--sign",
        "pm",
        "--config",
        "config.toml",
    ];
    let (code, out, err) = told(bench.run(&[&["render", "slack.j2"][..], &templates, &rest].concat(), ""));
    assert_eq!((code, out.as_str()), (0, r#"{"text": "hi"}"#), "{err}");
    let request = taken.join().unwrap();
    assert!(request.starts_with("POST /update HTTP/1.1\r\n") && request.contains("X-Event: update\r\n"), "{request}");
}
