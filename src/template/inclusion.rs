//! Other templates: in these systems there are none to find, or only those of the system's own database.

use super::Dialect;
use super::code::{Expr, Inclusion};
use super::execute::Activation;
use super::failure::Failure;
use super::value::Value;

/// `include`, `extends` or `import`; it only goes on when a missing template may be passed over.
pub fn run(activation: &Activation<'_>, inclusion: &Inclusion, template: &Expr, ignore: bool) -> Result<(), Failure> {
    let name = activation.eval(template)?;
    match find(activation, inclusion, &name) {
        Err(failure) if ignore && failure.is_any(&NOT_FOUND) => Ok(()),
        other => other,
    }
}

const NOT_FOUND: [&str; 2] = ["jinja2.exceptions.TemplateNotFound", "jinja2.exceptions.TemplatesNotFound"];

fn find(activation: &Activation<'_>, inclusion: &Inclusion, name: &Value) -> Result<(), Failure> {
    let one = match inclusion {
        Inclusion::One => true,
        Inclusion::Select => false,
        Inclusion::Any => matches!(name, Value::Undefined(_) | Value::Str(_) | Value::Markup(_)),
        Inclusion::System(tag) => return Err(Failure::refused(format!("{tag}: it needs Peering Manager itself"))),
    };
    if one { load(activation, name) } else { select(activation, name) }
}

fn load(activation: &Activation<'_>, name: &Value) -> Result<(), Failure> {
    if let Value::Undefined(undefined) = name {
        return Err(activation.run.undefined_error(undefined));
    }
    if activation.run.dialect == Dialect::PeeringManager {
        return from_peering_manager(name);
    }
    super::dict::Key::of(name)?;
    Err(Failure::jinja("TemplateNotFound", super::print::str(activation.run, name)?))
}

/// Peering Manager looks for `kind::name` in its database; a kind that it does not know is an empty template.
fn from_peering_manager(name: &Value) -> Result<(), Failure> {
    let Some(text) = name.as_text() else { return Err(Failure::refused("a template whose name is no text")) };
    let parts: Vec<&str> = text.split("::").collect();
    match parts[..] {
        [_] => Err(Failure::type_error(
            "PeeringManagerLoader._lookup_object() missing 1 required positional argument: 'identifier'",
        )),
        ["bogus", _] => Ok(()),
        _ => Err(Failure::refused(format!("the template {text}: it needs Peering Manager itself"))),
    }
}

fn select(activation: &Activation<'_>, names: &Value) -> Result<(), Failure> {
    let run = activation.run;
    if let Value::Undefined(undefined) = names {
        return Err(run.undefined_error(undefined));
    }
    if !run.truth(names)? {
        return Err(Failure::jinja("TemplatesNotFound", "Tried to select from an empty list of templates."));
    }
    let mut tried = Vec::new();
    for name in run.list(names)? {
        match load(activation, &name) {
            Err(failure) if failure.is_any(&NOT_FOUND) || failure.is_any(&["jinja2.exceptions.UndefinedError"]) => {}
            other => return other,
        }
        tried.push(match &name {
            Value::Undefined(undefined) => super::lookup::undefined_message(run, undefined)?,
            name => super::print::str(run, name)?,
        });
    }
    if let Value::Dict(_) = names {
        // Jinja2 asks for the last name by its place.
        return Err(Failure::raised("KeyError", "-1"));
    }
    let message = format!("none of the templates given were found: {}", tried.join(", "));
    Err(Failure::jinja("TemplatesNotFound", message))
}
