//! Text as searches and names compare it.

/// Lower-cases text character by character.
///
/// Unlike [`str::to_lowercase`], it ignores the context of a character (a Greek sigma at the end of a word), so a part
/// of a text folds to a part of the folded text.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}
