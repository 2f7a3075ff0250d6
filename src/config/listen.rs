//! Where to listen, and with which certificates: what it comes to, and how a place is written.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

/// A place to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A TCP port, on some addresses.
    Tcp {
        /// Whether TLS is spoken there.
        tls: bool,
        /// At least one, none twice.
        addresses: Vec<IpAddr>,
        /// 0 for a free one.
        port: u16,
    },
    /// A Unix socket.
    Unix(PathBuf),
}

impl Listen {
    /// Whether TLS is spoken there.
    pub fn is_tls(&self) -> bool {
        matches!(self, Self::Tcp { tls: true, .. })
    }

    /// Its addresses; none for a Unix socket.
    pub fn addresses(&self) -> &[IpAddr] {
        match self {
            Self::Tcp { addresses, .. } => addresses,
            Self::Unix(_) => &[],
        }
    }

    /// Whether both would have the same port of the same address.
    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unix(one), Self::Unix(other)) => one == other,
            (Self::Tcp { addresses, port, .. }, Self::Tcp { addresses: others, port: other, .. }) => {
                port == other && *port != 0 && addresses.iter().any(|address| others.contains(address))
            }
            _ => false,
        }
    }
}

/// The certificates of listeners that speak TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificates {
    /// The file of the certificate and that of its key; `None` for the one that hookview makes for itself.
    pub own: Option<(PathBuf, PathBuf)>,
    /// The directory that the one it makes is kept in; `None` when there is no home.
    pub directory: Option<PathBuf>,
    /// The CAs of clients' certificates; `None` when clients need none.
    pub client_ca: Option<PathBuf>,
}

/// Reads `http://127.0.0.1:9000`, `https://0.0.0.0:9443`, `http://localhost:9000` or `unix:/run/hookview.sock`.
pub fn parse_listen(text: &str) -> Result<Listen, String> {
    if let Some(path) = text.strip_prefix("unix:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return if path.is_empty() { Err("it names no path".to_owned()) } else { Ok(Listen::Unix(path.into())) };
    }
    let (tls, place) = match text.split_once("://") {
        Some(("http", place)) => (false, place),
        Some(("https", place)) => (true, place),
        _ => return Err("it begins with http://, https:// or unix:".to_owned()),
    };
    let place = place.strip_suffix('/').unwrap_or(place);
    let colon = place.rfind(':').filter(|&colon| !place[colon..].contains(']'));
    let (host, port) = colon.map(|colon| (&place[..colon], &place[colon + 1..])).ok_or("it has no port, like :9000")?;
    if port.contains('/') {
        return Err("it is an address and a port alone: every path is received".to_owned());
    }
    let port = port.parse().map_err(|_| format!("`{port}` is not a port: use a number from 0 to 65535"))?;
    Ok(Listen::Tcp { tls, addresses: addresses(host)?, port })
}

fn addresses(host: &str) -> Result<Vec<IpAddr>, String> {
    if host == "localhost" {
        return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let address = bare.parse().map_err(|_| {
        format!("`{host}` is no address of a machine: write one like 127.0.0.1, [::1] or 0.0.0.0 (all), or localhost")
    })?;
    Ok(vec![address])
}

/// Reads an IP address, an IPv6 one also in brackets.
pub fn parse_address(text: &str) -> Result<IpAddr, &'static str> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().map_err(|_| "an address is numeric and has no port, like 127.0.0.1, ::1 or 0.0.0.0")
}

/// Refuses what cannot be listened on together.
pub(super) fn check_listens(listens: &[Listen]) -> Result<(), &'static str> {
    let meets = |(at, listen): (usize, &Listen)| listens[..at].iter().any(|before| before.meets(listen));
    if listens.iter().enumerate().any(meets) {
        return Err("names one port twice: https:// alone takes both HTTPS and HTTP");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(tls: bool, addresses: &[&str], port: u16) -> Listen {
        Listen::Tcp { tls, addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(), port }
    }

    #[test]
    fn a_place_is_written_as_a_url() {
        assert_eq!(parse_listen("http://127.0.0.1:9000"), Ok(tcp(false, &["127.0.0.1"], 9000)));
        assert_eq!(parse_listen("https://[::]:0/"), Ok(tcp(true, &["::"], 0)));
        assert_eq!(parse_listen("https://localhost:9443"), Ok(tcp(true, &["127.0.0.1", "::1"], 9443)));
        assert_eq!(parse_listen("unix:/run/a.sock"), Ok(Listen::Unix("/run/a.sock".into())));
        assert_eq!(parse_listen("unix:///run/a.sock"), Ok(Listen::Unix("/run/a.sock".into())));
        for (text, reason) in [
            ("", "begins with"),
            ("9000", "begins with"),
            ("127.0.0.1:9000", "begins with"),
            ("ftp://127.0.0.1:21", "begins with"),
            ("http://127.0.0.1", "no port"),
            ("http://[::1]", "no port"),
            ("http://127.0.0.1:70000", "`70000` is not a port"),
            ("http://127.0.0.1:9000/hooks", "every path"),
            ("http://:9000", "no address"),
            ("http://example.com:9000", "no address"),
            ("unix:", "no path"),
        ] {
            let error = parse_listen(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn one_port_is_listened_on_once() {
        let check = |texts: [&str; 2]| check_listens(&texts.map(|text| parse_listen(text).unwrap()));
        assert!(check(["http://127.0.0.1:9000", "https://localhost:9000"]).is_err());
        assert!(check(["unix:/a", "unix:/a"]).is_err());
        for fine in [
            ["http://127.0.0.1:9000", "https://127.0.0.1:9443"],
            ["http://127.0.0.1:0", "http://127.0.0.1:0"],
            ["http://127.0.0.1:9000", "http://127.0.0.2:9000"],
            ["unix:/a", "http://127.0.0.1:9000"],
        ] {
            assert_eq!(check(fine), Ok(()), "{fine:?}");
        }
    }
}
