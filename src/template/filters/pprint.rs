//! The filter pprint: Python's `pprint.pformat`, 80 columns wide.

use super::super::call::Args;
use super::super::failure::Failure;
use super::super::methods::lines;
use super::super::parameters::{Bindings, Signature};
use super::super::print;
use super::super::python::letters;
use super::super::run::Run;
use super::super::value::Value;

const WIDTH: usize = 80;

/// How deep values may be nested to be written.
const DEPTH: usize = 200;

const PPRINT: Signature = Signature { name: "do_pprint", hidden: 0, names: &["value"], required: 1 };

pub(super) fn filter(run: &Run, args: Args) -> Result<Value, Failure> {
    let value = Bindings::of(&PPRINT, args)?.required();
    let mut printer = Printer { run, out: String::new(), inside: Vec::new() };
    printer.format(&value, 0, 0)?;
    run.charge(printer.out.len() / 8)?;
    Ok(Value::str(printer.out))
}

struct Printer<'a> {
    run: &'a Run,
    out: String,
    inside: Vec<usize>,
}

fn address(value: &Value) -> usize {
    match value {
        Value::List(list) => list.address(),
        Value::Dict(dict) => dict.address(),
        Value::Tuple(tuple) => tuple.items().as_ptr().addr(),
        _ => 0,
    }
}

impl Printer<'_> {
    /// Writes a value that stands at a column, with so many characters to follow it in the line.
    fn format(&mut self, value: &Value, indent: usize, allowance: usize) -> Result<(), Failure> {
        if self.inside.len() >= DEPTH {
            return Err(Failure::refused(format!("values nested more than {DEPTH} deep, printed")));
        }
        let repr = self.repr(value)?;
        let room = WIDTH.saturating_sub(indent + allowance);
        let fits = repr.chars().count() <= room;
        match value {
            _ if fits || (address(value) != 0 && self.inside.contains(&address(value))) => self.out.push_str(&repr),
            Value::Str(text) => self.text(text, indent, allowance),
            Value::List(_) | Value::Tuple(_) | Value::Dict(_) if is_plain(value) => {
                self.inside.push(address(value));
                self.container(value, indent, allowance)?;
                self.inside.pop();
            }
            Value::Bytes(_) => return Err(Failure::refused("pprint of long bytes")),
            _ => self.out.push_str(&repr),
        }
        Ok(())
    }

    fn container(&mut self, value: &Value, indent: usize, allowance: usize) -> Result<(), Failure> {
        match value {
            Value::List(list) => self.items("[", &list.items(), "]", indent, allowance),
            Value::Tuple(tuple) => {
                let close = if tuple.items().len() == 1 { ",)" } else { ")" };
                self.items("(", tuple.items(), close, indent, allowance)
            }
            Value::Dict(dict) => self.dict(dict.pairs(), indent, allowance + 1),
            _ => Ok(()),
        }
    }

    fn line(&mut self, indent: usize) {
        self.out.push_str(",\n");
        self.out.push_str(&" ".repeat(indent));
    }

    #[expect(clippy::too_many_arguments, reason = "the brackets go with the items")]
    fn items(
        &mut self,
        open: &str,
        items: &[Value],
        close: &str,
        indent: usize,
        allowance: usize,
    ) -> Result<(), Failure> {
        self.out.push_str(open);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.line(indent + 1);
            }
            let after = if index + 1 == items.len() { allowance + close.len() } else { 1 };
            self.format(item, indent + 1, after)?;
        }
        self.out.push_str(close);
        Ok(())
    }

    fn dict(&mut self, pairs: Vec<(Value, Value)>, indent: usize, allowance: usize) -> Result<(), Failure> {
        let pairs = safely_sorted(self.run, pairs)?;
        self.out.push('{');
        for (index, (key, value)) in pairs.iter().enumerate() {
            if index > 0 {
                self.line(indent + 1);
            }
            let key = self.repr(key)?;
            self.out.push_str(&key);
            self.out.push_str(": ");
            let after = if index + 1 == pairs.len() { allowance } else { 1 };
            self.format(value, indent + 1 + key.chars().count() + 2, after)?;
        }
        self.out.push('}');
        Ok(())
    }

    /// A long text as several, one to a line, parted after blanks.
    fn text(&mut self, text: &str, indent: usize, allowance: usize) {
        if text.is_empty() {
            self.out.push_str("''");
            return;
        }
        let outermost = self.inside.is_empty();
        let (indent, allowance) = if outermost { (indent + 1, allowance + 1) } else { (indent, allowance) };
        let width = WIDTH.saturating_sub(indent);
        let chunks = chunks(text, width, allowance);
        if let [one] = chunks.as_slice() {
            self.out.push_str(one);
            return;
        }
        let joined = chunks.join(&format!("\n{}", " ".repeat(indent)));
        let (open, close) = if outermost { ("(", ")") } else { ("", "") };
        self.out.extend([open, &joined, close]);
    }

    /// The text of a value in one line: dicts in the order of their keys.
    fn repr(&mut self, value: &Value) -> Result<String, Failure> {
        if !is_plain(value) || self.inside.len() >= DEPTH {
            return print::repr(self.run, value);
        }
        let own = address(value);
        if self.inside.contains(&own) {
            return Ok(format!("<Recursion on {} with id={own}>", value.class()));
        }
        self.run.step()?;
        self.inside.push(own);
        let text = match value {
            Value::List(list) => self.repr_items("[", &list.items(), "]"),
            Value::Tuple(tuple) => {
                self.repr_items("(", tuple.items(), if tuple.items().len() == 1 { ",)" } else { ")" })
            }
            Value::Dict(dict) => self.repr_dict(dict.pairs()),
            _ => print::repr(self.run, value),
        };
        self.inside.pop();
        text
    }

    fn repr_items(&mut self, open: &str, items: &[Value], close: &str) -> Result<String, Failure> {
        let items: Vec<String> = items.iter().map(|item| self.repr(item)).collect::<Result<_, _>>()?;
        Ok(format!("{open}{}{close}", items.join(", ")))
    }

    fn repr_dict(&mut self, pairs: Vec<(Value, Value)>) -> Result<String, Failure> {
        let mut parts = Vec::new();
        for (key, value) in safely_sorted(self.run, pairs)? {
            parts.push(format!("{}: {}", self.repr(&key)?, self.repr(&value)?));
        }
        Ok(format!("{{{}}}", parts.join(", ")))
    }
}

/// What pprint takes apart; Jinja2's groups print themselves.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::List(_) | Value::Dict(_) => true,
        Value::Tuple(tuple) => tuple.fields().is_empty(),
        _ => false,
    }
}

/// Sorted by key; keys without an order between them are ordered by their types' names.
fn safely_sorted(run: &Run, pairs: Vec<(Value, Value)>) -> Result<Vec<(Value, Value)>, Failure> {
    let mut failure = None;
    let mut pairs = pairs;
    pairs.sort_by(|(left, _), (right, _)| {
        let mut less = |left: &Value, right: &Value| match run.less(left, right) {
            Ok(less) => less,
            Err(error) if error.is_any(&["TypeError"]) => class_order(left) < class_order(right),
            Err(error) => {
                failure.get_or_insert(error);
                false
            }
        };
        match (less(left, right), less(right, left)) {
            (true, _) => std::cmp::Ordering::Less,
            (false, true) => std::cmp::Ordering::Greater,
            (false, false) => std::cmp::Ordering::Equal,
        }
    });
    failure.map_or(Ok(pairs), Err)
}

fn class_order(value: &Value) -> String {
    format!("<class '{}'>", value.class())
}

/// The reprs of the parts of a text that fit the width.
fn chunks(text: &str, width: usize, allowance: usize) -> Vec<String> {
    let mut chunks = Vec::new();
    let lines = lines(text, true);
    for (index, line) in lines.iter().enumerate() {
        let last_line = index + 1 == lines.len();
        let room = if last_line { width.saturating_sub(allowance) } else { width };
        let whole = letters::repr(line);
        if whole.chars().count() <= room {
            chunks.push(whole);
        } else {
            parts_of_line(line, width, if last_line { allowance } else { 0 }, &mut chunks);
        }
    }
    chunks
}

fn parts_of_line(line: &str, width: usize, allowance: usize, chunks: &mut Vec<String>) {
    let words = words(line);
    let mut current = String::new();
    for (index, word) in words.iter().enumerate() {
        let room = if index + 1 == words.len() { width.saturating_sub(allowance) } else { width };
        let candidate = format!("{current}{word}");
        if letters::repr(&candidate).chars().count() > room {
            if !current.is_empty() {
                chunks.push(letters::repr(&current));
            }
            (*word).clone_into(&mut current);
        } else {
            current = candidate;
        }
    }
    if !current.is_empty() {
        chunks.push(letters::repr(&current));
    }
}

/// Words, each with the blanks behind it; blanks at the start are one of their own.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut blank_before = false;
    for (at, letter) in line.char_indices() {
        let blank = letters::is_space(letter);
        if blank_before && !blank && at > start {
            words.push(&line[start..at]);
            start = at;
        }
        blank_before = blank;
    }
    words.push(&line[start..]);
    words
}
