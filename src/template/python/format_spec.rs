//! Python's format mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`, read, and applied to
//! texts, integers and floats. An error is the message of a `ValueError`.

use super::number::{self, Layout};
use num_bigint::BigInt;

/// A format specification, read.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    no_negative_zero: bool,
    alternate: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// The widest result and the longest precision that are written; CPython's own limit is its memory.
pub const LIMIT: usize = 1_000_000;

/// Why a format does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The message of a `ValueError`.
    Value(String),
    /// The message of an `OverflowError`.
    Overflow(String),
    /// The result would be longer than [`LIMIT`].
    TooLong,
}

impl Refused {
    fn value(message: impl Into<String>) -> Self {
        Self::Value(message.into())
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn next_if(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let letter = self.rest.chars().next().filter(|letter| wanted(*letter))?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(letter)
    }

    fn number(&mut self) -> Result<Option<usize>, Refused> {
        let end = self.rest.find(|letter: char| super::letters::decimal(letter).is_none()).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        if text.is_empty() {
            return Ok(None);
        }
        let digits: String =
            text.chars().filter_map(|digit| super::letters::decimal(digit)?.to_string().pop()).collect();
        let value: i64 = digits.parse().map_err(|_| Refused::value("Too many decimal digits in format string"))?;
        let value = usize::try_from(value).unwrap_or(usize::MAX);
        if value > LIMIT { Err(Refused::TooLong) } else { Ok(Some(value)) }
    }

    fn fill_and_align(&mut self, spec: &mut Spec) {
        let is_align = |letter: char| "<>=^".contains(letter);
        let mut letters = self.rest.chars();
        let (first, second) = (letters.next(), letters.next());
        if let (Some(fill), Some(align)) = (first, second.filter(|letter| is_align(*letter))) {
            (spec.fill, spec.align) = (Some(fill), Some(align));
            self.rest = &self.rest[fill.len_utf8() + align.len_utf8()..];
        } else {
            spec.align = self.next_if(is_align);
        }
    }

    fn grouping(&mut self) -> Result<Option<char>, Refused> {
        let comma = self.next_if(|letter| letter == ',');
        let underscore = self.next_if(|letter| letter == '_');
        if comma.is_some() && underscore.is_some() {
            return Err(Refused::value("Cannot specify both ',' and '_'."));
        }
        if underscore.is_some() && self.rest.starts_with(',') {
            return Err(Refused::value("Cannot specify both ',' and '_'."));
        }
        Ok(comma.or(underscore))
    }
}

impl Spec {
    /// Reads a specification for an object of the type that is named; `=` and a leading zero mean something for numbers
    /// alone.
    pub fn parse(text: &str, type_name: &str, numeric: bool) -> Result<Self, Refused> {
        let mut reader = Reader { rest: text };
        let mut spec = Self::default();
        reader.fill_and_align(&mut spec);
        spec.sign = reader.next_if(|letter| " +-".contains(letter));
        spec.no_negative_zero = reader.next_if(|letter| letter == 'z').is_some();
        spec.alternate = reader.next_if(|letter| letter == '#').is_some();
        if spec.fill.is_none() && reader.next_if(|letter| letter == '0').is_some() {
            spec.fill = Some('0');
            spec.align = spec.align.or(numeric.then_some('='));
        }
        spec.width = reader.number()?.unwrap_or(0);
        spec.grouping = reader.grouping()?;
        if reader.next_if(|letter| letter == '.').is_some() {
            let missing = || Refused::value("Format specifier missing precision");
            spec.precision = Some(reader.number()?.ok_or_else(missing)?);
        }
        spec.kind = reader.next_if(|_| true);
        if !reader.rest.is_empty() {
            return Err(Refused::Value(format!("Invalid format specifier '{text}' for object of type '{type_name}'")));
        }
        spec.check_grouping(numeric)?;
        Ok(spec)
    }

    fn check_grouping(&self, numeric: bool) -> Result<(), Refused> {
        let Some(separator) = self.grouping else { return Ok(()) };
        let kind = self.kind.or((!numeric).then_some('s'));
        let fits = match kind {
            None | Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F') => true,
            Some('b' | 'o' | 'x' | 'X') => separator == '_',
            _ => false,
        };
        if fits {
            return Ok(());
        }
        Err(Refused::Value(format!("Cannot specify '{separator}' with {}.", quoted_kind(kind.unwrap_or('s')))))
    }

    /// The letter that says how the value is presented.
    pub fn kind(&self) -> Option<char> {
        self.kind
    }

    fn pad(&self, sign: &str, body: &str, default_align: char) -> String {
        let length = sign.chars().count() + body.chars().count();
        let missing = self.width.saturating_sub(length);
        let (left, middle, right) = match self.align.unwrap_or(default_align) {
            '<' => (0, 0, missing),
            '^' => (missing / 2, 0, missing - missing / 2),
            '=' => (0, missing, 0),
            _ => (missing, 0, 0),
        };
        let fill = self.fill.unwrap_or(' ').to_string();
        [&fill.repeat(left), sign, &fill.repeat(middle), body, &fill.repeat(right)].concat()
    }

    /// `format(text, spec)`.
    pub fn text(&self, text: &str, type_name: &str) -> Result<String, Refused> {
        if let Some(kind) = self.kind.filter(|kind| *kind != 's') {
            return Err(unknown_kind(kind, type_name));
        }
        let sign = match self.sign {
            Some(' ') => Some("Space not allowed in string format specifier"),
            Some(_) => Some("Sign not allowed in string format specifier"),
            None if self.no_negative_zero => Some("Negative zero coercion (z) not allowed in string format specifier"),
            None if self.alternate => Some("Alternate form (#) not allowed in string format specifier"),
            None if self.align == Some('=') => Some("'=' alignment not allowed in string format specifier"),
            None => None,
        };
        if let Some(message) = sign {
            return Err(Refused::value(message));
        }
        let kept: String = text.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
        Ok(self.pad("", &kept, '<'))
    }

    /// `format(number, spec)` of an integer; `type_name` is of use in messages.
    pub fn integer(&self, number: &BigInt, type_name: &str) -> Result<String, Refused> {
        match self.kind {
            None | Some('d' | 'n' | 'b' | 'o' | 'x' | 'X' | 'c') => {}
            Some(kind) => return Err(unknown_kind(kind, type_name)),
        }
        if self.precision.is_some() {
            return Err(Refused::value("Precision not allowed in integer format specifier"));
        }
        if self.no_negative_zero {
            return Err(Refused::value("Negative zero coercion (z) not allowed in integer format specifier"));
        }
        if self.kind == Some('c') {
            return self.character(number);
        }
        let (base, prefix) = match self.kind {
            Some('b') => (2, "0b"),
            Some('o') => (8, "0o"),
            Some('x') => (16, "0x"),
            Some('X') => (16, "0X"),
            _ => (10, ""),
        };
        let digits = number::digits(number, base);
        let digits = if self.kind == Some('X') { digits.to_uppercase() } else { digits };
        let prefix = if self.alternate { prefix } else { "" };
        let sign = format!("{}{prefix}", self.sign_of(number::is_negative(number)));
        Ok(self.numeric(&sign, &digits, "", if base == 10 { 3 } else { 4 }))
    }

    fn character(&self, number: &BigInt) -> Result<String, Refused> {
        if self.sign.is_some() {
            return Err(Refused::value("Sign not allowed with integer format specifier 'c'"));
        }
        if self.alternate {
            return Err(Refused::value("Alternate form (#) not allowed with integer format specifier 'c'"));
        }
        let range = || Refused::Overflow("%c arg not in range(0x110000)".to_owned());
        let code = i64::try_from(number)
            .map_err(|_| Refused::Overflow("Python int too large to convert to C long".to_owned()))?;
        let letter = u32::try_from(code).ok().and_then(char::from_u32).ok_or_else(range)?;
        Ok(self.pad("", &letter.to_string(), '>'))
    }

    fn sign_of(&self, negative: bool) -> &'static str {
        match self.sign {
            _ if negative => "-",
            Some('+') => "+",
            Some(' ') => " ",
            _ => "",
        }
    }

    /// Digits with separators, and zeros in front of them where those fill the width: they are grouped, too.
    fn numeric(&self, sign: &str, digits: &str, tail: &str, size: usize) -> String {
        let Some(separator) = self.grouping.filter(|_| !digits.is_empty()) else {
            return self.pad(sign, &format!("{digits}{tail}"), '>');
        };
        let mut digits = digits.to_owned();
        if self.fill == Some('0') && self.align == Some('=') {
            let room = self.width.saturating_sub(sign.len() + tail.chars().count());
            let wanted = room - room / (size + 1);
            let wanted = if room.is_multiple_of(size + 1) && room > 0 { wanted + 1 } else { wanted };
            digits = format!("{}{digits}", "0".repeat(wanted.saturating_sub(digits.len())));
        }
        self.pad(sign, &format!("{}{tail}", number::grouped(&digits, separator, size)), '>')
    }

    /// `format(number, spec)` of a float.
    pub fn float(&self, number: f64, type_name: &str) -> Result<String, Refused> {
        let kind = self.kind.unwrap_or('\0');
        let layout = match kind {
            '\0' => Layout::GeneralFloat,
            'e' | 'E' => Layout::Exponent,
            'f' | 'F' | '%' => Layout::Fixed,
            'g' | 'G' | 'n' => Layout::General,
            _ => return Err(unknown_kind(kind, type_name)),
        };
        let value = if kind == '%' { number * 100.0 } else { number };
        let mut text = match self.precision {
            None if kind == '\0' => self.shortest(value),
            precision => number::with_precision(value, layout, precision.unwrap_or(6), self.alternate),
        };
        if kind == '%' {
            text.push('%');
        }
        if kind.is_ascii_uppercase() {
            text = text.to_uppercase();
        }
        let zero = self.no_negative_zero && !text.chars().any(|letter| ('1'..='9').contains(&letter));
        let negative = value.is_sign_negative() && !value.is_nan() && !(zero && value.is_finite());
        let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
        let (digits, tail) = text.split_at(end);
        Ok(self.numeric(self.sign_of(negative), digits, tail, 3))
    }

    fn shortest(&self, value: f64) -> String {
        let text = number::shortest_magnitude(value);
        match text.split_once('e') {
            Some((mantissa, exponent)) if self.alternate && !mantissa.contains('.') => {
                format!("{mantissa}.e{exponent}")
            }
            _ => text,
        }
    }
}

fn quoted_kind(kind: char) -> String {
    if (' '..='\u{7f}').contains(&kind) && kind > ' ' {
        format!("'{kind}'")
    } else {
        format!("'\\x{:x}'", u32::from(kind))
    }
}

fn unknown_kind(kind: char, type_name: &str) -> Refused {
    Refused::Value(format!("Unknown format code {} for object of type '{type_name}'", quoted_kind(kind)))
}
