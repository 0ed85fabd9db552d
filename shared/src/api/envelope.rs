//! The envelope of every error, and of successes without other content
//! (docs/api/conventions.md#error-envelope).

use serde::Serialize;

/// A message for people, with details.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Envelope {
    /// Never empty.
    pub message: String,
    /// Technical details; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Left out when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<Validation>,
}

/// The error of one field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Validation {
    /// The member of the request, the query parameter, or the key of the search query.
    pub field: String,
    /// What is wrong.
    pub detail: String,
}

impl Envelope {
    /// An envelope with only a message.
    pub fn message(message: &str) -> Self {
        Self { message: message.to_owned(), ..Self::default() }
    }
}
