//! Who listens on a port, as far as the system tells: on Linux, from `/proc` (man 5 proc), about processes of the same
//! user. Elsewhere nobody is found.

use std::fmt;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

/// The longest command that is told.
const MAX_COMMAND: usize = 80;

/// A process that listens on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its program and the words behind it, up to the first option (which may be a secret): `python3 manage.py
    /// webhook_receiver`. Printable ASCII only.
    pub command: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, pid {}", self.command, self.pid)
    }
}

impl Holder {
    /// Who listens on `address`, or on all addresses with its port.
    pub(super) fn of(address: SocketAddr) -> Option<Self> {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
        let sockets: Vec<String> = tables.iter().flat_map(|table| listening_sockets(table, address)).collect();
        if sockets.is_empty() {
            return None;
        }
        let mut processes = fs::read_dir("/proc").ok()?.flatten();
        processes.find_map(|process| {
            let pid = process.file_name().to_str()?.parse().ok()?;
            holds_any(&process.path(), &sockets).then(|| Self { pid, command: command(&process.path()) })
        })
    }
}

/// The sockets in a table that listen on `address`, as they appear among a process's file descriptors.
fn listening_sockets(table: &str, address: SocketAddr) -> impl Iterator<Item = String> {
    table.lines().skip(1).filter_map(move |line| {
        const LISTEN: &str = "0A";
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (ip, port) = fields.get(1)?.split_once(':')?;
        let ip = ip_address(ip)?;
        let is_here = u16::from_str_radix(port, 16).ok()? == address.port()
            && (ip == address.ip() || ip.is_unspecified() || address.ip().is_unspecified());
        (is_here && *fields.get(3)? == LISTEN).then_some(format!("socket:[{}]", fields.get(9)?))
    })
}

/// Words of 32 bits in the machine's byte order, in hexadecimal.
fn ip_address(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| Some(u32::from_str_radix(hex.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    match hex.len() {
        8 => Some(IpAddr::from(word(0)?)),
        32 => {
            let bytes = [word(0)?, word(8)?, word(16)?, word(24)?].concat();
            Some(IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?))
        }
        _ => None,
    }
}

fn holds_any(process: &Path, sockets: &[String]) -> bool {
    let Ok(descriptors) = fs::read_dir(process.join("fd")) else { return false };
    descriptors.flatten().any(|descriptor| {
        fs::read_link(descriptor.path()).is_ok_and(|target| sockets.iter().any(|socket| target == Path::new(socket)))
    })
}

fn command(process: &Path) -> String {
    let arguments = fs::read(process.join("cmdline")).unwrap_or_default();
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    Some(spoken(&arguments)).filter(|command| !command.is_empty()).unwrap_or(spoken(name.trim().as_bytes()))
}

/// `/usr/bin/python3\0manage.py\0--secret\0..` as `python3 manage.py`.
fn spoken(arguments: &[u8]) -> String {
    let mut words = arguments.split(|&byte| byte == 0).filter(|word| !word.is_empty());
    let program = words.next().unwrap_or_default().rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    let words = std::iter::once(program).chain(words.take_while(|word| !word.starts_with(b"-")));
    let command: Vec<String> = words.map(|word| word.escape_ascii().to_string()).collect();
    let mut command = command.join(" ");
    command.truncate(MAX_COMMAND);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2328 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0
   1: 00000000:2329 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 100 0 0 10 0
   2: 0100007F:2328 0100007F:AAAA 01 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0 100 0 0 10 0
   broken line
";
    const TABLE6: &str = "\
  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 00000000000000000000000001000000:2328 00000000000000000000000000000000:0000 0A 0:0 0:0 0 1000 0 815 1 0
";

    #[cfg(target_endian = "little")]
    #[test]
    fn reads_the_tables_of_sockets() {
        let sockets =
            |table, address: &str| -> Vec<String> { listening_sockets(table, address.parse().unwrap()).collect() };
        assert_eq!(sockets(TABLE, "127.0.0.1:9000"), ["socket:[4711]"]);
        assert_eq!(sockets(TABLE, "127.0.0.1:9001"), ["socket:[4712]"]);
        assert_eq!(sockets(TABLE, "127.0.0.2:9000"), [] as [&str; 0]);
        assert_eq!(sockets(TABLE, "0.0.0.0:9000"), ["socket:[4711]"]);
        assert_eq!(sockets(TABLE6, "[::1]:9000"), ["socket:[815]"]);
    }

    #[test]
    fn tells_a_command_up_to_its_options() {
        assert_eq!(spoken(b"/usr/bin/python3\0manage.py\0webhook_receiver\0"), "python3 manage.py webhook_receiver");
        assert_eq!(spoken(b"./hookview\0--secret\0hush\0"), "hookview");
        assert_eq!(spoken(b"a\x1b[31m\0"), "a\\x1b[31m");
        assert_eq!(spoken(b""), "");
    }
}
