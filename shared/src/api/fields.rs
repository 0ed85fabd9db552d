//! Collects the errors of all fields of a request, in the order of their declaration.

use super::envelope::Validation;
use crate::domain::names::bounded;

/// The errors of a request, one for each wrong field.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{} fields are invalid", .0.len())]
pub struct InvalidFields(pub Vec<Validation>);

/// Checks the fields of a request and collects their errors.
#[derive(Default)]
pub(super) struct Fields(Vec<Validation>);

impl Fields {
    /// The value of a field. An error is recorded, and the value is `None`.
    pub(super) fn check<T, E: std::fmt::Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        value
            .map_err(|error| {
                self.0.push(Validation { field: field.to_owned(), detail: error.to_string() });
            })
            .ok()
    }

    /// Checks that a text is not empty.
    pub(super) fn required(&mut self, field: &str, text: String) -> Option<String> {
        let present = if text.is_empty() { Err("the rule required: must not be empty") } else { Ok(text) };
        self.check(field, present)
    }

    /// Checks that a text is not empty and not too long for the table.
    pub(super) fn required_bounded(&mut self, field: &str, text: String) -> Option<String> {
        let text = self.required(field, text)?;
        self.check(field, bounded(text))
    }

    /// Checks that a list has at most `most` entries.
    pub(super) fn at_most<T>(&mut self, field: &str, list: Vec<T>, most: usize) -> Option<Vec<T>> {
        let bounded =
            if list.len() > most { Err(format!("the rule max: has more than {most} entries")) } else { Ok(list) };
        self.check(field, bounded)
    }

    /// The recorded errors.
    pub(super) fn into_error(self) -> InvalidFields {
        InvalidFields(self.0)
    }
}
