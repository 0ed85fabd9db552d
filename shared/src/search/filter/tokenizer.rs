//! Splits a query into keys and values. The meaning of the keys is in `values`.

use super::FilterError;
use crate::domain::names::excerpt;

/// The key of text without a key.
const FREE_TEXT: &str = "search";

/// A key with all of its values.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Term {
    /// Without quotes; unique among the terms of a query.
    pub(super) key: String,
    /// At least one, in the order of the query. A value may be empty.
    pub(super) values: Vec<String>,
}

/// The terms of a folded query in the order of their first occurrence, free text last
/// (docs/api/user-search.md#filter-language).
///
/// The error is about `q` and names the first element that cannot be split.
pub(super) fn terms(query: &str) -> Result<Vec<Term>, FilterError> {
    // No username, e-mail address or real name contains it, and Coder's database refuses it.
    if query.contains('\0') {
        return Err(query_error("A search query cannot contain a NUL character. Remove it."));
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

/// Splits an element. The quotes around a key and around a value are removed; free text keeps its quotes.
fn key_and_value(element: &str) -> Result<(&str, &str), FilterError> {
    if element.starts_with(':') {
        return Err(query_error(&format!(
            "`{}` has no key before its colon. Put text that contains a colon into double quotes.",
            excerpt(element)
        )));
    }
    if element.ends_with(':') {
        return Err(query_error(&format!(
            "`{}` has no value after its colon. Add one, or two double quotes for no condition.",
            excerpt(element)
        )));
    }
    let mut pieces = split_outside_quotes(element, ':').map(|piece| piece.trim_matches('"'));
    match (pieces.next(), pieces.next(), pieces.next()) {
        (Some(key), Some(value), None) => Ok((key, value)),
        (_, Some(_), Some(_)) => Err(query_error(&format!(
            "`{element}` has more than one colon. Put a value that contains colons into double quotes."
        ))),
        _ => Ok((FREE_TEXT, element)),
    }
}

/// Splits at delimiters outside quotes and skips empty pieces. A quote that is not closed extends to the end.
fn split_outside_quotes(text: &str, delimiter: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |character| {
        quoted ^= character == '"';
        !quoted && character == delimiter
    })
    .filter(|piece| !piece.is_empty())
}

fn query_error(detail: &str) -> FilterError {
    FilterError { field: "q".to_owned(), detail: detail.to_owned() }
}
