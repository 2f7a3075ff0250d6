//! What Python's `ipaddress` says of an address beyond its text: masks, networks, and what an address is for. The lists
//! are those of CPython 3.12.1.

use std::rc::Rc;

use num_bigint::BigInt;

use super::super::super::failure::Failure;
use super::super::super::object::Object;
use super::super::super::run::Run;
use super::super::super::value::{Iter, Value};
use super::address::{Address, Host};

type Block = (u128, u32);

const V4_PRIVATE: [Block; 14] = [
    (0x0000_0000, 8),
    (0x0a00_0000, 8),
    (0x7f00_0000, 8),
    (0xa9fe_0000, 16),
    (0xac10_0000, 12),
    (0xc000_0000, 29),
    (0xc000_00aa, 31),
    (0xc000_0200, 24),
    (0xc0a8_0000, 16),
    (0xc612_0000, 15),
    (0xc633_6400, 24),
    (0xcb00_7100, 24),
    (0xf000_0000, 4),
    (0xffff_ffff, 32),
];

const V6_PRIVATE: [Block; 10] = [
    (1, 128),
    (0, 128),
    (0xffff_0000_0000, 96),
    (0x0100 << 112, 64),
    (0x2001 << 112, 23),
    (0x2001_0002 << 96, 48),
    (0x2001_0db8 << 96, 32),
    (0x2001_0010 << 96, 28),
    (0xfc00 << 112, 7),
    (0xfe80 << 112, 10),
];

/// First groups and lengths of what is reserved in IPv6.
const V6_RESERVED: [(u128, u32); 15] = [
    (0x0000, 8),
    (0x0100, 8),
    (0x0200, 7),
    (0x0400, 6),
    (0x0800, 5),
    (0x1000, 4),
    (0x4000, 3),
    (0x6000, 3),
    (0x8000, 3),
    (0xa000, 3),
    (0xc000, 3),
    (0xe000, 4),
    (0xf000, 5),
    (0xf800, 6),
    (0xfe00, 9),
];

/// The bits of a mask.
fn mask(prefix: u32, width: u32) -> u128 {
    let ones = if prefix == 0 { 0 } else { u128::MAX << (128 - prefix) };
    ones >> (128 - width) & last(width)
}

/// The last address of a width.
fn last(width: u32) -> u128 {
    u128::MAX >> (128 - width)
}

fn within(bits: u128, width: u32, blocks: &[Block]) -> bool {
    blocks.iter().any(|(block, prefix)| bits & mask(*prefix, width) == *block)
}

/// An attribute that says what an address is for, or how else it is written; nothing where there is none.
pub(super) fn attribute(address: &Address, name: &str) -> Result<Option<Value>, Failure> {
    if matches!(&address.host, Host::V6(_, Some(_))) && !name.starts_with("is_") && name != "scope_id" {
        return Err(Failure::refused(format!("the attribute {name} of an address with a zone")));
    }
    let (bits, width) = (address.bits(), address.width());
    Ok(Some(match name {
        "exploded" => Value::str(exploded(address)),
        "reverse_pointer" => Value::str(reverse_pointer(address)),
        "packed" => Value::Bytes(bits.to_be_bytes()[16 - width as usize / 8..].into()),
        "is_loopback" | "is_multicast" | "is_unspecified" | "is_link_local" | "is_reserved" | "is_private"
        | "is_global" => Value::Bool(quality(bits, width, name) && network_agrees(address, name)),
        "scope_id" | "ipv4_mapped" | "sixtofour" | "teredo" | "is_site_local" if width == 128 => of_v6(address, name)?,
        _ => return Ok(address.prefix.and_then(|prefix| of_interface(address, prefix, name))),
    }))
}

fn quality(bits: u128, width: u32, name: &str) -> bool {
    let mapped = width == 128 && bits >> 32 == 0xffff;
    let four = |v4: &[Block], v6: &[Block]| within(bits, width, if width == 32 { v4 } else { v6 });
    match name {
        "is_loopback" => four(&[(0x7f00_0000, 8)], &[(1, 128)]),
        "is_multicast" => four(&[(0xe000_0000, 4)], &[(0xff00 << 112, 8)]),
        "is_unspecified" => bits == 0,
        "is_link_local" => four(&[(0xa9fe_0000, 16)], &[(0xfe80 << 112, 10)]),
        "is_reserved" => four(&[(0xf000_0000, 4)], &V6_RESERVED.map(|(group, prefix)| (group << 112, prefix))),
        "is_global" if width == 32 && within(bits, 32, &[(0x6440_0000, 10)]) => false,
        "is_global" => !quality(bits, width, "is_private"),
        _ if mapped => within(bits & last(32), 32, &V4_PRIVATE),
        _ => four(&V4_PRIVATE, &V6_PRIVATE),
    }
}

/// An interface of IPv6 is unspecified or loops back only if its whole network does.
fn network_agrees(address: &Address, name: &str) -> bool {
    let alone = matches!(name, "is_unspecified" | "is_loopback");
    address.width() == 32 || !alone || address.prefix.is_none_or(|prefix| prefix == 128)
}

fn of_v6(address: &Address, name: &str) -> Result<Value, Failure> {
    let bits = address.bits();
    let four = |number: u128| Value::Object(Rc::new(Address::of_bits(number & last(32), 32, None)));
    Ok(match name {
        "scope_id" => match &address.host {
            Host::V6(_, Some(scope)) => Value::str(scope.clone()),
            _ => Value::None,
        },
        "is_site_local" => Value::Bool(within(bits, 128, &[(0xfec0 << 112, 10)])),
        "ipv4_mapped" if bits >> 32 == 0xffff => four(bits),
        "sixtofour" if bits >> 112 == 0x2002 => four(bits >> 80),
        "teredo" if bits >> 96 == 0x2001_0000 => return Err(Failure::refused("the attribute teredo of an address")),
        _ => Value::None,
    })
}

fn of_interface(address: &Address, prefix: u32, name: &str) -> Option<Value> {
    let (bits, width) = (address.bits(), address.width());
    let netmask = Address::of_bits(mask(prefix, width), width, None);
    let hostmask = Address::of_bits(last(width) & !mask(prefix, width), width, None);
    Some(match name {
        "netmask" => Value::Object(Rc::new(netmask)),
        "hostmask" => Value::Object(Rc::new(hostmask)),
        "with_netmask" => Value::str(format!("{}/{}", address.host_text(), netmask.text())),
        "with_hostmask" => Value::str(format!("{}/{}", address.host_text(), hostmask.text())),
        "network" => Value::Object(Rc::new(Network { bits: bits & mask(prefix, width), width, prefix })),
        _ => return None,
    })
}

fn exploded(address: &Address) -> String {
    let Host::V6(host, _) = &address.host else { return address.text() };
    let groups = host.segments().map(|group| format!("{group:04x}")).join(":");
    address.prefix.map_or(groups.clone(), |prefix| format!("{groups}/{prefix}"))
}

/// CPython turns around whatever the address prints.
fn reverse_pointer(address: &Address) -> String {
    if address.width() == 32 {
        let text = address.text();
        let parts: Vec<&str> = text.split('.').rev().collect();
        return format!("{}.in-addr.arpa", parts.join("."));
    }
    let letters: Vec<String> =
        exploded(address).chars().rev().filter(|letter| *letter != ':').map(String::from).collect();
    format!("{}.ip6.arpa", letters.join("."))
}

/// The network of an interface.
struct Network {
    bits: u128,
    width: u32,
    prefix: u32,
}

impl Network {
    fn address(&self, bits: u128, prefix: Option<u32>) -> Address {
        Address::of_bits(bits, self.width, prefix)
    }

    fn text(&self) -> String {
        self.address(self.bits, Some(self.prefix)).text()
    }
}

impl Object for Network {
    fn class(&self) -> &str {
        if self.width == 32 { "IPv4Network" } else { "IPv6Network" }
    }

    fn module(&self) -> &'static str {
        "ipaddress"
    }

    fn repr(&self, _run: &Run) -> Result<String, Failure> {
        Ok(format!("{}('{}')", self.class(), self.text()))
    }

    fn str(&self, _run: &Run) -> Result<String, Failure> {
        Ok(self.text())
    }

    fn attribute(self: Rc<Self>, _run: &Run, name: &str) -> Result<Option<Value>, Failure> {
        let host_bits = last(self.width) & !mask(self.prefix, self.width);
        let object = |bits| Value::Object(Rc::new(self.address(bits, None)));
        Ok(Some(match name {
            "network_address" => object(self.bits),
            "broadcast_address" => object(self.bits | host_bits),
            "prefixlen" => Value::int(self.prefix),
            "num_addresses" => Value::Int(BigInt::from(host_bits) + 1),
            "version" => Value::int(if self.width == 32 { 4 } else { 6 }),
            "max_prefixlen" => Value::int(self.width),
            "with_prefixlen" | "compressed" => Value::str(self.text()),
            "netmask" | "hostmask" | "with_netmask" | "with_hostmask" => {
                return Ok(of_interface(&self.address(self.bits, Some(self.prefix)), self.prefix, name));
            }
            _ => return Err(Failure::refused(format!("the attribute {name} of a network"))),
        }))
    }

    fn iterate(self: Rc<Self>, _run: &Run) -> Result<Option<Iter>, Failure> {
        Err(Failure::refused("the addresses of a network"))
    }

    fn equals(&self, other: &Value) -> Option<bool> {
        let Value::Object(other) = other else { return Some(false) };
        Some(other.class() == self.class() && other.plain_text() == Some(self.text()))
    }

    fn plain_text(&self) -> Option<String> {
        Some(self.text())
    }
}
