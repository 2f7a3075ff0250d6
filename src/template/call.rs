//! How things are called: the arguments, and the one signature of all filters, tests, methods and functions.

use std::sync::Arc;

use super::failure::Failure;
use super::run::Run;
use super::value::Value;

/// The arguments of a call. For a filter or test the first positional one is the value on the left, for a method it is
/// the object.
#[derive(Clone, Default)]
pub struct Args {
    /// In order; `*args` are unpacked already.
    pub positional: Vec<Value>,
    /// By name in the order written; `**kwargs` are unpacked already, no name comes twice.
    pub keyword: Vec<(Arc<str>, Value)>,
}

impl Args {
    /// Positional arguments alone.
    pub fn new(positional: Vec<Value>) -> Args {
        Args { positional, keyword: Vec::new() }
    }

    /// The argument of this name.
    pub fn named(&self, name: &str) -> Option<&Value> {
        self.keyword.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }
}

/// Anything built in that can be called. It gets all arguments unchecked and says Python's `TypeError` itself when they
/// do not fit. Lines are added by the caller.
pub type Function = fn(&Run, Args) -> Result<Value, Failure>;

/// A method together with the value that it was taken from.
pub struct Bound {
    /// The object, put in front of the arguments.
    pub receiver: Value,
    /// The method's name.
    pub name: &'static str,
    /// The method.
    pub function: Function,
}

impl Bound {
    /// Calls it.
    pub fn call(&self, run: &Run, mut args: Args) -> Result<Value, Failure> {
        args.positional.insert(0, self.receiver.clone());
        (self.function)(run, args)
    }
}
