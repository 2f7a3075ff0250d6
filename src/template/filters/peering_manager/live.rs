//! Peering Manager's filters on its live objects. On plain data they fail, each with its own words; what only its
//! database could tell is refused by name.

use super::super::super::call::Args;
use super::super::super::failure::Failure;
use super::super::super::parameters::{Bindings, Signature};
use super::super::super::print;
use super::super::super::run::Run;
use super::super::super::value::Value;
use super::super::Table;
use super::plain::{attribute, no_attribute};

/// What a filter does with plain data.
enum Answer {
    /// Whatever it is, it is not what is wanted: a `ValueError` or an `AttributeError`.
    Value(&'static str),
    Attribute(&'static str),
    /// It is asked for this attribute, which it does not have; the message begins with the value.
    Lacks(&'static str, &'static str),
    /// The message of an `AttributeError` begins with the value.
    Named(&'static str),
    /// The message of a `ValueError` begins with the value.
    NamedValue(&'static str),
    /// It is asked for this attribute outright.
    Asked(&'static str),
    /// An empty list, unless it is undefined.
    Empty(&'static str),
    None,
}

/// A filter: its parameters, and its answer.
struct Filter {
    signature: Signature,
    answer: Answer,
}

const fn filter(name: &'static str, names: &'static [&'static str], required: usize, answer: Answer) -> Filter {
    Filter { signature: Signature { name, hidden: 0, names, required }, answer }
}

impl Filter {
    fn apply(&self, run: &Run, args: Args) -> Result<Value, Failure> {
        let value = Bindings::of(&self.signature, args)?.required();
        let message = |what: &str| print::str(run, &value).map(|text| format!("{text} {what}"));
        let raised = |what: &str| Failure::raised("AttributeError", what);
        match self.answer {
            Answer::Value(what) => Err(Failure::value_error(what)),
            Answer::Attribute(what) => Err(raised(what)),
            Answer::NamedValue(what) => Err(Failure::value_error(message(what)?)),
            Answer::None => Ok(Value::None),
            Answer::Asked(name) => Err(no_attribute(run, &value, name)),
            Answer::Empty(name) | Answer::Lacks(name, _) if attribute(run, &value, name)?.is_some() => {
                Err(Failure::refused(format!("the filter {} on a {}", self.signature.name, value.class())))
            }
            Answer::Empty(_) => Ok(Value::list(Vec::new())),
            Answer::Lacks(_, "value has no status property") => {
                Err(Failure::value_error("value has no status property"))
            }
            Answer::Named(what) | Answer::Lacks(_, what) => Err(raised(&message(what)?)),
        }
    }
}

macro_rules! filters {
    ($($name:literal ($($parameter:literal),+; $required:literal) $answer:expr;)+) => {
        pub(in super::super) const FILTERS: Table = &[$((
            $name,
            |run, args| filter($name, &[$($parameter),+], $required, $answer).apply(run, args),
        )),+];
    };
}

filters! {
    "as_list" ("value", "family"; 1) Answer::Value("value has no AS list");
    "bfds" ("value"; 1) Answer::Value("value is not a router");
    "communities" ("value", "field"; 1) Answer::Empty("communities");
    "connections" ("value"; 1) Answer::Lacks("get_connections", "has no connections");
    "contact" ("value", "role", "field"; 2) Answer::Named("has no contacts");
    "context_get_key" ("value", "key", "default", "recursive"; 2) Answer::Attribute("object has no config context");
    "context_has_key" ("value", "key", "recursive"; 2) Answer::Attribute("object has no config context");
    "context_has_not_key" ("value", "key", "recursive"; 2) Answer::Attribute("object has no config context");
    "direct_peers" ("value", "group"; 1) Answer::Value("value is not a router");
    "direct_sessions" ("value", "family", "group"; 1)
        Answer::Lacks("get_direct_peering_sessions", "has no direct peering sessions, try `sessions`");
    "has_not_tag" ("value", "tag"; 2) Answer::Attribute("object has no tags");
    "has_tag" ("value", "tag"; 2) Answer::Attribute("object has no tags");
    "inherited_status" ("value"; 1) Answer::Lacks("status", "value has no status property");
    "ip_version" ("value"; 1) Answer::Value("value is not a bgp session");
    "iter_export_policies" ("value", "field", "family"; 1) Answer::Lacks("export_policies", "has no export policies");
    "iter_import_policies" ("value", "field", "family"; 1) Answer::Lacks("import_policies", "has no import policies");
    "ixp_peers" ("value", "ixp"; 1) Answer::Value("value is not a router");
    "ixp_sessions" ("value", "family", "ixp"; 1)
        Answer::Lacks("get_ixp_peering_sessions", "has no ixp peering sessions, try `sessions`");
    "ixps" ("value", "other"; 2) Answer::Asked("get_internet_exchange_points");
    "local_ips" ("value", "family"; 1) Answer::None;
    "max_prefix" ("value"; 1) Answer::Value("value is not a bgp session");
    "merge_communities" ("value"; 1) Answer::Empty("merged_communities");
    "merge_export_policies" ("value", "order"; 1) Answer::Lacks("merged_export_policies", "has no merged export policies");
    "merge_import_policies" ("value", "order"; 1) Answer::Lacks("merged_import_policies", "has no merged import policies");
    "missing_sessions" ("value", "other", "ixp"; 2) Answer::NamedValue("is not an autonomous system or a peeringdb network");
    "prefix_list" ("value", "family"; 1) Answer::Value("value has no prefixes");
    "relationships" ("value"; 1) Answer::Value("value has no relationships");
    "route_server" ("value", "family"; 1) Answer::Value("value is not an internet exchange");
    "routing_policies" ("value", "field", "family"; 1) Answer::Value("value is not a router");
    "sessions" ("value", "family"; 1)
        Answer::Lacks("get_peering_sessions", "has no generic peering sessions, try `direct_sessions` or `ixp_sessions`");
    "shared_facilities" ("value", "other"; 2) Answer::NamedValue("is not an autonomous system or a peeringdb network");
    "shared_ixps" ("value", "other"; 2) Answer::Value("one of the values must be an autonomous system");
    "strip_irr_sources" ("value"; 1) Answer::Value("value has no IRR AS-SET");
    "tags" ("value"; 1) Answer::Attribute("object has no tags");
}
