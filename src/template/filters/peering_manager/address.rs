//! Peering Manager's filters on addresses: ipv4, ipv6, ip, mac; and Python's address objects.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::ToPrimitive as _;

use super::super::super::call::Args;
use super::super::super::failure::Failure;
use super::super::super::object::Object;
use super::super::super::parameters::{Bindings, Signature};
use super::super::super::print;
use super::super::super::run::Run;
use super::super::super::value::Value;
use super::super::Table;
use super::mac;
use super::network;
use super::plain::{attribute, no_attribute};

pub(in super::super) const FILTERS: Table = &[
    ("ip", ip),
    ("ipv4", |run, args| parsed(run, args, "ipv4", Address::v4)),
    ("ipv6", |run, args| parsed(run, args, "ipv6", Address::v6)),
    ("mac", mac),
];

/// An address, with the length of its network where it is that of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: Host,
    /// The length of the network.
    pub(super) prefix: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    V4(Ipv4Addr),
    /// With its zone.
    V6(Ipv6Addr, Option<String>),
}

/// Python takes anything that prints as an address; integers are addresses of their own.
fn parsed(
    run: &Run,
    args: Args,
    name: &'static str,
    parse: fn(&Run, &Value) -> Result<Option<Address>, Failure>,
) -> Result<Value, Failure> {
    let signature = Signature { name, hidden: 0, names: &["value"], required: 1 };
    let value = Bindings::of(&signature, args)?.required();
    Ok(parse(run, &value)?.map_or(Value::None, |address| Value::Object(Rc::new(address))))
}

impl Address {
    fn v4(run: &Run, value: &Value) -> Result<Option<Address>, Failure> {
        if let Some(number) = value.as_int() {
            let host = number.to_u32().map(|bits| Host::V4(Ipv4Addr::from_bits(bits)));
            return Ok(host.map(|host| Address { host, prefix: None }));
        }
        let text = text_of(run, value)?;
        Ok(Address::split(&text, |host| host.parse().ok().map(Host::V4), v4_prefix))
    }

    fn v6(run: &Run, value: &Value) -> Result<Option<Address>, Failure> {
        if let Some(number) = value.as_int() {
            let host = number.to_u128().map(|bits| Host::V6(Ipv6Addr::from_bits(bits), None));
            return Ok(host.map(|host| Address { host, prefix: None }));
        }
        let text = text_of(run, value)?;
        Ok(Address::split(&text, v6_host, |prefix| number_up_to(prefix, 128)))
    }

    fn split(text: &str, host: impl Fn(&str) -> Option<Host>, prefix: impl Fn(&str) -> Option<u32>) -> Option<Address> {
        match text.split_once('/') {
            None => Some(Address { host: host(text)?, prefix: None }),
            Some((text, length)) => Some(Address { host: host(text)?, prefix: Some(prefix(length)?) }),
        }
    }

    /// Python's interface forgets the zone when it is asked for its address, and what is no address yet becomes one.
    fn without_scope(mut self, value: &Value) -> Address {
        if value.class() != "IPv6Address"
            && let Host::V6(_, scope) = &mut self.host
        {
            *scope = None;
        }
        self
    }

    pub(super) fn host_text(&self) -> String {
        match &self.host {
            Host::V4(host) => host.to_string(),
            Host::V6(host, None) => v6_text(*host),
            Host::V6(host, Some(scope)) => format!("{}%{scope}", v6_text(*host)),
        }
    }

    pub(super) fn text(&self) -> String {
        match self.prefix {
            Some(prefix) => format!("{}/{prefix}", self.host_text()),
            None => self.host_text(),
        }
    }

    pub(super) fn width(&self) -> u32 {
        if matches!(self.host, Host::V4(_)) { 32 } else { 128 }
    }

    /// The address as a number.
    pub(super) fn bits(&self) -> u128 {
        match &self.host {
            Host::V4(host) => host.to_bits().into(),
            Host::V6(host, _) => host.to_bits(),
        }
    }

    /// The address of this number, of 32 or 128 bits.
    pub(super) fn of_bits(bits: u128, width: u32, prefix: Option<u32>) -> Address {
        let host = match u32::try_from(bits) {
            Ok(bits) if width == 32 => Host::V4(Ipv4Addr::from_bits(bits)),
            _ => Host::V6(Ipv6Addr::from_bits(bits), None),
        };
        Address { host, prefix }
    }
}

/// Bytes and tuples mean something to Python here that they do not print as.
fn text_of(run: &Run, value: &Value) -> Result<String, Failure> {
    match value {
        Value::Bytes(_) | Value::Tuple(_) => Err(Failure::refused(format!("a {} as an address", value.class()))),
        _ => print::str(run, value),
    }
}

fn number_up_to(text: &str, most: u32) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| *number <= most)
}

/// A length, a mask of the network, or one of the host.
fn v4_prefix(text: &str) -> Option<u32> {
    if let Some(length) = number_up_to(text, 32) {
        return Some(length);
    }
    let bits = text.parse::<Ipv4Addr>().ok()?.to_bits();
    let contiguous = |bits: u32| bits.leading_ones() + bits.trailing_zeros() >= 32;
    if contiguous(bits) {
        return Some(bits.leading_ones());
    }
    contiguous(!bits).then(|| bits.leading_zeros())
}

fn v6_host(text: &str) -> Option<Host> {
    let (host, scope) = match text.split_once('%') {
        None => (text, None),
        Some((_, scope)) if scope.is_empty() || scope.contains('%') => return None,
        Some((host, scope)) => (host, Some(scope.to_owned())),
    };
    Some(Host::V6(host.parse().ok()?, scope))
}

/// CPython 3.12 writes all groups in hexadecimal, the longest run of zeros as two colons.
fn v6_text(host: Ipv6Addr) -> String {
    let groups = host.segments();
    let mut best = 0..0;
    for start in 0..8 {
        let length = groups[start..].iter().take_while(|group| **group == 0).count();
        if length > best.len() {
            best = start..start + length;
        }
    }
    let join = |groups: &[u16]| groups.iter().map(|group| format!("{group:x}")).collect::<Vec<_>>().join(":");
    if best.len() < 2 {
        return join(&groups);
    }
    format!("{}::{}", join(&groups[..best.start]), join(&groups[best.end..]))
}

impl Object for Address {
    fn class(&self) -> &str {
        match (&self.host, self.prefix) {
            (Host::V4(_), None) => "IPv4Address",
            (Host::V4(_), Some(_)) => "IPv4Interface",
            (Host::V6(..), None) => "IPv6Address",
            (Host::V6(..), Some(_)) => "IPv6Interface",
        }
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
        let width = self.width();
        let bare = Address { host: self.host.clone(), prefix: None };
        Ok(Some(match name {
            "version" => Value::int(if width == 32 { 4 } else { 6 }),
            "max_prefixlen" => Value::int(width),
            "compressed" => Value::str(self.text()),
            "with_prefixlen" if self.prefix.is_some() => Value::str(self.text()),
            "ip" if self.prefix.is_some() => Value::Object(Rc::new(bare)),
            _ => return network::attribute(&self, name),
        }))
    }

    fn number(&self) -> Option<BigInt> {
        Some(self.bits().into())
    }

    fn equals(&self, other: &Value) -> Option<bool> {
        let Value::Object(other) = other else { return Some(false) };
        // Only an address has such a class, and its repr says all of it.
        Some(other.class() == self.class() && other.plain_text() == Some(self.text()))
    }

    fn plain_text(&self) -> Option<String> {
        Some(self.text())
    }
}

fn ip(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = Bindings::of(&Signature { name: "ip", hidden: 0, names: &["value"], required: 1 }, args)?.required();
    host_only(run, &value, 0)
}

fn host_only(run: &Run, value: &Value, depth: usize) -> Result<Value, Failure> {
    if depth > 100 {
        return Err(Failure::refused("lists nested more than 100 deep as addresses"));
    }
    if let Value::List(list) = value {
        let hosts = list.items().iter().map(|item| host_only(run, item, depth + 1)).collect::<Result<_, _>>()?;
        return Ok(Value::list(hosts));
    }
    let address = match Address::v4(run, value)? {
        Some(address) => Some(address),
        None => Address::v6(run, value)?,
    };
    if let Some(address) = address {
        Ok(Value::str(address.without_scope(value).host_text()))
    } else {
        let shown = print::repr(run, value)?;
        Err(Failure::value_error(format!("{shown} does not appear to be an IPv4 or IPv6 address")))
    }
}

fn mac(run: &Run, args: Args) -> Result<Value, Failure> {
    let signature = Signature { name: "mac", hidden: 0, names: &["value", "format"], required: 1 };
    let mut bound = Bindings::of(&signature, args)?;
    let (value, format) = (bound.required(), bound.or(Value::str("")));
    if let Value::Object(object) = &value
        && object.class().ends_with("Interface")
    {
        // An interface lets anything be set on it, and prints.
        return Ok(Value::str(print::str(run, &value)?.to_lowercase()));
    }
    let Some(text) = value.as_text() else {
        attribute(run, &value, "mac_address")?;
        return Err(no_attribute(run, &value, "dialect"));
    };
    let number = mac::parse(text).ok_or_else(|| Failure::value_error("value is not a valid mac address"))?;
    if number >> 48 != 0 {
        return Err(Failure::raised("IndexError", format!("integer out of bounds: '{number:#x}'!")));
    }
    Ok(Value::str(mac::text(number, format.as_text().map_or("", |format| format))))
}
