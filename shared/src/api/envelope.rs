//! The envelope of every refusal, and of successes that have nothing else to say
//! (docs/api/conventions.md#error-envelope).

use serde::Serialize;

/// A message for people, with what is behind it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Envelope {
    /// Never empty.
    pub message: String,
    /// Technical; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Left out when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<Validation>,
}

/// What is wrong with one field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Validation {
    /// The member of the request, the query parameter, or the key of the search query.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Envelope {
    /// A message and nothing else.
    #[must_use]
    pub fn message(message: &str) -> Self {
        Self { message: message.to_owned(), ..Self::default() }
    }
}
