//! Values that a template left empty, although the body that its system sends without a template has them.

use serde_json::Value;

use super::strings::{DEFAULT_BODY, step};
use crate::capture::Request;
use crate::sender::payload::Payload;

/// What stands empty in the body of `rendered` while `default`, the webhook without a template that told of the same change,
/// has a value under the same name: where it is, and where that value is.
pub fn emptied(rendered: &Request, default: &Request) -> Vec<(String, String)> {
    let read = |request: &Request| serde_json::from_slice::<Value>(&Payload::whole(request).text).ok();
    let (Some(rendered), Some(default)) = (read(rendered), read(default)) else { return Vec::new() };
    let is_default = |body: &Value| DEFAULT_BODY.iter().all(|field| body.get(field).is_some());
    if is_default(&rendered) || !is_default(&default) {
        return Vec::new();
    }
    let mut empty = Vec::new();
    gather(&rendered, "", &mut empty);
    let there = |name: &str| {
        let of_object = default["data"].get(name).filter(|value| has_something(value)).map(|_| format!("data.{name}"));
        of_object.or_else(|| default.get(name).filter(|value| has_something(value)).map(|_| name.to_owned()))
    };
    empty.into_iter().filter_map(|(path, name)| Some((path, there(&name)?))).collect()
}

/// The paths and keys of all that is empty.
fn gather(value: &Value, path: &str, empty: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = format!("{path}{}", step(key));
                match value {
                    Value::Object(_) | Value::Array(_) if has_something(value) => gather(value, &path, empty),
                    value if !has_something(value) => empty.push((path, key.clone())),
                    _ => {}
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                gather(item, &format!("{path}[{at}]"), empty);
            }
        }
        _ => {}
    }
}

fn has_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty() && text != "None",
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Body;

    fn request(body: &'static str) -> Request {
        Request { body: Body::whole(body), ..Request::default() }
    }

    #[test]
    fn what_the_default_body_has_is_missed() {
        let default = request(
            r#"{"event": "update", "username": "ada", "data": {"asn": 64500, "name": "Example", "comments": "", "tags": []}}"#,
        );
        let rendered = request(
            r#"{"text": {"asn": "", "facts": [{"name": "None"}]}, "username": null, "comments": "", "tags": [], "event": "update"}"#,
        );
        let pair = |path: &str, there: &str| (path.to_owned(), there.to_owned());
        let expected =
            [pair(".text.asn", "data.asn"), pair(".text.facts[0].name", "data.name"), pair(".username", "username")];
        assert_eq!(emptied(&rendered, &default), expected);
        assert_eq!(emptied(&default, &default), [], "not rendered");
        assert_eq!(emptied(&rendered, &rendered), [], "no default body");
        assert_eq!(emptied(&request("text"), &default), []);
    }
}
