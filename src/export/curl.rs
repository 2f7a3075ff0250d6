//! A request as a curl command. Whatever the request holds, pasting the command into sh or bash runs curl once and
//! nothing else, and curl sends the same bytes: request line, header lines in their order and case, body.
//!
//! curl adds lines of its own; those that the request does not have are switched off (`-H 'Accept:'`). What curl cannot
//! send is said in comments at the head of the command, which stay with it wherever it goes.

use crate::capture::{Header, HttpVersion, Request};

use super::shell::{here_document, is_plain, printf_format, quoted, word};
use super::{Url, wire};

/// Linux takes no argument of 128 KiB or more; what `printf` and the options need is left out of this.
const MAX_ARGUMENT: usize = 100_000;
/// curl asks first (`Expect: 100-continue`) before it sends more than 1 MiB.
const ASKS_FIRST: usize = 1_000_000;
/// The options and the URL share a line up to this length.
const MAX_FIRST_LINE: usize = 1000;
/// A comment is cut behind this many characters.
const MAX_COMMENT: usize = 300;

/// A command for sh or bash, and what the reader should know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurlCommand {
    /// The command, without a newline at its end; what curl cannot send as it was stands before it, in comments. It has no
    /// control characters but newlines.
    pub text: String,
    /// Sentences without final stops: how the body travels, and what curl cannot send as it was. Foreign text.
    pub notes: Vec<String>,
}

/// The command that sends `request` to the host of `url`; the target is the request's own. Values of headers for which
/// `mask` holds are replaced by `***`.
pub fn curl(request: &Request, url: &Url, mask: impl Fn(&Header) -> bool) -> CurlCommand {
    if let Some(reason) = impossible(request) {
        let note = format!("curl cannot send this request: {reason}");
        return CurlCommand { text: comment(&note), notes: vec![note] };
    }
    let mut builder =
        Builder { request, options: Vec::new(), lines: Vec::new(), losses: Vec::new(), notes: Vec::new() };
    builder.method();
    builder.version(url);
    builder.target(url);
    builder.headers(url, mask);
    builder.switch_off();
    builder.line_ends();
    builder.framing();
    let (before, after) = builder.body();
    builder.command(&before, &after)
}

fn impossible(request: &Request) -> Option<&'static str> {
    let odd = |text: &[u8]| text.iter().any(|&byte| byte == 0 || byte == b'\n');
    let long = |text: &[u8]| text.len() > MAX_ARGUMENT;
    match (&request.method, &request.target) {
        (method, target) if method.is_empty() || target.is_empty() => Some("it has no HTTP request line"),
        (method, target) if odd(method) || odd(target) => Some("its request line holds a NUL or a newline"),
        (method, target) if long(method) || long(target) => Some("its request line is longer than an argument may be"),
        _ => None,
    }
}

struct Builder<'a> {
    request: &'a Request,
    /// The words behind `curl` on the first line.
    options: Vec<String>,
    /// The words that get a line each.
    lines: Vec<String>,
    /// What curl does not send as it was: the command alone would not tell.
    losses: Vec<String>,
    notes: Vec<String>,
}

impl Builder<'_> {
    fn is_chunked(&self) -> bool {
        self.request.version != HttpVersion::Http2
            && self.request.headers.all("transfer-encoding").any(|value| contains(value, b"chunked"))
    }

    /// Whether curl is given a body: an empty one too when it is chunked, for its end must be sent.
    fn has_body(&self) -> bool {
        !self.request.body.bytes.is_empty() || self.is_chunked()
    }

    fn header(&mut self, line: &[u8]) {
        self.lines.push(format!("-H {}", word(line)));
    }

    fn method(&mut self) {
        let method = &self.request.method;
        match (&method[..], self.has_body()) {
            (b"GET", false) | (b"POST", true) => {}
            (b"HEAD", false) => self.options.push("--head".to_owned()),
            _ => self.options.push(format!("-X {}", word(method))),
        }
        if &method[..] == b"HEAD" && self.has_body() {
            self.notes.push("curl may wait for a body in the answer to HEAD: end it with Ctrl-C".to_owned());
        }
    }

    fn version(&mut self, url: &Url) {
        let option = match self.request.version {
            HttpVersion::Http10 => "--http1.0",
            HttpVersion::Http2 if url.is_tls() => "--http2",
            HttpVersion::Http2 => "--http2-prior-knowledge",
            _ if url.is_tls() => "--http1.1",
            _ => return,
        };
        self.options.push(option.to_owned());
    }

    fn target(&mut self, url: &Url) {
        let origin = url.origin();
        let target = match std::str::from_utf8(&self.request.target) {
            Ok(target) if is_url_safe(target) => target,
            _ => {
                self.options.push(quoted(&format!("{origin}/")));
                self.lines.push(format!("--request-target {}", word(&self.request.target)));
                return;
            }
        };
        if target.contains(['{', '}', '[', ']']) {
            self.options.push("--globoff".to_owned());
        }
        if target.contains("/.") || contains(target.as_bytes(), b"%2e") {
            self.options.push("--path-as-is".to_owned());
        }
        self.options.push(quoted(&format!("{origin}{target}")));
    }

    fn headers(&mut self, url: &Url, mask: impl Fn(&Header) -> bool) {
        let request = self.request;
        let lines = wire::header_lines(request);
        let own_host = self.host(url, &lines);
        let own_length = self.own_length(&lines);
        let (mut masked, mut left_out) = (Vec::new(), Vec::new());
        for (header, line) in request.headers.iter().zip(&lines).take(own_length).skip(own_host) {
            if request.version == HttpVersion::Http2 && header.name.starts_with(b":") {
                continue;
            }
            let name = header.name_text().into_owned();
            let unfolded = Some(header).filter(|_| line.contains(&b'\n')).map(wire::write);
            match argument(unfolded.as_ref().unwrap_or(line)) {
                None => left_out.push(name),
                Some(_) if mask(header) => {
                    self.header(&[&header.name[..], b": ***"].concat());
                    masked.push(name);
                }
                Some(argument) => self.header(&argument),
            }
        }
        if lines.iter().any(|line| line.contains(&b'\n')) {
            self.losses.push("header lines that were folded are sent as one line each".to_owned());
        }
        self.notes.extend(named("masked, put the values in", &masked));
        self.losses.extend(named("left out, curl cannot send such header lines", &left_out));
    }

    /// Deals with the line that curl makes itself, always first and as `Host`. Says how many lines it stands for.
    ///
    /// A `Host:` without a value switches it off, and any further one is then sent in its place and case.
    fn host(&mut self, url: &Url, lines: &[bytes::Bytes]) -> usize {
        if self.request.version == HttpVersion::Http2 {
            let authority = self.request.headers.get(":authority").unwrap_or_default();
            if !authority.is_empty() && authority != url.authority().as_bytes() {
                self.header(&[b"Host: ", authority].concat());
            }
            return 0;
        }
        let first = lines.first().filter(|line| line.starts_with(b"Host:"));
        let more = self.request.headers.all("host").count() > 1;
        match first {
            Some(line) if !more && line[..] == *format!("Host: {}", url.authority()).as_bytes() => 1,
            Some(_) if !more => 0,
            _ => {
                self.header(b"Host:");
                0
            }
        }
    }

    /// How many lines are not curl's own: it puts the length of the body at the end. Left to curl, it stays right when
    /// the reader changes the body.
    fn own_length(&self, lines: &[bytes::Bytes]) -> usize {
        let own = format!("Content-Length: {}", self.request.body.bytes.len());
        let is_own = self.has_body()
            && !self.is_chunked()
            && self.request.headers.all("content-length").count() == 1
            && lines.last().is_some_and(|line| line[..] == *own.as_bytes());
        lines.len() - usize::from(is_own)
    }

    /// Switches off the lines that curl would add.
    fn switch_off(&mut self) {
        let headers = &self.request.headers;
        let body = self.has_body();
        let length = headers.has("content-length") || self.is_chunked();
        let asks = self.is_chunked() || self.request.body.bytes.len() > ASKS_FIRST;
        let added = [
            ("User-Agent", true),
            ("Accept", true),
            ("Content-Type", body),
            ("Content-Length", body && !length),
            ("Expect", body && asks),
        ];
        for (name, _) in added.into_iter().filter(|&(name, adds)| adds && !headers.has(name)) {
            self.lines.push(format!("-H '{name}:'"));
        }
    }

    fn line_ends(&mut self) {
        let mut lines = self.request.head.split_inclusive(|&byte| byte == b'\n');
        if lines.any(|line| line.ends_with(b"\n") && !line.ends_with(b"\r\n")) {
            self.losses.push("lines of the head that ended with LF alone end with CRLF".to_owned());
        }
    }

    fn framing(&mut self) {
        let body = &self.request.body;
        if body.framed.as_ref().is_some_and(|framed| *framed != wire::one_chunk(&body.bytes)) {
            let and_trailers = if body.trailers.is_empty() { "" } else { ", and no trailers" };
            self.losses.push(format!("curl cuts the body into chunks of its own size{and_trailers}"));
        } else if !body.trailers.is_empty() {
            self.losses.push("left out: the trailers, curl cannot send any".to_owned());
        }
        if self.is_chunked() && self.request.version == HttpVersion::Http10 {
            self.losses.push("curl refuses to send a chunked body with HTTP/1.0".to_owned());
        }
        let (announced, kept) = (self.request.headers.text("content-length"), body.bytes.len() as u64);
        if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|announced| announced > kept) {
            self.losses
                .push(format!("only {kept} of the announced body bytes are there: the server will wait for the rest"));
        }
    }

    /// How the body gets to curl: what stands before the command, and what behind it.
    fn body(&mut self) -> (String, String) {
        let body = &self.request.body.bytes;
        let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= MAX_ARGUMENT && !text.contains('\0'));
        if !self.has_body() {
            return (String::new(), String::new());
        }
        if let Some(text) = text.filter(|_| is_plain(body)) {
            self.lines.push(format!("--data-raw {}", quote_always(text)));
            return (String::new(), String::new());
        }
        self.lines.push("--data-binary @-".to_owned());
        if text.is_some() {
            self.notes.push("the body has control characters: printf writes them to curl's input".to_owned());
            return (format!("printf {} |\n", printf_format(body)), String::new());
        }
        let reason = if body.len() > MAX_ARGUMENT { "too long for an argument" } else { "not text" };
        self.notes.push(format!("the body is {reason}: it travels as base64 in a here-document, decoded by base64 -d"));
        ("base64 -d <<'EOF' | ".to_owned(), format!("\n{}", here_document(body)))
    }

    fn command(self, before: &str, after: &str) -> CurlCommand {
        let fits = self.options.iter().map(String::len).sum::<usize>() < MAX_FIRST_LINE;
        let options = self.options.join(if fits { " " } else { " \\\n  " });
        let lines = self.lines.iter().fold(String::new(), |text, line| text + " \\\n  " + line);
        let comments = self.losses.iter().fold(String::new(), |text, note| text + &comment(note) + "\n");
        CurlCommand {
            text: format!("{comments}{before}curl {options}{lines}{after}"),
            notes: [self.losses, self.notes].concat(),
        }
    }
}

/// A note about some header lines; none when there are none.
fn named(what: &str, names: &[String]) -> Option<String> {
    let more = if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
    (!names.is_empty()).then(|| format!("{what}: {}{more}", names[..names.len().min(3)].join(", ")))
}

/// A note as a comment. An interactive zsh knows no comments and would run what stands there, so there is nothing in it
/// that means anything to a shell.
fn comment(note: &str) -> String {
    let harmless = |char: char| char.is_ascii_alphanumeric() || " -_.,:/@+".contains(char);
    let text: String = note.chars().take(MAX_COMMENT).map(|char| if harmless(char) { char } else { '_' }).collect();
    let cut = if note.chars().nth(MAX_COMMENT).is_some() { "..." } else { "" };
    format!("# {text}{cut}")
}

/// What to give to `-H` so that curl sends this line; `None` when nothing makes it.
fn argument(line: &[u8]) -> Option<Vec<u8>> {
    let colon = line.iter().position(|&byte| byte == b':').filter(|&colon| colon > 0)?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let is_blank = value.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0x0b);
    if line[0] == b'@' || line.len() > MAX_ARGUMENT || line.iter().any(|&byte| byte == 0 || byte == b'\n') {
        return None;
    }
    match is_blank {
        true if name.contains(&b';') => None,
        true => Some([name, b";"].concat()),
        false => Some(line.to_vec()),
    }
}

/// Whether every curl sends this target from a URL without changing it.
fn is_url_safe(target: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:@/?{}[]".contains(&byte);
    target.starts_with('/') && target.bytes().all(safe)
}

fn contains(text: &[u8], lower_case: &[u8]) -> bool {
    text.windows(lower_case.len()).any(|window| window.eq_ignore_ascii_case(lower_case))
}

/// Quotes also a lone word, so that the data stands out.
fn quote_always(text: &str) -> String {
    let word = quoted(text);
    if word.starts_with('\'') { word } else { format!("'{word}'") }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::capture::{Body, parse_request};

    fn request(head: &[u8], body: &[u8]) -> Request {
        let head = Bytes::copy_from_slice(head);
        let parsed = parse_request(&head).unwrap();
        Request::from_head(head, parsed, Body::whole(body.to_vec()))
    }

    fn post(headers: &str, body: &[u8]) -> Request {
        request(format!("POST /h HTTP/1.1\r\nHost: 127.0.0.1:9000\r\n{headers}\r\n").as_bytes(), body)
    }

    fn command(request: &Request) -> CurlCommand {
        curl(request, &"http://127.0.0.1:9000".parse().unwrap(), |_| false)
    }

    #[test]
    fn reads_as_one_would_write_it() {
        let request = request(
            b"POST /hooks/pm?a=b HTTP/1.1\r\nHost: 127.0.0.1:9000\r\nUser-Agent: x/1\r\nAccept: */*\r\n\
              Content-Type: application/json\r\nContent-Length: 18\r\n\r\n",
            br#"{"a": "it's $1!!"}"#,
        );
        let expected = r#"curl 'http://127.0.0.1:9000/hooks/pm?a=b' \
  -H 'User-Agent: x/1' \
  -H 'Accept: */*' \
  -H 'Content-Type: application/json' \
  --data-raw '{"a": "it'\''s $1!!"}'"#;
        assert_eq!(command(&request), CurlCommand { text: expected.to_owned(), notes: vec![] });
    }

    #[test]
    fn says_how_a_body_travels_that_quotes_cannot_hold() {
        let form = command(&post("Content-Length: 6\r\n", b"a\r\nb\r\n"));
        assert!(form.text.starts_with("printf 'a\\r\\n'\\\n'b\\r\\n' |\ncurl "), "{}", form.text);
        assert_eq!(form.notes, ["the body has control characters: printf writes them to curl's input"]);
        let binary = command(&post("Content-Length: 3\r\n", b"\0\xff!"));
        assert!(binary.text.starts_with("base64 -d <<'EOF' | curl "), "{}", binary.text);
        assert!(binary.text.ends_with("--data-binary @-\nAP8h\nEOF"), "{}", binary.text);
        let note = "the body is not text: it travels as base64 in a here-document, decoded by base64 -d";
        assert_eq!(binary.notes, [note]);
        let long = command(&post("Content-Length: 200000\r\n", &b"x".repeat(200_000)));
        assert!(long.notes[0].contains("too long for an argument"), "{:?}", long.notes);
    }

    #[test]
    fn says_what_curl_cannot_send() {
        let odd = command(&post("no colon\r\n@etc: x\r\n: x\r\nA: \0\r\nB: 1\r\n", b""));
        assert_eq!(odd.notes, ["left out, curl cannot send such header lines: no colon, @etc, : x and 1 more"]);
        let comment = "# left out, curl cannot send such header lines: no colon, @etc, : x and 1 more\ncurl ";
        assert!(odd.text.starts_with(comment), "{}", odd.text);
        assert!(odd.text.contains("-H 'B: 1'") && !odd.text.contains("-H '@etc"), "{}", odd.text);
        let mut trailers = post("Transfer-Encoding: chunked\r\n", b"ab");
        trailers.body.framed = Some("1\r\na\r\n1\r\nb\r\n0\r\nX: y\r\n\r\n".into());
        trailers.body.trailers.push("X", "y");
        assert_eq!(command(&trailers).notes, ["curl cuts the body into chunks of its own size, and no trailers"]);
        let cut = command(&post("Content-Length: 9\r\n", b"abc"));
        assert_eq!(cut.notes, ["only 3 of the announced body bytes are there: the server will wait for the rest"]);
    }

    #[test]
    fn says_that_line_ends_change() {
        let command = command(&request(b"GET / HTTP/1.1\nHost: 127.0.0.1:9000\r\n\n", b""));
        assert_eq!(command.notes, ["lines of the head that ended with LF alone end with CRLF"]);
        assert!(command.text.starts_with("# lines of the head that ended with LF alone end with CRLF\ncurl "));
    }

    #[test]
    fn a_comment_is_one_line_that_no_shell_runs() {
        let nasty = "a'b`c$(d);e\nf\r\u{9b}&|>!{}\\\u{fc}";
        assert_eq!(comment(nasty), "# a_b_c__d__e_f__________");
        assert_eq!(comment(&"x".repeat(5000)), format!("# {}...", "x".repeat(300)));
    }

    #[test]
    fn unfolds_what_was_folded() {
        let command = command(&post("A: b\r\n c\r\n", b""));
        assert!(command.text.contains("-H 'A: b c'"), "{}", command.text);
        assert_eq!(command.notes, ["header lines that were folded are sent as one line each"]);
    }

    #[test]
    fn hides_what_is_masked() {
        let request = post("Authorization: Bearer abc\r\nX: y\r\n", b"");
        let url: Url = "http://127.0.0.1:9000".parse().unwrap();
        let command = curl(&request, &url, |header: &Header| header.is("authorization"));
        assert!(command.text.contains("-H 'Authorization: ***'") && !command.text.contains("abc"), "{}", command.text);
        assert_eq!(command.notes, ["masked, put the values in: Authorization"]);
    }

    #[test]
    fn speaks_the_version_that_was_spoken() {
        let text = |version, url: &str| {
            let request = Request { version, method: "GET".into(), target: "/".into(), ..Request::default() };
            curl(&request, &url.parse().unwrap(), |_| false).text
        };
        assert!(text(HttpVersion::Http10, "http://h").starts_with("curl --http1.0 'http://h/'"));
        assert!(text(HttpVersion::Http11, "https://h").starts_with("curl --http1.1 'https://h/'"));
        assert!(text(HttpVersion::Http2, "https://h").starts_with("curl --http2 'https://h/'"));
        assert!(text(HttpVersion::Http2, "http://h").starts_with("curl --http2-prior-knowledge 'http://h/'"));
    }

    #[test]
    fn what_was_no_request_becomes_a_comment() {
        let command = command(&Request::default());
        assert_eq!(command.text, "# curl cannot send this request: it has no HTTP request line");
        assert_eq!(command.notes, ["curl cannot send this request: it has no HTTP request line"]);
    }
}
