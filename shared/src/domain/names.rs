//! Usernames, e-mail addresses and real names, and their rules. Each is stored as it was given.

#[cfg(test)]
mod tests;

use super::ids::parse_uuid;
use super::text::fold;

/// Why a name is refused. The text names the violated rule and quotes the beginning of the value. Characters that are
/// not printable are escaped (docs/api/conventions.md#validation-errors).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NameError {
    /// The value is empty.
    #[error("the rule required: must not be empty")]
    Required,
    /// The value violates the rule of [`Username`].
    #[error(
        "the rule username: {0:?} is not made of 1 to 32 ASCII letters and digits, in groups joined by single hyphens"
    )]
    Username(String),
    /// The value is a word that paths of the web interface use.
    #[error("the rule username: {0:?} is a reserved word")]
    ReservedUsername(String),
    /// A path with the value would name another user: an id, or the caller.
    #[error("the rule username: {0:?} would name another user in a path. Choose one that is neither an id nor \"me\"")]
    AmbiguousUsername(String),
    /// The value violates the rule of [`Email`].
    #[error("the rule email: {0:?} is not a plain address like user@example.com")]
    Email(String),
    /// The value is longer than [`MAX_TEXT_BYTES`].
    #[error("the rule max: is longer than {MAX_TEXT_BYTES} bytes")]
    LongText,
    /// The value is longer than [`RealName::MAX_BYTES`].
    #[error("the rule user_real_name: {0:?}… is longer than {max} bytes", max = RealName::MAX_BYTES)]
    LongRealName(String),
    /// The value begins or ends with white space.
    #[error("the rule user_real_name: {0:?} begins or ends with white space")]
    BlankAroundRealName(String),
    /// The value contains U+0000.
    #[error("the rule user_real_name: {0:?} contains the character U+0000")]
    NulInRealName(String),
}

/// The most bytes of an e-mail address, of an avatar, of a theme, and of the name of a token. Deviation: Coder has no
/// limit (docs/api/deviations.md#bounded-texts-and-lists). Roster stores them in items of the table, which have at most
/// 400 KB.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// Refuses a text that is too long for the table.
///
/// # Errors
///
/// [`NameError::LongText`].
pub fn bounded(text: String) -> Result<String, NameError> {
    if text.len() <= MAX_TEXT_BYTES { Ok(text) } else { Err(NameError::LongText) }
}

/// Errors quote at most this many characters of a value.
const EXCERPT_CHARS: usize = 64;

/// The beginning of a value, for an error text.
pub fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT_CHARS).collect()
}

/// 1 to 32 ASCII letters and digits in groups that are joined by single hyphens, except the reserved words
/// (docs/api/users.md#username). Keeps its case, but two usernames that differ only in case are the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Username(String);

impl Username {
    /// In bytes.
    const MAX_BYTES: usize = 32;
    /// Compared with case: `New` is a valid username.
    const RESERVED: [&str; 2] = ["new", "create"];

    /// Parses a username. Changes neither blanks nor case.
    ///
    /// # Errors
    ///
    /// [`NameError::Required`], [`NameError::Username`], [`NameError::ReservedUsername`] or
    /// [`NameError::AmbiguousUsername`]. Deviation: docs/api/deviations.md#usernames-that-name-another-user.
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
        if text.eq_ignore_ascii_case("me") || parse_uuid(text).is_some() {
            return Err(NameError::AmbiguousUsername(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// As given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In lower case, for comparisons.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// One address without display name, comment, angle brackets or IP literal (docs/api/users.md#e-mail-address). Keeps
/// its case, but two addresses that differ only in case are the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Email(String);

impl Email {
    /// Parses an address. Changes neither blanks nor case.
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
        // A quoted local part can contain an `@`, a domain cannot.
        let well_formed =
            text.rsplit_once('@').is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain));
        if well_formed { Ok(Self(text.to_owned())) } else { Err(NameError::Email(excerpt(text))) }
    }

    /// As given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In lower case, for comparisons.
    pub fn folded(&self) -> String {
        fold_email(&self.0)
    }
}

/// An e-mail address in lower case, for comparisons and lookups. Letters outside ASCII change too
/// (docs/api/users.md#e-mail-address).
pub fn fold_email(email: &str) -> String {
    fold(email)
}

fn is_local_part(local: &str) -> bool {
    match local.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').is_some_and(is_quoted_text),
        None => local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char)),
    }
}

/// Whether a text is valid between the quotes of a local part: not empty, and `"` and `\` only after a `\`.
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

/// Whether a text has at least two labels, and the last one neither begins nor ends with a digit.
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

/// The characters outside ASCII that an address may contain.
fn is_wide(char: char) -> bool {
    matches!(char, '\u{a0}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}')
}

/// At most 128 bytes without white space at either end; empty for no name (docs/api/users.md#real-name).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RealName(String);

impl RealName {
    /// In bytes of UTF-8.
    pub const MAX_BYTES: usize = 128;

    /// Parses a name. Neither trims nor cuts it.
    ///
    /// # Errors
    ///
    /// [`NameError::LongRealName`], [`NameError::BlankAroundRealName`], or [`NameError::NulInRealName`]. Deviation:
    /// docs/api/deviations.md#bounded-request-bodies. Coder answers a NUL with an internal error.
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
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
