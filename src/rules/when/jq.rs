//! Conditions on a JSON body as jq expressions, which always come to an end.
//!
//! The filter is the user's, the body anybody's. What could run for ever, fill the memory, end the process or look
//! around (recursion, folds, assignments, multiplied texts, `range`, `env`, `halt`) is refused when the rules are read:
//! every filter that is left visits each value of the body a bounded number of times. Language: the manual of jq 1.7, by
//! way of the crates jaq-core, jaq-std and jaq-json.

use std::sync::LazyLock;

use jaq_core::data::JustLut;
use jaq_core::load::lex::{Lexer, StrPart};
use jaq_core::load::parse::{BinaryOp, Def, Parser, Pattern, Term};
use jaq_core::load::{Arena, File, Loader};
use jaq_core::ops::Math;
use jaq_core::path::{Part, Path};
use jaq_core::{Bind, Compiler, Ctx, Error, Native, RunPtr, ValT as _, Vars};
use jaq_json::Val;
use regex::Regex;

use crate::config::nearest;

/// A value that filters run on.
pub(in crate::rules) type Value = Val;

type Filter = jaq_core::Filter<JustLut<Val>>;

/// What may be called of what is defined in jq.
const PRELUDE: &str = include_str!("prelude.jq");

/// What may be called of what is native.
const NATIVE: [&str; 27] = [
    "ascii_downcase",
    "ascii_upcase",
    "ceil",
    "contains",
    "endswith",
    "explode",
    "first",
    "floor",
    "group_by",
    "has",
    "keys_unsorted",
    "last",
    "length",
    "limit",
    "ltrim",
    "ltrimstr",
    "reverse",
    "round",
    "rtrim",
    "rtrimstr",
    "skip",
    "sort",
    "sort_by",
    "startswith",
    "test",
    "trim",
    "utf8bytelength",
];

/// A filter that is ready to run, and its text.
pub(in crate::rules) struct Jq {
    text: String,
    filter: Filter,
}

impl std::fmt::Debug for Jq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Jq({:?})", self.text)
    }
}

impl Jq {
    /// Reads a filter; the error says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        check(&parse(text)?, &mut Vec::new())?;
        Ok(Self { text: text.to_owned(), filter: compile(text)? })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether one of its results is neither false nor null; the error is that of the filter.
    pub fn holds(&self, value: &Value) -> Result<bool, String> {
        let context = Ctx::<JustLut<Val>>::new(&self.filter.lut, Vars::new([]));
        for result in self.filter.id.run((context, value.clone())) {
            match result {
                Ok(value) if value.as_bool() => return Ok(true),
                Ok(_) => {}
                Err(exception) => {
                    // Not `unwrap_valr`, which ends the process on `halt`.
                    return Err(exception
                        .get_err()
                        .map_or_else(|_| "it stopped".to_owned(), |error| error.to_string()));
                }
            }
        }
        Ok(false)
    }
}

/// Reads a body. It must not be nested deeply: this descends.
pub(in crate::rules) fn read(json: &[u8]) -> Option<Value> {
    jaq_json::read::parse_single(json).ok()
}

fn parse(text: &str) -> Result<Term<&str>, String> {
    let found = |rest: &str| match rest.chars().next() {
        Some(_) => format!("at `{}`", crate::inspect::cut(rest, 20)),
        None => "at its end".to_owned(),
    };
    let tokens = Lexer::new(text).lex().map_err(|errors| {
        errors
            .first()
            .map_or_else(String::new, |(expected, rest)| format!("{} expected {}", expected.as_str(), found(rest)))
    })?;
    let parsed = Parser::new(&tokens).parse(Parser::term);
    parsed.map_err(|errors| {
        let first = errors.first().map(|(expected, token)| (expected.as_str(), token.map_or("", |token| token.0)));
        first.map_or_else(String::new, |(expected, rest)| format!("{expected} expected {}", found(rest)))
    })
}

fn compile(text: &str) -> Result<Filter, String> {
    let base = jaq_core::funs::<JustLut<Val>>().chain(jaq_std::base_funs()).chain(jaq_json::funs());
    let run: RunPtr<JustLut<Val>> = |mut call| {
        let pattern = call.0.pop_var();
        Box::new(std::iter::once(test(&call.1, &pattern).map_err(Into::into)))
    };
    let funs = base.chain([("test", [Bind::Var(())].into(), Native::<JustLut<Val>>::new(run))]);
    let arena = Arena::default();
    let modules = Loader::new(prelude())
        .load(&arena, File { code: text, path: () })
        .map_err(|_| "it cannot be read".to_owned())?;
    Compiler::default().with_funs(funs).compile(modules).map_err(|errors| {
        let first = errors.iter().flat_map(|(_, errors)| errors).next();
        first.map_or_else(String::new, |(name, kind)| format!("there is no {} `{name}`", kind.as_str()))
    })
}

fn prelude() -> Vec<Def<&'static str>> {
    jaq_core::load::parse(PRELUDE, |parser| parser.defs()).unwrap_or_default()
}

/// The names of all that may be called.
fn known() -> impl Iterator<Item = &'static str> + Clone {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| prelude().iter().map(|def| def.name).chain(NATIVE).collect());
    NAMES.iter().copied()
}

fn test(value: &Val, pattern: &Val) -> Result<Val, Error<Val>> {
    let pattern = Regex::new(&text(pattern)?).map_err(Error::str)?;
    Ok(Val::from(pattern.is_match(&text(value)?)))
}

fn text(value: &Val) -> Result<String, Error<Val>> {
    let bytes = value.try_as_utf8_bytes_owned()?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Refuses what may not end. `defined` are the definitions that are in sight.
fn check<'s>(term: &Term<&'s str>, defined: &mut Vec<&'s str>) -> Result<(), String> {
    match term {
        Term::Id | Term::Recurse | Term::Num(_) | Term::Var(_) | Term::Break(_) => Ok(()),
        Term::Str(format, parts) => {
            if let Some(format) = format {
                return Err(format!("`{format}` cannot be used in a rule"));
            }
            parts.iter().try_for_each(|part| if let StrPart::Term(term) = part { check(term, defined) } else { Ok(()) })
        }
        Term::Arr(inner) => inner.iter().try_for_each(|term| check(term, defined)),
        Term::Obj(fields) => fields.iter().try_for_each(|(key, value)| {
            check(key, defined)?;
            value.iter().try_for_each(|value| check(value, defined))
        }),
        Term::Neg(inner) | Term::Label(_, inner) => check(inner, defined),
        Term::BinOp(left, operator, right) => {
            check_operator(operator, defined)?;
            check(left, defined)?;
            check(right, defined)
        }
        Term::Fold(word, ..) => Err(format!("`{word}` cannot be used in a rule, it may not end soon enough")),
        Term::TryCatch(inner, caught) => {
            check(inner, defined)?;
            caught.iter().try_for_each(|term| check(term, defined))
        }
        Term::IfThenElse(cases, otherwise) => {
            cases.iter().try_for_each(|(condition, then)| {
                check(condition, defined)?;
                check(then, defined)
            })?;
            otherwise.iter().try_for_each(|term| check(term, defined))
        }
        Term::Def(defs, inner) => check_definitions(defs, inner, defined),
        Term::Call(name, arguments) => check_call(name, arguments, defined),
        Term::Path(inner, path) => {
            check(inner, defined)?;
            check_path(path, defined)
        }
    }
}

fn check_operator<'s>(operator: &BinaryOp<&'s str>, defined: &mut Vec<&'s str>) -> Result<(), String> {
    match operator {
        BinaryOp::Pipe(Some(pattern)) => check_pattern(pattern, defined),
        BinaryOp::Math(Math::Mul) => {
            Err("`*` cannot be used in a rule: it repeats texts, however often a body says".to_owned())
        }
        BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
            Err("a condition cannot assign: compare with `==`".to_owned())
        }
        _ => Ok(()),
    }
}

fn check_pattern<'s>(pattern: &Pattern<&'s str>, defined: &mut Vec<&'s str>) -> Result<(), String> {
    match pattern {
        Pattern::Var(_) => Ok(()),
        Pattern::Arr(items) => items.iter().try_for_each(|item| check_pattern(item, defined)),
        Pattern::Obj(fields) => fields.iter().try_for_each(|(key, value)| {
            check(key, defined)?;
            check_pattern(value, defined)
        }),
    }
}

fn check_path<'s>(path: &Path<Term<&'s str>>, defined: &mut Vec<&'s str>) -> Result<(), String> {
    path.0.iter().try_for_each(|(part, _)| match part {
        Part::Index(index) => check(index, defined),
        Part::Range(from, to) => from.iter().chain(to).try_for_each(|term| check(term, defined)),
    })
}

/// A definition is in sight behind itself only, so that nothing calls itself.
fn check_definitions<'s>(
    defs: &[Def<&'s str>],
    inner: &Term<&'s str>,
    defined: &mut Vec<&'s str>,
) -> Result<(), String> {
    let before = defined.len();
    for def in defs {
        if known().any(|name| name == def.name) || defined.contains(&def.name) {
            return Err(format!("`{}` is defined already: give it another name", def.name));
        }
        let outside = defined.len();
        defined.extend(def.args.iter().filter(|name| !name.starts_with('$')));
        check(&def.body, defined)?;
        defined.truncate(outside);
        defined.push(def.name);
    }
    let checked = check(inner, defined);
    defined.truncate(before);
    checked
}

fn check_call<'s>(name: &'s str, arguments: &[Term<&'s str>], defined: &mut Vec<&'s str>) -> Result<(), String> {
    arguments.iter().try_for_each(|argument| check(argument, defined))?;
    match name {
        // Two parts of a body held against each other take as long as both are long, multiplied.
        "test" | "contains" | "inside" if !arguments.iter().all(is_written_out) => {
            Err(format!("what `{name}` looks for must be written out"))
        }
        _ if known().any(|known| known == name) || defined.contains(&name) => Ok(()),
        _ => {
            let near = nearest(name, known()).map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
            Err(format!("`{name}` cannot be used in a rule{near}"))
        }
    }
}

/// Whether the term is a value that stands in the filter.
fn is_written_out(term: &Term<&str>) -> bool {
    match term {
        Term::Num(_) => true,
        Term::Str(None, parts) => !parts.iter().any(|part| matches!(part, StrPart::Term(_))),
        Term::Arr(items) => items.as_deref().is_none_or(is_written_out),
        Term::BinOp(left, BinaryOp::Comma, right) => is_written_out(left) && is_written_out(right),
        Term::Obj(fields) => {
            fields.iter().all(|(key, value)| is_written_out(key) && value.as_ref().is_some_and(is_written_out))
        }
        Term::Call(name, arguments) => ["true", "false", "null"].contains(name) && arguments.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn holds(filter: &str, json: &str) -> Result<bool, String> {
        Jq::new(filter)?.holds(&read(json.as_bytes()).unwrap())
    }

    #[test]
    fn conditions_hold_as_jq_says() {
        let body = r#"{"event":"update","data":{"asn":64500,"tags":["a","b"],"big":18446744073709551616},"no":null}"#;
        for (filter, held) in [
            (r#".event == "update""#, true),
            (r#".event == "delete""#, false),
            (".data.asn > 64499 and .data.asn < 65000", true),
            (".no", false),
            (".missing.deeper", false),
            (r#".data.tags | any(. == "b")"#, true),
            (r#".data.tags | all(. == "b")"#, false),
            (r#".data | has("asn")"#, true),
            (".data.tags | length == 2", true),
            (r#".event | test("^up")"#, true),
            (r#".event | test("^UP")"#, false),
            (r#".event | IN("update", "b")"#, true),
            (r#"(.data.asn | tonumber) == ("64500" | tonumber)"#, true),
            (".data | flatten | type == \"array\"", true),
            (r#".data.tags | contains(["b"])"#, true),
            (r#".data | contains({tags: ["a", "b"], "asn": 64500})"#, true),
            (r#".data.tags[] | select(. == "b")"#, true),
            (".. | numbers | select(. == 64500)", true),
            ("def big: . > 5; .data.asn | big", true),
            (r#"if .event == "update" then .data.asn == 64500 else false end"#, true),
            (r#"[.data.tags[] | ascii_upcase] == ["A", "B"]"#, true),
            (".data.big == 18446744073709551616", true),
            (r#".event | startswith("up") and endswith("te")"#, true),
            (r#"(.data.asn | tostring) == "64500""#, true),
            (".data | keys == [\"asn\",\"big\",\"tags\"]", true),
            (".data.tags | first == \"a\" and last == \"b\"", true),
            (".data | to_entries | map(select(.key == \"asn\")) | length == 1", true),
            (".data.tags | sort | reverse | unique | min == \"a\"", true),
        ] {
            assert_eq!(holds(filter, body), Ok(held), "{filter}");
        }
    }

    #[test]
    fn what_may_not_end_is_refused() {
        for filter in [
            "def f: f; f",
            "def f: 1 + f; f",
            "def f: def g: f; g; f",
            "repeat(.)",
            "recurse(.)",
            "[range(1000000000000)]",
            "until(false; .)",
            "reduce .[] as $x (\"a\"; . + .)",
            "foreach .[] as $x (0; .)",
            "halt",
            "halt_error",
            "env.HOME",
            "$ENV.HOME",
            "input",
            "now",
            "\"x\" * .n",
            ".[.n] = 1",
            ".a |= .",
            "test(.pattern)",
            ".a as $a | .b | contains($a)",
            ".a | inside(.b)",
            "debug",
            "stderr",
            "walk(.)",
            "import \"a\" as a; .",
            "\"\\(repeat(.))\"",
            ".[repeat(.)]",
            "{a: repeat(.)}",
            ". as {(repeat(.)): $x} | $x",
            "def map: 1; map",
            "add",
            "\"[[\" | fromjson",
            "error_empty",
        ] {
            assert!(Jq::new(filter).is_err(), "{filter}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(Jq::new(".event |").unwrap_err(), "term expected at its end");
        assert_eq!(Jq::new("lenght == 1").unwrap_err(), "`lenght` cannot be used in a rule, did you mean `length`?");
        assert_eq!(Jq::new("$x").unwrap_err(), "there is no variable `$x`");
        assert!(holds("error(\"no\")", "{}").unwrap_err().contains("no"));
        assert!(holds("\"[1]\" | tonumber", "{}").unwrap_err().contains("cannot parse"));
        assert!(holds(".a.b", r#"{"a":"text"}"#).unwrap_err().contains("cannot index"));
    }

    #[test]
    fn filters_can_be_shared_between_threads() {
        fn shared<T: Send + Sync>(_: T) {}
        shared(Jq::new(".a").unwrap());
    }
}
