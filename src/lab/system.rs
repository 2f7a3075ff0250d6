//! The systems whose templates are tried out: what they are called, whose captures are theirs, how they sign.

use crate::template::Dialect;

/// A name that no system has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`system` is {0:?}: use peering-manager, netbox, nautobot or plain")]
pub struct UnknownSystem(String);

/// Whose templates a sender has: those of Jinja2 as it comes where it is not known.
pub fn dialect_of(sender: Option<&str>) -> Dialect {
    match sender {
        Some("Peering Manager") => Dialect::PeeringManager,
        Some("NetBox") => Dialect::NetBox,
        Some("Nautobot") => Dialect::Nautobot,
        _ => Dialect::Plain,
    }
}

/// The system that is called so in a definition and on the command line.
pub fn dialect_named(name: &str) -> Result<Dialect, UnknownSystem> {
    match name {
        "peering-manager" => Ok(Dialect::PeeringManager),
        "netbox" | "netbox-4.6" | "netbox-4.7" => Ok(Dialect::NetBox),
        "nautobot" => Ok(Dialect::Nautobot),
        "plain" => Ok(Dialect::Plain),
        _ => Err(UnknownSystem(name.to_owned())),
    }
}

/// What a system is called.
pub fn name_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Plain => "Jinja2",
        Dialect::PeeringManager => "Peering Manager",
        Dialect::NetBox | Dialect::NetBoxHeaders => "NetBox",
        Dialect::Nautobot => "Nautobot",
    }
}

/// The scheme by which a system signs; `None` where it is not known. Peering Manager, NetBox and Nautobot sign alike.
pub fn scheme_of(dialect: Dialect) -> Option<&'static str> {
    (dialect != Dialect::Plain).then_some("netbox")
}
