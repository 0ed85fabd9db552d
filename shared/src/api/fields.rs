//! Gathers what is wrong with the fields of a request, in the order in which they are declared.

use super::envelope::Validation;
use crate::domain::names::bounded;

/// Every bad field of a request.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{} fields are invalid", .0.len())]
pub struct InvalidFields(pub Vec<Validation>);

/// Looks at fields one by one.
#[derive(Default)]
pub(super) struct Fields(Vec<Validation>);

impl Fields {
    /// The field's value, or nothing and an entry that says why.
    pub(super) fn check<T, E: std::fmt::Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        value
            .map_err(|error| {
                self.0.push(Validation { field: field.to_owned(), detail: error.to_string() });
            })
            .ok()
    }

    /// A text that must not be empty.
    pub(super) fn required(&mut self, field: &str, text: String) -> Option<String> {
        let present = if text.is_empty() { Err("the rule required: must not be empty") } else { Ok(text) };
        self.check(field, present)
    }

    /// A text that must not be empty and that fits into a record.
    pub(super) fn required_bounded(&mut self, field: &str, text: String) -> Option<String> {
        let text = self.required(field, text)?;
        self.check(field, bounded(text))
    }

    /// A list that is not longer than `most`.
    pub(super) fn at_most<T>(&mut self, field: &str, list: Vec<T>, most: usize) -> Option<Vec<T>> {
        let bounded =
            if list.len() > most { Err(format!("the rule max: has more than {most} entries")) } else { Ok(list) };
        self.check(field, bounded)
    }

    /// What was found.
    pub(super) fn into_error(self) -> InvalidFields {
        InvalidFields(self.0)
    }
}
