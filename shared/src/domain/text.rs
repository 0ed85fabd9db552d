//! Case folding for comparisons of names and for searches.

/// Lower-cases text character by character.
///
/// Unlike [`str::to_lowercase`], it ignores the context of a character, such as a Greek sigma at the end of a word. So
/// a part of a text folds to a part of the folded text.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}
