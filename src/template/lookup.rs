//! Attributes and items as the sandboxed environment looks them up: what is there, what is not, and what is unsafe.

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::call::Bound;
use super::failure::Failure;
use super::methods;
use super::print;
use super::run::Run;
use super::value::{Undefined, Value};

/// What every Python object has; reaching for it is unsafe.
const OF_ALL: [&str; 26] = [
    "__class__",
    "__delattr__",
    "__dir__",
    "__doc__",
    "__eq__",
    "__format__",
    "__ge__",
    "__getattribute__",
    "__getstate__",
    "__gt__",
    "__hash__",
    "__init__",
    "__init_subclass__",
    "__le__",
    "__lt__",
    "__ne__",
    "__new__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__setattr__",
    "__sizeof__",
    "__str__",
    "__subclasshook__",
    "__module__",
    "__dict__",
];

const OF_SET_VIEWS: &str =
    "__and__ __contains__ __iter__ __len__ __or__ __rand__ __reversed__ __ror__ __rsub__ __rxor__ __sub__ __xor__";

/// Special names by class, beyond those of all; what is not listed is taken as not there.
const OF_CLASSES: [(&str, &str); 16] = [
    ("str", "__add__ __contains__ __getitem__ __getnewargs__ __iter__ __len__ __mod__ __mul__ __rmod__ __rmul__"),
    (
        "list",
        "__add__ __class_getitem__ __contains__ __delitem__ __getitem__ __iadd__ __imul__ __iter__ __len__ __mul__ __reversed__ __rmul__ __setitem__",
    ),
    ("tuple", "__add__ __class_getitem__ __contains__ __getitem__ __getnewargs__ __iter__ __len__ __mul__ __rmul__"),
    (
        "dict",
        "__class_getitem__ __contains__ __delitem__ __getitem__ __ior__ __iter__ __len__ __or__ __reversed__ __ror__ __setitem__",
    ),
    (
        "int",
        "__abs__ __add__ __and__ __bool__ __ceil__ __divmod__ __float__ __floor__ __floordiv__ __getnewargs__ __index__ __int__ __invert__ __lshift__ __mod__ __mul__ __neg__ __or__ __pos__ __pow__ __radd__ __rand__ __rdivmod__ __rfloordiv__ __rlshift__ __rmod__ __rmul__ __ror__ __round__ __rpow__ __rrshift__ __rshift__ __rsub__ __rtruediv__ __rxor__ __sub__ __truediv__ __trunc__ __xor__",
    ),
    (
        "float",
        "__abs__ __add__ __bool__ __ceil__ __divmod__ __float__ __floor__ __floordiv__ __getformat__ __getnewargs__ __int__ __mod__ __mul__ __neg__ __pos__ __pow__ __radd__ __rdivmod__ __rfloordiv__ __rmod__ __rmul__ __round__ __rpow__ __rsub__ __rtruediv__ __sub__ __truediv__ __trunc__",
    ),
    ("NoneType", "__bool__"),
    (
        "bytes",
        "__add__ __bytes__ __contains__ __getitem__ __getnewargs__ __iter__ __len__ __mod__ __mul__ __rmod__ __rmul__",
    ),
    ("range", "__bool__ __contains__ __getitem__ __iter__ __len__ __reversed__"),
    ("dict_keys", OF_SET_VIEWS),
    ("dict_items", OF_SET_VIEWS),
    ("dict_values", "__iter__ __len__ __reversed__"),
    ("generator", "__del__ __iter__ __name__ __next__ __qualname__ gi_frame gi_code"),
    (
        "function",
        "__annotations__ __builtins__ __call__ __closure__ __code__ __defaults__ __get__ __globals__ __kwdefaults__ __name__ __qualname__ __type_params__",
    ),
    (
        "type",
        "__call__ __name__ __bases__ __base__ __mro__ mro __subclasses__ __qualname__ __basicsize__ __flags__ __or__ __ror__ __prepare__ __instancecheck__ __subclasscheck__ __itemsize__ __text_signature__ __weakrefoffset__ __dictoffset__ __abstractmethods__ __annotations__ __type_params__",
    ),
    ("builtin_function_or_method", "__call__ __name__ __qualname__ __self__ __text_signature__"),
];

/// What a lookup of an attribute comes to.
enum Found {
    Value(Value),
    Unsafe,
    Nothing,
}

impl Run {
    /// `environment.getattr`: attribute, then item, else Undefined. `owner.name` in a template.
    pub fn attribute(&self, owner: &Value, name: &str) -> Result<Value, Failure> {
        if let Value::Dict(dict) = owner
            && !name.starts_with("__")
            && methods::find(owner, name).is_none()
            && let Some(value) = dict.get_str(name)
        {
            return Ok(value);
        }
        match self.find_attribute(owner, name)? {
            Found::Value(value) => Ok(value),
            Found::Unsafe => Ok(unsafe_access(owner, name)),
            Found::Nothing => match self.subscript(owner, &Value::str(name))? {
                Some(value) => Ok(value),
                None => Ok(missing(owner, Value::str(name))),
            },
        }
    }

    /// `environment.getitem`: item, then attribute, else Undefined. `owner[key]` in a template.
    pub fn item(&self, owner: &Value, key: &Value) -> Result<Value, Failure> {
        if let Some(value) = self.subscript(owner, key)? {
            return Ok(value);
        }
        if let Some(name) = key.as_text() {
            match self.find_attribute(owner, name)? {
                Found::Value(value) => return Ok(value),
                Found::Unsafe => return Ok(unsafe_access(owner, name)),
                Found::Nothing => {}
            }
        }
        Ok(missing(owner, key.clone()))
    }

    fn find_attribute(&self, owner: &Value, name: &str) -> Result<Found, Failure> {
        if let Value::Undefined(undefined) = owner {
            return self.attribute_of_undefined(undefined, name);
        }
        if is_special(owner, name) {
            return Ok(Found::Unsafe);
        }
        if let Value::Object(object) = owner
            && let Some(value) = object.clone().attribute(self, name)?
        {
            return Ok(if name.starts_with('_') { Found::Unsafe } else { Found::Value(value) });
        }
        if name.starts_with('_') {
            return Ok(Found::Nothing);
        }
        if let Some((name, function)) = methods::find(owner, name) {
            let bound = Bound { receiver: owner.clone(), name, function };
            return Ok(Found::Value(Value::Method(Rc::new(bound))));
        }
        if let Value::Tuple(tuple) = owner
            && let Some(at) = tuple.fields().iter().position(|field| *field == name)
        {
            return Ok(Found::Value(tuple.items()[at].clone()));
        }
        Ok(methods::attribute(owner, name).map_or(Found::Nothing, Found::Value))
    }

    /// An Undefined fails for every name but its own private ones.
    fn attribute_of_undefined(&self, undefined: &Undefined, name: &str) -> Result<Found, Failure> {
        if name.starts_with("__") && name.ends_with("__") {
            let own = OF_ALL.contains(&name) && name != "__dict__" || OF_UNDEFINED.contains(&name);
            return Ok(if own { Found::Unsafe } else { Found::Nothing });
        }
        if name.starts_with("_undefined_") || name == "_fail_with_undefined_error" {
            return Ok(Found::Unsafe);
        }
        Err(self.undefined_error(undefined))
    }

    /// `owner[key]`; nothing for every `TypeError` or `LookupError`.
    fn subscript(&self, owner: &Value, key: &Value) -> Result<Option<Value>, Failure> {
        Ok(match owner {
            Value::Undefined(undefined) => return Err(self.undefined_error(undefined)),
            Value::Dict(dict) => dict.get(key).unwrap_or_default(),
            Value::List(list) => place(key, list.len()).and_then(|at| list.get(at)),
            Value::Tuple(tuple) => place(key, tuple.items().len()).and_then(|at| tuple.items().get(at).cloned()),
            Value::Str(text) => char_at(text, key).map(Value::str),
            Value::Markup(text) => char_at(text, key).map(Value::markup),
            Value::Bytes(bytes) => place(key, bytes.len()).map(|at| Value::int(bytes[at])),
            Value::Range(range) => place(key, range.len).map(|at| Value::Int(range.at(at))),
            Value::Object(object) => object.item(self, key)?,
            _ => None,
        })
    }

    /// What using this Undefined raises.
    pub fn undefined_error(&self, undefined: &Undefined) -> Failure {
        let message = match undefined_message(self, undefined) {
            Ok(message) => message,
            Err(failure) => return failure,
        };
        Failure::jinja(if undefined.unsafe_access { "SecurityError" } else { "UndefinedError" }, message)
    }
}

/// Special names of Jinja2's `Undefined` beyond those of all objects.
const OF_UNDEFINED: [&str; 33] = [
    "__add__",
    "__radd__",
    "__sub__",
    "__rsub__",
    "__mul__",
    "__rmul__",
    "__div__",
    "__rdiv__",
    "__truediv__",
    "__rtruediv__",
    "__floordiv__",
    "__rfloordiv__",
    "__mod__",
    "__rmod__",
    "__pos__",
    "__neg__",
    "__call__",
    "__getitem__",
    "__int__",
    "__float__",
    "__complex__",
    "__pow__",
    "__rpow__",
    "__len__",
    "__iter__",
    "__aiter__",
    "__bool__",
    "__slots__",
    "__getattr__",
    "__annotations__",
    "__lt__",
    "__le__",
    "__module__",
];

fn is_special(owner: &Value, name: &str) -> bool {
    if !name.starts_with("__") && !matches!(name, "mro" | "gi_frame" | "gi_code") {
        return false;
    }
    let class = match owner {
        Value::Markup(_) => "str",
        Value::Bool(_) => "int",
        Value::Tuple(_) => "tuple",
        other => other.class(),
    };
    let plain = !matches!(owner, Value::Object(_) | Value::Tuple(_) | Value::Markup(_));
    if OF_ALL.contains(&name) && !(plain && matches!(name, "__module__" | "__dict__")) {
        return true;
    }
    if matches!(owner, Value::Markup(_)) && matches!(name, "__html__" | "__html_format__" | "__radd__") {
        return true;
    }
    OF_CLASSES.iter().any(|(own, names)| *own == class && names.split(' ').any(|own| own == name))
}

/// The message of an `Undefined`.
pub fn undefined_message(run: &Run, undefined: &Undefined) -> Result<String, Failure> {
    if let Some(hint) = undefined.hint.as_ref().filter(|hint| !hint.is_empty()) {
        return Ok(hint.clone());
    }
    let name = undefined.name.clone().unwrap_or(Value::None);
    let shown = print::repr(run, &name)?;
    Ok(match &undefined.owner {
        None => format!("{shown} is undefined"),
        Some(owner) if name.as_text().is_some() => format!("'{}' has no attribute {shown}", type_of(owner)),
        Some(owner) => format!("{} has no element {shown}", type_of(owner)),
    })
}

/// What Jinja2 calls the type of a value.
fn type_of(value: &Value) -> String {
    match value {
        Value::None => "None".to_owned(),
        Value::Undefined(_) => "jinja2.runtime.Undefined object".to_owned(),
        Value::Markup(_) => "markupsafe.Markup object".to_owned(),
        Value::Tuple(tuple) if !tuple.fields().is_empty() => "jinja2.filters._GroupTuple object".to_owned(),
        Value::Object(object) if object.module() != "builtins" => {
            format!("{}.{} object", object.module(), object.class())
        }
        other => format!("{} object", other.class()),
    }
}

fn missing(owner: &Value, name: Value) -> Value {
    let undefined = Undefined { owner: Some(owner.clone()), name: Some(name), ..Undefined::default() };
    Value::Undefined(Rc::new(undefined))
}

fn unsafe_access(owner: &Value, name: &str) -> Value {
    let hint =
        format!("access to attribute {} of '{}' object is unsafe.", super::python::letters::repr(name), owner.class());
    Value::Undefined(Rc::new(Undefined {
        hint: Some(hint),
        owner: Some(owner.clone()),
        name: Some(Value::str(name)),
        unsafe_access: true,
    }))
}

/// The place that an index means in a sequence of this length.
fn place(key: &Value, length: usize) -> Option<usize> {
    let index = key.as_int()?;
    let index = if index < BigInt::ZERO { index + length } else { index };
    index.to_usize().filter(|index| *index < length)
}

fn char_at(text: &str, key: &Value) -> Option<String> {
    let index = key.as_int()?;
    if index >= BigInt::ZERO {
        return text.chars().nth(index.to_usize()?).map(String::from);
    }
    let back = (-index - 1u8).to_usize()?;
    text.chars().nth_back(back).map(String::from)
}
