//! What a person is called by: username, e-mail address and real name, each kept as it was given.

#[cfg(test)]
mod tests;

use super::text::fold;

/// Why a name is refused. The text names the rule that failed and quotes the start of what was given, with everything
/// escaped that is not printable (docs/api/conventions.md#validation-errors).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("the rule required: must not be empty")]
    Required,
    /// Breaks the rule of [`Username`].
    #[error(
        "the rule username: {0:?} is not made of 1 to 32 ASCII letters and digits, in groups joined by single hyphens"
    )]
    Username(String),
    /// A word that paths of the web interface use.
    #[error("the rule username: {0:?} is a reserved word")]
    ReservedUsername(String),
    /// Breaks the rule of [`Email`].
    #[error("the rule email: {0:?} is not a plain address like user@example.com")]
    Email(String),
    /// Longer than [`MAX_TEXT_BYTES`].
    #[error("the rule max: is longer than {MAX_TEXT_BYTES} bytes")]
    LongText,
    /// Longer than [`RealName::MAX_BYTES`].
    #[error("the rule user_real_name: {0:?}… is longer than {max} bytes", max = RealName::MAX_BYTES)]
    LongRealName(String),
    /// Begins or ends with white space.
    #[error("the rule user_real_name: {0:?} begins or ends with white space")]
    BlankAroundRealName(String),
    /// Contains U+0000.
    #[error("the rule user_real_name: {0:?} contains the character U+0000")]
    NulInRealName(String),
}

/// The most bytes of an e-mail address, of an avatar, of a theme, and of the name of a token. Deviation: the reference
/// knows no bound (docs/api/deviations.md#bounded-texts-and-lists); here an item of the table, which holds them, ends
/// at 400 KB.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// A text that fits into a user's record.
///
/// # Errors
///
/// [`NameError::LongText`].
pub fn bounded(text: String) -> Result<String, NameError> {
    if text.len() <= MAX_TEXT_BYTES { Ok(text) } else { Err(NameError::LongText) }
}

/// Quoted values are cut to this many characters.
const EXCERPT_CHARS: usize = 64;

/// The beginning of a value that a refusal quotes.
#[must_use]
pub fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT_CHARS).collect()
}

/// 1 to 32 ASCII letters and digits, in groups joined by single hyphens, and none of the reserved words
/// (docs/api/users.md#username). Case is kept and makes no difference between users.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Username(String);

impl Username {
    /// In bytes.
    const MAX_BYTES: usize = 32;
    /// Exactly so: `New` is a username.
    const RESERVED: [&str; 2] = ["new", "create"];

    /// Takes a username as it is: no trimming, no lower-casing.
    ///
    /// # Errors
    ///
    /// [`NameError::Required`], [`NameError::Username`] or [`NameError::ReservedUsername`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Required);
        }
        let is_group = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if text.len() > Self::MAX_BYTES || !text.split('-').all(is_group) {
            return Err(NameError::Username(excerpt(text)));
        }
        if Self::RESERVED.contains(&text) {
            return Err(NameError::ReservedUsername(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// As given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As compared: lower case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// One address without display name, comment, angle brackets or IP literal; of any length
/// (docs/api/users.md#e-mail-address). It is kept as given; case makes no difference between users.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Email(String);

impl Email {
    /// Takes an address as it is: no trimming, no lower-casing.
    ///
    /// # Errors
    ///
    /// [`NameError::Required`], [`NameError::LongText`] or [`NameError::Email`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Required);
        }
        if text.len() > MAX_TEXT_BYTES {
            return Err(NameError::LongText);
        }
        // Only the local part can contain an `@`, in quotes.
        let well_formed =
            text.rsplit_once('@').is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain));
        if well_formed { Ok(Self(text.to_owned())) } else { Err(NameError::Email(excerpt(text))) }
    }

    /// As given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As compared.
    #[must_use]
    pub fn folded(&self) -> String {
        fold_email(&self.0)
    }
}

/// An e-mail address as addresses are compared and looked up: lower case, beyond ASCII too
/// (docs/api/users.md#e-mail-address).
#[must_use]
pub fn fold_email(email: &str) -> String {
    fold(email)
}

fn is_local_part(local: &str) -> bool {
    match local.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').is_some_and(is_quoted_text),
        None => local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char)),
    }
}

/// What may stand between the quotes of a local part: not nothing, and `"` and `\` only after a `\`.
fn is_quoted_text(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        let literal = match char {
            '"' => return false,
            '\\' => chars.next(),
            _ => Some(char),
        };
        if !literal.is_some_and(|char| char.is_ascii_graphic() || matches!(char, ' ' | '\t') || is_wide(char)) {
            return false;
        }
    }
    !text.is_empty()
}

/// At least two labels, the last of them without a digit at either end.
fn is_domain(domain: &str) -> bool {
    let is_letter = |char: char| char.is_ascii_alphabetic() || is_wide(char);
    let is_letter_or_digit = |char: char| char.is_ascii_digit() || is_letter(char);
    domain.rsplit_once('.').is_some_and(|(labels, last)| {
        labels.split('.').all(|label| is_label(label, is_letter_or_digit)) && is_label(last, is_letter)
    })
}

fn is_label(label: &str, is_edge: impl Fn(char) -> bool) -> bool {
    let is_inner = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '~') || is_wide(char);
    label.starts_with(&is_edge) && label.ends_with(&is_edge) && label.chars().all(is_inner)
}

fn is_atom_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(char) || is_wide(char)
}

/// The characters outside ASCII that an address may have.
fn is_wide(char: char) -> bool {
    matches!(char, '\u{a0}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}')
}

/// Up to 128 bytes without white space at either end; empty for no name (docs/api/users.md#real-name).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RealName(String);

impl RealName {
    /// Length limit in bytes of UTF-8.
    pub const MAX_BYTES: usize = 128;

    /// Takes a name as it is: no trimming, no cutting.
    ///
    /// # Errors
    ///
    /// [`NameError::LongRealName`], [`NameError::BlankAroundRealName`], or [`NameError::NulInRealName`], where the
    /// reference fails inside (Deviation: docs/api/deviations.md#bounded-request-bodies).
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() > Self::MAX_BYTES {
            return Err(NameError::LongRealName(excerpt(text)));
        }
        if text.trim() != text {
            return Err(NameError::BlankAroundRealName(excerpt(text)));
        }
        if text.contains('\0') {
            return Err(NameError::NulInRealName(excerpt(text)));
        }
        Ok(Self(text.to_owned()))
    }

    /// As given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
