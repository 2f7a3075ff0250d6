//! Putting arguments into parameters as Python does, with its `TypeError`s: those of functions written in Python, and
//! those of CPython's own.

use super::call::Args;
use super::failure::Failure;
use super::value::Value;

/// The parameters of a function that is written in Python, all of which may be given by position or by name.
pub struct Signature {
    /// The name in messages.
    pub name: &'static str,
    /// Parameters in front that the engine fills in, `environment` and such: they are counted in messages.
    pub hidden: usize,
    /// The names.
    pub names: &'static [&'static str],
    /// How many of them must be given.
    pub required: usize,
}

impl Signature {
    /// The value of each parameter; nothing for one that is left at its default.
    pub fn bind(&self, args: Args) -> Result<Vec<Option<Value>>, Failure> {
        let given = args.positional.len();
        let mut bound: Vec<Option<Value>> = args.positional.into_iter().map(Some).collect();
        bound.resize(self.names.len().max(given), None);
        for (name, value) in args.keyword {
            let Some(place) = self.names.iter().position(|known| **known == *name) else {
                return Err(self.error(&format!("got an unexpected keyword argument '{name}'")));
            };
            if bound[place].is_some() {
                return Err(self.error(&format!("got multiple values for argument '{name}'")));
            }
            bound[place] = Some(value);
        }
        if given > self.names.len() {
            return Err(self.too_many(given));
        }
        self.check_missing(&bound)?;
        Ok(bound)
    }

    fn error(&self, what: &str) -> Failure {
        Failure::type_error(format!("{}() {what}", self.name))
    }

    fn too_many(&self, given: usize) -> Failure {
        let (least, most) = (self.required + self.hidden, self.names.len() + self.hidden);
        let given = given + self.hidden;
        let takes = if least == most { most.to_string() } else { format!("from {least} to {most}") };
        let plural = if most == 1 { "" } else { "s" };
        let were = if given == 1 { "was" } else { "were" };
        self.error(&format!("takes {takes} positional argument{plural} but {given} {were} given"))
    }

    fn check_missing(&self, bound: &[Option<Value>]) -> Result<(), Failure> {
        let required = self.names.iter().zip(bound).take(self.required);
        let missing: Vec<String> =
            required.filter(|(_, value)| value.is_none()).map(|(name, _)| format!("'{name}'")).collect();
        let list = match missing.as_slice() {
            [] => return Ok(()),
            [one] => one.clone(),
            [one, two] => format!("{one} and {two}"),
            [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
        };
        let plural = if missing.len() == 1 { "" } else { "s" };
        Err(self.error(&format!("missing {} required positional argument{plural}: {list}", missing.len())))
    }
}

/// Bound arguments, taken one after the other.
pub struct Bindings(std::vec::IntoIter<Option<Value>>);

impl Bindings {
    /// Binds the arguments to the signature.
    pub fn of(signature: &Signature, args: Args) -> Result<Self, Failure> {
        Ok(Self(signature.bind(args)?.into_iter()))
    }

    /// The next parameter, if it was given.
    pub fn optional(&mut self) -> Option<Value> {
        self.0.next().flatten()
    }

    /// The next parameter, or its default.
    pub fn or(&mut self, default: Value) -> Value {
        self.optional().unwrap_or(default)
    }

    /// The next parameter, which was given.
    pub fn required(&mut self) -> Value {
        self.or(Value::None)
    }
}

/// How the messages of a function or method of CPython's own name it and count.
pub struct Native {
    /// The name: `str.upper` or `replace`.
    pub name: &'static str,
    /// The class that `name` is shown behind where it is shown whole.
    pub class: &'static str,
}

impl Native {
    fn whole(&self) -> String {
        format!("{}.{}", self.class, self.name)
    }

    /// Refuses keyword arguments.
    pub fn no_keywords(&self, args: &Args) -> Result<(), Failure> {
        if args.keyword.is_empty() {
            return Ok(());
        }
        Err(Failure::type_error(format!("{}() takes no keyword arguments", self.whole())))
    }

    /// The arguments of a method that takes none beside its object.
    pub fn none(&self, args: Args) -> Result<Value, Failure> {
        self.no_keywords(&args)?;
        let given = args.positional.len() - 1;
        if given > 0 {
            return Err(Failure::type_error(format!("{}() takes no arguments ({given} given)", self.whole())));
        }
        Ok(args.positional.into_iter().next().unwrap_or(Value::None))
    }

    /// The object and the argument of a method that takes one.
    pub fn one(&self, args: Args) -> Result<(Value, Value), Failure> {
        self.no_keywords(&args)?;
        let given = args.positional.len() - 1;
        let mut values = args.positional.into_iter();
        match (values.next(), values.next(), values.next()) {
            (Some(object), Some(argument), None) => Ok((object, argument)),
            _ => Err(Failure::type_error(format!("{}() takes exactly one argument ({given} given)", self.whole()))),
        }
    }

    /// The object and between `least` and `most` arguments by position.
    pub fn between(&self, args: Args, least: usize, most: usize) -> Result<(Value, Vec<Value>), Failure> {
        self.no_keywords(&args)?;
        let mut values = args.positional.into_iter();
        let object = values.next().unwrap_or(Value::None);
        let rest: Vec<Value> = values.collect();
        self.count(rest.len(), least, most)?;
        Ok((object, rest))
    }

    fn count(&self, given: usize, least: usize, most: usize) -> Result<(), Failure> {
        if (least..=most).contains(&given) {
            return Ok(());
        }
        let bound = if given < least { least } else { most };
        let how = match (least == most, given < least) {
            (true, _) => "",
            (false, true) => "at least ",
            (false, false) => "at most ",
        };
        let plural = if bound == 1 { "" } else { "s" };
        Err(Failure::type_error(format!("{} expected {how}{bound} argument{plural}, got {given}", self.name)))
    }

    /// The object and the parameters of a method that takes some of them by name: each, if given.
    pub fn by_name(&self, args: Args, names: &[&str], required: usize) -> Result<(Value, Vec<Option<Value>>), Failure> {
        let given = args.positional.len() - 1 + args.keyword.len();
        if given > names.len() {
            return Err(self.too_many_by_name(&args, names.len(), required));
        }
        let mut values = args.positional.into_iter();
        let object = values.next().unwrap_or(Value::None);
        let mut bound: Vec<Option<Value>> = values.map(Some).collect();
        let by_position = bound.len();
        bound.resize(names.len(), None);
        let mut unknown = None;
        for (name, value) in args.keyword {
            match names.iter().position(|known| !known.is_empty() && **known == *name) {
                None => unknown = unknown.or(Some(name)),
                Some(place) if place < by_position => {
                    return Err(Failure::type_error(format!(
                        "argument for {}() given by name ('{name}') and position ({})",
                        self.name,
                        place + 1
                    )));
                }
                Some(place) => bound[place] = Some(value),
            }
        }
        if let Some(place) = bound.iter().take(required).position(Option::is_none) {
            return Err(Failure::type_error(format!(
                "{}() missing required argument '{}' (pos {})",
                self.name,
                names[place],
                place + 1
            )));
        }
        match unknown {
            Some(name) => {
                Err(Failure::type_error(format!("'{name}' is an invalid keyword argument for {}()", self.name)))
            }
            None => Ok((object, bound)),
        }
    }

    fn too_many_by_name(&self, args: &Args, most: usize, required: usize) -> Failure {
        let given = args.positional.len() - 1 + args.keyword.len();
        let kind = if args.positional.len() == 1 { "keyword " } else { "" };
        let how = if required == most { "exactly" } else { "at most" };
        let plural = if most == 1 { "" } else { "s" };
        Failure::type_error(format!("{}() takes {how} {most} {kind}argument{plural} ({given} given)", self.name))
    }
}
