//! Divides a query into keys and their values. What a key means is not known here.

use super::FilterError;
use crate::domain::names::excerpt;

/// The key of text that names none.
const FREE_TEXT: &str = "search";

/// A key and everything the query says about it.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Term {
    /// Without quotes; unique among the terms of a query.
    pub(super) key: String,
    /// In the order of the query, at least one; empty text is possible.
    pub(super) values: Vec<String>,
}

/// The terms of a folded query by first occurrence, free text last (docs/api/user-search.md#filter-language).
///
/// The error is about `q`: the first element that cannot be divided.
pub(super) fn terms(query: &str) -> Result<Vec<Term>, FilterError> {
    // Neither usernames nor e-mails nor names can hold it, and the reference's database refuses it.
    if query.contains('\0') {
        return Err(fault("A search query cannot contain a NUL character."));
    }
    let (elements, words): (Vec<&str>, Vec<&str>) =
        split_outside_quotes(query, ' ').partition(|token| token.contains(':'));
    let phrase = words.join(" ");
    let phrase = (!phrase.is_empty()).then_some(phrase.as_str());

    let mut terms: Vec<Term> = Vec::new();
    for element in elements.into_iter().chain(phrase) {
        let (key, value) = key_and_value(element)?;
        match terms.iter_mut().find(|term| term.key == key) {
            Some(term) => term.values.push(value.to_owned()),
            None => terms.push(Term { key: key.to_owned(), values: vec![value.to_owned()] }),
        }
    }
    Ok(terms)
}

/// Free text keeps its quotes; a key and a value lose those around them.
fn key_and_value(element: &str) -> Result<(&str, &str), FilterError> {
    if element.starts_with(':') {
        return Err(fault(&format!("`{}` has no key before its colon.", excerpt(element))));
    }
    if element.ends_with(':') {
        return Err(fault(&format!("`{}` has no value after its colon.", excerpt(element))));
    }
    let mut pieces = split_outside_quotes(element, ':').map(|piece| piece.trim_matches('"'));
    match (pieces.next(), pieces.next(), pieces.next()) {
        (Some(key), Some(value), None) => Ok((key, value)),
        (_, Some(_), Some(_)) => Err(fault(&format!(
            "`{element}` has more than one colon; put a value that contains colons into double quotes."
        ))),
        _ => Ok((FREE_TEXT, element)),
    }
}

/// The pieces between delimiters that are not quoted, without empty ones. An open quote runs to the end.
fn split_outside_quotes(text: &str, delimiter: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |character| {
        quoted ^= character == '"';
        !quoted && character == delimiter
    })
    .filter(|piece| !piece.is_empty())
}

fn fault(detail: &str) -> FilterError {
    FilterError { field: "q".to_owned(), detail: detail.to_owned() }
}
