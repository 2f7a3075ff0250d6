//! What this machine is called: the names and addresses that its certificate is for.

use std::net::IpAddr;

/// What containers call the machine that they run on, with Docker and with Podman.
const OF_CONTAINERS: [&str; 2] = ["host.docker.internal", "host.containers.internal"];

/// The names and addresses by which clients may know this machine, `localhost` first. Link-local addresses are left out:
/// no URL can hold one.
pub fn names() -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.extend(host_names(&rustix::system::uname().nodename().to_string_lossy()));
    names.extend(OF_CONTAINERS.map(str::to_owned));
    let mut addresses: Vec<IpAddr> = if_addrs::get_if_addrs().unwrap_or_default().iter().map(|one| one.ip()).collect();
    addresses.sort_unstable();
    names.extend(addresses.into_iter().filter(|address| !is_link_local(*address)).map(|address| address.to_string()));
    let mut once = Vec::new();
    names.into_iter().for_each(|name| {
        if !once.contains(&name) {
            once.push(name)
        }
    });
    once
}

/// The host name, what it is below its domain, and what it is called by multicast DNS (RFC 6762).
fn host_names(host: &str) -> Vec<String> {
    let host = host.to_ascii_lowercase();
    let label = host.split('.').next().unwrap_or_default().to_owned();
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if label.is_empty() || !host.bytes().all(known) {
        return Vec::new();
    }
    let multicast = format!("{label}.local");
    vec![host, label, multicast]
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_by_all_its_names() {
        assert_eq!(host_names("Box.lab.example"), ["box.lab.example", "box", "box.local"]);
        assert_eq!(host_names("box"), ["box", "box", "box.local"]);
        for odd in ["", "(none)", ".x", "a b"] {
            assert_eq!(host_names(odd), [""; 0], "{odd}");
        }
        let names = names();
        assert_eq!(names[..3], ["localhost", "127.0.0.1", "::1"]);
        assert!(names.iter().enumerate().all(|(at, name)| !names[..at].contains(name)), "{names:?}");
    }
}
