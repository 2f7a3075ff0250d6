//! What is wrong with what a request says, its signature apart: findings, each with a code that stays what it is.

use serde::{Deserialize, Serialize};

/// Declares the things that can be found and their table in one place, so that none can lack a code or a meaning.
macro_rules! lints {
    ($($variant:ident, $code:literal, $meaning:literal;)*) => {
        /// Something that can be found. The kebab-case codes are part of the configuration, the JSON output and the store; of
        /// two, the one that stands first is worse.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Lint { $(#[doc = $meaning] $variant,)* }

        impl Lint {
            /// All of them, the worst first.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What it says of a request.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

lints! {
    TemplateError, "template-error", "the body is the error of its own template";
    Traceback, "traceback", "the body is a Python traceback";
    HeaderTemplateError, "header-template-error", "a header is named like the error of its own template";
    RedirectedGet, "redirected-get", "a redirect turned the webhook into a bare GET";
    EmptyBody, "empty-body", "the body is empty, its content type says JSON";
    ContentType, "content-type", "the body is not what its content type says";
    InvalidJson, "invalid-json", "the body is not valid JSON, its content type says so";
    PythonRepr, "python-repr", "a value is printed as Python prints it, not as JSON";
    NotUtf8, "not-utf8", "the body is not UTF-8, as JSON must be";
    ByteOrderMark, "byte-order-mark", "the body begins with a byte order mark";
    VanishedVariable, "vanished-variable", "a variable of the template left a gap";
    PasswordInClear, "password-in-clear", "a password or key stands in the body, readable";
}

impl Lint {
    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|lint| lint.code() == code)
    }
}

/// Something that was found. Its texts are foreign: show them only as `Clean`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What sort of thing.
    pub code: Lint,
    /// The sentence: `This body is an error message from Peering Manager's own body template.`
    pub text: String,
    /// Further lines: what failed, and where to mend it.
    #[serde(default)]
    pub lines: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_knows_the_codes() {
        for lint in Lint::ALL {
            assert_eq!(serde_json::to_value(lint).unwrap(), lint.code());
            assert_eq!(Lint::from_code(lint.code()), Some(*lint));
        }
    }
}
