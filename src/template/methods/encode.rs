//! `str.encode`, and the methods of `bytes` that templates have a use for.

use super::Table;
use super::text::{own, text_argument};
use crate::template::call::Args;
use crate::template::failure::Failure;
use crate::template::parameters::Native;
use crate::template::python::letters;
use crate::template::run::Run;
use crate::template::value::Value;

/// A table of methods that are known by name alone, beside those that are here.
macro_rules! bytes {
    ($($name:literal $method:expr;)+ else $($other:literal)+) => {
        pub(super) const BYTES: Table = &[$(($name, $method)),+];
        pub(super) const OTHER_BYTES: Table =
            &[$(($other, |_, _| super::refused(concat!("bytes.", $other)))),+];
    };
}

bytes! {
    "decode" decode;
    "endswith" |_, args| affixed(args, "endswith", <[u8]>::ends_with);
    "hex" hex;
    "startswith" |_, args| affixed(args, "startswith", <[u8]>::starts_with);
    else
    "capitalize" "center" "count" "expandtabs" "find" "fromhex" "index" "isalnum" "isalpha" "isascii" "isdigit"
    "islower" "isspace" "istitle" "isupper" "join" "ljust" "lower" "lstrip" "maketrans" "partition" "removeprefix"
    "removesuffix" "replace" "rfind" "rindex" "rjust" "rpartition" "rsplit" "rstrip" "split" "splitlines" "strip"
    "swapcase" "title" "translate" "upper" "zfill"
}

/// An encoding that is written here, with the name that messages show and its highest character.
struct Codec {
    name: &'static str,
    limit: Option<u32>,
}

/// How the names of Python's other encodings begin.
const KNOWN: [&str; 50] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "ansi", "arabic", "ascii", "base64", "big5", "bz2", "chinese",
    "cp", "cs", "cyrillic", "dbcs", "ebcdic", "euc", "gb", "greek", "hebrew", "hex", "hkscs", "hz", "ibm", "idna",
    "iso", "johab", "jisx", "koi8", "korean", "ks", "kz", "latin", "l", "mac", "ms", "ptcp", "punycode", "quo", "raw",
    "rot", "shift", "tis", "u",
];

fn codec(name: &str) -> Result<Codec, Failure> {
    let plain = name.to_lowercase().replace(['-', '_', ' '], "");
    match &*plain {
        "utf8" | "u8" => Ok(Codec { name: "utf-8", limit: None }),
        "ascii" | "usascii" => Ok(Codec { name: "ascii", limit: Some(0x80) }),
        "latin1" | "iso88591" | "latin" | "l1" => Ok(Codec { name: "latin-1", limit: Some(0x100) }),
        other if KNOWN.iter().any(|known| other.starts_with(known)) => {
            Err(Failure::refused(format!("the encoding {name}")))
        }
        _ => Err(Failure::raised("LookupError", format!("unknown encoding: {name}"))),
    }
}

fn codec_and_handler(name: &'static str, args: Args) -> Result<(Value, Codec, String), Failure> {
    let class = if name == "encode" { "str" } else { "bytes" };
    let (object, bound) = Native { name, class }.by_name(args, &["encoding", "errors"], 0)?;
    let argument = |index: usize, label: &str, default: &str| match &bound[index] {
        None => Ok(default.to_owned()),
        Some(value) => text_argument(&format!("{name}() argument '{label}'"), value).map(|text| text.to_string()),
    };
    let encoding = argument(0, "encoding", "utf-8")?;
    let errors = argument(1, "errors", "strict")?;
    Ok((object, codec(&encoding)?, errors))
}

pub(super) fn encode(_run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, codec, errors) = codec_and_handler("encode", args)?;
    let text = own(&object);
    let Some(limit) = codec.limit else { return Ok(Value::Bytes(text.as_bytes().into())) };
    let mut out = Vec::new();
    for (index, letter) in text.chars().enumerate() {
        match u8::try_from(u32::from(letter)) {
            Ok(byte) if u32::from(byte) < limit => out.push(byte),
            _ => out.extend(replacement(&codec, limit, &errors, &text, index)?.into_bytes()),
        }
    }
    Ok(Value::Bytes(out.into()))
}

fn replacement(codec: &Codec, limit: u32, errors: &str, text: &str, index: usize) -> Result<String, Failure> {
    let letter = text.chars().nth(index).unwrap_or('?');
    match errors {
        "ignore" => Ok(String::new()),
        "replace" => Ok("?".to_owned()),
        "xmlcharrefreplace" => Ok(format!("&#{};", u32::from(letter))),
        "backslashreplace" => Ok(escaped(letter)),
        "strict" => {
            let run = text.chars().skip(index).take_while(|letter| u32::from(*letter) >= limit).count();
            let what = if run == 1 {
                format!("character '{}' in position {index}", escaped(letter))
            } else {
                format!("characters in position {index}-{}", index + run - 1)
            };
            let message = format!("'{}' codec can't encode {what}: ordinal not in range({limit})", codec.name);
            Err(Failure::raised("UnicodeEncodeError", message))
        }
        "namereplace" | "surrogateescape" | "surrogatepass" => {
            Err(Failure::refused(format!("the error handler {errors}")))
        }
        _ => Err(Failure::raised("LookupError", format!("unknown error handler name '{errors}'"))),
    }
}

fn escaped(letter: char) -> String {
    let mut out = String::new();
    letters::push_escape(&mut out, letter);
    out
}

fn decode(_run: &Run, args: Args) -> Result<Value, Failure> {
    let (object, codec, errors) = codec_and_handler("decode", args)?;
    let Value::Bytes(bytes) = &object else { return super::refused("bytes.decode") };
    if codec.name == "latin-1" {
        return Ok(Value::str(bytes.iter().map(|byte| char::from(*byte)).collect::<String>()));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if codec.limit.is_none() || text.is_ascii() => Ok(Value::str(text)),
        _ if errors == "replace" && codec.limit.is_none() => {
            Ok(Value::str(String::from_utf8_lossy(bytes).into_owned()))
        }
        _ => super::refused("bytes that are not text, decoded"),
    }
}

fn affixed(args: Args, name: &'static str, holds: fn(&[u8], &[u8]) -> bool) -> Result<Value, Failure> {
    if args.positional.len() > 2 || args.positional.get(1).is_some_and(|affix| matches!(affix, Value::Tuple(_))) {
        return Err(Failure::refused(format!("bytes.{name} of several or of a part")));
    }
    let (object, affix) = Native { name, class: "bytes" }.one(args)?;
    match (&object, &affix) {
        (Value::Bytes(bytes), Value::Bytes(affix)) => Ok(Value::Bool(holds(bytes, affix))),
        _ => Err(Failure::type_error(format!(
            "{name} first arg must be bytes or a tuple of bytes, not {}",
            affix.class()
        ))),
    }
}

fn hex(_run: &Run, args: Args) -> Result<Value, Failure> {
    if args.positional.len() == 3 || !args.keyword.is_empty() {
        return super::refused("bytes.hex in groups");
    }
    let (object, rest) = Native { name: "hex", class: "bytes" }.between(args, 0, 1)?;
    let Value::Bytes(bytes) = &object else { return super::refused("bytes.hex") };
    let separator = rest.first().map_or(Ok("".into()), |value| text_argument("sep", value))?;
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Value::str(pairs.join(&*separator)))
}
