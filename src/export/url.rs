//! Where requests are sent: `http` and `https` URLs, checked once, and how far away their host is.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::capture::{Capture, Request};

/// A checked `http` or `https` URL. It has no user, no fragment, and only visible ASCII: other bytes of the path are
/// percent-encoded when it is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Url {
    tls: bool,
    host: Host,
    port: u16,
    path_and_query: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Host {
    Address(IpAddr),
    /// In lower case.
    Name(String),
}

/// Why a text is not a URL to send to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Nothing, or nothing behind `http://`.
    #[error("the URL has no host: write http://HOST:PORT/PATH")]
    NoHost,
    /// `ftp://host/`
    #[error("{0}:// is not supported: use http:// or https://")]
    Scheme(String),
    /// `http://me:pass@host/`
    #[error("a user name in the URL is not sent: leave it out and set an Authorization header")]
    User,
    /// Not a number from 1 to 65535.
    #[error("`{0}` is not a port: use a number from 1 to 65535")]
    Port(String),
    /// Characters that no host has, or an address that is none.
    #[error("`{0}` is not a host name or address")]
    Host(String),
}

/// How far away a host is, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// This machine: a loopback address, `localhost`, a name below `.localhost`.
    Local,
    /// A network of one's own: RFC 1918, RFC 6598 (carrier NAT and overlay networks), link-local and unique local
    /// addresses; names without a dot, which only a local resolver knows (`netbox` in a compose file); names below
    /// `.local`, `.internal`, `.lan`, `.test` and `.home.arpa`, which are never delegated in the public DNS.
    Private,
    /// Everything else.
    Public,
}

const PRIVATE_SUFFIXES: [&str; 5] = [".local", ".internal", ".lan", ".test", ".home.arpa"];

impl Url {
    /// The URL that a capture came to: the address of ours that it reached, and its target, byte for byte.
    pub fn original(capture: &Capture) -> Result<Self, UrlError> {
        let target = escape(&capture.request.target).into();
        let request = Request { target, ..Request::default() };
        let path = request.path_and_query();
        let slash = if path.starts_with('/') { "" } else { "/" };
        let scheme = if capture.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{slash}{path}", capture.local).parse()
    }

    /// Whether it is `https`.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// Host name in lower case or address, an IPv6 one without brackets.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Address(address) => address.to_string(),
            Host::Name(name) => name.clone(),
        }
    }

    /// The port, also when it is the scheme's own.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host, and port when it is not the scheme's own, as a `Host` header has them: `[::1]:9000`.
    pub fn authority(&self) -> String {
        let host = match &self.host {
            Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
            _ => self.host(),
        };
        let default = if self.tls { 443 } else { 80 };
        if self.port == default { host } else { format!("{host}:{}", self.port) }
    }

    /// Scheme and authority: `http://127.0.0.1:9000`.
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.authority())
    }

    /// Path and query, at least `/`.
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// The same URL with another query.
    #[must_use]
    pub fn with_query(&self, query: &str) -> Self {
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        Self { path_and_query: format!("{path}?{}", escape(query.as_bytes())), ..self.clone() }
    }

    /// How far away the host is. A name is judged as it is written, not resolved.
    pub fn reach(&self) -> Reach {
        match &self.host {
            Host::Address(address) => address_reach(address.to_canonical()),
            Host::Name(name) => name_reach(name.trim_end_matches('.')),
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path_and_query)
    }
}

impl FromStr for Url {
    type Err = UrlError;

    /// Reads a URL; `http://` may be left out.
    fn from_str(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(UrlError::Scheme(scheme.to_owned())),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(UrlError::User);
        }
        let (host, port) = split_port(authority)?;
        let slash = if path.starts_with('/') { "" } else { "/" };
        let port = port.unwrap_or(if tls { 443 } else { 80 });
        Ok(Self { tls, host: host.parse()?, port, path_and_query: format!("{slash}{}", escape(path.as_bytes())) })
    }
}

impl FromStr for Host {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let wrong = || UrlError::Host(text.to_owned());
        if let Some(address) = text.strip_prefix('[') {
            let address = address.strip_suffix(']').and_then(|address| address.parse::<Ipv6Addr>().ok());
            return address.map(|address| Self::Address(address.into())).ok_or_else(wrong);
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::Address(address.into()));
        }
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if text.is_empty() || text.starts_with('.') || !text.bytes().all(known) {
            return Err(if text.is_empty() { UrlError::NoHost } else { wrong() });
        }
        // A resolver takes `134744072` and `0x8.8.8.8` for addresses: a name that ends in a number would hide one.
        let last = text.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
        if last.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(wrong());
        }
        Ok(Self::Name(text.to_ascii_lowercase()))
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), UrlError> {
    let colon = authority.rfind(':').filter(|&colon| !authority[colon..].contains(']'));
    let Some(colon) = colon else { return Ok((authority, None)) };
    let (host, digits) = (&authority[..colon], &authority[colon + 1..]);
    if digits.is_empty() {
        return Ok((host, None));
    }
    let port = digits.parse().ok().filter(|&port| port > 0 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    port.map(|port| (host, Some(port))).ok_or_else(|| UrlError::Port(digits.to_owned()))
}

/// Percent-encodes what may not stand in a request target: blanks, control characters, everything beyond ASCII.
fn escape(path: &[u8]) -> String {
    const KEEP: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS.add(b' ').add(b'#');
    percent_encoding::percent_encode(path, KEEP).to_string()
}

fn address_reach(address: IpAddr) -> Reach {
    let private = match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || is_shared(v4),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    };
    match address {
        _ if address.is_loopback() || address.is_unspecified() => Reach::Local,
        _ if private => Reach::Private,
        _ => Reach::Public,
    }
}

/// 100.64.0.0/10, RFC 6598.
fn is_shared(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && second & 0xc0 == 64
}

fn name_reach(name: &str) -> Reach {
    match name {
        "localhost" => Reach::Local,
        _ if name.ends_with(".localhost") => Reach::Local,
        _ if !name.contains('.') || PRIVATE_SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) => Reach::Private,
        _ => Reach::Public,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn error(text: &str) -> String {
        text.parse::<Url>().unwrap_err().to_string()
    }

    #[test]
    fn reads_and_writes() {
        for (text, written) in [
            ("http://127.0.0.1:9000/a?b=c", "http://127.0.0.1:9000/a?b=c"),
            ("127.0.0.1:8080/in", "http://127.0.0.1:8080/in"),
            ("localhost:8080", "http://localhost:8080/"),
            ("HTTPS://Example.COM:443", "https://example.com/"),
            ("http://example.com:443?x", "http://example.com:443/?x"),
            (" http://[::1]:80/ ", "http://[::1]/"),
            ("https://[2001:db8:0::1]:8443/", "https://[2001:db8::1]:8443/"),
            ("http://h:/x#frag", "http://h/x"),
            ("http://h/a b/ü?\"{}\u{1b}", "http://h/a%20b/%C3%BC?\"{}%1B"),
            ("http://h//x/../%2e@:", "http://h//x/../%2e@:"),
        ] {
            assert_eq!(url(text).to_string(), written);
            assert_eq!(url(written), url(text));
        }
    }

    #[test]
    fn gives_the_target_of_a_capture_byte_for_byte() {
        for (target, written) in [
            (&b"/a\xff?b=\xe9"[..], "/a%FF?b=%E9"),
            (b"http://other/\xff", "/%FF"),
            (b"http://other?\xc3\xbc#", "/?%C3%BC%23"),
            ("/\u{fffd}%ff".as_bytes(), "/%EF%BF%BD%ff"),
            (b"*", "/*"),
        ] {
            let request = Request { target: target.to_vec().into(), ..Request::default() };
            let (remote, local) = ("127.0.0.1:5000".to_owned(), "127.0.0.1:9000".to_owned());
            let capture = Capture::new(request, chrono::DateTime::UNIX_EPOCH, remote, local);
            assert_eq!(Url::original(&capture).unwrap().path_and_query(), written);
        }
    }

    #[test]
    fn refuses_in_words() {
        assert_eq!(error(""), "the URL has no host: write http://HOST:PORT/PATH");
        assert_eq!(error("http:///x"), "the URL has no host: write http://HOST:PORT/PATH");
        assert_eq!(error(":8080/x"), "the URL has no host: write http://HOST:PORT/PATH");
        assert_eq!(error("ftp://h/"), "ftp:// is not supported: use http:// or https://");
        assert_eq!(error("http://me:pw@h/"), UrlError::User.to_string());
        assert_eq!(error("http://h:99999/"), "`99999` is not a port: use a number from 1 to 65535");
        assert_eq!(error("http://h:+80/"), "`+80` is not a port: use a number from 1 to 65535");
        assert_eq!(error("http://a b/"), "`a b` is not a host name or address");
        for host in ["134744072", "0x7f.0.0.1", "1.2.3", "x.8", "8.8.8.8.", "[::1", "::1", "h'; rm", "zürich", ".x"] {
            assert!(format!("http://{host}/").parse::<Url>().is_err(), "{host}");
        }
    }

    #[test]
    fn knows_how_far_a_host_is() {
        let reach = |host: &str| url(&format!("http://{host}/")).reach();
        for host in [
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
        ] {
            assert_eq!(reach(host), Reach::Local, "{host}");
        }
        for host in [
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "[fd00::1]",
            "[fe80::1]",
            "[::ffff:10.0.0.1]",
            "netbox",
            "nas.local",
            "db.internal",
            "a.b.home.arpa",
        ] {
            assert_eq!(reach(host), Reach::Private, "{host}");
        }
        for host in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "[2001:db8::1]",
            "hooks.slack.com",
            "local.example.com",
            "localhost.example.com",
            "notlocal.internal.io",
        ] {
            assert_eq!(reach(host), Reach::Public, "{host}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_harmless_and_reads_back(text in "(https?://)?[a-z0-9.:\\[\\]@-]{0,12}(/\\PC{0,12})?") {
            if let Ok(url) = text.parse::<Url>() {
                let written = url.to_string();
                prop_assert!(written.bytes().all(|byte| byte.is_ascii_graphic()), "{}", written);
                prop_assert_eq!(written.parse::<Url>().unwrap(), url);
            }
        }
    }
}
