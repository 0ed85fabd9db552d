//! Request bodies: JSON read as leniently as the API's clients may rely on, and as strictly as it says
//! (docs/api/conventions.md#request-bodies).
//!
//! Objects that become structs match member names case-insensitively. Of several members with the same name the last
//! counts, unless it is `null`, which says nothing: what has no other member keeps its default, so optional members of a
//! struct are an `Option` or `#[serde(default)]`. Elsewhere `null` is the zero value. See docs/decisions/0021.

#[cfg(test)]
mod tests;
mod tree;
mod value;

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, Unexpected, Visitor};
use serde_json::error::Category;
use uuid::Uuid;

use crate::domain::ids::parse_uuid;
use tree::Tree;

/// A body may be this long; the reader of the body sees to it (Deviation:
/// docs/api/deviations.md#bounded-request-bodies).
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// Why a body cannot be decoded. The text says where and what would be right, never what was sent.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JsonError {
    /// There is no body, or only white space.
    #[error("the body is empty")]
    Empty,
    /// The body ends before its first value does.
    #[error("the body ends in the middle of a value")]
    Truncated,
    /// The body does not follow the grammar of JSON, is not UTF-8, or nests deeper than 127 levels.
    #[error("the syntax is wrong at line {line}, column {column}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// A member is missing or has an unusable value.
    #[error("{} {problem}", subject(path))]
    Value {
        /// The path of the member, such as `mapping[2].gets`; empty for the body itself.
        path: String,
        /// What is wrong, as the rest of a sentence about the member.
        problem: String,
    },
}

fn subject(path: &str) -> String {
    if path.is_empty() { "the body".to_owned() } else { format!("`{path}`") }
}

impl JsonError {
    fn problem(problem: impl Into<String>) -> Self {
        Self::Value { path: String::new(), problem: problem.into() }
    }

    /// The same error, seen from the object or list around it.
    fn below(self, step: &str) -> Self {
        match self {
            Self::Value { path, problem } => {
                let separator = if path.is_empty() || path.starts_with('[') { "" } else { "." };
                Self::Value { path: format!("{step}{separator}{path}"), problem }
            }
            Self::Empty | Self::Truncated | Self::Syntax { .. } => self,
        }
    }

    fn from_syntax(error: &serde_json::Error, body: &[u8]) -> Self {
        match error.classify() {
            Category::Eof if body.iter().all(u8::is_ascii_whitespace) => Self::Empty,
            Category::Eof => Self::Truncated,
            Category::Syntax | Category::Data | Category::Io => {
                Self::Syntax { line: error.line(), column: error.column() }
            }
        }
    }
}

/// The message of a type may quote the value, so only the expectation is kept.
impl Error for JsonError {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self::problem("has a value that is not allowed")
    }

    fn invalid_type(_actual: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::problem(format!("must be {expected}"))
    }

    fn invalid_value(_actual: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::problem(format!("must be {expected}"))
    }

    fn invalid_length(_actual: usize, expected: &dyn serde::de::Expected) -> Self {
        Self::problem(format!("must be {expected}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::problem("is missing").below(field)
    }
}

/// Reads the first value of a body; what follows it is ignored.
///
/// # Errors
///
/// The body holds no JSON value, or one that does not make a `T`. Text with U+0000 is refused, since it may not be
/// storable (Deviation: docs/api/deviations.md#bounded-request-bodies); see [`verbatim`].
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let tree = Tree::deserialize(&mut deserializer).map_err(|error| JsonError::from_syntax(&error, body))?;
    T::deserialize(tree)
}

/// Reads text that may contain U+0000, because it is never stored: a password. For `#[serde(deserialize_with)]`.
pub fn verbatim<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Verbatim;

    impl Visitor<'_> for Verbatim {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_string<E: Error>(self, text: String) -> Result<String, E> {
            Ok(text)
        }
    }

    // What a tree hands out as bytes is its text, unchecked.
    deserializer.deserialize_byte_buf(Verbatim)
}

/// A UUID in a body, in any of the forms of [`parse_uuid`]; `null` in a list is the nil UUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BodyUuid(pub Uuid);

impl<'de> Deserialize<'de> for BodyUuid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl Visitor<'_> for Form {
            type Value = BodyUuid;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a UUID")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<BodyUuid, E> {
                parse_uuid(text).map(BodyUuid).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }

            fn visit_unit<E: Error>(self) -> Result<BodyUuid, E> {
                Ok(BodyUuid(Uuid::nil()))
            }
        }

        deserializer.deserialize_any(Form)
    }
}
